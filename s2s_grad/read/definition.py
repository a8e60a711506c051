"""The syntax tree of a function's definition, as Python compiles it."""

from __future__ import annotations

import ast
import types
from collections.abc import Iterator

from s2s_grad.errors import NoSource
from s2s_grad.read.text import find

__all__ = ["bound_in", "definition_in", "definition_of"]

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def definition_of(function: types.FunctionType) -> Definition | None:
    """Return a function's definition; None where there is no source."""
    try:
        _, found = find(function)
        return definition_in(found.text, function.__code__.co_name)
    except (NoSource, SyntaxError):
        return None


def definition_in(text: str, name: str) -> Definition | None:
    """Return the definition that a piece of source is about: the outermost one."""
    statement = ast.parse(text).body[0]
    if isinstance(statement, ast.If):
        statement = statement.body[0]
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Lambda):
        return statement.value
    named = isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef))
    return statement if named and statement.name == name else None


def bound_in(node: ast.AST) -> Iterator[str]:
    """Yield the names that are bound anywhere in a function."""
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                if inner is not node:
                    yield name
            case ast.alias(name=name, asname=other):
                yield other or name.partition(".")[0]
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                yield name
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                yield name
            case _:
                pass
