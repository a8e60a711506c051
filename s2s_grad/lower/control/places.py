"""The places where an attempt may go on in more than one way, as it meets them."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator

from s2s_grad.errors import UnsupportedSyntax
from s2s_grad.ir.nodes import Operand, Pack, Var
from s2s_grad.ir.walk import results_of
from s2s_grad.lower.core.bound import settle
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.memory.heap import is_conflict
from s2s_grad.lower.terms.choices import End, Point, Way

__all__ = ["at_fault", "end_way", "place_of_branch", "place_of_loop", "within_place"]


def at_fault(low: Lowerer, about: tuple[Operand, ...]) -> Point | None:
    """Return where to go another way: around what was refused, or where it came from."""
    points = low.choices.points
    for point in points:
        if point.failed and point.is_open:
            return point
    found = [point for point in points if point.is_open and any(point.cond is x for x in about)]
    around = [seq for point in points if point.failed for seq in point.seqs]
    waiting, seen = [*about, *around], set[Operand]()
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        point = low.choices.origins.get(each)
        if point is not None and point.is_open:
            found.append(point)
        elif point is not None:
            waiting.extend(point.seqs)
        waiting.extend((low.memory.root(each), *low.memory.parts(each)))
        if isinstance(each, Var):
            waiting.extend(low.defined.get(each, ()))
    return max(found, key=points.index, default=None)


def end_way(low: Lowerer) -> None:
    """End the attempt where its way has raised."""
    if low.choices.passed and low.at_top:
        raise End


@contextlib.contextmanager
def place_of_branch(low: Lowerer, cond: Operand) -> Generator[bool | None]:
    """Lower a branch inside; give the one way to lower, or None where both are merged."""
    if not low.at_top:
        yield None
        return
    choices = low.choices
    way = choices.plan.get(choices.ways, Way.ONE)
    if way is not Way.ONE:
        directions = choices.directions
        holds = choices.passed >= len(directions) or directions[choices.passed]
        choices.passed += 1
        choices.points.append(_point(low, cond, Way.THEN if holds else Way.ELSE))
        settle(low, cond, holds)
        yield holds
        return
    point = _point(low, cond, way)
    choices.points.append(point)
    with within_place(low, point):
        yield None


def place_of_loop(low: Lowerer, seqs: tuple[Operand, ...] = (), *, known: bool) -> Point | None:
    """Return the place of a loop, if it has a choice; `known` says that its length is."""
    if not low.at_top:
        return None
    choices = low.choices
    point = _point(low, None, choices.plan.get(choices.ways, Way.ONE))
    point.fixed, point.seqs = not known, seqs
    if known and point.place in choices.apart:
        point.way = Way.APART
    choices.points.append(point)
    return point


@contextlib.contextmanager
def within_place(low: Lowerer, point: Point | None) -> Generator[None]:
    """Lower inside what belongs to a place."""
    if point is None:
        yield
        return
    choices = low.choices
    choices.inside = point
    try:
        yield
    except UnsupportedSyntax:
        point.failed = True
        raise
    finally:
        choices.inside = None
    made = [var for s in low.builder.statements[point.start :] for var in results_of(s)]
    lost = [part for held in low.here.env.values() for part in _conflicts_in(held)]
    for operand in (*made, *lost):
        choices.origins.setdefault(operand, point)


def _conflicts_in(operand: Operand) -> Iterator[Operand]:
    if isinstance(operand, Pack):
        for item in operand.items:
            yield from _conflicts_in(item)
    elif is_conflict(operand):
        yield operand


def _point(low: Lowerer, cond: Operand | None, way: Way) -> Point:
    return Point(cond, len(low.builder.statements), way, low.builder.origin)
