"""Calls of Python's builtins."""

from __future__ import annotations

import builtins
import operator
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Const, Operand, Origin, Pack
from s2s_grad.ir.types import Array, Dict, ListOf, Scalar, Sequence, Unknown
from s2s_grad.lower.calls.sequence_calls import SEQUENCE_CALLS
from s2s_grad.lower.control.operations import binary
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.classes import possible_classes
from s2s_grad.lower.objects.iterate import (
    static_items,
)
from s2s_grad.lower.objects.records import asked, call_method, hasattr_of, is_record, special
from s2s_grad.lower.objects.subscripts import subscript
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.terms.local_functions import LocalFunction
from s2s_grad.lower.terms.static import truth
from s2s_grad.lower.terms.values import (
    FALSE,
    MISSING,
    NONE,
    TRUE,
    Args,
    Kwargs,
    Method,
    Partial,
    is_false,
    static_value,
)
from s2s_grad.lower.writes import attributes

__all__ = ["BUILTINS", "Handler"]

Handler = Callable[["Lowerer", Args, Kwargs, Origin], Operand]


def _plain(fn: Callable[..., Any]) -> Handler:
    """Lower a call to an application of `fn`."""

    def lower(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        return low.apply(fn, *args, origin=origin, kwargs=kwargs)

    return lower


def _abs(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    own = special(low, np.absolute, args, origin)
    if own is not None:
        return own
    array = len(args) != 1 or isinstance(type_of(args[0]), (Array, Unknown))
    return low.apply(np.absolute if array else builtins.abs, *args, origin=origin)


def _number(kind: type[Any]) -> Handler:
    """Lower ``float(x)`` and the like; an object's class says what it is."""

    def lower(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        if args and is_record(args[0]):
            return call_method(low, args[0], f"__{kind.__name__}__")
        if any(isinstance(type_of(arg), (Sequence, ListOf, Dict)) for arg in args):
            low.refuse(f"`{kind.__name__}` of what is no number.", "Take one of its items.")
        return low.apply(kind, *args, origin=origin, kwargs=kwargs)

    return lower


def _len(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    if isinstance(args[0], Pack) and is_record(args[0]):
        return low.call(getattr(args[0].kind, "__len__", None), args)
    packed = expand(low, args[0])
    if packed is not None:
        return Const(len(packed.items))
    return low.apply(builtins.len, args[0], origin=origin)


def _range(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    bounds = [static_value(arg) for arg in args]
    if all(isinstance(bound, (int, np.integer)) for bound in bounds):
        return Const(range(*bounds))
    types = [type_of(arg) for arg in args]
    if any(isinstance(t, Scalar) and t.kind in ("float", "complex") for t in types):
        low.refuse("`range` of what is no whole number.", "Make it an int.")
    return low.apply(builtins.range, *args, origin=origin)


def _bool(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    args = tuple(asked(low, arg) for arg in args)
    known = truth(args[0]) if args else False
    if known is not None:
        return TRUE if known else FALSE
    return low.apply(builtins.bool, *args, origin=origin)


def _pow(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    if len(args) == 2 and not kwargs:
        return binary(low, np.power, *args, origin)
    return low.apply(builtins.pow, *args, origin=origin, kwargs=kwargs)


def _divmod(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    a, b = args
    quotient = binary(low, np.floor_divide, a, b, low.builder.origin)
    return Pack(tuple, (quotient, binary(low, np.remainder, a, b, low.builder.origin)))


def _dict(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    items: dict[Any, Operand] = {}
    if args:
        packed = expand(low, args[0])
        if packed is not None and packed.kind is dict:
            items.update(zip(packed.keys, packed.items, strict=True))
        else:
            for pair in static_items(low, args[0]):
                key, value = static_items(low, pair)
                name = static_value(key)
                if name is MISSING:
                    low.refuse("a dict key that is only known when the program runs.")
                items[name] = value
    items.update(kwargs)
    return Pack(dict, tuple(items.values()), tuple(items))


def _isinstance(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    operand, kinds = args
    wanted = static_value(kinds)
    known = possible_classes(low, operand)
    if isinstance(operand, Const) and isinstance(operand.value, (LocalFunction, Method, Partial)):
        known = (types.FunctionType,)
    if known is not None and wanted is not MISSING:
        try:
            answers = {issubclass(kind, wanted) for kind in known}
        except TypeError as error:  # a protocol with more than methods
            low.refuse(f"what `isinstance` answers cannot be told from the class: {error}.")
        if len(answers) == 1:
            return TRUE if answers.pop() else FALSE
    return low.apply(builtins.isinstance, operand, kinds, origin=origin)


def _type(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    if len(args) != 1:
        low.refuse("a class that is made in the function is not supported.", "Define it outside.")
    (operand,) = args
    known = possible_classes(low, operand)
    if known is not None and len(known) == 1:
        return Const(known[0])
    return low.apply(builtins.type, operand, origin=origin)


def _hasattr(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    operand, name = args[0], static_value(args[1])
    if isinstance(operand, Pack) and is_record(operand):
        return TRUE if hasattr_of(low, operand, name) else FALSE
    if isinstance(operand, Const):
        return TRUE if low.outside.has_attribute(operand.value, name) else FALSE
    known = possible_classes(low, operand)
    answers = {hasattr(kind, name) for kind in known or ()}
    if len(answers) != 1:
        low.refuse(f"whether this has `{name}` is only known when the program runs.")
    return TRUE if answers.pop() else FALSE


def _getattr(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    operand, name = args[0], static_value(args[1])
    if not isinstance(name, str):
        low.refuse("an attribute name that is only known when the program runs.")
    if len(args) > 2 and is_false(_hasattr(low, args[:2], {}, origin)):
        return args[2]
    if isinstance(operand, Const) and not isinstance(operand.value, np.ndarray):
        return Const(low.outside.attribute(operand.value, name))
    node: Any = low.node
    return attributes.attribute(low, operand, name, node)


def _callable(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    operand = args[0]
    if not isinstance(operand, Const):
        return FALSE
    internal = isinstance(operand.value, (LocalFunction, Method, Partial))
    return TRUE if internal or callable(operand.value) else FALSE


def _print(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    return low.effect(builtins.print, *args, origin=origin, kwargs=kwargs)


def _slice(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    bounds = (NONE, *args, NONE) if len(args) == 1 else (*args, NONE)[:3]
    return Pack(slice, bounds)


def _str(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    return low.apply(builtins.str, *args, origin=origin)


def _getitem(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    return subscript(low, args[0], args[1])


BUILTINS: dict[Any, Handler] = {
    builtins.abs: _abs,
    builtins.bool: _bool,
    builtins.callable: _callable,
    builtins.complex: _number(builtins.complex),
    builtins.dict: _dict,
    builtins.divmod: _divmod,
    builtins.float: _number(builtins.float),
    builtins.getattr: _getattr,
    builtins.hasattr: _hasattr,
    builtins.int: _number(builtins.int),
    builtins.isinstance: _isinstance,
    builtins.len: _len,
    builtins.pow: _pow,
    builtins.print: _print,
    builtins.range: _range,
    builtins.repr: _plain(builtins.repr),
    builtins.round: _plain(builtins.round),
    builtins.slice: _slice,
    builtins.str: _str,
    builtins.type: _type,
    operator.getitem: _getitem,
    **SEQUENCE_CALLS,
}
