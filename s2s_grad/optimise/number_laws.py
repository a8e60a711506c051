"""Laws of numbers: what a context is, and the rewriting of sums and products."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from s2s_grad.analysis.infer import infer, type_of
from s2s_grad.ir.nodes import Apply, Const, Operand, Phase, Var
from s2s_grad.ir.primitives import INFIX, PREFIX
from s2s_grad.ir.types import Array, Scalar, Size, is_complex

__all__ = [
    "Context",
    "Law",
    "add_negative",
    "add_negative_product",
    "add_twice",
    "add_zero",
    "add_zeros_like",
    "constant_first",
    "constant_inside",
    "constant_out",
    "divide_by_same",
    "double_negation",
    "drop_unit",
    "flatten_product",
    "fold_constants",
    "gather_scalars",
    "is_float",
    "is_inexact",
    "join_constants",
    "multiply_by_one",
    "negate_broadcast",
    "negate_product",
    "negation_out",
    "number_of",
    "shape_of",
    "subtract_negative",
]


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
        scalars = all(number_of(arg) is not None for arg in args)
        if scalars and not kwargs and (fn in INFIX or fn in PREFIX):
            operation = (INFIX if fn in INFIX else PREFIX)[fn].function
            return Const(operation(*(number_of(arg) for arg in args)))
        var = Var("", infer(fn, args, kwargs))
        statement = Apply(var, fn, args, tuple(kwargs.items()), self.origin)
        self.made.append(statement)
        self.definitions[var] = statement
        return var


Law = Callable[[Context, Apply], Operand | None]


def number_of(operand: Operand) -> int | float | None:
    """Return a Python number known at compile time."""
    if isinstance(operand, Const) and type(operand.value) in (int, float):
        return operand.value
    return None


def shape_of(operand: Operand) -> tuple[Size, ...] | None:
    """Return the shape of an operand; None where it is not known."""
    t = type_of(operand)
    return () if isinstance(t, Scalar) else t.shape if isinstance(t, Array) else None


def is_float(operand: Operand) -> bool:
    """Return whether an operand is known to be a real float, or an array of them."""
    t = type_of(operand)
    if isinstance(t, Scalar):
        return t.kind == "float"
    return isinstance(t, Array) and t.dtype is not None and t.dtype.kind == "f"


def is_inexact(operand: Operand) -> bool:
    """Return whether an operand is known to be a real or complex float, or an array of them."""
    t = type_of(operand)
    return is_float(operand) or is_complex(t)


# ------------------------------------------------------------------------------------------- laws


def fold_constants(c: Context, s: Apply) -> Operand | None:
    """arithmetic of two known numbers"""
    numbers = [arg.value for arg in s.args if isinstance(arg, Const)]
    known = all(type(number) in (int, float, complex) for number in numbers)
    if not known or len(numbers) < len(s.args) or s.kwargs:
        return None
    operation = (INFIX if s.fn in INFIX else PREFIX)[s.fn].function
    try:
        return Const(operation(*numbers))
    except ArithmeticError:
        return None


def multiply_by_one(c: Context, s: Apply) -> Operand | None:
    """1 * x -> x,  -1 * x -> -x"""
    for factor, other in (s.args, s.args[::-1]):
        if number_of(factor) == 1 and (is_inexact(other) or _are_ints(factor, other)):
            return other
        if number_of(factor) == -1 and is_inexact(other):
            return c.make(np.negative, other)
    return None


def constant_first(c: Context, s: Apply) -> Operand | None:
    """x * c -> c * x"""
    x, k = s.args
    return c.make(np.multiply, k, x) if number_of(k) is not None and number_of(x) is None else None


def join_constants(c: Context, s: Apply) -> Operand | None:
    """a * (b * x) -> (a * b) * x, for known numbers a and b"""
    a, product = s.args
    inner = c.of(product, np.multiply)
    x = number_of(a)
    if inner is None or x is None or not c.once(product):
        return None
    y = number_of(inner[0])
    return None if y is None else c.make(np.multiply, Const(x * y), inner[1])


def constant_out(c: Context, s: Apply) -> Operand | None:
    """a * (k * x) -> k * a * x, for a known number k"""
    a, product = s.args
    if number_of(a) is not None:
        return None
    for left, right in ((a, product), (product, a)):
        inner = c.of(right, np.multiply)
        if inner is None or not c.once(right):
            continue
        if number_of(inner[0]) is not None and is_inexact(inner[1]) and right is product:
            return c.make(np.multiply, c.make(np.multiply, inner[0], left), inner[1])
    return None


def constant_inside(c: Context, s: Apply) -> Operand | None:
    """k * (a * b) -> k * a * b,  k * (a / b) -> k * a / b, for a known number k"""
    k, inner = s.args
    made = c.definitions.get(inner) if isinstance(inner, Var) else None
    if number_of(k) is None or made is None or made.fn not in (np.multiply, np.divide):
        return None
    if made.origin.phase is Phase.PRIMAL or made.kwargs or made.inplace or not c.once(inner):
        return None
    a, b = made.args
    if not is_float(a) or number_of(a) is not None:
        return None
    return c.make(made.fn, c.make(np.multiply, k, a), b)


def gather_scalars(c: Context, s: Apply) -> Operand | None:
    """k * x * (a / n) -> k * a / n * x, for an array x: the numbers are multiplied first"""
    product, scalar = s.args
    inner = c.of(product, np.multiply)
    quotient = c.of(scalar, np.divide)
    if inner is None or quotient is None or not c.once(product) or not c.once(scalar):
        return None
    k, x = inner
    if number_of(k) is None or number_of(quotient[0]) is None or not is_float(x):
        return None
    if shape_of(scalar) != () or not shape_of(x):
        return None
    return c.make(
        np.multiply, c.make(np.divide, c.make(np.multiply, k, quotient[0]), quotient[1]), x
    )


def negation_out(c: Context, s: Apply) -> Operand | None:
    """(-a) * b -> -(a * b),  a * (-b) -> -(a * b), and the same for /"""
    a, b = s.args
    first, second = c.of(a, np.negative), c.of(b, np.negative)
    if first is not None and second is not None:
        return c.make(s.fn, first[0], second[0])
    if first is not None and is_inexact(first[0]):
        return c.make(np.negative, c.make(s.fn, first[0], b))
    if second is not None and is_inexact(second[0]):
        return c.make(np.negative, c.make(s.fn, a, second[0]))
    return None


def flatten_product(c: Context, s: Apply) -> Operand | None:
    """a * (b * c) -> a * b * c"""
    a, product = s.args
    inner = c.of(product, np.multiply)
    statement = c.definitions.get(product) if isinstance(product, Var) else None
    if inner is None or statement is None or not c.once(product) or number_of(a) is not None:
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
            k = number_of(inner[0])
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
    if a is b and is_inexact(a):
        return c.make(np.multiply, Const(2), a)
    second = c.of(b, np.negative)
    if second is not None:
        return c.make(np.subtract, a, second[0])
    first = c.of(a, np.negative)
    if first is not None:
        return c.make(np.subtract, b, first[0])
    return None


def add_twice(c: Context, s: Apply) -> Operand | None:
    """(x + a) + a -> x + 2 * a"""
    total, a = s.args
    inner = c.of(total, np.add)
    if inner is None or inner[1] is not a or not is_inexact(a) or not c.once(total):
        return None
    return c.make(np.add, inner[0], c.make(np.multiply, Const(2), a))


def add_negative_product(c: Context, s: Apply) -> Operand | None:
    """a + (-k) * x -> a - k * x, for a known number k < 0"""
    a, b = s.args
    for fn in (np.multiply, np.divide):
        inner = c.of(b, fn)
        if inner is not None and c.once(b):
            k = number_of(inner[0])
            if k is not None and k < 0:
                return c.make(np.subtract, a, c.make(fn, Const(-k), inner[1]))
    return None


def subtract_zero(c: Context, s: Apply) -> Operand | None:
    """x - 0 -> x  (of ints: sizes)"""
    x, zero = s.args
    return x if number_of(zero) == 0 and _are_ints(x, zero) else None


def drop_unit(c: Context, s: Apply) -> Operand | None:
    """1.0 * n op x -> n op x, for an int n and floats x"""
    for place, arg in enumerate(s.args):
        inner = c.of(arg, np.multiply)
        if inner is None or number_of(inner[0]) != 1 or not is_float(s.args[1 - place]):
            continue
        t = type_of(inner[1])
        if isinstance(t, Scalar) and t.kind == "int":
            return c.make(s.fn, *((inner[1], s.args[1]) if place == 0 else (s.args[0], inner[1])))
    return None


def _are_ints(*operands: Operand) -> bool:
    return all(isinstance(t, Scalar) and t.kind == "int" for t in map(type_of, operands))


def subtract_negative(c: Context, s: Apply) -> Operand | None:
    """a - (-b) -> a + b"""
    inner = c.of(s.args[1], np.negative)
    return None if inner is None else c.make(np.add, s.args[0], inner[0])


def add_zero(c: Context, s: Apply) -> Operand | None:
    """0 + x -> x,  x + 0 -> x  (zeros that the compiler made)"""
    for zero, other in (s.args, s.args[::-1]):
        if number_of(zero) == 0 and is_inexact(other):
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
        if quotient is not None and number_of(quotient[0]) == 1 and quotient[1] is x:
            if is_float(r):
                return c.make(np.multiply, product, r)
    return None
