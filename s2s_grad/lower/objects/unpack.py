"""The items of a value whose length is known, as operands of their own."""

from __future__ import annotations

import operator
from typing import Any

from s2s_grad.ir.guards import class_of
from s2s_grad.ir.nodes import Const, Operand, Pack, Var
from s2s_grad.ir.types import Array, Dict, Sequence, Static, Type
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.terms.values import DICT_PARTS, DictView

__all__ = ["expand", "leaves", "pack_of_type", "rebuild"]


def expand(low: Lowerer, operand: Operand) -> Pack | None:
    """Return a container of known structure as a Pack of its items; None if it is none."""
    match operand:
        case Pack():
            return None if operand.kind is slice else operand
        case Const():
            value: Any = operand.value
            if isinstance(value, DictView):
                return _seen(low, value)
            kind: Any = class_of(value)
            if issubclass(kind, dict):
                return Pack(dict, tuple(Const(item) for item in value.values()), tuple(value))
            if issubclass(kind, (tuple, list)):
                items: tuple[Any, ...] = tuple(value)
                return Pack(class_of(value), tuple(Const(item) for item in items))
            return None
        case Var():
            if not isinstance(operand.type, (Sequence, Dict)):
                return None
            found = pack_of_type(low, operand)
            low.memory.read_from[found] = operand
            return found


def _seen(low: Lowerer, view: DictView) -> Pack:
    """Return what a view of a dict shows now."""
    now = low.memory.shallow(view.of)
    if not isinstance(now, Pack):
        low.refuse("the keys of this dict are only known when the program runs.")
    pairs = zip(now.keys, now.items, strict=True)
    return Pack(tuple, tuple(DICT_PARTS[view.part](key, item) for key, item in pairs))


def pack_of_type(low: Lowerer, var: Var) -> Pack:
    """Read the items of a variable that holds a container."""
    t = var.type
    if isinstance(t, Dict):
        items = (_project(low, var, key, item) for key, item in zip(t.keys, t.items, strict=True))
        return Pack(t.kind, tuple(items), t.keys)
    assert isinstance(t, Sequence)
    items = (_project(low, var, place, item) for place, item in enumerate(t.items))
    return Pack(t.kind, tuple(items))


def _project(low: Lowerer, var: Var, key: Any, t: Type) -> Operand:
    if isinstance(t, Static):
        return Const(t.value)
    hint = key if isinstance(key, str) and key.isidentifier() else ""
    item = low.apply(operator.getitem, var, Const(key), hint=hint)
    if isinstance(item, Var) and isinstance(t, Array) and t.shape == ():
        low.aliases.immutable(item)
    if isinstance(item, Var) and isinstance(t, (Sequence, Dict)):
        return pack_of_type(low, item)
    return item


def leaves(operand: Operand) -> list[Operand]:
    """Return the parts of a tree that are no containers, left to right."""
    if isinstance(operand, Pack) and operand.kind is not slice:
        return [leaf for item in operand.items for leaf in leaves(item)]
    return [operand]


def rebuild(operand: Operand, parts: list[Operand]) -> Operand:
    """Return the tree with its leaves replaced by `parts`, which are used up."""
    if isinstance(operand, Pack) and operand.kind is not slice:
        items = tuple(rebuild(item, parts) for item in operand.items)
        return Pack(operand.kind, items, operand.keys)
    return parts.pop(0)
