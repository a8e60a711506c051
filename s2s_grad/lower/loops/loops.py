"""Loops: written out over items known one by one, else `Loop` nodes in scan form.

What a loop carries is found by lowering its body again and again, each time with what the last
attempt has shown to change, until nothing more does.
"""

from __future__ import annotations

import builtins
import functools
import operator
from collections.abc import Callable, Generator
from contextlib import contextmanager

import libcst as cst

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import UNDEFINED, Line, Operand, Origin, Pack, Var
from s2s_grad.ir.types import UNKNOWN, Array, ListOf, Range, Scalar, Type
from s2s_grad.lower.control.branches import any_flag, branch, guard, jump
from s2s_grad.lower.control.places import place_of_loop, within_place
from s2s_grad.lower.control.regions import Region
from s2s_grad.lower.control.side_effects import Before, containers_in
from s2s_grad.lower.control.slots import GROWS
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.loops.carry import Carrier
from s2s_grad.lower.loops.loop_nodes import close_collection, close_loop, read_outside
from s2s_grad.lower.loops.trial import Trial
from s2s_grad.lower.objects.containers import append
from s2s_grad.lower.objects.iterate import (
    RunTime,
    as_sequence,
    check_reads,
    iterate,
    length_of,
    one_by_one,
    stream_length,
)
from s2s_grad.lower.objects.iterators import Static, check_length
from s2s_grad.lower.objects.records import condition
from s2s_grad.lower.terms.choices import Way
from s2s_grad.lower.terms.frames import (
    BROKE,
    COLLECTED,
    DEAD,
    EXHAUSTED,
    JUMPED,
    RETURNED,
    VALUE,
    Env,
    is_cell,
    is_object,
)
from s2s_grad.lower.terms.locate import header_line
from s2s_grad.lower.terms.refuse import NeedsList, NeedsStatic
from s2s_grad.lower.terms.static import truth
from s2s_grad.lower.terms.syntax_names import target_names
from s2s_grad.lower.terms.values import FALSE, TRUE, is_false, is_true, same_operand
from s2s_grad.lower.writes.assign import assign

__all__ = ["collect", "for_each", "lower_for", "lower_while"]

_MOST_ATTEMPTS = 12
_MOST_UNROLLED = 256
_MOST_ROUNDS = 8  # of a `while` loop whose condition is not known


def _new_trial(low: Lowerer) -> Trial:
    env = _body_env(low)
    cells = {name: held for name, held in env.items() if is_cell(name)}
    return Trial(Region(env), start=low.memory.tick(), containers=containers_in(low), cells=cells)


def lower_for(low: Lowerer, node: cst.For) -> None:
    """Lower a ``for`` loop."""
    if node.asynchronous is not None:
        low.refuse("`async for` is not supported.", "Use a plain loop.", node)
    text = f"for {low.source.text_of(node.target)} in {low.source.text_of(node.iter)}"
    line = header_line(low.source, node, text)
    with low.at(node, line):
        iterable = low.expression(node.iter)
        stream = iterate(low, iterable, node.iter)
        with _jumps_of_its_own(low) as outer:
            if isinstance(stream, Static):
                _unroll(low, node, stream, outer)
            else:
                _run_or_unroll(low, node, stream, line, outer)


def _run_or_unroll(low: Lowerer, node: cst.For, stream: RunTime, line: Line, outer: Env) -> None:
    length = stream_length(stream)
    known = isinstance(length, int) and length <= _MOST_UNROLLED
    place = place_of_loop(low, known=known)
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


@contextmanager
def _jumps_of_its_own(low: Lowerer) -> Generator[Env]:
    """Set the flags of the loop around this one aside."""
    env = low.here.env
    outer = {flag: env[flag] for flag in (BROKE, EXHAUSTED)}
    env.update(dict.fromkeys(outer, FALSE))
    yield outer


def _finish(low: Lowerer, outer: Env, stopped: Operand, orelse: cst.Else | None) -> None:
    """Go on after a loop; `stopped` says whether it was left by a jump."""
    env = low.here.env
    env.update(outer)
    env[JUMPED] = env[RETURNED]
    if orelse is None or is_true(stopped) or DEAD in env:
        return
    if is_false(stopped):
        low.statements(orelse.body)
    else:
        guard(low, stopped, lambda: low.statements(orelse.body))


def _left(low: Lowerer, body: cst.BaseSuite, go_on: Callable[[], None]) -> bool:
    """Lower one round of a loop; return whether no other follows, save those of `go_on`.

    Those are lowered under a condition, where it depends on data whether the round leaves the loop.
    """
    low.statements(body)
    env = low.here.env
    if DEAD in env:
        return True
    env[JUMPED] = left = any_flag(low, env[BROKE], env[RETURNED])
    if is_false(left):
        return False
    if not is_true(left):
        guard(low, left, go_on)
    return True


def _unroll(low: Lowerer, node: cst.For, items: Static, outer: Env) -> None:
    """Lower the body once for each item, which is read when its turn comes."""

    def from_item(place: int) -> None:
        while (item := items.pull()) is not None:
            place += 1
            check_length(low, place)
            assign(low, node.target, item)
            if _left(low, node.body, lambda place=place: from_item(place)):
                return

    from_item(0)
    env = low.here.env
    _finish(low, outer, any_flag(low, env[BROKE], env[RETURNED]), node.orelse)


def _run(low: Lowerer, node: cst.For, stream: RunTime, line: Line, outer: Env) -> None:
    """Lower a loop whose length is known at run time only."""
    assigned = low.here.names.assigned(node.body)
    rebound = sorted(_rebound(low))
    names = tuple(dict.fromkeys((*target_names(node.target), *assigned, *rebound)))

    def body(item: Operand) -> None:
        assign(low, node.target, item)
        low.statements(node.body)

    carrier, trial, seqs = _settle_over(
        low, stream, names, body, low.here.names.augmented(node.body), _bound_by(low, node)
    )
    outside = read_outside(low, node)
    written_out = isinstance(stream_length(stream), int)
    for name in carrier.grown():
        if name in outside or (is_object(name) and written_out):
            what = "a list" if is_object(name) else f"`{name}`"
            low.refuse(f"{what} {GROWS.reason}.", GROWS.remedy, node, NeedsStatic)
    stopped = close_loop(low, node, carrier, trial, seqs, stream.reverse, Origin(line))
    check_reads(low, stream)
    _finish(low, outer, stopped, node.orelse)


def _rebound(low: Lowerer) -> frozenset[str]:
    """Return the names that functions which are called here may bind."""
    return low.here.names.rebound(low.here.node) | low.here.borrowed


def _bound_by(low: Lowerer, node: cst.CSTNode) -> dict[str, Type]:
    return low.bound_by.setdefault(node, {})


def for_each(
    low: Lowerer,
    stream: RunTime,
    body: Callable[[Operand], None],
    names: tuple[str, ...] = (),
) -> None:
    """Lower a body for each item of a stream of run-time length, for what it writes and assigns.

    It assigns `names`, and those that functions which it calls declare `nonlocal`.
    """
    names = (*names, *sorted(_rebound(low) - set(names)))
    carrier, trial, seqs = _settle_over(low, stream, names, body)
    close_collection(low, carrier, trial, seqs, stream.reverse, set(names))
    check_reads(low, stream)


def _settle_over(
    low: Lowerer,
    stream: RunTime,
    names: tuple[str, ...],
    body: Callable[[Operand], None],
    augmented: frozenset[str] = frozenset(),
    bound: dict[str, Type] | None = None,
) -> tuple[Carrier, Trial, tuple[Operand, ...]]:
    """Lower a body, for an item of a stream, until what it carries settles."""
    given = tuple(as_sequence(low, seq) for seq in stream.seqs)
    by_index: frozenset[int] = frozenset()  # the sequences that the body writes to
    while True:
        seqs = _sequences(low, given, by_index)

        def body_once(
            carrier: Carrier,
            seqs: tuple[Operand, ...] = seqs,
            by_index: frozenset[int] = by_index,
        ) -> Trial:
            trial = _new_trial(low)
            trial.elements = tuple(Var("", _element_type(low, seq)) for seq in seqs)
            for element, seq in zip(trial.elements, seqs, strict=True):
                low.aliases.element(element, seq)
                low.memory.stamp(element)
            with trial.region.within(low):
                trial.params = carrier.enter(low)
                body(stream.element(_items(low, given, by_index, trial.elements)))
                _end_body(low, trial, carrier)
            return trial

        with low.attempt() as attempt:
            carrier = Carrier(low, names, augmented, {} if bound is None else bound)
            trial = _settle(low, carrier, body_once)
            written = _written(low, given, trial) - by_index
            if not written:
                attempt.keep()
                return carrier, trial, seqs
        by_index |= written


def _sequences(
    low: Lowerer, given: tuple[Operand, ...], by_index: frozenset[int]
) -> tuple[Operand, ...]:
    """Return what the loop iterates: a counter in place of the sequences read by index."""
    rest = tuple(low.current(seq) for i, seq in enumerate(given) if i not in by_index)
    if not by_index:
        return rest
    length = low.apply(builtins.len, given[min(by_index)])
    return (as_sequence(low, low.call(builtins.range, (length,))), *rest)


def _items(
    low: Lowerer, given: tuple[Operand, ...], by_index: frozenset[int], elements: tuple[Var, ...]
) -> tuple[Operand, ...]:
    """Return an item of each sequence, read by index where the body writes to it."""
    if not by_index:
        return elements
    counter, rest = elements[0], iter(elements[1:])
    return tuple(
        low.apply(operator.getitem, seq, counter) if i in by_index else next(rest)
        for i, seq in enumerate(given)
    )


def _written(low: Lowerer, given: tuple[Operand, ...], trial: Trial) -> frozenset[int]:
    """Return the places of the sequences whose memory the body may write to."""
    return frozenset(
        i
        for i, seq in enumerate(given)
        if isinstance(seq, Var)
        and (_is_rebound(low, seq, trial) or low.memory.written_since(seq, trial.start))
    )


def _is_rebound(low: Lowerer, seq: Var, trial: Trial) -> bool:
    """Return whether the body changes the list that it runs over; refuse if also its length."""
    if not isinstance(seq.type, ListOf):
        return False
    before = low.memory.held(seq)
    with trial.region.within(low):
        after = low.memory.held(seq)
    if after is before:
        return False
    lengths = [length_of(value) for value in (before, after)]
    if lengths[0] is None or lengths[0] != lengths[1]:
        low.refuse(
            "a list is iterated while the loop changes it, and its length may be another one.",
            "Iterate over a copy of the list.",
        )
    return True


def lower_while(low: Lowerer, node: cst.While) -> None:
    """Lower a ``while`` loop."""
    line = header_line(low.source, node, f"while {low.source.text_of(node.test)}")
    assigned = low.here.names.assigned(node.test, node.body)
    names = (*assigned, *sorted(_rebound(low) - set(assigned)))
    if low.here.names.yields(node.body):
        low.refuse("`yield` in a `while` loop.", "Use a `for` loop, or return a list.", node)
    with low.at(node, line), _jumps_of_its_own(low) as outer:
        place = place_of_loop(low, known=True)
        need = NeedsStatic("how often this loop runs is only known when the program runs.")
        if place is None or place.way is Way.ONE:
            try:
                with low.attempt() as attempt, within_place(low, place):
                    _run_while(low, node, names, line, outer)
                    attempt.keep()
                return
            except NeedsStatic as error:
                need = error
                if place is not None:
                    place.be_apart()
        _unroll_while(low, node, outer, need)


def _unroll_while(low: Lowerer, node: cst.While, outer: Env, need: NeedsStatic) -> None:
    """Lower the body as often as its condition is known to hold; raise `need` if it is not."""

    def again(count: int, unknown: int = 0) -> None:
        while True:
            cond = condition(low, node.test)
            holds = truth(cond)
            if count > _MOST_UNROLLED or unknown > _MOST_ROUNDS:
                raise need
            count += 1
            if holds is None:
                unknown += 1
                branch(low, cond, functools.partial(one_more, count, unknown), lambda: None)
                return
            if not holds or _left(low, node.body, functools.partial(again, count, unknown)):
                return

    def one_more(count: int, unknown: int) -> None:
        if not _left(low, node.body, functools.partial(again, count, unknown)):
            again(count, unknown)

    again(0)
    env = low.here.env
    _finish(low, outer, any_flag(low, env[BROKE], env[RETURNED]), node.orelse)


def _run_while(
    low: Lowerer, node: cst.While, names: tuple[str, ...], line: Line, outer: Env
) -> None:
    """Lower a loop whose number of rounds is known at run time only."""
    # A condition that assigns names or has effects is tested inside the body.
    tested_inside = bool(low.here.names.assigned(node.test))

    def body_once(carrier: Carrier) -> Trial:
        trial = _new_trial(low)
        if not tested_inside:
            _lower_condition(low, node, carrier, trial)
            if is_false(trial.cond):
                return trial
        with trial.region.within(low):
            trial.params = carrier.enter(low)
            if tested_inside:
                _test_inside(low, node)
            else:
                low.statements(node.body)
            _end_body(low, trial, carrier)
        return trial

    augmented = low.here.names.augmented(node.test, node.body)
    with low.attempt() as attempt:
        carrier = Carrier(low, names, augmented, _bound_by(low, node))
        trial = _settle(low, carrier, body_once)
        if not trial.cond_acts:
            attempt.keep()
    if not attempt.kept:
        tested_inside = True
        carrier = Carrier(low, names, augmented, {})
        trial = _settle(low, carrier, body_once)
    if is_false(trial.cond):
        _finish(low, outer, FALSE, node.orelse)
        return
    stopped = close_loop(low, node, carrier, trial, None, False, Origin(line))
    _finish(low, outer, stopped, node.orelse)


def _lower_condition(low: Lowerer, node: cst.While, carrier: Carrier, trial: Trial) -> None:
    """Lower a condition to a block of its own, over parameters of its own."""
    region = Region(_body_env(low))
    with region.within(low):
        trial.cond_params = carrier.enter(low)
        before = Before.now(low)
        cond = condition(low, node.test)
        trial.cond_acts = before.is_changed(low, region.statements)
    known = truth(cond)
    trial.cond = cond if known is None else TRUE if known else FALSE
    trial.cond_statements = region.statements


def _test_inside(low: Lowerer, node: cst.While) -> None:
    cond = condition(low, node.test)
    known = truth(cond)
    if known is None:
        branch(low, cond, lambda: low.statements(node.body), lambda: jump(low, EXHAUSTED))
    elif known:
        low.statements(node.body)
    else:
        jump(low, EXHAUSTED)


def _body_env(low: Lowerer) -> Env:
    return {**low.here.env, VALUE: UNDEFINED, JUMPED: FALSE}


def _end_body(low: Lowerer, trial: Trial, carrier: Carrier) -> None:
    """Make what the body yields readable, and its reasons to stop one flag."""
    env = low.here.env
    outside = trial.cells.items()
    if any(not same_operand(env.get(name, UNDEFINED), held) for name, held in outside):
        low.refuse(
            "a loop of run-time length takes items of an iterator that was made before it.",
            "Use an index.",
            kind=NeedsStatic,
        )
    if DEAD not in env:
        trial.stop = any_flag(low, env[EXHAUSTED], env[BROKE], env[RETURNED])
    carrier.spread(low)


def _settle(low: Lowerer, carrier: Carrier, body_once: Callable[[Carrier], Trial]) -> Trial:
    """Lower the body until what it carries fits what it yields."""
    stale: set[Var] = set()  # what an iteration may write after the next one has to read it
    for count in range(_MOST_ATTEMPTS):
        try:
            with low.attempt() as attempt:
                with low.memory.watching(stale) as used:
                    trial = body_once(carrier)
                if is_false(trial.cond):
                    attempt.keep()
                    return trial
                with low.builder.nested() as read:
                    changed = carrier.update(low, trial, widen=count > _MOST_ATTEMPTS // 2)
                found = set[Var]() if changed else _read_too_early(low, trial, used - stale)
                if not changed and not found:
                    attempt.keep()
        except NeedsList as need:
            if not carrier.take_list(low, need.key):
                raise
            continue
        low.builder.statements.extend(read)
        if attempt.kept:
            return trial
        stale |= found
    low.refuse("the types of what this loop carries do not settle.", "Start it with an array.")


def _read_too_early(low: Lowerer, trial: Trial, used: set[Var]) -> set[Var]:
    """Return what was made before the body and is written there after it was read."""
    memory = low.memory
    return {
        var
        for var in used
        if memory.born_before(var, trial.start) and memory.written_since(var, trial.start)
    }


def _element_type(low: Lowerer, seq: Operand) -> Type:
    t = type_of(seq)
    match t:
        case Range():
            return Scalar("int")
        case ListOf(item=item):
            return item
        case Array():
            return low.builder.infer(operator.getitem, (seq, Var("", Scalar("int"))), {})
        case _:
            return UNKNOWN


def collect(low: Lowerer, stream: RunTime) -> Operand:
    """Return the list that a loop over a stream fills."""
    low.here.env[COLLECTED] = found = Pack(list, ())
    for_each(low, stream, lambda item: append(low, low.memory.shallow(found), item))
    return low.memory.shallow(found)
