"""Calls of the standard library and of NumPy that do not simply apply the function."""

from __future__ import annotations

import builtins
import contextlib
import copy
import dataclasses
import functools
import itertools
import math
import typing
import warnings
from collections.abc import Iterator
from typing import Any, cast

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.guards import class_of
from s2s_grad.ir.nodes import Const, Operand, Origin, Pack, Var
from s2s_grad.ir.trees import class_fields, is_dataclass
from s2s_grad.ir.types import Array
from s2s_grad.lower.calls.builtin_calls import Args, Handler, Kwargs
from s2s_grad.lower.calls.copies import copy_of, deep_copy_of
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.iterate import (
    items_in_turn,
    iterate,
    iteration,
    needs_known,
    static_items,
)
from s2s_grad.lower.objects.iterators import Cell, Static, over_known, over_places
from s2s_grad.lower.objects.records import Super, set_attribute
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.terms.values import (
    MISSING,
    NONE,
    Internal,
    Partial,
    Surrounding,
    static_value,
)
from s2s_grad.lower.writes.attributes import attribute

__all__ = ["LIBRARY", "REFUSED_CALLS"]


def _partial(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    function = static_value(args[0])
    if function is MISSING:
        low.refuse("`partial` of a function that is only known when the program runs.")
    return Const(Partial(function, args[1:], kwargs))


def _reduce(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    function = static_value(args[0])
    items = items_in_turn(low, args[1])
    total = args[2] if len(args) > 2 else next(items, None)
    if total is None:
        low.refuse("`reduce` of no items without a start.", "Give it one.")
    for item in items:
        total = low.call(function, (total, item))
    return total


def _wraps(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """``functools.wraps(f)``: a decorator that changes nothing that matters here."""
    return Const(_same_function)


def _same_function(function: Any) -> Any:
    return function


_same_function.__s2s_static__ = True  # pyright: ignore[reportFunctionMemberAccess]


def _itertools(fn: Any) -> Handler:
    """Lower a function of itertools that takes all of its arguments when it is called."""

    def lower(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        given: list[Any] = []
        for arg in args:
            number = static_value(arg)
            given.append(number if isinstance(number, int) else static_items(low, arg))
        options = {name: static_value(value) for name, value in kwargs.items()}
        rounds: list[Any] = list(fn(*given, **options))
        return iteration(low, fn.__name__, over_known(low, [_as_operand(r) for r in rounds]))

    return lower


def _lazy_itertools(fn: Any) -> Handler:
    """Lower a function of itertools that asks its arguments one item at a time.

    It is run again for each item, on what its arguments gave so far and on what they give then.
    """

    def lower(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        reason = f"`{fn.__name__}` of a sequence whose length is only known at run time."
        sources: list[Any] = []
        for arg in args:
            number = static_value(arg)
            plain = isinstance(number, int) or number is None
            sources.append(number if plain else needs_known(low, iterate(low, arg), reason, ""))
        options = {name: static_value(value) for name, value in kwargs.items()}
        if any(value is MISSING for value in options.values()):
            low.refuse(f"an option of `{fn.__name__}` is only known when the program runs.")
        streams = [s for s in sources if isinstance(s, Static)]
        seen = Cell(low, tuple(() for _ in sources))

        def feed(place: int) -> Iterator[Operand]:
            yield from seen.get()[place]
            while (item := sources[place].pull()) is not None:
                so_far = list(seen.get())
                so_far[place] = (*so_far[place], item)
                seen.set(tuple(so_far))
                yield item

        def read(place: int) -> Operand | None:
            given = [feed(i) if isinstance(s, Static) else s for i, s in enumerate(sources)]
            rounds = itertools.islice(fn(*given, **options), place, None)
            return next((_as_operand(item) for item in rounds), None)

        holds = tuple(seq for stream in streams for seq in stream.holds)
        return iteration(low, fn.__name__, over_places(low, read, holds))

    return lower


def _as_operand(item: Any) -> Operand:
    if isinstance(item, tuple):
        return Pack(tuple, tuple(map(_as_operand, cast("tuple[Any, ...]", item))))
    return item if isinstance(item, (Var, Const, Pack)) else Const(item)


def _accumulate(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    reason = "`accumulate` of a sequence whose length is only known when the program runs."
    stream = needs_known(low, iterate(low, args[0]), reason, "Use `np.cumsum`, or a loop.")
    function = args[1] if len(args) > 1 else kwargs.get("func", NONE)
    first = kwargs.get("initial")
    given = static_value(function)
    if given is MISSING:
        low.refuse("`accumulate` with a function that is only known when the program runs.")
    total = Cell(low, 0)

    def read(place: int) -> Operand | None:
        if place == 0 and first is not None and static_value(first) is not None:
            total.set((first,))
            return first
        item = stream.pull()
        if item is None:
            return None
        so_far = total.get()
        if so_far:
            joined = (so_far[0], item)
            item = low.apply(np.add, *joined) if given is None else low.call(given, joined)
        total.set((item,))
        return item

    return iteration(low, "accumulate", over_places(low, read, stream.holds))


def _warn(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    return low.effect(warnings.warn, *args, origin=origin, kwargs=kwargs)


def _second(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    return args[1]


def _prod(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """``math.prod`` of items known one by one."""
    sequence = args[0]
    total = kwargs.get("start")
    for item in static_items(low, sequence):
        total = item if total is None else low.apply(np.multiply, total, item)
    return Const(1) if total is None else total


def _super(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    if args:
        kind, receiver = static_value(args[0]), args[1]
    else:
        kind, receiver = _class_around(low), next(iter(low.here.env[n] for n in low.here.arguments))
    owner = receiver.kind if isinstance(receiver, Pack) else static_value(receiver)
    if not isinstance(kind, type) or not isinstance(owner, type):
        low.refuse("`super()` of an object that the function did not make.")
    return Const(Super(kind, receiver, owner))


def _class_around(low: Lowerer) -> Any:
    try:
        return low.outside.name(low.source, "__class__")
    except NameError:
        low.refuse("`super()` outside of a class.")


def _setattr(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    name = static_value(args[1])
    if not isinstance(name, str):
        low.refuse("an attribute name that is only known when the program runs.")
    set_attribute(low, args[0], name, args[2])
    return NONE


def _object_init(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """``super().__init__()`` where no class is left: it does nothing."""
    if len(args) > 1 or kwargs:
        low.refuse("`object.__init__` takes no arguments.", "Call it without any.")
    return NONE


def _surrounding(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """A context manager that only decides which warnings are shown."""
    return Const(Surrounding(args[0] if args else NONE))


def _buffer(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """``np.ndarray(shape)``, a buffer like that of `np.empty`."""
    if len(args) > 2 or set(kwargs) - {"shape", "dtype"}:
        low.refuse("`np.ndarray` with options.", "Use `np.empty`, or a view of an array.")
    return low.call(np.empty, args, kwargs)


def _cached(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """``functools.lru_cache``, which changes how often a function runs, not what it gives."""
    given = static_value(args[0]) if args else None
    return args[0] if callable(given) or isinstance(given, Internal) else Const(_same_function)


def _field_values(low: Lowerer, operand: Operand) -> tuple[type[Any], dict[str, Operand]]:
    """Return the class of an object of a dataclass and the values of its fields."""
    packed = expand(low, operand)
    kind: type[Any] = class_of(static_value(operand)) if packed is None else packed.kind
    if not is_dataclass(kind):
        low.refuse("this is no object of a dataclass that is known here.")
    node: Any = low.node
    names = [field.name for field in class_fields(kind)]
    return kind, {name: attribute(low, packed or operand, name, node) for name in names}


def _replace(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    kind, values = _field_values(low, args[0])
    init = {field.name for field in class_fields(kind) if field.init}
    return low.call(kind, (), {**{n: v for n, v in values.items() if n in init}, **kwargs})


def _asdict(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    _, values = _field_values(low, args[0])
    items = tuple(_plain(low, value, _asdict) for value in values.values())
    return Pack(dict, items, tuple(values))


def _astuple(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    _, values = _field_values(low, args[0])
    return Pack(tuple, tuple(_plain(low, value, _astuple) for value in values.values()))


def _plain(low: Lowerer, operand: Operand, convert: Handler) -> Operand:
    """Return a copy of a field in which objects of dataclasses are converted, too."""
    packed = expand(low, operand)
    if packed is None:
        known = isinstance(operand, Const) and is_dataclass(class_of(operand.value))
        t = type_of(operand)
        copied = low.apply(np.copy, operand) if isinstance(t, Array) and t.shape else operand
        return convert(low, (operand,), {}, low.builder.origin) if known else copied
    if is_dataclass(packed.kind):
        return convert(low, (packed,), {}, low.builder.origin)
    items = tuple(_plain(low, item, convert) for item in packed.items)
    return Pack(packed.kind, items, packed.keys)


LIBRARY: dict[Any, Handler] = {
    dataclasses.asdict: _asdict,
    dataclasses.astuple: _astuple,
    dataclasses.replace: _replace,
    functools.cache: _cached,
    functools.lru_cache: _cached,
    functools.partial: _partial,
    functools.reduce: _reduce,
    functools.wraps: _wraps,
    itertools.accumulate: _accumulate,
    **{
        fn: _itertools(fn)
        for fn in (
            itertools.combinations, itertools.combinations_with_replacement,
            itertools.permutations, itertools.product,
        )
    },
    **{
        fn: _lazy_itertools(fn)
        for fn in (itertools.chain, itertools.islice, itertools.pairwise, itertools.zip_longest)
    },
    builtins.setattr: _setattr,
    object.__init__: _object_init,
    builtins.super: _super,
    object.__setattr__: _setattr,
    np.errstate: _surrounding,
    warnings.catch_warnings: _surrounding,
    contextlib.nullcontext: _surrounding,
    copy.copy: copy_of,
    copy.deepcopy: deep_copy_of,
    math.prod: _prod,
    np.ndarray: _buffer,
    typing.cast: _second,
    warnings.warn: _warn,
}  # fmt: skip

_IN_PLACE = "changes an array in place, which is not supported"
_SCOPES = "looks into the running program, which is not supported"
REFUSED_CALLS: dict[Any, tuple[str, str]] = {
    np.random.shuffle: (_IN_PLACE, "Use `np.random.permutation`."),
    builtins.eval: (_SCOPES, "Write the expression out."),
    builtins.exec: (_SCOPES, "Write the statements out."),
    builtins.locals: (_SCOPES, "Name the variables."),
    builtins.globals: (_SCOPES, "Name the variables."),
    builtins.vars: (_SCOPES, "Name the attributes."),
    builtins.set: ("is not supported", "Use a tuple or a list."),
    builtins.delattr: ("deletes an attribute, which is not supported", "Return a new value."),
    builtins.id: ("gives a number that means nothing in another run", "Compare with `is`."),
}
