"""The items of a value whose length is known, as operands of their own."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import libcst as cst
import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.guards import class_of
from s2s_grad.ir.nodes import Const, Operand, Pack, Var
from s2s_grad.ir.types import Array, Dict, Sequence, Static, Type
from s2s_grad.lower.values import DICT_PARTS, DictView, Internal, acts_at_run_time
from s2s_grad.runtime import check_length

if TYPE_CHECKING:
    from s2s_grad.lower.lowerer import Lowerer

__all__ = ["expand", "items_of", "leaves", "pack_of_type", "rebuild"]


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


def items_of(
    low: Lowerer, operand: Operand, count: int | None = None, node: cst.CSTNode | None = None
) -> tuple[Operand, ...]:
    """Return what iterating over an operand gives; `count` is how many there have to be.

    An array or list whose length is not known is read item by item where `count` is given.
    """
    if isinstance(operand, Const) and isinstance(operand.value, Internal):
        from s2s_grad.lower.iterate import static_items

        return static_items(low, operand, node)
    packed = expand(low, operand)
    if packed is not None:
        if packed.kind is dict:
            return tuple(Const(key) for key in packed.keys)
        if issubclass(packed.kind, (tuple, list)):
            return packed.items
        from s2s_grad.lower.iterate import static_items

        return static_items(low, packed, node)
    t = type_of(operand)
    if isinstance(operand, Const) and not isinstance(operand.value, (np.ndarray, np.generic)):
        if acts_at_run_time(operand.value):
            name = class_of(operand.value).__name__
            low.refuse(
                f"the items of an object of the class `{name}` are only known when the program "
                "runs.",
                "Make a tuple of them outside of the function.",
                node,
            )
        try:
            return tuple(Const(item) for item in operand.value)
        except TypeError:
            low.refuse(f"`{operand.value!r}` has no items.", node=node)
    first = t.shape[0] if isinstance(t, Array) and t.shape else None
    if isinstance(first, int):
        count = first
    elif count is not None:
        low.effect(check_length, operand, Const(count))
    if count is None:
        from s2s_grad.lower.refuse import NeedsStatic

        raise NeedsStatic.of(
            low,
            operand,
            "how many items this has is only known when the program runs.",
            "Use a tuple or list of a fixed length.",
        )
    return tuple(low.apply(operator.getitem, operand, Const(place)) for place in range(count))


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
