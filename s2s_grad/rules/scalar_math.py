"""The `math` module and Python's own functions, on Python scalars.

The derivatives of `math` functions are `math` functions again. Those do not dispatch on staged
operands, so formulas call them through `dispatching`, which hands the call over.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.rules.cases import NONZERO, POSITIVE, UNIT, A, case
from s2s_grad.rules.families import constant, elementwise, general, linear
from s2s_grad.runtime import dispatching

_sin, _cos, _exp, _log, _sqrt = map(
    dispatching, (math.sin, math.cos, math.exp, math.log, math.sqrt)
)
_sinh, _cosh, _copysign = map(dispatching, (math.sinh, math.cosh, math.copysign))

_LOG2 = math.log(2.0)
_LOG10 = math.log(10.0)
_ONE = [case(A())]


def _scalar(
    primal: Callable[..., Any],
    domain: Any = None,
    regular: Callable[..., Any] | None = None,
    **partials: Any,
) -> None:
    specs = [A(domain=domain) if domain else A() for _ in partials]
    elementwise(primal, cases=[case(*specs)], regular=regular, **partials)


def _not_zero(value: Any) -> Any:
    """Return a divisor, 1 in place of 0."""
    return value + (value == 0)


_scalar(math.sin, x=lambda x: _cos(x))
_scalar(math.cos, x=lambda x: -_sin(x))
_scalar(math.tan, x=lambda result: 1 + result * result, domain=UNIT)
_scalar(math.asin, x=lambda ct, x: ct / _sqrt(1 - x * x), regular=lambda x: abs(x) < 1, domain=UNIT)
_scalar(
    math.acos, x=lambda ct, x: -ct / _sqrt(1 - x * x), regular=lambda x: abs(x) < 1, domain=UNIT
)
_scalar(math.atan, x=lambda ct, x: ct / (1 + x * x))
_scalar(math.sinh, x=lambda x: _cosh(x))
_scalar(math.cosh, x=lambda x: _sinh(x))
_scalar(math.tanh, x=lambda result: 1 - result * result)
_scalar(math.asinh, x=lambda ct, x: ct / _sqrt(x * x + 1))
_scalar(
    math.acosh, x=lambda ct, x: ct / _sqrt(x * x - 1), regular=lambda x: x > 1, domain=(1.1, 4.0)
)
_scalar(math.atanh, x=lambda ct, x: ct / (1 - x * x), regular=lambda x: abs(x) != 1, domain=UNIT)
_scalar(math.exp, x=lambda result: result)
_scalar(math.expm1, x=lambda result: result + 1)
_scalar(math.log2, x=lambda ct, x: ct / (_LOG2 * x), regular=lambda x: x != 0, domain=POSITIVE)
_scalar(math.log10, x=lambda ct, x: ct / (_LOG10 * x), regular=lambda x: x != 0, domain=POSITIVE)
_scalar(math.log1p, x=lambda ct, x: ct / (1 + x), regular=lambda x: x != -1, domain=POSITIVE)
_scalar(
    math.sqrt,
    x=lambda ct, result: 0.5 * ct / result,
    regular=lambda result: result > 0,
    domain=POSITIVE,
)
_scalar(math.fabs, x=lambda x: _copysign(1.0, x), domain=NONZERO)
_scalar(math.radians, x=math.pi / 180)
_scalar(math.degrees, x=180 / math.pi)
_scalar(
    math.atan2,
    y=lambda ct, y, x: ct * x / _not_zero(x * x + y * y),
    x=lambda ct, y, x: -ct * y / _not_zero(x * x + y * y),
    domain=NONZERO,
)
_scalar(
    math.hypot,
    x=lambda ct, x, result: ct * x / _not_zero(result),
    y=lambda ct, y, result: ct * y / _not_zero(result),
    domain=NONZERO,
)
_scalar(
    math.copysign,
    x=lambda x, y: _copysign(1.0, x) * _copysign(1.0, y),
    y=lambda ct, x, y: ct * 0.0,
    domain=NONZERO,
)
_scalar(math.erf, x=lambda x: 2 / math.sqrt(math.pi) * _exp(-x * x))
_scalar(math.erfc, x=lambda x: -2 / math.sqrt(math.pi) * _exp(-x * x))


def math_power_by_base(ct: Any, x: Any, y: Any) -> Any:
    """y x**(y - 1)."""
    if isinstance(y, (int, float)):
        if y == 0:
            return ct * 0.0
        return 2 * x * ct if y == 2 else ct * y * x ** (y - 1)
    return ct * y * x ** (y - 1)


_scalar(
    math.pow,
    x=math_power_by_base,
    y=lambda ct, x, result: ct * result * _log(x),
    regular=lambda x: x != 0,
    domain=POSITIVE,
)
general(
    math.log,
    parameters="x base",
    x=lambda ct, x, base=None: ct / x if base is None else ct / (x * _log(base)),
    pushforward=lambda x, x_dot, base=None: x_dot / x if base is None else x_dot / (x * _log(base)),
    cases=[case(A(domain=POSITIVE)), case(A(domain=POSITIVE), 3.0)],
)

constant(
    math.floor,
    math.ceil,
    math.trunc,
    math.isnan,
    math.isinf,
    math.isfinite,
    math.isclose,
    math.factorial,
    math.comb,
    math.gcd,
    builtins.round,
)

linear(builtins.float, parameters="x", x=lambda ct: ct, cases=_ONE)
elementwise(builtins.abs, x=lambda x: np.sign(x), domain=NONZERO)
