"""Subscripts: what they read, of arrays, containers and objects."""

from __future__ import annotations

import operator
from typing import Any

import libcst as cst
import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.guards import class_of
from s2s_grad.ir.nodes import Const, Operand, Pack, Var
from s2s_grad.ir.trees import named_fields
from s2s_grad.ir.types import (
    NEVER,
    Array,
    Dict,
    ListOf,
    Range,
    Scalar,
    Sequence,
    Type,
    Unknown,
    join,
)
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.memory.heap import is_conflict
from s2s_grad.lower.objects.lists import list_of
from s2s_grad.lower.objects.records import is_record, special
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.terms.refuse import NeedsStatic
from s2s_grad.lower.terms.static import measured
from s2s_grad.lower.terms.values import (
    MISSING,
    NONE,
    Collecting,
    DictView,
    acts_at_run_time,
    is_undefined,
    static_value,
)

__all__ = ["check_index", "index_of", "joined_by_subscript", "subscript"]


def index_of(low: Lowerer, node: cst.Subscript) -> Operand:
    """Lower the index of a subscript."""
    items = [_index(low, element.slice) for element in node.slice]
    trailing = isinstance(node.slice[-1].comma, cst.Comma)
    return items[0] if len(items) == 1 and not trailing else Pack(tuple, tuple(items))


def _index(low: Lowerer, node: cst.BaseSlice) -> Operand:
    if isinstance(node, cst.Slice):
        bounds = (node.lower, node.upper, node.step)
        return Pack(slice, tuple(NONE if b is None else low.expression(b) for b in bounds))
    assert isinstance(node, cst.Index)
    if node.star:
        low.refuse("a starred index.", "Write the items out.", node.value)
    index = low.expression(node.value)
    if isinstance(index, Const) and isinstance(index.value, range):
        bounds = (index.value.start, index.value.stop, index.value.step)
        return low.call(np.arange, tuple(map(Const, bounds)))
    return low.apply(np.array, index) if isinstance(type_of(index), Range) else index


def subscript(
    low: Lowerer, base: Operand, index: Operand, node: cst.BaseExpression | None = None
) -> Operand:
    """Lower ``base[index]``."""
    base = low.latest(base)
    if is_conflict(base):
        low.current(base)
    if is_record(base):
        own = special(low, operator.getitem, (base, index), low.builder.origin)
        if own is None:
            low.refuse("an object whose class has no `__getitem__` has no items.")
        return own
    key = static_value(index)
    if isinstance(base, Const) and isinstance(base.value, DictView):
        low.refuse(f"{base.value.what} has no items by index.", "Make a list of it.")
    if isinstance(base, Const) and isinstance(base.value, Collecting):
        return _item_so_far(low, base, base.value, key)
    container = base if isinstance(base, Pack) else None
    if isinstance(base, Const):
        container = expand(low, base)
    if container is not None and key is not MISSING:
        return _item(low, container, key)
    origin = None if node is None else low.origin(node)
    t = type_of(base)
    if isinstance(t, (Sequence, Dict)) and not isinstance(base, Const):
        if key is MISSING or isinstance(index, Pack):
            container = expand(low, base)
        if key is not MISSING and container is not None:
            return _item(low, container, key)
    if container is not None:
        return _dynamic_item(low, container, index, origin)
    if isinstance(base, Const) and not isinstance(t, (Array, ListOf)):
        found = _item_of_object(low, base, index, key)
        if found is not None:
            return found
    check_index(low, index)
    return low.apply(operator.getitem, base, index, origin=origin)


def _item_of_object(low: Lowerer, base: Const, index: Operand, key: Any) -> Operand | None:
    """Lower a subscript of an object that is known; None for a range, which can be indexed."""
    value: Any = base.value
    if acts_at_run_time(value):
        kind: Any = class_of(value)
        if not low.outside.has_attribute(kind, "__getitem__"):
            low.refuse(f"an object of the class `{kind.__name__}` has no items.")
        return low.call(kind.__getitem__, (base, index))
    if key is not MISSING:
        try:
            return Const(value[key])
        except Exception as error:
            low.refuse(f"this subscript fails: {error!r}.")
    joined = joined_by_subscript(low, value, index)
    if joined is None and not isinstance(value, range):
        raise NeedsStatic.of(low, index)
    return joined


def _item_so_far(low: Lowerer, operand: Operand, base: Collecting, key: Any) -> Operand:
    """Lower a subscript of a list that the loop around it fills: its last items are known."""
    if isinstance(key, int) and -len(base.items) <= key < 0:
        return base.items[key]
    if key == -1 and not is_undefined(base.last):
        return base.last
    low.refuse_collecting(operand)


def _item(low: Lowerer, container: Pack, key: Any) -> Operand:
    kind: Any = container.kind
    sliced: Any = isinstance(key, slice)
    if sliced and kind is not dict:
        named = named_fields(kind) is not None  # a slice of a NamedTuple is a plain tuple
        return Pack(tuple if named else kind, container.items[key])
    try:
        place = container.keys.index(key) if kind is dict else operator.index(key)
        return container.items[place]
    except (IndexError, ValueError, TypeError):
        size = len(container.items)
        what = f"a dict with the keys {list(container.keys)}" if container.keys else f"{size} items"
        reason = f"there is no item {key!r} in {what}."
        if kind not in (dict, tuple, list) or (kind is not dict and not isinstance(key, int)):
            low.refuse(reason, "Check the key, or its bounds.")
        error = KeyError(key) if kind is dict else IndexError(f"{kind.__name__} index out of range")
        low.fail(error, reason, "Check the key, or its bounds.")


def _dynamic_item(low: Lowerer, container: Pack, index: Operand, origin: Any) -> Operand:
    """Lower a subscript of a container of known length with a computed index."""
    numbers = [static_value(item) for item in container.items]
    plain = all(isinstance(number, (int, float, complex)) for number in numbers)
    listed = container.kind in (tuple, list) and bool(container.items)
    if listed and plain and isinstance(index, Var) and not isinstance(type_of(index), Unknown):
        kind: Type = NEVER
        for item in container.items:
            kind = join(kind, measured(item))
        return low.apply(operator.getitem, container, index, origin=origin, type=kind)
    need = NeedsStatic.of(low, index)
    whole = container.kind in (tuple, list) and isinstance(type_of(index), Scalar)
    found = list_of(low, container) if whole and not need.parameters else None
    if found is None:
        raise need
    return low.apply(operator.getitem, found, index, origin=origin)


def joined_by_subscript(low: Lowerer, how: Any, index: Operand) -> Operand | None:
    """Lower ``np.r_[...]`` and ``np.c_[...]`` of values; None for any other base."""
    if how is not np.r_ and how is not np.c_:
        return None
    items = index.items if isinstance(index, Pack) and index.kind is tuple else (index,)
    parts = tuple(_part(low, item) for item in items)
    if how is np.c_:
        return low.call(np.column_stack, (Pack(tuple, parts),))
    ranks = {rank_of(part) for part in parts}
    if ranks <= {0, 1}:
        return low.call(np.hstack, (Pack(tuple, parts),))
    if len(ranks) > 1 or None in ranks:
        low.refuse("`np.r_` of arrays of unlike or unknown ranks.", "Use `np.concatenate`.")
    return low.call(np.concatenate, (Pack(tuple, parts),))


def _part(low: Lowerer, item: Operand) -> Operand:
    if isinstance(static_value(item), str):
        low.refuse("directions for `np.r_` are not supported.", "Use `np.concatenate`.")
    if not isinstance(item, Pack):
        return item
    if item.kind is not slice:
        return low.call(np.array, (item,))
    start, stop, step = item.items
    start = Const(0) if static_value(start) is None else start
    count = static_value(step)
    if isinstance(count, complex):
        return low.call(np.linspace, (start, stop, Const(int(abs(count)))))
    return low.call(np.arange, (start, stop, Const(1) if count is None else step))


def rank_of(operand: Operand) -> int | None:
    t = type_of(operand)
    return t.rank if isinstance(t, Array) else 0


def check_index(low: Lowerer, index: Operand) -> None:
    """Refuse what is no index of an array, such as the key of a dict."""
    key = static_value(index)
    if isinstance(key, (str, bytes)):
        low.refuse(
            "text is the key of what is not known to be a dict.", "Give the types of arguments."
        )
    if isinstance(key, (float, complex)):
        low.refuse("an index that is no whole number.", "Make it an int.")
