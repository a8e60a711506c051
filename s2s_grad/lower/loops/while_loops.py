"""``while`` loops."""

from __future__ import annotations

import functools

import libcst as cst

from s2s_grad.ir.nodes import Origin
from s2s_grad.ir.sources import Line
from s2s_grad.lower.control.branches import any_flag, branch, jump
from s2s_grad.lower.control.places import place_of_loop, within_place
from s2s_grad.lower.control.regions import Region
from s2s_grad.lower.control.side_effects import Before
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.loops.carry import Carrier
from s2s_grad.lower.loops.loop_nodes import close_loop
from s2s_grad.lower.loops.rounds import (
    MOST_UNROLLED,
    bound_by,
    finish,
    jumps_of_its_own,
    left,
    rebound,
)
from s2s_grad.lower.loops.settling import body_env, end_body, new_trial, settle
from s2s_grad.lower.loops.trial import Trial
from s2s_grad.lower.objects.records import condition
from s2s_grad.lower.terms.choices import Way
from s2s_grad.lower.terms.frames import (
    BROKE,
    EXHAUSTED,
    RETURNED,
    Env,
)
from s2s_grad.lower.terms.locate import header_line
from s2s_grad.lower.terms.refuse import NeedsStatic
from s2s_grad.lower.terms.static import truth
from s2s_grad.lower.terms.values import FALSE, TRUE, is_false

__all__ = ["lower_while"]


_MOST_ROUNDS = 8  # of a `while` loop whose condition is not known


def lower_while(low: Lowerer, node: cst.While) -> None:
    """Lower a ``while`` loop."""
    line = header_line(low.source, node, f"while {low.source.text_of(node.test)}")
    assigned = low.here.names.assigned(node.test, node.body)
    names = (*assigned, *sorted(rebound(low) - set(assigned)))
    if low.here.names.yields(node.body):
        low.refuse("`yield` in a `while` loop.", "Use a `for` loop, or return a list.", node)
    with low.at(node, line), jumps_of_its_own(low) as outer:
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
            if count > MOST_UNROLLED or unknown > _MOST_ROUNDS:
                raise need
            count += 1
            if holds is None:
                unknown += 1
                branch(low, cond, functools.partial(one_more, count, unknown), lambda: None)
                return
            if not holds or left(low, node.body, functools.partial(again, count, unknown)):
                return

    def one_more(count: int, unknown: int) -> None:
        if not left(low, node.body, functools.partial(again, count, unknown)):
            again(count, unknown)

    again(0)
    env = low.here.env
    finish(low, outer, any_flag(low, env[BROKE], env[RETURNED]), node.orelse)


def _run_while(
    low: Lowerer, node: cst.While, names: tuple[str, ...], line: Line, outer: Env
) -> None:
    """Lower a loop whose number of rounds is known at run time only."""
    # A condition that assigns names or has effects is tested inside the body.
    tested_inside = bool(low.here.names.assigned(node.test))

    def body_once(carrier: Carrier) -> Trial:
        trial = new_trial(low)
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
            end_body(low, trial, carrier)
        return trial

    augmented = low.here.names.augmented(node.test, node.body)
    with low.attempt() as attempt:
        carrier = Carrier(low, names, augmented, bound_by(low, node))
        trial = settle(low, carrier, body_once)
        if not trial.cond_acts:
            attempt.keep()
    if not attempt.kept:
        tested_inside = True
        carrier = Carrier(low, names, augmented, {})
        trial = settle(low, carrier, body_once)
    if is_false(trial.cond):
        finish(low, outer, FALSE, node.orelse)
        return
    stopped = close_loop(low, node, carrier, trial, None, False, Origin(line))
    finish(low, outer, stopped, node.orelse)


def _lower_condition(low: Lowerer, node: cst.While, carrier: Carrier, trial: Trial) -> None:
    """Lower a condition to a block of its own, over parameters of its own."""
    region = Region(body_env(low))
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
