"""Trigonometric and hyperbolic functions and their inverses."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.rules.cases import NONZERO, UNIT
from s2s_grad.rules.families import elementwise

elementwise(np.sin, holomorphic=True, x=lambda x: np.cos(x))
elementwise(np.cos, holomorphic=True, x=lambda x: -np.sin(x))
elementwise(np.tan, holomorphic=True, x=lambda result: 1 + result * result, domain=UNIT)
elementwise(
    np.arcsin,
    holomorphic=True,
    x=lambda ct, x: ct / np.sqrt(1 - x * x),
    regular=lambda x: abs(x) < 1,
    domain=UNIT,
)
elementwise(
    np.arccos,
    holomorphic=True,
    x=lambda ct, x: -ct / np.sqrt(1 - x * x),
    regular=lambda x: abs(x) < 1,
    domain=UNIT,
)
elementwise(np.arctan, holomorphic=True, x=lambda ct, x: ct / (1 + x * x))
elementwise(np.sinh, holomorphic=True, x=lambda x: np.cosh(x))
elementwise(np.cosh, holomorphic=True, x=lambda x: np.sinh(x))
elementwise(np.tanh, holomorphic=True, x=lambda result: 1 - result * result)
elementwise(np.arcsinh, holomorphic=True, x=lambda ct, x: ct / np.sqrt(x * x + 1))
elementwise(
    np.arccosh,
    holomorphic=True,
    x=lambda ct, x: ct / np.sqrt(x * x - 1),
    regular=lambda x: x > 1,
    domain=(1.1, 4.0),
)
elementwise(
    np.arctanh,
    holomorphic=True,
    x=lambda ct, x: ct / (1 - x * x),
    regular=lambda x: abs(x) != 1,
    domain=UNIT,
)


def _over_square(x1: Any, x2: Any) -> Any:
    """x1**2 + x2**2, or 1 at the origin, where the derivative of the angle is taken as zero."""
    square = x1 * x1 + x2 * x2
    return np.where(square == 0, 1.0, square)


elementwise(
    np.arctan2,
    x1=lambda ct, x1, x2: ct * x2 / _over_square(x1, x2),
    x2=lambda ct, x1, x2: -ct * x1 / _over_square(x1, x2),
    domain=NONZERO,
)


def sinc_derivative(x: Any, result: Any) -> Any:
    """(cos(pi x) - sinc(x)) / x, and 0 at 0."""
    return np.where(x == 0, 0.0, (np.cos(np.pi * x) - result) / np.where(x == 0, 1.0, x))


elementwise(np.sinc, holomorphic=True, x=sinc_derivative, domain=NONZERO)
