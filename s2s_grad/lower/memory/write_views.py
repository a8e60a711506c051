"""Write through a view: to the array that it is a view of, at the place that it shows."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.memory import View
from s2s_grad.ir.guards import is_items
from s2s_grad.ir.nodes import Const, Operand, Pack, Var
from s2s_grad.ir.primitives import Memory, primitive
from s2s_grad.ir.types import Array, is_real
from s2s_grad.lower.memory.fit import written
from s2s_grad.lower.memory.state import State
from s2s_grad.lower.memory.view_indices import compose, is_none
from s2s_grad.lower.terms.values import MISSING, NONE, static_value
from s2s_grad.runtime import add_at

__all__ = ["write_through"]


def write_through(
    low: State,
    view: View,
    target: Var,
    index: Operand | None,
    value: Operand,
    fn: Callable[..., Any],
) -> None:
    """Lower ``target[index] = value`` where `target` is a view; without an index all of it."""
    record = primitive(view.fn)
    same = low.memory.is_same(target)
    if same or (record.memory is Memory.PART and is_real(type_of(view.base))):
        low.memory.write(view.base, index, value, fn)
        return
    if record.memory is Memory.PART:
        _write_part(low, view, index, value, fn)
        return
    if view.fn is operator.getitem and not isinstance(type_of(view.base), Array):
        piece = _piece(low, view)
        if piece is None:
            low.refuse(
                "a write to an array inside a container that is only known when the program runs.",
                "Bind the array to a name first.",
            )
        view = piece
    write = low.memory.write
    t = type_of(view.base)
    has_axes = not isinstance(t, Array) or t.shape != ()
    if view.fn is operator.getitem and index is not None and has_axes:
        joined = compose(view.args[0], index)
        if joined is not None:
            write(view.base, joined, value, fn)
            return
    value = written(low, target, index, value, fn)
    if view.fn is operator.getitem:
        write(view.base, view.args[0], value)
    elif record.undone_by is not None:
        write(view.base, None, low.apply(record.undone_by, value, *_undo(low, view)))
    elif record.memory in (Memory.RESHAPED, Memory.RESHAPED_IF_CONTIGUOUS):
        shape = low.call(np.shape, (view.base,))
        write(view.base, None, low.apply(np.reshape, value, shape))
    else:
        low.refuse(f"a write to what `{view.fn.__name__}` returns.", "Write to a copy of it.")


def _piece(low: State, view: View) -> View | None:
    """Return a piece that `np.split` made as the slice that it is; None for other items."""
    whole = low.memory.view_of(view.base)
    t = None if whole is None else type_of(whole.base)
    place = static_value(view.args[0])
    along = None if whole is None else primitive(whole.fn).along
    if whole is None or along is None or not isinstance(t, Array) or not t.rank:
        return None
    parts = static_value(whole.args[0]) if whole.args else MISSING
    axis = static_value(whole.kwargs.get("axis", Const(along)))
    if len(whole.args) > 1 or not isinstance(axis, int) or not isinstance(place, int):
        return None
    axis = min(axis % t.rank if whole.fn is np.split else axis, t.rank - 1)
    bounds: tuple[Operand, Operand]
    if isinstance(parts, int):
        shape = low.call(np.shape, (whole.base,))
        size = low.call(operator.getitem, (shape, Const(axis)))
        step = low.apply(np.floor_divide, size, Const(parts))
        place %= parts
        bounds = (
            low.apply(np.multiply, step, Const(place)),
            low.apply(np.multiply, step, Const(place + 1)),
        )
    elif is_items(parts):
        marks: list[Any] = [0, *parts, None]
        place %= len(marks) - 1
        bounds = Const(marks[place]), Const(marks[place + 1])
    else:
        return None
    before = (Pack(slice, (NONE, NONE, NONE)),) * axis
    index = Pack(tuple, (*before, Pack(slice, (*bounds, NONE))))
    return View(whole.base, whole.version, operator.getitem, (index,), {})


def _write_part(
    low: State, view: View, index: Operand | None, value: Operand, fn: Callable[..., Any]
) -> None:
    """Write to the real or the imaginary part of an array, at the same place of the array."""
    if isinstance(index, Const) and index.value is Ellipsis and fn is not add_at:
        index = None
    if view.fn is np.imag:
        value = low.apply(np.multiply, Const(1j), value)
    if fn is not add_at:
        item = low.memory.value(view.base)
        if index is not None:
            item = low.apply(operator.getitem, item, index)
        kept = low.apply(np.imag if view.fn is np.real else np.real, item)
        if view.fn is np.real:
            kept = low.apply(np.multiply, Const(1j), kept)
        value = low.apply(np.add, value, kept)
    low.memory.write(view.base, index, value, fn)


def _undo(low: State, view: View) -> tuple[Operand, ...]:
    """Return the options with which the same function undoes a view."""
    options: tuple[Any, ...] = (*view.args, *view.kwargs.values())
    if view.fn is np.moveaxis:
        named = dict(zip(("source", "destination"), view.args, strict=False)) | view.kwargs
        return named["destination"], named["source"]
    if view.fn is not np.transpose or not options or is_none(options[0]):
        return options
    return (low.apply(np.argsort, options[0]),)
