"""Compute at compile time what is known at compile time."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.guards import class_of, is_list
from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.ir.operators import in_, is_, is_not_, not_in
from s2s_grad.ir.primitives import INFIX, PREFIX, primitive
from s2s_grad.ir.types import (
    Array,
    Dict,
    ListOf,
    Never,
    Random,
    Range,
    Scalar,
    Sequence,
    Static,
    Type,
    Unknown,
)
from s2s_grad.lower.terms.values import (
    FALSE,
    MISSING,
    TRUE,
    Internal,
    acts_at_run_time,
    is_simple,
    static_value,
)

__all__ = ["classes_of", "fold", "known_result", "measured", "truth"]

_LONGEST = 10_000


def fold(
    fn: Callable[..., Any], args: tuple[Operand, ...], kwargs: dict[str, Operand]
) -> Const | Pack | None:
    """Return the value of an application of static operands, if it can be had now.

    Arrays are left alone: they have no spelling but the computation that gives them.
    """
    if fn is is_ or fn is is_not_:
        same = _identity(args[0], args[1])
        return None if same is None else TRUE if same is (fn is is_) else FALSE
    if fn is in_ or fn is not_in:
        found = _membership(args[0], args[1])
        return None if found is None else TRUE if found is (fn is in_) else FALSE
    values = [static_value(arg) for arg in args]
    options = {name: static_value(value) for name, value in kwargs.items()}
    everything = (*values, *options.values())
    if any(value is MISSING or isinstance(value, Internal) for value in everything):
        return None
    if any(map(acts_at_run_time, everything)):
        return None
    function = _function(fn, everything)
    if function is None or _is_costly(fn, values):
        return None
    try:
        result: Any = function(*values, **options)
    except Exception:
        return None  # raised again where the program runs
    plain = is_simple(result) and not isinstance(result, (np.ndarray, np.generic))
    if isinstance(result, np.bool_):
        return TRUE if result.item() else FALSE
    if is_list(result):
        return Pack(list, tuple(Const(item) for item in result))
    kept = plain or isinstance(result, (slice, type)) or result is NotImplemented
    return Const(result) if kept else None


def _function(fn: Callable[..., Any], values: tuple[Any, ...]) -> Callable[..., Any] | None:
    arrays = any(isinstance(value, np.ndarray) for value in values)
    if arrays:
        return None
    record = primitive(fn)
    if record.compares:
        return INFIX[fn].function
    if any(isinstance(value, np.generic) for value in values):
        return None
    if fn in INFIX:
        return INFIX[fn].function
    if fn in PREFIX:
        return PREFIX[fn].function
    if fn is np.absolute:
        return abs
    pure = getattr(fn, "__module__", None) == "math" or record.folds
    return fn if pure else None


def _is_costly(fn: Callable[..., Any], values: list[Any]) -> bool:
    if fn in (np.power, np.left_shift, builtins.pow, math.factorial):
        return any(isinstance(value, int) and abs(value) > _LONGEST for value in values)
    if fn is np.multiply:
        repeats = any(isinstance(value, (str, bytes, tuple, list)) for value in values)
        return repeats and any(isinstance(v, int) and v > _LONGEST for v in values)
    return False


def _identity(a: Operand, b: Operand) -> bool | None:
    x, y = static_value(a), static_value(b)
    if isinstance(a, Const) and isinstance(b, Const):
        return x is y or (type(x) is type(y) and isinstance(x, (int, str, type(None))) and x == y)
    for one, other in ((x, b), (y, a)):
        # None, a bool or a function is no array, number or container.
        if one is MISSING or isinstance(one, (np.ndarray, np.generic)):
            continue
        if isinstance(other, Pack):
            return False
        if not isinstance(other, Const) and _is_another(one, other.type):
            return False
    return None


def _is_another(value: Any, t: Type) -> bool:
    match t:
        case Scalar():
            return not isinstance(value, (bool, int, float, complex))
        case Array() | Sequence() | ListOf() | Dict() | Range():
            return not isinstance(value, (tuple, list, dict, range))
        case Random():
            return not isinstance(value, t.kind)
        case _:
            return False


def _membership(item: Operand, container: Operand) -> bool | None:
    value = static_value(item)
    if value is MISSING or isinstance(value, np.ndarray):
        return None
    if isinstance(container, Pack):
        if container.kind is dict:
            return value in container.keys
        inside = [static_value(each) for each in container.items]
        plain = [each for each in inside if each is not MISSING]
        if any(not isinstance(each, np.ndarray) and each == value for each in plain):
            return True
        return False if len(plain) == len(inside) else None
    if isinstance(container, Const) and not isinstance(container.value, np.ndarray):
        if acts_at_run_time(container.value):
            return None
        try:
            return bool(value in container.value)
        except TypeError:
            return None
    if not isinstance(container, Const) and isinstance(container.type, Dict):
        return value in container.type.keys
    return None


def known_result(fn: Callable[..., Any], t: Type) -> Const | None:
    """Return the result of an application whose type says what it is."""
    if isinstance(t, Static):
        return Const(t.value)
    asks = fn is operator.getitem or primitive(fn).fact
    if asks and isinstance(t, Scalar) and isinstance(t.size, int):
        return Const(t.size)
    if fn is np.shape and isinstance(t, Sequence):
        sizes = [item.size if isinstance(item, Scalar) else None for item in t.items]
        if all(isinstance(size, int) for size in sizes):
            return Const(tuple(sizes))
    return None


def truth(operand: Operand) -> bool | None:
    """Return whether an operand is true, where that is known."""
    match operand:
        case Pack():
            if operand.kind is slice:
                return None
            listed = issubclass(operand.kind, (tuple, list, dict))
            own = (getattr(operand.kind, name, None) for name in ("__bool__", "__len__"))
            return bool(operand.items) if listed else None if any(own) else True
        case Const():
            if isinstance(operand.value, Internal):
                return True
            kind = class_of(operand.value)
            if acts_at_run_time(operand.value):
                return None if hasattr(kind, "__bool__") or hasattr(kind, "__len__") else True
            try:
                return bool(operand.value)
            except ValueError:
                return None
        case _:
            match operand.type:
                case Sequence(items=items) | Dict(items=items):
                    return bool(items)
                case Static(value=value):
                    return bool(value)
                case Random():
                    return True
                case _:
                    return None


_KINDS: dict[str, type] = {"bool": bool, "int": int, "float": float, "complex": complex}


def classes_of(t: Type) -> tuple[type[Any], ...] | None:
    """Return the classes that a value of this type may have; None where that is open."""
    match t:
        case Scalar():
            return (_KINDS[t.kind],)
        case Array(shape=None):
            return None
        case Array(shape=()):
            return (np.ndarray, np.generic if t.dtype is None else t.dtype.type)
        case Array():
            return (np.ndarray,)
        case Sequence():
            return (t.kind,)
        case ListOf():
            return (list,)
        case Dict():
            return (t.kind,)
        case Range():
            return (range,)
        case Static():
            return (class_of(t.value),)
        case Random():
            return (t.kind,)
        case Unknown() | Never():
            return None


def measured(operand: Operand) -> Type:
    """Return the type of a carried value: a number's own size is no lasting fact."""
    t = type_of(operand)
    if isinstance(t, Scalar):
        return Scalar(t.kind)
    return Range(None) if isinstance(t, Range) else t
