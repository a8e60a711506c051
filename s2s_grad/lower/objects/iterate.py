"""What a loop runs over: operands known one by one, or sequences of run-time length."""

from __future__ import annotations

import builtins
import contextlib
import enum
import operator
import types
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

import libcst as cst
import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.guards import class_of
from s2s_grad.ir.nodes import Const, Operand, Pack, Var
from s2s_grad.ir.types import Array, ListOf, Range, Scalar, Size
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.core.readings import check_reading
from s2s_grad.lower.memory.heap import is_conflict
from s2s_grad.lower.objects.iterators import (
    END,
    TAKEN,
    Cell,
    Static,
    all_of_it,
    in_turn,
    over_container,
    over_known,
    over_places,
)
from s2s_grad.lower.objects.records import call_method, is_record
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.terms.read_ahead import Reading
from s2s_grad.lower.terms.refuse import NeedsStatic
from s2s_grad.lower.terms.values import Collecting, DictView, Internal

__all__ = [
    "Iteration",
    "RunTime",
    "Static",
    "as_sequence",
    "begun_later",
    "check_reads",
    "items_in_turn",
    "iterate",
    "iteration",
    "known_items",
    "listed",
    "listed_or_known",
    "needs_known",
    "next_of",
    "one_by_one",
    "static_items",
]


@dataclass(frozen=True, slots=True, eq=False)
class RunTime:
    """Sequences of one length; `element` makes an item of their elements.

    `cell` says how many were taken before, where an iterator is shared; `reads` is what was read
    ahead of its time.
    """

    seqs: tuple[Operand, ...]
    element: Callable[[tuple[Operand, ...]], Operand]
    reverse: bool = False
    cell: Cell | None = None
    reads: tuple[Reading | Lengths, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Lengths:
    """The lists that are iterated backwards or side by side, with what they were."""

    lists: dict[Operand, Operand]


Stream = Static | RunTime


@dataclass(frozen=True, slots=True, eq=False)
class Iteration(Internal):
    """What `zip`, `enumerate`, `map` and the like return: it can be run over once.

    With `begin`, what it runs over is made when it is first asked; the argument says whether it is
    then run to its end before anything else happens.
    """

    name: str
    stream: Stream | None = None
    begin: Callable[[bool], Stream] | None = None
    cell: Cell | None = None

    @property
    def what(self) -> str:
        """This object in words, for errors."""
        return f"the iterator that `{self.name}` returns"

    @property
    def held(self) -> None:
        """What gives its items knows what these are made of."""
        return None


def iteration(low: Lowerer, name: str, stream: Stream) -> Const:
    """Return the iterator over a stream."""
    return Const(Iteration(name, stream, None, None if isinstance(stream, Static) else Cell(low)))


def begun_later(low: Lowerer, name: str, begin: Callable[[bool], Stream]) -> Const:
    """Return an iterator that does nothing before it is asked."""
    return Const(Iteration(name, None, begin, Cell(low)))


def _taken(low: Lowerer, made: Iteration, *, whole: bool) -> Stream:
    """Return what an iterator gives from here on, to something that takes all of it."""
    if isinstance(made.stream, Static):
        return made.stream
    place = _place(low, made)
    if isinstance(place, Static):
        return place
    assert made.cell is not None
    if made.begin is not None:
        if place == END:
            return over_known(low, ())
        made.cell.set(TAKEN)
        stream = made.begin(whole)
        if isinstance(stream, Static):
            made.cell.set(stream)
        return stream
    assert made.stream is not None
    check_reads(low, made.stream)
    if place == END:
        return over_known(low, ())
    if place == 0:
        made.cell.set(TAKEN)
        return replace(made.stream, cell=made.cell)
    return _from(low, made.stream, made.cell)


def _place(low: Lowerer, made: Iteration) -> Any:
    """Return where an iterator stands; raise if a loop has taken it."""
    assert made.cell is not None
    place: Any = made.cell.get()
    if place == TAKEN:
        raise NeedsStatic.of(
            low,
            Pack(tuple, () if made.stream is None else made.stream.seqs),
            f"{made.what} is used up after its first loop.",
            "Make a list of it.",
        )
    return place


def next_of(low: Lowerer, made: Iteration) -> Operand | None:
    """Return the next item of an iterator; None at its end."""
    if isinstance(made.stream, Static):
        return made.stream.pull()
    place = _place(low, made)
    if isinstance(place, Static):
        return place.pull()
    assert made.cell is not None
    if place == END:
        return None
    if made.begin is None:
        assert made.stream is not None
        return _from(low, made.stream, made.cell).pull()
    started = needs_known(low, made.begin(False), _ANOTHER, "Use an index.")
    made.cell.set(started)
    return started.pull()


_ANOTHER = "whether this iterator has another item is only known when the program runs."


def _from(low: Lowerer, stream: RunTime, cell: Cell) -> Static:
    """Return an iterator over what is left of a stream."""
    return needs_known(low, replace(stream, cell=cell), _ANOTHER, "Use an index.")


def iterate(
    low: Lowerer, operand: Operand, node: cst.CSTNode | None = None, *, whole: bool = False
) -> Stream:
    """Return what iterating over an operand gives.

    `whole` says that all items are taken at once, before anything else happens.
    """
    if is_conflict(operand):
        low.current(operand)
    if isinstance(operand, Const):
        if isinstance(operand.value, Iteration):
            with contextlib.nullcontext() if node is None else low.at(node):
                return _taken(low, operand.value, whole=whole)
        if isinstance(operand.value, Collecting):
            low.refuse_collecting(operand)
        if isinstance(operand.value, DictView):
            return over_container(low, operand)
    packed = expand(low, operand)
    if packed is not None:
        if is_record(packed):
            found = call_method(low, packed, "__iter__")
            if is_record(found):
                low.refuse("an iterator of a class of its own.", "Use a generator.", node)
            return iterate(low, found, node, whole=whole)
        return over_container(low, packed)
    t = type_of(operand)
    if isinstance(operand, Const) and not isinstance(operand.value, (np.ndarray, range)):
        value: Any = operand.value
        if isinstance(value, (str, bytes)) or class_of(value) in (set, frozenset):
            return over_known(low, tuple(Const(item) for item in _in_order(value)))
        if isinstance(value, enum.EnumType):
            members: tuple[Any, ...] = tuple(value)
            return over_known(low, tuple(Const(member) for member in members))
        own: Any = getattr(class_of(value), "__iter__", None)
        if isinstance(own, types.FunctionType):
            return iterate(low, low.call(own, (operand,)), node, whole=whole)
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
    """Take all items of a stream one by one, if there is a known number of them."""
    found = one_by_one(low, stream)
    return None if found is None else all_of_it(low, found)


def one_by_one(low: Lowerer, stream: Stream) -> Static | None:
    """Return an iterator over a stream, if it has a known number of items."""
    if isinstance(stream, Static):
        return stream
    length = stream_length(stream)
    if not isinstance(length, int):
        return None
    if stream.cell is not None and stream.cell.get() == TAKEN:
        stream.cell.set(0)

    def read(place: int) -> Operand | None:
        if place >= length:
            return None
        check_reads(low, stream)
        place = length - 1 - place if stream.reverse else place
        return stream.element(tuple(_element_at(low, seq, place) for seq in stream.seqs))

    return over_places(low, read, stream.seqs, stream.cell)


def needs_known(low: Lowerer, stream: Stream, reason: str, remedy: str) -> Static:
    """Return an iterator over a stream, or raise that its length has to be known."""
    found = one_by_one(low, stream)
    if found is None:
        raise NeedsStatic.of(low, Pack(tuple, stream.seqs), reason, remedy)
    return found


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
    return tuple(items_in_turn(low, operand, node, whole=True))


def items_in_turn(
    low: Lowerer, operand: Operand, node: cst.CSTNode | None = None, *, whole: bool = False
) -> Generator[Operand]:
    """Return what iterating over an operand gives, each item when it is asked for, or refuse.

    `whole` says that nothing happens between two of them.
    """
    stream = needs_known(
        low,
        iterate(low, operand, node, whole=whole),
        "how many items this has is only known when the program runs.",
        "Use an array operation, or a loop that updates a value.",
    )
    return in_turn(low, stream)


def check_reads(low: Lowerer, stream: RunTime) -> None:
    """Refuse if what a stream has read ahead of its time has changed since."""
    for read in stream.reads:
        if isinstance(read, Lengths):
            _check_lengths(low, read)
        else:
            check_reading(low, read)


def _check_lengths(low: Lowerer, lengths: Lengths) -> None:
    for seq, before in lengths.lists.items():
        now = low.memory.held(seq)
        sizes = [length_of(before), length_of(now)]
        if now is not before and (sizes[0] is None or sizes[0] != sizes[1]):
            low.refuse(
                "a list is changed while an iterator goes over it backwards or beside others, "
                "and its length may be another one.",
                "Iterate over a copy of the list.",
            )


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


def stream_length(stream: RunTime) -> Size | None:
    """Return the number of items of a stream, as far as it is known."""
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


def listed(low: Lowerer, operand: Operand) -> Operand:
    """Return the list of what an iterator gives, where it can be had; anything else as it is."""
    if not isinstance(operand, Const) or not isinstance(operand.value, Iteration):
        return operand
    found = listed_or_known(low, iterate(low, operand, whole=True))
    return Pack(list, all_of_it(low, found)) if isinstance(found, Static) else found


def listed_or_known(low: Lowerer, stream: Stream) -> Operand | Static:
    """Return a stream of run-time length as a list, any other as items known one by one."""
    if isinstance(stream, RunTime):
        whole = stream.element is first_element and not stream.reverse
        if whole and isinstance(type_of(stream.seqs[0]), ListOf):
            return stream.seqs[0]
    known = one_by_one(low, stream)
    if known is None:
        assert isinstance(stream, RunTime)
        return low.collect(stream)
    return known
