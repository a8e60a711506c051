"""Laws of complex numbers: conjugates, lengths and zero imaginary parts."""

from __future__ import annotations

import numpy as np

from s2s_grad.analysis.complex_values import is_real
from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Apply, Const, Operand
from s2s_grad.ir.types import is_complex
from s2s_grad.optimise.number_laws import Context, is_float, number_of

__all__ = [
    "add_complex_zero",
    "conjugate_product",
    "conjugate_twice",
    "length_times_direction",
    "real_factor",
    "real_twice",
]


def add_complex_zero(c: Context, s: Apply) -> Operand | None:
    """(x + 0j) + z -> x + z, where z is complex"""
    for made, other in (s.args, s.args[::-1]):
        inner = c.of(made, np.add)
        if inner is None or not is_complex(type_of(other)) or not c.once(made):
            continue
        if isinstance(inner[1], Const) and inner[1].value == 0j and is_float(inner[0]):
            return c.make(np.add, inner[0], other)
    return None


def length_times_direction(c: Context, s: Apply) -> Operand | None:
    """... * abs(z) * sign(z) -> ... * z, and the same with conj(sign(z))"""
    for product, direction in (s.args, s.args[::-1]):
        turned = c.of(direction, np.conjugate)
        sign = c.of(direction if turned is None else turned[0], np.sign)
        rest = None if sign is None else _without_length(c, product, sign[0])
        if sign is not None and rest is not None:
            z = sign[0] if turned is None else c.make(np.conjugate, sign[0])
            return z if number_of(rest) == 1 else c.make(np.multiply, rest, z)
    return None


def _without_length(c: Context, product: Operand, z: Operand) -> Operand | None:
    """Return a product without its factor abs(z); None if there is none."""
    size = c.of(product, np.absolute)
    if size is not None:
        return Const(1) if size[0] is z else None
    factors = c.of(product, np.multiply)
    if factors is None or not c.once(product):
        return None
    for factor, other in (factors, factors[::-1]):
        rest = _without_length(c, factor, z)
        if rest is not None:
            return other if number_of(rest) == 1 else c.make(np.multiply, rest, other)
    return None


def real_factor(c: Context, s: Apply) -> Operand | None:
    """(k + 0j) * z -> k * z, where z is complex"""
    for factor, other in (s.args, s.args[::-1]):
        if isinstance(factor, Const) and type(factor.value) is complex and not factor.value.imag:
            if is_complex(type_of(other)):
                return c.make(np.multiply, Const(factor.value.real), other)
    return None


def real_twice(c: Context, s: Apply) -> Operand | None:
    """real(real(z)) -> real(z)"""
    return s.args[0] if c.of(s.args[0], np.real) is not None else None


def conjugate_twice(c: Context, s: Apply) -> Operand | None:
    """conj(conj(z)) -> z"""
    inner = c.of(s.args[0], np.conjugate)
    return None if inner is None else inner[0]


def conjugate_product(c: Context, s: Apply) -> Operand | None:
    """conj(a * conj(z)) -> conj(a) * z"""
    product = s.args[0]
    factors = c.of(product, np.multiply)
    if factors is None or not c.once(product):
        return None
    for place, factor in enumerate(factors):
        inner = c.of(factor, np.conjugate)
        if inner is None:
            continue
        other = factors[1 - place]
        turned = other if is_real(type_of(other)) else c.make(np.conjugate, other)
        pair = (inner[0], turned) if place == 0 else (turned, inner[0])
        return c.make(np.multiply, *pair)
    return None
