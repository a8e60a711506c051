"""Prove that two arrays have one shape by how they are made: the same part of equal sizes."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from s2s_grad.analysis.indexing import index_items, index_kind
from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Apply, Const, Operand, Pack, Var
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.types import Array, Dim, Scalar

__all__ = ["extents_of", "index_key", "same_extents"]

Definitions = Mapping[Var, Apply]
_Key = object
_DEPTH = 12


def same_extents(a: Operand, b: Operand, definitions: Definitions) -> bool:
    """Return whether two operands are proven to have one shape."""
    if a is b:
        return True
    first = extents_of(a, definitions)
    return first is not None and first == extents_of(b, definitions)


def extents_of(
    operand: Operand, definitions: Definitions, depth: int = _DEPTH
) -> tuple[_Key, ...] | None:
    """Return a key of each axis: equal keys are equal sizes; None where the rank is unknown."""
    t = type_of(operand)
    if isinstance(t, Scalar):
        return ()
    if not isinstance(t, Array) or t.shape is None:
        return None
    known: tuple[_Key, ...] = t.shape
    made = definitions.get(operand) if isinstance(operand, Var) else None
    if made is None or not depth or all(_is_known(size) for size in t.shape):
        return known
    found: tuple[_Key, ...] | None = None
    if primitive(made.fn).keeps_shape and not made.kwargs:
        found = extents_of(made.args[0], definitions, depth - 1)
    elif made.fn is np.broadcast_to and isinstance(made.args[1], Var):
        asked = definitions.get(made.args[1])
        if asked is not None and asked.fn is np.shape:
            found = extents_of(asked.args[0], definitions, depth - 1)
    elif isinstance(made.fn, np.ufunc) and not made.kwargs:
        parts = [extents_of(arg, definitions, depth - 1) for arg in made.args]
        arrays = [part for part in parts if part != ()]
        found = arrays[0] if arrays and all(part == arrays[0] for part in arrays) else None
    elif made.fn is operator.getitem and index_kind(made.args[1], type_of).basic:
        base = extents_of(made.args[0], definitions, depth - 1)
        found = None if base is None else _part(base, made.args[1], definitions)
    if found is None or len(found) != len(known):
        return known
    pairs = zip(t.shape, found, strict=True)
    return tuple(size if _is_known(size) else key for size, key in pairs)


def _is_known(size: object) -> bool:
    return isinstance(size, int) or (isinstance(size, Dim) and not size.symbol.startswith("?"))


def _part(
    base: tuple[_Key, ...], index: Operand, definitions: Definitions
) -> tuple[_Key, ...] | None:
    items = list(index_items(index))
    used = sum(1 for item in items if not _is_none(item) and not _is_ellipsis(item))
    if used > len(base):
        return None
    if not any(_is_ellipsis(item) for item in items):
        items.append(Const(Ellipsis))
    found: list[_Key] = []
    axis = 0
    for item in items:
        if _is_none(item):
            found.append(1)
        elif _is_ellipsis(item):
            rest = len(base) - used
            found.extend(base[axis : axis + rest])
            axis += rest
        elif isinstance(item, Pack) or (isinstance(item, Const) and isinstance(item.value, slice)):
            found.append((base[axis], index_key(item, definitions)))
            axis += 1
        else:
            axis += 1
    return tuple(found)


def _is_none(item: Operand) -> bool:
    return isinstance(item, Const) and item.value is None


def _is_ellipsis(item: Operand) -> bool:
    return isinstance(item, Const) and item.value is Ellipsis


def index_key(operand: Operand, definitions: Definitions, depth: int = _DEPTH) -> _Key:
    """Return a key of a subscript: equal keys are the same positions."""
    match operand:
        case Var():
            made = definitions.get(operand)
            if made is None or not depth or not primitive(made.fn).arithmetic or made.kwargs:
                return operand
            return (made.fn, *(index_key(arg, definitions, depth - 1) for arg in made.args))
        case Const(value=value) if isinstance(value, slice):
            cut = cast("slice[Any, Any, Any]", value)
            return slice, cut.start, cut.stop, cut.step
        case Const(value=value):
            simple = isinstance(value, (bool, int, str, type(None), type(Ellipsis)))
            return (type(value), value) if simple else operand
        case Pack():
            items = tuple(index_key(item, definitions, depth) for item in operand.items)
            return operand.kind, *items
