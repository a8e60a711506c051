"""``for`` loops: written out over items known one by one, else `Loop` nodes in scan form."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from s2s_grad.ir.nodes import Operand, Origin, Pack
from s2s_grad.ir.sources import Line
from s2s_grad.lower.control.branches import any_flag
from s2s_grad.lower.control.places import place_of_loop, within_place
from s2s_grad.lower.control.slots import GROWS
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.loops.loop_nodes import close_collection, close_loop, read_outside
from s2s_grad.lower.loops.rounds import (
    MOST_UNROLLED,
    bound_by,
    finish,
    jumps_of_its_own,
    left,
    rebound,
)
from s2s_grad.lower.loops.settling import settle_over
from s2s_grad.lower.objects.containers import append
from s2s_grad.lower.objects.iterate import (
    RunTime,
    check_reads,
    iterate,
    one_by_one,
    stream_length,
)
from s2s_grad.lower.objects.iterators import END, Static, check_length
from s2s_grad.lower.terms.choices import Way
from s2s_grad.lower.terms.frames import (
    BROKE,
    COLLECTED,
    RETURNED,
    Env,
    is_object,
)
from s2s_grad.lower.terms.locate import header_line
from s2s_grad.lower.terms.refuse import NeedsStatic
from s2s_grad.lower.terms.syntax_names import target_names
from s2s_grad.lower.terms.values import FALSE, is_false
from s2s_grad.lower.writes.assign import assign

__all__ = ["collect", "for_each", "lower_for"]


def lower_for(low: Lowerer, node: cst.For) -> None:
    """Lower a ``for`` loop."""
    if node.asynchronous is not None:
        low.refuse("`async for` is not supported.", "Use a plain loop.", node)
    text = f"for {low.source.text_of(node.target)} in {low.source.text_of(node.iter)}"
    line = header_line(low.source, node, text)
    with low.at(node, line):
        iterable = low.expression(node.iter)
        stream = iterate(low, iterable, node.iter)
        with jumps_of_its_own(low) as outer:
            if isinstance(stream, Static):
                _unroll(low, node, stream, outer)
            else:
                _run_or_unroll(low, node, stream, line, outer)


def _run_or_unroll(low: Lowerer, node: cst.For, stream: RunTime, line: Line, outer: Env) -> None:
    length = stream_length(stream)
    known = isinstance(length, int) and length <= MOST_UNROLLED
    place = place_of_loop(low, stream.seqs, known=known)
    if place is None or place.way is Way.ONE:
        try:
            with low.attempt() as attempt, within_place(low, place):
                _run(low, node, stream, line, outer)
                attempt.keep()
            return
        except NeedsStatic:
            if not known:
                raise
            if place is not None:
                place.be_apart()
    items = one_by_one(low, stream)
    assert items is not None
    _unroll(low, node, items, outer)


def _unroll(low: Lowerer, node: cst.For, items: Static, outer: Env) -> None:
    """Lower the body once for each item, which is read when its turn comes."""

    def from_item(place: int) -> None:
        while (item := items.pull()) is not None:
            place += 1
            check_length(low, place)
            assign(low, node.target, item)
            if left(low, node.body, lambda place=place: from_item(place)):
                return

    from_item(0)
    env = low.here.env
    finish(low, outer, any_flag(low, env[BROKE], env[RETURNED]), node.orelse)


def _run(low: Lowerer, node: cst.For, stream: RunTime, line: Line, outer: Env) -> None:
    """Lower a loop whose length is known at run time only."""
    assigned = low.here.names.assigned(node.body)
    targets = target_names(node.target)
    names = tuple(dict.fromkeys((*targets, *assigned, *sorted(rebound(low)))))

    def body(item: Operand) -> None:
        assign(low, node.target, item)
        low.statements(node.body)

    carrier, trial, seqs = settle_over(
        low, stream, names, body, low.here.names.augmented(node.body), bound_by(low, node)
    )
    outside = read_outside(low, node)
    written_out = isinstance(stream_length(stream), int)
    for name in carrier.grown():
        if name in outside or (is_object(name) and written_out):
            what = "a list" if is_object(name) else f"`{name}`"
            low.refuse(f"{what} {GROWS.reason}.", GROWS.remedy, node, NeedsStatic)
    stopped = close_loop(low, node, carrier, trial, seqs, stream.reverse, Origin(line))
    check_reads(low, stream)
    _use_up(stream, trial.stop)
    finish(low, outer, stopped, node.orelse)


def for_each(
    low: Lowerer,
    stream: RunTime,
    body: Callable[[Operand], None],
    names: tuple[str, ...] = (),
) -> None:
    """Lower a body for each item of a stream of run-time length, for what it writes and assigns.

    It assigns `names`, and those that functions which it calls declare `nonlocal`.
    """
    names = (*names, *sorted(rebound(low) - set(names)))
    carrier, trial, seqs = settle_over(low, stream, names, body)
    close_collection(low, carrier, trial, seqs, stream.reverse, set(names))
    check_reads(low, stream)
    _use_up(stream, FALSE)


def _use_up(stream: RunTime, stopped: Operand) -> None:
    """Note that an iterator has come to its end, unless the loop was left by a jump."""
    if stream.cell is not None and is_false(stopped):
        stream.cell.set(END)
    elif stream.cell is not None:
        stream.cell.lose()


def collect(low: Lowerer, stream: RunTime) -> Operand:
    """Return the list that a loop over a stream fills."""
    low.here.env[COLLECTED] = found = Pack(list, ())
    for_each(low, stream, lambda item: append(low, low.memory.shallow(found), item))
    return low.memory.shallow(found)
