"""What is written to an array, made to fit as NumPy does it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.analysis.indexing import index_items
from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Const, Operand, Var
from s2s_grad.ir.types import Array, Scalar, is_complex, is_real
from s2s_grad.lower.memory.state import State
from s2s_grad.runtime import add_at

__all__ = ["check_axes", "check_depth", "fitted", "new_item"]

_NO_ITEM = "a value with axes is written to an array without axes."


def written(
    low: State,
    target: Var,
    index: Operand | None,
    value: Operand,
    fn: Callable[..., Any],
    hint: str = "",
) -> Operand:
    """Return what an array is after a write to a part of it, or to all of it without an index."""
    if isinstance(target.type, Array) and target.type.shape == ():
        return new_item(low, target, index, value, fn)
    if index is None:
        return value
    value = fitted(low, target, index, value)
    return low.apply(fn, target, index, value, type=target.type, hint=hint)


def new_item(
    low: State, target: Var, index: Operand | None, value: Operand, fn: Callable[..., Any]
) -> Operand:
    """Return what an array without axes is after a write: it has one item, and that is it."""
    items = () if index is None else index_items(index)
    mask = items[0] if len(items) == 1 and _is_mask(items[0]) else None
    if mask is None and not all(_adds_an_axis(item) for item in items):
        low.refuse("an array without axes takes no such index.", "Use `[...]`.")
    rank = _rank(value)
    if not isinstance(value, (Var, Const)) or (rank != 0 and (mask or (rank and not items))):
        low.refuse(_NO_ITEM, "Write a number to it.")
    item = value if rank == 0 else low.apply(np.reshape, value, Const(()))
    item = low.apply(np.add, target, item) if fn is add_at else item
    item = _real_if_so(low, target, item)
    if mask is not None:
        return low.apply(np.where, mask, item, target)
    return low.apply(np.positive, item) if isinstance(item, Var) else item


def _real_if_so(low: State, target: Var, item: Operand) -> Operand:
    """Return the real part of an item that is complex, if the array is real, as NumPy stores it."""
    into, given = type_of(target), type_of(item)
    real = isinstance(into, Array) and is_real(into)
    return low.apply(np.real, item) if real and is_complex(given) else item


def _is_mask(item: Operand) -> bool:
    t = type_of(item)
    if isinstance(t, Scalar):
        return t.kind == "bool"
    return isinstance(t, Array) and t.rank == 0 and t.dtype == np.dtype(bool)


def _adds_an_axis(item: Operand) -> bool:
    return isinstance(item, Const) and (item.value is None or item.value is Ellipsis)


def _rank(value: Operand) -> int | None:
    t = type_of(value)
    return 0 if isinstance(t, Scalar) else t.rank if isinstance(t, Array) else None


def fitted(low: State, target: Operand, index: Operand, value: Operand) -> Operand:
    """Return a value without leading axes that the part it is written to does not have."""
    rank = _rank(value)
    if not rank or not isinstance(value, Var):
        return value
    part = low.builder.infer(operator.getitem, (target, index), {})
    if not isinstance(part, Array) or not part.rank or part.rank >= rank:
        return value
    return low.apply(np.squeeze, value, kwargs={"axis": Const(tuple(range(rank - part.rank)))})


def check_axes(low: State, target: Operand, result: Operand) -> None:
    """Refuse an operation in place of which the result has more axes than its array."""
    into, given = _rank(target), _rank(result)
    if into is not None and given is not None and given > into:
        low.refuse(
            "an array is updated in place with values that have more axes.",
            "Write the result to a new array.",
        )


def check_depth(low: State, target: Operand, index: Operand, listed: Operand) -> None:
    """Refuse the items of a list that is deeper than the part which they are written to."""
    part = _rank(Var("", low.builder.infer(operator.getitem, (target, index), {})))
    depth = _rank(listed)
    if part is not None and depth is not None and depth > part:
        low.refuse("a list is written to a part of an array that has fewer axes.")
