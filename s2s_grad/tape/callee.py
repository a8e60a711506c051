"""Which function asked a tensor for a plain number, found from the caller's bytecode."""

from __future__ import annotations

import builtins
import dis
import itertools
import sys
from types import CodeType
from typing import Any

from s2s_grad.tape.user_lines import outside

__all__ = ["calling", "is_stored"]

_LOADS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FAST", "LOAD_DEREF", "LOAD_FAST_BORROW"}
_SKIPPED = {"PUSH_NULL", "RESUME", "PRECALL", "CACHE", "NOP", "COPY_FREE_VARS"}


def calling() -> Any:
    """Return the function that the innermost frame outside of this package calls, if it is known.

    A function written in C has no frame: what a frame calls is what the first instructions of the
    running call expression load.
    """
    frame: Any = outside(sys._getframe(1))
    if frame is None:
        return None
    names = _callee(frame.f_code, frame.f_lasti)
    if not names:
        return None
    first, *rest = names
    scopes: tuple[Any, ...] = (frame.f_locals, frame.f_globals, vars(builtins))
    for scope in scopes:
        if first in scope:
            value: Any = scope[first]
            break
    else:
        return None
    for name in rest:
        value = getattr(value, name, None)
    return value


def is_stored() -> bool:
    """Return whether that frame is about to write an item: ``array[i] = tensor``."""
    frame: Any = outside(sys._getframe(1))
    if frame is None:
        return False
    code = frame.f_code.co_code[frame.f_lasti]
    return dis.opname[code] in ("STORE_SUBSCR", "STORE_SLICE")


def _callee(code: CodeType, offset: int) -> list[str]:
    """Return the dotted name of the function that the instruction at an offset calls."""
    span = next(itertools.islice(code.co_positions(), offset // 2, None), None)
    if span is None or span[0] is None or span[2] is None:
        return []
    start = (span[0], span[2])
    names: list[str] = []
    for instruction in dis.get_instructions(code):
        place = instruction.positions
        if place is None or place.lineno is None or place.col_offset is None:
            continue
        if (place.lineno, place.col_offset) != start or instruction.opname in _SKIPPED:
            continue
        if (not names and instruction.opname in _LOADS) or (
            names and instruction.opname in ("LOAD_ATTR", "LOAD_METHOD")
        ):
            names.append(str(instruction.argval))
        else:
            break
    return names
