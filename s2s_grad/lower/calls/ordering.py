"""Objects in an order that is found when the program runs."""

from __future__ import annotations

import operator

import numpy as np

from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.lower.control.branches import SELECTED, branch
from s2s_grad.lower.core.lowerer import Lowerer

__all__ = ["in_order"]

_MOST = 4


def in_order(low: Lowerer, items: tuple[Operand, ...], places: Operand) -> Pack:
    """Return items that no list of the program can hold, in the order of their places.

    Which comes next is a branch for each that may be. Where these are split, what is taken is
    known, and is not asked for again.
    """
    if len(items) > _MOST:
        low.refuse(
            f"more than {_MOST} objects are put in an order that is known at run time only.",
            "Sort their numbers.",
        )
    left, ordered = list(range(len(items))), list[Operand]()
    for i in range(len(items)):
        place = low.apply(operator.getitem, places, Const(i))
        low.here.env[SELECTED] = items[left[-1]]
        known: int | None = left[-1]
        for choice in left[:-1]:
            taken = _choose(low, low.apply(np.equal, place, Const(choice)), items[choice])
            if taken:
                known = choice
                break
            known = None if taken is None else known
        ordered.append(low.here.env.pop(SELECTED))
        left = [choice for choice in left if choice != known]
    return Pack(list, tuple(ordered))


def _choose(low: Lowerer, is_next: Operand, item: Operand) -> bool | None:
    """Select an item where a condition holds; return whether it does, if that is known here."""
    ways: list[bool] = []

    def take() -> None:
        ways.append(True)
        low.here.env[SELECTED] = item

    branch(low, is_next, take, lambda: ways.append(False))
    return ways[0] if len(ways) == 1 else None
