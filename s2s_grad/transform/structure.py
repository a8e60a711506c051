"""Checks of the vectors that a caller gives: they have the structure of what they belong to."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.errors import ArgumentError
from s2s_grad.ir.guards import class_of, is_array, is_dict, is_items, is_numeric
from s2s_grad.ir.trees import is_numeric_leaf, leaves, map_tree, parts_of, rebuilt

__all__ = ["check_structure", "fitted", "in_kind"]


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
    parts = parts_of(like)
    if parts is None:
        if is_numeric_leaf(like):
            _check_leaf(like, value, what, of)
        return
    given = parts_of(value)
    if is_items(like):
        same = is_items(value) and len(value) == len(like)
        words, remedy = f"a {class_of(like).__name__} of {len(like)} items", "one item for each"
    elif is_dict(like):
        same = is_dict(value) and set(value) == set(like)
        words, remedy = f"a dict with the keys {list(like)}", "one item for each"
    else:
        same = type(like) is type(value)
        words = f"an object of the class {type(like).__name__}"
        remedy = "a value for each of its fields"
    if not same or given is None:
        raise ArgumentError(f"the {what} has to be {words}, like the {of}", f"give {remedy}")
    for key, item in parts.items():
        check_structure(item, given[key], what, of)


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

    What belongs to one of NumPy's numbers is one: by zero these are divided.

    Examples
    --------
    >>> fitted(np.zeros(2), [1, 2])
    array([1., 2.])
    """
    parts, given = parts_of(like), parts_of(value)
    if parts is not None and given is not None:
        return rebuilt(like, {key: fitted(item, given[key]) for key, item in parts.items()})
    if not is_numeric_leaf(like):
        return like
    if is_items(value):
        value = np.asarray(value)
    if isinstance(value, int):
        value = float(value)
    if type(value) is float and is_numeric(like) and like.dtype.kind in "fc":
        return like.dtype.type(value)
    if is_array(value) and value.dtype.kind in "iub":
        return value.astype(float)
    return value


def in_kind(gradient: Any, given: Any) -> Any:
    """Return a gradient as what its argument was: a float, a number of NumPy's, a 0-d array.

    Examples
    --------
    >>> in_kind((1.0, 2.0), (np.array(3.0), 4.0))
    (array(1.), 2.0)
    """
    if is_array(given):
        return gradient if given.ndim else np.asarray(gradient, given.dtype)
    if is_numeric(given):
        return np.asarray(gradient, given.dtype)[()] if given.dtype.kind in "fc" else gradient
    if type(given) in (float, complex):
        return complex(gradient) if type(given) is complex else float(gradient)
    if parts_of(given) is None or not any(np.ndim(leaf) == 0 for leaf in leaves(given)):
        return gradient
    return map_tree(_in_kind_of, given, gradient)


def _in_kind_of(given: Any, gradient: Any) -> Any:
    return in_kind(gradient, given)
