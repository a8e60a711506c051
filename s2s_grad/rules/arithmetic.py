"""Arithmetic of numbers: the operators of Python and the ufuncs behind them."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.rules.cases import NONZERO, POSITIVE, A, case
from s2s_grad.rules.families import constant, elementwise
from s2s_grad.runtime import divided

elementwise(np.add, holomorphic=True, x1=1, x2=1)
elementwise(np.subtract, holomorphic=True, x1=1, x2=-1)
elementwise(
    np.multiply,
    holomorphic=True,
    x1=lambda x2: x2,
    x2=lambda x1: x1,
    regular=lambda x1, x2: np.isfinite(x1) & np.isfinite(x2),
)
elementwise(
    np.divide,
    holomorphic=True,
    x1=lambda ct, x2: ct / x2,
    x2=lambda ct, x2, result: -ct * result / x2,
    regular=lambda x2: x2 != 0,
    domain=NONZERO,
)
elementwise(
    divided,
    holomorphic=True,
    value=lambda ct, by: divided(ct, by),
    by=lambda ct, by, result: -divided(ct * result, by),
    regular=lambda by: by != 0,
    cases=[case(A(), A(domain=POSITIVE)), case(A(3), 2)],
)
elementwise(np.negative, holomorphic=True, x=-1)
elementwise(np.positive, holomorphic=True, x=1)
elementwise(np.square, holomorphic=True, x=lambda ct, x: 2 * x * ct)
elementwise(
    np.reciprocal,
    holomorphic=True,
    x=lambda ct, result: -ct * result * result,
    regular=lambda x: x != 0,
    domain=NONZERO,
)
elementwise(
    np.sqrt,
    holomorphic=True,
    x=lambda ct, result: 0.5 * ct / result,
    regular=lambda result: result > 0,
    domain=POSITIVE,
)
elementwise(
    np.cbrt,
    x=lambda ct, result: ct / (3 * result * result),
    regular=lambda result: result != 0,
    domain=POSITIVE,
)


def power_by_base(ct: Any, x1: Any, x2: Any) -> Any:
    """d(x**n) = n * x**(n - 1), with the usual exponents written out."""
    if isinstance(x2, (int, float)) and not isinstance(x2, bool):
        if x2 == 0:
            return ct * 0.0
        if x2 == 1:
            return ct
        if x2 == 2:
            return 2 * x1 * ct
        return ct * (x2 * x1 ** (x2 - 1))
    # x**0 has a derivative of zero at 0 too, where 0 * 0**-1 is not a number.
    return ct * (x2 * x1 ** np.where(x2 == 0, 1.0, x2 - 1))


def power_by_exponent(ct: Any, x1: Any, x2: Any, result: Any) -> Any:
    """d(x**y) = x**y * log(x); zero at x = 0, by continuity from y > 0."""
    return ct * result * np.log(np.where((x1 == 0) & (x2 >= 0), 1.0, x1))


_POWERS = [
    case(A(3, 4, domain=POSITIVE), A(4)),
    case(A(), A(2, domain=POSITIVE)),
    case(A(3, 1, domain=POSITIVE), A(1, 4)),
    case(A(3), 2),
    case(A(3), 3),
    case(A(3), 1),
    case(A(3), 0),
    case(A(3, domain=NONZERO), -1),
    case(A(3, domain=POSITIVE), 0.5),
]
_POWERS[1] = case(A(domain=POSITIVE), A(2))


def power_is_regular(x1: Any, x2: Any) -> Any:
    """Return where a power has a derivative by its base."""
    if isinstance(x2, (int, float)) and x2 % 1 != 0:
        return x1 >= 0 if x2 >= 1 else x1 > 0
    return x1 != 0


for _power in (np.power, np.float_power):
    elementwise(
        _power,
        holomorphic=True,
        x1=power_by_base,
        x2=power_by_exponent,
        regular=power_is_regular,
        cases=_POWERS,
    )

elementwise(
    np.remainder,
    x1=1,
    x2=lambda ct, x1, x2: -ct * (x1 // x2),
    regular=lambda x2: x2 != 0,
    domain=[(1.1, 1.4), (0.3, 0.5)],
)
elementwise(
    np.fmod,
    x1=1,
    x2=lambda ct, x1, x2: -ct * np.trunc(x1 / x2),
    regular=lambda x2: x2 != 0,
    domain=[(1.1, 1.4), (0.3, 0.5)],
)
elementwise(
    np.hypot,
    x1=lambda ct, x1, result: ct * x1 / np.where(result == 0, 1.0, result),
    x2=lambda ct, x2, result: ct * x2 / np.where(result == 0, 1.0, result),
    domain=NONZERO,
)

elementwise(np.absolute, x=lambda x: np.sign(x), domain=NONZERO)
elementwise(np.fabs, x=lambda x: np.sign(x), domain=NONZERO)
elementwise(
    np.copysign,
    x1=lambda x1, x2: np.copysign(1.0, x2) * np.sign(x1),
    x2=lambda ct, x1, x2: ct * 0.0,
    domain=NONZERO,
)
elementwise(np.ldexp, x1=lambda ct, x2: np.ldexp(ct, x2), parameters="x1 x2", cases=[case(A(3), 2)])
elementwise(np.conjugate, x=lambda ct: np.conjugate(ct))
elementwise(np.real, val=1, cases=[case(A(3, 4)), case(A())])
elementwise(np.deg2rad, x=np.pi / 180)
elementwise(np.radians, x=np.pi / 180)
elementwise(np.rad2deg, x=180 / np.pi)
elementwise(np.degrees, x=180 / np.pi)


def nan_to_num_back(
    ct: Any, x: Any, copy: Any = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """What was replaced is constant."""
    return np.where(np.isfinite(x), ct, 0.0)


elementwise(
    np.nan_to_num,
    holomorphic=True,
    x=nan_to_num_back,
    masks={"x": lambda x: np.isfinite(x)},
    cases=[case(A(3, 4)), case(A()), case(A(3), nan=1.0)],
)

constant(
    np.sign,
    np.signbit,
    np.floor,
    np.ceil,
    np.trunc,
    np.rint,
    np.round,
    np.fix,
    np.floor_divide,
    np.heaviside,
    np.imag,
    np.less,
    np.less_equal,
    np.greater,
    np.greater_equal,
    np.equal,
    np.not_equal,
    np.logical_and,
    np.logical_or,
    np.logical_xor,
    np.logical_not,
    np.isnan,
    np.isinf,
    np.isfinite,
    np.isclose,
    np.allclose,
    np.array_equal,
    np.bitwise_and,
    np.bitwise_or,
    np.bitwise_xor,
    np.invert,
    np.left_shift,
    np.right_shift,
    np.gcd,
    np.lcm,
    np.spacing,
)
# A step of one rounding error.
elementwise(np.nextafter, x1=1.0, x2=0.0)
