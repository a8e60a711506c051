"""Changes of lists whose length is only known when the program runs: joins of their parts."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Const, Operand, Origin, Pack
from s2s_grad.ir.types import NEVER, Array, ListOf, Scalar, Type, join
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.containers import append
from s2s_grad.lower.objects.items import items_of
from s2s_grad.lower.objects.iterate import as_sequence, iterate, known_items
from s2s_grad.lower.terms.values import (
    MISSING,
    NONE,
    Args,
    Internal,
    Kwargs,
    contains_internal,
    static_value,
)

__all__ = ["LIST_METHODS", "delete", "extend", "list_of", "replace_part"]

ListMethod = Callable[["Lowerer", Operand, Args, Kwargs, Origin], Operand]

_FIRST, _LAST = Const(0), Const(-1)


def delete(low: Lowerer, x: Operand, index: Operand) -> None:
    """Lower ``del x[index]``."""
    if isinstance(index, Pack):
        replace_part(low, x, index, Pack(list, ()))
        return
    place = static_value(index)
    if place == -1:
        rest = _part(low, x, NONE, _LAST)
    elif place == 0:
        rest = _part(low, x, Const(1), NONE)
    else:
        if not isinstance(place, int):
            index = low.apply(np.remainder, index, low.apply(builtins.len, x))
        after = low.apply(np.add, index, Const(1))
        rest = _concat(low, _part(low, x, NONE, index), _part(low, x, after, NONE))
    low.memory.advance(x, rest)


def replace_part(low: Lowerer, x: Operand, part: Pack, values: Operand) -> None:
    """Lower ``x[start:stop] = values``, which may change the length of the list."""
    start, stop, step = part.items
    bounds = [static_value(bound) for bound in (start, stop)]
    if static_value(step) not in (None, 1) or (MISSING in bounds and None not in bounds):
        low.refuse(
            "this part of a list is only known when the program runs.", "Make a new list of parts."
        )
    first, last = bounds
    if first is not None and last is not None and ((first < 0) is not (last < 0) or last < first):
        low.refuse(
            "whether this part of a list has items is only known when the program runs.",
            "Make a new list of parts.",
        )
    whole = listed(low, values)
    if first is not None:
        whole = _concat(low, _part(low, x, NONE, start), whole)
    if last is not None:
        whole = _concat(low, whole, _part(low, x, stop, NONE))
    if isinstance(whole, Pack):
        whole = list_of(low, whole) or _concat(low, _part(low, x, NONE, _FIRST), whole)
    low.memory.advance(x, whole)


def extend(low: Lowerer, x: Operand, more: Operand) -> None:
    """Lower ``x += more``."""
    low.memory.advance(x, _concat(low, x, listed(low, more)))


def list_of(low: Lowerer, base: Pack, *more: Operand) -> Operand | None:
    """Return a list as one value, for computed indices; None if its items are unlike."""
    t: Type = NEVER
    for item in (*base.items, *more):
        if isinstance(item, Pack) or contains_internal(item) is not None:
            return None
        found = type_of(item)
        t = join(t, Scalar(found.kind) if isinstance(found, Scalar) else found)
    if not isinstance(t, (Scalar, Array)):
        return None
    if isinstance(t, Array) and t.shape is None and not more:
        return None  # unlike arrays: better written out
    return low.apply(list, base, type=ListOf(t, len(base.items)))


def listed(low: Lowerer, values: Operand) -> Operand:
    """Return the items of an iterable as a list."""
    if isinstance(type_of(values), ListOf):
        return values
    iterator = isinstance(values, Const) and isinstance(values.value, Internal)
    if iterator or isinstance(values, Pack):
        items = known_items(low, iterate(low, values))
        if items is not None:
            return Pack(list, items)
    if isinstance(type_of(values), Array):
        return low.apply(list, as_sequence(low, values))
    return Pack(list, items_of(low, values))


def _part(low: Lowerer, x: Operand, start: Operand, stop: Operand, step: Operand = NONE) -> Operand:
    return low.apply(operator.getitem, x, Pack(slice, (start, stop, step)))


def _concat(low: Lowerer, head: Operand, tail: Operand) -> Operand:
    if isinstance(head, Pack) and isinstance(tail, Pack):
        return Pack(list, (*head.items, *tail.items))
    for one, other in ((head, tail), (tail, head)):
        if isinstance(one, Pack) and not one.items:
            return other
    return low.apply(operator.concat, head, tail)


def _append(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    append(low, low.memory.shallow(x), args[0])
    return NONE


def _extend(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    extend(low, x, args[0])
    return NONE


def _insert(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    place, value = args
    head, item = _part(low, x, NONE, place), Pack(list, (value,))
    tail = _part(low, x, place, NONE)
    whole = _concat(low, _concat(low, head, item), tail)
    low.memory.advance(x, _concat(low, item, x) if static_value(place) == 0 else whole)
    return NONE


def _pop(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    index = args[0] if args else _LAST
    item = low.apply(operator.getitem, x, index)
    delete(low, x, index)
    return item


def _clear(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    low.memory.advance(x, _part(low, x, NONE, _FIRST))
    return NONE


def _reverse(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    low.memory.advance(x, _part(low, x, NONE, NONE, _LAST))
    return NONE


def _sort(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    low.memory.advance(x, low.call(builtins.sorted, (x,), kwargs))
    return NONE


def _place(name: str) -> ListMethod:
    """Lower ``x.index(value)`` or ``x.count(value)`` of numbers."""
    fn: Callable[..., int] = getattr(list, name)

    def lower(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        t = type_of(x)
        if len(args) > 1 or not isinstance(t, ListOf) or not _is_number(t):
            low.refuse("this method of a list of arrays compares arrays.", "Use a loop.")
        return low.apply(fn, x, *args, type=Scalar("int"))

    return lower


def _remove(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    delete(low, x, _place("index")(low, x, args, kwargs, origin))
    return NONE


def _copy(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    return low.apply(list, x)


def _is_number(t: ListOf) -> bool:
    return isinstance(t.item, Scalar) or (isinstance(t.item, Array) and t.item.shape == ())


LIST_METHODS: dict[str, ListMethod] = {
    "append": _append,
    "clear": _clear,
    "copy": _copy,
    "count": _place("count"),
    "extend": _extend,
    "index": _place("index"),
    "insert": _insert,
    "pop": _pop,
    "remove": _remove,
    "reverse": _reverse,
    "sort": _sort,
}
