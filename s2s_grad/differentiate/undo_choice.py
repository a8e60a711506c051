"""Which arrays an adjoint takes back: those where that keeps less than keeping what was read.

What counts is how many slices of the largest size are kept: a slice of rank r in n loops is of the
order n + r. Where that is as many, parts of an array are less than all of it. A single item is
better kept than put back.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from s2s_grad.analysis.chains import find_families, is_copy, is_update
from s2s_grad.analysis.infer import infer
from s2s_grad.analysis.memory import is_view
from s2s_grad.analysis.unread_rows import find_unseen
from s2s_grad.differentiate.undo import Undone
from s2s_grad.ir.nodes import UNDEFINED, Apply, Block, If, Loop, Operand, Statement, Var
from s2s_grad.ir.types import Array, Type
from s2s_grad.ir.walk import (
    results_of,
    same_operand,
    statements_of,
    vars_of,
    visit,
)

__all__ = ["choose_undone"]


def choose_undone(loop: Loop, kept: Loop, outside: Mapping[Var, Apply]) -> Undone:
    """Return what is taken back.

    Parameters
    ----------
    loop : Loop
        A loop of the primal that no other one is around.
    kept : Loop
        The same loop where it collects all that its adjoint reads.
    outside : mapping of Var to Apply
        The applications in front of it.
    """
    versions: frozenset[Var] = frozenset()
    unseen: frozenset[Var] = frozenset()
    families = find_families(loop)
    if families:
        collected = set(_collected(kept)) - set(_collected(loop))
        for family in families:
            passed_over = find_unseen(loop, family, outside)
            if _Comparison(kept, family, passed_over, collected).is_worth_it():
                versions |= family
                unseen |= passed_over
    return Undone(versions, unseen)


def _collected(loop: Loop) -> Iterator[Var]:
    """Yield what a loop and the loops in it collect."""
    for inner in (loop, *statements_of(loop.body)):
        if isinstance(inner, Loop):
            for collect in inner.collected:
                yield from vars_of(collect.item)


class _Comparison:
    """What is kept of a family of arrays if it is taken back, and if it is not."""

    def __init__(
        self,
        loop: Loop,
        versions: frozenset[Var],
        unseen: frozenset[Var],
        collected: Collection[Var],
    ) -> None:
        self.loop = loop
        self.versions = versions
        self.collected = collected
        self.definitions: dict[Var, Statement] = {
            var: s for s in statements_of(loop.body) for var in results_of(s)
        }
        updates = [s for s in statements_of(loop.body) if isinstance(s, Apply) and is_update(s)]
        self.updates = [s for s in updates if s.result in versions - unseen]

    def is_worth_it(self) -> bool:
        found = {self.source(var) for var in self.collected}
        sources = {var for var in found if var is not None}
        if not self.updates or not sources:
            return bool(sources)
        overwritten = {s.result: infer(operator.getitem, s.args[:2], {}) for s in self.updates}
        if not all(map(_rank, overwritten.values())) and self.writes_items_in_inner_loops():
            return False
        before = self.orders({var: var.type for var in sources})
        indices = {
            var: var.type
            for s in self.updates
            for var in vars_of(s.args[1])
            if var in self.definitions and var not in self.collected
        }
        again = {var: var.type for var in sources if self.is_kept_anyway(var)}
        after = self.orders(overwritten | indices | again)
        for order in sorted({*before, *after} - {0}, reverse=True):
            if before[order] != after[order]:
                return before[order] > after[order]
            if sources & self.versions:
                whole = {var.type for var in self.versions}
                return not whole & set(overwritten.values())
        return False

    def source(self, operand: Operand) -> Var | None:
        """Return what is kept of the family where a variable is kept: a version, a copy or a part
        of one."""
        if not isinstance(operand, Var) or operand in self.versions:
            return operand if isinstance(operand, Var) else None
        made = self.definitions.get(operand)
        if isinstance(made, If):
            merge = made.merge_of(operand)
            there = [way for way in (merge.then, merge.orelse) if way is not UNDEFINED]
            return self.source(there[0]) if len(there) == 1 else None
        if not isinstance(made, Apply):
            return None
        if not (is_copy(made) or is_view(made) or made.fn is operator.getitem):
            return None
        base = self.source(made.args[0])
        if base is None or not is_view(made):
            return operand if base is not None else None
        whole = self.definitions.get(base)
        copied = base not in self.versions and isinstance(whole, Apply) and is_copy(whole)
        return base if copied else operand

    def is_kept_anyway(self, part: Var) -> bool:
        """Return whether a part is none that is read again: it was selected by an array."""
        made = self.definitions.get(part)
        if not isinstance(made, Apply) or is_copy(made) or is_view(made):
            return False
        return not any(
            s.args[0] is made.args[0] and same_operand(s.args[1], made.args[1])
            for s in self.updates
        )

    def writes_items_in_inner_loops(self) -> bool:
        loops = [s for s in statements_of(self.loop.body) if isinstance(s, Loop)]
        inner = {s for loop in loops for s in statements_of(loop.body) if isinstance(s, Apply)}
        parts = [infer(operator.getitem, s.args[:2], {}) for s in self.updates if s in inner]
        return not all(map(_rank, parts))

    def orders(self, kept: dict[Var, Type]) -> Counter[int]:
        """Return how many values of each order are kept, of two branches by the one with more."""

        open_blocks: list[Counter[int]] = []
        totals: dict[Block, Counter[int]] = {}

        def count(variables: tuple[Var, ...]) -> Counter[int]:
            ranks = (_rank(kept[var]) for var in variables if var in kept)
            return Counter(rank for rank in ranks if rank)

        def leave(s: Statement) -> None:
            open_blocks[-1] += count(results_of(s))
            if isinstance(s, If):
                open_blocks[-1] += totals[s.then] | totals[s.orelse]
            elif isinstance(s, Loop):
                open_blocks[-1] += _in_a_loop(totals[s.body])

        def end(block: Block) -> None:
            totals[block] = open_blocks.pop()

        visit(
            self.loop.body,
            leave=leave,
            begin=lambda block: open_blocks.append(count(block.params)),
            end=end,
        )
        return _in_a_loop(totals[self.loop.body])


def _in_a_loop(orders: Counter[int]) -> Counter[int]:
    return Counter({order + 1: count for order, count in orders.items()})


def _rank(t: Type) -> int:
    return len(t.shape) if isinstance(t, Array) and t.shape is not None else 0
