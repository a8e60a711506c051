"""Which reads of an array a loop would have to keep: the array is overwritten later.

An adjoint may read an item of an array again as long as the array still holds it. Where the array
is overwritten, either the item is kept, or a copy of the array as it was. The copy is worth it
only where the reads of one such version cover the array.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from s2s_grad.analysis.buffers import Buffers, find_buffers_in
from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.trips import trips_of
from s2s_grad.ir.nodes import Apply, Block, Loop, Statement, Var
from s2s_grad.ir.types import Array
from s2s_grad.ir.walk import blocks_of, results_of, statements_of, visit
from s2s_grad.runtime import add_at, set_item

__all__ = ["find_costly_reads"]

_SMALL = 16


def find_costly_reads(block: Block) -> frozenset[Var]:
    """Return the results of subscripts that are better kept than read again by an adjoint."""
    updates = [
        s for s in statements_of(block) if isinstance(s, Apply) and s.fn in (set_item, add_at)
    ]
    if not updates:
        return frozenset()
    finder = _Finder(find_buffers_in(block, {s.result for s in updates}))
    finder.number(block)
    visit(block, leave=finder.judge)
    return frozenset(finder.costly)


@dataclass(slots=True)
class _Finder:
    buffers: Buffers
    costly: set[Var] = field(default_factory=set[Var])
    around: list[Loop] = field(default_factory=list[Loop])
    loops: dict[Var, tuple[Loop, ...]] = field(default_factory=dict[Var, tuple[Loop, ...]])
    place: dict[Var, int] = field(default_factory=dict[Var, int])
    updates: list[tuple[int, frozenset[Var]]] = field(
        default_factory=list[tuple[int, frozenset[Var]]]
    )
    end: dict[Loop, int] = field(default_factory=dict[Loop, int])

    def number(self, block: Block) -> None:
        """Note where each variable is defined and where each buffer is overwritten."""
        self.define(block.params)
        visit(block, enter=self.begin, leave=self.pass_by)

    def define(self, variables: Iterable[Var]) -> None:
        for var in variables:
            self.place[var] = len(self.place)
            self.loops[var] = tuple(self.around)

    def begin(self, s: Statement) -> None:
        if isinstance(s, Loop):
            self.around.append(s)
        for inner in blocks_of(s):
            self.define(inner.params)

    def pass_by(self, s: Statement) -> None:
        if isinstance(s, Loop):
            self.around.pop()
        self.define(results_of(s))
        if isinstance(s, Apply) and s.fn in (set_item, add_at):
            self.updates.append((self.place[s.result], self.buffers.operand(s.args[0])))
        if isinstance(s, Loop):
            self.end[s] = len(self.place)

    def judge(self, s: Statement) -> None:
        """Note a subscript of an array that is overwritten, unless such reads cover the array."""
        if not isinstance(s, Apply) or s.fn is not operator.getitem:
            return
        base = s.args[0]
        if isinstance(base, Var) and self.overwritten(base):
            around = self.loops[s.result][len(self.loops[base]) :]
            if not self.covers(s, base, around):
                self.costly.add(s.result)

    def overwritten(self, var: Var) -> bool:
        """Return whether a version of an array made in a loop is overwritten before the end."""
        ids = self.buffers.operand(var)
        loops = self.loops.get(var, ())
        if not loops or not isinstance(var.type, Array):
            return False
        for loop in loops:
            mutated = self.buffers.mutated.get(loop, set())
            ends = {carry.parameter for carry in mutated}
            for carry in mutated:
                ends |= self.buffers.operand(carry.next)
            if ids & ends:
                return True
        start, end = self.place[var], self.end[loops[0]]
        return any(start < at < end and ids & written for at, written in self.updates)

    def covers(self, statement: Statement, base: Var, loops: tuple[Loop, ...]) -> bool:
        """Return whether the reads in loops are as many as the array has items."""
        whole = type_of(base)
        assert isinstance(statement, Apply)
        part = type_of(statement.result)
        if not isinstance(whole, Array) or whole.shape is None:
            return False
        read: Counter[str] = Counter()
        sizes = list(part.shape or ()) if isinstance(part, Array) else []
        sizes += [size for loop in loops if (size := trips_of(loop)) is not None]
        most = 1
        for size in sizes:
            if isinstance(size, int):
                most = max(most, size)
            else:
                read[size.symbol] += 1
        for size in whole.shape:
            if isinstance(size, int):
                if size > max(most, _SMALL):
                    return False
            elif read[size.symbol] == 0:
                return False
            else:
                read[size.symbol] -= 1
        return True
