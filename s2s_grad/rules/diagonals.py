"""Diagonals, traces and triangles of matrices, and of stacks of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import linear
from s2s_grad.runtime import dispatching

__all__ = ["np_eye"]

np_eye = dispatching(np.eye)


def trace_transpose(ct: Any, a_shape: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
    """Put the cotangent on the diagonal."""
    eye = np_eye(a_shape[axis1], a_shape[axis2], offset, dtype=bool)
    if len(a_shape) == 2:
        return ct * (eye if axis1 % 2 < axis2 % 2 else np.transpose(eye))
    return np.moveaxis(np.expand_dims(ct, (-2, -1)) * eye, (-2, -1), (axis1, axis2))


linear(
    np.trace,
    a=trace_transpose,
    cases=[
        case(A(3, 3)),
        case(A(2, 3), 1),
        case(A(3, 2), offset=-1),
        case(A(3, 2), 1, 1, 0),
        case(A(2, 3, 4)),
        case(A(2, 3, 4), axis1=-2, axis2=-1),
        case(A(3, 2, 4), 1, 2, 0),
    ],
)
linear(
    np.linalg.trace,
    parameters="x",
    x=lambda ct, x_shape, offset=0: trace_transpose(ct, x_shape, offset, -2, -1),
    cases=[case(A(3, 3)), case(A(2, 3, 4), offset=1)],
)


def diag_transpose(ct: Any, v_shape: Any, k: Any = 0) -> Any:
    """Diagonal of the cotangent for a vector; a vector on the diagonal for a matrix."""
    if len(v_shape) == 1:
        return np.diag(ct, k)
    return _place_diagonal(ct, v_shape[0], v_shape[1], k)


def _place_diagonal(ct: Any, rows: Any, columns: Any, k: int) -> Any:
    """Return matrices with the last axis of `ct` on a diagonal."""
    mask = np_eye(rows, columns, k, dtype=bool)
    if k >= 0:
        return mask * np.expand_dims(_padded(ct, columns, k), -2)
    return mask * np.expand_dims(_padded(ct, rows, -k), -1)


def _padded(ct: Any, size: Any, front: int) -> Any:
    """Return the cotangent with `front` zeros before it and zeros behind, `size` long in all."""
    behind = size - front - np.shape(ct)[-1]
    return np.pad(ct, [(0, 0)] * (np.ndim(ct) - 1) + [(front, behind)])


linear(
    np.diag,
    v=diag_transpose,
    cases=[case(A(3)), case(A(3), 1), case(A(3, 3)), case(A(2, 4)), case(A(4, 2), -1)],
)
linear(
    np.triu,
    parameters="m k",
    m=lambda ct, k=0: np.triu(ct, k),
    cases=[case(A(3, 3)), case(A(3, 4), 1)],
)
linear(
    np.tril,
    parameters="m k",
    m=lambda ct, k=0: np.tril(ct, k),
    cases=[case(A(3, 3)), case(A(3, 4), -1)],
)


def diagonal_transpose(
    ct: Any, a_shape: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1
) -> Any:
    """Put the cotangent back on the diagonals that two axes have."""
    placed = _place_diagonal(ct, a_shape[axis1], a_shape[axis2], offset)
    rank = len(a_shape)
    if (axis1 % rank, axis2 % rank) == (rank - 2, rank - 1):
        return placed
    return np.moveaxis(placed, (-2, -1), (axis1, axis2))


linear(
    np.diagonal,
    parameters="a offset axis1 axis2",
    a=diagonal_transpose,
    cases=[
        case(A(3, 3)),
        case(A(2, 4), 1),
        case(A(4, 2), -2),
        case(A(2, 3, 4)),
        case(A(3, 2, 4), 1, 2, 0),
        case(A(3, 4, 5), axis1=-2, axis2=-1),
    ],
)
linear(
    np.linalg.diagonal,
    parameters="x",
    x=lambda ct, x_shape, offset=0: diagonal_transpose(ct, x_shape, offset, -2, -1),
    cases=[case(A(3, 3)), case(A(2, 3, 4), offset=1)],
)
