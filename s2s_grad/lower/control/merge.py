"""The value of a name after a branch, from its values at the ends of both ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.sizes import fresh_dim
from s2s_grad.ir.nodes import UNDEFINED, Const, Operand, Pack, Role, Var
from s2s_grad.ir.types import NEVER, UNKNOWN, Array, Dict, ListOf, Scalar, Sequence, Type, join
from s2s_grad.ir.walk import results_of
from s2s_grad.lower.control.regions import Region
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.memory.heap import is_collecting, is_conflict
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.terms.frames import BROKE, DEAD, RETURNED, hint_of, is_hidden, is_object
from s2s_grad.lower.terms.local_functions import LocalFunction
from s2s_grad.lower.terms.values import (
    Collecting,
    Conflict,
    Internal,
    is_false,
    is_made_of,
    is_mutable_pack,
    is_simple,
    is_true,
    is_undefined,
    same_operand,
)

__all__ = ["Merge", "are_unlike", "conflicting", "foreign_function"]

_HINTS = {RETURNED: "returned", BROKE: "broke"}


def _itself(operand: Operand) -> Operand:
    return operand


def conflicting(a: Operand, b: Operand) -> Const:
    """Return what a name is bound to that holds unlike things on two ways."""
    for operand in (a, b):
        if isinstance(operand, Const) and isinstance(operand.value, Conflict):
            return operand
    if isinstance(a, Pack) or isinstance(b, Pack):
        return Const(
            Conflict(
                "has another structure on each path, and which one is only known at run time",
                "Give it containers of one length, with the same keys, on every path.",
                structure=True,
            )
        )
    return Const(
        Conflict(
            "is another function or object on each path, and which one is only known at run time",
            "Call it inside each branch.",
        )
    )


_UNLIKE = Conflict(
    "is a list on one path and an array on another, and which one is only known at run time",
    "Make an array of it on every path.",
)


def are_unlike(a: Type, b: Type) -> bool:
    """Return whether one of two values is a container and the other one an array or number."""
    kinds = [isinstance(t, (Sequence, Dict, ListOf)) for t in (a, b)]
    plain = [isinstance(t, (Array, Scalar)) for t in (a, b)]
    return any(kinds) and any(plain)


def foreign_function(low: Lowerer, operand: Operand) -> Const | None:
    """Return a conflict for a function that reads names of a call made on one path only."""
    if not isinstance(operand, Const) or not isinstance(operand.value, LocalFunction):
        return None
    if operand.value.is_seen_from(low.frame):
        return None
    return Const(Conflict("is a function that was made on one path only", "Make it before."))


class Merge:
    """Collects the results of one `If`."""

    def __init__(self, low: Lowerer, cond: Operand, then: Region, orelse: Region) -> None:
        self.low = low
        self.cond = cond
        self.then = then
        self.orelse = orelse
        self.results: list[Var] = []
        self.then_results: list[Operand] = []
        self.else_results: list[Operand] = []
        self.negated: list[str] = []
        self._packs: list[tuple[Operand, Operand, Operand]] = []
        self.then_dead = DEAD in then.env
        self.else_dead = DEAD in orelse.env
        self._local: dict[tuple[int, int], set[Var]] = {}

    @property
    def both_dead(self) -> bool:
        """Whether neither way gets past its end."""
        return self.then_dead and self.else_dead

    def flag(self, name: str, a: Operand, b: Operand) -> Operand:
        """Return a flag after the branch; ``(True, False)`` is the condition itself."""
        if self.then_dead or self.else_dead:
            survivor = b if self.then_dead else a
            if isinstance(survivor, Const):
                return survivor
        elif is_true(a) and is_false(b) and not isinstance(self.cond, Pack):
            return self.cond
        elif is_false(a) and is_true(b):
            self.negated.append(name)
            return b  # replaced once the condition is negated, after the branch
        return self.value(name, a, b)

    def value(self, name: str, a: Operand, b: Operand) -> Operand:
        """Return the value of a name after the branch."""
        if self.then_dead:
            a = UNDEFINED
        if self.else_dead:
            b = UNDEFINED
        return self._merge(name, a, b)

    def _merge(self, name: str, a: Operand, b: Operand, *, item: bool = False) -> Operand:
        """Merge what a name, an object or, with `item`, a place in one of them holds."""
        if a is b or (same_operand(a, b) and not is_mutable_pack(a)):
            return a
        of_object = is_object(name) and not item
        refer: Callable[[Operand], Operand] = _itself if of_object else self.low.memory.root
        if refer(a) is refer(b):
            return refer(a)
        for operand, other, region in ((a, b, self.then), (b, a, self.orelse)):
            if is_undefined(other) and not self._is_local(refer(operand), region):
                return foreign_function(self.low, operand) or refer(operand)
        given = a, b
        a, b = self._now(a, self.then), self._now(b, self.orelse)
        if a is b or (same_operand(a, b) and not is_mutable_pack(a)):
            return a
        x, y = self._expand(a, b, self.then), self._expand(b, a, self.orelse)
        return self._merge_values(name, given, x, y, of_object)

    def _merge_values(
        self, name: str, given: tuple[Operand, Operand], x: Operand, y: Operand, of_object: bool
    ) -> Operand:
        if isinstance(x, Pack) or isinstance(y, Pack):
            for one, other, merged in self._packs:
                # Two names of one list stay two names of one list.
                if one is given[0] and other is given[1]:
                    return merged
            merged = self._merge_packs(name, x, y)
            if not of_object and not is_conflict(merged):
                self.low.memory.mix(merged, *given)
            self._packs.append((*given, merged))
            return merged
        if are_unlike(type_of(x), type_of(y)):
            return Const(_UNLIKE)
        if self.is_leaf(x) and self.is_leaf(y):
            result = self._result(name, x, y)
            if not of_object:
                self.low.memory.note_kinds(result, *given)
                self._choose(result, given, (x, y))
                if isinstance(type_of(result), ListOf):
                    self.low.memory.mix(result, *given)
            return result
        if is_collecting(x) and is_collecting(y):
            return self._merge_collecting(name, x, y)
        return conflicting(x, y)

    def _choose(
        self,
        result: Operand,
        refs: tuple[Operand, Operand],
        values: tuple[Operand, Operand],
    ) -> None:
        """Remember which two arrays a result is, where both are known outside the branch."""
        roots = tuple(self.low.memory.root(ref) for ref in refs)
        inside = self._is_local(roots[0], self.then) or self._is_local(roots[1], self.orelse)
        if isinstance(result, Var) and not inside:
            self.low.memory.choose(result, self.cond, refs, values)

    def object(self, key: str) -> Operand | None:
        """Return the value of an object after the branch; None for one made on one way alone."""
        memory = self.low.memory
        found = memory.by_key[key]
        root = found.root
        if self._is_local(root, self.then) or self._is_local(root, self.orelse):
            return None
        value = self.value(key, self.then.env.get(key, root), self.orelse.env.get(key, root))
        if value not in memory.objects:
            memory.adopt(found, value)
        return value

    def _now(self, operand: Operand, region: Region) -> Operand:
        """Return the value that an operand has at the end of a region.

        The items of a container stay references, so that they keep their identities.
        """
        with region.within(self.low):
            held = self.low.memory.shallow(operand)
            if isinstance(held, Pack) and held.kind is not slice:
                return held
            return self.low.memory.value(operand)

    def _merge_packs(self, name: str, a: Operand, b: Operand) -> Operand:
        if is_undefined(a) and isinstance(b, Pack):
            a = Pack(b.kind, (UNDEFINED,) * len(b.items), b.keys)
        if is_undefined(b) and isinstance(a, Pack):
            b = Pack(a.kind, (UNDEFINED,) * len(a.items), a.keys)
        if not (isinstance(a, Pack) and isinstance(b, Pack)):
            return self._merge_lists(name, a, b)
        if a.kind is not b.kind or a.keys != b.keys or len(a.items) != len(b.items):
            return self._merge_lists(name, a, b)
        if a.kind is slice:
            return conflicting(a, b)
        pairs = zip(a.items, b.items, strict=True)
        items = tuple(self._merge(name, x, y, item=True) for x, y in pairs)
        for item in items:
            if isinstance(item, Const) and isinstance(item.value, Conflict):
                return item
        return Pack(a.kind, items, a.keys)

    def _merge_lists(self, name: str, a: Operand, b: Operand) -> Operand:
        """Return one of two lists as a value, where their lengths or forms differ."""
        ways = ((a, self.then), (b, self.orelse))
        item: Type = NEVER
        for operand, _ in ways:
            item = join(item, _item_of_list(operand))
        if not isinstance(item, (Scalar, Array)):
            return conflicting(a, b)
        lists: list[Operand] = []
        for operand, region in ways:
            if isinstance(operand, Pack):
                with region.within(self.low):
                    t = ListOf(item, len(operand.items))
                    operand = self.low.apply(list, operand, type=t)
            lists.append(operand)
        return self._result(name, *lists)

    def _merge_collecting(self, name: str, a: Any, b: Any) -> Operand:
        if len(a.value.items) != len(b.value.items):
            return conflicting(Pack(list, a.value.items), Pack(list, b.value.items))
        pairs = zip(a.value.items, b.value.items, strict=True)
        items = tuple(self._merge("", x, y, item=True) for x, y in pairs)
        return Const(Collecting(a.value.last, items))

    def _expand(self, operand: Operand, other: Operand, region: Region) -> Operand:
        """Read the items of a container, in its own region, if both ways have containers."""
        if not _is_container(operand) or not (_is_container(other) or is_undefined(other)):
            return operand
        if isinstance(operand, Var) and same_type(operand, other):
            return operand
        with region.within(self.low):
            return expand(self.low, operand) or operand

    def _result(self, name: str, a: Operand, b: Operand) -> Operand:
        for place, (x, y) in enumerate(zip(self.then_results, self.else_results, strict=True)):
            if same_operand(x, a) and same_operand(y, b):
                return self.results[place]
        hidden = is_hidden(name)
        hint = _HINTS.get(name) or hint_of(name)
        root = self.low.memory.by_key[name].root if is_object(name) else None
        if isinstance(root, Var):
            hint, hidden = root.hint, root.role is not Role.USER
        joined = join(_measure(a), _measure(b), fresh_dim)
        result = Var(hint, joined, Role.TEMP if hidden else Role.USER)
        self.low.aliases.share(result, a, b)
        self.low.memory.stamp(result)
        self.results.append(result)
        self.then_results.append(a)
        self.else_results.append(b)
        return result

    @staticmethod
    def is_leaf(operand: Operand) -> bool:
        if isinstance(operand, Var) or is_undefined(operand):
            return True
        return (
            isinstance(operand, Const)
            and not isinstance(operand.value, Internal)
            and is_simple(operand.value)
        )

    def _is_local(self, operand: Operand, region: Region) -> bool:
        """Return whether an operand is defined inside a region, so that only it can read it."""
        key = (id(region), len(region.statements))
        known = self._local.get(key)
        if known is None:
            known = {var for s in region.statements for var in results_of(s)}
            self._local[key] = known
        return is_made_of(operand, known)


def _item_of_list(operand: Operand) -> Type:
    """Return the type of the items of a list; Unknown if they are unlike, or it is no list."""
    t = type_of(operand)
    if isinstance(t, ListOf) and isinstance(operand, Var):
        return t.item
    if not isinstance(operand, Pack) or operand.kind is not list:
        return UNKNOWN
    found: Type = NEVER
    for item in operand.items:
        leaf = Merge.is_leaf(item) and not is_undefined(item)
        found = join(found, _measure(item) if leaf else UNKNOWN)
    return found


def same_type(a: Operand, b: Operand) -> bool:
    return isinstance(b, Var) and a is not b and type_of(a) == type_of(b)


def _is_container(operand: Operand) -> bool:
    if isinstance(operand, Pack):
        return operand.kind is not slice
    if isinstance(operand, Const):
        return isinstance(operand.value, (tuple, list, dict))
    return isinstance(operand.type, (Sequence, Dict))


def _measure(operand: Operand) -> Type:
    t = type_of(operand)
    return t if isinstance(operand, Var) or not isinstance(t, Scalar) else Scalar(t.kind)
