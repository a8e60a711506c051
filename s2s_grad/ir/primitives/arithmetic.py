"""Arithmetic, comparisons and elementary functions, of arrays and of Python numbers."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from s2s_grad.ir.operators import Operator
from s2s_grad.ir.primitives.record import (
    ELEMENTWISE,
    GENERAL_UFUNC,
    Cost,
    Memory,
    Primitive,
    Raises,
    Sign,
    describe,
)

_python: Any = operator  # typed by hand: the stubs of `operator` leave operands without a type


def _infix(symbol: str, precedence: int, dunder: str, node: str) -> Operator:
    """Return an operator of arithmetic, which its second operand may define, too."""
    function = getattr(_python, dunder if dunder not in ("and", "or") else f"{dunder}_")
    return Operator(symbol, function, precedence, node, dunder, f"r{dunder}")


def _prefix(symbol: str, function: Callable[..., Any], dunder: str, node: str) -> Operator:
    return Operator(symbol, function, 11, node, dunder)


_CHEAP = replace(ELEMENTWISE, cost=Cost.CHEAP)
_RING = replace(_CHEAP, arithmetic=True, keeps_infinity=True)
_QUOTIENT = replace(_CHEAP, raises=Raises.DIVISION)
describe(
    replace(
        _RING,
        sums=True,
        commutes=True,
        sign=Sign.KEPT,
        infix=_infix("+", 9, "add", "Add"),
        reduced=np.sum,
        accumulated=np.cumsum,
    ),
    np.add,
)
describe(replace(_RING, sums=True, infix=_infix("-", 9, "sub", "Subtract")), np.subtract)
describe(
    replace(
        _RING,
        multiplies=True,
        commutes=True,
        sign=Sign.KEPT,
        infix=_infix("*", 10, "mul", "Multiply"),
        reduced=np.prod,
        accumulated=np.cumprod,
    ),
    np.multiply,
)
describe(
    replace(_QUOTIENT, has_pole=True, sign=Sign.KEPT, infix=_infix("/", 10, "truediv", "Divide")),
    np.divide,
)
describe(
    replace(_QUOTIENT, arithmetic=True, infix=_infix("//", 10, "floordiv", "FloorDivide")),
    np.floor_divide,
)
describe(replace(_QUOTIENT, infix=_infix("%", 10, "mod", "Modulo")), np.remainder)
describe(
    replace(_CHEAP, raises=Raises.POWER, has_pole=True, infix=_infix("**", 12, "pow", "Power")),
    np.power,
)
describe(
    replace(GENERAL_UFUNC, multiplies=True, infix=_infix("@", 10, "matmul", "MatrixMultiply")),
    np.matmul,
)
describe(replace(_RING, prefix=_prefix("-", operator.neg, "neg", "Minus")), np.negative)
describe(
    replace(ELEMENTWISE, prefix=_prefix("+", operator.pos, "pos", "Plus")),
    np.positive,
)
_MAGNITUDE = replace(_CHEAP, keeps_infinity=True, sign=Sign.NOT_NEGATIVE)
describe(replace(_MAGNITUDE, dunder="abs", name="abs"), np.absolute)
describe(_MAGNITUDE, np.square)
describe(replace(ELEMENTWISE, name="conj"), np.conjugate)

# ------------------------------------------------------------------ bits and truth

describe(replace(ELEMENTWISE, infix=_infix("|", 5, "or", "BitOr")), np.bitwise_or)
describe(replace(ELEMENTWISE, infix=_infix("^", 6, "xor", "BitXor")), np.bitwise_xor)
describe(replace(ELEMENTWISE, infix=_infix("&", 7, "and", "BitAnd")), np.bitwise_and)
_SHIFT = replace(ELEMENTWISE, raises=Raises.SHIFT)
describe(replace(_SHIFT, infix=_infix("<<", 8, "lshift", "LeftShift")), np.left_shift)
describe(replace(_SHIFT, infix=_infix(">>", 8, "rshift", "RightShift")), np.right_shift)
describe(
    replace(ELEMENTWISE, prefix=_prefix("~", operator.invert, "invert", "BitInvert")),
    np.invert,
)
describe(replace(ELEMENTWISE, reduced=np.all), np.logical_and)
describe(replace(ELEMENTWISE, reduced=np.any), np.logical_or)

# ------------------------------------------------------------------ comparisons


def _comparison(symbol: str, dunder: str, reflected: str, node: str) -> Primitive:
    spelled = Operator(symbol, getattr(_python, dunder), 4, node, dunder, reflected)
    return replace(_CHEAP, compares=True, infix=spelled)


describe(_comparison("<", "lt", "gt", "LessThan"), np.less)
describe(_comparison("<=", "le", "ge", "LessThanEqual"), np.less_equal)
describe(_comparison(">", "gt", "lt", "GreaterThan"), np.greater)
describe(_comparison(">=", "ge", "le", "GreaterThanEqual"), np.greater_equal)
describe(_comparison("==", "eq", "eq", "Equal"), np.equal)
describe(_comparison("!=", "ne", "ne", "NotEqual"), np.not_equal)
describe(_CHEAP, np.isnan, np.isfinite, np.isinf, np.logical_not)

# ------------------------------------------------------------------ elementary functions

_EXTREME = replace(ELEMENTWISE, selects=True, puts_together=True)
describe(replace(_EXTREME, sign=Sign.KEPT, reduced=np.max), np.maximum)
describe(replace(_EXTREME, reduced=np.min), np.minimum)
describe(_EXTREME, np.fmax, np.fmin)
describe(replace(ELEMENTWISE, sign=Sign.POSITIVE), np.exp, np.exp2, np.cosh)
describe(replace(ELEMENTWISE, keeps_infinity=True, sign=Sign.NOT_NEGATIVE), np.sqrt)
describe(replace(ELEMENTWISE, sign=Sign.NOT_NEGATIVE), np.hypot)
describe(
    replace(ELEMENTWISE, has_pole=True),
    np.reciprocal,
    np.float_power,
    np.log,
    np.log2,
    np.log10,
    np.log1p,
    np.arctanh,
)

# ------------------------------------------------------------------ of Python numbers

_NUMBER = Primitive(memory=Memory.NEW, raises=Raises.VALUES)
describe(
    replace(_NUMBER, raises=Raises.NEVER),
    math.atan,
    math.atan2,
    math.tanh,
    math.asinh,
    math.erf,
    math.erfc,
    math.copysign,
    math.degrees,
    math.radians,
)
describe(
    replace(_NUMBER, raises=Raises.NEVER, number="bool"),
    math.isnan,
    math.isinf,
    math.isfinite,
    math.isclose,
)
_WHOLE = replace(_NUMBER, number="int")
describe(_WHOLE, math.floor, math.ceil, math.trunc, math.isqrt, math.factorial)
describe(_WHOLE, math.gcd, math.lcm, math.comb, math.perm)
describe(
    replace(_NUMBER, raises=Raises.NEVER, sign=Sign.NOT_NEGATIVE),
    math.fabs,
    math.hypot,
)
describe(replace(_NUMBER, sign=Sign.NOT_NEGATIVE), math.sqrt)
describe(replace(_NUMBER, sign=Sign.POSITIVE), math.exp)
describe(replace(_NUMBER, raises_again=True), math.sin, math.cos, math.tan, math.sinh)
describe(replace(_NUMBER, raises_again=True, sign=Sign.POSITIVE), math.cosh)
