"""The invariants of the IR, checked: definition before use, once; arities; scopes."""

from __future__ import annotations

from typing import assert_never

from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Define,
    Effect,
    Function,
    If,
    Loop,
    Operand,
    Statement,
    Var,
)
from s2s_grad.ir.walk import operands_of, results_of, vars_of, visit

__all__ = ["InvalidProgram", "verify"]


class InvalidProgram(AssertionError):
    """A program breaks an invariant of the IR."""


def verify(function: Function) -> Function:
    """Return the function, or raise `InvalidProgram`.

    Raises
    ------
    InvalidProgram
        Where a variable is read out of scope or assigned twice, or counts do not agree.
    """
    if function.block.params != tuple(param.var for param in function.params):
        raise InvalidProgram("the parameters of a function and of its block differ")
    if len(function.block.results) != 1:
        raise InvalidProgram("a function has one result")
    checks = _Checks(function.outer)
    visit(
        function.block,
        enter=checks.enter,
        leave=checks.leave,
        begin=checks.begin,
        end=checks.end,
    )
    return function


class _Checks:
    """What is in scope, the variables of each open block, and what was ever assigned."""

    def __init__(self, outer: tuple[Var, ...]) -> None:
        self.open: list[list[Var]] = []
        self.seen: set[Var] = set(outer)
        self.ever: set[Var] = set()

    def begin(self, block: Block) -> None:
        self.open.append([])
        self.define(block.params)

    def end(self, block: Block) -> None:
        self.read(block.results, "the results of a block")
        self.seen.difference_update(self.open.pop())

    def enter(self, statement: Statement) -> None:
        self.read(operands_of(statement), statement)
        _check_form(statement, top=len(self.open) == 1)

    def leave(self, statement: Statement) -> None:
        self.define(results_of(statement))

    def define(self, variables: tuple[Var, ...]) -> None:
        for var in variables:
            if var in self.ever:
                raise InvalidProgram(f"{var!r} is assigned twice")
            self.ever.add(var)
            self.seen.add(var)
            self.open[-1].append(var)

    def read(self, operands: tuple[Operand, ...], what: object) -> None:
        for operand in operands:
            for var in vars_of(operand):
                if var not in self.seen:
                    raise InvalidProgram(f"{var!r} is read before it is assigned, in {what}")


def _same(a: int, b: int, what: str) -> None:
    if a != b:
        raise InvalidProgram(f"{what}: {a} and {b}")


def _check_form(statement: Statement, *, top: bool) -> None:
    """Compare the numbers of what belongs together."""
    match statement:
        case Apply() | Effect() | If():
            pass
        case Loop():
            if statement.cond is not None:
                _same(len(statement.cond.params), len(statement.carried), "tested values")
            elif not statement.each:
                raise InvalidProgram("a for loop without a sequence")
        case Define():
            if not top:
                raise InvalidProgram("a local function inside a region")
        case _:
            assert_never(statement)
