"""Read a function: its definition as a libcst tree, where it stands, and what its names mean."""

from __future__ import annotations

import builtins
import inspect
import linecache
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import libcst as cst

from s2s_grad.errors import Location
from s2s_grad.read.find import CHANGED, Found
from s2s_grad.read.parse import Parsed, parse
from s2s_grad.read.text import find, no_source

__all__ = ["Source", "read"]


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
    function, found = find(fn)
    code = function.__code__
    node = _definition(found, code)
    if node is None:
        raise no_source(function, CHANGED)
    signature = inspect.signature(function, follow_wrapped=False)
    return Source(function.__name__, node, function, signature, code.co_filename, found.first_line,
                  found.first_column, parse(found.text))  # fmt: skip


def _definition(found: Found, code: types.CodeType) -> cst.FunctionDef | cst.Lambda | None:
    """Return the definition in a text."""
    try:
        statement: cst.CSTNode = parse(found.text).module.body[0]
    except cst.ParserSyntaxError:
        return None
    if isinstance(statement, cst.If):
        statement = statement.body.body[0]
    if isinstance(statement, cst.SimpleStatementLine):
        line = statement.body[0]
        inner = line.value if isinstance(line, cst.Expr) else None
        return inner if isinstance(inner, cst.Lambda) else None
    if isinstance(statement, cst.FunctionDef) and statement.name.value == code.co_name:
        return statement
    return None
