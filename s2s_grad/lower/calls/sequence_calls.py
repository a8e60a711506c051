"""Calls of builtins that take or make sequences and iterators."""

from __future__ import annotations

import builtins
from dataclasses import replace
from typing import Any

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Const, Operand, Origin, Pack, Var
from s2s_grad.ir.operators import all_of, any_of
from s2s_grad.ir.types import (
    NEVER,
    UNKNOWN,
    Array,
    ListOf,
    Range,
    Scalar,
    Type,
    join,
)
from s2s_grad.lower.calls.extremes import Handler, extreme, is_iterator, known_items_of, numbers_of
from s2s_grad.lower.calls.ordering import in_order
from s2s_grad.lower.control.operations import binary
from s2s_grad.lower.control.slots import can_be_leaf
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.loops.quantifiers import quantifier
from s2s_grad.lower.objects.iterate import (
    Iteration,
    RunTime,
    Stream,
    as_sequence,
    iterate,
    iteration,
    known_items,
    listed_or_known,
    needs_known,
    next_of,
    static_items,
    stream_length,
)
from s2s_grad.lower.objects.iterators import (
    Static,
    all_of_it,
    in_turn,
    over_container,
    over_known,
    over_places,
)
from s2s_grad.lower.objects.records import call_method, is_record
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.objects.zipping import with_lengths, zip_streams
from s2s_grad.lower.terms.refuse import NeedsStatic
from s2s_grad.lower.terms.static import measured, truth
from s2s_grad.lower.terms.values import (
    FALSE,
    MISSING,
    NONE,
    TRUE,
    Args,
    DictView,
    Kwargs,
    contains_internal,
    static_value,
)
from s2s_grad.rules import each, find_rule, taken
from s2s_grad.runtime import places_in_order

__all__ = ["SEQUENCE_CALLS"]


def _sum(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    start = args[1] if len(args) == 2 else kwargs.get("start", Const(0))
    sequence = args[0]
    if is_iterator(sequence):
        found = listed_or_known(low, iterate(low, sequence, whole=True))
        if isinstance(found, Static):
            return _added(low, found, start)
        sequence = found
    t = type_of(sequence)
    if isinstance(t, ListOf):
        whole = numbers_of(low, sequence, "sum")
        rows = isinstance(t.item, Array) and t.item.shape != ()
        total: Operand = low.call(np.sum, (whole,), {"axis": Const(0)} if rows else {}, origin)
        return total if static_value(start) == 0 else low.apply(np.add, start, total)
    items = known_items_of(low, sequence)
    if items is None:
        if isinstance(t, Array) and find_rule(builtins.sum) is None:
            total = low.apply(np.sum, sequence, kwargs={"axis": Const(0)}, origin=origin)
        else:
            total = low.apply(builtins.sum, as_sequence(low, sequence), origin=origin)
        return total if static_value(start) == 0 else low.apply(np.add, start, total)
    return _added(low, over_known(low, items), start)


def _added(low: Lowerer, items: Static, start: Operand) -> Operand:
    """Return a sum to which each item is added when its turn comes."""
    began = low.memory.tick()
    total: Operand | None = None
    for item in in_turn(low, items):
        if low.memory.written_since(item, low.yielded.get(item, began)) and item in low.yielded:
            low.refuse("a generator gives an array and changes it before it gives the next one.")
        new = total is None and static_value(start) == 0 and _is_number_or_array(item)
        if new and not low.aliases.of(item):
            total = item
        else:
            before = start if total is None else total
            total = binary(low, np.add, before, low.memory.shallow(item), low.builder.origin)
    return start if total is None else total


def _is_number_or_array(operand: Operand) -> bool:
    t = type_of(operand)
    if isinstance(t, Array):
        return t.dtype is not None and t.dtype.kind != "b"
    return isinstance(t, Scalar) and t.kind != "bool"


def _zip(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    strict = bool(static_value(kwargs["strict"])) if "strict" in kwargs else False
    streams = [iterate(low, arg) for arg in args]
    return iteration(low, "zip", zip_streams(low, streams, strict=strict))


def _enumerate(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    stream = iterate(low, args[0])
    start = args[1] if len(args) > 1 else kwargs.get("start", Const(0))
    if isinstance(stream, Static):
        count = static_value(start)

        def read(place: int) -> Operand | None:
            item = stream.pull()
            if item is None:
                return None
            shifted = low.apply(np.add, start, Const(place)) if count is MISSING else None
            return Pack(tuple, (shifted or Const(count + place), item))

        return iteration(low, "enumerate", over_places(low, read, stream.holds))
    length = low.apply(builtins.len, as_sequence(low, stream.seqs[0]))
    if static_value(start) == 0:
        bounds: Args = (length,)
    else:
        bounds = (start, low.apply(np.add, length, start))
    size = stream_length(stream)
    indices = low.apply(builtins.range, *bounds, type=Range(size))
    numbers_stream = RunTime((indices,), lambda elements: elements[0])
    joined = zip_streams(low, [numbers_stream, stream], strict=True)
    return iteration(low, "enumerate", joined)


def _reversed(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    operand = args[0]
    if isinstance(operand, Const) and isinstance(operand.value, (Iteration, set, frozenset)):
        low.refuse("`reversed` of what has no order that can be turned.", "Make a list of it.")
    view = isinstance(operand, Const) and isinstance(operand.value, DictView)
    packed = operand if isinstance(operand, Const) and view else expand(low, operand)
    if packed is not None:
        if is_record(packed):
            return low.call(builtins.iter, (call_method(low, packed, "__reversed__"),))
        return iteration(low, "reversed", over_container(low, packed, backwards=True))
    stream = iterate(low, operand)
    if isinstance(stream, Static):
        turned: Stream = over_known(low, all_of_it(low, stream)[::-1])
    else:
        turned = with_lengths(low, RunTime(stream.seqs, stream.element, not stream.reverse))
    return iteration(low, "reversed", turned)


def _map(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    fn, *sequences = args
    if not isinstance(fn, Const):
        low.refuse("`map` of a function that is only known when the program runs.")
    streams = [iterate(low, sequence) for sequence in sequences]
    stream = streams[0] if len(streams) == 1 else zip_streams(low, streams)

    def apply(item: Operand) -> Operand:
        given = item.items if len(streams) > 1 and isinstance(item, Pack) else (item,)
        return low.call(fn.value, given)

    if isinstance(stream, Static):

        def pull() -> Operand | None:
            item = stream.pull()
            return None if item is None else apply(item)

        return iteration(low, "map", Static(pull, stream.holds))
    element = stream.element

    def mapped(elements: Args) -> Operand:
        return apply(element(elements))

    return iteration(low, "map", replace(stream, element=mapped))


def _filter(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    fn, sequence = args
    given = iterate(low, sequence)
    reason = "`filter` of a sequence whose length is only known when the program runs."
    stream = needs_known(low, given, reason, "Use a boolean mask.")

    def pull() -> Operand | None:
        while (item := stream.pull()) is not None:
            chosen = item if static_value(fn) is None else low.call(static_value(fn), (item,))
            known = truth(chosen)
            if known is None:
                low.refuse("`filter` by a condition known at run time only.", "Use a boolean mask.")
            if known:
                return item
        return None

    return iteration(low, "filter", Static(pull, stream.holds))


def _next(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    operand = args[0]
    if isinstance(operand, Pack) and is_record(operand):
        return call_method(low, operand, "__next__")
    if not isinstance(operand, Const) or not isinstance(operand.value, Iteration):
        low.refuse("`next` of what is no iterator.", "Call `iter` on it.")
    item = next_of(low, operand.value)
    if item is None and len(args) < 2:
        low.refuse("`next` of an iterator that is at its end.", "Give a default.")
    return args[1] if item is None else item


def _sorted(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """Lower ``sorted``: now, if the order is known, else by the places that are found then."""
    key = static_value(kwargs.get("key", NONE))
    backwards = bool(static_value(kwargs.get("reverse", FALSE)))
    operand = args[0]
    if not isinstance(type_of(operand), ListOf):
        operand = Pack(list, static_items(low, operand))
    heights = operand if key is None else low.call(each, (Const(key), operand))
    items = heights.items if isinstance(heights, Pack) else (heights,)
    values = [static_value(height) for height in items]
    if isinstance(operand, Pack) and not any(value is MISSING for value in values):
        order = sorted(range(len(values)), key=values.__getitem__, reverse=backwards)
        return Pack(list, tuple(operand.items[place] for place in order))
    heights, t = as_list_of_numbers(low, heights)
    options: Kwargs = {"reverse": TRUE} if backwards else {}
    places = low.apply(
        places_in_order, heights, kwargs=options, type=replace(t, item=Scalar("int"))
    )
    if isinstance(operand, Pack) and contains_internal(operand) is not None:
        return in_order(low, operand.items, places)
    whole = heights if key is None else listed_alike(low, operand)
    return low.call(taken, (whole, places))


def as_list_of_numbers(low: Lowerer, operand: Operand) -> tuple[Operand, ListOf]:
    """Return a list as one value, with its type, if it holds real numbers alone."""
    whole = listed_alike(low, operand)
    t = type_of(whole)
    if not isinstance(t, ListOf) or not _is_real_number(t.item):
        low.refuse("`sorted` of values known at run time only.", "Use `np.sort`.")
    return whole, t


def _is_real_number(t: Type) -> bool:
    if isinstance(t, Array):
        return t.shape == () and t.dtype is not None and t.dtype.kind in "fiub"
    return isinstance(t, Scalar) and t.kind != "complex"


def listed_alike(low: Lowerer, operand: Operand) -> Operand:
    """Return a list of like items as one value."""
    if not isinstance(operand, Pack):
        return operand
    t: Type = NEVER
    for item in operand.items:
        t = join(t, measured(item) if can_be_leaf(item) else UNKNOWN)
    return low.apply(list, operand, type=ListOf(t, len(operand.items)))


def _sequence(kind: type[Any]) -> Handler:
    """Lower ``tuple(x)`` or ``list(x)``."""

    def lower(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        if not args:
            return Pack(kind, ())
        operand = args[0]
        array = isinstance(operand, Var) and expand(low, operand) is None
        stream = iterate(low, operand, whole=True)
        items = known_items(low, stream)
        if items is None and array:
            if kind is tuple and isinstance(type_of(operand), Array):
                raise NeedsStatic.of(low, operand, "how many items this tuple has is not known.")
            return low.apply(kind, operand, origin=origin)
        if isinstance(stream, RunTime) and items is None and kind is list:
            return low.collect(stream)
        if items is None:
            low.refuse(
                f"`{kind.__name__}` of an iterator whose length is only known at run time.",
                "Loop over it, or use an array operation.",
            )
        return Pack(kind, items)

    return lower


def _iter(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    operand, *last = args
    if last:
        low.refuse("`iter` of a function and a last value is not supported.", "Write a loop.")
    if isinstance(operand, Const) and isinstance(operand.value, Iteration):
        return operand
    return iteration(low, "iter", iterate(low, operand))


SEQUENCE_CALLS: dict[Any, Handler] = {
    builtins.all: quantifier(builtins.all, all_of, np.all),
    builtins.any: quantifier(builtins.any, any_of, np.any),
    builtins.enumerate: _enumerate,
    builtins.filter: _filter,
    builtins.iter: _iter,
    builtins.list: _sequence(list),
    builtins.map: _map,
    builtins.max: extreme(builtins.max, np.greater),
    builtins.min: extreme(builtins.min, np.less),
    builtins.next: _next,
    builtins.reversed: _reversed,
    builtins.sorted: _sorted,
    builtins.sum: _sum,
    builtins.tuple: _sequence(tuple),
    builtins.zip: _zip,
}
