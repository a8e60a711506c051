"""Positions of statements, and the interval in which each variable has to keep its value.

Positions number the statements in the order of the text. A variable from outside of a loop that is
read inside is needed until the end of the loop. Expressions that are folded into their only user
are read where that user stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import assert_never

from s2s_grad.ir.nodes import (
    Apply,
    Define,
    Effect,
    Function,
    If,
    Loop,
    Operand,
    Statement,
    Var,
)
from s2s_grad.ir.walk import blocks_of, operands_of, vars_of

__all__ = ["Interval", "Uses", "find_uses"]

Interval = tuple[float, float]


@dataclass(slots=True)
class Uses:
    """The interval of each variable, and the extent of each loop body and branch."""

    start: dict[Var, float] = field(default_factory=dict[Var, float])
    end: dict[Var, float] = field(default_factory=dict[Var, float])
    extent: dict[Statement, Interval] = field(default_factory=dict[Statement, Interval])
    reads: dict[Var, list[float]] = field(default_factory=dict[Var, list[float]])
    branches: list[tuple[float, float, float]] = field(
        default_factory=list[tuple[float, float, float]]
    )

    def intervals(self, var: Var) -> list[Interval]:
        """Return where a variable is live: not in a branch of an `if` that does not read it."""
        start = self.start.get(var, -1.0)
        end = self.end.get(var, start)
        found: list[Interval] = []
        for head, middle, tail in self.branches:
            # Read in the second branch alone, the variable is not live in the first one.
            if not (start < head and middle < end <= tail):
                continue
            last = max([at for at in self.reads.get(var, []) if at <= middle], default=head)
            found.append((start, max(last, head)))
            start = middle
        return [*found, (start, end)]


def find_uses(function: Function, folded: dict[Var, Apply | If]) -> Uses:
    """Return where each variable is live, given the expressions folded into their users."""
    finder = _Finder(folded)
    for param in function.params:
        finder.define(param.var, -1.0)
    finder.block(function.block.body)
    finder.read(function.block.results, finder.next())
    finder.uses.branches.sort()
    return finder.uses


class _Finder:
    def __init__(self, folded: dict[Var, Apply | If]) -> None:
        self.folded = folded
        self.uses = Uses()
        self.position = 0.0
        self.loops: list[float] = []  # where the enclosing loops and local functions start
        self.inside: dict[Var, int] = {}
        self.pending: list[list[Var]] = []

    def next(self) -> float:
        self.position += 1.0
        return self.position

    def define(self, var: Var, at: float) -> None:
        self.uses.start[var] = at
        self.uses.end.setdefault(var, at)
        self.inside[var] = len(self.loops)

    def read(self, operands: Iterable[Operand], at: float) -> None:
        for operand in operands:
            for var in vars_of(operand):
                self.read_var(var, at)

    def read_var(self, var: Var, at: float) -> None:
        statement = self.folded.get(var)
        if statement is not None:
            self.read(operands_of(statement), at)
            for block in blocks_of(statement):
                self.read(block.results, at)
            return
        self.uses.end[var] = max(self.uses.end.get(var, at), at)
        self.uses.reads.setdefault(var, []).append(at)
        depth = self.inside.get(var, 0)
        for level in range(depth, len(self.pending)):
            self.pending[level].append(var)

    def block(self, statements: tuple[Statement, ...]) -> None:
        # A walk of its own: it counts the lines that the printer writes around blocks.
        for statement in statements:
            self.statement(statement)

    def statement(self, statement: Statement) -> None:
        match statement:
            case Apply():
                if statement.result in self.folded:
                    return
                at = self.next()
                self.read(operands_of(statement), at)
                self.define(statement.result, at + 0.5)
            case Effect():
                at = self.next()
                self.read(operands_of(statement), at)
                if statement.result is not None:
                    self.define(statement.result, at + 0.5)
            case If():
                if len(statement.results) == 1 and statement.results[0] in self.folded:
                    return
                self.branch(statement)
            case Loop():
                self.loop(statement)
            case Define():
                self.local(statement)
            case _:
                assert_never(statement)

    def branch(self, statement: If) -> None:
        at = self.next()
        self.read((statement.cond,), at)
        middle = at
        for block in (statement.then, statement.orelse):
            middle = self.position
            self.block(block.body)
            self.read(block.results, self.next())
        end = self.next()
        self.uses.branches.append((at, middle, end))
        self.uses.extent[statement] = (at, end)
        for result in statement.results:
            self.define(result, end)

    def loop(self, loop: Loop) -> None:
        before = self.next()
        self.read((carry.init for carry in loop.carried), before)
        for collect in loop.collected:
            self.define(collect.result, before + 0.5)
            self.uses.end[collect.result] = before + 0.5
        head = self.next()
        # Initial values and empty lists are assigned before the sequences are read.
        self.inside.update((carry.parameter, len(self.loops)) for carry in loop.carried)
        self.read((each.sequence for each in loop.each), head)
        self._enter()
        for carry in loop.carried:
            self.define(carry.parameter, before + 0.5)
            if carry.tested is not None:
                self.define(carry.tested, before + 0.5)
        for var in loop.elements:
            self.define(var, head)
        if loop.cond is not None:
            self.block(loop.cond.body)
            self.read(loop.cond.results, self.next())
        defined = {*loop.body.params}
        self.block(loop.statements)
        tail = self.next()
        self.read((carry.next for carry in loop.carried), tail)
        if loop.stop is not None:
            self.read((loop.stop,), tail)
        for item in (collect.item for collect in loop.collected):
            if isinstance(item, Var) and item not in self.folded:
                at = head if item in defined else self.uses.start.get(item, tail)
                self.read_var(item, at)
            else:
                self.read((item,), tail)
        end = self.next()
        self._leave(end)
        self.uses.extent[loop] = (head, end)
        for collect in loop.collected:
            self.uses.end[collect.result] = max(self.uses.end[collect.result], end)
        for carry in loop.carried:
            self.define(carry.result, end)

    def local(self, statement: Define) -> None:
        head = self.next()
        self.define(statement.result, head)
        self._enter()
        for var in statement.block.params:
            self.define(var, head)
        self.block(statement.block.body)
        self.read(statement.block.results, self.next())
        # The local function may be called whenever it likes after the function has returned.
        self._leave(float("inf"))
        self.uses.extent[statement] = (head, self.position)

    def _enter(self) -> None:
        self.loops.append(self.position)
        self.pending.append([])

    def _leave(self, end: float) -> None:
        self.loops.pop()
        for var in self.pending.pop():
            self.uses.end[var] = max(self.uses.end[var], end)
            self.uses.reads[var].append(end)
