"""Where a node came from, for errors."""

from __future__ import annotations

import contextlib
from collections.abc import Generator

from s2s_grad.errors import Location, S2SError
from s2s_grad.ir.nodes import Function, Origin

__all__ = ["located", "location_of"]


def location_of(node: Origin | Function) -> Location | None:
    """Return where a node or function came from, for an error."""
    line = node.line
    if line is None:
        return node.place if isinstance(node, Origin) else None
    position = node.position if isinstance(node, Origin) else None
    number, column = position or (line.number, line.column)
    text = " " * line.column + line.text if number == line.number else ""
    return Location(line.file, number, column, text)


@contextlib.contextmanager
def located(node: Origin | Function) -> Generator[None]:
    """Give errors that are raised inside, by a rule for example, the place of a node."""
    try:
        yield
    except S2SError as error:
        if error.location is None:
            error.location = location_of(node)
        raise
