"""Where in the arguments containers and arrays are, and which must be found at one place only.

A program is made as if everything in the arguments were an object of its own. That matters for
what is changed, and for what is asked whether it is another object.
"""

from __future__ import annotations

from collections.abc import Iterable

from s2s_grad.ir.nodes import Operand, Pack, Place, Var

__all__ = ["Given"]


class Given:
    """The arguments of the function that is lowered."""

    def __init__(self) -> None:
        self._places: dict[Operand, Place] = {}
        self._apart: dict[Place, None] = {}

    @property
    def apart(self) -> tuple[Place, ...]:
        """What has to be found at no other place, by the way to it from a parameter's name."""
        return tuple(self._apart)

    def snapshot(self) -> tuple[Place, ...]:
        """Return what `restore` brings back."""
        return self.apart

    def restore(self, snapshot: tuple[Place, ...]) -> None:
        """Ask for no more than was asked then."""
        self._apart = dict.fromkeys(snapshot)

    def note(self, operand: Operand, place: Place) -> None:
        """Remember where an argument, or something inside of one, is."""
        self._places[operand] = place
        if isinstance(operand, Pack):
            for key, item in zip(
                operand.keys or range(len(operand.items)), operand.items, strict=True
            ):
                self.note(item, (*place, key))

    def has(self, operand: Operand) -> bool:
        """Return whether an operand is one of the arguments, or inside of one."""
        return operand in self._places

    def be_apart(self, operands: Iterable[Operand | Var]) -> None:
        """Ask that these, as far as they are in the arguments, are found there once."""
        for operand in operands:
            if operand in self._places:
                self._apart[self._places[operand]] = None
