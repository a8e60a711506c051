"""Complex numbers: which formulas hold for them, and the functions that have others.

The cotangent of a complex value z is the g with dL = Re(sum(g * dz)). With it the formula of a
holomorphic function is the one that holds for real numbers, and so is that of a map that is linear
over the complex numbers. It is the conjugate of the direction of steepest ascent, in which
gradients are given and taken; see Kreutz-Delgado, "The complex gradient operator and the
CR-calculus" (2009), for both.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import elementwise, general_rule
from s2s_grad.rules.norms import norm_direction, norm_pullback, vector_norm_pullback
from s2s_grad.rules.reductions import std_pullback, std_pushforward, var_pullback, var_pushforward
from s2s_grad.rules.rule import COMPLEX_RULES
from s2s_grad.rules.signals import correlate_transpose_a, correlate_transpose_v


def _declare(primal: Callable[..., Any], **options: Any) -> None:
    COMPLEX_RULES[primal] = general_rule(primal, **options)


elementwise(builtins.complex, holomorphic=True, real=1, imag=1j, cases=[case(A(), A())])

# ------------------------------------------------------------------------------ parts of a number


for _absolute in (np.absolute, builtins.abs):
    _declare(
        _absolute,
        parameters="x",
        x=lambda ct, x: ct * np.conjugate(np.sign(x)),
        pushforward=lambda x, x_dot: np.real(np.conjugate(np.sign(x)) * x_dot),
        cases=[case(A(3)), case(A(2, 3))] if _absolute is np.absolute else [case(A())],
    )
_declare(
    np.real,
    parameters="val",
    val=lambda ct: ct,
    pushforward=lambda val_dot: np.real(val_dot),
    cases=[case(A(3)), case(A())],
)
_declare(
    np.imag,
    parameters="val",
    val=lambda ct: ct * -1j,
    pushforward=lambda val_dot: np.imag(val_dot),
    cases=[case(A(3)), case(A())],
)
_declare(
    np.conjugate,
    parameters="x",
    x=lambda ct: np.conjugate(ct),
    pushforward=lambda x_dot: np.conjugate(x_dot),
    cases=[case(A(3)), case(A())],
)


def _nonzero(size: Any) -> Any:
    return np.where(size == 0, 1.0, size)


def sign_pullback(ct: Any, x: Any, result: Any) -> Any:
    """The part of the change across the direction of z, over its length; zero at zero."""
    return (ct - np.real(ct * result) * np.conjugate(result)) / _nonzero(np.abs(x))


def sign_pushforward(x: Any, x_dot: Any, result: Any) -> Any:
    """The part of the change across the direction of z, over its length; zero at zero."""
    return (x_dot - np.real(np.conjugate(result) * x_dot) * result) / _nonzero(np.abs(x))


_declare(np.sign, parameters="x", x=sign_pullback, pushforward=sign_pushforward, cases=[case(A(3))])


def angle_pullback(ct: Any, z: Any, deg: Any = False) -> Any:
    """The imaginary part of dz / z."""
    return (-180j / np.pi if deg else -1j) * ct / _nonzero(z)


def angle_pushforward(z: Any, z_dot: Any, deg: Any = False) -> Any:
    """The imaginary part of dz / z."""
    turned = np.imag(z_dot / _nonzero(z))
    return turned * (180 / np.pi) if deg else turned


_declare(
    np.angle,
    parameters="z deg",
    z=angle_pullback,
    pushforward=angle_pushforward,
    cases=[case(A(3)), case(A(2), True)],
)


# ------------------------------------------------------------------- lengths and inner products

_declare(
    np.vdot,
    parameters="a b",
    a=lambda ct, b, a_shape: np.conjugate(ct * np.reshape(b, a_shape)),
    b=lambda ct, a, b_shape: ct * np.conjugate(np.reshape(a, b_shape)),
    pushforward=lambda a, b, a_dot, b_dot: np.vdot(a_dot, b) + np.vdot(a, b_dot),
    cases=[case(A(3), A(3)), case(A(2, 3), A(2, 3))],
)


def correlate_pushforward(a: Any, v: Any, a_dot: Any, v_dot: Any, mode: Any = "valid") -> Any:
    """Linear in the one, conjugate-linear in the other."""
    return np.correlate(a_dot, v, mode) + np.correlate(a, v_dot, mode)


_declare(
    np.correlate,
    parameters="a v mode",
    a=lambda ct, v, a_shape, v_shape, mode="valid": correlate_transpose_a(
        ct, np.conjugate(v), a_shape, v_shape, mode
    ),
    v=lambda ct, a, a_shape, v_shape, mode="valid": np.conjugate(
        correlate_transpose_v(ct, a, a_shape, v_shape, mode)
    ),
    pushforward=correlate_pushforward,
    cases=[case(A(5), A(3), "full"), case(A(3), A(5)), case(A(6), A(4), "same")],
)


# The derivative of a length by z is that of real numbers with conj(z) in the place of z.


def norm_pushforward(
    x: Any, x_dot: Any, result: Any, ord: Any = None, axis: Any = None, keepdims: bool = False
) -> Any:
    """The tangent along the direction of steepest growth."""
    direction = norm_direction(np.conjugate(x), result, ord, axis, keepdims)
    return np.sum(np.real(direction * x_dot), axis=axis, keepdims=keepdims)


_declare(
    np.linalg.norm,
    parameters="x ord axis keepdims",
    x=lambda ct, x, result, ord=None, axis=None, keepdims=False: norm_pullback(
        ct, np.conjugate(x), result, ord, axis, keepdims
    ),
    pushforward=norm_pushforward,
    cases=[
        case(A(3)),
        case(A(2, 3)),
        case(A(2, 3), axis=1),
        case(A(2, 3), axis=0, keepdims=True),
        case(A(3), 1),
        case(A(3), 3),
        case(A(3), np.inf),
        case(A(2, 3), 1),
    ],
)


def vector_norm_pushforward(
    x: Any, x_dot: Any, result: Any, axis: Any = None, keepdims: bool = False, ord: Any = 2
) -> Any:
    """The tangent along the direction of steepest growth."""
    ones = np.ones_like(result)
    direction = vector_norm_pullback(ones, np.conjugate(x), result, axis, keepdims, ord)
    return np.sum(np.real(direction * x_dot), axis=axis, keepdims=keepdims)


_declare(
    np.linalg.vector_norm,
    parameters="x",
    x=lambda ct, x, result, axis=None, keepdims=False, ord=2: vector_norm_pullback(
        ct, np.conjugate(x), result, axis, keepdims, ord
    ),
    pushforward=vector_norm_pushforward,
    cases=[case(A(3)), case(A(2, 3), axis=1, ord=3), case(A(2, 3), axis=0, keepdims=True, ord=1)],
)

_SPREADS = [case(A(4)), case(A(2, 3), axis=1), case(A(2, 3), axis=0, ddof=1, keepdims=True)]
_declare(
    np.var,
    a=lambda ct, a, a_size, a_shape, axis=None, ddof=0, keepdims=False: var_pullback(
        ct, np.conjugate(a), a_size, a_shape, axis, ddof, keepdims
    ),
    pushforward=lambda a, a_dot, a_size, a_shape, axis=None, ddof=0, keepdims=False: np.real(
        var_pushforward(np.conjugate(a), a_dot, a_size, a_shape, axis, ddof, keepdims)
    ),
    cases=_SPREADS,
)
_declare(
    np.std,
    a=lambda ct, a, a_size, a_shape, result, axis=None, ddof=0, keepdims=False: std_pullback(
        ct, np.conjugate(a), a_size, a_shape, result, axis, ddof, keepdims
    ),
    pushforward=lambda a, a_dot, a_size, a_shape, result, axis=None, ddof=0, keepdims=False: (
        np.real(
            std_pushforward(np.conjugate(a), a_dot, a_size, a_shape, result, axis, ddof, keepdims)
        )
    ),
    cases=_SPREADS,
)


def slogdet_pullback(ct: Any, a: Any, result: Any) -> Any:
    """inv(a).T times the cotangent of the logarithm of det(a) = sign * exp(logdet)."""
    turn, growth = ct[0] * result[0], ct[1]
    return np.expand_dims(growth - 1j * np.real(1j * turn), (-2, -1)) * np.matrix_transpose(
        np.linalg.inv(a)
    )


def slogdet_pushforward(a: Any, a_dot: Any, result: Any) -> Any:
    """The change of the angle and of the logarithm of the length: trace(inv(a) a_dot)."""
    change = np.sum(np.matrix_transpose(np.linalg.inv(a)) * a_dot, axis=(-2, -1))
    return (1j * result[0] * np.imag(change), np.real(change))


_declare(
    np.linalg.slogdet,
    parameters="a",
    a=slogdet_pullback,
    pushforward=slogdet_pushforward,
    cases=[case(A(3, 3, kind="regular")), case(A(2, 3, 3, kind="regular"))],
)
