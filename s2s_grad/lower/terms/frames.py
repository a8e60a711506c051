"""What is known while one function's body is lowered: its names and its pending jumps."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from s2s_grad.ir.nodes import UNDEFINED, Operand, Statement
from s2s_grad.lower.terms.syntax_names import Names
from s2s_grad.lower.terms.values import FALSE
from s2s_grad.read.source import Source

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
    "bound_flag",
    "fresh_env",
    "hint_of",
    "is_bound_flag",
    "is_cell",
    "is_hidden",
    "is_object",
    "objects_in",
    "own_in",
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


def own_in(env: Env) -> Env:
    """Return what an environment does not have in common with those of the calls around it."""
    return {n: v for n, v in env.items() if not n.startswith((OBJECT, CELL))}


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
    lent: dict[str, Frame] = field(default_factory=dict[str, "Frame"])  # who has its names now
    borrowed: frozenset[str] = frozenset()  # names that it has of functions around it
    left: list[Statement] | None = None  # the block in which it called another function

    @property
    def own(self) -> frozenset[str]:
        """The names that it binds now, in its own environment."""
        return self.locals | self.borrowed

    def lookup(self, name: str) -> Operand | None:
        """Return the operand of a local name of this function or one around it."""
        frame = self.where(name)
        return None if frame is None else frame.env.get(name, UNDEFINED)

    def where(self, name: str) -> Frame | None:
        """Return the frame in whose environment a name is to be read."""
        if name in self.borrowed:
            return self
        owner = self.owner(name)
        return None if owner is None else owner.lent.get(name, owner)

    def owner(self, name: str) -> Frame | None:
        """Return which one a name belongs to, of this function and those around it."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.locals or (name in frame.env and name not in frame.borrowed):
                return frame
            frame = frame.parent
        return None
