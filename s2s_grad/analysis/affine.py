"""Subscripts that follow the counter of a loop: ``y[i - 1]``, ``A[i + 1, :]``."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from s2s_grad.analysis.indexing import index_items
from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Apply, Const, Loop, Operand, Pack, Var
from s2s_grad.ir.types import Scalar

__all__ = ["Counter", "Row", "counter_of", "row_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Counter:
    """The counter of a loop: its variable, +1 or -1 as it goes up or down, and its least value."""

    var: Var
    direction: int
    least: int


@dataclass(frozen=True, slots=True)
class Row:
    """Where a subscript follows a counter: the axis, and what is added to the counter."""

    axis: int
    offset: int


def counter_of(loop: Loop, definitions: Mapping[Var, Apply]) -> Counter | None:
    """Return the counter of a `for` over a range of step 1 or -1 whose least value is known."""
    if loop.stop is not None:
        return None
    for each in loop.each:
        seq, var = each.sequence, each.element
        made = definitions.get(seq) if isinstance(seq, Var) else None
        if made is None or made.fn is not builtins.range or made.kwargs:
            continue
        bounds = [_number(arg) for arg in made.args]
        up = -1 if loop.reverse else 1
        match len(bounds), bounds:
            case 1, _:
                return Counter(var, up, 0)
            case 2, [int() as start, _]:
                return Counter(var, up, start)
            case 3, [int() as start, _, 1]:
                return Counter(var, up, start)
            case 3, [_, int() as stop, -1]:
                return Counter(var, -up, stop + 1)
            case _:
                pass
    return None


def _number(operand: Operand) -> int | None:
    value: object = operand.value if isinstance(operand, Const) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def row_of(index: Operand, counter: Counter, definitions: Mapping[Var, Apply]) -> Row | None:
    """Return where a subscript follows a counter without ever turning negative."""
    for axis, item in enumerate(index_items(index)):
        offset = _offset(item, counter.var, definitions)
        if offset is not None:
            return Row(axis, offset) if counter.least + offset >= 0 else None
        if not _takes_one_axis(item):
            return None
    return None


def _takes_one_axis(item: Operand) -> bool:
    if isinstance(item, Pack):
        return item.kind is slice
    if isinstance(item, Const):
        return isinstance(item.value, slice) or type(item.value) is int
    t = type_of(item)
    return isinstance(t, Scalar) and t.kind == "int"


def _offset(operand: Operand, counter: Var, definitions: Mapping[Var, Apply]) -> int | None:
    """Return c where an operand is counter + c."""
    if operand is counter:
        return 0
    made = definitions.get(operand) if isinstance(operand, Var) else None
    if made is None or made.kwargs or made.fn not in (np.add, np.subtract):
        return None
    first, second = made.args
    by = _number(second)
    if by is None:
        return None
    inner = _offset(first, counter, definitions)
    if inner is None:
        return None
    return inner + by if made.fn is np.add else inner - by
