"""Reading and updating parts of arrays."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import linear
from s2s_grad.runtime import add_at, set_item, sum_to


def getitem_back(ct: Any, a_zeros: Any, index: Any) -> Any:
    """Add the cotangent at the positions that were read; repeats add up."""
    return add_at(a_zeros, index, ct)


def _mask_of(index: Any) -> Any:
    """Return a boolean index, outside which nothing was read; None for any other index."""
    if isinstance(index, (tuple, slice, int, list)) or index is None or index is Ellipsis:
        return None
    return index if index.dtype.kind == "b" else None


linear(
    operator.getitem,
    parameters="a index",
    a=getitem_back,
    masks={"a": _mask_of},
    cases=[
        case(A(4, 3), 1),
        case(A(4, 3), (slice(1, 3), 0)),
        case(A(4), np.array([0, 0, 2])),
        case(A(4), slice(None, None, -1)),
        case(A(4, 3), (None, slice(None), 1)),
        case(A(4), np.array([True, False, True, True])),
        case(A(4, 3), (np.array([0, 2, 0]), np.array([1, 1, 1]))),
        case(A(2, 3, 4), (Ellipsis, 0)),
    ],
)


def set_item_back_array(ct: Any, index: Any, value_shape: Any) -> Any:
    """Nothing reaches the positions that were overwritten."""
    return set_item(ct, index, 0.0)


def set_item_back_value(ct: Any, index: Any, value_shape: Any) -> Any:
    """Read the positions that were written."""
    return sum_to(ct[index], value_shape)


linear(
    set_item,
    parameters="array index value",
    value=set_item_back_value,  # first: it reads what the other one overwrites
    array=set_item_back_array,
    cases=[
        case(A(4), 1, A()),
        case(A(4, 3), slice(1, 3), A(3)),
        case(A(4), np.array([0, 2]), A(2)),
    ],
)
linear(
    add_at,
    parameters="array index value",
    array=lambda ct: ct,
    value=set_item_back_value,
    cases=[
        case(A(4), 1, A()),
        case(A(4, 3), slice(1, 3), A(3)),
        case(A(4), np.array([0, 0]), A(2)),
    ],
)


def take_back(ct: Any, a_zeros: Any, a_shape: Any, indices: Any, axis: Any = None) -> Any:
    """Add the cotangent at the positions that were taken."""
    if axis is None:
        if len(a_shape) == 1:
            return add_at(a_zeros, indices, ct)
        return np.reshape(add_at(np.ravel(a_zeros), indices, ct), a_shape)
    lead = (slice(None),) * (axis % len(a_shape))
    return add_at(a_zeros, (*lead, indices) if lead else indices, ct)


linear(
    np.take,
    parameters="a indices axis",
    a=take_back,
    cases=[
        case(A(4), np.array([0, 0, 2])),
        case(A(2, 3), np.array([1, 1]), axis=1),
        case(A(2, 3), 1, axis=0),
        case(A(2, 3), np.array([5, 0])),
    ],
)


def take_along_axis_back(ct: Any, arr_zeros: Any, indices: Any, axis: Any) -> Any:
    """Add the cotangent at the positions that were taken."""
    return add_at(arr_zeros, _along(indices, axis, np.ndim(indices)), ct)


def _along(indices: Any, axis: int, rank: int) -> tuple[Any, ...]:
    """Return the full index that `take_along_axis` stands for."""
    axis = axis % rank
    shape = np.shape(indices)
    places: list[Any] = []
    for i in range(rank):
        if i == axis:
            places.append(indices)
        else:
            other = tuple(k for k in range(rank) if k != i)
            counter = np.cumsum(np.ones_like(indices), axis=i) - 1 if other else indices
            places.append(counter)
    assert len(shape) == rank
    return tuple(places)


linear(
    np.take_along_axis,
    parameters="arr indices axis",
    arr=take_along_axis_back,
    cases=[case(A(2, 3), np.array([[0, 0], [2, 1]]), 1), case(A(3, 2), np.array([[1, 0]]), 0)],
)
