"""What a loop runs over: operands known one by one, or sequences of run-time length."""

from __future__ import annotations

import builtins
import enum
import operator
import types
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import libcst as cst
import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.guards import class_of
from s2s_grad.ir.nodes import Const, Operand, Pack, Var
from s2s_grad.ir.types import Array, ListOf, Range, Scalar, Size
from s2s_grad.lower.records import call_method, is_record
from s2s_grad.lower.refuse import NeedsStatic
from s2s_grad.lower.unpack import expand
from s2s_grad.lower.values import MISSING, NONE, Collecting, Internal, static_value

if TYPE_CHECKING:
    from s2s_grad.lower.lowerer import Lowerer

__all__ = [
    "Iteration",
    "RunTime",
    "Static",
    "array_below",
    "as_sequence",
    "iterate",
    "static_items",
    "zip_streams",
]


@dataclass(frozen=True, slots=True, eq=False)
class Static:
    """Items known one by one."""

    items: tuple[Operand, ...]

    @property
    def seqs(self) -> tuple[Operand, ...]:
        """What the loop holds on to while it runs."""
        return self.items


@dataclass(frozen=True, slots=True, eq=False)
class RunTime:
    """Sequences of one length; `element` makes an item of their elements."""

    seqs: tuple[Operand, ...]
    element: Callable[[tuple[Operand, ...]], Operand]
    reverse: bool = False


Stream = Static | RunTime


@dataclass(slots=True, eq=False)
class Iteration(Internal):
    """What `zip`, `enumerate`, `map` and the like return: it can be run over once."""

    name: str
    stream: Stream
    used: bool = False
    reads: frozenset[Var] = frozenset()  # what a generator read while it ran
    made: int = 0

    @property
    def what(self) -> str:
        """This object in words, for errors."""
        return f"the iterator that `{self.name}` returns"

    @property
    def operands(self) -> tuple[Operand, ...]:
        """The values that it will give."""
        return self.stream.seqs


def iterate(low: Lowerer, operand: Operand, node: cst.CSTNode | None = None) -> Stream:
    """Return what iterating over an operand gives."""
    if isinstance(operand, Const) and isinstance(operand.value, Iteration):
        iteration = operand.value
        if iteration.used:
            low.refuse(
                f"{iteration.what} is used up after its first loop.", "Make a list of it.", node
            )
        iteration.used = True
        return iteration.stream
    if isinstance(operand, Const) and isinstance(operand.value, Collecting):
        low.refuse_collecting(operand)
    packed = expand(low, operand)
    if packed is not None:
        if is_record(packed):
            return iterate(low, call_method(low, packed, "__iter__"), node)
        if packed.kind is dict:
            return Static(tuple(Const(key) for key in packed.keys))
        return Static(packed.items)
    t = type_of(operand)
    if isinstance(operand, Const) and not isinstance(operand.value, (np.ndarray, range)):
        value: Any = operand.value
        if isinstance(value, (str, bytes)) or class_of(value) in (set, frozenset):
            return Static(tuple(Const(item) for item in _in_order(value)))
        if isinstance(value, enum.EnumType):
            members: tuple[Any, ...] = tuple(value)
            return Static(tuple(Const(member) for member in members))
        own: Any = getattr(class_of(value), "__iter__", None)
        if isinstance(own, types.FunctionType):
            return iterate(low, low.call(own, (operand,)), node)
        shown = operand.text or repr(operand.value)
        low.refuse(f"a loop over `{shown}` is not supported.", node=node)
    if isinstance(t, Scalar) or (isinstance(t, Array) and t.shape == ()):
        low.refuse(
            "a loop over a number is not possible.", "Loop over `range(n)` or an array.", node
        )
    return RunTime((operand,), first_element)


def _in_order(value: Any) -> list[Any]:
    """Return the items of a value in an order that does not depend on hashes."""
    items: list[Any] = list(value)
    return sorted(items, key=repr) if isinstance(value, (set, frozenset)) else items


def first_element(elements: tuple[Operand, ...]) -> Operand:
    return elements[0]


def known_items(low: Lowerer, stream: Stream) -> tuple[Operand, ...] | None:
    """Return the items of a stream one by one, if there is a known number of them."""
    if isinstance(stream, Static):
        return stream.items
    readers = item_readers(low, stream)
    return None if readers is None else tuple(read() for read in readers)


def item_readers(low: Lowerer, stream: RunTime) -> list[Callable[[], Operand]] | None:
    """Return what reads each item of a stream, if there is a known number of them."""
    length = stream_length(stream)
    if not isinstance(length, int):
        return None

    def reader(place: int) -> Callable[[], Operand]:
        return lambda: stream.element(tuple(_element_at(low, seq, place) for seq in stream.seqs))

    order = range(length - 1, -1, -1) if stream.reverse else range(length)
    return [reader(place) for place in order]


def _element_at(low: Lowerer, seq: Operand, place: int) -> Operand:
    if isinstance(seq, Const) and isinstance(seq.value, range):
        return Const(seq.value[place])
    if isinstance(seq, Var) and isinstance(seq.type, Range):
        bounds = low.defined.get(seq, ())
        if len(bounds) in (1, 2):
            start = bounds[0] if len(bounds) == 2 else Const(0)
            return low.apply(np.add, start, Const(place))
    return low.apply(operator.getitem, seq, Const(place))


def static_items(
    low: Lowerer, operand: Operand, node: cst.CSTNode | None = None
) -> tuple[Operand, ...]:
    """Return what iterating over an operand gives, one by one, or refuse."""
    stream = iterate(low, operand, node)
    items = known_items(low, stream)
    if items is None:
        raise NeedsStatic.of(
            low,
            Pack(tuple, stream.seqs),
            "how many items this has is only known when the program runs.",
            "Use an array operation, or a loop that updates a value.",
        )
    return items


def length_of(operand: Operand) -> Size | None:
    """Return the number of items of a sequence, as far as it is known."""
    t = type_of(operand)
    match t:
        case Array(shape=(first, *_)):
            return first
        case ListOf(length=length) | Range(length=length):
            return length
        case _:
            return None


def stream_length(stream: Stream) -> Size | None:
    if isinstance(stream, Static):
        return len(stream.items)
    lengths = [length_of(seq) for seq in stream.seqs]
    return next((length for length in lengths if isinstance(length, int)), lengths[0])


def as_sequence(low: Lowerer, operand: Operand) -> Operand:
    """Return what a run-time operation can take in place of an iterator or a constant range."""
    if isinstance(operand, Const):
        value: Any = operand.value
        if isinstance(value, range):
            bounds = [value.start, value.stop, value.step]
            if value.step == 1:
                bounds = bounds[1:2] if value.start == 0 else bounds[:2]
            t = Range(len(value))
            return low.apply(builtins.range, *(Const(n) for n in bounds), type=t)
        if isinstance(value, Iteration):
            return listed(low, operand)
    return operand


def array_below(low: Lowerer, operand: Operand, depth: int) -> Operand:
    """Return a nested list with an array in place of each list that lies as deep as `depth`.

    Lists of constants stay: NumPy and the rules take them as they are.
    """
    if not isinstance(operand, Pack) or operand.kind not in (tuple, list):
        return operand
    if static_value(operand) is not MISSING:
        return operand
    if depth == 0:
        return low.apply(np.array, operand)
    items = tuple(array_below(low, item, depth - 1) for item in operand.items)
    return operand if items == operand.items else Pack(operand.kind, items)


def listed(low: Lowerer, operand: Operand) -> Operand:
    """Return the list of what an iterator gives, where it can be had; anything else as it is."""
    if not isinstance(operand, Const) or not isinstance(operand.value, Iteration):
        return operand
    stream = iterate(low, operand)
    items = known_items(low, stream)
    if items is not None:
        return Pack(list, items)
    whole = isinstance(stream, RunTime) and stream.element is first_element and not stream.reverse
    if whole and isinstance(type_of(stream.seqs[0]), ListOf):
        return stream.seqs[0]
    return Const(replace(operand.value, used=False))


def zip_streams(low: Lowerer, streams: list[Stream], *, strict: bool = False) -> Stream:
    """Return the tuples of the items of several streams, as many as the shortest has."""
    if any(isinstance(stream, Static) for stream in streams):
        listed = [known_items(low, stream) for stream in streams]
        known = [items for items in listed if items is not None]
        if len(known) < len(listed):
            raise NeedsStatic.of(
                low,
                Pack(tuple, tuple(seq for stream in streams for seq in stream.seqs)),
                "`zip` of a tuple or list with a sequence whose length is only known at run time.",
                "Stack the items of the tuple to an array.",
            )
        return Static(tuple(Pack(tuple, items) for items in zip(*known, strict=False)))
    parts = [stream for stream in streams if isinstance(stream, RunTime)]
    if not parts:
        return Static(())
    lengths = [stream_length(part) for part in parts]
    equal = strict or (lengths[0] is not None and all(n == lengths[0] for n in lengths))
    reverse = parts[0].reverse and equal and all(part.reverse for part in parts)
    seqs = [part.seqs if part.reverse is reverse else _flipped(low, part) for part in parts]
    if not equal:
        seqs = _trimmed(low, seqs)
    starts = [sum(len(group) for group in seqs[:i]) for i in range(len(seqs) + 1)]

    def element(elements: tuple[Operand, ...]) -> Operand:
        items = (part.element(elements[starts[i] : starts[i + 1]]) for i, part in enumerate(parts))
        return Pack(tuple, tuple(items))

    return RunTime(tuple(seq for group in seqs for seq in group), element, reverse)


def _flipped(low: Lowerer, part: RunTime) -> tuple[Operand, ...]:
    backwards = Pack(slice, (NONE, NONE, Const(-1)))
    return tuple(low.apply(operator.getitem, as_sequence(low, seq), backwards) for seq in part.seqs)


def _trimmed(low: Lowerer, groups: list[tuple[Operand, ...]]) -> list[tuple[Operand, ...]]:
    lengths = [low.apply(builtins.len, group[0]) for group in groups]
    shortest = low.call(builtins.min, tuple(lengths))
    head = Pack(slice, (NONE, shortest, NONE))
    return [
        tuple(low.apply(operator.getitem, as_sequence(low, seq), head) for seq in group)
        for group in groups
    ]
