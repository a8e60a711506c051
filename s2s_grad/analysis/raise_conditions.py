"""When functions raise, by function: conditions on the types of their arguments.

What is of unknown type counts as what the function is meant for.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.analysis.operand_types import type_of
from s2s_grad.ir.guards import is_slice as is_slice_value
from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.ir.primitives import INFIX, PREFIX, Raises, primitive
from s2s_grad.ir.types import (
    PYTHON,
    Array,
    Dict,
    Dim,
    ListOf,
    Range,
    Scalar,
    Sequence,
    Size,
    Static,
    Type,
)

__all__ = [
    "CONDITIONS",
    "broadcasts",
    "fits_into",
    "has_items",
    "has_one_truth",
    "is_number",
    "is_slice",
    "raises_by_shape",
    "same_size",
    "takes_kinds",
]

_LARGEST_POWER = 3  # what repeated products give without an error
_Args = tuple[Operand, ...]


def is_number(t: Type) -> bool:
    """Return whether a type is that of a number, Python's or NumPy's."""
    return isinstance(t, Scalar) or (isinstance(t, Array) and t.shape == ())


def is_slice(item: Operand) -> bool:
    """Return whether an index is a slice that nothing is wrong with."""
    held = item.value if isinstance(item, Const) else None
    if is_slice_value(held):
        parts: _Args = (Const(held.start), Const(held.stop), Const(held.step))
    elif isinstance(item, Pack) and item.kind is slice:
        parts = item.items
    else:
        return False
    step = parts[2] if len(parts) > 2 else Const(None)
    forward = isinstance(step, Const) and (step.value is None or bool(step.value))
    return forward and all(_is_index(part) or _is_none(part) for part in parts)


def _is_none(operand: Operand) -> bool:
    return isinstance(operand, Const) and operand.value is None


def _is_index(operand: Operand) -> bool:
    t = type_of(operand)
    if isinstance(t, Array):
        return t.dtype is None or (t.dtype.kind in "biu" and t.shape in ((), None))
    return t in (Scalar("int"), Scalar("bool")) or (isinstance(t, Scalar) and t.kind == "int")


def broadcasts(args: _Args) -> bool:
    """Return whether operands are proven to be numbers and arrays that broadcast."""
    found: tuple[Size, ...] = ()
    for t in map(type_of, args):
        shape = () if isinstance(t, Scalar) else t.shape if isinstance(t, Array) else None
        if shape is None:
            return False
        rank = max(len(found), len(shape))
        ones = (1,) * rank
        pairs = list(zip((*ones, *found)[len(found) :], (*ones, *shape)[len(shape) :], strict=True))
        if not all(1 in (x, y) or same_size(x, y) for x, y in pairs):
            return False
        found = tuple(y if x == 1 else x for x, y in pairs)
    return True


def same_size(a: Size, b: Size) -> bool:
    """Return whether two sizes are proven to be equal."""
    if isinstance(a, Dim) and isinstance(b, Dim):
        return (a.symbol, a.offset) == (b.symbol, b.offset)
    return a == b


def has_items(t: Type) -> bool:
    """Return whether an array, or a list, is proven to have an item."""
    if isinstance(t, Array):
        return t.shape is not None and all(isinstance(n, int) and n > 0 for n in t.shape)
    return isinstance(t, Scalar) or (isinstance(t, Sequence) and bool(t.items))


def has_one_truth(t: Type) -> bool:
    """Return whether `if` takes a value of this type."""
    if isinstance(t, Array):
        return t.shape is not None and all(size == 1 for size in t.shape)
    return isinstance(t, (Scalar, Sequence, ListOf, Dict, Range))


def fits_into(t: Type, value: Operand) -> bool:
    """Return whether a number is within the bounds of the items of an array; most ints are."""
    dtype = t.dtype if isinstance(t, Array) else None
    own = type_of(value)
    if dtype is None or dtype.kind not in "iu" or not isinstance(own, Scalar) or own.kind != "int":
        return True
    if not isinstance(value, Const):
        return dtype == np.int64
    return bool(np.iinfo(dtype).min <= value.value <= np.iinfo(dtype).max)


def raises_by_shape(fn: Callable[..., Any], args: tuple[Operand, ...]) -> bool:
    """Return whether a function of arrays raises for nothing but their shapes."""
    whole = fn is np.power and all(map(_is_whole, args))
    return primitive(fn).elementwise and takes_kinds(fn, args) and not whole


# ------------------------------------------------------------------------- kinds of numbers


def takes_kinds(fn: Callable[..., Any], operands: _Args) -> bool:
    """Return whether an elementwise function takes numbers of these kinds, as far as is known."""
    if not isinstance(fn, np.ufunc):
        return True
    kinds = tuple(map(_kind, operands))
    # NumPy's dtype of floats is equal to None.
    unknown = any(kind is None for kind in kinds)
    return len(operands) == fn.nin and (unknown or _takes(fn, kinds))


def _kind(operand: Operand) -> Any:
    """Return what stands for a number of this kind, for `_example`."""
    t = type_of(operand)
    if isinstance(operand, Const) and type(operand.value) in (bool, int, float, complex):
        return type(operand.value), operand.value
    if isinstance(t, Scalar):
        return PYTHON[t.kind], None
    return t.dtype if isinstance(t, Array) else None


@functools.lru_cache(maxsize=4096)
def _takes(fn: np.ufunc, kinds: tuple[Any, ...]) -> bool:
    plain = all(isinstance(kind, tuple) for kind in kinds)
    written = (INFIX | PREFIX).get(fn)
    run: Any = fn if written is None or not plain else written.function
    try:
        with np.errstate(all="ignore"):
            run(*map(_example, kinds))
    except (TypeError, ValueError, ArithmeticError):
        return False
    return True


def _example(kind: Any) -> Any:
    if not isinstance(kind, tuple):
        return np.ones(2, kind)
    made: Any = kind[0]  # pyright: ignore[reportUnknownVariableType]
    return made(2) if kind[1] is None else kind[1]  # pyright: ignore[reportUnknownVariableType]


# ----------------------------------------------------------------------------- own conditions


def _numbers(args: _Args) -> bool:
    return all(isinstance(type_of(arg), Scalar) for arg in args)


def _divides(args: _Args) -> bool:
    """Python's division of numbers raises where NumPy's gives an infinity."""
    if not _numbers(args):
        return not broadcasts(args)
    by = args[1]
    return not (isinstance(by, Const) and by.value)


def _power(args: _Args) -> bool:
    exponent = args[1].value if isinstance(args[1], Const) else None
    known = isinstance(exponent, (int, float)) and exponent >= 0
    if not _numbers(args):
        return not broadcasts(args) or (not known and all(map(_is_whole, args)))
    if not isinstance(exponent, (int, float)):
        return True
    return not (known and exponent <= _LARGEST_POWER and float(exponent).is_integer())


def _shifts(args: _Args) -> bool:
    by = args[1]
    forward = isinstance(by, Const) and isinstance(by.value, int) and by.value >= 0
    return not (forward if _numbers(args) else broadcasts(args))


def _is_whole(operand: Operand) -> bool:
    t = type_of(operand)
    if isinstance(t, Array):
        return t.dtype is not None and t.dtype.kind in "biu"
    return isinstance(t, Scalar) and t.kind in ("bool", "int")


def _to_float(args: _Args) -> bool:
    if args and isinstance(args[0], Const) and type(args[0].value) is int:
        return abs(args[0].value) >= 2**1023
    t = type_of(args[0]) if args else Scalar("float")
    real = isinstance(t, Scalar) and t.kind != "complex"
    return not (real or (isinstance(t, Array) and t.shape == ()))


def _to_int(args: _Args) -> bool:
    return bool(args) and not (_is_whole(args[0]) and is_number(type_of(args[0])))


def _to_bool(args: _Args) -> bool:
    return not all(has_one_truth(type_of(arg)) for arg in args)


def _of_items(args: _Args) -> bool:
    types = [type_of(arg) for arg in args]
    if len(types) == 1:
        return not (isinstance(types[0], Sequence) and types[0].items and _plain(types[0].items))
    return not _plain(tuple(types))


def _plain(types: tuple[Type, ...]) -> bool:
    return all(has_one_truth(t) and isinstance(t, (Scalar, Array)) for t in types)


def _has_no_length(args: _Args) -> bool:
    t = type_of(args[0])
    return isinstance(t, (Scalar, Static)) or (isinstance(t, Array) and t.shape == ())


def _has_no_size(args: _Args) -> bool:
    t = type_of(args[0])
    return not isinstance(t, Array) and isinstance(t, (Sequence, ListOf, Dict, Range, Static))


def _contains(args: _Args) -> bool:
    t = type_of(args[1])
    held: Any = t.value if isinstance(t, Static) else None
    safe = isinstance(held, (frozenset, set, dict))
    if isinstance(held, str):  # which contains nothing but text
        safe = not isinstance(type_of(args[0]), (Scalar, Array, Sequence, ListOf, Dict))
    return not safe and (
        isinstance(t, (Scalar, Static)) or (isinstance(t, Array) and t.shape == ())
    )


def _ranges(args: _Args) -> bool:
    step = args[2] if len(args) > 2 else Const(1)
    return not (all(map(_is_index, args)) and isinstance(step, Const) and step.value)


def _repeats(args: _Args) -> bool:
    return not any(map(_is_index, args))


def _formats(args: _Args) -> bool:
    return not all(map(_is_formatted, args))


def _is_formatted(part: Operand) -> bool:
    if not isinstance(part, Pack) or not all(isinstance(p, Const) for p in part.items[1:]):
        return isinstance(part, Const)
    value = part.items[0]
    conversion, spec = (p.value for p in part.items[1:] if isinstance(p, Const))
    if not spec:
        return True
    kind = _kind(value)
    text = bool(conversion) or (isinstance(value, Const) and isinstance(value.value, str))
    one = isinstance(kind, tuple) or is_number(type_of(value))
    if not text and (kind is None or not one):
        return False
    try:
        format("" if text else np.ravel(_example(kind))[0].item(), spec)
    except (TypeError, ValueError):
        return False
    return True


def _is_ragged(args: _Args) -> bool:
    """Return whether the parts of what becomes an array may be of different shapes."""
    return bool(args) and _shape(type_of(args[0])) is _RAGGED


_RAGGED: tuple[Size, ...] = (-1,)


def _shape(t: Type) -> tuple[Size, ...] | None:
    """Return the shape that a value has as an array, None where that is not known."""
    match t:
        case Scalar():
            return ()
        case Array(shape=shape):
            return shape
        case Sequence(items=items):
            shapes = [_shape(item) for item in items]
            first = shapes[0] if shapes else ()
            if _RAGGED in shapes:
                return _RAGGED
            if first is None or any(shape is None for shape in shapes):
                return None
            same = all(_same_shape(first, shape) for shape in shapes)
            return (len(items), *first) if same else _RAGGED
        case _:
            return None


def _same_shape(a: tuple[Size, ...], b: tuple[Size, ...] | None) -> bool:
    return b is not None and len(a) == len(b) and all(map(same_size, a, b))


CONDITIONS: dict[Raises, Callable[[_Args], bool]] = {
    Raises.DIVISION: _divides,
    Raises.POWER: _power,
    Raises.SHIFT: _shifts,
    Raises.FLOAT: _to_float,
    Raises.INTEGER: _to_int,
    Raises.TRUTH: _to_bool,
    Raises.ITEMS: _of_items,
    Raises.SIZE: _has_no_size,
    Raises.LENGTH: _has_no_length,
    Raises.CONTAINER: _contains,
    Raises.RANGE: _ranges,
    Raises.REPEATED: _repeats,
    Raises.FORMAT: _formats,
    Raises.RAGGED: _is_ragged,
}
