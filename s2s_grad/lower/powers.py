"""Powers of Python numbers that may be complex: a negative number to a fractional power."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Const, Operand, Var
from s2s_grad.ir.types import Scalar
from s2s_grad.runtime import check_real

if TYPE_CHECKING:
    from s2s_grad.lower.lowerer import Lowerer

__all__ = ["check_power"]

_DEPTH = 12
_NEVER_NEGATIVE: set[Callable[..., Any]] = {
    builtins.abs, builtins.len, np.absolute, np.square, np.exp, np.sqrt, math.exp, math.sqrt,
    math.cosh, math.hypot, math.fabs,
}  # fmt: skip
_KEEP_SIGN: set[Callable[..., Any]] = {np.add, np.multiply, np.divide, builtins.float, builtins.sum}


def check_power(low: Lowerer, result: Operand, base: Operand, exponent: Operand) -> None:
    """Append the check of a power that may be complex, of which derivatives know nothing."""
    kinds = [t.kind if isinstance(t, Scalar) else None for t in map(type_of, (base, exponent))]
    if kinds[0] not in ("int", "float") or kinds[1] != "float":
        return
    whole = isinstance(exponent, Const) and float(exponent.value).is_integer()
    if not whole and not _cannot_be_negative(low, base, _DEPTH):
        low.effect(check_real, result)


def _cannot_be_negative(low: Lowerer, operand: Operand, depth: int) -> bool:
    if isinstance(operand, Const):
        return isinstance(operand.value, (int, float)) and operand.value >= 0
    made = low.made.get(operand) if isinstance(operand, Var) else None
    if made is None or not depth:
        return False
    fn, args = made
    if fn is np.multiply and args[0] is args[1]:
        return True
    if fn is np.power:
        even = isinstance(args[1], Const) and args[1].value % 2 == 0
        return even or _cannot_be_negative(low, args[0], depth - 1)
    every = fn in _KEEP_SIGN and all(_cannot_be_negative(low, arg, depth - 1) for arg in args)
    return fn in _NEVER_NEGATIVE or every
