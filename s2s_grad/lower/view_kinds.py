"""Which functions return views that can be written through, and which arrays are contiguous.

NumPy reshapes a contiguous array to a view, and any other one to a copy.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from s2s_grad.analysis.indexing import index_kind
from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.views import is_fresh
from s2s_grad.ir.nodes import Operand, Var
from s2s_grad.ir.types import Array, is_complex

__all__ = [
    "PARTS",
    "RESHAPES",
    "SAME_ELEMENTS",
    "View",
    "layout_sources",
    "view_kind",
]

# The same elements in another order; the function of the value undoes the view.
SAME_ELEMENTS: dict[Any, Callable[..., Any]] = {
    np.transpose: np.transpose,
    np.matrix_transpose: np.matrix_transpose,
    np.swapaxes: np.swapaxes,
    np.flip: np.flip,
    np.fliplr: np.fliplr,
    np.flipud: np.flipud,
}
PARTS = {np.real, np.imag}
_RESHAPED = {np.expand_dims, np.squeeze}
_RESHAPED_IF_CONTIGUOUS = {np.reshape, np.ravel}
RESHAPES = _RESHAPED | _RESHAPED_IF_CONTIGUOUS
_READ_ONLY = {
    np.diagonal, np.broadcast_to, np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit,
    sliding_window_view,
}  # fmt: skip
_CONTIGUOUS = {
    np.zeros, np.ones, np.empty, np.full, np.eye, np.arange, np.linspace, np.identity, np.outer,
}  # fmt: skip
# Their results are laid out as their operands are.
_LIKE_OPERANDS = {np.copy, np.zeros_like, np.ones_like, np.empty_like, np.full_like}


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """How a variable was read from the value `version` that its `base` had then."""

    base: Var
    version: Operand
    fn: Callable[..., Any]
    args: tuple[Operand, ...]
    kwargs: dict[str, Operand]


def view_kind(result: Var, fn: Callable[..., Any], refs: tuple[Operand, ...]) -> bool | None:
    """Return whether the result is a view of an array; None if only of a contiguous one."""
    base, t = type_of(refs[0]), type_of(result)
    if not isinstance(t, Array) or not t.shape or not isinstance(base, Array):
        return fn in _READ_ONLY and isinstance(base, Array)
    if fn is operator.getitem:
        return index_kind(refs[1], type_of).basic
    if fn in _RESHAPED_IF_CONTIGUOUS:
        return None
    if fn in PARTS:
        return is_complex(base)
    return fn in SAME_ELEMENTS or fn in RESHAPES or fn in _READ_ONLY


def layout_sources(
    result: Var, fn: Callable[..., Any], refs: tuple[Operand, ...]
) -> tuple[Operand, ...] | None:
    """Return the arrays that make the result contiguous if they are; None if nothing does."""
    t = result.type
    new = is_fresh(fn, len(refs))
    if fn in _CONTIGUOUS or (new and isinstance(t, Array) and t.rank == 1):
        return ()
    if fn in _RESHAPED_IF_CONTIGUOUS:
        return refs[:1]
    if fn in _LIKE_OPERANDS:
        return refs[:1]
    if isinstance(fn, np.ufunc) and fn.signature is None:
        types = (type_of(ref) for ref in refs)
        if all(not isinstance(each, Array) or each.shape is not None for each in types):
            return tuple(r for r in refs if isinstance(a := type_of(r), Array) and a.shape)
    return None
