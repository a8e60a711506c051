"""The code of a function with hooks where it reads an attribute or calls what it was given.

A function that runs on tensors is a copy with other globals. What it reaches in another way than by
name, such as the method of an object, has to be made a copy when it is reached. So ``a.b`` becomes
``attribute(a, "b")``, and ``f(x)`` becomes ``callee(f)(x)`` unless it is known what `f` is.
"""

from __future__ import annotations

import ast
import functools
import types
from typing import Any

import numpy as np

from s2s_grad.code_objects import only_called, renamed
from s2s_grad.errors import NoSource
from s2s_grad.read.definition import bound_in, definition_in
from s2s_grad.read.text import find

__all__ = ["ATTRIBUTE", "CALLEE", "FLOAT", "IS", "MODULO", "TEXT", "instrumented"]

ATTRIBUTE = "__s2s_attribute__"
CALLEE = "__s2s_callee__"
FLOAT = "__s2s_float__"
IS = "__s2s_is__"
MODULO = "__s2s_modulo__"
TEXT = "__s2s_text__"
_CLASSES = {name for name, value in vars(np).items() if isinstance(value, type)}
_FUTURES = 0x1FF0000  # the flags of `from __future__ import ...`


def instrumented(
    fn: types.FunctionType, known: frozenset[str]
) -> tuple[types.CodeType, tuple[Any, ...] | None]:
    """Return the code of a function with hooks, and its cells in that code's order.

    `known` are the names whose members and calls need no hook. Code without source stays as it is,
    but for calls of `float`.
    """
    code = fn.__code__
    try:
        _, found = find(fn)
        text, line, column = found.text, found.first_line, found.first_column
        hooked = _compiled(code, text, line, column, known, _class_name(fn))
    except (NoSource, SyntaxError):
        hooked = None
    if hooked is None:
        floats = "float" not in fn.__globals__ and only_called(code, "float")
        return renamed(code, "float", FLOAT) if floats else code, fn.__closure__
    cells = dict(zip(code.co_freevars, fn.__closure__ or (), strict=True))
    return hooked, tuple(cells[name] for name in hooked.co_freevars) or None


def _class_name(fn: types.FunctionType) -> str:
    """Return the name of the class around a function, by which its private names are known."""
    path = fn.__qualname__.split(".")
    return path[-2].lstrip("_") if len(path) > 1 and path[-2] != "<locals>" else ""


@functools.lru_cache(maxsize=1024)
def _compiled(
    code: types.CodeType,
    text: str,
    line: int,
    column: int,
    known: frozenset[str],
    owner: str,
) -> types.CodeType | None:
    node = definition_in(text, code.co_name)
    if node is None or isinstance(node, ast.AsyncFunctionDef):
        return None
    _move(node, line, column)
    _strip(node)
    bound = frozenset(bound_in(node))
    body = _Hooks(known - bound, owner, bound | {*code.co_freevars}).visit(node)
    statement = body if isinstance(body, ast.FunctionDef) else ast.Expr(body)
    names = [ast.arg(name) for name in code.co_freevars]
    arguments = ast.arguments(
        posonlyargs=[], args=names, kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    own = [] if isinstance(body, ast.Lambda) or body.name in code.co_freevars else [body.name]
    scope: list[ast.stmt] = [ast.Global(own)] if own else []  # what it calls itself by is no cell
    outer = ast.FunctionDef("around", arguments, [*scope, statement], [])
    if hasattr(outer, "type_params"):
        outer.type_params = []  # pyright: ignore[reportAttributeAccessIssue]
    module = ast.fix_missing_locations(ast.Module([ast.copy_location(outer, node)], []))
    whole = compile(module, code.co_filename, "exec", code.co_flags & _FUTURES, True)
    found = _inner(_inner(whole, "around"), code.co_name)
    if set(found.co_freevars) - set(code.co_freevars):
        return None
    return found.replace(co_qualname=code.co_qualname)


def _move(node: ast.AST, line: int, column: int) -> None:
    """Give a definition the place that it has in its file."""
    inner: Any
    for inner in ast.walk(node):
        if column and getattr(inner, "lineno", 0) == 1:
            inner.col_offset += column
            inner.end_col_offset += column if inner.end_lineno == 1 else 0
    ast.increment_lineno(node, line - 1)


def _strip(node: ast.FunctionDef | ast.Lambda) -> None:
    """Take away what is evaluated where a function is defined."""
    node.args.defaults = []
    node.args.kw_defaults = [None] * len(node.args.kwonlyargs)
    if isinstance(node, ast.FunctionDef):
        node.decorator_list = []
        node.returns = None
    for arg in ast.walk(node.args):
        if isinstance(arg, ast.arg):
            arg.annotation = None


def _inner(code: types.CodeType, name: str) -> types.CodeType:
    """Return the code of the function of a name that is defined in a function."""
    codes = (item for item in code.co_consts if isinstance(item, types.CodeType))
    return next(item for item in codes if item.co_name == name)


class _InClassBody(ast.NodeTransformer):
    """Let the body of a class find names of the module.

    Python looks for them in the plain dictionary of globals there; in functions it asks the object.
    """

    def __init__(self, bound: frozenset[str] | set[str]) -> None:
        self.bound = bound

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self.bound or not isinstance(node.ctx, ast.Load):
            return node
        none = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
        return ast.copy_location(ast.Call(ast.Lambda(none, node), [], []), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.decorator_list = [self.visit(item) for item in node.decorator_list]
        node.args.defaults = [self.visit(item) for item in node.args.defaults]
        node.args.kw_defaults = [
            item if item is None else self.visit(item) for item in node.args.kw_defaults
        ]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.value = node.value if node.value is None else self.visit(node.value)
        node.annotation = self.visit(node.annotation)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return node


class _Hooks(ast.NodeTransformer):
    """Put the hooks in; `owner` is the class whose private names are written out."""

    def __init__(self, known: frozenset[str], owner: str, bound: frozenset[str]) -> None:
        self.known = known
        self.owner = owner
        self.bound = bound

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        before, self.owner = self.owner, node.name.lstrip("_")
        self.generic_visit(node)
        self.owner = before
        own = set(bound_in(node))
        node.body = [_InClassBody(own | self.bound).visit(item) for item in node.body]
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._written_out(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self._written_out(node.arg)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        node.attr = self._written_out(node.attr)
        if self._is_known(node):
            return node
        node.value = self.visit(node.value)
        if not isinstance(node.ctx, ast.Load):
            return node
        return _call(ATTRIBUTE, node, node.value, ast.Constant(node.attr))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        known = self._is_known(node.func)
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec"):
            node.args = [_call(TEXT, arg, arg) for arg in node.args]
        if not known:
            node.func = _call(CALLEE, node.func, node.func)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        text = isinstance(node.left, ast.JoinedStr) or (
            isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)
        )
        if isinstance(node.op, ast.Mod) and text:  # which would ask for plain numbers
            return _call(MODULO, node, node.left, node.right)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        left, right = node.left, node.comparators[0]
        if len(node.ops) > 1 or not isinstance(node.ops[0], (ast.Is, ast.IsNot)):
            return node
        if isinstance(left, ast.Constant) or isinstance(right, ast.Constant):
            return node
        found = _call(IS, node, left, right)
        same = isinstance(node.ops[0], ast.Is)
        return found if same else ast.copy_location(ast.UnaryOp(ast.Not(), found), node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.target = self.visit(node.target)
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_MatchValue(self, node: ast.MatchValue) -> ast.AST:
        return node

    def visit_MatchClass(self, node: ast.MatchClass) -> ast.AST:
        node.patterns = [self.visit(pattern) for pattern in node.patterns]
        node.kwd_patterns = [self.visit(pattern) for pattern in node.kwd_patterns]
        return node

    def _is_known(self, node: ast.expr) -> bool:
        """Return whether a name, or a path that begins with one, needs no hook."""
        while isinstance(node, ast.Attribute):
            if node.attr in _CLASSES:
                return False
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.known

    def _written_out(self, name: str) -> str:
        private = self.owner and name.startswith("__") and not name.endswith("__")
        return f"_{self.owner}{name}" if private else name


def _call(hook: str, place: ast.expr, *args: ast.expr) -> ast.expr:
    name = ast.copy_location(ast.Name(hook, ast.Load()), place)
    return ast.copy_location(ast.Call(name, list(args), []), place)
