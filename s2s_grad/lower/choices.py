"""Places of a program where lowering may go on in more than one way.

At a branch, both ways are lowered and what holds after them is merged; where merging loses what
has to be known, the rest of the program is lowered once for each way instead. A loop becomes a
node; where that fails and its length is known, it is written out. Which is done at which place is
decided before an attempt at the whole program: an attempt that is refused says at which place to
go another way. Only places outside of all branches and loops have this choice.
"""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from s2s_grad.errors import UnsupportedSyntax
from s2s_grad.ir.nodes import Operand, Origin, Var
from s2s_grad.ir.walk import results_of
from s2s_grad.lower.bound import settle
from s2s_grad.lower.heap import is_conflict

if TYPE_CHECKING:
    from s2s_grad.lower.lowerer import Lowerer

__all__ = ["Choices", "End", "Plan", "Point", "Way"]


class Way(enum.Enum):
    """How a program goes on at a place."""

    ONE = "both ways are merged; the loop is a node"
    THEN = "the condition holds, and the other way is another attempt"
    ELSE = "the condition does not hold"
    APART = "the loop is written out"


Plan = dict[tuple[Way, ...], Way]  # what to do otherwise than `ONE` after the ways before it


class End(Exception):
    """This way ends here: it has raised."""


@dataclass(slots=True, eq=False)
class Point:
    """A place where the program could go on otherwise.

    `cond` is None for a loop, `start` the number of statements before. `failed` says that what
    was refused lies inside, `fixed` that there is no other way.
    """

    cond: Operand | None
    start: int
    way: Way
    origin: Origin
    failed: bool = False
    fixed: bool = False

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
    them it holds.
    """

    plan: Plan
    directions: tuple[bool, ...] = ()
    active: bool = True
    points: list[Point] = field(default_factory=list[Point])
    _origins: dict[Operand, Point] = field(default_factory=dict[Operand, Point])
    _inside: Point | None = None
    _splits: int = 0

    @property
    def ways(self) -> tuple[Way, ...]:
        """The ways that were taken so far."""
        return tuple(point.way for point in self.points)

    @property
    def splits(self) -> list[Point]:
        """The places after which the program was lowered for one way alone."""
        return [point for point in self.points if point.is_split]

    def at_top(self, low: Lowerer) -> bool:
        """Return whether what is lowered now lies outside of all branches and loops."""
        return self.active and self._inside is None and low.builder.depth == 1

    def lose(self, operand: Operand) -> None:
        """Note that less is known of an operand since the place that is being lowered."""
        if self._inside is not None:
            self._origins[operand] = self._inside

    def at_fault(self, low: Lowerer, about: tuple[Operand, ...]) -> Point | None:
        """Return where to go another way: around what was refused, or where it came from."""
        for point in self.points:
            if point.failed and point.is_open:
                return point
        found: list[Point] = []
        waiting, seen = list(about), set[Operand]()
        while waiting:
            each = waiting.pop()
            if each in seen:
                continue
            seen.add(each)
            point = self._origins.get(each)
            if point is not None and point.is_open:
                found.append(point)
            waiting.extend((low.memory.root(each), *low.memory.parts(each)))
            if isinstance(each, Var):
                waiting.extend(low.defined.get(each, ()))
        return max(found, key=self.points.index, default=None)

    def ends(self, low: Lowerer) -> None:
        """End the attempt where its way has raised."""
        if self._splits and self.at_top(low):
            raise End

    @contextlib.contextmanager
    def branch(self, low: Lowerer, cond: Operand) -> Generator[bool | None]:
        """Lower a branch inside; give the one way to lower, or None where both are merged."""
        if not self.at_top(low):
            yield None
            return
        way = self.plan.get(self.ways, Way.ONE)
        if way is not Way.ONE:
            holds = self._splits >= len(self.directions) or self.directions[self._splits]
            self._splits += 1
            self.points.append(_point(low, cond, Way.THEN if holds else Way.ELSE))
            settle(low, cond, holds)
            yield holds
            return
        point = _point(low, cond, way)
        self.points.append(point)
        with self.within(low, point):
            yield None

    def loop(self, low: Lowerer, known: bool) -> Point | None:
        """Return the place of a loop, if it has a choice; `known` says that its length is."""
        if not self.at_top(low):
            return None
        way = self.plan.get(self.ways, Way.ONE)
        point = _point(low, None, way)
        point.fixed = not known
        self.points.append(point)
        return point

    @contextlib.contextmanager
    def within(self, low: Lowerer, point: Point | None) -> Generator[None]:
        """Lower inside what belongs to a place."""
        if point is None:
            yield
            return
        self._inside = point
        try:
            yield
        except UnsupportedSyntax:
            point.failed = True
            raise
        finally:
            self._inside = None
        made = [var for s in low.builder.statements[point.start :] for var in results_of(s)]
        lost = [held for held in low.here.env.values() if is_conflict(held)]
        for operand in (*made, *lost):
            self._origins.setdefault(operand, point)


def _point(low: Lowerer, cond: Operand | None, way: Way) -> Point:
    return Point(cond, len(low.builder.statements), way, low.builder.origin)
