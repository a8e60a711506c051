"""One round of a loop, and what comes after the last."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

import libcst as cst

from s2s_grad.ir.nodes import Operand
from s2s_grad.ir.types import Type
from s2s_grad.lower.control.branches import any_flag, guard
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.terms.frames import (
    BROKE,
    DEAD,
    EXHAUSTED,
    JUMPED,
    RETURNED,
    Env,
)
from s2s_grad.lower.terms.values import FALSE, is_false, is_true

__all__ = ["MOST_UNROLLED", "bound_by", "finish", "jumps_of_its_own", "left", "rebound"]


MOST_UNROLLED = 256


@contextmanager
def jumps_of_its_own(low: Lowerer) -> Generator[Env]:
    """Set the flags of the loop around this one aside."""
    env = low.here.env
    outer = {flag: env[flag] for flag in (BROKE, EXHAUSTED)}
    env.update(dict.fromkeys(outer, FALSE))
    yield outer


def finish(low: Lowerer, outer: Env, stopped: Operand, orelse: cst.Else | None) -> None:
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


def left(low: Lowerer, body: cst.BaseSuite, go_on: Callable[[], None]) -> bool:
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


def rebound(low: Lowerer) -> frozenset[str]:
    """Return the names that functions which are called here may bind."""
    return low.here.names.rebound(low.here.node) | low.here.borrowed


def bound_by(low: Lowerer, node: cst.CSTNode) -> dict[str, Type]:
    """Return the types of the numbers that a loop was found to bind so far."""
    return low.bound_by.setdefault(node, {})
