"""``min`` and ``max`` of items, and the items and numbers that such functions are given."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Const, Operand, Origin, Pack, Var
from s2s_grad.ir.types import (
    Dict,
    ListOf,
    Scalar,
    Sequence,
)
from s2s_grad.lower.control import branches as control
from s2s_grad.lower.control.operations import compare
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.iterate import (
    Iteration,
    as_sequence,
    items_in_turn,
    iterate,
    known_items,
    listed,
)
from s2s_grad.lower.terms.static import truth
from s2s_grad.lower.terms.values import (
    MISSING,
    Args,
    Kwargs,
    static_value,
)
from s2s_grad.rules import find_rule

__all__ = ["CONTAINERS", "Handler", "extreme", "is_iterator", "known_items_of", "numbers_of"]


def extreme(fn: Callable[..., Any], better: Callable[..., Any]) -> Handler:
    """Lower ``min`` or ``max``; `better` compares a later item with the one so far."""

    def lower(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        key = kwargs.get("key")
        name = fn.__name__
        if key is not None and len(args) == 1 and is_iterator(args[0]):
            items = items_in_turn(low, args[0])
            return _best(low, items, key, better, name, kwargs.get("default"))
        if len(args) == 1:
            args = (listed(low, args[0]),)
            items = known_items_of(low, args[0])
            if items is None and isinstance(type_of(args[0]), ListOf) and not kwargs:
                whole = numbers_of(low, args[0], name)
                return low.call(np.max if fn is builtins.max else np.min, (whole,), {}, origin)
            if items is None:
                if kwargs:
                    low.refuse(f"`{name}` of an array with options.", "Use the NumPy function.")
                return low.apply(fn, as_sequence(low, args[0]), origin=origin)
            if not items and "default" in kwargs:
                return kwargs["default"]
        else:
            items = args
        if not items:
            low.fail(ValueError(f"{name}() arg is an empty sequence"), f"`{name}` of no items.")
        if len(items) == 1:
            return items[0]
        if key is None or static_value(key) is None:
            whole = len(args) > 1 and _can_apply(fn, items)
            if whole or all(static_value(item) is not MISSING for item in items):
                return low.apply(fn, *items, origin=origin)
        return _best(low, iter(items), key, better, name)

    return lower


def _best(
    low: Lowerer,
    items: Iterator[Operand],
    key: Operand | None,
    better: Any,
    name: str,
    default: Operand | None = None,
) -> Operand:
    def measure(item: Operand) -> Operand:
        if key is None or static_value(key) is None:
            return item
        assert isinstance(key, Const)
        return low.call(key.value, (item,))

    best = next(items, None)
    if best is None and default is not None:
        return default
    if best is None:
        low.fail(ValueError(f"{name}() arg is an empty sequence"), f"`{name}` of no items.")
    height = measure(best)
    for item in items:
        candidate = measure(item)
        wins = compare(low, better, candidate, height, None)
        known = truth(wins)
        if known is None:
            pair = (Pack(tuple, (item, candidate)), Pack(tuple, (best, height)))
            chosen = control.select(low, wins, lambda p=pair: p[0], lambda p=pair: p[1], None)
            assert isinstance(chosen, Pack)
            best, height = chosen.items
        elif known:
            best, height = item, candidate
    return best


def numbers_of(low: Lowerer, listed: Operand, name: str) -> Operand:
    """Return a list as an array; what it holds has to be numbers or arrays."""
    t = type_of(listed)
    if isinstance(t, ListOf) and isinstance(t.item, CONTAINERS):
        low.refuse(f"`{name}` of tuples or lists in a list of a length known at run time only.",
                   "Write a loop.")  # fmt: skip
    return low.call(np.array, (listed,))


def _can_apply(fn: Callable[..., Any], items: Args) -> bool:
    types = [type_of(item) for item in items]
    if all(isinstance(t, Scalar) and t.kind == "int" for t in types):
        return True
    return find_rule(fn) is not None and not any(isinstance(t, CONTAINERS) for t in types)


CONTAINERS = (Sequence, Dict, ListOf)


Handler = Callable[["Lowerer", Args, Kwargs, Origin], Operand]


def known_items_of(low: Lowerer, operand: Operand) -> Args | None:
    """Return the items of what is no array, where they are known one by one."""
    if isinstance(operand, Const) and isinstance(operand.value, np.ndarray):
        return None
    if isinstance(operand, Var) and not isinstance(operand.type, (Sequence, Dict)):
        return None
    return known_items(low, iterate(low, operand, whole=True))


def is_iterator(operand: Operand) -> bool:
    """Return whether an operand is an iterator that the program makes."""
    return isinstance(operand, Const) and isinstance(operand.value, Iteration)
