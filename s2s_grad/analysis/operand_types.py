"""The types of operands, of elements of sequences, and of what a loop carries."""

from __future__ import annotations

from typing import Any

from s2s_grad.analysis.sizes import fresh_dim, own_dim
from s2s_grad.ir.guards import class_of, is_numeric
from s2s_grad.ir.nodes import Const, Operand, Pack, Undefined, Var
from s2s_grad.ir.types import (
    NEVER,
    UNKNOWN,
    Array,
    Dict,
    Dim,
    ListOf,
    Range,
    Scalar,
    Sequence,
    Size,
    Static,
    Type,
    join,
    same_dtype,
)

__all__ = ["released", "row_type", "type_of", "type_of_value", "widen"]


def type_of_value(value: Any) -> Type:
    """Return the type of a value known at compile time, with its exact shape."""
    if is_numeric(value):
        return Array(value.dtype, value.shape)
    if isinstance(value, bool):
        return Scalar("bool")
    if isinstance(value, int):
        return Scalar("int", value)
    if isinstance(value, float):
        return Scalar("float")
    if isinstance(value, complex):
        return Scalar("complex")
    if isinstance(value, Undefined):
        return NEVER
    if isinstance(value, range):
        return Range(len(value))
    if type(value) in (tuple, list):
        return Sequence(class_of(value), tuple(type_of_value(item) for item in value))
    return Static(value)


def type_of(operand: Operand) -> Type:
    """Return what is known of an operand."""
    match operand:
        case Var():
            return operand.type
        case Const():
            return type_of_value(operand.value)
        case Pack():
            items = tuple(type_of(item) for item in operand.items)
            if operand.kind is dict or operand.keys:
                return Dict(operand.keys, items, operand.kind)
            return UNKNOWN if operand.kind is slice else Sequence(operand.kind, items)


def row_type(seq: Operand) -> Type:
    """Return the type of the elements of a sequence that a loop iterates."""
    match type_of(seq):
        case ListOf(item=item):
            return item
        case Array(dtype=dtype, shape=(_, *rest)):
            return Array(dtype, tuple(rest))
        case Range():
            return Scalar("int")
        case _:
            return Array()


def widen(old: Type, new: Type) -> Type:
    """Return a type of a carried value that covers one more value that it takes.

    A size that changes once becomes the carried value's own and covers all others.
    """
    if isinstance(old, Array) and isinstance(new, Array) and old.rank == new.rank:
        if old.shape is not None and new.shape is not None:
            sizes = zip(old.shape, new.shape, strict=True)
            shape = tuple(a if a == b or _is_own(a) else own_dim() for a, b in sizes)
            dtype = old.dtype if same_dtype(old.dtype, new.dtype) else None
            return Array(dtype, shape)
    return join(old, new)


def released(t: Type) -> Type:
    """Return the type of a carried value after its loop: its own sizes are settled then."""
    if isinstance(t, Array) and t.shape is not None and any(_is_own(size) for size in t.shape):
        return Array(t.dtype, tuple(fresh_dim() if _is_own(size) else size for size in t.shape))
    return t


def _is_own(size: Size) -> bool:
    return isinstance(size, Dim) and size.symbol.startswith("?own")
