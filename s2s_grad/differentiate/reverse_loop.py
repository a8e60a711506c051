"""The adjoint of `Loop`: a loop in the other direction, over what the primal loop collected.

Carried values become carried cotangents, sequences become collected lists and the other way round;
the cotangent of a variable from outside that the body reads is an accumulator, carried as well.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from s2s_grad.analysis.activity import dependencies
from s2s_grad.analysis.infer import released, row_type, type_of, widen
from s2s_grad.analysis.liveness import needed
from s2s_grad.differentiate.cotangents import Cotangents, zeros_of
from s2s_grad.differentiate.facts import Facts
from s2s_grad.differentiate.residuals import Residuals, plan_residuals
from s2s_grad.differentiate.undo import Undo, Undone
from s2s_grad.differentiate.undo_choice import choose_undone
from s2s_grad.ir.builder import Builder
from s2s_grad.ir.nodes import (
    NOWHERE,
    Apply,
    Block,
    Const,
    Loop,
    Operand,
    Pack,
    Role,
    Statement,
    Var,
)
from s2s_grad.ir.types import Array, ListOf, Range, Scalar, Size, Type
from s2s_grad.ir.walk import bound_vars, free_vars
from s2s_grad.runtime import set_item

__all__ = ["reverse_loop"]

WalkBack = Callable[[tuple[Statement, ...], Cotangents, Facts], tuple[Statement, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """Which parts of a loop take part in its adjoint."""

    slots: tuple[int, ...]  # carried values with a cotangent
    lists: tuple[int, ...]  # collected lists with a cotangent
    elements: tuple[int, ...]  # sequences that receive one
    free: tuple[Var, ...]  # variables from outside that receive one
    undone: tuple[int, ...] = ()  # carried arrays that are taken back


def reverse_loop(loop: Loop, cotangents: Cotangents, facts: Facts, walk_back: WalkBack) -> Loop:
    """Append the adjoint of a loop; return the loop with its residuals collected."""
    builder = cotangents.builder
    plan = _plan(loop, cotangents, facts)
    if plan is None:
        for var in (*loop.results, *loop.collected):
            cotangents.take(var)
        return loop

    seeds = [_dense_or_zeros(cotangents, loop.results[j]) for j in plan.slots]
    list_seeds = [_dense_or_zeros(cotangents, loop.collected[k]) for k in plan.lists]
    outs = (*(loop.results[j] for j in plan.slots), *(loop.collected[k] for k in plan.lists))
    selected = tuple(out in cotangents and cotangents.has_zeros(out) for out in outs)
    for var in (*loop.results, *loop.collected):
        cotangents.take(var)
    starts = [_dense_or_zeros(cotangents, var) for var in plan.free]

    attempt = _Attempt(loop, plan, walk_back, facts, builder, selected)
    types = [type_of(start) for start in (*seeds, *starts)]
    if facts.undone is not None:
        body, residuals = attempt.settle(types, list_seeds)
        return _finish(attempt, cotangents, body, residuals, seeds, list_seeds, starts)
    attempt = attempt.undoing(Undone())
    body, residuals = attempt.settle(types, list_seeds)
    chosen = choose_undone(loop, residuals.primal, facts.outside)
    if chosen.versions:
        attempt = attempt.undoing(chosen)
        body, residuals = attempt.settle(types, list_seeds)
    primal = _finish(attempt, cotangents, body, residuals, seeds, list_seeds, starts)
    if chosen.unseen:
        cotangents.restored.clear()  # not as it was: good enough for this loop alone
    return primal


def _dense_or_zeros(cotangents: Cotangents, var: Var) -> Operand:
    value = cotangents.dense_value(var)
    return zeros_of(cotangents.builder, var) if value is None else value


def _plan(loop: Loop, cotangents: Cotangents, facts: Facts) -> _Plan | None:
    """Find what the loop's cotangents flow into, through any number of iterations."""
    active = facts.active
    undone = _undone(loop, facts.undone)
    reach = dependencies(loop.body, active)
    params = {param: j for j, param in enumerate(loop.carried)}
    lists = tuple(k for k, out in enumerate(loop.collected) if out in cotangents and out in active)
    useful = {j for j, out in enumerate(loop.results) if out in cotangents and out in active}
    sources: set[Var] = set()
    for k in lists:
        sources |= reach[len(loop.inits) + k]
    done: set[int] = set()
    while True:
        useful |= {params[var] for var in sources if var in params}
        todo = useful - done
        if not todo:
            break
        for j in todo:
            sources |= reach[j]
        done |= todo
    if not useful and not lists and not undone:
        return None
    elements = tuple(i for i, var in enumerate(loop.elements) if var in sources)
    inside = {*loop.elements, *loop.carried}
    own = set(bound_vars(loop.body))
    order = [var for var in free_vars(loop.body) if var in sources]
    free = tuple(var for var in order if var not in inside and var not in own)
    return _Plan(tuple(sorted(useful)), lists, elements, free, undone)


def _undone(loop: Loop, undone: Undone | None) -> tuple[int, ...]:
    versions = frozenset[Var]() if undone is None else undone.versions
    return tuple(j for j, param in enumerate(loop.carried) if param in versions)


@dataclass(frozen=True, slots=True, eq=False)
class _Body:
    """The adjoint body of a loop, before its residuals are provided."""

    params: tuple[Var, ...]  # elements of the lists' cotangents, then carried cotangents
    statements: tuple[Statement, ...]
    carried: tuple[Operand, ...]
    collected: tuple[Operand, ...]
    primal: tuple[Statement, ...]
    restored: dict[Var, Var]
    selected: set[Var]  # of the variables that it reads, those to which selections add


@dataclass(frozen=True, slots=True, eq=False)
class _Attempt:
    """Builds the adjoint body for given types of the carried cotangents."""

    loop: Loop
    plan: _Plan
    walk_back: WalkBack
    facts: Facts
    builder: Builder
    selected: tuple[bool, ...]  # which carried values and lists get zeros by construction

    def undoing(self, undone: Undone) -> _Attempt:
        """Return an attempt that takes arrays back."""
        plan = replace(self.plan, undone=_undone(self.loop, undone))
        return replace(self, plan=plan, facts=replace(self.facts, undone=undone))

    def settle(self, types: list[Type], list_seeds: list[Operand]) -> tuple[_Body, Residuals]:
        """Return the body for types that cover what it hands on, and its residuals."""
        attempt = self
        while True:
            body = attempt.build(types, list_seeds)
            widened = [widen(t, type_of(y)) for t, y in zip(types, body.carried, strict=True)]
            again = attempt.handing_on(body)
            if widened == types and again is attempt:
                return body, self.residuals(body)
            types, attempt = widened, again

    def handing_on(self, body: _Body) -> _Attempt:
        """Return an attempt in which zeros of an iteration reach the one that comes before."""
        carried = [self.loop.carried[j] in body.selected for j in self.plan.slots]
        carried += [False] * len(self.plan.lists)
        selected = tuple(a or b for a, b in zip(self.selected, carried, strict=True))
        return self if selected == self.selected else replace(self, selected=selected)

    def residuals(self, body: _Body) -> Residuals:
        loop, undone = self.loop, self.plan.undone
        iterable = not loop.stop and loop.cond is None
        augmented = replace(loop, body=replace(loop.body, body=body.primal))
        params = [loop.carried[j] for j in undone]
        arrays = [param.like() for param in params]
        lasts = [value for j in undone if isinstance(value := loop.yields[j], Var)]
        pairs = tuple(zip(lasts, arrays, strict=True))
        undo = Undo(pairs, tuple(params), body.restored, self.facts.undone or Undone())
        results = (*body.carried, *body.collected)
        adjoint = Block((*body.params, *arrays), body.statements, results)
        return plan_residuals(augmented, adjoint, self.facts, undo, iterable=iterable)

    def build(self, types: list[Type], list_seeds: list[Operand]) -> _Body:
        loop, plan, builder = self.loop, self.plan, self.builder
        slot_bars = [
            loop.carried[j].like(t, Role.COTANGENT) for j, t in zip(plan.slots, types, strict=False)
        ]
        free_bars = [
            var.like(t, Role.COTANGENT)
            for var, t in zip(plan.free, types[len(slot_bars) :], strict=True)
        ]
        list_bars = [
            loop.collected[k].like(row_type(seed), Role.COTANGENT)
            for k, seed in zip(plan.lists, list_seeds, strict=True)
        ]
        with builder.nested() as statements:
            inner = Cotangents(builder, self.facts.with_complex)
            for var, bar in zip(plan.free, free_bars, strict=True):
                inner.add(var, bar, selected=True)
            values = [loop.yields[j] for j in plan.slots]
            values += [loop.appended[k] for k in plan.lists]
            bars = [*slot_bars, *list_bars]
            for value, bar, zeros in zip(values, bars, self.selected, strict=True):
                inner.add(value, bar, selected=zeros)
            primal = self.walk_back(loop.body.body, inner, self.facts)
            carried = [_dense_or_zeros(inner, loop.carried[j]) for j in plan.slots]
            carried += [_dense_or_zeros(inner, var) for var in plan.free]
            collected = [_dense_or_zeros(inner, loop.elements[i]) for i in plan.elements]
            body = needed(statements, (*carried, *collected, *inner.restored.values()))
        params = (*list_bars, *slot_bars, *free_bars)
        free = inner.selected.intersection((*plan.free, *loop.elements, *loop.carried))
        done = (tuple(carried), tuple(collected))
        return _Body(params, body, *done, primal, inner.restored, free)


def _finish(
    attempt: _Attempt,
    cotangents: Cotangents,
    body: _Body,
    residuals: Residuals,
    seeds: list[Operand],
    list_seeds: list[Operand],
    starts: list[Operand],
) -> Loop:
    loop, plan, builder = attempt.loop, attempt.plan, attempt.builder
    iterable = not loop.stop and loop.cond is None
    primal = residuals.primal
    seqs: tuple[Operand, ...] = (*list_seeds, *residuals.seqs)
    elements = (*body.params[: len(list_seeds)], *residuals.elements)
    if not seqs:
        primal, seq, element = _count(primal, iterable, builder)
        seqs, elements = (seq,), (element,)
    results = _carried_results(loop, plan, body)
    arrays = tuple(loop.results[j].like() for j in plan.undone)
    lasts = [cotangents.restored.get(v, v) for v in (loop.results[j] for j in plan.undone)]
    lists = tuple(
        loop.elements[i].like(
            ListOf(type_of(item), None if loop.stop else _list_length(loop.seqs[i])),
            Role.COTANGENT,
        )
        for i, item in zip(plan.elements, body.collected, strict=True)
    )
    inner = residuals.body
    end, last = len(body.carried), len(body.carried) + len(body.collected)
    handed_on = (*inner.results[:end], *inner.results[last:], *inner.results[end:last])
    block = Block((*elements, *inner.params[len(list_seeds) :]), inner.body, handed_on)
    builder.append(
        Loop(
            seqs,
            (*seeds, *starts, *lasts),
            block,
            (*results, *arrays),
            lists,
            reverse=not loop.reverse,
            origin=builder.origin,
        )
    )
    for j, array in zip(plan.undone, arrays, strict=True):
        init = loop.inits[j]
        if isinstance(init, Var):
            cotangents.restored[init] = array
    for var, result in zip(plan.free, results[len(plan.slots) :], strict=True):
        selected = var in body.selected and (var not in cotangents or var in cotangents.selected)
        cotangents.take(var)
        cotangents.add(var, result, selected=selected)
    for j, result in zip(plan.slots, results, strict=False):
        cotangents.mark = len(builder.statements)
        cotangents.add(loop.inits[j], result, selected=loop.carried[j] in body.selected)
    for i, out in zip(plan.elements, lists, strict=True):
        selected = loop.elements[i] in body.selected
        _add_to_sequence(loop, loop.seqs[i], out, cotangents, selected)
    return primal


def _carried_results(loop: Loop, plan: _Plan, body: _Body) -> tuple[Var, ...]:
    count = len(plan.slots) + len(plan.free)
    params = body.params[len(body.params) - count :]
    return tuple(param.like(released(param.type), Role.COTANGENT) for param in params)


def _list_length(seq: Operand) -> Size | None:
    t = type_of(seq)
    if isinstance(t, Array) and t.shape:
        return t.shape[0]
    return t.length if isinstance(t, (ListOf, Range)) else None


def _add_to_sequence(
    loop: Loop, seq: Operand, bars: Var, cotangents: Cotangents, selected: bool
) -> None:
    """Add a list of cotangents, one per element, to the cotangent of the sequence."""
    builder = cotangents.builder
    cotangents.mark = len(builder.statements)
    if not isinstance(seq, Var) or isinstance(seq.type, ListOf):
        whole = _with_zeros(builder, seq, bars, loop.reverse) if loop.stop else bars
        if isinstance(seq, Var):
            cotangents.add(seq, whole, selected=selected)
        elif isinstance(seq, Pack):
            for place, item in enumerate(seq.items):
                part = builder.apply(operator.getitem, whole, Const(place))
                cotangents.add(item, part, selected=selected)
        return
    rows: Operand = seq
    part: Operand | None = None
    if loop.stop:
        # An early exit leaves the cotangents of the rows that were not reached at zero.
        count: Operand = builder.apply(len, bars)
        none = Const(None)
        if loop.reverse:
            start = builder.apply(np.subtract, builder.apply(len, seq), count)
            part = Pack(slice, (start, none, none))
        else:
            part = Pack(slice, (none, count, none))
        rows = builder.apply(operator.getitem, seq, part)
    shape = builder.apply(np.shape, rows)
    t = type_of(rows)
    item = row_type(bars)
    dtype = item.dtype if isinstance(item, Array) else np.dtype(float)
    typed = Array(dtype, t.shape if isinstance(t, Array) else None)
    stacked = builder.apply(np.reshape, bars, shape, type=typed)
    if part is not None:
        stacked = builder.apply(set_item, builder.apply(np.zeros_like, seq), part, stacked)
    cotangents.add(seq, stacked, selected=selected or loop.stop)


def _with_zeros(builder: Builder, seq: Operand, bars: Var, reverse: bool) -> Operand:
    """Return the cotangents of all items of a list that an early exit left unread in part."""
    apply, none = builder.apply, Const(None)
    t = type_of(bars)
    count = apply(len, bars)
    if reverse:
        count = apply(np.subtract, apply(len, seq), count)
    part = Pack(slice, (none, count, none) if reverse else (count, none, none))
    zeros = zeros_of(builder, apply(operator.getitem, seq, part, type=t))
    pair = (zeros, bars) if reverse else (bars, zeros)
    return apply(operator.concat, *pair, type=t)


def _count(primal: Loop, iterable: bool, builder: Builder) -> tuple[Loop, Operand, Var]:
    """Return a sequence as long as the run of the loop, which a `while` has to count."""
    if iterable:
        seq = primal.seqs[0]
        return primal, seq, Var("", row_type(seq))
    steps = Var("steps", Scalar("int"))
    total = Var("steps", Scalar("int"))
    following = Var("steps", Scalar("int"))
    one = Apply(following, np.add, (steps, Const(1)), (), NOWHERE)
    at = len(primal.inits)
    cond = primal.cond
    if cond is not None:
        cond = replace(cond, params=(*cond.params, Var("steps", Scalar("int"))))
    body = Block(
        (*primal.body.params, steps),
        (*primal.body.body, one),
        (*primal.body.results[:at], following, *primal.body.results[at:]),
    )
    counted = replace(
        primal,
        inits=(*primal.inits, Const(0)),
        body=body,
        results=(*primal.results, total),
        cond=cond,
    )
    seq = builder.apply(range, total)
    return counted, seq, Var("", Scalar("int"))
