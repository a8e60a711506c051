"""The types of what Python's own functions of containers and ranges give."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable
from typing import Any

from s2s_grad.analysis.operand_types import type_of
from s2s_grad.analysis.sizes import shift
from s2s_grad.ir.nodes import Operand
from s2s_grad.ir.types import (
    NEVER,
    UNKNOWN,
    Array,
    Dict,
    ListOf,
    Range,
    Scalar,
    Sequence,
    Type,
    join,
)

__all__ = ["SEQUENCE_TYPES"]


def _len(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    match type_of(args[0]):
        case Array(shape=(first, *_)):
            return Scalar("int", first)
        case Sequence(items=items) | Dict(items=items):
            return Scalar("int", len(items))
        case ListOf(length=length) | Range(length=length):
            return Scalar("int", length)
        case _:
            return Scalar("int")


def _range(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    sizes = [t.size if isinstance(t, Scalar) else None for t in map(type_of, args)]
    match sizes:
        case [stop]:
            return Range(stop)
        case [int() as start, stop]:
            return Range(shift(stop, -start))
        case _:
            return Range(None)


def _concat(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    """Return the type of two lists one after the other."""
    item: Type = NEVER
    for t in map(type_of, args):
        items = (t.item,) if isinstance(t, ListOf) else t.items if isinstance(t, Sequence) else ()
        for each in items:
            item = join(item, each)
    return ListOf(item)


def _repeated(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    """Return the type of a list that is repeated."""
    whole, times = sorted(args, key=lambda arg: isinstance(type_of(arg), Scalar))
    t, count = type_of(whole), type_of(times)
    single = isinstance(t, Sequence) and len(t.items) == 1 and isinstance(count, Scalar)
    item = _concat((whole,), {})
    assert isinstance(item, ListOf)
    kept = Scalar(item.item.kind) if isinstance(item.item, Scalar) else item.item
    return ListOf(kept, count.size if single and isinstance(count, Scalar) else None)


def _sum(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    match type_of(args[0]):
        case Array(dtype=dtype, shape=(_, *rest)):
            return Array(dtype, tuple(rest))
        case Range():
            return Scalar("int")
        case _:
            return UNKNOWN


def _sequence(kind: Any) -> Callable[..., Type]:
    def convert(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
        t = type_of(args[0]) if args else Sequence(kind, ())
        if kind is list and isinstance(t, ListOf):
            return t
        if kind is list and isinstance(t, Array) and t.shape:
            return ListOf(Array(t.dtype, t.shape[1:]), t.shape[0])
        return Sequence(kind, t.items) if isinstance(t, Sequence) else UNKNOWN

    return convert


SEQUENCE_TYPES: dict[Any, Callable[[tuple[Operand, ...], dict[str, Operand]], Type]] = {
    operator.concat: _concat,
    operator.mul: _repeated,
    builtins.len: _len,
    builtins.range: _range,
    builtins.sum: _sum,
    builtins.tuple: _sequence(tuple),
    builtins.list: _sequence(list),
}
