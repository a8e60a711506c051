"""Turn functional updates into updates in place, with a copy where the old buffer is still needed.

An update may overwrite the buffer of its base if the program owns that buffer and nothing that is
live afterwards refers to it. Updates of items always end in place, after a copy if need be; a sum
``x + y`` becomes ``x += y`` only where that costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import (
    Apply,
    Function,
    Loop,
    Statement,
    Var,
)
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.rewrite import rewrite, with_block
from s2s_grad.ir.types import Array
from s2s_grad.ir.walk import blocks_of, results_of, statements_of
from s2s_grad.optimise.conflicts import find_conflict
from s2s_grad.optimise.repairs import repair
from s2s_grad.runtime import add_at, cast_like, set_item

__all__ = ["update_in_place"]

_MOST_REPAIRS = 1000


def update_in_place(function: Function) -> Function:
    """Return the program with updates marked in place, and the copies that this needs."""
    function = _order_sums(_replace_scalars(function))
    updates = [s for s in statements_of(function.block) if isinstance(s, Apply)]
    needed = {s.result for s in updates if s.fn in (set_item, add_at)}
    wished = _wished(function, updates)
    if not needed and not wished:
        return function
    moved: set[Var] = set()
    for _ in range(_MOST_REPAIRS):
        conflict = find_conflict(function, needed, set())
        if conflict is None:
            return _mark(function, needed | _grant(function, needed, wished))
        function = repair(function, conflict, moved)
    raise AssertionError("copies do not end")


def _replace_scalars(function: Function) -> Function:
    """Write updates of arrays of rank 0 as values: there is no part that could be updated."""

    def edit(s: Statement) -> Iterable[Statement] | None:
        if not isinstance(s, Apply) or s.fn not in (set_item, add_at):
            return None
        array, _, value = s.args
        t = type_of(array)
        if not (isinstance(t, Array) and t.shape == ()):
            return None
        fn = cast_like if s.fn is set_item else np.add
        args = (value, array) if s.fn is set_item else (array, value)
        return (replace(s, fn=fn, args=args, origin=replace(s.origin, expression=None)),)

    return with_block(function, rewrite(function.block, edit))


def _grant(function: Function, needed: set[Var], wished: set[Var]) -> set[Var]:
    """Return the optional updates that can be had without a copy."""
    while wished:
        conflict = find_conflict(function, needed | wished, wished)
        if conflict is None:
            break
        given_up = conflict.culprits or _inside(conflict.statement) & wished or wished
        wished = wished - given_up
    return wished


def _inside(statement: Statement) -> set[Var]:
    return {
        var for block in blocks_of(statement) for s in statements_of(block) for var in results_of(s)
    }


def _wished(function: Function, updates: list[Apply]) -> set[Var]:
    """Return the sums that accumulate: onto a carried value, a loop's result or an update."""
    bases: set[Var] = set()
    for s in statements_of(function.block):
        if isinstance(s, Loop):
            bases.update(var for c in s.carried for var in (c.parameter, c.result))
        elif isinstance(s, Apply) and s.fn in (set_item, add_at, np.zeros_like):
            bases.add(s.result)
    wished: set[Var] = set()
    for s in updates:
        if primitive(s.fn).sums and s.args[0] in bases and _same_array(s):
            wished.add(s.result)
            bases.add(s.result)
    return wished


def _order_sums(function: Function) -> Function:
    """Write ``t + x`` as ``x + t`` where x is carried by the loop around it."""

    carried = {
        carry.parameter
        for s in statements_of(function.block)
        if isinstance(s, Loop)
        for carry in s.carried
    }

    def edit(s: Statement) -> Iterable[Statement] | None:
        if isinstance(s, Apply) and s.fn is np.add and len(s.args) == 2:
            first, second = s.args
            if second in carried and first not in carried:
                return (replace(s, args=(second, first)),)
        return None

    return with_block(function, rewrite(function.block, edit))


def _same_array(statement: Apply) -> bool:
    """Return whether a sum has the dtype and shape of its first operand, an array."""
    first = statement.args[0]
    t = first.type if isinstance(first, Var) else None
    r = statement.result.type
    if statement.origin.phase.value == "primal":
        return False
    return (
        isinstance(t, Array)
        and isinstance(r, Array)
        and t.shape not in (None, ())
        and t.dtype is not None
        and t == r
    )


def _mark(function: Function, marked: set[Var]) -> Function:
    def edit(s: Statement) -> Iterable[Statement] | None:
        chosen = isinstance(s, Apply) and s.result in marked
        return (replace(s, inplace=True),) if chosen else None

    return with_block(function, rewrite(function.block, edit))
