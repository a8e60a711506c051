"""Laws of arrays: broadcasts, sums over them, updates of items, and shapes."""

from __future__ import annotations

import numpy as np

from s2s_grad.analysis.extents import index_key, same_extents
from s2s_grad.analysis.indexing import index_kind
from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Apply, Const, Operand, Phase, Role, Var
from s2s_grad.ir.types import Array, Scalar, Type
from s2s_grad.optimise.number_laws import Context, is_float, number_of, shape_of
from s2s_grad.runtime import add_at, set_item

__all__ = [
    "add_broadcast_at",
    "add_twice_at",
    "ask_the_source",
    "broadcast_nothing",
    "choose_one",
    "drop_broadcast",
    "drop_broadcast_twice",
    "join_selections",
    "select_from_broadcast",
    "sum_of_broadcast",
    "sum_of_negative",
    "sum_of_product",
    "sum_to_same",
    "write_over_zero",
]


def drop_broadcast(c: Context, s: Apply) -> Operand | None:
    """broadcast(x) op y -> x op y, where y has the shape already"""
    shape = shape_of(s.result)
    if shape is None:
        return None
    args = list(s.args)
    for place, arg in enumerate(args):
        inner = c.of(arg, np.broadcast_to) or _expanded_number(c, arg)
        others = args[:place] + args[place + 1 :]
        if inner is not None and any(shape_of(other) == shape for other in others):
            args[place] = inner[0]
            return c.make(s.fn, *args)
    return None


def _expanded_number(c: Context, operand: Operand) -> tuple[Operand, ...] | None:
    """Return the arguments of a broadcast of a number that an axis was added to."""
    expanded = c.of(operand, np.expand_dims)
    inner = None if expanded is None else c.of(expanded[0], np.broadcast_to)
    return inner if inner is not None and shape_of(inner[0]) == () else None


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


def choose_one(c: Context, s: Apply) -> Operand | None:
    """where(c, ones_like(x), 0.0) -> where(c, 1.0, 0.0), for arrays of Python's floats"""
    cond, ones, other = s.args
    inner = c.of(ones, np.ones_like)
    t = type_of(ones)
    if inner is None or number_of(other) is None or shape_of(cond) != shape_of(ones):
        return None
    if not isinstance(t, Array) or t.shape is None or t.dtype != np.float64:
        return None
    return c.make(np.where, cond, Const(1.0), other)


def join_selections(c: Context, s: Apply) -> Operand | None:
    """where(c, a, 0) + where(~c, b, 0) -> where(c, a, b)"""
    first, second = (c.of(arg, np.where) for arg in s.args)
    if first is None or second is None or not all(c.once(arg) for arg in s.args):
        return None
    if number_of(first[2]) != 0 or number_of(second[2]) != 0:
        return None
    if _is_inverse(c, second[0], first[0]):
        return c.make(np.where, first[0], first[1], second[1])
    if _is_inverse(c, first[0], second[0]):
        return c.make(np.where, second[0], second[1], first[1])
    return None


def _is_inverse(c: Context, a: Operand, b: Operand) -> bool:
    t = type_of(b)
    inner = c.of(a, np.invert)
    return inner is not None and inner[0] is b and isinstance(t, Array) and t.dtype == np.bool_


def add_twice_at(c: Context, s: Apply) -> Operand | None:
    """add_at(add_at(x, i, u), i, v) -> add_at(x, i, u + v)"""
    inner = c.of(s.args[0], add_at)
    if inner is None or not c.once(s.args[0]) or index_kind(s.args[1], type_of).repeats:
        return None
    if index_key(inner[1], c.definitions) != index_key(s.args[1], c.definitions):
        return None
    u, v = inner[2], s.args[2]
    if shape_of(u) is None or shape_of(u) != shape_of(v) or not (is_float(u) and is_float(v)):
        return None
    return c.make(add_at, inner[0], s.args[1], c.make(np.add, u, v))


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
