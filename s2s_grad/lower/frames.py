"""What is known while one function's body is lowered: its names and its pending jumps."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from s2s_grad.ir.nodes import UNDEFINED, Operand, Pack, Statement
from s2s_grad.lower.syntax_names import Names
from s2s_grad.lower.values import FALSE
from s2s_grad.read import Source

if TYPE_CHECKING:
    from s2s_grad.lower.lowerer import Lowerer

__all__ = [
    "BOUND",
    "BROKE",
    "CELL",
    "COLLECTED",
    "DEAD",
    "EXHAUSTED",
    "FLAGS",
    "JUMPED",
    "OBJECT",
    "RETURNED",
    "VALUE",
    "Env",
    "Frame",
    "Region",
    "bound_flag",
    "containers_in",
    "fresh_env",
    "hint_of",
    "is_bound_flag",
    "is_cell",
    "is_hidden",
    "is_object",
    "objects_in",
    "shared_in",
]

Env = dict[str, Operand]

# Hidden names, beside those of the user, in an environment. The flags say which jumps this path
# has taken; `JUMPED` is set with any of them, and alone by `continue`. `DEAD` is present where a
# path has raised.
JUMPED = "<jumped>"
RETURNED = "<returned>"
BROKE = "<broke>"
EXHAUSTED = "<exhausted>"
VALUE = "<value>"
DEAD = "<dead>"
FLAGS = (JUMPED, RETURNED, BROKE, EXHAUSTED)
OBJECT = "<object "  # begins the names of what the function writes to
COLLECTED = "<collected>"  # the list that a comprehension fills
CELL = "<iterator "  # begins the names of where iterators stand
BOUND = "<bound "  # begins the flags that say whether a name has a value


def fresh_env() -> Env:
    """Return the environment at the start of a function."""
    return {**dict.fromkeys(FLAGS, FALSE), VALUE: UNDEFINED}


def is_hidden(name: str) -> bool:
    """Return whether a name of an environment is none of the user's."""
    return name.startswith("<")


def is_object(name: str) -> bool:
    """Return whether a name of an environment is that of an object that is written to."""
    return name.startswith(OBJECT)


def is_cell(name: str) -> bool:
    """Return whether a name of an environment says where an iterator stands."""
    return name.startswith(CELL)


def shared_in(env: Env) -> Env:
    """Return what an environment has in common with those of the calls around it."""
    return {n: v for n, v in env.items() if n.startswith((OBJECT, CELL))}


def bound_flag(name: str) -> str:
    """Return the hidden name of the flag that says whether a name has a value."""
    return f"{BOUND}{name}>"


def is_bound_flag(name: str) -> bool:
    """Return whether a name of an environment is that of such a flag."""
    return name.startswith(BOUND)


def hint_of(name: str) -> str:
    """Return how the variable of a name of an environment is called, if it has a name."""
    if is_bound_flag(name):
        return f"{name[len(BOUND) : -1]}_bound"
    return "" if is_hidden(name) else name


def objects_in(env: Env) -> Env:
    """Return the values of the objects in an environment."""
    return {name: value for name, value in env.items() if is_object(name)}


@dataclass(slots=True, eq=False)
class Frame:
    """One activation of a function that is being inlined."""

    source: Source
    node: cst.FunctionDef | cst.Lambda
    locals: frozenset[str]
    names: Names
    parent: Frame | None = None
    env: Env = field(default_factory=fresh_env)
    arguments: tuple[str, ...] = ()
    captured: bool = False  # a local function may outlive it
    comprehension: bool = False  # names assigned by `:=` belong to the function around it
    caller: Frame | None = None  # of a composition of the rules: its lines are the caller's

    def lookup(self, name: str) -> Operand | None:
        """Return the operand of a local name of this function or one around it."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.env:
                return frame.env[name]
            if name in frame.locals:
                return UNDEFINED
            frame = frame.parent
        return None


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


def containers_in(low: Lowerer) -> frozenset[Operand]:
    """Return the containers that names refer to, with those inside them."""
    found: set[Operand] = set()
    waiting = [held for frame in low.frames for held in frame.env.values()]
    while waiting:
        operand = waiting.pop()
        if isinstance(operand, Pack) and operand not in found:
            found.add(operand)
            waiting.extend(operand.items)
        root = low.memory.root(operand)
        if isinstance(root, Pack):
            found.add(root)
    return frozenset(found)
