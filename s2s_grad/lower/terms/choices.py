"""Places of a program where lowering may go on in more than one way.

At a branch, both ways are lowered and what holds after them is merged; where merging loses what
has to be known, the rest of the program is lowered once for each way instead. A loop becomes a
node; where that fails and its length is known, it is written out. Which is done at which place is
decided before an attempt at the whole program: an attempt that is refused says at which place to
go another way. Only places outside of all branches and loops have this choice.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, field

from s2s_grad.ir.nodes import Operand, Origin

__all__ = ["Choices", "End", "Plan", "Point", "TooLarge", "Way"]


class Way(enum.Enum):
    """How a program goes on at a place."""

    ONE = "both ways are merged; the loop is a node"
    THEN = "the condition holds, and the other way is another attempt"
    ELSE = "the condition does not hold"
    APART = "the loop is written out"


Plan = dict[tuple[Way, ...], Way]  # what to do otherwise than `ONE` after the ways before it


class End(Exception):
    """This way ends here: it has raised."""


class TooLarge(Exception):
    """This attempt makes more values than it may."""


@dataclass(slots=True, eq=False)
class Point:
    """A place where the program could go on otherwise.

    `cond` is None for a loop, `start` the number of statements before. `failed` says that what
    was refused lies inside, `fixed` that there is no other way; then what a loop goes over may be
    had in another way, as far as that comes from other places.
    """

    cond: Operand | None
    start: int
    way: Way
    origin: Origin
    failed: bool = False
    fixed: bool = False
    seqs: tuple[Operand, ...] = ()

    @property
    def place(self) -> tuple[str, int]:
        """The file and the line where it is."""
        line = self.origin.line
        return ("", 0) if line is None else (line.file, line.number)

    def be_apart(self) -> None:
        """Note that the loop is written out, since it cannot be a node."""
        self.failed, self.fixed = False, True

    @property
    def is_split(self) -> bool:
        """Whether the rest of the program was lowered for one way alone."""
        return self.way in (Way.THEN, Way.ELSE)

    @property
    def is_open(self) -> bool:
        """Whether there is another way."""
        return self.way is Way.ONE and not self.fixed

    @property
    def otherwise(self) -> Way:
        """The way to go where this one does not serve."""
        return Way.APART if self.cond is None else Way.THEN


@dataclass(slots=True, eq=False)
class Choices:
    """The places that one attempt has met, and the ways that it takes.

    `directions` say for the places that are split, in order, whether the condition holds; after
    them it holds. `inside` is the place that is being lowered, and `origins` says where less became
    known of a value. No more than `most` values may be made. The loops at the lines `apart` are
    written out wherever that can be, since they had to be more than once.
    """

    plan: Plan
    directions: tuple[bool, ...] = ()
    most: float = math.inf
    apart: frozenset[tuple[str, int]] = frozenset()
    active: bool = True
    points: list[Point] = field(default_factory=list[Point])
    origins: dict[Operand, Point] = field(default_factory=dict[Operand, Point])
    inside: Point | None = None
    passed: int = 0  # how many places were split so far

    @property
    def ways(self) -> tuple[Way, ...]:
        """The ways that were taken so far."""
        return tuple(point.way for point in self.points)

    @property
    def splits(self) -> list[Point]:
        """The places after which the program was lowered for one way alone."""
        return [point for point in self.points if point.is_split]

    def lose(self, operand: Operand) -> None:
        """Note that less is known of an operand since the place that is being lowered."""
        if self.inside is not None:
            self.origins[operand] = self.inside
