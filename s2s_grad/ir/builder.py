"""Append statements to a block under construction. Programs do not change once they are built."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

from s2s_grad.ir.nodes import NOWHERE, Apply, Operand, Origin, Role, Statement, Var
from s2s_grad.ir.types import Type
from s2s_grad.ir.walk import operands_of, vars_of

__all__ = ["Builder", "Infer"]

Infer = Callable[[Callable[..., Any], tuple[Operand, ...], dict[str, Operand]], Type]


class Builder:
    """A list of statements that grows; regions are built by `nested` lists of the same builder."""

    def __init__(self, infer: Infer) -> None:
        self.infer = infer
        self.statements: list[Statement] = []
        self.origin: Origin = NOWHERE
        self._around: list[list[Statement]] = []

    def apply(
        self,
        fn: Callable[..., Any],
        *args: Operand,
        hint: str = "",
        role: Role = Role.TEMP,
        type: Type | None = None,
        origin: Origin | None = None,
        **kwargs: Operand,
    ) -> Var:
        """Append ``result = fn(*args, **kwargs)`` and return the result."""
        result = Var(hint, self.infer(fn, args, kwargs) if type is None else type, role)
        where = self.origin if origin is None else origin
        self.statements.append(Apply(result, fn, args, tuple(kwargs.items()), where))
        return result

    @property
    def depth(self) -> int:
        """How many blocks there are around what is appended."""
        return len(self._around)

    def append(self, statement: Statement) -> None:
        self.statements.append(statement)

    def named(self, value: Operand, like: Var, role: Role, since: int) -> Operand:
        """Return a value that is called like a variable: a new one, if the value has no name yet.

        It gets one only if a statement from the place `since` on computed it, for it alone.
        """
        later: set[Var] = set()
        for place in range(len(self.statements) - 1, since - 1, -1):
            made = self.statements[place]
            if not isinstance(made, Apply):
                break
            if made.result is value:
                if made.result.hint or made.result.role is not Role.TEMP or value in later:
                    break
                result = like.like(made.result.type, role)
                self.statements[place] = replace(made, result=result)
                return result
            later.update(var for operand in operands_of(made) for var in vars_of(operand))
        return value

    @contextlib.contextmanager
    def nested(self) -> Generator[list[Statement]]:
        """Collect what is appended inside in a list of its own."""
        statements: list[Statement] = []
        with self.within(statements):
            yield statements

    @contextlib.contextmanager
    def within(self, statements: list[Statement]) -> Generator[None]:
        """Append to another list inside."""
        outer, self.statements = self.statements, statements
        self._around.append(outer)
        try:
            yield
        finally:
            self.statements = self._around.pop()

    def sees(self, statements: list[Statement]) -> bool:
        """Return whether what is appended to a list is in scope: it is this one, or around it."""
        return statements is self.statements or any(statements is each for each in self._around)

    @contextlib.contextmanager
    def at(self, origin: Origin) -> Generator[None]:
        """Give statements appended inside this origin."""
        outer, self.origin = self.origin, origin
        try:
            yield
        finally:
            self.origin = outer
