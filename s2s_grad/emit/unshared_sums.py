"""Sums that may be printed as ``x += y`` since nobody else refers to the array in `x`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from s2s_grad.ir.nodes import Apply, Function, Operand, Phase, Var
from s2s_grad.ir.types import Array
from s2s_grad.ir.walk import blocks_in, count_uses

__all__ = ["find_private"]


def find_private(function: Function, folded: Mapping[Var, object]) -> dict[Var, Operand]:
    """Return the operand that a sum of the compiler's may overwrite, by the sum's result.

    It is an array that was computed in the same block and is read by the sum alone.
    """
    counts = count_uses(function.block)
    found: dict[Var, Operand] = {}

    made: dict[Operand, Apply] = {}
    for block in blocks_in(function.block):
        made.clear()
        for s in block.body:
            if isinstance(s, Apply) and s.result not in folded:
                for arg in reversed(s.args) if _is_sum(s) else ():
                    if _is_own(arg, s, made, counts):
                        found[s.result] = arg
                made[s.result] = s
    return found


def _is_sum(s: Apply) -> bool:
    ours = s.origin.phase is not Phase.PRIMAL
    return s.fn in (np.add, np.subtract) and ours and not s.inplace and not s.kwargs


def _is_own(
    operand: Operand, s: Apply, made: Mapping[Operand, Apply], counts: Mapping[Var, int]
) -> bool:
    definition = made.get(operand)
    if definition is None or definition.inplace:
        return False
    if not isinstance(definition.fn, np.ufunc) and definition.fn not in (np.where, np.outer):
        return False
    t = definition.result.type
    known = isinstance(t, Array) and t.dtype is not None and t.shape not in (None, ())
    return known and t == s.result.type and counts.get(definition.result, 0) == 1
