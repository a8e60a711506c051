"""Statements and environment of a branch or loop body under construction."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import dataclass, field

from s2s_grad.ir.nodes import Statement
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.terms.frames import Env

__all__ = ["Region"]


@dataclass(slots=True, eq=False)
class Region:
    """Statements and environment of a branch or loop body under construction."""

    env: Env
    statements: list[Statement] = field(default_factory=list[Statement])
    times: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    other: Region | None = None  # the branch that is not taken where this one is

    @classmethod
    def pair(cls, then: Env, orelse: Env) -> tuple[Region, Region]:
        """Return the two ways of a branch."""
        first = cls(then)
        second = cls(orelse, other=first)
        first.other = second
        return first, second

    @contextlib.contextmanager
    def within(self, low: Lowerer) -> Generator[None]:
        """Append to this region and use its environment inside."""
        frame, builder = low.here, low.builder
        outer_env, frame.env = frame.env, self.env
        start = low.memory.tick()
        try:
            others = self.other.times if self.other is not None else []
            with low.memory.without(others), builder.within(self.statements):
                yield
        finally:
            self.times.append((start, low.memory.tick()))
            self.env = frame.env
            frame.env = outer_env
