"""Python's floats on the tape: a tensor that holds one computes as Python does."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from s2s_grad.ir.primitives import INFIX, PREFIX

__all__ = ["PYTHON_OPERATORS", "Number"]


class Number(float):
    """A Python float with the facts of an array without axes."""

    __slots__ = ()
    shape: tuple[int, ...] = ()
    strides: tuple[int, ...] = ()
    ndim = 0
    size = 1
    itemsize = 8
    nbytes = 8
    dtype: Any = np.dtype(float)

    def item(self) -> float:
        """Return the plain float."""
        return float(self)

    def tolist(self) -> float:
        """Return the plain float."""
        return float(self)

    def copy(self) -> Number:
        """Return itself: it can not be written."""
        return self


def number(value: Any) -> Any:
    """Return a Python float as a `Number`; another value as NumPy has it."""
    if type(value) is float:
        return Number(value)
    return value if hasattr(value, "dtype") else np.asarray(value)[()]


PYTHON_OPERATORS: dict[Any, Any] = {
    **{fn: spelled.function for fn, spelled in (INFIX | PREFIX).items()},
    np.absolute: operator.abs,
}
