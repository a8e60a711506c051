"""Iterators as Python has them: each is asked for one item after the other, and looks then.

An iterator over items that are known one by one is a `Static`: `pull` lowers what gives its next
item. Where it stands is kept in the environment, so that branches and attempts at loops see it as
it is on their path; where two paths leave it at different items, using it again is refused.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Const, Operand, Pack, Var
from s2s_grad.ir.types import ListOf
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.memory.heap import is_collecting, is_conflict
from s2s_grad.lower.terms.frames import CELL
from s2s_grad.lower.terms.values import DICT_PARTS, Conflict, DictView, Internal, is_mutable_pack

__all__ = [
    "END",
    "TAKEN",
    "Cell",
    "Static",
    "all_of_it",
    "check_length",
    "in_turn",
    "over_container",
    "over_known",
    "over_places",
]

END = -1  # where an iterator stands that has given its last item
TAKEN = -2  # where one stands that a loop of run-time length runs over
_MOST_ITEMS = 10_000
Pull = Callable[[], Operand | None]


@dataclass(frozen=True, slots=True, eq=False)
class _Held(Internal):
    """What a cell holds that is no number."""

    value: Any

    @property
    def what(self) -> str:
        """This object in words, for errors."""
        return "the state of an iterator"


class Cell:
    """Where an iterator stands, on the path that is being lowered."""

    _count = itertools.count()

    def __init__(self, low: Lowerer, value: Any = 0) -> None:
        self._low = low
        self._key = f"{CELL}{next(self._count)}>"
        self.set(value)

    def get(self) -> Any:
        """Return what it holds; refuse if that depends on data."""
        held = self._low.here.env.get(self._key)
        if held is None or is_conflict(held) or not isinstance(held, Const):
            self._low.refuse(
                "how far an iterator was used before is only known when the program runs.",
                "Make a list of it first.",
                about=() if held is None else (held,),
            )
        return held.value.value if isinstance(held.value, _Held) else held.value

    def set(self, value: Any) -> None:
        """Let it hold something else on this path."""
        held = value if isinstance(value, int) else _Held(value)
        self._low.here.env[self._key] = Const(held)

    def lose(self) -> None:
        """Note that where it stands depends on data."""
        self._low.here.env[self._key] = Const(Conflict("was used as far as data says"))


@dataclass(frozen=True, slots=True, eq=False)
class Static:
    """Items that are had one by one: `pull` gives the next one, None at the end.

    `holds` is what they are read from.
    """

    pull: Pull
    holds: tuple[Operand, ...] = ()

    @property
    def seqs(self) -> tuple[Operand, ...]:
        """What a loop over it holds on to."""
        return self.holds


def all_of_it(low: Lowerer, stream: Static) -> tuple[Operand, ...]:
    """Return all that an iterator gives from here on."""
    return tuple(in_turn(low, stream))


def in_turn(low: Lowerer, stream: Static) -> Generator[Operand]:
    """Yield what an iterator gives from here on, each item when it is asked for."""
    count = 0
    while (item := stream.pull()) is not None:
        count += 1
        check_length(low, count)
        yield item


def check_length(low: Lowerer, count: int) -> None:
    """Refuse an iterator that does not come to an end."""
    if count > _MOST_ITEMS:
        low.refuse(f"an iterator gives more than {_MOST_ITEMS} items, one by one.", "Use an array.")


def over_places(
    low: Lowerer,
    read: Callable[[int], Operand | None],
    holds: tuple[Operand, ...] = (),
    cell: Cell | None = None,
) -> Static:
    """Return an iterator over what `read` gives for 0, 1, 2 and so on, until that is None."""
    place = Cell(low) if cell is None else cell

    def pull() -> Operand | None:
        now: int = place.get()
        item = None if now == END else read(now)
        place.set(END if item is None else now + 1)
        return item

    return Static(pull, holds)


def over_known(low: Lowerer, items: Sequence[Operand]) -> Static:
    """Return an iterator over items that are what they are."""
    return over_places(low, lambda n: items[n] if n < len(items) else None, tuple(items))


def over_container(low: Lowerer, operand: Pack | Const, *, backwards: bool = False) -> Static:
    """Return an iterator over a tuple, a list, a dict or a view of a dict, as it is then."""
    view = operand.value if isinstance(operand, Const) else None
    if isinstance(view, DictView):
        now = low.memory.shallow(view.of)
        return _over_dict(low, now if isinstance(now, Pack) else view.of, view.part, backwards)
    assert isinstance(operand, Pack)
    if operand.kind is dict:
        return _over_dict(low, operand, "keys", backwards)
    if not is_mutable_pack(operand):
        return over_known(low, operand.items[::-1] if backwards else operand.items)
    if not backwards:
        return over_places(low, lambda n: _item_now(low, operand, n), (operand,))
    last = len(operand.items) - 1
    return over_places(low, lambda n: _item_now(low, operand, last - n), (operand,))


def _item_now(low: Lowerer, operand: Operand, place: int) -> Operand | None:
    """Return an item that a list has now."""
    now = low.memory.shallow(operand)
    if isinstance(now, Pack):
        return now.items[place] if 0 <= place < len(now.items) else None
    if is_collecting(now):
        low.refuse_collecting(now)
    t = type_of(now)
    if not isinstance(now, Var) or not isinstance(t, ListOf) or not isinstance(t.length, int):
        low.refuse(
            "a list is iterated whose length depends on data since the iterator was made.",
            "Iterate over a copy of the list.",
            about=(operand, now),
        )
    return low.apply(operator.getitem, now, Const(place)) if 0 <= place < t.length else None


def _over_dict(low: Lowerer, operand: Pack, part: str, backwards: bool) -> Static:
    keys = operand.keys[::-1] if backwards else operand.keys
    give = DICT_PARTS[part]

    def read(place: int) -> Operand | None:
        now = low.memory.shallow(operand)
        if not isinstance(now, Pack) or now.keys != operand.keys:
            low.refuse(
                "the keys of a dict change while it is iterated.",
                "Iterate over a list of its keys.",
            )
        if place >= len(keys):
            return None
        return give(keys[place], now.items[now.keys.index(keys[place])])

    return over_places(low, read, (operand,))
