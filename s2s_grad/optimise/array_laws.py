"""Laws of arrays: broadcasts, sums over them, updates of items, and shapes."""

from __future__ import annotations

import numpy as np

from s2s_grad.analysis.extents import index_key, same_extents
from s2s_grad.analysis.indexing import index_kind
from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Apply, Operand, Phase, Role, Var
from s2s_grad.ir.types import Array, Scalar, Type
from s2s_grad.optimise.number_laws import Context, is_float, number_of, shape_of
from s2s_grad.runtime import add_at, set_item

__all__ = [
    "add_broadcast_at",
    "ask_the_source",
    "broadcast_nothing",
    "drop_broadcast",
    "drop_broadcast_twice",
    "select_from_broadcast",
    "sum_of_broadcast",
    "sum_of_negative",
    "sum_of_product",
    "sum_to_same",
    "transpose_twice",
    "write_over_zero",
]


def drop_broadcast(c: Context, s: Apply) -> Operand | None:
    """broadcast(x) op y -> x op y, where y has the shape already"""
    shape = shape_of(s.result)
    if shape is None:
        return None
    args = list(s.args)
    for place, arg in enumerate(args):
        inner = c.of(arg, np.broadcast_to)
        others = args[:place] + args[place + 1 :]
        if inner is not None and any(shape_of(other) == shape for other in others):
            args[place] = inner[0]
            return c.make(s.fn, *args)
    return None


def drop_broadcast_twice(c: Context, s: Apply) -> Operand | None:
    """broadcast(x) op k -> broadcast(x op k), for a scalar k"""
    for place, arg in enumerate(s.args):
        inner = c.of(arg, np.broadcast_to)
        other = s.args[1 - place]
        if inner is not None and shape_of(other) == () and shape_of(arg) == shape_of(s.result):
            pair = (inner[0], other) if place == 0 else (other, inner[0])
            return c.make(np.broadcast_to, c.make(s.fn, *pair), inner[1])
    return None


def broadcast_nothing(c: Context, s: Apply) -> Operand | None:
    """broadcast(x) -> x, where x has the shape already; broadcast(broadcast(x)) -> broadcast(x)"""
    x = s.args[0]
    t = type_of(x)
    if isinstance(t, Array) and t.shape is not None and t == type_of(s.result):
        return x
    inner = c.of(x, np.broadcast_to)
    return None if inner is None else c.make(np.broadcast_to, inner[0], s.args[1])


def sum_of_broadcast(c: Context, s: Apply) -> Operand | None:
    """sum(broadcast(x, y.shape)) -> x * y.size, for a scalar x"""
    if s.kwargs or len(s.args) != 1:
        return None
    inner = c.of(s.args[0], np.broadcast_to)
    if inner is None or shape_of(inner[0]) != ():
        return None
    asked = c.of(inner[1], np.shape)
    return None if asked is None else c.make(np.multiply, inner[0], c.make(np.size, asked[0]))


def sum_of_negative(c: Context, s: Apply) -> Operand | None:
    """sum(-x) -> -sum(x)"""
    x, *axes = s.args
    inner = c.of(x, np.negative)
    if axes or inner is None or not is_float(inner[0]) or not c.once(x):
        return None
    return c.make(np.negative, c.make(np.sum, inner[0], **dict(s.kwargs)))


def sum_of_product(c: Context, s: Apply) -> Operand | None:
    """sum(a * b) -> vdot(a, b), for float arrays of one shape"""
    if s.kwargs or len(s.args) != 1 or not c.once(s.args[0]):
        return None
    inner = c.of(s.args[0], np.multiply)
    if inner is None:
        return None
    x, y = inner
    a, b = type_of(x), type_of(y)
    if not (isinstance(a, Array) and isinstance(b, Array) and a.shape and a.dtype == b.dtype):
        return None
    if a.dtype is None or a.dtype.kind != "f" or not same_extents(x, y, c.definitions):
        return None
    return c.make(np.vdot, x, y)


def select_from_broadcast(c: Context, s: Apply) -> Operand | None:
    """where(c, broadcast(x), y) -> where(c, x, y), where c or y has the shape already"""
    shape = shape_of(s.result)
    args = list(s.args)
    for place in (1, 2):
        inner = c.of(args[place], np.broadcast_to)
        others = [arg for i, arg in enumerate(args) if i != place]
        if inner is not None and shape is not None and any(shape_of(o) == shape for o in others):
            args[place] = inner[0]
            return c.make(np.where, *args)
    return None


def add_broadcast_at(c: Context, s: Apply) -> Operand | None:
    """add_at(x, i, broadcast(y)) -> add_at(x, i, y)"""
    inner = c.of(s.args[2], np.broadcast_to)
    return None if inner is None else c.make(add_at, s.args[0], s.args[1], inner[0])


def write_over_zero(c: Context, s: Apply) -> Operand | None:
    """add_at(... set_item(x, i, 0) ..., i, y) -> set_item(x, i, y), and what was added between"""
    steps: list[Apply] = []
    base = s.args[0]
    while True:
        made = c.definitions.get(base) if isinstance(base, Var) else None
        if made is None or not c.once(base) or made.origin.phase is Phase.PRIMAL or made.kwargs:
            return None
        if made.fn is set_item and index_key(made.args[1], {}) == index_key(s.args[1], {}):
            break
        if made.fn is not add_at:
            return None
        steps.append(made)
        base = made.args[0]
    if number_of(made.args[2]) != 0 or index_kind(s.args[1], type_of).repeats:
        return None
    value = type_of(s.args[2])
    array = type_of(made.args[0])
    if not is_float(s.args[2]) or not isinstance(array, Array) or array.dtype != _dtype_of(value):
        return None
    result = c.make(set_item, made.args[0], s.args[1], s.args[2])
    for step in reversed(steps):
        result = c.make(add_at, result, *step.args[1:])
    return result


def _dtype_of(t: Type) -> object:
    return np.dtype(float) if isinstance(t, Scalar) else t.dtype if isinstance(t, Array) else None


def sum_to_same(c: Context, s: Apply) -> Operand | None:
    """sum_to(x, shape(y)) -> x, where x and y are the same part of arrays of one shape"""
    asked = c.of(s.args[1], np.shape)
    if asked is None or not same_extents(s.args[0], asked[0], c.definitions):
        return None
    return s.args[0]


def ask_the_source(c: Context, s: Apply) -> Operand | None:
    """size(f(x)) -> size(x), shape(f(x)) -> shape(x), where f works item by item"""
    start = s.args[0]
    best = current = start
    nearest: Operand | None = None
    while isinstance(current, Var):
        definition = c.definitions.get(current)
        if definition is None:
            break
        source = next(
            (a for a in definition.args if isinstance(a, Var) and shape_of(a) == shape_of(start)),
            None,
        )
        if source is None or shape_of(start) is None:
            break
        current = source
        nearest = source if nearest is None else nearest
        if current not in c.definitions or current.role is Role.USER:
            best = current
    if best is start and nearest is not None and c.once(start):
        best = nearest  # nobody else needs what is asked
    return None if best is start else c.make(s.fn, best)


def transpose_twice(c: Context, s: Apply) -> Operand | None:
    """x.T.T -> x"""
    inner = None if s.kwargs or len(s.args) != 1 else c.of(s.args[0], s.fn)
    return inner[0] if inner is not None and len(inner) == 1 else None
