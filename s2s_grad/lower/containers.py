"""Methods of tuples, lists and dicts of known structure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from s2s_grad.ir.nodes import Const, Operand, Origin, Pack
from s2s_grad.lower.values import MISSING, NONE, same_operand, static_value

if TYPE_CHECKING:
    from s2s_grad.lower.lowerer import Lowerer

__all__ = ["CONTAINER_METHODS"]

Args = tuple[Operand, ...]
Kwargs = dict[str, Operand]
ContainerMethod = Callable[["Lowerer", Pack, Args, Kwargs, Origin], Operand]


def _items(low: Lowerer, x: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    pairs = zip(x.keys, x.items, strict=True)
    return Pack(list, tuple(Pack(tuple, (Const(key), item)) for key, item in pairs))


def _keys(low: Lowerer, x: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    return Pack(list, tuple(Const(key) for key in x.keys))


def _values(low: Lowerer, x: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    return Pack(list, x.items)


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
    for place, item in enumerate(x.items):
        if same_operand(item, args[0]):
            return Const(place)
    low.refuse("`index` of an item that is not known to be in it.")


def _count(low: Lowerer, x: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    if static_value(x) is MISSING or static_value(args[0]) is MISSING:
        low.refuse("`count` of items that are only known when the program runs.")
    return Const(sum(same_operand(item, args[0]) for item in x.items))


CONTAINER_METHODS: dict[tuple[type, str], ContainerMethod] = {
    (dict, "items"): _items,
    (dict, "keys"): _keys,
    (dict, "values"): _values,
    (dict, "get"): _get,
    (dict, "copy"): _copy,
    (list, "copy"): _copy,
    (list, "index"): _index,
    (list, "count"): _count,
    (tuple, "index"): _index,
    (tuple, "count"): _count,
}
