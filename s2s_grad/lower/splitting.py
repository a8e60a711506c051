"""Lower a program in as many attempts as it takes, and join what they found.

The first attempt merges at every branch and makes a node of every loop. Where it is refused, the
place at fault is chosen (the one that was being lowered, else the last one that lost something), a
new plan goes another way there, and the program is lowered again. A place that is split makes two
attempts, equal up to there: the second becomes the other branch of the first.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NoReturn

from s2s_grad.analysis.sizes import fresh_dim
from s2s_grad.errors import UnsupportedSyntax
from s2s_grad.ir.builder import Infer
from s2s_grad.ir.nodes import (
    UNDEFINED,
    Apply,
    Block,
    Effect,
    If,
    Merge,
    Operand,
    Pack,
    Statement,
    Var,
)
from s2s_grad.ir.rewrite import map_blocks, map_operand, map_operands
from s2s_grad.ir.types import join
from s2s_grad.ir.walk import operands_of, results_of, same_operand
from s2s_grad.lower.control.places import at_fault
from s2s_grad.lower.control.slots import can_be_leaf
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.handlers import HANDLERS
from s2s_grad.lower.terms.choices import Choices, Plan, Point, TooLarge, Way
from s2s_grad.lower.terms.static import measured
from s2s_grad.lower.terms.values import is_undefined

__all__ = ["Lowered", "Ways", "lower_ways"]

_MOST_ATTEMPTS = 150
_MOST_STATEMENTS = 3500  # of the attempts that serve
_MOST_WORK = 12_000  # values that all attempts together make


@dataclass(frozen=True, slots=True, eq=False)
class Lowered:
    """A program lowered for one way; the result is undefined where that raises."""

    low: Lowerer
    statements: list[Statement]
    result: Operand


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """A whole program, and the attempts that it was made of."""

    statements: list[Statement]
    result: Operand
    attempts: list[Lowered]


class _Again(Exception):
    """The plan has changed for what several attempts have in common."""


def lower_ways(attempt: Callable[[Lowerer], Lowered], infer: Infer) -> Ways:
    """Return the program that attempts make, each with a state of its own.

    Raises
    ------
    UnsupportedSyntax
        What the first attempt was refused for, if no plan helps.
    """
    search = _Search(attempt, infer)
    while True:
        try:
            return Ways(*search.explore(()), search.made)
        except _Again:
            continue


class _Search:
    """The search for a plan that no attempt is refused with."""

    def __init__(self, attempt: Callable[[Lowerer], Lowered], infer: Infer) -> None:
        self.attempt = attempt
        self.infer = infer
        self.plan: Plan = {}
        self.apart: set[tuple[str, int]] = set()  # lines whose loops are written out everywhere
        self.tried: Counter[tuple[str, int]] = Counter()
        self.made: list[Lowered] = []
        self.first: UnsupportedSyntax | None = None
        self.count = self.size = self.work = 0

    def explore(self, directions: tuple[bool, ...]) -> tuple[list[Statement], Operand]:
        """Return the program after these directions, with all that it is split into later."""
        if not directions:
            self.made = []
            self.size = 0
        made, choices = self._lower(directions)
        statements, result = made.statements, made.result
        for later in reversed(range(len(directions), len(choices.splits))):
            split = choices.splits[later]
            start = split.start
            more = (True,) * (later - len(directions))
            other = self.explore((*directions, *more, False))
            names = _same_place(made.statements, other[0], start)
            if names is None:
                self._give_up()
            orelse = [_renamed(statement, names) for statement in other[0][start:]]
            value = _named(other[1], names)
            statements, result = self._join(split, statements, result, orelse, value)
        return statements, result

    def _lower(self, directions: tuple[bool, ...]) -> tuple[Lowered, Choices]:
        """Lower the program for these directions, with a plan that serves."""
        while True:
            choices = Choices(self.plan, directions, self._left(), frozenset(self.apart))
            low = Lowerer(HANDLERS, self.infer, choices=choices)
            self.count += 1
            try:
                made = self.attempt(low)
            except UnsupportedSyntax as error:
                self.work += len(low.made)
                self._change(low, error, directions)
                continue
            except TooLarge:
                self._give_up()
            self.work += len(low.made)
            self.made.append(made)
            self.size += len(low.made)
            return made, choices

    def _left(self) -> float:
        """Return how many values the next attempt may make; the first one may make any number."""
        if self.first is None:
            return math.inf
        return min(_MOST_STATEMENTS - self.size, _MOST_WORK - self.work)

    def _change(self, low: Lowerer, error: UnsupportedSyntax, directions: tuple[bool, ...]) -> None:
        """Go another way at the place at fault; raise the first error if there is none."""
        self.first = self.first or error
        choices = low.choices
        place = at_fault(low, error.about)
        if place is None or self.count > _MOST_ATTEMPTS:
            self._give_up()
        before = choices.points[: choices.points.index(place)]
        self.plan[tuple(point.way for point in before)] = place.otherwise
        if place.otherwise is Way.APART:
            self.tried[place.place] += 1
            if self.tried[place.place] > 1:
                self.apart.add(place.place)
                raise _Again
        if sum(point.is_split for point in before) < len(directions):
            raise _Again

    def _give_up(self) -> NoReturn:
        assert self.first is not None
        raise self.first from None

    def _join(
        self,
        split: Point,
        statements: list[Statement],
        result: Operand,
        orelse: list[Statement],
        value: Operand,
    ) -> tuple[list[Statement], Operand]:
        """Return the program that goes one of two ways after the statements before `split`."""
        assert split.cond is not None
        merged: list[Merge] = []
        joined = _join(result, value, merged)
        if joined is None:
            self._give_up()
        then, other = tuple(statements[split.start :]), tuple(orelse)
        branch = If(split.cond, tuple(merged), then, other, split.origin)
        return [*statements[: split.start], branch], joined


def _same_place(
    ours: list[Statement], theirs: list[Statement], end: int
) -> dict[Var, Operand] | None:
    """Return our names for the variables of a program that is the same up to a place.

    None if it is not: attempts are the same because lowering is, and this is checked.
    """
    names: dict[Var, Operand] = {}
    for x, y in itertools.zip_longest(ours[:end], theirs[:end]):
        if x is None or y is None or _kind(x) != _kind(y):
            return None
        theirs_named = Pack(tuple, tuple(_named(operand, names) for operand in operands_of(y)))
        if not same_operand(Pack(tuple, operands_of(x)), theirs_named):
            return None
        if len(results_of(x)) != len(results_of(y)):
            return None
        names.update(zip(results_of(y), results_of(x), strict=True))
    return names


def _kind(statement: Statement) -> object:
    return statement.fn if isinstance(statement, (Apply, Effect)) else type(statement)


def _renamed(statement: Statement, names: dict[Var, Operand]) -> Statement:
    """Return a statement with the names of another attempt, in what it quotes of the source too."""
    origin = statement.origin
    reads = tuple((text, _named(operand, names)) for text, operand in origin.reads)
    if any(new is not old for (_, new), (_, old) in zip(reads, origin.reads, strict=True)):
        statement = replace(statement, origin=replace(origin, reads=reads))
    statement = map_operands(statement, lambda var: names.get(var, var))
    return map_blocks(statement, lambda block: _block_renamed(block, names))


def _block_renamed(block: Block, names: dict[Var, Operand]) -> Block:
    body = tuple(_renamed(statement, names) for statement in block.body)
    return replace(block, body=body, results=tuple(_named(r, names) for r in block.results))


def _named(operand: Operand, names: dict[Var, Operand]) -> Operand:
    return map_operand(operand, lambda var: names.get(var, var))


def _join(a: Operand, b: Operand, merged: list[Merge]) -> Operand | None:
    """Return what is `a` on one way and `b` on the other; None if nothing can be both."""
    if isinstance(a, Pack) or isinstance(b, Pack):
        return _join_packs(a, b, merged)
    if same_operand(a, b) and not isinstance(a, Var):
        return a
    if not all(can_be_leaf(operand) or is_undefined(operand) for operand in (a, b)):
        return None
    result = Var("", join(measured(a), measured(b), fresh_dim))
    merged.append(Merge(result, a, b))
    return result


def _join_packs(a: Operand, b: Operand, merged: list[Merge]) -> Operand | None:
    whole = a if isinstance(a, Pack) else b
    assert isinstance(whole, Pack)
    parts: list[tuple[Operand, ...]] = []
    for operand in (a, b):
        if is_undefined(operand):
            parts.append((UNDEFINED,) * len(whole.items))
        elif not isinstance(operand, Pack) or not _same_form(operand, whole):
            return None
        else:
            parts.append(operand.items)
    items = [_join(x, y, merged) for x, y in zip(*parts, strict=True)]
    known = [item for item in items if item is not None]
    return Pack(whole.kind, tuple(known), whole.keys) if len(known) == len(items) else None


def _same_form(a: Pack, b: Pack) -> bool:
    return a.kind is b.kind and a.keys == b.keys and len(a.items) == len(b.items)
