"""Lists as the arrays that NumPy makes of them."""

from __future__ import annotations

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Operand, Pack
from s2s_grad.ir.types import ListOf
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.terms.values import MISSING, static_value

__all__ = ["array_below", "as_array"]


def array_below(low: Lowerer, operand: Operand, depth: int) -> Operand:
    """Return a nested list with an array in place of each list that lies as deep as `depth`.

    Lists of constants stay: NumPy and the rules take them as they are.
    """
    if not isinstance(operand, Pack) or operand.kind not in (tuple, list):
        return operand
    if static_value(operand) is not MISSING:
        return operand
    if depth == 0:
        return low.apply(np.array, operand)
    items = tuple(array_below(low, item, depth - 1) for item in operand.items)
    return operand if items == operand.items else Pack(operand.kind, items)


def as_array(low: Lowerer, operand: Operand) -> Operand:
    """Return a list as the array that NumPy makes of it, where it takes one."""
    if isinstance(type_of(operand), ListOf):
        return low.apply(np.array, operand)
    return array_below(low, operand, 0)
