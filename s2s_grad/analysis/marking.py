"""Which variables are needed: one fixed point over what each variable is computed from.

A region is a variable here, too: it is needed where one of its results is, and needs what decides
whether and how often it runs. So no block is visited more than once, however deep.
"""

from __future__ import annotations

from collections.abc import Iterable

from s2s_grad.ir.nodes import Block, Define, If, Loop, Operand, Statement, Var, While
from s2s_grad.ir.walk import entering, leaving, operands_of, results_of, statements_of, vars_of

__all__ = ["Marking"]


class Marking:
    """The variables of a block that are known to be needed."""

    def __init__(self, block: Block) -> None:
        self.live: set[Var] = set()
        self._needs: dict[Var, list[Var]] = {}
        self._regions: dict[Statement, Var] = {}
        self._loops: list[Loop] = []
        for statement in statements_of(block):
            self._learn(statement)

    def mark(self, operands: Iterable[Operand]) -> None:
        """Note that operands are needed, and all that they are computed from."""
        todo = [var for operand in operands for var in vars_of(operand)]
        while todo:
            var = todo.pop()
            if var not in self.live:
                self.live.add(var)
                todo += self._needs.get(var, ())

    def keep(self, region: If | Loop) -> None:
        """Note that a region runs, whoever reads its results."""
        self.mark((self._regions[region],))

    def is_kept(self, region: If | Loop) -> bool:
        """Return whether a region runs."""
        return self._regions[region] in self.live

    def count_rounds(self) -> None:
        """Note that a loop that reads no element of its sequences needs one, to count by."""
        waiting = [loop for loop in reversed(self._loops) if loop.each]
        before = -1
        while before != len(self.live):
            before = len(self.live)
            for loop in waiting:
                if self.is_kept(loop) and self.live.isdisjoint(loop.elements):
                    self.mark((loop.each[0].sequence,))

    def _need(self, var: Var, *operands: Operand) -> None:
        found = self._needs.setdefault(var, [])
        for operand in operands:
            found.extend(vars_of(operand))

    def _learn(self, statement: Statement) -> None:
        match statement:
            case If() | Loop():
                self._learn_region(statement)
            case Define():
                self._need(statement.result, *statement.block.results)
            case _:
                for result in results_of(statement):
                    self._need(result, *operands_of(statement))

    def _learn_region(self, region: If | Loop) -> None:
        runs = self._regions[region] = Var("region")
        for result, value in leaving(region):
            self._need(result, value, runs)
        if isinstance(region, If):
            self._need(runs, region.cond)
            return
        self._loops.append(region)
        if region.stop is not None:
            self._need(runs, region.stop)
        if isinstance(region.head, While):
            self._need(runs, region.head.truth)
        for var, value in entering(region):
            self._need(var, value)
        for carry in region.carried:
            self._need(carry.parameter, carry.next)
            if carry.tested is not None:
                self._need(carry.tested, carry.parameter)
