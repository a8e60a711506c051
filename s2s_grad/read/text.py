"""The text of a function's definition, as it stands in its file."""

from __future__ import annotations

import functools
import linecache
import types
from collections.abc import Callable
from typing import Any

from s2s_grad.errors import Location, NoSource
from s2s_grad.read.find import Found, find_def, find_lambda
from s2s_grad.read.parts import callable_parts

__all__ = ["find", "no_source"]

_TO_A_FILE = "Put the function in a file or a notebook cell; its source is needed."


def find(fn: Callable[..., Any]) -> tuple[types.FunctionType, Found]:
    """Return the Python function that is called, and its text; see `read` for what is raised."""
    function = callable_parts(fn).function
    if not isinstance(function, types.FunctionType):
        raise NoSource(
            f"`{getattr(function, '__name__', repr(function))}` has no Python source.",
            "Only Python functions can be read; give it a rule of its own instead.",
        )
    lines = _lines(function)
    if not lines:
        raise NoSource(
            f"the source of `{function.__name__}` is not available.", _TO_A_FILE, _where(function)
        )
    found = _find(tuple(lines), function.__code__)
    if isinstance(found, str):
        raise no_source(function, found)
    return function, found


def no_source(function: types.FunctionType, reason: str) -> NoSource:
    """Return the error for a definition that is not where it was."""
    return NoSource(
        f"the source of `{function.__name__}` cannot be read: {reason}.",
        _remedy(reason),
        _where(function),
    )


def _where(function: types.FunctionType) -> Location:
    return Location(function.__code__.co_filename, function.__code__.co_firstlineno)


@functools.lru_cache(maxsize=512)
def _find(lines: tuple[str, ...], code: types.CodeType) -> Found | str:
    find = find_lambda if code.co_name == "<lambda>" else find_def
    return find(list(lines), code)


def _lines(function: Any) -> list[str]:
    file = function.__code__.co_filename
    if file == "<string>":  # of whatever was passed to `exec`, or on the command line
        return []
    lines = linecache.getlines(file, function.__globals__)
    if not file.startswith("<") and file in linecache.cache:
        linecache.checkcache(file)
        lines = linecache.getlines(file, function.__globals__)
    return lines


def _remedy(reason: str) -> str:
    if "changed" in reason:
        return "Import the module again, so that the running code and the file agree."
    return "Write it as a `def`, or put each lambda on a line of its own."
