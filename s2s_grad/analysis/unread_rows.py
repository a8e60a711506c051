"""Which updates of an array need not be undone: no earlier read is of the row that they write.

A loop that goes up and writes row ``i + w`` was at the rows ``i + r`` before only where r > w, or
where r = w and the row is read before it is written. The rows that other loops inside write may be
written several times in one iteration; so for them r has to be less than w.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field

from s2s_grad.analysis.affine import Counter, Row, counter_of, row_of
from s2s_grad.analysis.chains import is_update
from s2s_grad.ir.nodes import Apply, If, Loop, Statement, Var
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.walk import (
    entering,
    leaving,
    operands_of,
    results_of,
    statements_of,
    vars_of,
    visit,
)

__all__ = ["find_unseen"]


def find_unseen(
    loop: Loop, versions: frozenset[Var], definitions: Mapping[Var, Apply]
) -> frozenset[Var]:
    """Return the results of updates that reads of the array cannot tell from what was before.

    Parameters
    ----------
    loop : Loop
        A loop that no other one is around.
    versions : frozenset of Var
        The versions of an array that the loop updates.
    definitions : mapping of Var to Apply
        The applications outside of the loop.
    """
    counter = counter_of(loop, definitions)
    if counter is None:
        return frozenset()
    inside = {s.result: s for s in statements_of(loop.body) if isinstance(s, Apply)}
    found = _Rows(counter, versions, inside)
    if not found.stays(loop) or not found.gather(loop):
        return frozenset()
    return frozenset(
        update.result
        for update, row, inner in found.writes
        if all(found.is_unseen(update, row, inner, *read) for read in found.reads)
    )


@dataclass(slots=True)
class _Rows:
    """The rows of an array that a loop reads and writes; versions are numbered in order."""

    counter: Counter
    versions: frozenset[Var]
    definitions: Mapping[Var, Apply]
    writes: list[tuple[Apply, Row, bool]] = field(default_factory=list[tuple[Apply, Row, bool]])
    reads: list[tuple[Var, Row]] = field(default_factory=list[tuple[Var, Row]])
    order: dict[Var, int] = field(default_factory=dict[Var, int])
    depth: int = 0  # of loops
    known: bool = True  # nothing else reads the array

    def gather(self, loop: Loop) -> bool:
        """Gather the rows of a loop; return False where something else reads the array."""
        visit(loop.body, enter=self.enter, leave=self.leave, begin=lambda b: self.number(b.params))
        return self.known

    def number(self, variables: tuple[Var, ...]) -> None:
        for var in variables:
            self.order[var] = len(self.order)

    def enter(self, statement: Statement) -> bool:
        if isinstance(statement, (If, Loop)):
            self.known = self.known and self.stays(statement)
            self.depth += isinstance(statement, Loop)
        elif isinstance(statement, Apply):
            self.known = self.known and self.apply(statement)
        else:
            self.known = self.known and not self.versions & set(_read(statement))
        return self.known

    def leave(self, statement: Statement) -> None:
        self.depth -= isinstance(statement, Loop)
        self.number(results_of(statement))

    def stays(self, statement: If | Loop) -> bool:
        """Return whether a region hands the array on as a version of it, and as nothing else."""
        pairs = leaving(statement)
        if isinstance(statement, Loop):
            pairs += entering(statement)
            pairs += [(carry.parameter, carry.next) for carry in statement.carried]
        others = [value for var, value in pairs if var not in self.versions]
        return not any(var in self.versions for operand in others for var in vars_of(operand))

    def apply(self, statement: Apply) -> bool:
        read = [var for var in _read(statement) if var in self.versions]
        if not read or primitive(statement.fn).only_shape:
            return True
        base = read[0]
        if len(read) > 1 or statement.args[0] is not base:
            return False
        item = is_update(statement) or statement.fn is operator.getitem
        row = row_of(statement.args[1], self.counter, self.definitions) if item else None
        if statement.result in self.versions:
            if row is not None:
                self.writes.append((statement, row, self.depth > 0))
            return True
        if row is None or statement.fn is not operator.getitem:
            return False
        self.reads.append((base, row))
        return True

    def is_unseen(self, update: Apply, write: Row, inner: bool, version: Var, read: Row) -> bool:
        if read.axis != write.axis:
            return False
        ahead = (write.offset - read.offset) * self.counter.direction
        later = self.order[version] >= self.order[update.result]
        return ahead > 0 or (ahead == 0 and later and not inner)


def _read(statement: Statement) -> list[Var]:
    return [var for operand in operands_of(statement) for var in vars_of(operand)]
