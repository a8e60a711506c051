"""Algebraic simplification of derivative code: a table of small laws.

Only statements that the compiler made are rewritten, never the user's own. A law holds for shapes
and dtypes as well as for values: it applies where the types prove it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from s2s_grad.analysis.extents import index_key, same_extents
from s2s_grad.analysis.indexing import index_kind
from s2s_grad.analysis.infer import infer, type_of
from s2s_grad.ir.nodes import Apply, Block, Const, Function, Operand, Phase, Role, Statement, Var
from s2s_grad.ir.operators import INFIX, PREFIX
from s2s_grad.ir.types import Array, Scalar, Size, Type
from s2s_grad.ir.walk import (
    blocks_of,
    map_blocks,
    map_operand,
    map_operands,
    operands_of,
    rename,
    statements_of,
    vars_of,
)
from s2s_grad.runtime import add_at, set_item, sum_to

__all__ = ["simplify_algebra"]


@dataclass(slots=True, eq=False)
class Context:
    """What a law may look at, and how it makes new statements."""

    definitions: dict[Var, Apply]
    counts: dict[Var, int]
    made: list[Apply]
    origin: Any

    def of(self, operand: Operand, fn: Callable[..., Any]) -> tuple[Operand, ...] | None:
        """Return the arguments of the application of `fn` that computes an operand."""
        statement = self.definitions.get(operand) if isinstance(operand, Var) else None
        if statement is None or statement.fn is not fn or statement.kwargs or statement.inplace:
            return None
        return statement.args

    def once(self, operand: Operand) -> bool:
        """Return whether an operand is read once only."""
        return isinstance(operand, Var) and self.counts.get(operand, 0) == 1

    def make(self, fn: Callable[..., Any], *args: Operand, **kwargs: Operand) -> Operand:
        """Return the result of a new application."""
        scalars = all(_number(arg) is not None for arg in args)
        if scalars and not kwargs and (fn in INFIX or fn in PREFIX):
            operation = (INFIX if fn in INFIX else PREFIX)[fn].function
            return Const(operation(*(_number(arg) for arg in args)))
        var = Var("", infer(fn, args, kwargs))
        statement = Apply(var, fn, args, tuple(kwargs.items()), self.origin)
        self.made.append(statement)
        self.definitions[var] = statement
        return var


Law = Callable[[Context, Apply], Operand | None]


def simplify_algebra(function: Function) -> Function:
    """Return the program with the laws applied once, first statement to last."""
    definitions = {s.result: s for s in statements_of(function.block) if isinstance(s, Apply)}
    values: dict[Var, Operand] = {}
    block = _block(function.block, definitions, _counts(function), values)
    if block is function.block:
        return function
    return replace(function, block=rename(block, _adopted(values, definitions)))


def _adopted(values: dict[Var, Operand], definitions: dict[Var, Apply]) -> dict[Var, Var]:
    """Let a temporary that replaces a named cotangent or tangent take over its name."""
    names: dict[Var, Var] = {}
    for old, new in values.items():
        if not old.hint or old.role not in (Role.COTANGENT, Role.TANGENT):
            continue
        if isinstance(new, Var) and not new.hint and new in definitions and new not in names:
            if definitions[new].origin.phase is not Phase.PRIMAL:
                names[new] = Var(old.hint, new.type, old.role)
    return names


def _counts(function: Function) -> dict[Var, int]:
    counts: dict[Var, int] = {}

    def read(operands: tuple[Operand, ...]) -> None:
        for operand in operands:
            for var in vars_of(operand):
                counts[var] = counts.get(var, 0) + 1

    read(function.block.results)
    for statement in statements_of(function.block):
        read(operands_of(statement))
        for inner in blocks_of(statement):
            read(inner.results)
    return counts


def _block(
    block: Block,
    definitions: dict[Var, Apply],
    counts: dict[Var, int],
    values: dict[Var, Operand],
) -> Block:
    body: list[Statement] = []

    def now(var: Var) -> Operand:
        return values.get(var, var)

    for old in block.body:
        statement = map_operands(old, now)
        if not isinstance(statement, Apply):
            body.append(map_blocks(statement, lambda b: _block(b, definitions, counts, values)))
            continue
        definitions[statement.result] = statement
        new = _apply_laws(statement, definitions, counts)
        if new is None:
            body.append(statement)
            continue
        made, value = new
        body.extend(made)
        values[statement.result] = value
    results = tuple(map_operand(result, now) for result in block.results)
    same = len(body) == len(block.body) and all(
        a is b for a, b in zip(body, block.body, strict=True)
    )
    if same and all(a is b for a, b in zip(results, block.results, strict=True)):
        return block
    return replace(block, body=tuple(body), results=results)


def _apply_laws(
    statement: Apply, definitions: dict[Var, Apply], counts: dict[Var, int]
) -> tuple[list[Apply], Operand] | None:
    if statement.origin.phase is Phase.PRIMAL or statement.inplace:
        return None
    for law in _LAWS.get(statement.fn, ()):
        context = Context(definitions, counts, [], statement.origin)
        value = law(context, statement)
        if value is None:
            continue
        made = context.made
        if made and made[-1].result is value and not made[-1].result.hint:
            # The new value keeps the name of what it replaces.
            old = statement.result
            if old.hint or old.role is not Role.TEMP:
                named = Var(old.hint, made[-1].result.type, old.role)
                made[-1] = replace(made[-1], result=named)
                definitions[named] = made[-1]
                value = named
        return made, value
    return None


# ------------------------------------------------------------------------------------------ facts


def _number(operand: Operand) -> int | float | None:
    """Return a Python number known at compile time."""
    if isinstance(operand, Const) and type(operand.value) in (int, float):
        return operand.value
    return None


def _shape(operand: Operand) -> tuple[Size, ...] | None:
    t = type_of(operand)
    return () if isinstance(t, Scalar) else t.shape if isinstance(t, Array) else None


def _floats(operand: Operand) -> bool:
    t = type_of(operand)
    if isinstance(t, Scalar):
        return t.kind == "float"
    return isinstance(t, Array) and t.dtype is not None and t.dtype.kind == "f"


# ------------------------------------------------------------------------------------------- laws


def fold_constants(c: Context, s: Apply) -> Operand | None:
    """arithmetic of two known numbers"""
    if all(_number(arg) is not None for arg in s.args) and not s.kwargs:
        try:
            return c.make(s.fn, *s.args)
        except ArithmeticError:
            return None
    return None


def multiply_by_one(c: Context, s: Apply) -> Operand | None:
    """1 * x -> x,  -1 * x -> -x"""
    for factor, other in (s.args, s.args[::-1]):
        if _number(factor) == 1 and _floats(other):
            return other
        if _number(factor) == -1 and _floats(other):
            return c.make(np.negative, other)
    return None


def constant_first(c: Context, s: Apply) -> Operand | None:
    """x * c -> c * x"""
    x, k = s.args
    return c.make(np.multiply, k, x) if _number(k) is not None and _number(x) is None else None


def join_constants(c: Context, s: Apply) -> Operand | None:
    """a * (b * x) -> (a * b) * x, for known numbers a and b"""
    a, product = s.args
    inner = c.of(product, np.multiply)
    x = _number(a)
    if inner is None or x is None or not c.once(product):
        return None
    y = _number(inner[0])
    return None if y is None else c.make(np.multiply, Const(x * y), inner[1])


def constant_out(c: Context, s: Apply) -> Operand | None:
    """a * (k * x) -> k * a * x, for a known number k"""
    a, product = s.args
    if _number(a) is not None:
        return None
    for left, right in ((a, product), (product, a)):
        inner = c.of(right, np.multiply)
        if inner is None or not c.once(right):
            continue
        if _number(inner[0]) is not None and _floats(inner[1]) and right is product:
            return c.make(np.multiply, c.make(np.multiply, inner[0], left), inner[1])
    return None


def negation_out(c: Context, s: Apply) -> Operand | None:
    """(-a) * b -> -(a * b),  a * (-b) -> -(a * b), and the same for /"""
    a, b = s.args
    first, second = c.of(a, np.negative), c.of(b, np.negative)
    if first is not None and second is not None:
        return c.make(s.fn, first[0], second[0])
    if first is not None and _floats(first[0]):
        return c.make(np.negative, c.make(s.fn, first[0], b))
    if second is not None and _floats(second[0]):
        return c.make(np.negative, c.make(s.fn, a, second[0]))
    return None


def flatten_product(c: Context, s: Apply) -> Operand | None:
    """a * (b * c) -> a * b * c"""
    a, product = s.args
    inner = c.of(product, np.multiply)
    statement = c.definitions.get(product) if isinstance(product, Var) else None
    if inner is None or statement is None or not c.once(product) or _number(a) is not None:
        return None
    if statement.origin.phase is Phase.PRIMAL:
        return None
    return c.make(np.multiply, c.make(np.multiply, a, inner[0]), inner[1])


def double_negation(c: Context, s: Apply) -> Operand | None:
    """-(-x) -> x"""
    inner = c.of(s.args[0], np.negative)
    return None if inner is None else inner[0]


def negate_product(c: Context, s: Apply) -> Operand | None:
    """-(k * x) -> (-k) * x,  -(k / x) -> (-k) / x,  for a known number k;  -(a - b) -> b - a"""
    if not c.once(s.args[0]):
        return None
    for fn in (np.multiply, np.divide):
        inner = c.of(s.args[0], fn)
        if inner is not None:
            k = _number(inner[0])
            if k is not None:
                return c.make(fn, Const(-k), inner[1])
    return None


def negate_broadcast(c: Context, s: Apply) -> Operand | None:
    """-broadcast(x) -> broadcast(-x)"""
    inner = c.of(s.args[0], np.broadcast_to)
    if inner is None:
        return None
    return c.make(np.broadcast_to, c.make(np.negative, inner[0]), inner[1])


def add_negative(c: Context, s: Apply) -> Operand | None:
    """a + (-b) -> a - b,  (-a) + b -> b - a,  x + x -> 2 * x"""
    a, b = s.args
    if a is b and _floats(a):
        return c.make(np.multiply, Const(2), a)
    second = c.of(b, np.negative)
    if second is not None:
        return c.make(np.subtract, a, second[0])
    first = c.of(a, np.negative)
    if first is not None:
        return c.make(np.subtract, b, first[0])
    return None


def add_negative_product(c: Context, s: Apply) -> Operand | None:
    """a + (-k) * x -> a - k * x, for a known number k < 0"""
    a, b = s.args
    for fn in (np.multiply, np.divide):
        inner = c.of(b, fn)
        if inner is not None and c.once(b):
            k = _number(inner[0])
            if k is not None and k < 0:
                return c.make(np.subtract, a, c.make(fn, Const(-k), inner[1]))
    return None


def subtract_negative(c: Context, s: Apply) -> Operand | None:
    """a - (-b) -> a + b"""
    inner = c.of(s.args[1], np.negative)
    return None if inner is None else c.make(np.add, s.args[0], inner[0])


def add_zero(c: Context, s: Apply) -> Operand | None:
    """0 + x -> x,  x + 0 -> x  (zeros that the compiler made)"""
    for zero, other in (s.args, s.args[::-1]):
        if _number(zero) == 0 and _floats(other):
            return other
    return None


def add_zeros_like(c: Context, s: Apply) -> Operand | None:
    """zeros_like(x) + y -> y, where shapes and dtypes agree"""
    for zeros, other in (s.args, s.args[::-1]):
        if c.of(zeros, np.zeros_like) is not None:
            t = type_of(other)
            known = isinstance(t, Array) and t.shape is not None and t.dtype is not None
            if known and t == type_of(zeros):
                return other
    return None


def divide_by_same(c: Context, s: Apply) -> Operand | None:
    """a * r / x -> a * r * r, where r is the primal's 1 / x"""
    product, x = s.args
    inner = c.of(product, np.multiply)
    if inner is None:
        return None
    for r in inner[::-1]:
        quotient = c.of(r, np.divide)
        if quotient is not None and _number(quotient[0]) == 1 and quotient[1] is x:
            if _floats(r):
                return c.make(np.multiply, product, r)
    return None


def drop_broadcast(c: Context, s: Apply) -> Operand | None:
    """broadcast(x) op y -> x op y, where y has the shape already"""
    shape = _shape(s.result)
    if shape is None:
        return None
    args = list(s.args)
    for place, arg in enumerate(args):
        inner = c.of(arg, np.broadcast_to)
        others = args[:place] + args[place + 1 :]
        if inner is not None and any(_shape(other) == shape for other in others):
            args[place] = inner[0]
            return c.make(s.fn, *args)
    return None


def drop_broadcast_twice(c: Context, s: Apply) -> Operand | None:
    """broadcast(x) op k -> broadcast(x op k), for a scalar k"""
    for place, arg in enumerate(s.args):
        inner = c.of(arg, np.broadcast_to)
        other = s.args[1 - place]
        if inner is not None and _shape(other) == () and _shape(arg) == _shape(s.result):
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
    if inner is None or _shape(inner[0]) != ():
        return None
    asked = c.of(inner[1], np.shape)
    return None if asked is None else c.make(np.multiply, inner[0], c.make(np.size, asked[0]))


def sum_of_negative(c: Context, s: Apply) -> Operand | None:
    """sum(-x) -> -sum(x)"""
    inner = c.of(s.args[0], np.negative)
    if inner is None or not _floats(inner[0]) or not c.once(s.args[0]):
        return None
    return c.make(np.negative, c.make(np.sum, inner[0], *s.args[1:], **dict(s.kwargs)))


def sum_of_product(c: Context, s: Apply) -> Operand | None:
    """sum(a * b) -> vdot(a, b), for float arrays of one shape"""
    if s.kwargs or len(s.args) != 1 or not c.once(s.args[0]):
        return None
    inner = c.of(s.args[0], np.multiply)
    if inner is None:
        return None
    a, b = (type_of(x) for x in inner)
    if not (isinstance(a, Array) and isinstance(b, Array) and a.shape and a.dtype == b.dtype):
        return None
    if a.dtype is None or a.dtype.kind != "f" or not same_extents(*inner, c.definitions):
        return None
    return c.make(np.vdot, *inner)


def select_from_broadcast(c: Context, s: Apply) -> Operand | None:
    """where(c, broadcast(x), y) -> where(c, x, y), where c or y has the shape already"""
    shape = _shape(s.result)
    args = list(s.args)
    for place in (1, 2):
        inner = c.of(args[place], np.broadcast_to)
        others = [arg for i, arg in enumerate(args) if i != place]
        if inner is not None and shape is not None and any(_shape(o) == shape for o in others):
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
    if _number(made.args[2]) != 0 or index_kind(s.args[1], type_of).repeats:
        return None
    value = type_of(s.args[2])
    array = type_of(made.args[0])
    if not _floats(s.args[2]) or not isinstance(array, Array) or array.dtype != _dtype_of(value):
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
    while isinstance(current, Var):
        definition = c.definitions.get(current)
        if definition is None:
            break
        source = next(
            (a for a in definition.args if isinstance(a, Var) and _shape(a) == _shape(start)), None
        )
        if source is None or _shape(start) is None:
            break
        current = source
        if current not in c.definitions or current.role is Role.USER:
            best = current
    return None if best is start else c.make(s.fn, best)


_BINARY: tuple[Law, ...] = (fold_constants, drop_broadcast, drop_broadcast_twice)
_LAWS: dict[Callable[..., Any], tuple[Law, ...]] = {
    np.multiply: (
        *_BINARY,
        multiply_by_one,
        constant_first,
        join_constants,
        negation_out,
        constant_out,
        flatten_product,
    ),
    np.divide: (*_BINARY, negation_out, divide_by_same),
    np.add: (*_BINARY, add_zero, add_zeros_like, add_negative, add_negative_product),
    np.subtract: (*_BINARY, subtract_negative),
    np.negative: (fold_constants, double_negation, negate_product, negate_broadcast),
    np.broadcast_to: (broadcast_nothing,),
    np.sum: (sum_of_broadcast, sum_of_negative, sum_of_product),
    np.where: (select_from_broadcast,),
    add_at: (add_broadcast_at, write_over_zero),
    sum_to: (sum_to_same,),
    np.size: (ask_the_source,),
    np.shape: (ask_the_source,),
}
