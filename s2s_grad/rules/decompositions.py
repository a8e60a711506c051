"""Eigenvalue, singular value and QR decompositions, and the pseudo-inverse.

Formulas after M. Giles, "Collected matrix derivative results" (2008), J. Townsend, "Differentiating
the singular value decomposition" (2016), S. Walter, "Structured higher-order algorithmic
differentiation" (2012), and G. Golub and V. Pereyra (1973). Where eigenvalues or singular values
coincide, the vectors have no derivative: the formulas divide by zero there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.errors import UnsupportedOption
from s2s_grad.rules.cases import A, case
from s2s_grad.rules.diagonals import np_eye
from s2s_grad.rules.families import general
from s2s_grad.rules.linalg import both_triangles, one_triangle

_SYMMETRIC = A(3, 3, kind="positive-definite")
_TALL, _WIDE = A(4, 3), A(2, 3)


def _mT(a: Any) -> Any:
    return np.matrix_transpose(a)


def _gaps(values: Any) -> Any:
    """Return values[j] - values[i] off the diagonal, and infinity on it."""
    gaps = np.expand_dims(values, -2) - np.expand_dims(values, -1)
    return np.where(np_eye(np.shape(values)[-1], dtype=bool), np.inf, gaps)


# ------------------------------------------------------------------------- symmetric eigenproblem


def eigh_pullback(ct: Any, result: Any, UPLO: Any = "L") -> Any:
    """v (diag(w_bar) + (v.T v_bar) * gaps) v.T, onto the triangle that is read."""
    w, v = result[0], result[1]
    whole = 0.0 if ct[0] is None else v * np.expand_dims(ct[0], -2)
    if ct[1] is not None:
        whole = whole + v @ ((_mT(v) @ ct[1]) / _gaps(w))
    return one_triangle(whole @ _mT(v), _is_upper(UPLO))


def eigh_pushforward(a_dot: Any, result: Any, UPLO: Any = "L") -> Any:
    """The diagonal of v.T a_dot v, and v times the rest of it over the gaps."""
    w, v = result[0], result[1]
    turned = _mT(v) @ both_triangles(a_dot, _is_upper(UPLO)) @ v
    return (np.diagonal(turned, 0, -2, -1), v @ (turned / _gaps(w)))


def _is_upper(uplo: Any) -> bool:
    return uplo in ("U", "u")


_STACK = [case(_SYMMETRIC), case(_SYMMETRIC, UPLO="U")]
general(
    np.linalg.eigh,
    parameters="a UPLO",
    a=eigh_pullback,
    partial=True,
    pushforward=eigh_pushforward,
    cases=_STACK,
)


def eigvalsh_pullback(ct: Any, a: Any, UPLO: Any = "L") -> Any:
    """v diag(w_bar) v.T, onto the triangle that is read."""
    v = np.linalg.eigh(a, UPLO)[1]
    return one_triangle((v * np.expand_dims(ct, -2)) @ _mT(v), _is_upper(UPLO))


def eigvalsh_pushforward(a: Any, a_dot: Any, UPLO: Any = "L") -> Any:
    """The diagonal of v.T a_dot v."""
    v = np.linalg.eigh(a, UPLO)[1]
    return np.diagonal(_mT(v) @ both_triangles(a_dot, _is_upper(UPLO)) @ v, 0, -2, -1)


general(
    np.linalg.eigvalsh,
    parameters="a UPLO",
    a=eigvalsh_pullback,
    pushforward=eigvalsh_pushforward,
    cases=_STACK,
)


# -------------------------------------------------------------------------------- singular values


def svd_pullback(
    ct: Any, a: Any, result: Any, full_matrices: bool = True, compute_uv: bool = True
) -> Any:
    """Townsend's formula for the thin decomposition of a real matrix."""
    if not compute_uv:
        return svdvals_pullback(ct, a)
    u, s, vt = result[0], result[1], result[2]
    if ct[0] is None and ct[2] is None:
        if full_matrices:
            return svdvals_pullback(ct[1], a)
        return (u * np.expand_dims(ct[1], -2)) @ vt
    if full_matrices and np.shape(u) != np.shape(vt):
        raise UnsupportedOption(
            "the singular vectors that `np.linalg.svd` adds to a thin decomposition are arbitrary "
            "and have no derivative",
            "pass full_matrices=False",
        )
    row, column = np.expand_dims(s, -2), np.expand_dims(s, -1)
    gaps = _gaps(s * s)
    inner = 0.0 if ct[1] is None else np_eye(np.shape(s)[-1]) * np.expand_dims(ct[1], -2)
    beside: list[Any] = []
    if ct[0] is not None:
        left = (_mT(u) @ ct[0]) / gaps
        inner = inner + (left + _mT(left)) * row
        beside.append(((ct[0] - u @ (_mT(u) @ ct[0])) / row) @ vt)
    if ct[2] is not None:
        right = (vt @ _mT(ct[2])) / gaps
        inner = inner + column * (right + _mT(right))
        beside.append(u @ ((ct[2] - (ct[2] @ _mT(vt)) @ vt) / column))
    return sum(beside, u @ inner @ vt)


def svd_pushforward(
    a: Any, a_dot: Any, result: Any, full_matrices: bool = True, compute_uv: bool = True
) -> Any:
    """Townsend's formula for the thin decomposition of a real matrix."""
    if not compute_uv:
        return svdvals_pushforward(a, a_dot)
    if full_matrices and np.shape(result[0]) != np.shape(result[2]):
        return _push_thin(a, a_dot, result)
    u, s, vt = result[0], result[1], result[2]
    row, column = np.expand_dims(s, -2), np.expand_dims(s, -1)
    inner = _mT(u) @ a_dot @ _mT(vt)
    gaps = _gaps(s * s)
    turn_u = (inner * row + column * _mT(inner)) / gaps
    turn_v = (column * inner + _mT(inner) * row) / gaps
    beside_u = (a_dot @ _mT(vt) - u @ inner) / row
    beside_v = (_mT(u) @ a_dot - inner @ vt) / column
    return (
        u @ turn_u + beside_u,
        np.diagonal(inner, 0, -2, -1),
        _mT(turn_v) @ vt + beside_v,
    )


def _push_thin(a: Any, a_dot: Any, result: Any) -> Any:
    """The tangents of a thin decomposition; the vectors that were added have none."""
    u, s, vt = result[0], result[1], result[2]
    count = np.shape(s)[-1]
    moved = svd_pushforward(a, a_dot, (u[..., :count], s, vt[..., :count, :]), False)
    none = [np.full_like(u, np.nan)[..., count:], np.full_like(vt, np.nan)[..., count:, :]]
    return (
        np.concatenate([moved[0], none[0]], axis=-1),
        moved[1],
        np.concatenate([moved[2], none[1]], axis=-2),
    )


def svdvals_pullback(ct: Any, a: Any) -> Any:
    """u diag(s_bar) v.T."""
    u, _, vt = np.linalg.svd(a, full_matrices=False)
    return (u * np.expand_dims(ct, -2)) @ vt


def svdvals_pushforward(a: Any, a_dot: Any) -> Any:
    """The diagonal of u.T a_dot v."""
    u, _, vt = np.linalg.svd(a, full_matrices=False)
    return np.diagonal(_mT(u) @ a_dot @ _mT(vt), 0, -2, -1)


general(
    np.linalg.svd,
    a=svd_pullback,
    partial=True,
    pushforward=svd_pushforward,
    cases=[
        case(A(3, 3)),
        case(_TALL, full_matrices=False),
        case(_WIDE, full_matrices=False),
        case(A(2, 4, 3), False),
        case(_TALL, compute_uv=False),
    ],
)
general(
    np.linalg.svdvals,
    parameters="x",
    x=lambda ct, x: svdvals_pullback(ct, x),
    pushforward=lambda x, x_dot: svdvals_pushforward(x, x_dot),
    cases=[case(A(3, 3)), case(_WIDE)],
)


# ------------------------------------------------------------------------------------------- QR


def _check_reduced(mode: Any) -> None:
    if mode != "reduced":
        raise UnsupportedOption(
            f"the derivative of `np.linalg.qr` with mode={mode!r} is not known",
            "use mode='reduced', for a matrix with at least as many rows as columns",
        )


def qr_pullback(ct: Any, result: Any, mode: str = "reduced") -> Any:
    """(q_bar + q copyltu(r r_bar.T - q_bar.T q)) r**-T, for no more columns than rows."""
    _check_reduced(mode)
    q, r = result[0], result[1]
    inner = r @ _mT(ct[1]) - _mT(ct[0]) @ q
    mirrored = np.tril(inner) + _mT(np.tril(inner, -1))
    return _mT(np.linalg.solve(r, _mT(ct[0] + q @ mirrored)))


def qr_pushforward(a_dot: Any, result: Any, mode: str = "reduced") -> Any:
    """With c = a_dot r**-1: the skew part of q.T c turns q, the rest is r_dot r**-1."""
    _check_reduced(mode)
    q, r = result[0], result[1]
    c = _mT(np.linalg.solve(_mT(r), _mT(a_dot)))
    inner = _mT(q) @ c
    lower = np.tril(inner, -1)
    skew = lower - _mT(lower)
    return (c - q @ (inner - skew), (inner - skew) @ r)


general(
    np.linalg.qr,
    a=qr_pullback,
    pushforward=qr_pushforward,
    cases=[case(A(3, 3)), case(_TALL), case(A(2, 4, 3))],
)


# --------------------------------------------------------------------------------- pseudo-inverse


def pinv_pullback(ct: Any, a: Any, result: Any) -> Any:
    """The adjoint of Golub and Pereyra's differential, for a matrix of constant rank."""
    turned = _mT(result)
    outside = _mT(ct) - a @ (result @ _mT(ct))
    inside = _mT(ct) - (_mT(ct) @ result) @ a
    along = -turned @ ct @ turned
    return along + outside @ result @ turned + turned @ result @ inside


def pinv_pushforward(a: Any, a_dot: Any, result: Any) -> Any:
    """Golub and Pereyra's differential, for a matrix of constant rank."""
    turned, dot = _mT(result), _mT(a_dot)
    outside = dot - dot @ a @ result
    inside = dot - result @ a @ dot
    return -result @ a_dot @ result + result @ turned @ outside + inside @ turned @ result


general(
    np.linalg.pinv,
    parameters="a",
    a=pinv_pullback,
    pushforward=pinv_pushforward,
    cases=[case(A(3, 3, kind="regular")), case(_TALL), case(_WIDE), case(A(2, 4, 3))],
)


# --------------------------------------------------------------------------------- least squares


def _residual_weights(ct: Any, x: Any) -> Any:
    """Return twice the cotangent of each sum of squares; none is given where none was computed."""
    if np.ndim(x) == 1:
        return 2 * np.sum(ct)
    return 2 * np.concatenate([ct, np.zeros_like(x[0])])[: np.shape(x)[1]]


def _outer(a: Any, b: Any) -> Any:
    return np.outer(a, b) if np.ndim(a) == 1 else a @ np.transpose(b)


def lstsq_pullback_a(ct: Any, a: Any, b: Any, result: Any) -> Any:
    """Through the pseudo-inverse, the sums of squares and the singular values."""
    x = result[0]
    moved = pinv_pullback(_outer(ct[0], b), a, np.linalg.pinv(a))
    left = (b - a @ x) * _residual_weights(ct[1], x)
    return moved - _outer(left, x) + svdvals_pullback(ct[3], a)


def lstsq_pullback_b(ct: Any, a: Any, b: Any, result: Any) -> Any:
    """Through the pseudo-inverse and the sums of squares."""
    x = result[0]
    return np.transpose(np.linalg.pinv(a)) @ ct[0] + (b - a @ x) * _residual_weights(ct[1], x)


def lstsq_pushforward(a: Any, b: Any, a_dot: Any, b_dot: Any, result: Any) -> Any:
    """The tangents of the solution, of the sums of squares, and of the singular values."""
    x = result[0]
    inverse = np.linalg.pinv(a)
    solution = pinv_pushforward(a, a_dot, inverse) @ b + inverse @ b_dot
    change = 2 * np.sum((b - a @ x) * (b_dot - a_dot @ x), axis=0)
    squares = np.reshape(change, (-1,))[: np.shape(result[1])[0]]
    return (solution, squares, 0, svdvals_pushforward(a, a_dot))


general(
    np.linalg.lstsq,
    parameters="a b rcond",
    a=lambda ct, a, b, result, rcond=None: lstsq_pullback_a(ct, a, b, result),
    b=lambda ct, a, b, result, rcond=None: lstsq_pullback_b(ct, a, b, result),
    pushforward=lambda a, b, a_dot, b_dot, result, rcond=None: lstsq_pushforward(
        a, b, a_dot, b_dot, result
    ),
    cases=[
        case(A(4, 3), A(4)),
        case(A(4, 3), A(4, 2), rcond=None),
        case(A(2, 3), A(2)),
        case(A(2, 3), A(2, 2)),
        case(A(3, 3, kind="regular"), A(3)),
    ],
)
