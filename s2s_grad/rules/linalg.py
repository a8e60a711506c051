"""Linear algebra: formulas after M. Giles, "Collected matrix derivative results" (2008)."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.rules.cases import A, case
from s2s_grad.rules.diagonals import np_eye
from s2s_grad.rules.families import general
from s2s_grad.runtime import cofactor_change, cofactors, log_det_slopes, sum_to

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
general(
    np.linalg.inv,
    holomorphic=True,
    parameters="a",
    a=inv_pullback,
    pushforward=inv_pushforward,
    cases=_SQUARES,
)


general(
    cofactors,
    holomorphic=True,
    parameters="a",
    a=lambda ct, a: cofactor_change(a, ct),
    pushforward=lambda a, a_dot: cofactor_change(a, a_dot),
    cases=_SQUARES,
)


def cofactor_change_by_matrix(ct: Any, a: Any, change: Any) -> Any:
    """The third derivative of the determinant in two directions, for a regular matrix."""
    inverse = np.linalg.inv(a)
    one, two = inverse @ ct, inverse @ change
    trace_one, trace_two = _trace(one), _trace(two)
    both = one @ two + two @ one
    whole = trace_one * trace_two - 0.5 * _trace(both)
    inner = whole * inverse - (trace_one * two + trace_two * one - both) @ inverse
    return np.expand_dims(np.linalg.det(a), (-2, -1)) * _mT(inner)


def _trace(a: Any) -> Any:
    return np.expand_dims(np.trace(a, 0, -2, -1), (-2, -1))


general(
    cofactor_change,
    holomorphic=True,
    parameters="a change",
    a=cofactor_change_by_matrix,
    change=lambda ct, a: cofactor_change(a, ct),
    pushforward=lambda a, change, a_dot, change_dot: (
        cofactor_change(a, change_dot) + cofactor_change_by_matrix(a_dot, a, change)
    ),
    cases=[
        case(REGULAR, A(3, 3)),
        case(A(2, 3, 3, kind="regular"), A(2, 3, 3)),
    ],
)


def det_pullback(ct: Any, a: Any) -> Any:
    """The cofactors: det(a) inv(a).T, which exist for a singular matrix, too."""
    return (ct if np.ndim(a) == 2 else np.expand_dims(ct, (-2, -1))) * cofactors(a)


def det_pushforward(a: Any, a_dot: Any) -> Any:
    """<cofactors, a_dot>."""
    return np.sum(cofactors(a) * a_dot, axis=(-2, -1))


general(
    np.linalg.det,
    holomorphic=True,
    parameters="a",
    a=det_pullback,
    pushforward=det_pushforward,
    cases=_SQUARES,
)


def log_det_slopes_pullback(ct: Any, result: Any) -> Any:
    """-X ct.T X of the transposed inverse X, zero where nothing moves."""
    moves = np.any(ct != 0, axis=(-2, -1), keepdims=True)
    result = np.where(moves | np.isfinite(result), result, 0.0)
    return -result @ _mT(ct) @ result


general(
    log_det_slopes,
    parameters="a",
    a=log_det_slopes_pullback,
    pushforward=lambda result, a_dot: log_det_slopes_pullback(a_dot, result),
    cases=_SQUARES,
)


def slogdet_pullback(ct: Any, a: Any) -> Any:
    """inv(a).T times the cotangent of the logarithm; the sign is constant."""
    logdet = ct[1] if np.ndim(a) == 2 else np.expand_dims(ct[1], (-2, -1))
    return times_slopes(logdet, log_det_slopes(a))


def times_slopes(moves: Any, slopes: Any) -> Any:
    """Return a product with slopes, zero where nothing moves and they are infinite."""
    return moves * np.where((moves != 0) | np.isfinite(slopes), slopes, 0.0)


def slogdet_pushforward(a: Any, a_dot: Any) -> Any:
    """(0, trace(inv(a) a_dot))."""
    total = np.sum(times_slopes(a_dot, log_det_slopes(a)), axis=(-2, -1))
    return (np.zeros_like(total), total)


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
    holomorphic=True,
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


def one_triangle(s: Any, upper: Any) -> Any:
    """The cotangent of the triangle that was read of a symmetric matrix: both sides fall on it."""
    whole = s + _mT(s)
    triangle = np.triu(whole) if upper else np.tril(whole)
    return triangle - 0.5 * whole * np_eye(np.shape(s)[-1], dtype=bool)


def both_triangles(a: Any, upper: Any) -> Any:
    """The symmetric matrix of which one triangle is read."""
    return np.triu(a) + _mT(np.triu(a, 1)) if upper else np.tril(a) + _mT(np.tril(a, -1))


def cholesky_pullback(ct: Any, result: Any, upper: bool = False) -> Any:
    """L^-T half_lower(L.T ct) L^-1 (Murray 2016, section 3.1), onto the triangle that is read."""
    if upper:
        ct, result = _mT(ct), _mT(result)
    inner = _half_lower(_mT(result) @ ct)
    left = np.linalg.solve(_mT(result), inner)
    return one_triangle(_mT(np.linalg.solve(_mT(result), _mT(left))), upper)


def cholesky_pushforward(result: Any, a_dot: Any, upper: bool = False) -> Any:
    """L half_lower(L^-1 a_dot L^-T), of the triangle that is read."""
    if upper:
        result = _mT(result)
    left = np.linalg.solve(result, both_triangles(a_dot, upper))
    inner = _mT(np.linalg.solve(result, _mT(left)))
    tangent = result @ _half_lower(inner)
    return _mT(tangent) if upper else tangent


general(
    np.linalg.cholesky,
    parameters="a",
    a=cholesky_pullback,
    pushforward=cholesky_pushforward,
    cases=[
        case(A(3, 3, kind="positive-definite")),
        case(A(3, 3, kind="positive-definite"), upper=True),
    ],
)
