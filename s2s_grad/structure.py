"""Checks of the vectors that a caller gives: they have the structure of what they belong to."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.arguments import is_dataclass_object
from s2s_grad.errors import ArgumentError
from s2s_grad.ir.guards import class_of, is_array, is_dict, is_items

__all__ = ["check_structure", "fitted", "with_arrays"]


def check_structure(like: Any, value: Any, what: str, of: str) -> None:
    """Raise unless a cotangent or tangent has the structure and shapes of what it belongs to.

    Parameters
    ----------
    like : object
        What the vector belongs to.
    value : object
        The vector.
    what, of : str
        How to call the two in an error.

    Raises
    ------
    ArgumentError
        Where they differ.

    Examples
    --------
    >>> check_structure((1.0, 2.0), (3.0, 4.0), "tangent", "argument `x`")
    """
    if is_items(like):
        if not is_items(value) or len(value) != len(like):
            raise ArgumentError(
                f"the {what} has to be a {class_of(like).__name__} of {len(like)} items, "
                f"like the {of}",
                "give one item for each",
            )
        for a, b in zip(like, value, strict=True):
            check_structure(a, b, what, of)
    elif is_dict(like):
        if not is_dict(value) or set(value) != set(like):
            raise ArgumentError(
                f"the {what} has to be a dict with the keys {list(like)}, like the {of}",
                "give one item for each",
            )
        for key, item in like.items():
            check_structure(item, value[key], what, of)
    elif is_dataclass_object(like):
        if type(like) is not type(value):
            raise ArgumentError(
                f"the {what} has to be an object of the class {type(like).__name__}, like the {of}",
                "give a value for each of its fields",
            )
        check_structure(_fields(like), _fields(value), what, of)
    elif not isinstance(like, str) and like is not None:
        _check_leaf(like, value, what, of)


def _check_leaf(like: Any, value: Any, what: str, of: str) -> None:
    """Raise unless a vector is made of numbers, in the shape of what it belongs to."""
    dtype = getattr(value, "dtype", None)
    array = value if dtype is not None else np.asarray(value)
    kind = getattr(array.dtype, "kind", "f")
    if kind not in "fciub":
        raise ArgumentError(
            f"the {what} of the {of} is {value!r}, which is no number", "give real numbers"
        )
    if kind == "c" and np.asarray(like).dtype.kind != "c":
        raise ArgumentError(
            f"the {what} is complex, but the {of} is real", "give the real part of it"
        )
    if np.shape(like) != np.shape(value):
        raise ArgumentError(
            f"the {what} has shape {np.shape(value)}, but the {of} has shape {np.shape(like)}",
            "shapes have to be equal",
        )


def fitted(like: Any, value: Any) -> Any:
    """Return a vector with lists and ints as the float arrays and floats that they stand for.

    Examples
    --------
    >>> fitted(np.zeros(2), [1, 2])
    array([1., 2.])
    """
    if is_items(like):
        items = [fitted(a, b) for a, b in zip(like, value, strict=True)]
        return class_of(like)(*items) if hasattr(like, "_fields") else class_of(like)(items)
    if is_dict(like):
        return {key: fitted(item, value[key]) for key, item in like.items()}
    if is_items(value):
        value = np.asarray(value)
    if isinstance(value, int):
        return float(value)
    if is_array(value) and value.dtype.kind in "iub":
        return value.astype(float)
    return value


def _fields(value: Any) -> dict[str, Any]:
    return dict(value.__dict__)


def with_arrays(gradient: Any, points: list[bool], single: bool) -> Any:
    """Return a gradient as 0-d arrays where the arguments were such: NumPy computes numbers.

    Examples
    --------
    >>> with_arrays((1.0, 2.0), [True, False], single=False)
    (array(1.), 2.0)
    """
    if not any(points):
        return gradient
    if single:
        return np.asarray(gradient)
    pairs = zip(gradient, points, strict=True)
    return tuple(np.asarray(g) if point else g for g, point in pairs)
