"""Linear algebra: formulas after M. Giles, "Collected matrix derivative results" (2008)."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.errors import UnsupportedOption
from s2s_grad.rules.cases import A, case
from s2s_grad.rules.contractions import np_eye
from s2s_grad.rules.families import general
from s2s_grad.rules.reductions import expand

REGULAR = A(3, 3, kind="regular")


def _mT(a: Any) -> Any:
    return np.transpose(a) if np.ndim(a) == 2 else np.matrix_transpose(a)


def inv_pullback(ct: Any, result: Any) -> Any:
    """-X.T ct X.T of the inverse X."""
    return -_mT(result) @ ct @ _mT(result)


def inv_pushforward(result: Any, a_dot: Any) -> Any:
    """-X a_dot X of the inverse X."""
    return -result @ a_dot @ result


_SQUARES = [case(REGULAR), case(A(2, 3, 3, kind="regular"))]
general(np.linalg.inv, parameters="a", a=inv_pullback, pushforward=inv_pushforward, cases=_SQUARES)


def det_pullback(ct: Any, a: Any, result: Any) -> Any:
    """det(a) inv(a).T."""
    if np.ndim(a) == 2:
        return ct * result * np.transpose(np.linalg.inv(a))
    return np.expand_dims(ct * result, (-2, -1)) * np.matrix_transpose(np.linalg.inv(a))


def det_pushforward(a: Any, a_dot: Any, result: Any) -> Any:
    """det(a) trace(inv(a) a_dot)."""
    return result * np.sum(_mT(np.linalg.inv(a)) * a_dot, axis=(-2, -1))


general(np.linalg.det, parameters="a", a=det_pullback, pushforward=det_pushforward, cases=_SQUARES)


def slogdet_pullback(ct: Any, a: Any) -> Any:
    """inv(a).T times the cotangent of the logarithm; the sign is constant."""
    logdet = ct[1]
    if np.ndim(a) == 2:
        return logdet * np.transpose(np.linalg.inv(a))
    return np.expand_dims(logdet, (-2, -1)) * np.matrix_transpose(np.linalg.inv(a))


def slogdet_pushforward(a: Any, a_dot: Any) -> Any:
    """(0, trace(inv(a) a_dot))."""
    total = np.sum(_mT(np.linalg.inv(a)) * a_dot, axis=(-2, -1))
    return (total * 0.0, total)


general(
    np.linalg.slogdet,
    parameters="a",
    a=slogdet_pullback,
    pushforward=slogdet_pushforward,
    cases=_SQUARES,
)


def solve_pullback_a(ct: Any, a: Any, b_shape: Any, result: Any) -> Any:
    """-b_bar x.T, where b_bar solves a.T b_bar = ct."""
    b_bar = np.linalg.solve(_mT(a), ct)
    if len(b_shape) == 1:
        if np.ndim(a) == 2:
            return -np.outer(b_bar, result)
        return -np.expand_dims(b_bar, -1) * np.expand_dims(result, -2)
    return -b_bar @ _mT(result)


def solve_pullback_b(ct: Any, a: Any) -> Any:
    """The solution of a.T b_bar = ct."""
    return np.linalg.solve(_mT(a), ct)


def solve_pushforward(a: Any, result: Any, a_dot: Any, b_dot: Any) -> Any:
    """The solution of a x_dot = b_dot - a_dot x."""
    return np.linalg.solve(a, b_dot - a_dot @ result)


general(
    np.linalg.solve,
    parameters="a b",
    a=solve_pullback_a,
    b=solve_pullback_b,
    pushforward=solve_pushforward,
    cases=[
        case(REGULAR, A(3)),
        case(REGULAR, A(3, 2)),
        case(A(2, 3, 3, kind="regular"), A(2, 3, 2)),
    ],
)


def _half_lower(a: Any) -> Any:
    """The lower triangle with half of the diagonal."""
    return np.tril(a) - 0.5 * a * np_eye(np.shape(a)[-1], dtype=bool)


def cholesky_pullback(ct: Any, result: Any) -> Any:
    """L^-T half_lower(L.T ct) L^-1, made symmetric (Murray 2016, section 3.1)."""
    inner = _half_lower(_mT(result) @ ct)
    left = np.linalg.solve(_mT(result), inner)
    whole = _mT(np.linalg.solve(_mT(result), _mT(left)))
    return 0.5 * (whole + _mT(whole))


def cholesky_pushforward(result: Any, a_dot: Any) -> Any:
    """L half_lower(L^-1 a_dot L^-T)."""
    left = np.linalg.solve(result, a_dot)
    inner = _mT(np.linalg.solve(result, _mT(left)))
    return result @ _half_lower(inner)


general(
    np.linalg.cholesky,
    parameters="a",
    a=cholesky_pullback,
    pushforward=cholesky_pushforward,
    cases=[case(A(3, 3, kind="positive-definite"))],
)


# ------------------------------------------------------------------------------------------ norm


def norm_direction(
    x: Any,
    result: Any,
    ord: Any = None,
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    """Return the derivative of the norm by each item; zero where the norm is zero."""
    matrix = (axis is None and np.ndim(x) == 2) or (isinstance(axis, tuple) and len(axis) == 2)
    size = expand(result, axis, keepdims)
    if ord is None or ord == "fro" or (ord == 2 and not matrix):
        return x / np.where(size == 0, 1.0, size)
    if matrix:
        raise UnsupportedOption(
            f"the derivative of the matrix norm with ord={ord!r} is not known",
            "use the Frobenius norm, or write the norm with other functions",
        )
    if ord == 1:
        return np.sign(x)
    if isinstance(ord, (int, float)) and np.isinf(ord):
        winners = np.where(np.abs(x) == size, np.ones_like(x), 0.0)
        return np.sign(x) * winners / np.sum(winners, axis=axis, keepdims=True)
    if ord == 0:
        return x * 0.0
    safe = np.where(size == 0, 1.0, size)
    relative = np.abs(x) / safe
    if ord < 1:  # a negative power of zero
        relative = np.where(x == 0, 1.0, relative)
    return np.sign(x) * relative ** (ord - 1)


def norm_pullback(
    ct: Any,
    x: Any,
    result: Any,
    ord: Any = None,
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    """The cotangent times the direction of steepest growth."""
    direction = norm_direction(x, result, ord, axis, keepdims)
    return expand(ct, axis, keepdims) * direction


def norm_pushforward(
    x: Any,
    x_dot: Any,
    result: Any,
    ord: Any = None,
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    """The tangent along the direction of steepest growth."""
    direction = norm_direction(x, result, ord, axis, keepdims)
    return np.sum(direction * x_dot, axis=axis, keepdims=keepdims)


general(
    np.linalg.norm,
    parameters="x ord axis keepdims",
    x=norm_pullback,
    pushforward=norm_pushforward,
    cases=[
        case(A(3)),
        case(A(2, 3)),
        case(A(2, 3), axis=1),
        case(A(2, 3), axis=0, keepdims=True),
        case(A(3), 1),
        case(A(3), 3),
        case(A(4, kind="distinct", domain=(-1.5, 2.0)), np.inf),
        case(A(2, 3), "fro"),
        case(A(2, 3, 2), axis=(0, 2)),
    ],
)
