"""Whether a function that is not read may change what the functions around it read."""

from __future__ import annotations

import dis
import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from s2s_grad.lower.terms.values import acts_at_run_time

__all__ = ["may_change_outside"]

_STORES = {"STORE_GLOBAL", "DELETE_GLOBAL", "STORE_ATTR", "DELETE_ATTR"}
_ITEM_STORES = {"STORE_SUBSCR", "DELETE_SUBSCR", "STORE_SLICE"}
_MUTATORS = {
    "append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "update",
    "setdefault", "popitem", "add", "discard", "appendleft", "popleft", "fill", "put", "resize",
}  # fmt: skip
_MUTABLE = (list, dict, set, np.ndarray)


def may_change_outside(fn: types.FunctionType, seen: frozenset[Any] = frozenset()) -> bool:
    """Return whether running a function may change names, attributes or containers outside of it.

    Its bytecode is asked, and that of the functions whose names it uses; to be asked in vain costs
    a compiled program, not its truth.
    """
    if fn.__code__ in seen:
        return False
    seen = seen | {fn.__code__}
    names = _names_of(fn)
    if any(_changes(code, names) for code in _codes(fn.__code__)):
        return True
    called = [value for value in names.values() if isinstance(value, types.FunctionType)]
    return any(may_change_outside(inner, seen) for inner in called if _is_users(inner))


def _names_of(fn: types.FunctionType) -> dict[str, Any]:
    """Return what the names that are not local to a function stand for."""
    found: dict[str, Any] = {}
    for code in _codes(fn.__code__):
        found.update({n: fn.__globals__[n] for n in code.co_names if n in fn.__globals__})
    for name, cell in zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:
            continue
    return found


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield a function's code and that of the functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _changes(code: types.CodeType, names: dict[str, Any]) -> bool:
    root: str | None = None  # the outer name at the head of the dotted path just loaded
    holds_mutable = False
    stores_items = False
    for instruction in dis.get_instructions(code):
        name, what = instruction.opname, instruction.argval
        if name in _STORES or (name == "STORE_DEREF" and what in code.co_freevars):
            return True
        if name in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF"):
            root = what if what in names else None
            holds_mutable = holds_mutable or isinstance(names.get(what), _MUTABLE)
        elif name in ("LOAD_ATTR", "LOAD_METHOD"):
            if root is not None and (
                what in _MUTATORS or (_is_method(instruction) and acts_at_run_time(names[root]))
            ):
                return True
        else:
            root = None
            stores_items = stores_items or name in _ITEM_STORES
    return holds_mutable and stores_items


def _is_method(instruction: dis.Instruction) -> bool:
    """Return whether an attribute is loaded to be called."""
    if sys.version_info >= (3, 12):
        return bool((instruction.arg or 0) & 1)
    return instruction.opname == "LOAD_METHOD"


def _is_users(fn: types.FunctionType) -> bool:
    return (fn.__module__ or "").partition(".")[0] not in ("numpy", "scipy", "s2s_grad")
