"""The passes, in order."""

from __future__ import annotations

from collections.abc import Callable

from s2s_grad.ir.nodes import Function
from s2s_grad.ir.watch import told
from s2s_grad.optimise.algebra import simplify_algebra
from s2s_grad.optimise.common_subexpressions import share_common_subexpressions
from s2s_grad.optimise.dead_code import remove_dead_code
from s2s_grad.optimise.dead_stores import drop_dead_stores
from s2s_grad.optimise.invariants import move_invariants
from s2s_grad.optimise.latest_shapes import ask_latest_for_shapes
from s2s_grad.optimise.own_results import own_results
from s2s_grad.optimise.repeated_facts import repeat_facts
from s2s_grad.optimise.update_in_place import update_in_place
from s2s_grad.optimise.version_names import name_versions

__all__ = ["CLEANUPS", "Pass", "finish", "simplify"]

Pass = Callable[[Function], Function]
CLEANUPS: tuple[Pass, ...] = (
    remove_dead_code,
    simplify_algebra,
    share_common_subexpressions,
    move_invariants,
)
_LAST: tuple[Pass, ...] = (repeat_facts, ask_latest_for_shapes, remove_dead_code)
_ROUNDS = 12


def simplify(function: Function, passes: tuple[Pass, ...] = CLEANUPS) -> Function:
    """Run passes over a program until none of them changes it.

    The result may be differentiated again: updates are still functional.
    """
    function = name_versions(function)
    for _ in range(_ROUNDS):
        before = function
        for improve in passes:
            function = told(improve.__name__, improve(function))
        if function is before:
            break
    return function


def finish(function: Function, derivatives: tuple[int, ...] | None = ()) -> Function:
    """Put updates in place and give results buffers of their own: the last steps before printing.

    Parameters
    ----------
    function : Function
        A program.
    derivatives : tuple of int or None
        Which items of the result are derivatives; None where the whole result is one.
    """
    for step in (drop_dead_stores, update_in_place):
        function = told(step.__name__, step(function))
    function = told("own_results", own_results(function, derivatives))
    for step in _LAST:
        function = told(step.__name__, step(function))
    return function
