"""Linear algebra: formulas after M. Giles, "Collected matrix derivative results" (2008)."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.rules.cases import A, case
from s2s_grad.rules.diagonals import np_eye
from s2s_grad.rules.families import general
from s2s_grad.runtime import sum_to

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


def _solve(a: Any, b: Any, vector: bool) -> Any:
    """Solve for matrices, or for a vector in each place of a stack."""
    if not vector or np.ndim(a) == 2 == np.ndim(b) + 1:
        return np.linalg.solve(a, b)
    return np.linalg.solve(a, b[..., None])[..., 0]


def solve_pullback_a(ct: Any, a: Any, a_shape: Any, b_shape: Any, result: Any) -> Any:
    """-b_bar x.T, where b_bar solves a.T b_bar = ct."""
    vector = len(b_shape) == 1
    b_bar = _solve(_mT(a), ct, vector)
    if vector and np.ndim(a) == 2:
        return -np.outer(b_bar, result)
    if vector:
        return -np.expand_dims(b_bar, -1) * np.expand_dims(result, -2)
    return sum_to(-b_bar @ _mT(result), a_shape)


def solve_pullback_b(ct: Any, a: Any, b_shape: Any) -> Any:
    """The solution of a.T b_bar = ct."""
    return sum_to(_solve(_mT(a), ct, len(b_shape) == 1), b_shape)


def solve_pushforward(a: Any, result: Any, a_dot: Any, b_dot: Any) -> Any:
    """The solution of a x_dot = b_dot - a_dot x."""
    vector = np.ndim(b_dot) == 1
    if vector and np.ndim(a) > 2:
        moved = (a_dot @ result[..., None])[..., 0]
        return _solve(a, b_dot - moved, vector)
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
        case(A(2, 3, 3, kind="regular"), A(3)),
        case(REGULAR, A(2, 3, 2)),
        case(A(2, 3, 3, kind="regular"), A(3, 2)),
        case(A(2, 1, 3, 3, kind="regular"), A(4, 3, 2)),
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
