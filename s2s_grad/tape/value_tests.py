"""What a value is, without narrowing its static type: values of the tape are dynamic.

`isinstance` would ask a tensor for its class, which is that of its value while a user's function
runs on it; see `core.Tensor`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = [
    "is_array",
    "is_dict",
    "is_list",
    "is_numeric",
    "is_sequence",
    "is_tuple",
    "kind_of",
]


def is_array(value: Any) -> bool:
    """Return whether a value is a NumPy array."""
    return issubclass(type(value), np.ndarray)  # pyright: ignore[reportUnknownArgumentType]


def is_numeric(value: Any) -> bool:
    """Return whether a value is a NumPy array or scalar."""
    return issubclass(type(value), (np.ndarray, np.generic))  # pyright: ignore


def is_sequence(value: Any) -> bool:
    """Return whether a value is a tuple or a list."""
    return isinstance(value, (tuple, list))


def is_tuple(value: Any) -> bool:
    """Return whether a value is a tuple."""
    return isinstance(value, tuple)


def is_list(value: Any) -> bool:
    """Return whether a value is a list."""
    return isinstance(value, list)


def is_dict(value: Any) -> bool:
    """Return whether a value is a dict."""
    return isinstance(value, dict)


kind_of: Callable[[Any], Any] = type
