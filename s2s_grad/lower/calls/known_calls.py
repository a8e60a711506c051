"""Functions of the standard library that cannot be read: what each of them does, as it is written.

What is neither here nor pure is not called with anything that it could change or differentiate.
"""

from __future__ import annotations

import bisect
import builtins
import itertools
import logging
import math
import operator
import random
import statistics
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.ir.guards import class_of
from s2s_grad.ir.nodes import Const, Operand, Origin, Pack, Var
from s2s_grad.ir.operators import in_, is_, is_not_
from s2s_grad.ir.primitives import INFIX, primitive
from s2s_grad.ir.types import Random, Scalar
from s2s_grad.lower.calls.builtin_calls import Args, Handler, Kwargs
from s2s_grad.lower.calls.getters import GETTERS, call_method_of, getter_parts
from s2s_grad.lower.control.operations import binary, compare, invert
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.items import items_of
from s2s_grad.lower.objects.iterate import (
    Iteration,
    begun_later,
    items_in_turn,
    iterate,
    iteration,
    needs_known,
    static_items,
)
from s2s_grad.lower.objects.iterators import Static, over_known, over_places
from s2s_grad.lower.terms.static import classes_of, truth
from s2s_grad.lower.terms.values import MISSING, NONE, is_simple, static_value
from s2s_grad.lower.writes.store import augmented, delete_item, store

__all__ = ["KNOWN_CALLS", "unbound", "unseen", "within_reach"]


# ------------------------------------------------------------------ the module `operator`


def _setitem(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    base, index, value = args
    store(low, base, index, value)
    return NONE


def _delitem(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    base, index = args
    delete_item(low, base, index)
    return NONE


def _infix(fn: Callable[..., Any]) -> Handler:
    """Lower a function of two operands as the operator between them."""
    join = compare if primitive(fn).compares else binary

    def lower(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        left, right = args
        return join(low, fn, left, right, origin)

    return lower


def _updated(fn: Callable[..., Any]) -> Handler:
    """Lower ``operator.iadd(x, y)`` and its kin: what ``x += y`` leaves in `x`."""

    def lower(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        old, value = args
        return augmented(low, fn, old, value, low.memory.is_mutable(old))

    return lower


def _contains(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    container, item = args
    return compare(low, in_, item, container, origin)


def _not(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    (operand,) = args
    return invert(low, operand, origin)


def _call(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    return low.call(static_value(args[0]), args[1:], kwargs, origin)


_BINARY = {spelled.function: fn for fn, spelled in INFIX.items() if isinstance(fn, np.ufunc)}
_python: Any = operator  # typed by hand: the stubs leave its operands without a type


# ------------------------------------------------------------------ getters


# ------------------------------------------------------------------ methods of classes


def unbound(low: Lowerer, fn: Any, args: Args, kwargs: Kwargs, origin: Origin) -> Operand | None:
    """Lower ``list.append(x, value)``, a method asked of its class, or a getter; else None."""
    getter = getter_parts(fn)
    if getter is not None:
        make, given, named = getter
        made = low.call(make, tuple(map(Const, given)), {n: Const(v) for n, v in named.items()})
        assert isinstance(made, Const)
        return low.call(made.value, args, kwargs, origin)
    if not isinstance(fn, (types.MethodDescriptorType, types.WrapperDescriptorType)) or not args:
        return None
    name, owner = fn.__name__, fn.__objclass__
    receiver = args[0]
    if isinstance(receiver, Pack):
        known: tuple[type, ...] | None = (receiver.kind,)
    else:
        known = (
            (class_of(receiver.value),)
            if isinstance(receiver, Const)
            else classes_of(receiver.type)
        )
    if known is None or not all(issubclass(kind, owner) for kind in known):
        low.refuse(
            f"`{owner.__name__}.{name}` of what may be no {owner.__name__}.",
            f"Write it as a method: `x.{name}(...)`.",
        )
    if name.startswith("__"):
        written = _BUILTINS.get(name) or getattr(operator, name, None)
        if written is None:
            low.refuse(f"`{owner.__name__}.{name}` is not supported.", "Write the operator.")
        return low.call(written, args, kwargs, origin)
    return call_method_of(low, receiver, name, args[1:], kwargs, origin)


_BUILTINS: dict[str, Any] = {
    "__getitem__": operator.getitem, "__len__": builtins.len, "__iter__": builtins.iter,
    "__bool__": builtins.bool, "__abs__": builtins.abs, "__float__": builtins.float,
}  # fmt: skip


# ------------------------------------------------------------------ itertools and functools


def _chain_all(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    def begin(whole: bool) -> Static:
        if not whole and isinstance(static_value(args[0]), Iteration):
            low.refuse("`chain.from_iterable` of an iterator, one by one.", "Make a list of it.")
        parts = items_in_turn(low, args[0])
        return over_known(low, [item for part in parts for item in static_items(low, part)])

    return begun_later(low, "chain", begin)


def _repeat(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    times = static_value(args[1] if len(args) > 1 else kwargs.get("times", NONE))
    if not isinstance(times, int):
        low.refuse("`repeat` without a number of times that is known.", "Use a `for` loop.")
    return iteration(low, "repeat", over_known(low, args[:1] * times))


Ask = Callable[[Operand], Operand]
Next = Callable[["Lowerer", Static, Ask, int], Operand | None]


def _one_by_one(name: str, following: Next) -> Handler:
    """Lower an iterator of a function and another iterator, whose items it asks in turn."""

    def lower(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        function, items = args
        reason = f"`{name}` of a sequence whose length is only known when the program runs."
        source = needs_known(low, iterate(low, items), reason, "Use a boolean mask, or a loop.")

        def ask(item: Operand) -> Operand:
            given = items_of(low, item) if name == "starmap" else (item,)
            return low.call(static_value(function), given)

        def read(place: int) -> Operand | None:
            return following(low, source, ask, place)

        return iteration(low, name, over_places(low, read, source.holds))

    return lower


def _is_true(low: Lowerer, operand: Operand) -> bool:
    known = truth(operand)
    if known is None:
        low.refuse("a choice of items by a condition known at run time only.", "Use a mask.")
    return known


def _next_result(low: Lowerer, source: Static, ask: Ask, place: int) -> Operand | None:
    item = source.pull()
    return None if item is None else ask(item)


def _next_while(low: Lowerer, source: Static, ask: Ask, place: int) -> Operand | None:
    item = source.pull()
    return item if item is not None and _is_true(low, ask(item)) else None


def _next_false(low: Lowerer, source: Static, ask: Ask, place: int) -> Operand | None:
    while (item := source.pull()) is not None:
        if not _is_true(low, ask(item)):
            break
    return item


def _next_since(low: Lowerer, source: Static, ask: Ask, place: int) -> Operand | None:
    return source.pull() if place else _next_false(low, source, ask, place)


# ------------------------------------------------------------------ bisect and statistics


def _place(fn: Callable[..., int]) -> Handler:
    """Lower a search in a sorted list, which gives a place: an int, of which no derivative is."""

    def lower(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        if "key" in kwargs:
            low.refuse("`bisect` with a key is not supported.", "Search in a list of the keys.")
        return low.apply(fn, *args, kwargs=kwargs, origin=origin, type=Scalar("int"))

    return lower


def _statistic(fn: Callable[..., Any], fewest: int = 1, **options: int) -> Handler:
    """Lower a function of a sample as that of the array of its items."""

    def lower(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        if len(args) != 1 or kwargs:
            low.refuse("this function with options is not supported.", "Use that of NumPy.")
        items = static_items(low, args[0])
        if len(items) < fewest:
            low.refuse(f"a statistic of {len(items)} items.", "Give it more of them.")
        whole = low.call(np.array, (Pack(list, items),))
        given: Kwargs = {name: Const(value) for name, value in options.items()}
        return low.call(builtins.float, (low.call(fn, (whole,), given, origin),))

    return lower


def _fsum(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    total = low.call(builtins.sum, args, {}, origin)
    return low.call(builtins.float, (total,))


def _fromkeys(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    names, value = args if len(args) == 2 else (*args, NONE)
    keys = [static_value(key) for key in static_items(low, names)]
    if MISSING in keys:
        low.refuse("a dict key that is only known when the program runs.")
    keys = list(dict.fromkeys(keys))
    return Pack(dict, (value,) * len(keys), tuple(keys))


KNOWN_CALLS: dict[Any, Handler] = {
    **{function: _infix(fn) for function, fn in _BINARY.items()},
    **{
        getattr(operator, f"i{spelled.dunder}"): _updated(fn)
        for fn, spelled in INFIX.items()
        if isinstance(fn, np.ufunc) and not primitive(fn).compares
    },
    _python.iconcat: _updated(np.add),
    operator.is_: _infix(is_),
    operator.is_not: _infix(is_not_),
    operator.concat: _infix(np.add),
    operator.contains: _contains,
    operator.not_: _not,
    operator.setitem: _setitem,
    operator.delitem: _delitem,
    operator.truth: lambda low, args, kwargs, origin: low.call(builtins.bool, args),
    operator.call: _call,
    **GETTERS,
    itertools.chain.from_iterable: _chain_all,
    itertools.dropwhile: _one_by_one("dropwhile", _next_since),
    itertools.filterfalse: _one_by_one("filterfalse", _next_false),
    itertools.repeat: _repeat,
    itertools.starmap: _one_by_one("starmap", _next_result),
    itertools.takewhile: _one_by_one("takewhile", _next_while),
    bisect.bisect: _place(bisect.bisect),
    bisect.bisect_left: _place(bisect.bisect_left),
    bisect.bisect_right: _place(bisect.bisect_right),
    statistics.mean: _statistic(np.mean),
    statistics.fmean: _statistic(np.mean),
    statistics.median: _statistic(np.median),
    statistics.pstdev: _statistic(np.std),
    statistics.pvariance: _statistic(np.var),
    statistics.stdev: _statistic(np.std, 2, ddof=1),
    statistics.variance: _statistic(np.var, 2, ddof=1),
    math.fsum: _fsum,
    dict.fromkeys: _fromkeys,
}


# ------------------------------------------------------------------ everything else


# These write down what they are given, and leave it as it is.
_READS_ONLY: set[Any] = {
    getattr(owner, name)
    for owner in (logging, logging.Logger)
    for name in ("debug", "info", "warning", "error", "critical", "exception", "log")
}


def unseen(low: Lowerer, fn: Any, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """Lower a call of a function that is not known: of what it can neither change nor call."""
    if within_reach(low, args, kwargs) and not any(fn is each for each in _READS_ONLY):
        name = getattr(fn, "__qualname__", None) or getattr(fn, "__name__", repr(fn))
        low.refuse(
            f"`{name}` cannot be seen into: it may change what it is given, or keep it.",
            "Call it outside of the function, or write out what it does.",
        )
    return low.effect(fn, *args, result=True, origin=origin, kwargs=kwargs)


def within_reach(low: Lowerer, args: Args, kwargs: Kwargs) -> bool:
    """Return whether a function that is not known could change what it is given."""
    return not all(_is_out_of_reach(low, operand) for operand in (*args, *kwargs.values()))


def _is_out_of_reach(low: Lowerer, operand: Operand) -> bool:
    """Return whether a function can do nothing to an operand but read it."""
    match operand:
        case Var():
            return isinstance(operand.type, (Scalar, Random)) or not low.aliases.of(operand)
        case Const(value=value):
            return (is_simple(value) and not isinstance(value, np.ndarray)) or _is_fixed(value)
        case Pack():
            fixed = issubclass(operand.kind, (tuple, slice))
            return fixed and all(_is_out_of_reach(low, item) for item in operand.items)


def _is_fixed(value: Any) -> bool:
    kinds = (type, types.ModuleType, range, frozenset, np.random.Generator, np.random.RandomState,
             random.Random)  # fmt: skip
    return isinstance(value, kinds)
