"""Array helpers that rules and emitted code call; plain NumPy, printed into emitted modules."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.runtime.operation import operation

__all__ = [
    "add_at",
    "cast_like",
    "check_scalar",
    "check_shape",
    "check_vector",
    "divided",
    "match_kind",
    "owned",
    "places_in_order",
    "set_item",
    "split_like",
    "sum_to",
    "take_last",
    "with_item",
]


@operation
def sum_to(value: Any, shape: tuple[int, ...]) -> Any:
    """Sum over the axes along which an array of `shape` was broadcast to give `value`."""
    if np.shape(value) == shape:
        return value
    lead = np.ndim(value) - len(shape)
    value = np.sum(value, axis=tuple(range(lead)))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and value.shape[i] != 1)
    value = np.sum(value, axis=stretched, keepdims=True) if stretched else value
    if np.shape(value) != shape:
        raise ValueError(f"shape {shape} does not broadcast to {np.shape(value)}")
    return value


@operation
def set_item(array: Any, index: Any, value: Any) -> Any:
    """Return a copy of `array` with ``copy[index] = value``."""
    copy = np.array(array)
    copy[index] = value
    return copy


@operation
def add_at(array: Any, index: Any, value: Any) -> Any:
    """Return a copy of `array` with `value` added at `index`; repeated positions add up."""
    copy = np.array(array)
    np.add.at(copy, index, value)
    return copy


@operation
def take_last(array: Any, index: Any) -> Any:
    """Return ``array[index]``, zero where a later item has the same position."""
    taken = array[index]
    order: Any = np.arange(np.size(taken)).reshape(np.shape(taken))
    last = np.empty(array.shape, dtype=int)
    last[index] = order
    return np.where(last[index] == order, taken, 0.0)


@operation
def divided(value: Any, by: Any) -> Any:
    """Return ``value / by``, as NumPy divides numbers: no error where `by` is zero."""
    return value / by if by else value * np.inf


@operation
def cast_like(value: Any, like: Any) -> Any:
    """Return `value` with the dtype of `like`."""
    return np.asarray(value, dtype=np.asarray(like).dtype)


@operation
def owned(value: Any) -> Any:
    """Return a copy of an array; anything else as it is."""
    array: Any = value
    return array.copy() if isinstance(value, np.ndarray) else value


@operation
def match_kind(value: Any, like: Any) -> Any:
    """Return `value` as a complex array where `like` is complex, else its real part."""
    return value + 0j if np.iscomplexobj(like) else np.real(value)


def check_scalar(value: Any) -> None:
    """Raise unless `value` is a real float scalar, the only kind of result with a gradient."""
    if np.ndim(value) != 0 or not np.issubdtype(np.asarray(value).dtype, np.floating):
        raise TypeError(
            f"a gradient needs a real scalar result, not {np.asarray(value).dtype} of shape "
            f"{np.shape(value)}; use vjp"
        )


def check_shape(gradient: Any, argument: Any) -> None:
    """Raise unless a gradient has the shape of its argument: the primal would raise, too."""
    if np.shape(gradient) != np.shape(argument):
        raise ValueError(
            f"operands could not be broadcast together: the gradient has shape "
            f"{np.shape(gradient)}, the argument {np.shape(argument)}"
        )


@operation
def check_vector(vector: Any, like: Any) -> None:
    """Raise unless a tangent or cotangent has the shape of what it belongs to."""
    if np.shape(vector) != np.shape(like):
        raise ValueError(
            f"a tangent or cotangent has shape {np.shape(vector)}, what it belongs to has shape "
            f"{np.shape(like)}"
        )


@operation
def with_item(items: Any, index: Any, value: Any) -> Any:
    """Return a copy of a list with ``copy[index] = value``."""
    copy = list(items)
    copy[index] = value
    return copy


@operation
def places_in_order(heights: Any, reverse: bool = False) -> list[int]:
    """Return the places of numbers in the order in which Python sorts them."""
    return sorted(range(len(heights)), key=heights.__getitem__, reverse=reverse)


def split_like(array: Any, parts: Any, axis: int = 0) -> Any:
    """Return the pieces of `array` that are as long as each of `parts`: undo a concatenation."""
    ends = np.cumsum([np.shape(part)[axis] for part in parts])
    return np.split(array, ends[:-1], axis)
