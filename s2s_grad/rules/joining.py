"""Functions that join arrays or cut them in pieces."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import linear


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
    parameters="tup",
    tup=vstack_back,
    cases=[case([A(3), A(3)]), case((A(2, 3), A(3))), case([A(), A()])],
)


def hstack_back(ct: Any, tup_shape: Any) -> Any:
    """Cut by columns; vectors were laid end to end."""
    if len(tup_shape[0]) == 0:
        return [ct[i] for i in range(len(tup_shape))]
    axis = 0 if len(tup_shape[0]) == 1 else 1
    return _cut(ct, [shape[axis] for shape in tup_shape], axis)


linear(
    np.hstack,
    parameters="tup",
    tup=hstack_back,
    cases=[case([A(3), A(2)]), case((A(2, 3), A(2, 1))), case([A(), A()])],
)


def column_stack_back(ct: Any, tup_shape: Any) -> Any:
    """Cut by columns; a vector was one column."""
    columns = [1 if len(shape) == 1 else shape[1] for shape in tup_shape]
    pieces = _cut(ct, columns, 1)
    return [np.reshape(p, s) for p, s in zip(pieces, tup_shape, strict=True)]


linear(
    np.column_stack,
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
