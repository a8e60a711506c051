"""Products that sum over axes: matmul, dot, einsum and their relatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.rules.cases import A, case
from s2s_grad.rules.diagonals import np_eye
from s2s_grad.rules.families import bilinear, general
from s2s_grad.runtime import sum_to

MATMULS = [
    case(A(2, 3), A(3, 4)),
    case(A(3), A(3, 4)),
    case(A(2, 3), A(3)),
    case(A(3), A(3)),
    case(A(5, 2, 3), A(3, 4)),
    case(A(3), A(5, 3, 4)),
    case(A(5, 2, 3), A(3)),
    case(A(1, 2, 3), A(5, 3, 4)),
]


def matmul_transpose_x1(ct: Any, x2: Any, x1_shape: Any) -> Any:
    """ct @ x2.T, for vectors and stacks of matrices too."""
    if np.ndim(x2) == 1:
        if len(x1_shape) == 1:
            return ct * x2
        if len(x1_shape) == 2:
            return np.outer(ct, x2)
        return np.expand_dims(ct, -1) * x2
    if len(x1_shape) == 1 and np.ndim(x2) == 2:
        return x2 @ ct
    if len(x1_shape) == 1:
        return sum_to(np.squeeze(x2 @ np.expand_dims(ct, -1), -1), x1_shape)
    return sum_to(ct @ np.matrix_transpose(x2), x1_shape)


def matmul_transpose_x2(ct: Any, x1: Any, x2_shape: Any) -> Any:
    """x1.T @ ct, for vectors and stacks of matrices too."""
    if np.ndim(x1) == 1:
        if len(x2_shape) == 1:
            return ct * x1
        if len(x2_shape) == 2:
            return np.outer(x1, ct)
        return x1[:, np.newaxis] * np.expand_dims(ct, -2)
    if len(x2_shape) == 1 and np.ndim(x1) == 2:
        return np.transpose(x1) @ ct
    if len(x2_shape) == 1:
        columns = np.matrix_transpose(x1) @ np.expand_dims(ct, -1)
        return sum_to(np.squeeze(columns, -1), x2_shape)
    if np.ndim(x1) == 2:
        return sum_to(np.transpose(x1) @ ct, x2_shape)
    return sum_to(np.matrix_transpose(x1) @ ct, x2_shape)


bilinear(
    np.matmul,
    parameters="x1 x2",
    x1=matmul_transpose_x1,
    x2=matmul_transpose_x2,
    cases=MATMULS,
)


def dot_transpose_a(ct: Any, b: Any, a_shape: Any) -> Any:
    """Contract ct with the axes of b that dot did not sum."""
    if len(a_shape) == 0:
        return np.sum(ct * b)
    if np.ndim(b) == 0:
        return ct * b
    if np.ndim(b) <= 2 and len(a_shape) <= 2:
        return matmul_transpose_x1(ct, b, a_shape)
    if np.ndim(b) == 1:
        return np.expand_dims(ct, -1) * b
    kept = tuple(range(len(a_shape) - 1, np.ndim(ct)))
    others = tuple(i for i in range(np.ndim(b)) if i != np.ndim(b) - 2)
    return np.tensordot(ct, b, (kept, others))


def dot_transpose_b(ct: Any, a: Any, b_shape: Any) -> Any:
    """Contract ct with the axes of a that dot did not sum."""
    if len(b_shape) == 0:
        return np.sum(ct * a)
    if np.ndim(a) == 0:
        return ct * a
    if np.ndim(a) <= 2 and len(b_shape) <= 2:
        return matmul_transpose_x2(ct, a, b_shape)
    lead = tuple(range(np.ndim(a) - 1))
    joined = np.tensordot(a, ct, (lead, lead))
    if len(b_shape) == 1:
        return joined
    return np.moveaxis(joined, 0, len(b_shape) - 2)


DOTS = [
    *MATMULS[:4],
    case(A(2, 3, 4), A(4, 5)),
    case(A(2, 3), A(4, 3, 5)),
    case(A(2, 3, 4), A(4)),
    case(A(4), A(2, 4, 3)),
    case(A(), A(3)),
    case(A(2, 3), A()),
    case(A(), A()),
]
bilinear(np.dot, parameters="a b", a=dot_transpose_a, b=dot_transpose_b, cases=DOTS)


def inner_transpose_a(ct: Any, b: Any, a_shape: Any) -> Any:
    """Contract ct with the leading axes of b."""
    if len(a_shape) == 0:
        return np.sum(ct * b)
    if np.ndim(b) == 0:
        return ct * b
    if np.ndim(b) == 1 and len(a_shape) == 1:
        return ct * b
    if np.ndim(b) == 1:
        return np.expand_dims(ct, -1) * b
    lead = np.ndim(b) - 1
    return np.tensordot(ct, b, (tuple(range(np.ndim(ct) - lead, np.ndim(ct))), tuple(range(lead))))


def inner_transpose_b(ct: Any, a: Any, b_shape: Any) -> Any:
    """Contract ct with the leading axes of a."""
    if len(b_shape) == 0:
        return np.sum(ct * a)
    if np.ndim(a) == 0:
        return ct * a
    if np.ndim(a) == 1 and len(b_shape) == 1:
        return ct * a
    if np.ndim(a) == 1:
        return np.expand_dims(ct, -1) * a
    lead = tuple(range(np.ndim(a) - 1))
    return np.tensordot(ct, a, (lead, lead))


bilinear(
    np.inner,
    parameters="a b",
    a=inner_transpose_a,
    b=inner_transpose_b,
    cases=[
        case(A(3), A(3)),
        case(A(2, 3), A(3)),
        case(A(3), A(2, 3)),
        case(A(2, 3), A(4, 3)),
        case(A(5, 2, 3), A(4, 3)),
        case(A(), A(3)),
    ],
)

bilinear(
    np.outer,
    parameters="a b",
    a=lambda ct, b, a_shape: np.reshape(ct @ np.ravel(b), a_shape),
    b=lambda ct, a, b_shape: np.reshape(np.transpose(ct) @ np.ravel(a), b_shape),
    cases=[case(A(3), A(4)), case(A(2, 2), A(3)), case(A(), A(3))],
)
bilinear(
    np.vdot,
    holomorphic=False,
    parameters="a b",
    a=lambda ct, b, a_shape: ct * np.reshape(b, a_shape),
    b=lambda ct, a, b_shape: ct * np.reshape(a, b_shape),
    cases=[case(A(3), A(3)), case(A(2, 3), A(2, 3)), case(A(2, 3), A(6))],
)


def _tensordot_axes(axes: Any, a_ndim: int, b_ndim: int) -> tuple[list[int], list[int]]:
    """Return the summed axes of both operands, counted from the front."""
    if isinstance(axes, int):
        return list(range(a_ndim - axes, a_ndim)), list(range(axes))
    first, second = axes
    firsts = [first] if isinstance(first, int) else list(first)
    seconds = [second] if isinstance(second, int) else list(second)
    return [i % a_ndim for i in firsts], [i % b_ndim for i in seconds]


def tensordot_transpose_a(ct: Any, b: Any, a_shape: Any, axes: Any = 2) -> Any:
    """Contract ct with the axes of b that were kept, and put the axes back in order."""
    summed_a, summed_b = _tensordot_axes(axes, len(a_shape), np.ndim(b))
    kept_a = [i for i in range(len(a_shape)) if i not in summed_a]
    kept_b = [i for i in range(np.ndim(b)) if i not in summed_b]
    behind = tuple(range(len(kept_a), len(kept_a) + len(kept_b)))
    joined = np.tensordot(ct, b, (behind, tuple(kept_b)))
    order = kept_a + [summed_a[summed_b.index(i)] for i in sorted(summed_b)]
    return _reorder(joined, order)


def tensordot_transpose_b(ct: Any, a: Any, b_shape: Any, axes: Any = 2) -> Any:
    """Contract ct with the axes of a that were kept, and put the axes back in order."""
    summed_a, summed_b = _tensordot_axes(axes, np.ndim(a), len(b_shape))
    kept_a = [i for i in range(np.ndim(a)) if i not in summed_a]
    kept_b = [i for i in range(len(b_shape)) if i not in summed_b]
    joined = np.tensordot(a, ct, (tuple(kept_a), tuple(range(len(kept_a)))))
    order = [summed_b[summed_a.index(i)] for i in sorted(summed_a)] + kept_b
    return _reorder(joined, order)


def _reorder(value: Any, order: list[int]) -> Any:
    """Transpose so that axis k of `value` becomes axis order[k]."""
    if order == sorted(order):
        return value
    return np.transpose(value, tuple(order.index(i) for i in range(len(order))))


bilinear(
    np.tensordot,
    a=tensordot_transpose_a,
    b=tensordot_transpose_b,
    cases=[
        case(A(2, 3, 4), A(3, 4, 5)),
        case(A(2, 3), A(3, 4), axes=1),
        case(A(2, 3), A(4), axes=0),
        case(A(2, 3, 4), A(5, 4, 3), axes=((1, 2), (2, 1))),
        case(A(3, 2), A(3, 4), axes=(0, 0)),
    ],
)


# ---------------------------------------------------------------------------------------- einsum


def _einsum_terms(subscripts: str, ranks: list[int]) -> tuple[list[str], str]:
    """Return the subscripts of each operand and of the result, without spaces or ellipsis."""
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    free = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in text]
    lengths = [rank - len(t.replace("...", "")) for t, rank in zip(terms, ranks, strict=True)]
    longest = max([n for t, n in zip(terms, lengths, strict=True) if "..." in t], default=0)
    names = "".join(free[:longest])
    if not arrow:
        letters = sorted(set(left.replace("...", "").replace(",", "")))
        once = [c for c in letters if left.count(c) == 1]
        right = ("..." if "..." in left else "") + "".join(once)
    terms = [
        t.replace("...", names[longest - n :] if n else "")
        for t, n in zip(terms, lengths, strict=True)
    ]
    return terms, right.replace("...", names)


def einsum_transpose(
    ct: Any, subscripts: Any, operands: Any, operands_shape: Any, result_shape: Any
) -> list[Any]:
    """Swap the operand with the result; letters that appear in it alone are spread out."""
    terms, out = _einsum_terms(subscripts, [len(shape) for shape in operands_shape])
    return [
        _einsum_operand(ct, i, terms, out, operands, operands_shape[i])
        for i in range(len(operands))
    ]


def _einsum_operand(
    ct: Any, place: int, terms: list[str], out: str, operands: Any, shape: Any
) -> Any:
    term = terms[place]
    letters = "".join(dict.fromkeys(term))
    others = [t for i, t in enumerate(terms) if i != place]
    available = set(out).union(*others)
    reached = "".join(c for c in letters if c in available)
    arrays = [x for i, x in enumerate(operands) if i != place]
    if out:
        value = np.einsum(",".join([out, *others]) + "->" + reached, ct, *arrays)
    else:
        value = ct * np.einsum(",".join(others) + "->" + reached, *arrays) if others else ct
    if reached != letters:
        missing = tuple(i for i, c in enumerate(letters) if c not in reached)
        sizes = tuple(shape[term.index(c)] for c in letters)
        value = np.broadcast_to(np.expand_dims(value, missing), sizes)
    if letters == term:
        return sum_to(value, shape) if any(t == 1 for t in _known(shape)) else value
    return _onto_diagonal(value, term, letters, shape)


def _known(shape: Any) -> list[int]:
    return [n for n in shape if isinstance(n, int)]


def _onto_diagonal(value: Any, term: str, letters: str, shape: Any) -> Any:
    """Spread a value over the diagonal that a repeated letter stands for."""
    for place, letter in enumerate(term):
        if term.index(letter) == place:
            continue
        eye = np_eye(shape[place], dtype=bool)
        spare = next(c for c in "zyxwvutsrqponmlkjihgfedcba" if c not in term)
        term = term[:place] + spare + term[place + 1 :]
        others = tuple(k for k, known in enumerate(letters) if known != letter)
        value = np.where(np.expand_dims(eye, others), np.expand_dims(value, -1), 0.0)
        letters += spare
    return np.einsum(f"{letters}->{term}", value)


def einsum_pushforward(subscripts: Any, operands: Any, operands_dot: Any) -> Any:
    """The product rule over the operands."""
    total: Any = None
    for i, dot in enumerate(operands_dot):
        arrays = [dot if k == i else x for k, x in enumerate(operands)]
        term = np.einsum(subscripts, *arrays)
        total = term if total is None else total + term
    return total


general(
    np.einsum,
    holomorphic=True,
    nested={"operands": 1},
    parameters="subscripts *operands",
    pushforward=einsum_pushforward,
    operands=einsum_transpose,
    cases=[
        case("ij,jk->ik", A(2, 3), A(3, 4)),
        case("ij,jk", A(2, 3), A(3, 4)),
        case("i,i->", A(3), A(3)),
        case("ij->ji", A(2, 3)),
        case("ij->", A(2, 3)),
        case("ij->i", A(2, 3)),
        case("ii->i", A(3, 3)),
        case("ii", A(3, 3)),
        case("ij,i->j", A(2, 3), A(2)),
        case("bij,bjk->bik", A(2, 3, 4), A(2, 4, 2)),
        case("...ij,...j->...i", A(2, 3, 4), A(2, 4)),
        case("i,j,k->ijk", A(2), A(3), A(2)),
    ],
)


# ------------------------------------------------------------------------------------- Kronecker


def _blocks(ct: Any, a_shape: Any, b_shape: Any) -> tuple[Any, Any, Any]:
    """Return the cotangent with an axis of each factor in turn, and both shapes of one rank."""
    rank = max(len(a_shape), len(b_shape))
    a_sizes = (1,) * (rank - len(a_shape)) + tuple(a_shape[i] for i in range(len(a_shape)))
    b_sizes = (1,) * (rank - len(b_shape)) + tuple(b_shape[i] for i in range(len(b_shape)))
    pairs = zip(a_sizes, b_sizes, strict=True)
    return np.reshape(ct, tuple(n for pair in pairs for n in pair)), a_sizes, b_sizes


def kron_transpose_a(ct: Any, b: Any, a_shape: Any, b_shape: Any) -> Any:
    """Sum ct * b over the blocks."""
    blocks, _, sizes = _blocks(ct, a_shape, b_shape)
    spread = np.reshape(b, tuple(n for size in sizes for n in (1, size)))
    return np.reshape(np.sum(blocks * spread, axis=tuple(range(1, 2 * len(sizes), 2))), a_shape)


def kron_transpose_b(ct: Any, a: Any, a_shape: Any, b_shape: Any) -> Any:
    """Sum ct * a over the blocks."""
    blocks, sizes, _ = _blocks(ct, a_shape, b_shape)
    spread = np.reshape(a, tuple(n for size in sizes for n in (size, 1)))
    return np.reshape(np.sum(blocks * spread, axis=tuple(range(0, 2 * len(sizes), 2))), b_shape)


bilinear(
    np.kron,
    a=kron_transpose_a,
    b=kron_transpose_b,
    cases=[
        case(A(2, 3), A(2, 2)),
        case(A(2), A(3)),
        case(A(2), A(2, 3)),
        case(A(3, 1, 2), A(2, 2)),
        case(A(), A(2, 3)),
    ],
)
