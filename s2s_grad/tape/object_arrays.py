"""Arrays of Python objects that hold tensors: NumPy computes with them item by item."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.tape.core import Tensor
from s2s_grad.tape.value_tests import is_array, is_sequence

__all__ = ["as_objects", "has_objects"]


class _Boxed:
    """A tensor that NumPy takes for an object without items."""

    __slots__ = ("tensor",)

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor


def as_objects(value: Any) -> Any:
    """Return an array of objects with the items of tensors in it, each a tensor."""
    array = np.array(_boxed(value), dtype=object)
    for place, item in enumerate(array.flat):
        if isinstance(item, _Boxed):
            array.flat[place] = item.tensor
    return array


def _boxed(value: Any) -> Any:
    if isinstance(value, Tensor):
        return [_boxed(item) for item in value] if value.ndim else _Boxed(value)
    return [_boxed(item) for item in value] if is_sequence(value) else value


def has_objects(values: Any) -> bool:
    """Return whether one of these values is an array of objects."""
    return any(is_array(value) and value.dtype == object for value in values)
