"""Lines of the user's code that made a node or a write, kept as code object and offset."""

from __future__ import annotations

import linecache
import os
import sys
from types import CodeType
from typing import Any

import numpy as np

from s2s_grad.code_objects import span
from s2s_grad.errors import Location, public_path
from s2s_grad.tape.modes import STATE

__all__ = ["OWN_FILES", "PACKAGE", "Place", "here", "library_call", "location", "outside", "shown"]

Place = tuple[CodeType, int]
PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_INNER = (PACKAGE, os.path.dirname(os.path.abspath(np.__file__)) + os.sep)
# The files between a user's line and the recording of an operation.
OWN_FILES = frozenset(
    os.path.join(PACKAGE, folder, name)
    for folder in ("tape", os.path.join("tape", "nn"), "emulate", "rules", "runtime")
    for name in os.listdir(os.path.join(PACKAGE, folder))
    if name.endswith(".py")
)


def here() -> Place | None:
    """Return the place of the innermost frame outside of this package and NumPy."""
    if not STATE.places:
        return None
    if STATE.origin is not None:
        return STATE.origin
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_INNER):
        frame = frame.f_back
    return None if frame is None else (frame.f_code, frame.f_lasti)


def outside(frame: Any) -> Any:
    """Return the first frame outside of this package and NumPy."""
    while frame is not None and frame.f_code.co_filename.startswith(_INNER):
        frame = frame.f_back
    return frame


def library_call() -> str | None:
    """Return the function of SciPy that is running, called from outside of it, if there is one."""
    frame: Any = outside(sys._getframe(1))
    found = None
    while frame is not None and _is_of_scipy(frame):
        found = frame
        frame = outside(frame.f_back)
    if found is None:
        return None
    return public_path(found.f_globals.get("__name__"), found.f_code.co_qualname)


def _is_of_scipy(frame: Any) -> bool:
    return str(frame.f_globals.get("__name__")).partition(".")[0] == "scipy"


def location(place: Place | None) -> Location | None:
    """Return the file, line and column of a place."""
    if place is None:
        return None
    code, offset = place
    line, column, _, _ = span(code, offset)
    line = line or code.co_firstlineno
    text = linecache.getline(code.co_filename, line).rstrip("\n")
    return Location(code.co_filename, line, column or 0, text)


def shown(place: Place | None) -> str:
    """Return ``file:line: source text`` of a place, for messages."""
    found = location(place)
    if found is None:
        return "an unknown line (places are not recorded)"
    text = found.text.strip()
    return f"{found.file}:{found.line}" + (f"  `{text}`" if text else "")
