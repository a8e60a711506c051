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
from s2s_grad.ir.walk import operands_of, results_of, vars_of

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
    _block(function.block, set(), set(), top=True)
    return function


def _define(variables: tuple[Var, ...], scope: set[Var], ever: set[Var]) -> None:
    for var in variables:
        if var in ever:
            raise InvalidProgram(f"{var!r} is assigned twice")
        ever.add(var)
        scope.add(var)


def _read(operands: tuple[Operand, ...], scope: set[Var], what: object) -> None:
    for operand in operands:
        for var in vars_of(operand):
            if var not in scope:
                raise InvalidProgram(f"{var!r} is read before it is assigned, in {what}")


def _block(block: Block, scope: set[Var], ever: set[Var], *, top: bool = False) -> None:
    scope = set(scope)
    _define(block.params, scope, ever)
    for statement in block.body:
        _read(operands_of(statement), scope, statement)
        _statement(statement, scope, ever, top=top)
        _define(results_of(statement), scope, ever)
    _read(block.results, scope, "the results of a block")


def _same(a: int, b: int, what: str) -> None:
    if a != b:
        raise InvalidProgram(f"{what}: {a} and {b}")


def _statement(statement: Statement, scope: set[Var], ever: set[Var], *, top: bool) -> None:
    match statement:
        case Apply() | Effect():
            pass
        case If():
            for block in (statement.then, statement.orelse):
                _same(len(block.params), 0, "parameters of a branch")
                _same(len(block.results), len(statement.results), "results of a branch")
                _block(block, scope, ever)
        case Loop():
            if statement.cond is not None:
                _same(len(statement.cond.params), len(statement.carried), "tested values")
                _block(statement.cond, scope, ever)
            elif not statement.each:
                raise InvalidProgram("a for loop without a sequence")
            _block(statement.body, scope, ever)
        case Define():
            if not top:
                raise InvalidProgram("a local function inside a region")
            _block(statement.block, scope, ever)
        case _:
            assert_never(statement)
