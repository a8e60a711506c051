"""Products along one axis: cross products, stacks of vectors and matrices, powers and chains."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.errors import UnsupportedOption
from s2s_grad.rules.cases import A, case
from s2s_grad.rules.contractions import (
    MATMULS,
    matmul_transpose_x1,
    matmul_transpose_x2,
    tensordot_transpose_a,
    tensordot_transpose_b,
)
from s2s_grad.rules.families import bilinear, general
from s2s_grad.runtime import sum_to

# ------------------------------------------------------- the names that the array API standard has

bilinear(
    np.linalg.matmul,
    parameters="x1 x2",
    x1=matmul_transpose_x1,
    x2=matmul_transpose_x2,
    cases=MATMULS,
)
bilinear(
    np.linalg.tensordot,
    parameters="x1 x2",
    x1=lambda ct, x2, x1_shape, axes=2: tensordot_transpose_a(ct, x2, x1_shape, axes),
    x2=lambda ct, x1, x2_shape, axes=2: tensordot_transpose_b(ct, x1, x2_shape, axes),
    cases=[case(A(2, 3, 4), A(3, 4, 5)), case(A(2, 3), A(3, 4), axes=1)],
)
bilinear(
    np.linalg.outer,
    parameters="x1 x2",
    x1=lambda ct, x2: ct @ x2,
    x2=lambda ct, x1: x1 @ ct,
    cases=[case(A(3), A(4))],
)


# ------------------------------------------------------------------------------- cross products


def cross_transpose_a(ct: Any, b: Any, a_shape: Any, axis: Any = None) -> Any:
    """b x ct."""
    return sum_to(np.cross(b, ct) if axis is None else np.cross(b, ct, axis=axis), a_shape)


def cross_transpose_b(ct: Any, a: Any, b_shape: Any, axis: Any = None) -> Any:
    """ct x a."""
    return sum_to(np.cross(ct, a) if axis is None else np.cross(ct, a, axis=axis), b_shape)


bilinear(
    np.cross,
    a=cross_transpose_a,
    b=cross_transpose_b,
    cases=[
        case(A(3), A(3)),
        case(A(2, 3), A(3)),
        case(A(3), A(2, 3)),
        case(A(3, 2), A(3, 2), axis=0),
    ],
)
bilinear(
    np.linalg.cross,
    parameters="x1 x2",
    x1=lambda ct, x2, x1_shape, axis=None: cross_transpose_a(ct, x2, x1_shape, axis),
    x2=lambda ct, x1, x2_shape, axis=None: cross_transpose_b(ct, x1, x2_shape, axis),
    cases=[case(A(3), A(3)), case(A(2, 3), A(3)), case(A(3, 2), A(3, 2), axis=0)],
)


# --------------------------------------------------------------------------- stacks of products


def vecdot_transpose_x1(ct: Any, x2: Any, x1_shape: Any, axis: Any = -1) -> Any:
    """The cotangent of each product times the other vector."""
    return sum_to(np.expand_dims(ct, axis) * x2, x1_shape)


def vecdot_transpose_x2(ct: Any, x1: Any, x2_shape: Any, axis: Any = -1) -> Any:
    """The cotangent of each product times the other vector."""
    return sum_to(np.expand_dims(ct, axis) * x1, x2_shape)


for _vecdot in (np.vecdot, np.linalg.vecdot):
    bilinear(
        _vecdot,
        holomorphic=False,
        parameters="x1 x2",
        x1=vecdot_transpose_x1,
        x2=vecdot_transpose_x2,
        cases=[
            case(A(3), A(3)),
            case(A(2, 3), A(3)),
            case(A(2, 1, 3), A(4, 3)),
            case(A(3, 2), A(3, 2), axis=0),
        ],
    )

if hasattr(np, "matvec"):  # NumPy 2.2
    bilinear(
        np.matvec,
        parameters="x1 x2",
        x1=lambda ct, x2, x1_shape: sum_to(
            np.expand_dims(ct, -1) * np.expand_dims(x2, -2), x1_shape
        ),
        x2=lambda ct, x1, x2_shape: sum_to(np.matvec(np.matrix_transpose(x1), ct), x2_shape),
        cases=[case(A(2, 3), A(3)), case(A(4, 2, 3), A(3)), case(A(2, 3), A(4, 3))],
    )
    bilinear(
        np.vecmat,
        holomorphic=False,
        parameters="x1 x2",
        x1=lambda ct, x2, x1_shape: sum_to(np.matvec(x2, ct), x1_shape),
        x2=lambda ct, x1, x2_shape: sum_to(
            np.expand_dims(x1, -1) * np.expand_dims(ct, -2), x2_shape
        ),
        cases=[case(A(2), A(2, 3)), case(A(2), A(4, 2, 3)), case(A(4, 2), A(2, 3))],
    )


# ---------------------------------------------------------------------------- powers and chains


def matrix_power_pullback(ct: Any, a: Any, n: Any) -> Any:
    """The sum over k of a.T**k ct a.T**(n - 1 - k); through the inverse for a negative power."""
    if n < 0:
        inverse = np.linalg.inv(a)
        inner = matrix_power_pullback(ct, inverse, -n)
        return -np.matrix_transpose(inverse) @ inner @ np.matrix_transpose(inverse)
    turned = np.matrix_transpose(a)
    total: Any = 0.0 * a
    for k in range(n):
        total = np.matmul(total, turned) + np.linalg.matrix_power(turned, k) @ ct
    return total


def matrix_power_pushforward(a: Any, a_dot: Any, n: Any) -> Any:
    """The sum over k of a**k a_dot a**(n - 1 - k); through the inverse for a negative power."""
    if n < 0:
        inverse = np.linalg.inv(a)
        return matrix_power_pushforward(inverse, -inverse @ a_dot @ inverse, -n)
    total: Any = 0.0 * a
    for k in range(n):
        total = np.matmul(total, a) + np.linalg.matrix_power(a, k) @ a_dot
    return total


general(
    np.linalg.matrix_power,
    holomorphic=True,
    parameters="a n",
    a=matrix_power_pullback,
    pushforward=matrix_power_pushforward,
    cases=[
        case(A(3, 3), 3),
        case(A(3, 3), 1),
        case(A(3, 3), 0),
        case(A(2, 3, 3), 2),
        case(A(3, 3, kind="regular"), -2),
    ],
)


def multi_dot_pullback(ct: Any, arrays: Any, arrays_shape: Any) -> list[Any]:
    """The cotangent between the transposed products of what stands before and behind."""
    if any(len(shape) != 2 for shape in arrays_shape):
        raise UnsupportedOption(
            "the derivative of `np.linalg.multi_dot` is known for matrices", "use the operator `@`"
        )
    found: list[Any] = []
    for i in range(len(arrays)):
        value = ct
        for before in arrays[:i]:
            value = np.transpose(before) @ value
        for behind in reversed(arrays[i + 1 :]):
            value = value @ np.transpose(behind)
        found.append(value)
    return found


def multi_dot_pushforward(arrays: Any, arrays_dot: Any) -> Any:
    """The product rule over the factors."""
    total: Any = None
    for i, dot in enumerate(arrays_dot):
        term = np.linalg.multi_dot([dot if k == i else x for k, x in enumerate(arrays)])
        total = term if total is None else total + term
    return total


general(
    np.linalg.multi_dot,
    holomorphic=True,
    nested={"arrays": 1},
    parameters="arrays",
    arrays=multi_dot_pullback,
    pushforward=multi_dot_pushforward,
    cases=[case([A(2, 3), A(3, 4), A(4, 2)]), case([A(2, 3), A(3, 2)])],
)
