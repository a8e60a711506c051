"""Reading and updating parts of arrays."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import linear
from s2s_grad.runtime import add_at, cast_like, dispatching, set_item, sum_to, take_last

np_arange, np_delete, np_insert, np_zeros = map(
    dispatching, (np.arange, np.delete, np.insert, np.zeros)
)


def getitem_back(ct: Any, a_zeros: Any, index: Any) -> Any:
    """Add the cotangent at the positions that were read; repeats add up."""
    return add_at(a_zeros, index, ct)


def _mask_of(index: Any, a_shape: Any) -> Any:
    """Return a boolean index, outside which nothing was read; None for any other index."""
    if isinstance(index, (tuple, slice, int, list, range)) or index is None or index is Ellipsis:
        return None
    if index.dtype.kind != "b":
        return None
    missing = len(a_shape) - len(index.shape)  # it selects along the first axes
    return index[(Ellipsis, *(None,) * missing)] if missing else index


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
        case(A(3, 3), np.array([True, False, True])),
        case(A(4, 3), (np.array([0, 2, 0]), np.array([1, 1, 1]))),
        case(A(2, 3, 4), (Ellipsis, 0)),
    ],
)


def set_item_back_array(ct: Any, index: Any, value_shape: Any) -> Any:
    """Nothing reaches the positions that were overwritten."""
    return set_item(ct, index, 0.0)


def set_item_back_value(ct: Any, index: Any, value_shape: Any) -> Any:
    """Read the positions that were written; of repeated ones the last item was kept."""
    taken = take_last(ct, index) if _may_repeat(index) else ct[index]
    return sum_to(taken, value_shape)


def added_back_value(ct: Any, index: Any, value_shape: Any) -> Any:
    """Read the positions that were added to."""
    return sum_to(ct[index], value_shape)


def _may_repeat(index: Any) -> bool:
    """Return whether an index may hold a position twice: it has an array of integers."""
    if getattr(index, "is_sequence", False):  # a tuple that the program makes
        return True
    items = index if isinstance(index, tuple) else (index,)
    for item in items:
        if item is None or item is Ellipsis or isinstance(item, (bool, int, slice)):
            continue
        if isinstance(item, list):
            return True
        if np.ndim(item) != 0 and item.dtype.kind != "b":
            return True
    return False


linear(
    set_item,
    parameters="array index value",
    value=set_item_back_value,  # first: it reads what the other one overwrites
    array=set_item_back_array,
    cases=[
        case(A(4), 1, A()),
        case(A(4, 3), slice(1, 3), A(3)),
        case(A(4), np.array([0, 2]), A(2)),
        case(A(4), np.array([1, 1, 2, 1]), A(4)),
        case(A(3, 2), (np.array([0, 0]), slice(None)), A(2)),
    ],
)
linear(
    take_last,
    parameters="array index",
    array=lambda ct, array_shape, index: set_item(cast_like(np_zeros(array_shape), ct), index, ct),
    cases=[case(A(4), np.array([1, 1, 2])), case(A(3, 2), np.array([2, 0, 2]))],
)
linear(
    add_at,
    parameters="array index value",
    array=lambda ct: ct,
    value=added_back_value,
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


def compress_back(ct: Any, condition: Any, a_zeros: Any, axis: Any = None) -> Any:
    """Add the cotangent at the positions that were kept."""
    return take_back(ct, a_zeros, np.shape(a_zeros), np.flatnonzero(condition), axis)


_KEPT = np.array([True, False, True])
linear(
    np.compress,
    parameters="condition a axis",
    a=compress_back,
    cases=[case(_KEPT, A(3)), case(_KEPT, A(2, 3), axis=1), case(_KEPT, A(2, 3))],
)
linear(
    np.extract,
    parameters="condition arr",
    arr=lambda ct, condition, arr_zeros: compress_back(ct, condition, arr_zeros),
    cases=[case(_KEPT, A(3)), case(np.array([[True, False], [True, True]]), A(2, 2))],
)


# ---------------------------------------------------------------------- taking out and putting in


def delete_back(ct: Any, arr_zeros: Any, arr_shape: Any, obj: Any, axis: Any = None) -> Any:
    """Add the cotangent at the positions that are left."""
    size = np.size(arr_zeros) if axis is None else arr_shape[axis]
    return take_back(ct, arr_zeros, arr_shape, np_delete(np_arange(size), obj), axis)


linear(
    np.delete,
    parameters="arr obj axis",
    arr=delete_back,
    cases=[
        case(A(4), 1),
        case(A(4), [0, -1]),
        case(A(2, 3), 1, axis=1),
        case(A(2, 3), slice(0, 2), 1),
        case(A(2, 3), 4),
    ],
)


def _inserted(ct: Any, arr_shape: Any, arr_size: Any, obj: Any, axis: Any) -> Any:
    """Return where the inserted items are along an axis: -1 - their place; others are counted."""
    before = arr_size if axis is None else arr_shape[axis]
    added = (np.size(ct) if axis is None else np.shape(ct)[axis]) - before
    return np_insert(np_arange(before), obj, -1 - np_arange(added))


def insert_back(ct: Any, arr_shape: Any, arr_size: Any, obj: Any, axis: Any = None) -> Any:
    """Take what was there before."""
    kept = np.flatnonzero(_inserted(ct, arr_shape, arr_size, obj, axis) >= 0)
    taken = np.take(ct, kept, axis=axis)
    return np.reshape(taken, arr_shape)


def insert_back_values(
    ct: Any, arr_shape: Any, arr_size: Any, values_shape: Any, obj: Any, axis: Any = None
) -> Any:
    """Take what was inserted, in the order of the values."""
    places = _inserted(ct, arr_shape, arr_size, obj, axis)
    order = np.argsort(places)[::-1][-np.size(places[places < 0]) :]
    values = np.take(ct, order, axis=axis)
    if axis is None or len(values_shape) in (0, np.ndim(values)):
        return sum_to(values, values_shape)
    return np.reshape(values, values_shape)


linear(
    np.insert,
    parameters="arr obj values axis",
    arr=insert_back,
    values=insert_back_values,
    cases=[
        case(A(4), 1, A()),
        case(A(4), 1, A(2)),
        case(A(4), [3, 0], A(2)),
        case(A(2, 3), 1, A(2), axis=1),
        case(A(2, 2), 1, A(), axis=0),
    ],
)
