"""Close a loop: build its node from the attempt that fits, without what nobody reads."""

from __future__ import annotations

import operator
from collections import Counter
from dataclasses import dataclass, field

import libcst as cst

from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.sizes import fresh_dim
from s2s_grad.ir.nodes import (
    UNDEFINED,
    Block,
    Collect,
    Const,
    Each,
    For,
    Loop,
    Operand,
    Origin,
    Pack,
    Role,
    Var,
    While,
)
from s2s_grad.ir.types import Array, Dim, ListOf, Size, Type
from s2s_grad.ir.walk import bound_vars, free_vars, vars_of
from s2s_grad.lower.control.slots import (
    Fixed,
    Growing,
    Leaf,
    Same,
    Slot,
    Tree,
    collected,
    parts_of,
    remember,
)
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.loops.carry import Carrier
from s2s_grad.lower.loops.hidden import Carried, Hidden, any_flag_inside
from s2s_grad.lower.loops.name_flags import flag_after
from s2s_grad.lower.loops.trial import Trial
from s2s_grad.lower.memory.heap import is_conflict
from s2s_grad.lower.objects.iterate import length_of
from s2s_grad.lower.objects.zipping import flipped
from s2s_grad.lower.terms.frames import (
    BROKE,
    DEAD,
    EXHAUSTED,
    RETURNED,
    VALUE,
    bound_flag,
    hint_of,
    is_bound_flag,
    is_hidden,
    is_object,
)
from s2s_grad.lower.terms.values import (
    FALSE,
    TRUE,
    Conflict,
    is_false,
    is_true,
    is_undefined,
)

__all__ = ["close_collection", "close_loop", "read_outside"]


def close_loop(
    low: Lowerer,
    node: cst.For | cst.While,
    carrier: Carrier,
    trial: Trial,
    seqs: tuple[Operand, ...] | None,
    reverse: bool,
    origin: Origin,
) -> Operand:
    """Append the loop, bind names to what they are after it, and return whether a jump left it."""
    carried: list[Carried] = []
    lists: list[_List] = []
    outside = read_outside(low, node)
    always = _bound_by_each_round(carrier, trial, seqs)
    flags = {bound_flag(name) for name in outside} - always.keys()
    after = _names_after(low, outside | flags, carrier, trial, carried, lists)
    hidden = Hidden(low, trial, carried)
    env = trial.region.env
    dead = DEAD in env
    returned = FALSE if dead else env[RETURNED]
    no_exit = is_false(env[BROKE]) and is_false(env[EXHAUSTED])
    endless = seqs is None and is_true(trial.cond) and no_exit and not dead
    left = trial.stop if is_false(env[EXHAUSTED]) else any_flag_inside(hidden, env[BROKE], returned)
    if not is_false(returned):
        after[VALUE] = hidden.value(env[VALUE])
    after[RETURNED] = TRUE if endless else hidden.flag("returned", returned)
    stopped: Operand = TRUE if endless else FALSE
    if node.orelse is not None and not endless:
        stopped = hidden.flag("stopped", left)
    kept = _kept(trial, carried, lists)
    whole = length_of(seqs[0]) if seqs and is_false(trial.stop) else None
    seqs, reverse = _in_order(low, seqs, reverse, lists)
    _append(low, trial, kept, lists, whole, seqs, reverse, origin)
    for item in lists:
        after[item.key] = item.bind(low, carrier, trial, carried)
    after |= {key: flag_after(low, slot, seqs or ()) for key, slot in always.items()}
    dropped = {item.result for item in carried if item not in kept}
    for name, operand in after.items():
        if not is_undefined(operand) and dropped.isdisjoint(vars_of(operand)):
            low.here.env[name] = operand
        elif name == VALUE:
            low.here.env[VALUE] = UNDEFINED
        else:
            low.here.env.pop(name, None)
    return stopped


def _bound_by_each_round(
    carrier: Carrier, trial: Trial, seqs: tuple[Operand, ...] | None
) -> dict[str, Leaf]:
    """Return the flags of names that have a value after the loop if there is a round at all."""
    env = trial.region.env
    return {
        key: slot
        for key, slot in carrier.slots.items()
        if seqs is not None and isinstance(slot, Leaf) and is_bound_flag(key)
        if DEAD not in env and is_true(env.get(key, FALSE))
    }


@dataclass(slots=True, eq=False)
class _List:
    """A list that the loop fills, one item in each iteration."""

    item: Operand
    key: str = ""
    init: tuple[Operand, ...] = ()
    result: Var = field(default_factory=lambda: Var(""))

    def bind(self, low: Lowerer, carrier: Carrier, trial: Trial, carried: list[Carried]) -> Operand:
        """Return what the list is after the loop."""
        whole = self.collected(low, carrier, trial, carried)
        if is_conflict(whole):
            return whole
        if self.init:
            whole = low.apply(operator.concat, Pack(list, self.init), whole)
        low.memory.adopt(low.memory.by_key[self.key], whole)
        return whole

    def collected(
        self, low: Lowerer, carrier: Carrier, trial: Trial, carried: list[Carried]
    ) -> Operand:
        """Return what the loop collected."""
        aliases, memory = low.aliases, low.memory
        own = aliases.of(self.item)
        body = Block((*trial.elements, *trial.params), tuple(trial.region.statements), ())
        outside = aliases.reach(own) - set(bound_vars(body))
        last = (c.result for c in carried if aliases.may_share(aliases.of(c.yielded), own))
        aliases.carry(self.result, outside.union(last))
        memory.stamp(self.result)
        if memory.written_in(outside, trial.start) or carrier.rewrites(low, trial, own):
            return Const(_SHARED)
        return self.result


_SHARED = Conflict(
    "holds one array several times, which later iterations write to", "Append a `.copy()`."
)


def close_collection(
    low: Lowerer,
    carrier: Carrier,
    trial: Trial,
    seqs: tuple[Operand, ...],
    reverse: bool,
    outside: set[str],
) -> None:
    """Append the loop of a comprehension, for what it writes and for the names in `outside`."""
    carried: list[Carried] = []
    lists: list[_List] = []
    always = _bound_by_each_round(carrier, trial, seqs)
    flags = {bound_flag(name) for name in outside} - always.keys()
    after = _names_after(low, outside | flags, carrier, trial, carried, lists)
    kept = _kept(trial, carried, lists)
    length = length_of(seqs[0])
    turned, reverse = _in_order(low, seqs, reverse, lists)
    _append(low, trial, kept, lists, length, turned, reverse, low.builder.origin)
    for filled in lists:
        after[filled.key] = filled.bind(low, carrier, trial, carried)
    after |= {key: flag_after(low, slot, seqs) for key, slot in always.items()}
    low.here.env.update({n: v for n, v in after.items() if not is_undefined(v)})


def _names_after(
    low: Lowerer,
    outside: set[str],
    carrier: Carrier,
    trial: Trial,
    carried: list[Carried],
    lists: list[_List],
) -> dict[str, Operand]:
    """Return what each name is after the loop; add what it is carried by to `carried`.

    The names in `outside` are read after it.
    """
    params, cond_params = iter(trial.params), iter(trial.cond_params or trial.params)

    def leave(name: str, slot: Slot, yielded: Operand) -> Operand:
        match slot:
            case Fixed():
                return slot.operand
            case Same():
                return left[slot.name]
            case Growing():
                item = collected(yielded)[0]
                lists.append(_List(item, name, slot.init))
                start = len(carried)
                leave(name, slot.last, item)
                for last in carried[start:]:
                    last.wanted = False
                return UNDEFINED
            case Leaf():
                param, cond_param = next(params), next(cond_params)
                hint = param.hint if is_object(name) else hint_of(name)
                result = Var(hint, _settled(slot.type, carrier.owned), Role.USER)
                made.append((slot, result))
                wanted = name in outside or is_object(name)
                carried.append(Carried(param, cond_param, slot.init, yielded, result, wanted))
                return result
            case Tree():
                pairs = zip(slot.slots, parts_of(slot, yielded), strict=True)
                items = tuple(leave(name, inner, part) for inner, part in pairs)
                whole = Pack(slot.kind, items, slot.keys)
                low.memory.mark(whole, slot.marks)
                return whole

    env = trial.region.env
    left: dict[str, Operand] = {}
    made: list[tuple[Leaf, Var]] = []
    for name, slot in carrier.slots.items():
        left[name] = leave(name, slot, env.get(name, UNDEFINED))
    remember(low, made)
    for name, slot in carrier.slots.items():
        if is_object(name) and not isinstance(slot, (Fixed, Growing)):
            low.memory.adopt(low.memory.by_key[name], left[name])
    return left


def read_outside(low: Lowerer, node: cst.For | cst.While) -> set[str]:
    """Return the names that are read anywhere but in this loop."""
    frame = low.here
    everywhere = frame.names.reads(frame.node)
    inside = Counter(frame.names.reads(node))
    before_or_after = [node.iter] if isinstance(node, cst.For) else []
    for part in (*before_or_after, node.orelse):
        if part is not None:
            inside.subtract(frame.names.reads(part))
    captured = frame.names.captured(frame.node)
    return {name for name, count in everywhere.items() if count > inside[name]} | set(captured)


def _settled(t: Type, owned: set[str]) -> Type:
    """Return a parameter's type as that of the result, whose sizes are those of the last round."""
    if not isinstance(t, Array) or t.shape is None:
        return t
    sizes = (
        fresh_dim() if isinstance(size, Dim) and size.symbol in owned else size for size in t.shape
    )
    return Array(t.dtype, tuple(sizes))


def _kept(trial: Trial, carried: list[Carried], lists: list[_List]) -> list[Carried]:
    """Return what is read: after the loop, in its body or condition, or by what is kept."""
    results = (trial.stop, *(item.item for item in lists))
    body = Block((), tuple(trial.region.statements), results)
    used = set(free_vars(body))
    cond = Block((), tuple(trial.cond_statements), (trial.cond,))
    used_by_cond = set(free_vars(cond))
    keep = {
        id(item)
        for item in carried
        if item.wanted or item.param in used or item.cond_param in used_by_cond
    }
    by_param = {item.param: item for item in carried}
    waiting = [item for item in carried if id(item) in keep]
    while waiting:
        for var in vars_of(waiting.pop().yielded):
            source = by_param.get(var)
            if source is not None and id(source) not in keep:
                keep.add(id(source))
                waiting.append(source)
    return [item for item in carried if id(item) in keep]


def _in_order(
    low: Lowerer, seqs: tuple[Operand, ...] | None, reverse: bool, lists: list[_List]
) -> tuple[tuple[Operand, ...] | None, bool]:
    """Return what a loop that fills lists runs over: forwards, as it appends in its own order."""
    if seqs is None or not (reverse and lists):
        return seqs, reverse
    return tuple(flipped(low, seq) for seq in seqs), False


def _append(
    low: Lowerer,
    trial: Trial,
    kept: list[Carried],
    lists: list[_List],
    length: Size | None,
    seqs: tuple[Operand, ...] | None,
    reverse: bool,
    origin: Origin,
) -> None:
    for item in lists:
        root = low.memory.by_key[item.key].root if item.key else None
        names = (n for n, held in low.here.env.items() if held is root and not is_hidden(n))
        hint = "" if root is None else next(names, "")
        item.result = Var(hint, ListOf(type_of(item.item), length), Role.USER)
    head: For | While
    if seqs is None:
        head = While(tuple(trial.cond_statements), trial.cond)
    else:
        head = For(tuple(map(Each, seqs, trial.elements)), reverse)
    low.builder.append(
        Loop(
            head,
            tuple(item.as_carry(tested=seqs is None) for item in kept),
            tuple(trial.region.statements),
            tuple(Collect(item.item, item.result) for item in lists),
            None if is_false(trial.stop) else trial.stop,
            origin,
        )
    )
