"""Tests of Python values, which tell the type checker that what is in them may be anything."""

from __future__ import annotations

import sys
from typing import Any, TypeGuard, cast

import numpy as np

__all__ = [
    "ARRAYS_MATCH",
    "class_of",
    "is_array",
    "is_dict",
    "is_generator",
    "is_items",
    "is_list",
    "is_numeric",
    "is_other_array",
    "is_slice",
    "is_tuple",
    "overlap",
]

_MOST_WORK = 10_000
_SEQUENCE = 1 << 5  # Py_TPFLAGS_SEQUENCE
ARRAYS_MATCH = bool(np.ndarray.__flags__ & _SEQUENCE)  # `case [a, b]` takes arrays: NumPy 2.5


def class_of(value: Any) -> type[Any]:
    """Return ``type(value)``."""
    return cast(type[Any], type(value))


def is_items(value: Any) -> TypeGuard[tuple[Any, ...] | list[Any]]:
    """Return whether a value is a tuple or a list.

    Examples
    --------
    >>> is_items((1, 2)), is_items("ab")
    (True, False)
    """
    return isinstance(value, (tuple, list))


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Return whether a value is a list."""
    return isinstance(value, list)


def is_tuple(value: Any) -> TypeGuard[tuple[Any, ...]]:
    """Return whether a value is a tuple."""
    return isinstance(value, tuple)


def is_slice(value: Any) -> TypeGuard[slice[Any, Any, Any]]:
    """Return whether a value is a slice."""
    return isinstance(value, slice)


def is_dict(value: Any) -> TypeGuard[dict[Any, Any]]:
    """Return whether a value is a dict."""
    return isinstance(value, dict)


def is_array(value: Any) -> TypeGuard[np.ndarray[Any, Any]]:
    """Return whether a value is a NumPy array."""
    return issubclass(class_of(value), np.ndarray)  # a tensor of the tape poses as an array


def is_other_array(value: Any) -> bool:
    """Return whether a value is an array of a class whose operations may be others than NumPy's.

    Examples
    --------
    >>> is_other_array(np.ma.masked_array([1.0])), is_other_array(np.ones(1))
    (True, False)
    """
    return is_array(value) and class_of(value) not in (np.ndarray, np.memmap)


def is_numeric(value: Any) -> TypeGuard[np.ndarray[Any, Any] | np.generic[Any]]:
    """Return whether a value is a NumPy array or one of NumPy's numbers.

    Examples
    --------
    >>> is_numeric(np.float32(1)), is_numeric(1.0)
    (True, False)
    """
    return issubclass(class_of(value), (np.ndarray, np.generic))


def overlap(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    """Return whether two arrays have an item in common, or may have one."""
    if not np.may_share_memory(a, b):
        return False
    try:
        # NumPy takes any int; its stub knows two of them.
        return np.shares_memory(a, b, max_work=_MOST_WORK)  # pyright: ignore[reportArgumentType]
    except np.exceptions.TooHardError:
        return True


def is_generator(value: Any) -> bool:
    """Return whether a value is a source of random numbers of NumPy's.

    NumPy imports what makes them when it is first asked for.
    """
    random = sys.modules.get("numpy.random")
    kinds: Any = () if random is None else (random.Generator, random.RandomState)
    return issubclass(class_of(value), kinds)
