"""Functions that join arrays or cut them in pieces."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import linear
from s2s_grad.runtime import sum_to

JOINS = frozenset({
    np.concatenate, np.stack, np.vstack, np.hstack, np.column_stack, np.dstack,
    np.select, np.linalg.multi_dot,
})  # fmt: skip
"""Functions of a sequence of arrays, which may be one array: its rows are taken then."""


def concatenate_back(ct: Any, arrays_shape: Any, axis: Any = 0) -> Any:
    """Cut the cotangent where the pieces met."""
    if axis is None:
        flat = _cut(ct, [_product(shape) for shape in arrays_shape], 0)
        return [np.reshape(p, shape) for p, shape in zip(flat, arrays_shape, strict=True)]
    return _cut(ct, [shape[axis] for shape in arrays_shape], axis)


def _product(shape: Any) -> Any:
    count = 1
    for i in range(len(shape)):
        count = count * shape[i]
    return count


def _cut(ct: Any, sizes: list[Any], axis: int) -> list[Any]:
    """Return the pieces of `ct` of the given sizes along an axis, as slices."""
    pieces: list[Any] = []
    start: Any = None
    lead = (slice(None),) * (axis % np.ndim(ct))
    for place, size in enumerate(sizes):
        stop = None if place == len(sizes) - 1 else size if start is None else start + size
        part = slice(start, stop)
        pieces.append(ct[(*lead, part)] if lead else ct[part])
        start = stop
    return pieces


linear(
    np.concatenate,
    nested={"arrays": 1},
    parameters="arrays axis",
    arrays=concatenate_back,
    cases=[
        case((A(2, 3), A(4, 3))),
        case([A(2, 3), A(2, 1), A(2, 2)], axis=-1),
        case((A(3),)),
        case([A(2, 2), A(3)], axis=None),
    ],
)


def stack_back(ct: Any, arrays_shape: Any, axis: Any = 0) -> Any:
    """Take the cotangent of each array along the new axis."""
    axis = axis % np.ndim(ct)
    lead = (slice(None),) * axis
    return [ct[(*lead, i)] if lead else ct[i] for i in range(len(arrays_shape))]


linear(
    np.stack,
    nested={"arrays": 1},
    arrays=stack_back,
    cases=[case([A(3), A(3)]), case((A(2, 3), A(2, 3)), axis=1), case([A(2), A(2)], axis=-1)],
)


def vstack_back(ct: Any, tup_shape: Any) -> Any:
    """Cut by rows; a vector was one row."""
    rows = [1 if len(shape) < 2 else shape[0] for shape in tup_shape]
    pieces = _cut(ct, rows, 0)
    return [np.reshape(p, s) for p, s in zip(pieces, tup_shape, strict=True)]


linear(
    np.vstack,
    nested={"tup": 1},
    parameters="tup",
    tup=vstack_back,
    cases=[case([A(3), A(3)]), case((A(2, 3), A(3))), case([A(), A()])],
)


def hstack_back(ct: Any, tup_shape: Any) -> Any:
    """Cut by columns; vectors and numbers were laid end to end."""
    if all(len(shape) == 0 for shape in tup_shape):
        return [ct[i] for i in range(len(tup_shape))]
    axis = 0 if np.ndim(ct) == 1 else 1
    pieces = _cut(ct, [shape[axis] if len(shape) > axis else 1 for shape in tup_shape], axis)
    whole = zip(pieces, tup_shape, strict=True)
    return [piece if len(shape) else np.reshape(piece, ()) for piece, shape in whole]


linear(
    np.hstack,
    nested={"tup": 1},
    parameters="tup",
    tup=hstack_back,
    cases=[
        case([A(3), A(2)]),
        case((A(2, 3), A(2, 1))),
        case([A(), A()]),
        case([A(), A(3), A()]),
    ],
)


def column_stack_back(ct: Any, tup_shape: Any) -> Any:
    """Cut by columns; a vector was one column."""
    columns = [1 if len(shape) < 2 else shape[1] for shape in tup_shape]
    pieces = _cut(ct, columns, 1)
    return [np.reshape(p, s) for p, s in zip(pieces, tup_shape, strict=True)]


linear(
    np.column_stack,
    nested={"tup": 1},
    parameters="tup",
    tup=column_stack_back,
    cases=[case([A(3), A(3)]), case((A(3, 2), A(3)))],
)


def dstack_back(ct: Any, tup_shape: Any) -> Any:
    """Cut along the third axis; smaller arrays were given it."""
    depths = [1 if len(shape) < 3 else shape[2] for shape in tup_shape]
    pieces = _cut(ct, depths, 2)
    return [np.reshape(p, s) for p, s in zip(pieces, tup_shape, strict=True)]


linear(
    np.dstack,
    nested={"tup": 1},
    parameters="tup",
    tup=dstack_back,
    cases=[case([A(3), A(3)]), case((A(2, 3), A(2, 3)))],
)


def append_back(ct: Any, arr_shape: Any, axis: Any = None) -> Any:
    """The part of the cotangent that came from the array."""
    if axis is None:
        return np.reshape(ct[: _product(arr_shape)], arr_shape)
    return _cut(ct, [arr_shape[axis], None], axis)[0]


def append_values_back(ct: Any, arr_shape: Any, values_shape: Any, axis: Any = None) -> Any:
    """The part of the cotangent that came from the values."""
    if axis is None:
        return np.reshape(ct[_product(arr_shape) :], values_shape)
    return _cut(ct, [arr_shape[axis], None], axis)[1]


linear(
    np.append,
    parameters="arr values axis",
    arr=append_back,
    values=append_values_back,
    cases=[case(A(3), A(2)), case(A(2, 3), A(1, 3), axis=0), case(A(3), A())],
)


def split_back(ct: Any, axis: Any = 0) -> Any:
    """Join the cotangents of the pieces."""
    return np.concatenate(ct, axis=axis)


_SECTIONS = "ary indices_or_sections axis"
_SPLITS = [case(A(6), 3), case(A(6), [2, 3]), case(A(4, 6), 2, axis=1)]
for _split in (np.split, np.array_split):
    linear(_split, parameters=_SECTIONS, ary=split_back, cases=_SPLITS)
linear(
    np.vsplit,
    parameters="ary indices_or_sections",
    ary=lambda ct: np.concatenate(ct, axis=0),
    cases=[case(A(4, 3), 2)],
)
linear(
    np.hsplit,
    parameters="ary indices_or_sections",
    ary=lambda ct, ary_shape: np.concatenate(ct, axis=0 if len(ary_shape) == 1 else 1),
    cases=[case(A(4, 4), 2), case(A(4), 2)],
)
linear(
    np.dsplit,
    parameters="ary indices_or_sections",
    ary=lambda ct: np.concatenate(ct, axis=2),
    cases=[case(A(2, 3, 4), 2)],
)
if hasattr(np, "unstack"):  # NumPy 2.1
    linear(
        np.unstack,
        parameters="x",
        x=lambda ct, axis=0: np.stack(ct, axis),
        cases=[case(A(2, 3)), case(A(2, 3), axis=1)],
    )


def block_back(ct: Any, arrays_shape: Any) -> Any:
    """Cut along the last axis inside of the innermost lists, one axis further out for each list."""
    return _cut_block(ct, arrays_shape, -_depth(arrays_shape))


def _depth(shapes: Any) -> int:
    return 1 + _depth(shapes[0]) if isinstance(shapes, list) else 0


def _cut_block(ct: Any, shapes: Any, axis: int) -> Any:
    if not isinstance(shapes, list):
        return np.reshape(ct, shapes)
    pieces = _cut(ct, [_extent(shape, axis, axis + 1) for shape in shapes], axis)
    return [_cut_block(p, s, axis + 1) for p, s in zip(pieces, shapes, strict=True)]


def _extent(shapes: Any, axis: int, own: int) -> Any:
    """Return the size of a block along an axis; its own lists are joined along `own`."""
    if not isinstance(shapes, list):
        return shapes[axis] if len(shapes) >= -axis else 1
    return _extent(shapes[0], axis, own + 1)


linear(
    np.block,
    nested={"arrays": 2},
    parameters="arrays",
    arrays=block_back,
    cases=[
        case([A(2), A(3)]),
        case([[A(2, 3), A(2, 1)], [A(1, 3), A(1, 1)]]),
        case([[A(3)], [A(2, 3)]]),
    ],
)


# ------------------------------------------------------------------------------- several results


def broadcast_arrays_back(ct: Any, args_shape: Any) -> Any:
    """Sum over the axes along which each array was broadcast."""
    return [sum_to(ct[i], shape) for i, shape in enumerate(args_shape)]


linear(
    np.broadcast_arrays,
    nested={"args": 1},
    parameters="*args",
    args=broadcast_arrays_back,
    cases=[case(A(3), A(2, 1)), case(A(), A(2, 3), A(3))],
)


def meshgrid_back(
    ct: Any, xi: Any, xi_shape: Any, sparse: bool = False, indexing: str = "xy"
) -> Any:
    """Sum over all axes but the vector's own; the first two are swapped in "xy" indexing."""
    found: list[Any] = []
    for i, shape in enumerate(xi_shape):
        own = 1 - i if indexing == "xy" and i < 2 <= len(xi) else i
        others = tuple(k for k in range(len(xi)) if k != own)
        flat = ct[i] if sparse or not others else np.sum(ct[i], axis=others)
        found.append(np.reshape(flat, shape))
    return found


linear(
    np.meshgrid,
    nested={"xi": 1},
    parameters="*xi",
    xi=meshgrid_back,
    cases=[
        case(A(3), A(2)),
        case(A(3), A(2), indexing="ij"),
        case(A(3), A(2), A(4)),
        case(A(3), A(2), sparse=True),
        case(A(3)),
    ],
)
