"""Which function asked a tensor for a plain number, found from the place of the call."""

from __future__ import annotations

import ast
import builtins
import cmath
import functools
import linecache
import math
import sys
from collections.abc import Iterator
from types import BuiltinFunctionType, CodeType
from typing import Any

from s2s_grad.code_objects import span, stores_item
from s2s_grad.tape.user_lines import outside

__all__ = ["asking", "is_stored"]


def asking() -> Any:
    """Return the function of `math` or `cmath` that the innermost frame outside of here calls.

    A function written in C has no frame: what is called is what stands where the frame is. Where
    there is no source, it may be any that the code names.
    """
    frame: Any = outside(sys._getframe(1))
    if frame is None:
        return None
    text = _text(frame.f_code, frame.f_lasti)
    if not text:
        return next(filter(_is_math, _named(frame)), None)
    first, *rest = _callee(text) or ("",)
    called = _lookup(frame, first)
    for name in rest:
        called = getattr(called, name, None)
    return called if _is_math(called) else None


def is_stored() -> bool:
    """Return whether that frame is about to write an item: ``array[i] = tensor``."""
    frame: Any = outside(sys._getframe(1))
    return frame is not None and stores_item(frame.f_code, frame.f_lasti)


def _lookup(frame: Any, name: str) -> Any:
    """Return what a name stands for in a frame."""
    scopes: tuple[Any, ...] = (frame.f_locals, frame.f_globals, vars(builtins))
    return next((scope[name] for scope in scopes if name in scope), None)


def _is_math(called: Any) -> bool:
    return type(called) is BuiltinFunctionType and called.__module__ in ("math", "cmath")


def _named(frame: Any) -> Iterator[Any]:
    """Yield the functions that a frame names, also those of `math` that it takes by a dot."""
    code: CodeType = frame.f_code
    for name in (*code.co_names, *code.co_varnames, *code.co_freevars):
        found = _lookup(frame, name)
        yield found
        if found is math or found is cmath:
            yield from (getattr(found, member, None) for member in code.co_names)


@functools.lru_cache(maxsize=256)
def _callee(text: str) -> tuple[str, ...]:
    """Return the dotted name of the function that an expression calls."""
    try:
        node = ast.parse(f"({text})", mode="eval").body
    except SyntaxError:
        return ()
    names: list[str] = []
    called = node.func if isinstance(node, ast.Call) else None
    while isinstance(called, ast.Attribute):
        names.append(called.attr)
        called = called.value
    return (called.id, *names[::-1]) if isinstance(called, ast.Name) else ()


def _text(code: CodeType, offset: int) -> str:
    """Return the source of the expression that an instruction belongs to."""
    line, column, end_line, end_column = span(code, offset)
    if line is None or end_line is None or column is None or end_column is None:
        return ""
    if code.co_filename == "<string>":  # of `eval`; under that name Python 3.13 has its own `-c`
        return ""
    lines = [linecache.getline(code.co_filename, i).encode() for i in range(line, end_line + 1)]
    lines[-1] = lines[-1][:end_column]
    lines[0] = lines[0][column:]
    return b"".join(lines).decode()
