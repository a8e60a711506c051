"""Writes: to items of arrays and containers, and in place as ``x += y`` does."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.analysis.indexing import index_kind
from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Apply, Const, Operand, Pack, Var
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.types import (
    Array,
    Dict,
    ListOf,
    Scalar,
    Sequence,
    Type,
    Unknown,
    join,
    same_dtype,
)
from s2s_grad.lower.control.operations import binary
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.memory.fit import check_axes, check_depth
from s2s_grad.lower.objects.containers import extend as extend_pack
from s2s_grad.lower.objects.items import items_of
from s2s_grad.lower.objects.lists import delete, extend, list_of, replace_part
from s2s_grad.lower.objects.records import call_method, is_record, update
from s2s_grad.lower.objects.subscripts import check_index
from s2s_grad.lower.objects.unpack import expand, leaves
from s2s_grad.lower.terms.refuse import NeedsStatic
from s2s_grad.lower.terms.values import MISSING, static_value
from s2s_grad.runtime import add_at, with_item

__all__ = [
    "augmented",
    "augmented_item",
    "check_complex",
    "check_kind",
    "delete_item",
    "store",
    "write_all",
]

_ALL = Const(Ellipsis, "...")


def store(low: Lowerer, base: Operand, index: Operand, value: Operand) -> None:
    """Lower ``base[index] = value``."""
    base = low.latest(base)
    if is_record(base):
        call_method(low, base, "__setitem__", (index, value))
        return
    if _is_container(base):
        _store_item(low, base, index, value)
        return
    check_index(low, index)
    check_complex(low, base, value)
    written = _as_array(low, base, value)
    if isinstance(value, Pack):
        check_depth(low, base, index, written)
    low.memory.write(base, index, written)


def write_all(low: Lowerer, target: Operand, value: Operand) -> None:
    """Lower ``target[...] = value`` of a value that was made for it, so that no name has it."""
    if _fits(target, value) and _is_new(low, value):
        low.memory.write(target, None, value)
    else:
        store(low, target, _ALL, value)


def _is_container(base: Operand) -> bool:
    if isinstance(base, Const):
        return not isinstance(base.value, np.ndarray)
    return isinstance(base, Pack) or isinstance(base.type, (Sequence, Dict, ListOf))


def _as_array(low: Lowerer, base: Operand, value: Operand) -> Operand:
    """Return what is written as an array or number, checked against the array's dtype."""
    if isinstance(value, Pack):
        value = low.call(np.array, (value,))
    into = type_of(base)
    if isinstance(into, Array) and into.dtype is not None and into.dtype.kind in "iub":
        if _kind(type_of(value)) == "f":
            low.refuse(
                f"a float is written to an array of dtype {into.dtype}, which cuts it off and has "
                "no derivative.",
                "Make the array float, or write `int(...)` of the value.",
            )
    return value


def _kind(t: Type) -> str | None:
    """Return "f" for real and "c" for complex numbers, None for what is not known or neither."""
    if isinstance(t, Scalar):
        return {"float": "f", "complex": "c"}.get(t.kind)
    return t.dtype.kind if isinstance(t, Array) and t.dtype is not None else None


def check_kind(low: Lowerer, target: Operand, value: Operand) -> None:
    """Refuse an operation in place of real numbers with complex ones, which raises."""
    kinds = {_kind(type_of(leaf)) for leaf in leaves(value)}
    t, given = type_of(target), "c" if "c" in kinds else _kind(type_of(value))
    if not isinstance(t, Array):
        return
    perhaps = given is None and _has_complex(low, value)
    if (t.dtype is None and (perhaps or given == "c")) or (_kind(t) == "f" and perhaps):
        low.refuse(
            "an array is updated in place where it depends on data what is complex.",
            "Make it complex from the start.",
            about=(target, value),
        )
    if _kind(t) == "f" and given == "c":
        low.refuse(
            "an array of real numbers is updated in place with complex ones.",
            "Make the array complex, or take the real part.",
        )


def check_complex(low: Lowerer, target: Operand, value: Operand) -> None:
    """Refuse Python's complex numbers for real ones, which raises; NumPy's lose a part."""
    if _kind(type_of(target)) == "f" and any(
        type_of(leaf) == Scalar("complex") for leaf in leaves(value)
    ):
        low.refuse(
            "a complex number is written to an array of real numbers, which Python refuses.",
            "Make the array complex, or take the real part.",
        )


def _has_complex(low: Lowerer, value: Operand) -> bool:
    """Return whether values of unknown dtype may be complex: a parameter is."""
    unknown = not isinstance(type_of(value), Scalar)
    return unknown and any(_kind(type_of(var)) == "c" for var in low.parameters)


def _store_item(low: Lowerer, base: Operand, index: Operand, value: Operand) -> None:
    if isinstance(type_of(base), ListOf):
        if isinstance(index, Pack):
            replace_part(low, base, index, value)
            return
        t = _with_item_of(low, type_of(base), value)
        low.memory.advance(base, low.apply(with_item, base, index, value, type=t))
        return
    kind = base.kind if isinstance(base, Pack) else None
    if kind not in (list, dict) or not isinstance(base, Pack):
        low.refuse(
            "assignment to an item of this container is not possible here.",
            "Use a list or dict that the function makes itself.",
        )
    key = static_value(index)
    if key is MISSING and kind is list:
        listed = list_of(low, base, value)
        if listed is not None:
            low.memory.advance(
                base, low.apply(with_item, listed, index, value, type=type_of(listed))
            )
            return
    if key is MISSING:
        raise NeedsStatic.of(low, index, "which item is assigned is only known at run time.")
    if kind is dict:
        pairs = dict(zip(base.keys, base.items, strict=True)) | {key: value}
        low.memory.advance(base, Pack(dict, tuple(pairs.values()), tuple(pairs)))
        return
    items: list[Operand] = list(base.items)
    try:
        if isinstance(key, slice):
            items[key] = items_of(low, value)
        else:
            items[key] = value
    except (IndexError, ValueError, TypeError) as error:
        low.refuse(f"this assignment to a list of {len(base.items)} items fails: {error}.")
    low.memory.advance(base, Pack(list, tuple(items)))


def _with_item_of(low: Lowerer, t: Type, value: Operand) -> Type:
    """Return the type of a list once it holds a value, too."""
    assert isinstance(t, ListOf)
    found = type_of(value)
    item = join(t.item, Scalar(found.kind) if isinstance(found, Scalar) else found)
    if isinstance(item, Unknown) and not isinstance(t.item, Unknown):
        low.refuse("an item unlike the others in this list.", "Keep items of one kind in a list.")
    return ListOf(item, t.length)


def delete_item(low: Lowerer, base: Operand, index: Operand) -> None:
    """Lower ``del base[index]``."""
    base = low.latest(base)
    if isinstance(type_of(base), ListOf):
        _delete_existing(low, base, index)
        return
    if not isinstance(base, Pack) or base.kind not in (list, dict):
        low.refuse("`del` of an item of this container is not possible.", "Make a new container.")
    key = static_value(index)
    listed = list_of(low, base) if key is MISSING and base.kind is list else None
    if listed is not None:
        _delete_existing(low, listed, index)
        low.memory.advance(base, low.memory.value(listed))
        return
    if key is MISSING:
        raise NeedsStatic.of(low, index, "which item is deleted is only known at run time.")
    keys, items = list(base.keys), list(base.items)
    try:
        if base.kind is dict:
            key = keys.index(key)
            del keys[key]
        del items[key]
    except (IndexError, ValueError, TypeError) as error:
        low.refuse(f"this `del` of an item fails: {error!r}.")
    low.memory.advance(base, Pack(base.kind, tuple(items), tuple(keys)))


def _delete_existing(low: Lowerer, x: Operand, index: Operand) -> None:
    """Lower ``del x[index]`` of a list of run-time length, which raises where there is no item."""
    if not isinstance(index, Pack):
        low.apply(operator.getitem, x, index)
    delete(low, x, index)


def _is_new(low: Lowerer, value: Operand) -> bool:
    """Return whether a value was just made, in memory of its own."""
    last = low.builder.statements[-1] if low.builder.statements else None
    if not isinstance(last, Apply) or last.result is not value:
        return False
    return low.aliases.of(value) == frozenset({last.result})


def _fits(target: Operand, value: Operand) -> bool:
    """Return whether a value is known to have the shape and dtype of what it is written to."""
    a, b = type_of(target), type_of(value)
    if not (isinstance(a, Array) and isinstance(b, Array) and isinstance(value, Var)):
        return False
    known = a.shape is not None and a.dtype is not None and bool(a.shape)
    return known and a.shape == b.shape and same_dtype(a.dtype, b.dtype)


# ------------------------------------------------------------------ augmented assignment


def augmented(
    low: Lowerer, fn: Callable[..., Any], old: Operand, value: Operand, inplace: bool
) -> Operand:
    """Lower ``old += value`` and return what the target is bound to afterwards.

    `inplace` says that `old` is an array that is changed, not a number that is replaced.
    """
    if isinstance(old, Var) and isinstance(old.type, (Sequence, Dict)) and old.type.kind is list:
        old = expand(low, old) or old
    own = update(low, fn, old, value, low.builder.origin)
    if own is not None:
        return own
    t, now = type_of(old), low.memory.shallow(old)
    if isinstance(now, Pack) and now.kind is list and fn is np.add:
        extend_pack(low, now, value)
        return old
    if isinstance(type_of(now), ListOf) and fn is np.add:
        extend(low, now, value)
        return old
    if isinstance(now, Pack) and now.kind is dict and fn is np.bitwise_or:
        more = low.call(builtins.dict, (value,))
        low.memory.advance(now, binary(low, fn, now, more, low.builder.origin))
        return old
    listed = (isinstance(now, Pack) and now.kind is list) or isinstance(type_of(now), ListOf)
    if listed and fn is np.multiply:
        low.memory.advance(now, binary(low, fn, now, value, low.builder.origin))
        return old
    if not inplace:
        return binary(low, fn, old, value, low.builder.origin)
    check_kind(low, old, value)
    result = binary(low, fn, old, value, low.builder.origin)
    check_axes(low, old, result)
    if isinstance(t, Array) and t.dtype is not None:
        after = type_of(result)
        if isinstance(after, Array) and not same_dtype(t.dtype, after.dtype):
            result = low.apply(np.astype, _as_array(low, old, result), Const(t.dtype))
    write_all(low, old, result)
    return old


def augmented_item(
    low: Lowerer, fn: Callable[..., Any], base: Operand, index: Operand, read: Operand, value: Any
) -> None:
    """Lower ``base[index] += value`` of an array, from the item as it was read before."""
    before = low.memory.value(base)
    operand: Operand = value()
    unchanged = low.memory.value(base) is before
    kind = index_kind(index, type_of)
    single = isinstance(type_of(read), Scalar) or not low.aliases.of(read)
    if not single:
        check_kind(low, read, operand)
        check_axes(low, read, operand)
    if primitive(fn).sums and (kind.basic or kind.mask) and (unchanged or not single):
        amount = operand if fn is np.add else low.apply(np.negative, operand)
        low.memory.write(base, index, _as_array(low, base, amount), add_at)
        return
    result = binary(low, fn, read, operand, low.builder.origin)
    store(low, base, index, result)
