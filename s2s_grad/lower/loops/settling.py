"""What a loop carries: found by lowering its body again and again.

Each time it is lowered with what the last attempt has shown to change, until nothing more does.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import UNDEFINED, Operand, Var
from s2s_grad.ir.types import UNKNOWN, Array, ListOf, Range, Scalar, Type
from s2s_grad.lower.control.branches import any_flag
from s2s_grad.lower.control.regions import Region
from s2s_grad.lower.control.side_effects import containers_in
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.loops.carry import Carrier
from s2s_grad.lower.loops.trial import Trial
from s2s_grad.lower.objects.iterate import (
    RunTime,
    as_sequence,
    length_of,
)
from s2s_grad.lower.terms.frames import (
    BROKE,
    DEAD,
    EXHAUSTED,
    JUMPED,
    RETURNED,
    VALUE,
    Env,
    is_cell,
)
from s2s_grad.lower.terms.refuse import NeedsList, NeedsStatic
from s2s_grad.lower.terms.values import FALSE, is_false, same_operand

__all__ = ["body_env", "end_body", "new_trial", "settle", "settle_over"]


_MOST_ATTEMPTS = 12


def new_trial(low: Lowerer) -> Trial:
    """Return the attempt at a body that begins now."""
    env = body_env(low)
    cells = {name: held for name, held in env.items() if is_cell(name)}
    return Trial(Region(env), start=low.memory.tick(), containers=containers_in(low), cells=cells)


def settle_over(
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
            trial = new_trial(low)
            trial.elements = tuple(Var("", _element_type(low, seq)) for seq in seqs)
            for element, seq in zip(trial.elements, seqs, strict=True):
                low.aliases.element(element, seq)
                low.memory.stamp(element)
            with trial.region.within(low):
                trial.params = carrier.enter(low)
                body(stream.element(_items(low, given, by_index, trial.elements)))
                end_body(low, trial, carrier)
            return trial

        with low.attempt() as attempt:
            carrier = Carrier(low, names, augmented, {} if bound is None else bound)
            trial = settle(low, carrier, body_once)
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


def body_env(low: Lowerer) -> Env:
    """Return the environment that a body, or a condition, begins with."""
    return {**low.here.env, VALUE: UNDEFINED, JUMPED: FALSE}


def end_body(low: Lowerer, trial: Trial, carrier: Carrier) -> None:
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


def settle(low: Lowerer, carrier: Carrier, body_once: Callable[[Carrier], Trial]) -> Trial:
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
