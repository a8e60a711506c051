"""Which functions may return memory of their operands: views, and operands handed through.

Sound by default: of a function that is not known, the result may share memory with any operand.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from s2s_grad.ir.operators import INFIX, PREFIX
from s2s_grad.runtime import (
    add_at,
    cast_like,
    match_kind,
    set_item,
    split_like,
    sum_to,
    take_last,
)

__all__ = ["is_fresh", "views_first"]

# Views of their first operand.
_VIEWS: set[Callable[..., Any]] = {
    np.transpose, np.matrix_transpose, np.linalg.matrix_transpose, np.permute_dims, np.reshape,
    np.ravel, np.swapaxes, np.moveaxis, np.rollaxis, np.expand_dims, np.squeeze, np.broadcast_to,
    np.diagonal, np.linalg.diagonal, np.diag, np.real, np.imag, np.real_if_close, np.asarray,
    np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.asarray_chkfinite, np.require,
    np.atleast_1d, np.atleast_2d, np.atleast_3d, np.flip, np.fliplr, np.flipud, np.rot90, np.split,
    np.array_split, np.hsplit, np.vsplit, np.dsplit, np.linalg.matrix_power, np.trim_zeros,
    np.lib.stride_tricks.sliding_window_view, np.lib.stride_tricks.as_strided,
    sum_to, cast_like, match_kind, split_like, list, tuple,
}  # fmt: skip
if hasattr(np, "unstack"):  # NumPy 2.1
    _VIEWS.add(np.unstack)
# Views of any of their operands, though most functions of these modules return new memory.
_SHARING: set[Callable[..., Any]] = {
    np.broadcast_arrays, np.meshgrid, np.ix_, np.iterable, np.histogram,
}  # fmt: skip
_NEW: set[Callable[..., Any]] = {
    *INFIX, *PREFIX, add_at, set_item, take_last, builtins.len, builtins.float, builtins.int,
    builtins.bool, builtins.complex, builtins.range, builtins.abs, builtins.round, builtins.str,
    operator.not_,
} - {operator.concat, operator.mul}  # fmt: skip
_MODULES = {"numpy", "numpy.linalg", "numpy.fft", "numpy.random", "math"}


def views_first(fn: Callable[..., Any]) -> bool:
    """Return whether a function returns a view of its first operand, or that operand itself."""
    return fn in _VIEWS


def is_fresh(fn: Callable[..., Any], count: int, options: Iterable[str] = ()) -> bool:
    """Return whether a function returns new memory when it is called with `count` operands."""
    if isinstance(fn, np.ufunc) or fn in _NEW:
        return True
    if fn in _VIEWS or fn in _SHARING or "copy" in options:
        return False
    if fn is np.einsum:
        return count > 2  # of one operand it may be a transpose or a diagonal
    if fn is np.astype:
        return True
    return getattr(fn, "__module__", None) in _MODULES
