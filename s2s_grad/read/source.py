"""Read a function: its definition as a libcst tree, where it stands, and what its names mean."""

from __future__ import annotations

import builtins
import functools
import inspect
import linecache
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import libcst as cst

from s2s_grad.errors import Location, NoSource
from s2s_grad.read.find import Found, find_def, find_lambda
from s2s_grad.read.parse import Parsed
from s2s_grad.read.parts import callable_parts

__all__ = ["Source", "read"]

_TO_A_FILE = "Put the function in a file or a notebook cell; its source is needed."


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The definition of a function. `first_line` and `first_column` place `parsed` in the file."""

    name: str
    node: cst.FunctionDef | cst.Lambda
    function: types.FunctionType
    signature: inspect.Signature
    file: str
    first_line: int
    first_column: int
    parsed: Parsed

    def position(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return line (from 1) and column (from 0) of a node in the file."""
        line, column = self.parsed.position(node)
        return self.first_line + line - 1, column + (self.first_column if line == 1 else 0)

    def text_of(self, node: cst.CSTNode) -> str:
        """Return a node as it is written."""
        return self.parsed.text_of(node)

    def location(self, node: cst.CSTNode) -> Location:
        """Return the place of a node, with its line, for an error."""
        line, column = self.position(node)
        lines = self.lines
        text = lines[line - 1].rstrip("\n") if line <= len(lines) else ""
        return Location(self.file, line, column, text)

    def mangled(self, name: str) -> str:
        """Return an attribute's name as the class around it makes it: ``__x`` is private."""
        if not name.startswith("__") or name.endswith("__"):
            return name
        path = self.function.__code__.co_qualname.split(".")[:-1]
        while path and path[-1] == "<locals>":
            path = path[:-2]
        owner = path[-1].lstrip("_") if path else ""
        return f"_{owner}{name}" if owner else name

    @property
    def lines(self) -> list[str]:
        """The lines of the whole file."""
        return linecache.getlines(self.file, self.globals)

    @property
    def globals(self) -> dict[str, Any]:
        """The names of the function's module."""
        function: Any = self.function
        return function.__globals__

    def cell(self, name: str) -> types.CellType | None:
        """Return the cell of a name that belongs to a function around this one."""
        free = self.function.__code__.co_freevars
        return (self.function.__closure__ or ())[free.index(name)] if name in free else None

    def resolve(self, name: str) -> Any:
        """Return the object that a name, not local to the function, stands for now.

        Raises
        ------
        NameError
            If nothing has that name, or its cell is still empty.
        """
        cell = self.cell(name)
        if cell is not None:
            try:
                return cell.cell_contents
            except ValueError:
                raise NameError(name) from None
        if name in self.globals:
            return self.globals[name]
        module: Any = self.globals.get("__builtins__", builtins)
        scope: dict[str, Any] = getattr(module, "__dict__", module)
        if name in scope:
            return scope[name]
        raise NameError(name)


def read(fn: Callable[..., Any]) -> Source:
    """Return the source of a Python function; decorators of its own definition do not matter.

    Partial applications, bound methods and wrappers made in C are read as what they call.

    Raises
    ------
    NoSource
        If there is none: a C function, code typed at a prompt or passed to `exec`, a file that
        has changed since it was imported.
    """
    function = callable_parts(fn).function
    name = getattr(function, "__name__", repr(function))
    if not isinstance(function, types.FunctionType):
        raise NoSource(
            f"`{name}` has no Python source.",
            "Only Python functions can be read; give it a rule of its own instead.",
        )
    code = function.__code__
    where = Location(code.co_filename, code.co_firstlineno)
    lines = _lines(function)
    if not lines:
        raise NoSource(f"the source of `{name}` is not available.", _TO_A_FILE, where)
    found = _find(tuple(lines), code)
    if isinstance(found, str):
        raise NoSource(f"the source of `{name}` cannot be read: {found}.", _remedy(found), where)
    signature = inspect.signature(function, follow_wrapped=False)
    return Source(name, found.node, function, signature, code.co_filename, found.first_line,
                  found.first_column, found.parsed)  # fmt: skip


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
