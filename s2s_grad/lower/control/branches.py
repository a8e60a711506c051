"""Branches: two regions under one condition, and what is true on both ways after them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass

from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.may_raise import has_one_truth
from s2s_grad.ir.nodes import (
    UNDEFINED,
    Apply,
    Block,
    Const,
    If,
    Operand,
    Origin,
    Statement,
)
from s2s_grad.ir.operators import any_of
from s2s_grad.lower.control.merge import Merge, conflicting
from s2s_grad.lower.control.places import place_of_branch
from s2s_grad.lower.control.regions import Region
from s2s_grad.lower.core.bound import assume, flag_of
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.terms.frames import (
    DEAD,
    FLAGS,
    JUMPED,
    RETURNED,
    VALUE,
    Frame,
    bound_flag,
    is_bound_flag,
    is_cell,
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
    same_operand,
)

__all__ = [
    "Captured",
    "any_flag",
    "branch",
    "capture",
    "elsewhere",
    "guard",
    "join_regions",
    "jump",
    "negate",
    "select",
]

SELECTED = "<selected>"


@dataclass(frozen=True, slots=True)
class Captured:
    """An expression lowered aside: its statements, its value, and whether it assigned a name."""

    statements: list[Statement]
    result: Operand
    changed: bool


def capture(low: Lowerer, lower: Callable[[], Operand]) -> Captured:
    """Lower an expression without appending it; on `changed` it has to be lowered again."""
    env = dict(low.here.env)
    with low.attempt() as attempt, low.builder.nested() as statements:
        result = lower()
        now = low.here.env
        changed = {n: v for n, v in now.items() if n in env or not is_cell(n)} != env
        if not changed:
            attempt.keep()
    return Captured(statements, result, changed)


def jump(low: Lowerer, flag: str) -> None:
    """Record that this path leaves by a jump."""
    env = low.here.env
    env[flag] = env[JUMPED] = TRUE


def negate(low: Lowerer, flag: Operand) -> Operand:
    """Return ``not flag``."""
    if is_true(flag) or is_false(flag):
        return FALSE if is_true(flag) else TRUE
    last = low.builder.statements[-1] if low.builder.statements else None
    if isinstance(last, Apply) and last.fn is operator.not_ and last.result is flag:
        return last.args[0]
    return low.apply(operator.not_, flag)


def any_flag(low: Lowerer, *flags: Operand) -> Operand:
    """Return whether one of several flags is set."""
    result: Operand = FALSE
    for flag in flags:
        if is_true(flag):
            return TRUE
        if is_false(result):
            result = flag
        elif not is_false(flag) and not same_operand(flag, result):
            result = low.apply(any_of, result, flag)
    return result


def select(
    low: Lowerer,
    cond: Operand,
    then: Callable[[], Operand],
    orelse: Callable[[], Operand],
    origin: Origin | None,
) -> Operand:
    """Lower ``then() if cond else orelse()`` for a condition known at run time only."""

    def keep(lower: Callable[[], Operand]) -> Callable[[], None]:
        def run() -> None:
            low.here.env[SELECTED] = lower()

        return run

    branch(low, cond, keep(then), keep(orelse), origin)
    result = low.here.env.pop(SELECTED)
    if isinstance(result, Const) and isinstance(result.value, Conflict):
        what = f"this expression {result.value.reason}."
        low.refuse(what, result.value.remedy, about=(result,))
    return result


def branch(
    low: Lowerer,
    cond: Operand,
    then: Callable[[], None],
    orelse: Callable[[], None],
    origin: Origin | None = None,
) -> None:
    """Lower ``if cond: then() else: orelse()``."""
    with place_of_branch(low, cond) as holds:
        if holds is not None:
            (then if holds else orelse)()
            return
        regions = Region.pair(dict(low.here.env), dict(low.here.env))
        for region, taken in zip(regions, (True, False), strict=True):
            assume(low, region.env, cond, taken)
        for region, lower in zip(regions, (then, orelse), strict=True):
            with region.within(low):
                lower()
        join_regions(low, cond, *regions, origin or low.builder.origin)


def guard(low: Lowerer, status: Operand, lower: Callable[[], None]) -> None:
    """Lower ``if not status: lower()``, where `status` says that a jump was taken."""
    frame = low.here
    cond = negate(low, status)
    with place_of_branch(low, cond) as holds:
        if holds is not None:
            if holds:
                frame.env[JUMPED] = FALSE
                lower()
            return
        before = frame.env
        then, orelse = Region.pair({**before, JUMPED: FALSE}, dict(before))
        assume(low, then.env, cond, True)
        with then.within(low):
            lower()
        for flag in FLAGS:
            now, unset = then.env[flag], flag == JUMPED and is_false(then.env[flag])
            if DEAD not in then.env and (unset or same_operand(now, before[flag])):
                # Nothing jumped in there, so that the flag still says what it said.
                then.env[flag] = before[flag]
            elif same_operand(before[flag], status):
                orelse.env[flag] = TRUE
        join_regions(low, cond, then, orelse, low.builder.origin)


def join_regions(low: Lowerer, cond: Operand, then: Region, orelse: Region, origin: Origin) -> None:
    """Append the `If` of two regions and bind each name to its value after it."""
    frame = low.here
    before = frame.env
    merge = Merge(low, cond, then, orelse)
    if merge.both_dead:
        frame.env = {**before, DEAD: TRUE}
    else:
        _join_names(low, merge)
    results = tuple(merge.results)
    blocks = (
        Block((), tuple(then.statements), tuple(merge.then_results)),
        Block((), tuple(orelse.statements), tuple(merge.else_results)),
    )
    # What may raise is found later; so is the truth of a condition that has none.
    if results or any(block.body for block in blocks) or not has_one_truth(type_of(cond)):
        low.builder.append(If.of(results, cond, *blocks, origin))
    if merge.negated:
        frame.env.update(dict.fromkeys(merge.negated, negate(low, cond)))


def _join_names(low: Lowerer, merge: Merge) -> None:
    frame = low.here
    then, orelse = merge.then.env, merge.orelse.env
    keys = dict.fromkeys((*then, *orelse))
    names = [name for name in keys if name != DEAD and not is_bound_flag(name)]
    # Where both ways have returned nobody reads a name of this function again.
    gone = is_true(then[RETURNED]) and is_true(orelse[RETURNED])
    for name in names:
        if is_cell(name):
            a, b = then.get(name), orelse.get(name)
            if a is not None and b is not None and not same_operand(a, b):
                frame.env[name] = _elsewhere(merge, a, b)
            else:
                frame.env[name] = a or b or UNDEFINED
            continue
        if is_object(name):
            value = merge.object(name)
            if value is None:
                frame.env.pop(name, None)
            else:
                frame.env[name] = value
            continue
        a = then.get(name, UNDEFINED)
        b = orelse.get(name, UNDEFINED)
        if not is_hidden(name):
            if gone:
                continue
            _join_flag(frame, merge, name)
            a = UNDEFINED if is_true(then[RETURNED]) else a
            b = UNDEFINED if is_true(orelse[RETURNED]) else b
        merged = merge.flag(name, a, b) if name in FLAGS else merge.value(name, a, b)
        if is_undefined(merged) and name != VALUE:
            frame.env.pop(name, None)
        else:
            frame.env[name] = merged


def _elsewhere(merge: Merge, a: Operand, b: Operand) -> Operand:
    """Return where an iterator stands that stands elsewhere on each way."""
    if merge.then_dead or merge.else_dead:
        return b if merge.then_dead else a
    return elsewhere(a, b)


def elsewhere(a: Operand, b: Operand) -> Operand:
    """Return where an iterator stands that may stand at either of two items."""
    return a if same_operand(a, b) else conflicting(a, b)


def _join_flag(frame: Frame, merge: Merge, name: str) -> None:
    """Bind the flag that says whether a name has a value after the branch, if it may have none."""
    key = bound_flag(name)
    a, b = (flag_of(region.env, name) for region in (merge.then, merge.orelse))
    flag = a if same_operand(a, b) else merge.flag(key, a, b)
    if is_true(flag) or is_undefined(flag):
        frame.env.pop(key, None)
    else:
        frame.env[key] = flag
