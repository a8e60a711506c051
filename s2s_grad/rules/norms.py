"""Norms of vectors and of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.errors import UnsupportedOption
from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import general
from s2s_grad.rules.reductions import expand


def norm_direction(x: Any, result: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    """Return the derivative of the norm by each item; zero where the norm is zero."""
    matrix = (axis is None and np.ndim(x) == 2) or (isinstance(axis, tuple) and len(axis) == 2)
    size = expand(result, axis, keepdims)
    if ord is None or ord == "fro" or (ord == 2 and not matrix):
        return x / np.where(size == 0, 1.0, size)
    if matrix:
        return _matrix_direction(x, ord, (0, 1) if axis is None else axis)
    return _vector_direction(x, size, ord, axis)


def _vector_direction(x: Any, size: Any, ord: Any, axis: Any) -> Any:
    """Return the derivative of a vector norm; `size` is the norm with the axes of `x`."""
    if ord == 1:
        return np.sign(x)
    if ord == 0:
        return x * 0.0
    if np.isinf(ord):
        return np.sign(x) * _shares(np.abs(x) == size, x, axis)
    relative = np.abs(x) / np.where(size == 0, 1.0, size)
    if ord < 1:  # a negative power of zero
        relative = np.where(x == 0, 1.0, relative)
    return np.sign(x) * relative ** (ord - 1)


def _shares(winners: Any, x: Any, axis: Any) -> Any:
    """Return the weight of each winner: ties share evenly."""
    weights = np.where(winners, np.ones_like(x), 0.0)
    return weights / np.sum(weights, axis=axis, keepdims=True)


def _matrix_direction(x: Any, ord: Any, axis: Any) -> Any:
    """Return the derivative of a matrix norm by each item of the matrices in two axes."""
    row, column = axis
    if ord in (2, -2, "nuc"):
        return np.moveaxis(_singular_direction(np.moveaxis(x, axis, (-2, -1)), ord), (-2, -1), axis)
    if ord not in (1, -1) and not (isinstance(ord, (int, float)) and np.isinf(ord)):
        raise UnsupportedOption(
            f"the derivative of the matrix norm with ord={ord!r} is not known",
            "use another order, or write the norm with other functions",
        )
    summed, other = (row, column) if ord in (1, -1) else (column, row)
    sums = np.sum(np.abs(x), axis=summed, keepdims=True)
    extreme = np.max if ord > 0 else np.min
    return np.sign(x) * _shares(sums == extreme(sums, axis=other, keepdims=True), sums, other)


def _singular_direction(x: Any, ord: Any) -> Any:
    """Return u @ diag(weights) @ vt: the outer products of the singular vectors that count."""
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    if ord == "nuc":
        return u @ vt
    extreme = np.max if ord == 2 else np.min
    weights = _shares(s == extreme(s, axis=-1, keepdims=True), s, -1)
    return (u * np.expand_dims(weights, -2)) @ vt


def norm_pullback(
    ct: Any, x: Any, result: Any, ord: Any = None, axis: Any = None, keepdims: bool = False
) -> Any:
    """The cotangent times the direction of steepest growth."""
    direction = norm_direction(x, result, ord, axis, keepdims)
    return expand(ct, axis, keepdims) * direction


def norm_pushforward(
    x: Any, x_dot: Any, result: Any, ord: Any = None, axis: Any = None, keepdims: bool = False
) -> Any:
    """The tangent along the direction of steepest growth."""
    direction = norm_direction(x, result, ord, axis, keepdims)
    return np.sum(direction * x_dot, axis=axis, keepdims=keepdims)


_UNTIED = A(4, kind="distinct", domain=(-1.5, 2.0))
_MATRIX = A(2, 3)
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
        case(A(2, 3), 2, 1),
        case(A(3, domain=(0.5, 2.0)), 0.5),
        case(_UNTIED, np.inf),
        case(_UNTIED, -np.inf),
        case(_MATRIX, "fro"),
        case(A(2, 3, 2), axis=(0, 2)),
        case(_MATRIX, 1),
        case(_MATRIX, -1),
        case(_MATRIX, np.inf),
        case(_MATRIX, -np.inf),
        case(_MATRIX, "nuc"),
        case(_MATRIX, 2),
        case(_MATRIX, -2),
        case(A(2, 4, 3), 1, (0, 2)),
        case(A(2, 4, 3), "nuc", (2, 1), keepdims=True),
        case(A(2, 4, 3), 2, (1, 2)),
    ],
)


def vector_norm_pullback(
    ct: Any, x: Any, result: Any, axis: Any = None, keepdims: bool = False, ord: Any = 2
) -> Any:
    """The cotangent times the direction of steepest growth, of all items where no axis is given."""
    size = expand(result, axis, keepdims)
    if ord == 2:
        return expand(ct, axis, keepdims) * x / np.where(size == 0, 1.0, size)
    return expand(ct, axis, keepdims) * _vector_direction(x, size, ord, axis)


def vector_norm_pushforward(
    x: Any, x_dot: Any, result: Any, axis: Any = None, keepdims: bool = False, ord: Any = 2
) -> Any:
    """The tangent along the direction of steepest growth."""
    direction = vector_norm_pullback(np.ones_like(result), x, result, axis, keepdims, ord)
    return np.sum(direction * x_dot, axis=axis, keepdims=keepdims)


general(
    np.linalg.vector_norm,
    parameters="x",
    x=vector_norm_pullback,
    pushforward=vector_norm_pushforward,
    cases=[
        case(A(3)),
        case(A(2, 3)),
        case(A(2, 3), axis=1, ord=3),
        case(A(2, 3), axis=0, keepdims=True, ord=1),
        case(_UNTIED, ord=np.inf),
    ],
)
general(
    np.linalg.matrix_norm,
    parameters="x",
    x=lambda ct, x, result, keepdims=False, ord="fro": norm_pullback(
        ct, x, result, ord, (-2, -1), keepdims
    ),
    pushforward=lambda x, x_dot, result, keepdims=False, ord="fro": norm_pushforward(
        x, x_dot, result, ord, (-2, -1), keepdims
    ),
    cases=[
        case(_MATRIX),
        case(A(4, 2, 3), ord="nuc"),
        case(A(4, 2, 3), ord=1, keepdims=True),
        case(_MATRIX, ord=2),
    ],
)


def _condition(u: Any, s: Any, vt: Any) -> tuple[Any, Any]:
    """Return the outer products of the first and last singular vectors, over their values."""
    first = u[..., :, :1] @ vt[..., :1, :] / np.expand_dims(s[..., 0], (-2, -1))
    last = u[..., :, -1:] @ vt[..., -1:, :] / np.expand_dims(s[..., -1], (-2, -1))
    return first, last


def cond_pullback(ct: Any, x: Any, result: Any) -> Any:
    """The relative change of the largest singular value less that of the smallest."""
    first, last = _condition(*np.linalg.svd(x, full_matrices=False))
    return np.expand_dims(ct * result, (-2, -1)) * (first - last)


def cond_pushforward(x: Any, x_dot: Any, result: Any) -> Any:
    """The relative change of the largest singular value less that of the smallest."""
    first, last = _condition(*np.linalg.svd(x, full_matrices=False))
    return result * np.sum((first - last) * x_dot, axis=(-2, -1))


general(
    np.linalg.cond,
    parameters="x",
    x=cond_pullback,
    pushforward=cond_pushforward,
    cases=[case(A(3, 3, kind="regular")), case(A(2, 3)), case(A(2, 3, 3, kind="regular"))],
)
