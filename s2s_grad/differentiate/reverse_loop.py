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
    Carry,
    Collect,
    Const,
    Each,
    For,
    Loop,
    Operand,
    Pack,
    Role,
    Statement,
    Var,
    While,
)
from s2s_grad.ir.types import Array, ListOf, Range, Scalar, Size, Type
from s2s_grad.ir.walk import bound_vars, free_vars, results_of
from s2s_grad.runtime import set_item

__all__ = ["reverse_loop"]

WalkBack = Callable[[tuple[Statement, ...], Cotangents, Facts], tuple[Statement, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """Which parts of a loop take part in its adjoint."""

    carried: tuple[Carry, ...]  # those with a cotangent
    collected: tuple[Collect, ...]  # those with a cotangent
    each: tuple[Each, ...]  # those that receive one
    free: tuple[Var, ...]  # variables from outside that receive one
    undone: tuple[Carry, ...] = ()  # arrays that are taken back


@dataclass(frozen=True, slots=True, eq=False)
class _Seeds:
    """The cotangents that the adjoint of a loop begins with, in the order of the plan."""

    carried: list[Operand]
    collected: list[Operand]
    free: list[Operand]

    def types(self) -> list[Type]:
        """Return the types of what the adjoint carries."""
        return [type_of(seed) for seed in (*self.carried, *self.free)]


def reverse_loop(loop: Loop, cotangents: Cotangents, facts: Facts, walk_back: WalkBack) -> Loop:
    """Append the adjoint of a loop; return the loop with its residuals collected."""
    plan = _plan(loop, cotangents, facts)
    if plan is None:
        for var in results_of(loop):
            cotangents.take(var)
        return loop

    seeds = [_dense_or_zeros(cotangents, carry.result) for carry in plan.carried]
    list_seeds = [_dense_or_zeros(cotangents, collect.result) for collect in plan.collected]
    selected = frozenset(
        out
        for out in (*plan.carried, *plan.collected)
        if out.result in cotangents and cotangents.has_zeros(out.result)
    )
    for var in results_of(loop):
        cotangents.take(var)
    starts = [_dense_or_zeros(cotangents, var) for var in plan.free]

    given = _Seeds(seeds, list_seeds, starts)
    attempt = _Attempt(loop, plan, walk_back, facts, cotangents.builder, given, selected)
    if facts.undone is not None:
        return _finish(attempt, cotangents, *attempt.settle())
    attempt = attempt.undoing(Undone())
    body, residuals = attempt.settle()
    chosen = choose_undone(loop, residuals.primal, facts.outside)
    if chosen.versions:
        attempt = attempt.undoing(chosen)
        body, residuals = attempt.settle()
    primal = _finish(attempt, cotangents, body, residuals)
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

    def seeded(out: Carry | Collect) -> bool:
        return out.result in cotangents and out.result in active

    collected = tuple(collect for collect in loop.collected if seeded(collect))
    useful = {carry for carry in loop.carried if seeded(carry)}
    sources = set[Var]().union(*(reach(collect.item) for collect in collected))
    done: set[Carry] = set()
    while True:
        useful |= {carry for carry in loop.carried if carry.parameter in sources}
        todo = useful - done
        if not todo:
            break
        sources = sources.union(*(reach(carry.next) for carry in todo))
        done |= todo
    if not useful and not collected and not undone:
        return None
    carried = tuple(carry for carry in loop.carried if carry in useful)
    each = tuple(e for e in loop.each if e.element in sources)
    own = set(bound_vars(loop.body))
    free = tuple(var for var in free_vars(loop.body) if var in sources and var not in own)
    return _Plan(carried, collected, each, free, undone)


def _undone(loop: Loop, undone: Undone | None) -> tuple[Carry, ...]:
    versions = frozenset[Var]() if undone is None else undone.versions
    return tuple(carry for carry in loop.carried if carry.parameter in versions)


def _is_iterable(loop: Loop) -> bool:
    """Return whether the adjoint can run over the loop's own sequences."""
    return isinstance(loop.head, For) and loop.stop is None


@dataclass(frozen=True, slots=True, eq=False)
class _Body:
    """The adjoint body of a loop, before its residuals are provided."""

    items: tuple[Var, ...]  # of the lists' cotangents
    bars: tuple[Var, ...]  # the carried cotangents: of carried values, then of free variables
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
    seeds: _Seeds
    selected: frozenset[Carry | Collect]  # what gets zeros by construction

    def undoing(self, undone: Undone) -> _Attempt:
        """Return an attempt that takes arrays back."""
        plan = replace(self.plan, undone=_undone(self.loop, undone))
        return replace(self, plan=plan, facts=replace(self.facts, undone=undone))

    def settle(self) -> tuple[_Body, Residuals]:
        """Return the body for types that cover what it hands on, and its residuals."""
        attempt, types = self, self.seeds.types()
        while True:
            body = attempt.build(types)
            widened = [widen(t, type_of(y)) for t, y in zip(types, body.carried, strict=True)]
            again = attempt.handing_on(body)
            if widened == types and again is attempt:
                return body, self.residuals(body)
            types, attempt = widened, again

    def handing_on(self, body: _Body) -> _Attempt:
        """Return an attempt in which zeros of an iteration reach the one that comes before."""
        carried = {carry for carry in self.plan.carried if carry.parameter in body.selected}
        return self if carried <= self.selected else replace(self, selected=self.selected | carried)

    def residuals(self, body: _Body) -> Residuals:
        loop, undone = self.loop, self.plan.undone
        augmented = replace(loop, statements=body.primal)
        params = [carry.parameter for carry in undone]
        arrays = [param.like() for param in params]
        lasts = [carry.next for carry in undone if isinstance(carry.next, Var)]
        pairs = tuple(zip(lasts, arrays, strict=True))
        undo = Undo(pairs, tuple(params), body.restored, self.facts.undone or Undone())
        results = (*body.carried, *body.collected)
        adjoint = Block((*body.items, *body.bars, *arrays), body.statements, results)
        return plan_residuals(augmented, adjoint, self.facts, undo, iterable=_is_iterable(loop))

    def build(self, types: list[Type]) -> _Body:
        loop, plan, builder = self.loop, self.plan, self.builder
        carried_vars = [*(carry.parameter for carry in plan.carried), *plan.free]
        bars = [v.like(t, Role.COTANGENT) for v, t in zip(carried_vars, types, strict=True)]
        known = dict(zip(carried_vars, bars, strict=True))
        items = {
            collect: collect.result.like(row_type(seed), Role.COTANGENT)
            for collect, seed in zip(plan.collected, self.seeds.collected, strict=True)
        }
        with builder.nested() as statements:
            inner = Cotangents(builder, self.facts.with_complex)
            for var in plan.free:
                inner.add(var, known[var], selected=True)
            for carry in plan.carried:
                inner.add(carry.next, known[carry.parameter], selected=carry in self.selected)
            for collect, bar in items.items():
                inner.add(collect.item, bar, selected=collect in self.selected)
            primal = self.walk_back(loop.statements, inner, self.facts)
            carried = tuple(_dense_or_zeros(inner, var) for var in carried_vars)
            collected = tuple(_dense_or_zeros(inner, each.element) for each in plan.each)
            body = needed(statements, (*carried, *collected, *inner.restored.values()))
        selected = inner.selected.intersection((*plan.free, *loop.body.params))
        params = (tuple(items.values()), tuple(bars))
        return _Body(*params, body, carried, collected, primal, inner.restored, selected)


def _finish(attempt: _Attempt, cotangents: Cotangents, body: _Body, residuals: Residuals) -> Loop:
    loop, plan, builder, seeds = attempt.loop, attempt.plan, attempt.builder, attempt.seeds
    primal = residuals.primal
    each = (*map(Each, seeds.collected, body.items), *residuals.each)
    if not each:
        primal, one = _count(primal, builder)
        each = (one,)
    inner = residuals.body
    params, values = iter(inner.params), iter(inner.results)
    for _ in body.items:
        next(params)
    carried = [
        Carry(start, next(params), next(values), bar.like(released(bar.type), Role.COTANGENT))
        for start, bar in zip((*seeds.carried, *seeds.free), body.bars, strict=True)
    ]
    collected = tuple(
        Collect(next(values), made.element.like(_list_of(loop, made, item), Role.COTANGENT))
        for made, item in zip(plan.each, body.collected, strict=True)
    )
    arrays = [
        Carry(cotangents.restored.get(c.result, c.result), param, first, c.result.like())
        for c, param, first in zip(plan.undone, params, values, strict=True)
    ]
    head = For(each, not loop.reverse)
    everything = (*carried, *arrays)
    builder.append(Loop(head, everything, inner.body, collected, origin=builder.origin))
    for carry, array in zip(plan.undone, arrays, strict=True):
        if isinstance(carry.init, Var):
            cotangents.restored[carry.init] = array.result
    results = iter(carried)
    inits = [(carry, next(results).result) for carry in plan.carried]
    for var, made in zip(plan.free, results, strict=True):
        selected = var in body.selected and (var not in cotangents or var in cotangents.selected)
        cotangents.take(var)
        cotangents.add(var, made.result, selected=selected)
    for carry, result in inits:
        cotangents.mark = len(builder.statements)
        cotangents.add(carry.init, result, selected=carry.parameter in body.selected)
    for made, out in zip(plan.each, collected, strict=True):
        selected = made.element in body.selected
        _add_to_sequence(loop, made.sequence, out.result, cotangents, selected)
    return primal


def _list_of(loop: Loop, each: Each, item: Operand) -> ListOf:
    """Return the type of the list of the cotangents of a sequence's elements."""
    return ListOf(type_of(item), None if loop.stop is not None else _list_length(each.sequence))


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
        whole = _with_zeros(builder, seq, bars, loop.reverse) if loop.stop is not None else bars
        if isinstance(seq, Var):
            cotangents.add(seq, whole, selected=selected)
        elif isinstance(seq, Pack):
            for place, item in enumerate(seq.items):
                part = builder.apply(operator.getitem, whole, Const(place))
                cotangents.add(item, part, selected=selected)
        return
    rows: Operand = seq
    part: Operand | None = None
    if loop.stop is not None:
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
    cotangents.add(seq, stacked, selected=selected or loop.stop is not None)


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


def _count(primal: Loop, builder: Builder) -> tuple[Loop, Each]:
    """Return a sequence as long as the run of the loop, which a `while` has to count."""
    if _is_iterable(primal):
        seq = primal.each[0].sequence
        return primal, Each(seq, Var("", row_type(seq)))
    steps, following, total, tested = (Var("steps", Scalar("int")) for _ in range(4))
    one = Apply(following, np.add, (steps, Const(1)), (), NOWHERE)
    known = tested if isinstance(primal.head, While) else None
    count = Carry(Const(0), steps, following, total, known)
    carried, statements = (*primal.carried, count), (*primal.statements, one)
    seq = builder.apply(range, total)
    counted = replace(primal, carried=carried, statements=statements)
    return counted, Each(seq, Var("", Scalar("int")))
