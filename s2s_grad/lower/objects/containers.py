"""Methods of tuples, lists and dicts of known structure."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from s2s_grad.ir.nodes import Const, Operand, Origin, Pack
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.items import items_of
from s2s_grad.lower.objects.iterate import Iteration, iterate, needs_known
from s2s_grad.lower.objects.iterators import check_length
from s2s_grad.lower.objects.records import is_record
from s2s_grad.lower.terms.local_functions import LocalFunction
from s2s_grad.lower.terms.refuse import NeedsStatic
from s2s_grad.lower.terms.values import (
    DICT_PARTS,
    MISSING,
    NONE,
    Args,
    Collecting,
    DictView,
    Internal,
    Kwargs,
    same_operand,
    static_value,
)

__all__ = ["CONTAINER_METHODS", "append"]

ContainerMethod = Callable[["Lowerer", Pack, Args, Kwargs, Origin], Operand]


def _view(part: str) -> ContainerMethod:
    """Lower a method of a dict that returns a view of it."""

    def lower(low: Lowerer, x: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        return Const(DictView(x, part))

    return lower


def _get(low: Lowerer, x: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    key = static_value(args[0])
    if key is MISSING:
        low.refuse("a dict key that is only known when the program runs.", "Use a literal.")
    if key in x.keys:
        return x.items[x.keys.index(key)]
    return args[1] if len(args) > 1 else kwargs.get("default", NONE)


def _copy(low: Lowerer, x: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    return Pack(x.kind, x.items, x.keys)


def _index(low: Lowerer, x: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    if len(args) != 1:
        low.refuse("`index` with a start is not supported.", "Use a slice.")
    for place, item in enumerate(x.items):
        if same_operand(item, args[0]):
            return Const(place)
        if static_value(item) is MISSING or static_value(args[0]) is MISSING:
            break
        if static_value(item) == static_value(args[0]):
            return Const(place)
    low.refuse("`index` of an item that is not known to be in it.")


def _remove(low: Lowerer, x: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    place = static_value(_index(low, x, args, kwargs, origin))
    _change(low, x, (*x.items[:place], *x.items[place + 1 :]))
    return NONE


def _count(low: Lowerer, x: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    if static_value(x) is MISSING or static_value(args[0]) is MISSING:
        low.refuse("`count` of items that are only known when the program runs.")
    return Const(sum(same_operand(item, args[0]) for item in x.items))


# ------------------------------------------------------------------ methods that change them


def _change(low: Lowerer, x: Pack, items: Iterable[Operand]) -> None:
    low.memory.advance(x, Pack(x.kind, tuple(items)))


def append(low: Lowerer, x: Operand, value: Operand) -> None:
    """Lower ``x.append(value)`` of a list: one of known items, one that a loop fills, or any."""
    match x:
        case Pack():
            _change(low, x, (*x.items, value))
        case Const(value=Collecting() as so_far):
            what = _own_object(low, value)
            if what:
                raise NeedsStatic.of(
                    low,
                    value,
                    f"{what} is put into a list while a loop whose length is only known at run "
                    "time fills it.",
                    "Keep the numbers in the list, or arrays of them.",
                )
            low.memory.advance(x, Const(replace(so_far, items=(*so_far.items, value))))
        case _:
            low.memory.advance(x, low.apply(operator.concat, x, Pack(list, (value,))))


def extend(low: Lowerer, x: Pack, values: Operand) -> None:
    """Lower ``x.extend(values)``: an iterator sees the list grow."""
    if not isinstance(values, Const) or not isinstance(values.value, Iteration):
        _change(low, x, (*x.items, *items_of(low, values)))
        return
    reason = "how many items this list gets is only known when the program runs."
    stream = needs_known(low, iterate(low, values, whole=True), reason, "Use a loop.")
    count = 0
    while (item := stream.pull()) is not None:
        append(low, low.memory.shallow(x), item)
        count += 1
        check_length(low, count)


def _own_object(low: Lowerer, operand: Operand) -> str:
    """Return what in an operand is another object in each round and no value, or nothing."""
    if is_record(operand):
        return "an object of a class"
    match operand:
        case Pack():
            return next(filter(None, (_own_object(low, item) for item in operand.items)), "")
        case Const(value=LocalFunction() as function):
            known = all(isinstance(item, Const) for item in function.held)
            return "" if known and function.is_seen_from(low.frame) else function.what
        case Const(value=Internal() as own):
            return own.what
        case _:
            return ""


def _append(low: Lowerer, x: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    append(low, x, args[0])
    return NONE


def _extend(low: Lowerer, x: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    extend(low, x, args[0])
    return NONE


def _changed_as_list(name: str) -> ContainerMethod:
    """Lower a method of lists that takes positions: it is run on the list of operands."""

    def lower(low: Lowerer, x: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        items = list(x.items)
        given: list[Any] = [static_value(arg) for arg in args[:1]] + list(args[1:])
        if MISSING in given[:1]:
            raise NeedsStatic.of(low, args[0], f"the position for `{name}` is known at run time.")
        try:
            result = getattr(items, name)(*given)
        except (IndexError, ValueError, TypeError) as error:
            low.fail(error, f"this `{name}` of a list of {len(items)} items fails: {error}.")
        _change(low, x, items)
        return NONE if result is None else result

    return lower


def _sort(low: Lowerer, x: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    ordered = low.call(builtins.sorted, (x,), kwargs)
    _change(low, x, items_of(low, ordered))
    return NONE


def _dict_update(low: Lowerer, x: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    pairs = dict(zip(x.keys, x.items, strict=True))
    if args:
        more = low.call(builtins.dict, args)
        assert isinstance(more, Pack)
        pairs.update(zip(more.keys, more.items, strict=True))
    pairs.update(kwargs)
    low.memory.advance(x, Pack(dict, tuple(pairs.values()), tuple(pairs)))
    return NONE


def _setdefault(low: Lowerer, x: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    key = static_value(args[0])
    if key is MISSING:
        low.refuse("a dict key that is only known when the program runs.", "Use a literal.")
    if key not in x.keys:
        value = args[1] if len(args) > 1 else NONE
        low.memory.advance(x, Pack(dict, (*x.items, value), (*x.keys, key)))
        return value
    return x.items[x.keys.index(key)]


def _dict_pop(low: Lowerer, x: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    key = static_value(args[0])
    if key is MISSING or (key not in x.keys and len(args) < 2):
        low.refuse("`pop` of a dict key that is not known to be in it.")
    if key not in x.keys:
        return args[1]
    pairs = dict(zip(x.keys, x.items, strict=True))
    value = pairs.pop(key)
    low.memory.advance(x, Pack(dict, tuple(pairs.values()), tuple(pairs)))
    return value


CONTAINER_METHODS: dict[tuple[type, str], ContainerMethod] = {
    **{(dict, part): _view(part) for part in DICT_PARTS},
    (dict, "get"): _get,
    (dict, "copy"): _copy,
    (list, "copy"): _copy,
    (list, "index"): _index,
    (list, "count"): _count,
    (list, "append"): _append,
    (list, "extend"): _extend,
    (list, "remove"): _remove,
    (list, "sort"): _sort,
    **{(list, n): _changed_as_list(n) for n in ("clear", "insert", "pop", "reverse")},
    (dict, "update"): _dict_update,
    (dict, "setdefault"): _setdefault,
    (dict, "pop"): _dict_pop,
    (tuple, "index"): _index,
    (tuple, "count"): _count,
}
