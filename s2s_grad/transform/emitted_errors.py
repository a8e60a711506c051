"""Errors of emitted code: which line of the user's source the emitted one belongs to."""

from __future__ import annotations

import ast
import inspect
import linecache
from collections.abc import Callable
from typing import Any

from s2s_grad.errors import ArgumentError, SharedArguments, UnlikeLayout

__all__ = ["add_place", "as_user_sees", "is_for_tape"]

_EMITTED = "<s2s_grad "
_REVERSE = "# reverse of: "


def add_place(error: Exception, primal: Callable[..., Any], what: str) -> None:
    """Add a note to an error that was raised in emitted code: whose it is, and from which line."""
    place = error.__traceback__
    found: tuple[str, int] | None = None
    while place is not None:
        code = place.tb_frame.f_code
        if code.co_filename.startswith(_EMITTED):
            found = code.co_filename, place.tb_lineno
        place = place.tb_next
    if found is None or any(note.startswith("in the ") for note in getattr(error, "__notes__", [])):
        return
    file, number = found
    line = linecache.getline(file, number).strip()
    error.add_note(f"in the {what}, at the emitted line {number}: {line}")
    user = _line_of(primal, file, number)
    if user:
        error.add_note(f"which belongs to {user}")


def as_user_sees(error: Exception) -> Exception:
    """Return an error, of the class that it has where the function itself is run."""
    from s2s_grad.runtime import check_vector

    if not _is_raised_by(error, check_vector):
        return error
    return ArgumentError(str(error), "shapes have to be equal")


def is_for_tape(error: Exception) -> bool:
    """Return whether emitted code came upon arguments that are right on the tape only.

    Those are powers of real numbers that are complex, objects that are given twice, and arrays
    that are laid out otherwise.
    """
    if isinstance(error, (SharedArguments, UnlikeLayout)):
        return True
    from s2s_grad.runtime import check_real

    return _is_raised_by(error, check_real)


def _is_raised_by(error: Exception, helper: Callable[..., Any]) -> bool:
    """Return whether a helper raised an error, as it is printed in emitted code."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if place is None:
        return False
    code = place.tb_frame.f_code
    return code.co_filename.startswith(_EMITTED) and code.co_name == f"_{helper.__name__}"


def _line_of(primal: Callable[..., Any], file: str, number: int) -> str:
    """Return the place and text of the user's line, where one reads like the emitted one."""
    from s2s_grad.read.parts import callable_parts

    function: Any = callable_parts(primal).function
    try:
        lines, first = inspect.getsourcelines(function)
    except (OSError, TypeError):
        return ""
    wanted = _wanted(file, number)
    for place, line in enumerate(lines, max(first, 1)):
        text = line.strip()
        if text and any(_alike(text, each) for each in wanted):
            return f"{function.__code__.co_filename}:{place}: {text}"
    return f"{function.__code__.co_filename}:{function.__code__.co_firstlineno}"


def _wanted(file: str, number: int) -> list[str]:
    """Return what the user's line may read like: the statement, or what it is the reverse of."""
    wanted = [linecache.getline(file, number).strip()]
    for above in range(number, 0, -1):
        text = linecache.getline(file, above).strip()
        if text.startswith(_REVERSE):
            wanted.append(text.removeprefix(_REVERSE).removesuffix("..."))
            break
        if text.startswith("def "):
            break
    return wanted


def _alike(text: str, wanted: str) -> bool:
    if wanted and text.startswith(wanted):
        return True
    try:
        return ast.dump(ast.parse(text)) == ast.dump(ast.parse(wanted))
    except SyntaxError:
        return False
