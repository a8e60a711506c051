"""Whether a function that is not read may change what the functions around it read."""

from __future__ import annotations

import ast
import types
from typing import Any

import numpy as np

from s2s_grad.code_objects import codes, global_names, operations
from s2s_grad.lower.terms.values import acts_at_run_time
from s2s_grad.read.definition import definition_of

__all__ = ["may_change_outside"]

_STORES = {"STORE_GLOBAL", "DELETE_GLOBAL", "STORE_ATTR", "DELETE_ATTR", "STORE_DEREF"}
_ITEM_STORES = {"STORE_SUBSCR", "DELETE_SUBSCR", "STORE_SLICE"}
_MUTATORS = {
    "append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "update",
    "setdefault", "popitem", "add", "discard", "appendleft", "popleft", "fill", "put", "resize",
}  # fmt: skip
_MUTABLE = (list, dict, set, np.ndarray)


def may_change_outside(fn: types.FunctionType, seen: frozenset[Any] = frozenset()) -> bool:
    """Return whether running a function may change names, attributes or containers outside of it.

    Its source is asked (or, for want of it, the kinds of its instructions), and that of the
    functions whose names it uses; to be asked in vain costs a compiled program, not its truth.
    """
    if fn.__code__ in seen:
        return False
    seen = seen | {fn.__code__}
    names = _names_of(fn)
    definition = definition_of(fn)
    if _may_store(fn.__code__, names) if definition is None else _changes(definition, names):
        return True
    called = [value for value in names.values() if isinstance(value, types.FunctionType)]
    return any(may_change_outside(inner, seen) for inner in called if _is_users(inner))


def _names_of(fn: types.FunctionType) -> dict[str, Any]:
    """Return what the names that are not local to a function stand for."""
    found: dict[str, Any] = {}
    for code in codes(fn.__code__):
        found.update({n: fn.__globals__[n] for n in code.co_names if n in fn.__globals__})
    for name, cell in zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:
            continue
    return found


def _changes(definition: ast.AST, names: dict[str, Any]) -> bool:
    holds_mutable = stores_items = False
    for node in ast.walk(definition):
        match node:
            case ast.Global() | ast.Nonlocal() | ast.Attribute(ctx=ast.Store() | ast.Del()):
                return True
            case ast.Subscript(ctx=ast.Store() | ast.Del()):
                stores_items = True
            case ast.Name(id=name):
                holds_mutable = holds_mutable or isinstance(names.get(name), _MUTABLE)
            case ast.Attribute(attr=name) if name in _MUTATORS and _root(node) in names:
                return True
            case ast.Call(func=ast.Attribute() as called) if _root(called) in names:
                if acts_at_run_time(names[_root(called)]):
                    return True
            case _:
                pass
    return holds_mutable and stores_items


def _may_store(code: types.CodeType, names: dict[str, Any]) -> bool:
    """Return whether code without source could change what is outside, by its instructions."""
    kinds = operations(code)
    if kinds & _STORES or not _MUTATORS.isdisjoint(global_names(code)):
        return True
    if any(acts_at_run_time(value) for value in names.values()):
        return True
    return bool(kinds & _ITEM_STORES) and any(isinstance(v, _MUTABLE) for v in names.values())


def _root(node: ast.expr) -> str:
    """Return the name at the head of a path such as ``a.b[0].c``."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_users(fn: types.FunctionType) -> bool:
    return (fn.__module__ or "").partition(".")[0] not in ("numpy", "scipy", "s2s_grad")
