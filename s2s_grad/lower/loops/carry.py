"""What a loop carries from one iteration to the next, leaf by leaf."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from s2s_grad.analysis.sizes import fresh_dim
from s2s_grad.ir.nodes import UNDEFINED, Const, Operand, Pack, Role, Var
from s2s_grad.ir.types import (
    NEVER,
    UNKNOWN,
    Array,
    Dict,
    Dim,
    ListOf,
    Sequence,
    Size,
    Type,
    Unknown,
    join,
    same_dtype,
)
from s2s_grad.lower.control.merge import are_unlike, conflicting, foreign_function
from s2s_grad.lower.control.sharing import Path, Yield, pair, share, share_lists
from s2s_grad.lower.control.side_effects import containers_in
from s2s_grad.lower.control.slots import (
    GROWS,
    LOCAL,
    Fixed,
    Growing,
    Leaf,
    Same,
    Slot,
    Tree,
    can_be_leaf,
    collected,
    is_conflict,
    is_list,
    is_longer,
    is_unbound,
    leaves_of,
    parts_of,
    remember,
    same_function,
)
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.loops.name_flags import flag_slots, settle_flags
from s2s_grad.lower.loops.trial import Trial
from s2s_grad.lower.memory.heap import is_collecting
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.terms.frames import DEAD, VALUE, hint_of, is_object, objects_in
from s2s_grad.lower.terms.local_functions import LocalFunction
from s2s_grad.lower.terms.static import measured
from s2s_grad.lower.terms.values import (
    Collecting,
    Conflict,
    is_mutable_pack,
    is_undefined,
    same_operand,
)

__all__ = ["Carrier"]


class Carrier:
    """The names that a loop assigns, and what each of them carries.

    A loop inside of a loop is lowered in each attempt at the outer one. `bound` has the types of
    the numbers that it was found to bind; they are tried first, so that attempts do not multiply.
    """

    def __init__(
        self,
        low: Lowerer,
        names: tuple[str, ...],
        augmented: frozenset[str],
        bound: dict[str, Type],
    ) -> None:
        self.env = low.here.env
        self.owned: set[str] = set()  # the symbols of sizes that change from round to round
        self.slots: dict[str, Slot] = {}
        self.unchanged: set[str] = set()  # the names that the last attempt did not bind again
        self.start = low.memory.tick()
        self._entered: dict[str, Operand] = {}
        self._given_back: set[str] = set()  # those that it bound to the container from before
        self._demoted: set[str] = set()
        self._refuted: set[str] = set()  # the names that were not the same in every round
        self._lists: set[str] = set()
        self._common: dict[frozenset[Path], Var] = {}  # of lists that may be one, by their places
        self._containers = containers_in(low)
        leaders: dict[Operand, str] = {}
        for name in names:
            if name not in low.here.own:
                continue
            given = self.env.get(name, UNDEFINED)
            root = low.memory.root(given)
            listed = is_list(given) or is_mutable_pack(given)
            if isinstance(given, Const) or not (listed or low.aliases.of(given)):
                self.slots[name] = self._initial(low, given)
            elif is_list(given) or (name in augmented and (listed or low.memory.is_mutable(given))):
                self.slots[name] = Fixed(given)
            elif root in leaders:
                self.slots[name] = Same(leaders[root])
            else:
                leaders[root] = name
                self.slots[name] = self._initial(low, given)
        user = [name for name in names if name in low.here.own]
        self.slots |= flag_slots(self.env, user)
        self._bound = bound
        self._tried = {name for name in bound if is_unbound(self.slots.get(name))}
        for name in self._tried:
            slot = self.slots[name]
            assert isinstance(slot, Leaf)
            self.slots[name] = replace(slot, type=bound[name])

    def grown(self) -> list[str]:
        """Return the names whose structure changes from round to round."""
        return [
            name
            for name, slot in self.slots.items()
            if isinstance(slot, Fixed)
            and isinstance(slot.operand, Const)
            and slot.operand.value is GROWS
        ]

    # ------------------------------------------------------------------ into the body

    def enter(self, low: Lowerer) -> list[Var]:
        """Bind the names, in the environment of a body, to new parameters and return those."""
        made: list[tuple[Leaf, Var]] = []
        for name, slot in self.slots.items():
            self._entered[name] = self._enter(low, name, slot, made)
        remember(low, made)
        for name in self.slots:
            operand = self._entered[name]
            if is_object(name):
                low.memory.adopt(low.memory.by_key[name], operand)
            if is_undefined(operand):
                low.here.env.pop(name, None)
            else:
                low.here.env[name] = operand
        return [param for _, param in made]

    def _enter(self, low: Lowerer, name: str, slot: Slot, made: list[tuple[Leaf, Var]]) -> Operand:
        match slot:
            case Fixed():
                return slot.operand
            case Same():
                return self._entered[slot.name]
            case Growing():
                return Const(Collecting(self._enter(low, name, slot.last, made)))
            case Leaf():
                param = Var(hint_of(name), slot.type, Role.USER)
                made.append((slot, param))
                return param
            case Tree():
                items = tuple(self._enter(low, name, item, made) for item in slot.slots)
                whole = Pack(slot.kind, items, slot.keys)
                low.memory.mark(whole, slot.marks)
                return whole

    def spread(self, low: Lowerer) -> None:
        """Replace what names refer to by its value at the end of the body.

        The items of containers are read where they are carried one by one.
        """
        env = low.here.env
        memory = low.memory
        settle_flags(env, self.slots)
        roots = {name: memory.root(env.get(name, UNDEFINED)) for name in self.slots}
        self.unchanged = {
            name
            for name, root in roots.items()
            if not is_object(name) and root is memory.root(self._entered[name])
        }
        self._given_back = {
            name
            for name, root in roots.items()
            if is_mutable_pack(root) and root is memory.root(self.env.get(name, UNDEFINED))
        }
        now = {name: memory.value(env.get(name, UNDEFINED)) for name in self.slots}
        for name, slot in self.slots.items():
            operand = now[name]
            if isinstance(slot, Tree) and not isinstance(operand, Pack):
                operand = expand(low, operand) or operand
            if not is_undefined(operand):
                env[name] = operand
        env[VALUE] = memory.value(env[VALUE])

    # ------------------------------------------------------------------ from attempt to attempt

    def update(self, low: Lowerer, trial: Trial, *, widen: bool) -> bool:
        """Take in what a body yields; return whether it has to be lowered again."""
        if DEAD in trial.region.env:
            return False
        with low.memory.as_of(self.start):
            return self._take(low, trial, widen)

    def _take(self, low: Lowerer, trial: Trial, widen: bool) -> bool:
        env = trial.region.env
        params = iter(trial.params)
        yields: list[Yield] = []
        new: dict[str, Slot] = {}
        for name, slot in self.slots.items():
            yielded = env.get(name, UNDEFINED)
            if isinstance(slot, Same):
                root = low.memory.root
                same = root(yielded) is root(env.get(slot.name, UNDEFINED))
                new[name] = slot if same else self._initial(low, self.env[name])
                continue
            if name in self._tried and isinstance(slot, Leaf):
                if not can_be_leaf(yielded) or measured(yielded) != slot.type:
                    slot = replace(slot, type=NEVER)
            kept = isinstance(slot, Fixed) and name in self.unchanged
            updated = slot if kept else self._update(low, slot, yielded, widen)
            if name in self._given_back and not is_object(name):
                updated = self._as_given(low, name, updated)
            if isinstance(updated, Growing) and not isinstance(slot, Growing):
                if not (is_object(name) and is_longer(self._entered[name], yielded)):
                    updated = self._as_list(low, updated.init, updated.given)
            new[name] = updated
            pair(slot, yielded, params, yields, is_object(name))
        new = share(low, self.start, self.slots, new, yields)
        new = share_lists(low, new, env, self._common)
        if new == self.slots:
            new = self._fix_unchanged(low, new, env, trial)
        new.update(self._discover(low, trial))
        self._tried = set[str]()
        changed = new != self.slots
        if not changed:
            self._bound.update(
                (name, slot.type)
                for name, slot in new.items()
                if isinstance(slot, Leaf) and slot.immutable and measured(slot.init) == NEVER
            )
        self._demoted.update(name for name in new if new[name] != self.slots.get(name))
        self._refuted.update(
            name
            for name, slot in self.slots.items()
            if isinstance(slot, Fixed) and not isinstance(new[name], Fixed)
        )
        self.slots = new
        return changed

    def _as_given(self, low: Lowerer, name: str, slot: Slot) -> Slot:
        """Return the slot of a name that each round binds to the container from before the loop.

        Where that holds for one attempt only, it may be that container or another one.
        """
        if name not in self._refuted:
            return Fixed(self.env[name])
        marks = low.memory.marks_for(self.env[name])
        return replace(slot, marks=slot.marks | marks) if isinstance(slot, Tree) else slot

    def _discover(self, low: Lowerer, trial: Trial) -> dict[str, Slot]:
        """Return slots for what the body writes to that was made before it."""
        found: dict[str, Slot] = {}
        for key, value in objects_in(trial.region.env).items():
            root = low.memory.by_key[key].root
            before = self.env.get(key, root)
            if key not in self.slots and value is not before and trial.is_outside(low, root):
                found[key] = self._initial(low, before)
        return found

    def rewrites(self, low: Lowerer, trial: Trial, buffers: frozenset[Var]) -> bool:
        """Return whether the next round writes to memory that this one hands on and also keeps."""
        yields: list[Yield] = []
        params = iter(trial.params)
        for name, slot in self.slots.items():
            yielded = trial.region.env.get(name, UNDEFINED)
            pair(slot, yielded, params, yields, is_object(name))
        return any(
            low.memory.written_in(frozenset({param}), trial.start)
            and low.aliases.may_share(low.aliases.of(y.operand), buffers)
            for param, y in zip(trial.params, yields, strict=True)
        )

    def _initial(self, low: Lowerer, given: Operand) -> Slot:
        operand = low.memory.shallow(given)  # its items stay references, which have identities
        if not isinstance(operand, Pack):
            operand = low.memory.value(given)
        packed = expand(low, operand)
        if packed is not None:
            items = tuple(self._part(low, item) for item in packed.items)
            return Tree(packed.kind, packed.keys, items, given)
        if isinstance(operand, Const) and not is_undefined(operand):
            value: Any = operand.value
            number = isinstance(value, (int, float, complex)) and not isinstance(value, bool)
            if not number:
                return Fixed(operand)
        return self._leaf(low, operand, given)

    def _part(self, low: Lowerer, item: Operand) -> Slot:
        """Return the slot of an item of a container: a container in it has an identity."""
        root = low.memory.root(item)
        if is_mutable_pack(root) and root in self._containers:
            return Fixed(root)
        return self._initial(low, item)

    def _leaf(self, low: Lowerer, operand: Operand, given: Operand) -> Leaf:
        buffers = low.aliases.of(operand)
        outside = low.aliases.reach(buffers)
        t = measured(operand)
        marks = low.memory.marks_for(given) if isinstance(t, ListOf) else frozenset[Var]()
        return Leaf(operand, given, t, outside, immutable=not buffers, marks=marks)

    def _update(self, low: Lowerer, slot: Slot, yielded: Operand, widen: bool) -> Slot:
        if is_undefined(yielded):
            return slot
        if isinstance(yielded, Const) and isinstance(yielded.value, Conflict):
            before = low.memory.value(slot.given) if isinstance(slot, Tree) else None
            if yielded.value.structure and isinstance(before, Pack) and before.kind is list:
                assert isinstance(slot, Tree)
                return self._as_list(low, before.items, slot.given)
            return slot if is_conflict(slot) else Fixed(yielded)
        match slot:
            case Fixed():
                return self._update_fixed(low, slot, yielded)
            case Tree():
                return self._update_tree(low, slot, yielded, widen)
            case Leaf():
                return self._update_leaf(low, slot, yielded, widen)
            case Same():
                return slot
            case Growing():
                if not is_collecting(yielded) or len(collected(yielded)) != 1:
                    return self._as_list(low, slot.init, slot.given)
                last = self._update(low, slot.last, collected(yielded)[0], widen)
                return replace(slot, last=last)

    def _update_fixed(self, low: Lowerer, slot: Fixed, yielded: Operand) -> Slot:
        old = slot.operand
        alike = same_operand(old, yielded) and not is_mutable_pack(old)
        if alike or is_conflict(slot) or same_function(old, yielded):
            return slot
        if low.memory.root(old) is low.memory.root(yielded):
            return slot
        if isinstance(old, Pack) and old.kind is list:
            return self._update(low, self._initial(low, old), yielded, False)
        if isinstance(old, Var) or can_be_leaf(old):
            leaf = self._leaf(low, low.memory.value(old), old)
            return self._update_leaf(low, leaf, yielded, False)
        if isinstance(old, Pack):
            return self._update(low, self._initial(low, old), yielded, False)
        return Fixed(conflicting(old, yielded))

    def _update_tree(self, low: Lowerer, slot: Tree, yielded: Operand, widen: bool) -> Slot:
        alike = (
            isinstance(yielded, Pack)
            and yielded.kind is slot.kind
            and yielded.keys == slot.keys
            and len(yielded.items) == len(slot.slots)
        )
        if not alike or not isinstance(yielded, Pack):
            grown = self._growing(low, slot, yielded)
            if grown is not None:
                return grown
            before = low.memory.value(slot.given)
            if slot.kind is not list or not isinstance(before, Pack):
                return Fixed(Const(GROWS))
            return self._as_list(low, before.items, slot.given)
        pairs = zip(slot.slots, yielded.items, strict=True)
        marks = slot.marks | self._other_lists(low, slot, yielded)
        low.memory.mark(yielded, marks)
        slots = tuple(self._update(low, s, y, widen) for s, y in pairs)
        return replace(slot, slots=slots, marks=marks)

    def _as_list(self, low: Lowerer, items: tuple[Operand, ...], given: Operand) -> Slot:
        """Return the slot of a list that changes its length in another way."""
        if any(isinstance(item, Pack) or not can_be_leaf(item) for item in items):
            return Fixed(Const(GROWS))
        t: Type = NEVER
        for item in items:
            t = join(t, measured(item))
        if isinstance(t, Unknown):
            return Fixed(Const(GROWS))
        whole = Pack(list, items)
        outside = low.aliases.reach(low.aliases.of(whole))
        return Leaf(whole, given, ListOf(t, len(items)), outside, marks=low.memory.marks_for(given))

    def take_list(self, low: Lowerer, key: str) -> bool:
        """Carry an object made before the loop as a list of run-time length, if it can be."""
        root = low.memory.by_key[key].root
        if key in self._lists or root not in self._containers:
            return False
        with low.memory.as_of(self.start):
            before = self.env.get(key, root)
            items = low.memory.value(before)
            if not isinstance(items, Pack) or items.kind is not list:
                return False
            slot = self._as_list(low, items.items, before)
        if isinstance(slot, Fixed):
            return False
        self._lists.add(key)
        self.slots[key] = slot
        return True

    def _growing(self, low: Lowerer, slot: Tree, yielded: Operand) -> Growing | None:
        """Return the slot of a list that got one more item; None if that is not all."""
        if slot.kind is not list or not isinstance(yielded, Pack) or yielded.kind is not list:
            return None
        before = low.memory.value(slot.given)
        if not isinstance(before, Pack) or len(yielded.items) != len(before.items) + 1:
            return None
        last = before.items[-1] if before.items else UNDEFINED
        return Growing(before.items, self._initial(low, last), slot.given)

    def _update_leaf(self, low: Lowerer, slot: Leaf, yielded: Operand, widen: bool) -> Slot:
        if isinstance(yielded, Pack):
            if not is_undefined(slot.init) and not isinstance(slot.type, (Sequence, Dict)):
                return Fixed(conflicting(slot.init, yielded))
            init: Operand = slot.init
            if is_undefined(init):
                blank = (UNDEFINED,) * len(yielded.items)
                init = Pack(yielded.kind, blank, yielded.keys)
            return self._update(low, self._initial(low, init), yielded, widen)
        if not can_be_leaf(yielded):
            foreign = foreign_function(low, yielded)
            if foreign is not None:
                return Fixed(foreign)
            if isinstance(yielded, Const) and isinstance(yielded.value, LocalFunction):
                bare = not yielded.value.defaults
                return Fixed(yielded if bare and is_undefined(slot.init) else Const(LOCAL))
            if is_undefined(slot.init):
                return Fixed(yielded)
            return Fixed(conflicting(slot.init, yielded))
        new = measured(yielded)
        if are_unlike(slot.type, new):
            return Fixed(Const(GROWS))
        joined = UNKNOWN if widen and new != slot.type else self._join(slot.type, new)
        buffers = low.aliases.of(yielded)
        immutable = slot.immutable and not buffers
        mixed = slot.mixed or (slot.immutable is bool(buffers) and not is_undefined(slot.init))
        marks = slot.marks
        if isinstance(joined, ListOf):
            marks |= self._other_lists(low, slot, yielded)
        return replace(slot, type=joined, immutable=immutable, mixed=mixed, marks=marks)

    def _other_lists(self, low: Lowerer, slot: Leaf | Tree, yielded: Operand) -> frozenset[Var]:
        """Return marks of the containers from outside that a slot may be, if it is several."""
        memory = low.memory
        if memory.root(yielded) is memory.root(slot.given):
            return frozenset()
        marks = memory.marks_for(yielded)
        outside = (mark for mark in marks if self._is_outside(low, memory.marked[mark]))
        return memory.marks_for(slot.given).union(outside)

    def _is_outside(self, low: Lowerer, root: Operand) -> bool:
        if isinstance(root, Var):
            return low.memory.born_before(root, self.start)
        return root in self._containers

    def _join(self, old: Type, new: Type) -> Type:
        """Join types; a size that once changed is the parameter's own and takes any value."""
        match old, new:
            case Array(shape=tuple(before)), Array(shape=tuple(after)) if old.rank == new.rank:
                sizes = zip(before, after, strict=True)
                shape = tuple(self._join_size(a, b) for a, b in sizes)
                return Array(old.dtype if same_dtype(old.dtype, new.dtype) else None, shape)
            case _:
                return join(old, new)

    def _join_size(self, old: Size, new: Size) -> Size:
        if old == new or (isinstance(old, Dim) and old.symbol in self.owned):
            return old
        fresh = fresh_dim()
        self.owned.add(fresh.symbol)
        return fresh

    # ------------------------------------------------------------------ what does not change

    def _fix_unchanged(
        self, low: Lowerer, slots: dict[str, Slot], env: dict[str, Operand], trial: Trial
    ) -> dict[str, Slot]:
        """Bind what every round hands on as it got it to its value before the loop."""
        params = iter(trial.params)
        fixed: dict[str, Slot] = {}
        for name, slot in slots.items():
            candidate = self._fix(low, slot, env.get(name, UNDEFINED), params, is_object(name))
            if name in self.unchanged and isinstance(slot, (Leaf, Tree)):
                candidate = Fixed(slot.given)
            fixed[name] = slot if name in self._demoted and candidate != slot else candidate
        return fixed

    def _fix(
        self, low: Lowerer, slot: Slot, yielded: Operand, params: Iterator[Var], is_object: bool
    ) -> Slot:
        match slot:
            case Leaf():
                param = next(params)
                if yielded is param:
                    return Fixed(slot.init if is_object else slot.given)
                same = not is_object and low.memory.root(yielded) is param
                return Fixed(slot.given) if same else slot
            case Tree():
                pairs = zip(slot.slots, parts_of(slot, yielded), strict=True)
                slots = tuple(self._fix(low, item, part, params, is_object) for item, part in pairs)
                return replace(slot, slots=slots)
            case Growing():
                for _ in leaves_of(slot.last):
                    next(params)
                return slot
            case Fixed() | Same():
                return slot
