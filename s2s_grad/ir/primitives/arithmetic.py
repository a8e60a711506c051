"""Arithmetic, comparisons and elementary functions, of arrays and of Python numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from s2s_grad.ir.primitives.record import (
    ELEMENTWISE,
    Cost,
    Memory,
    Primitive,
    Raises,
    Sign,
    describe,
)

_CHEAP = replace(ELEMENTWISE, cost=Cost.CHEAP)
_RING = replace(_CHEAP, arithmetic=True, keeps_infinity=True)
describe(replace(_RING, sums=True, commutes=True, sign=Sign.KEPT), np.add)
describe(replace(_RING, sums=True), np.subtract)
describe(replace(_RING, commutes=True, sign=Sign.KEPT), np.multiply)
describe(_RING, np.negative)
describe(replace(_CHEAP, raises=Raises.DIVISION, has_pole=True, sign=Sign.KEPT), np.divide)
describe(replace(_CHEAP, raises=Raises.DIVISION, arithmetic=True), np.floor_divide)
describe(replace(_CHEAP, raises=Raises.DIVISION), np.remainder)
describe(replace(_CHEAP, raises=Raises.POWER, has_pole=True), np.power)
describe(
    replace(_CHEAP, keeps_infinity=True, sign=Sign.NOT_NEGATIVE),
    np.absolute,
    np.square,
)
describe(
    replace(_CHEAP, compares=True),
    np.less,
    np.less_equal,
    np.greater,
    np.greater_equal,
    np.equal,
    np.not_equal,
)
describe(replace(ELEMENTWISE, selects=True), np.minimum, np.fmax, np.fmin)
describe(replace(ELEMENTWISE, selects=True, sign=Sign.KEPT), np.maximum)
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
    math.isnan,
    math.isinf,
    math.isfinite,
    math.isclose,
)
describe(
    replace(_NUMBER, raises=Raises.NEVER, sign=Sign.NOT_NEGATIVE),
    math.fabs,
    math.hypot,
)
describe(replace(_NUMBER, sign=Sign.NOT_NEGATIVE), math.sqrt)
describe(replace(_NUMBER, sign=Sign.POSITIVE), math.exp)
describe(replace(_NUMBER, raises_again=True), math.sin, math.cos, math.tan, math.sinh)
describe(replace(_NUMBER, raises_again=True, sign=Sign.POSITIVE), math.cosh)
