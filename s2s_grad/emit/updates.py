"""Spell updates: of an item or a part of an array, and of a name by an augmented assignment."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from s2s_grad.analysis.indexing import index_kind
from s2s_grad.analysis.infer import type_of
from s2s_grad.emit.expressions import Printer
from s2s_grad.ir.nodes import Apply, Const, Operand, Phase, Var
from s2s_grad.ir.primitives import INFIX, primitive
from s2s_grad.ir.types import Array, Scalar
from s2s_grad.runtime import add_at, set_item

__all__ = ["augmented", "update", "written"]

_ATOM = 20


def written(printer: Printer, value: Operand) -> str:
    """Return the text of a value, as the user wrote it where that still holds."""
    inner = _folded(printer, value)
    text = None if inner is None else printer.verbatim(inner)
    return text or printer.bare(value)


def _augmented_by(fn: Callable[..., Any]) -> str | None:
    """Return the symbol of the augmented assignment that does what a function does."""
    arithmetic = isinstance(fn, np.ufunc) and primitive(fn).elementwise and fn in INFIX
    return f"{INFIX[fn].symbol}=" if arithmetic and not primitive(fn).compares else None


def augmented(printer: Printer, statement: Apply) -> str | None:
    """Return ``x += y`` for ``x = x + y`` where the two mean the same."""
    symbol = _augmented_by(statement.fn)
    if symbol is None or len(statement.args) != 2:
        return None
    first, second = statement.args
    name = printer.names[statement.result]
    if not isinstance(first, Var) or printer.names.get(first) != name:
        if statement.fn is np.add and isinstance(second, Var):
            first, second = second, first
        if not isinstance(first, Var) or printer.names.get(first) != name:
            return None
    values = _is_number(printer, first) and _is_number(printer, statement.result)
    if not (statement.inplace or values or printer.private.get(statement.result) is first):
        return None
    if symbol == "+=":
        return f"{name} {_signed(printer, second)}"
    return f"{name} {symbol} {written(printer, second)}"


def _is_number(printer: Printer, var: Var) -> bool:
    """Return whether a variable holds a number, which is replaced and never overwritten."""
    rank0 = isinstance(var.type, Array) and var.type.shape == ()
    return isinstance(var.type, Scalar) or (rank0 and var not in printer.arrays)


def update(printer: Printer, statement: Apply) -> str | None:
    """Return the text of an update of an array's items; None where the statement is none."""
    if statement.fn not in (set_item, add_at):
        return None
    base, index, value = statement.args
    target = f"{printer.text(base, _ATOM)}[{printer.index(index)}]"
    if statement.fn is set_item:
        return _onto_itself(printer, statement, target) or f"{target} = {written(printer, value)}"
    if index_kind(index, type_of).repeats:
        np_add = printer.references.function(np.add)
        where = f"{printer.text(base, _ATOM)}, {printer.text(index)}"
        return f"{np_add}.at({where}, {printer.text(value)})"
    return f"{target} {_signed(printer, value)}"


def _onto_itself(printer: Printer, statement: Apply, target: str) -> str | None:
    """Return ``x[i] *= y`` for ``x[i] = x[i] * y``, if the user did not write the latter."""
    base, index, value = statement.args
    inner = _folded(printer, value)
    if inner is None or len(inner.args) != 2:
        return None
    symbol = _augmented_by(inner.fn)
    item = _folded(printer, inner.args[0])
    if symbol is None or item is None or item.fn is not operator.getitem:
        return None
    origin = statement.origin
    line = "" if origin.line is None else origin.line.text
    if origin.phase is Phase.PRIMAL and f" {symbol} " not in line:
        return None
    t, kind = type_of(base), index_kind(index, type_of)
    # Arrays of ints would refuse floats here, and cut them off there.
    floats = isinstance(t, Array) and t.dtype is not None and t.dtype.kind in "fc"
    same = item.args[0] is base and printer.text(inner.args[0]) == target
    if not (floats and same and (kind.basic or kind.mask)):
        return None
    return f"{target} {symbol} {written(printer, inner.args[1])}"


def _signed(printer: Printer, value: Operand) -> str:
    """Return ``+= value``, or ``-= value`` where a minus sign can be taken from the value."""
    inner = _folded(printer, value)
    if inner is not None and inner.fn is np.negative:
        return f"-= {written(printer, inner.args[0])}"
    if inner is not None and inner.fn in (np.multiply, np.divide):
        factor, other = inner.args
        number: object = factor.value if isinstance(factor, Const) else None
        if isinstance(number, (int, float)) and number < 0:
            positive = replace(inner, args=(Const(-number), other))
            return f"-= {printer.expression(positive)[0]}"
    return f"+= {written(printer, value)}"


def _folded(printer: Printer, operand: Operand) -> Apply | None:
    inner = printer.folded.get(operand) if isinstance(operand, Var) else None
    return inner if isinstance(inner, Apply) else None
