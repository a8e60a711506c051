"""How a loop carries a name: the same in every round, as a value, or item by item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from s2s_grad.ir.nodes import UNDEFINED, Const, Operand, Pack, Var
from s2s_grad.ir.types import NEVER, ListOf, Type
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.terms.local_functions import LocalFunction
from s2s_grad.lower.terms.values import Conflict, Internal, is_simple, is_undefined

__all__ = [
    "GROWS",
    "LOCAL",
    "Fixed",
    "Growing",
    "Leaf",
    "Same",
    "Slot",
    "Tree",
    "can_be_leaf",
    "collected",
    "is_conflict",
    "is_list",
    "is_longer",
    "is_unbound",
    "leaves_of",
    "parts_of",
    "remember",
    "same_function",
]

_NOTHING = frozenset[Var]()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that changes: its value before the loop, and what is known of it in every round.

    Outside of the loop it is memory in `outside`; inside it may be that of the leaves whose `mark`
    is in `shared`. `given` is what was bound before the loop.
    """

    init: Operand
    given: Operand
    type: Type
    outside: frozenset[Var] = _NOTHING
    shared: frozenset[Var] = _NOTHING
    immutable: bool = False
    mixed: bool = False  # an array without axes in one round, a number in another
    marks: frozenset[Var] = _NOTHING  # the containers that it may be, if it is a list
    mark: Var = field(default_factory=lambda: Var("<leaf>"))


def remember(low: Lowerer, made: list[tuple[Leaf, Var]]) -> None:
    """Record what memory the parameters or results of leaves may use."""
    by_mark = {leaf.mark: var for leaf, var in made}
    loop = object()
    for leaf, var in made:
        low.memory.stamp(var)
        low.memory.mark(var, leaf.marks)
        if leaf.mixed:
            low.memory.be_perhaps_number(var)
        if leaf.immutable:
            low.aliases.immutable(var)
        else:
            others = frozenset(by_mark[mark] for mark in leaf.shared if mark in by_mark)
            low.aliases.carry(var, leaf.outside | others, loop)


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value that is the same in every round."""

    operand: Operand


@dataclass(frozen=True, slots=True)
class Same:
    """Another name of the array or list that `name` has."""

    name: str


@dataclass(frozen=True, slots=True)
class Tree:
    """A container whose structure does not change."""

    kind: type[Any]
    keys: tuple[Any, ...]
    slots: tuple[Slot, ...]
    given: Operand = UNDEFINED
    marks: frozenset[Var] = _NOTHING


@dataclass(frozen=True, slots=True)
class Growing:
    """A list to which each iteration appends one item; `init` is what it held before.

    `last` carries its last item, for bodies that read that.
    """

    init: tuple[Operand, ...]
    last: Slot
    given: Operand


Slot = Leaf | Fixed | Tree | Same | Growing

GROWS = Conflict(
    "grows or changes its structure in a loop whose length is only known at run time",
    "Fill an array of the final size, or collect the values with array operations.",
    static=True,
)
LOCAL = Conflict(
    "is a function that was made inside a loop", "Define it before the loop, or call it there."
)


def leaves_of(slot: Slot) -> Iterator[Leaf]:
    """Yield the leaves of a slot, in the order of their parameters."""
    match slot:
        case Leaf():
            yield slot
        case Tree():
            for item in slot.slots:
                yield from leaves_of(item)
        case Growing():
            yield from leaves_of(slot.last)
        case Fixed() | Same():
            pass


def collected(operand: Operand) -> tuple[Operand, ...]:
    """Return what one iteration appends to a list that the loop fills."""
    assert isinstance(operand, Const)
    return operand.value.items


def parts_of(slot: Tree, yielded: Operand) -> tuple[Operand, ...]:
    """Return the items yielded to a tree; undefined ones if it is another container."""
    if isinstance(yielded, Pack) and len(yielded.items) == len(slot.slots):
        return yielded.items
    return (UNDEFINED,) * len(slot.slots)


def can_be_leaf(operand: Operand) -> bool:
    """Return whether a value can be carried as one."""
    if isinstance(operand, Var):
        return True
    if isinstance(operand, Pack) or is_undefined(operand):
        return False
    return not isinstance(operand.value, Internal) and is_simple(operand.value)


def is_list(operand: Operand) -> bool:
    """Return whether an operand is a list, of known structure or of run-time length."""
    if isinstance(operand, Pack):
        return operand.kind is list
    return isinstance(operand, Var) and isinstance(operand.type, ListOf)


def is_conflict(slot: Slot) -> bool:
    """Return whether a slot stands for values that do not fit together."""
    return (
        isinstance(slot, Fixed)
        and isinstance(slot.operand, Const)
        and isinstance(slot.operand.value, Conflict)
    )


def is_unbound(slot: Slot | None) -> bool:
    """Return whether a slot is that of a name without a value before the loop."""
    return isinstance(slot, Leaf) and slot.type == NEVER


def is_longer(had: Operand, yielded: Operand) -> bool:
    """Return whether a list has one more item than it had."""
    if not (isinstance(had, Pack) and isinstance(yielded, Pack)):
        return False
    return had.items == yielded.items[:-1]


def same_function(a: Operand, b: Operand) -> bool:
    """Return whether two attempts made the same local function."""
    if not (isinstance(a, Const) and isinstance(b, Const)):
        return False
    x, y = a.value, b.value
    if not (isinstance(x, LocalFunction) and isinstance(y, LocalFunction)):
        return False
    return x.node is y.node and x.frame is y.frame and not x.defaults and not y.defaults
