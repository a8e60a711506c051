"""What was compiled and what runs on the tape, with places and reasons, and as a table."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from s2s_grad.errors import Location, S2SError

if TYPE_CHECKING:
    from s2s_grad.ir.sources import Callee

__all__ = ["History", "Row", "place_of", "reason_of", "table"]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: a function, how it runs, where it is defined, and why it runs so."""

    function: str
    runs: str
    place: str = ""
    reason: str = ""

    @classmethod
    def of_callee(cls, callee: Callee) -> Row:
        """Return the line of a function that a program contains or calls."""
        refused = callee.refused
        runs = "compiled" if refused is None else "a call on the tape"
        reason = "" if refused is None else reason_of(refused)
        return cls(f"  {callee.name}", runs, _short(callee.place), reason)


def place_of(fn: Callable[..., Any]) -> str:
    """Return where a function is defined."""
    from s2s_grad.read.parts import callable_parts

    code: Any = getattr(callable_parts(fn).function, "__code__", None)
    return "" if code is None else _short(Location(code.co_filename, code.co_firstlineno))


def reason_of(error: Exception, otherwise: str = "") -> str:
    """Return in one line what an error says, and where."""
    if not isinstance(error, S2SError):
        return " ".join(otherwise.split())
    where = "" if error.location is None else f"{_short(error.location)}: "
    return " ".join(f"{where}{error.reason}".split())


def _short(place: Location | None) -> str:
    return "" if place is None else f"{os.path.basename(place.file)}:{place.line}"


def table(rows: Iterable[Row]) -> str:
    """Return rows as text in columns.

    Examples
    --------
    >>> print(table([Row("f_grad(x: float)", "compiled", "model.py:3")]))
      function          runs      defined at
      f_grad(x: float)  compiled  model.py:3
    """
    head = ("function", "runs", "defined at", "reason")
    lines = [head, *((row.function, row.runs, row.place, row.reason) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(3)]
    if not any(line[3] for line in lines[1:]):
        lines[0] = (*head[:3], "")
    padded = (
        "  ".join([*(text.ljust(n) for text, n in zip(line, widths, strict=False)), line[3]])
        for line in lines
    )
    return "\n".join(f"  {line}".rstrip() for line in padded)


@dataclass(slots=True)
class History:
    """What became of the calls of a derivative.

    Attributes
    ----------
    rows : list of Row
        What was compiled, or runs on the tape.
    refused : dict
        The error of the compiler, by the types of the arguments for which the tape is used.
    found : dict
        What a check had to say, by types: "" where the derivative agrees with the function.
    """

    rows: list[Row] = field(default_factory=list[Row])
    refused: dict[Any, Exception] = field(default_factory=dict[Any, Exception])
    found: dict[Any, str] = field(default_factory=dict[Any, str])

    def notes(self) -> str:
        """Return what checks found, a line for each."""
        found = dict.fromkeys(
            note or "checked against the function" for note in self.found.values()
        )
        return "".join(f"\n  {note}" for note in found)

    def explanation(self) -> str:
        """Return all of it."""
        if not self.rows and not self.refused:
            return "not compiled yet"
        how = "refused by the compiler" if self.refused else "compiled statically"
        return f"{how}\n{table(self.rows)}{self.notes()}"
