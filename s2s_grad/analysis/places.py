"""Where a node came from, for errors."""

from __future__ import annotations

from s2s_grad.errors import Location
from s2s_grad.ir.nodes import Origin

__all__ = ["location_of"]


def location_of(origin: Origin) -> Location | None:
    """Return where a node came from, for an error."""
    line = origin.line
    if line is None:
        return origin.place
    number, column = origin.position or (line.number, line.column)
    text = " " * line.column + line.text if number == line.number else ""
    return Location(line.file, number, column, text)
