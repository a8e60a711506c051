"""Compute in front of a loop what is the same in each of its iterations.

Only what cannot fail is moved, since the loop may not run at all, and only what has no place in a
statement of the user's: values that are read more than once, and arrays of the compiler's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Apply, Block, Function, Loop, Operand, Phase, Statement, Var
from s2s_grad.ir.primitives import Raises, primitive
from s2s_grad.ir.rewrite import map_blocks, map_operands, rewrite, substitute, with_block
from s2s_grad.ir.types import Array, Scalar
from s2s_grad.ir.walk import bound_vars, count_uses, free_vars, operands_of, statements_of, vars_of
from s2s_grad.runtime import add_at, set_item

__all__ = ["move_invariants"]


def move_invariants(function: Function) -> Function:
    """Return the program with loop-invariant values computed in front of their loops."""
    counts = count_uses(function.block)
    updated: set[Var] = set()
    for s in statements_of(function.block):
        if isinstance(s, Apply) and s.fn in (set_item, add_at):
            updated.update(vars_of(s.args[0]))
    return with_block(function, _block(function.block, counts, updated))


def _block(block: Block, counts: dict[Var, int], updated: set[Var]) -> Block:
    same: dict[Var, Var] = {}  # lists that hold one and the same value

    def edit(old: Statement) -> Iterable[Statement]:
        s = map_blocks(old, lambda b: _block(b, counts, updated))
        if not isinstance(s, Loop):
            return (s,)
        moved, s = _split(_read_once(s, same), counts, updated)
        same.update(_constant_lists(s))
        return (*moved, s)

    return rewrite(block, edit)


def _split(loop: Loop, counts: dict[Var, int], updated: set[Var]) -> tuple[list[Statement], Loop]:
    own = set(bound_vars(loop.body))
    views = {
        s.result: s
        for s in loop.statements
        if isinstance(s, Apply) and primitive(s.fn).transposes and own.isdisjoint(_reads(s))
    }
    moved: list[Statement] = []
    kept: list[Statement] = []
    for s in loop.statements:
        if isinstance(s, Apply) and _may_move(s, own - views.keys(), counts, updated, loop):
            own.discard(s.result)
            made, s = _with_views(s, views)
            moved += made
            moved.append(replace(s, origin=replace(s.origin, line=loop.origin.line)))
        else:
            kept.append(s)
    if not moved:
        return [], loop
    return moved, replace(loop, statements=tuple(kept))


def _reads(s: Apply) -> list[Var]:
    return [var for operand in operands_of(s) for var in vars_of(operand)]


def _with_views(s: Apply, views: Mapping[Var, Apply]) -> tuple[list[Apply], Apply]:
    """Return a statement that reads copies of the views of what is outside, and these."""
    made = {var: replace(views[var], result=replace(var)) for var in _reads(s) if var in views}
    copied = map_operands(s, lambda var: made[var].result if var in made else var)
    return list(made.values()), copied


def _may_move(
    s: Apply, own: set[Var], counts: dict[Var, int], updated: set[Var], loop: Loop
) -> bool:
    record = primitive(s.fn)
    safe = record.arithmetic and record.raises is Raises.SHAPES
    if not safe or s.kwargs or s.result.hint or s.result in updated:
        return False
    if any(s.result is carry.next for carry in loop.carried):
        return False
    if not own.isdisjoint(_reads(s)):
        return False
    shared = counts.get(s.result, 0) > 1
    t = s.result.type
    array = s.origin.phase is not Phase.PRIMAL and isinstance(t, Array) and t.rank != 0
    return (shared or array) and _cannot_fail(s)


def _cannot_fail(s: Apply) -> bool:
    shapes: set[object] = set()
    for operand in operands_of(s):
        t = type_of(operand)
        if isinstance(t, Array):
            if t.shape is None or t.dtype is None or t.dtype.kind not in "fc":
                return False
            if t.shape:
                shapes.add(t.shape)
        elif not isinstance(t, Scalar):
            return False
    return len(shapes) <= 1


def _constant_lists(loop: Loop) -> dict[Var, Var]:
    """Return the lists that collect a variable from outside of the loop."""
    own = set(bound_vars(loop.body))
    return {
        collect.result: item
        for collect in loop.collected
        if isinstance(item := collect.item, Var) and item not in own
    }


def _read_once(loop: Loop, same: dict[Var, Var]) -> Loop:
    """Read the value itself where a loop runs over a list that holds it again and again."""
    values: dict[Var, Operand] = {}
    for each in loop.each:
        if isinstance(each.sequence, Var) and each.sequence in same:
            values[each.element] = same[each.sequence]
    if not values or not set(values) & set(free_vars(replace(loop.body, params=()))):
        return loop
    return map_blocks(loop, lambda body: substitute(body, values))
