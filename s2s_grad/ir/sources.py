"""What a program keeps of the user's source: its lines, and the functions that it calls."""

from __future__ import annotations

from dataclasses import dataclass

from s2s_grad.errors import Location, S2SError

__all__ = ["Callee", "Line"]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One statement of the user's source."""

    file: str
    number: int
    text: str  # on one line: for comments and errors
    leading: tuple[str, ...] = ()  # comment lines above it; "" is a blank line
    trailing: str = ""  # comment behind it
    column: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Callee:
    """A function that a program calls or contains; `refused` says why a call is on the tape."""

    name: str
    place: Location | None
    refused: S2SError | None = None
