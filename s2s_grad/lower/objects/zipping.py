"""Several streams side by side, and sequences in reverse."""

from __future__ import annotations

import builtins
import operator
from dataclasses import replace

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.ir.types import ListOf
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.core.readings import reading_of
from s2s_grad.lower.objects.iterate import (
    Lengths,
    RunTime,
    Stream,
    as_sequence,
    needs_known,
    stream_length,
)
from s2s_grad.lower.objects.iterators import (
    Static,
    over_known,
)
from s2s_grad.lower.terms.read_ahead import Reading
from s2s_grad.lower.terms.refuse import NeedsStatic
from s2s_grad.lower.terms.values import NONE

__all__ = ["flipped", "with_lengths", "zip_streams"]


def zip_streams(low: Lowerer, streams: list[Stream], *, strict: bool = False) -> Stream:
    """Return the tuples of the items of several streams, as many as the shortest has."""
    if not streams:
        return over_known(low, ())
    if any(isinstance(stream, Static) for stream in streams):
        reason = "`zip` of a tuple or list with a sequence of a length known at run time only."
        remedy = "Stack the items of the tuple to an array."
        return _zipped(low, [needs_known(low, s, reason, remedy) for s in streams], strict)
    parts = [stream for stream in streams if isinstance(stream, RunTime)]
    lengths = [stream_length(part) for part in parts]
    equal = lengths[0] is not None and all(n == lengths[0] for n in lengths)
    if strict and not equal:
        raise NeedsStatic.of(
            low,
            Pack(tuple, tuple(seq for part in parts for seq in part.seqs)),
            "`zip(..., strict=True)` of sequences whose lengths may not be the same.",
            "Leave `strict=True` out, or compare the lengths.",
        )
    reverse = parts[0].reverse and equal and all(part.reverse for part in parts)

    def turned(part: RunTime) -> tuple[Operand, ...]:
        return tuple(flipped(low, seq) for seq in part.seqs)

    seqs = [part.seqs if part.reverse is reverse else turned(part) for part in parts]
    if not equal:
        seqs = _trimmed(low, seqs)
    starts = [sum(len(group) for group in seqs[:i]) for i in range(len(seqs) + 1)]

    def element(elements: tuple[Operand, ...]) -> Operand:
        items = (part.element(elements[starts[i] : starts[i + 1]]) for i, part in enumerate(parts))
        return Pack(tuple, tuple(items))

    reads: tuple[Reading | Lengths, ...] = tuple(read for part in parts for read in part.reads)
    copied = [
        seq
        for part, group in zip(parts, seqs, strict=True)
        if part.seqs != group
        for seq in part.seqs
        if isinstance(type_of(seq), ListOf)
    ]
    if copied:
        reads = (*reads, reading_of(low, copied))
    whole = tuple(seq for group in seqs for seq in group)
    return with_lengths(low, RunTime(whole, element, reverse, reads=reads))


def with_lengths(low: Lowerer, stream: RunTime) -> RunTime:
    """Return a stream whose lists must have the length that they have now."""
    lists = {seq: low.memory.held(seq) for seq in stream.seqs if isinstance(type_of(seq), ListOf)}
    return replace(stream, reads=(*stream.reads, Lengths(lists))) if lists else stream


def _zipped(low: Lowerer, streams: list[Static], strict: bool) -> Static:
    """Take an item of each in turn; what the first ones gave is lost where a later one ends."""

    def pull() -> Operand | None:
        found: list[Operand] = []
        for stream in streams:
            item = stream.pull()
            if item is None:
                rest = streams[1:] if strict and not found else []
                if strict and (found or any(s.pull() is not None for s in rest)):
                    low.refuse("the arguments of `zip(..., strict=True)` have unlike lengths.")
                return None
            found.append(item)
        return Pack(tuple, tuple(found))

    return Static(pull, tuple(seq for stream in streams for seq in stream.holds))


def flipped(low: Lowerer, seq: Operand) -> Operand:
    """Return a sequence from its end."""
    backwards = Pack(slice, (NONE, NONE, Const(-1)))
    return low.apply(operator.getitem, as_sequence(low, seq), backwards)


def _trimmed(low: Lowerer, groups: list[tuple[Operand, ...]]) -> list[tuple[Operand, ...]]:
    lengths = [low.apply(builtins.len, group[0]) for group in groups]
    shortest = low.call(builtins.min, tuple(lengths))
    head = Pack(slice, (NONE, shortest, NONE))
    return [
        tuple(low.apply(operator.getitem, as_sequence(low, seq), head) for seq in group)
        for group in groups
    ]
