"""Find the type of a NumPy function's result by running it on small arrays of two sets of sizes.

NumPy itself is the authority on dtypes and ranks. A size of the result is identified where it is
the same number in both runs, or equals the size of one symbol in both; else it is a fresh symbol.
A third run asks whether the rank is another one where a computed size is 1.
"""

from __future__ import annotations

import types
import warnings
from collections.abc import Callable
from types import EllipsisType
from typing import Any

import numpy as np

from s2s_grad.analysis.by_value import infer_by_value
from s2s_grad.analysis.sizes import fresh_dim
from s2s_grad.ir.guards import class_of, is_items, is_numeric, is_slice
from s2s_grad.ir.nodes import Const, Operand, Pack, Var
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.types import (
    NOTHING,
    UNKNOWN,
    Array,
    Dict,
    Dim,
    ListOf,
    Random,
    Scalar,
    Sequence,
    Size,
    Static,
    Type,
    never_one,
)

__all__ = ["infer_by_running", "infer_draw", "runs_on_examples"]

# Another order in each run, so that the larger of two sizes is not taken for one of them.
_SIZES = (
    (6, 12, 18, 24, 30, 36, 42, 48, 54, 60),
    (54, 36, 30, 18, 12, 9, 8, 5, 4, 3),
    (54, 36, 30, 18, 12, 9, 8, 5, 4, 3),
    # To prove that a function takes all sizes and values: those that others cannot divide.
    (7, 11, 13, 17, 19, 23, 29, 31, 37, 41),
    (2, 3, 5, 7, 11, 13, 17, 19, 23, 29),
    (3, 5, 7, 11, 13, 17, 19, 23, 29, 31),
)
_SINGLE = 2  # a third run, in which all sizes are 1 of which that is not known to be wrong
_FLOATS = (0.75, 0.75, 0.75, -1.25, 1.75, 0.0)
_INTS = (1, 2, 3, -1, 101, 0)
_PROVING, _EMPTY = (3, 4), (5, 5)
_MOST_ELEMENTS = 200_000

_PLAIN = (bool, int, float, complex, str, type(None), type, np.generic, np.dtype, EllipsisType)
_FOUND: dict[Any, Type | None] = {}
_MOST_FOUND = 8192
_RANDOM = np.random.default_rng(0).uniform(0.5, 1.5, 4096)


def infer_draw(
    kind: type[Any],
    name: str,
    args: tuple[Operand, ...],
    kwargs: dict[str, Operand],
    type_of: Callable[[Operand], Type],
) -> Type:
    """Return the type of what a method of a generator of random numbers gives."""
    found = _run_twice(getattr(kind, name), (Var("", Random(kind)), *args), kwargs, type_of)
    return UNKNOWN if found is None else found


class _CannotRunError(Exception):
    pass


class _Symbols(dict[str, Dim]):
    """The symbols in the types of arguments, and whether one of their sizes may be 1."""

    may_be_one = False


def infer_by_running(
    fn: Callable[..., Any],
    args: tuple[Operand, ...],
    kwargs: dict[str, Operand],
    type_of: Callable[[Operand], Type],
) -> Type | None:
    """Return the type of the result, or None where the function cannot be tried."""
    module = (getattr(fn, "__module__", None) or "").partition(".")[0]
    safe = isinstance(fn, np.ufunc) or module in ("numpy", "math")
    if not safe or primitive(fn).by_value or (fn is np.where and len(args) == 1):
        return infer_by_value(fn, args, kwargs, type_of)
    if isinstance(fn, types.BuiltinMethodType) and isinstance(fn.__self__, np.random.Generator):
        return None
    found = _run_twice(fn, args, kwargs, type_of)
    if found is not None:
        return found
    # Sizes that the types do not prove equal may have to be: with all sizes equal, the rank and
    # the dtype of the result can still be found.
    found = _run_twice(fn, args, kwargs, lambda operand: _one_size(type_of(operand)))
    return None if found is None else _forget_sizes(found)


def runs_on_examples(
    fn: Callable[..., Any],
    args: tuple[Operand, ...],
    kwargs: dict[str, Operand],
    type_of: Callable[[Operand], Type],
) -> bool:
    """Return whether a function of NumPy takes arrays of these types, whatever their sizes.

    Integers that are no sizes may be anything, so that they prove nothing.
    """
    if (getattr(fn, "__module__", None) or "").partition(".")[0] != "numpy" or primitive(
        fn
    ).by_value:
        return False
    types = [type_of(operand) for operand in (*args, *kwargs.values())]
    if any(t == Scalar("int") for t in types):
        return False
    both = (_run_twice(fn, args, kwargs, type_of, runs) for runs in (_PROVING, _EMPTY))
    return all(result is not None for result in both)


_EVERY = Dim("every")


def _one_size(t: Type) -> Type:
    """Return the type with every size but 1 replaced by the same one."""
    match t:
        case Array(shape=shape) if shape is not None:
            return Array(t.dtype, tuple(1 if size == 1 else _EVERY for size in shape))
        case Sequence():
            return Sequence(t.kind, tuple(_one_size(item) for item in t.items))
        case _:
            return t


def _forget_sizes(t: Type) -> Type:
    match t:
        case Array(shape=shape) if shape is not None:
            return Array(t.dtype, tuple(fresh_dim() for _ in shape))
        case Sequence():
            return Sequence(t.kind, tuple(_forget_sizes(item) for item in t.items))
        case _:
            return t


def _run_twice(
    fn: Callable[..., Any],
    args: tuple[Operand, ...],
    kwargs: dict[str, Operand],
    type_of: Callable[[Operand], Type],
    runs: tuple[int, int] = (0, 1),
) -> Type | None:
    """Return the type of the result, found once for each pattern of arguments."""
    try:
        given = [_pattern(arg, type_of) for arg in args]
        named = [(name, _pattern(value, type_of)) for name, value in kwargs.items()]
        key = (fn, runs, tuple(given), tuple(named))
        if key in _FOUND:
            return _FOUND[key]
    except TypeError:  # an argument that is no part of a key
        key = None
    symbols = _Symbols()
    found = _find(fn, args, kwargs, type_of, runs, symbols)
    if key is not None and (found is None or _is_of(found, symbols)):
        if len(_FOUND) >= _MOST_FOUND:
            _FOUND.clear()
        _FOUND[key] = found
    return found


def _pattern(operand: Operand, type_of: Callable[[Operand], Type]) -> Any:
    """Return all of an argument that the type of a result may depend on, to be hashed."""
    match operand:
        case Const(value=value):
            return _constant(value)
        case Pack():
            return operand.kind, operand.keys, tuple(_pattern(v, type_of) for v in operand.items)
        case _:
            return type_of(operand)


def _constant(value: Any) -> Any:
    """Return a constant with its type, as numbers of several types may be equal."""
    if is_slice(value):
        return slice, _constant(value.start), _constant(value.stop), _constant(value.step)
    if class_of(value) is tuple:
        return tuple, tuple(map(_constant, value))
    if not isinstance(value, _PLAIN):
        raise TypeError
    return class_of(value), value


def _is_of(t: Type, symbols: _Symbols) -> bool:
    """Return whether the sizes in a type are numbers or sizes of the arguments."""
    match t:
        case Array(shape=shape):
            return all(isinstance(size, int) or size.symbol in symbols for size in shape or ())
        case Sequence(items=items):
            return all(_is_of(item, symbols) for item in items)
        case _:
            return True


def _find(
    fn: Callable[..., Any],
    args: tuple[Operand, ...],
    kwargs: dict[str, Operand],
    type_of: Callable[[Operand], Type],
    runs: tuple[int, int],
    symbols: _Symbols,
) -> Type | None:
    def run_with(run: int) -> Any:
        concrete = [_concrete(arg, type_of, symbols, run) for arg in args]
        named = {k: _concrete(v, type_of, symbols, run) for k, v in kwargs.items()}
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return fn(*concrete, **named)

    try:
        results = run_with(runs[0]), run_with(runs[1])
    except Exception:
        return None
    found = _generalise(*results, symbols)
    if found is None or not symbols.may_be_one:
        return found
    try:
        single = run_with(_SINGLE)
    except Exception:
        return found  # and so it is when the program runs
    return found if _ranks(single) == _ranks(results[0]) else _any_rank(found)


def _ranks(value: Any) -> Any:
    """Return the rank of each array in a result."""
    return [_ranks(each) for each in value] if is_items(value) else np.ndim(value)


def _any_rank(t: Type) -> Type:
    """Return the type of a result that has another rank where a size is 1."""
    if isinstance(t, Sequence):
        return Sequence(t.kind, tuple(_any_rank(item) for item in t.items))
    return Array(t.dtype) if isinstance(t, Array) else t


def _concrete(
    operand: Operand, type_of: Callable[[Operand], Type], symbols: _Symbols, run: int
) -> Any:
    match operand:
        case Const():
            return operand.value
        case Pack() if operand.kind is slice:
            return slice(*(_concrete(item, type_of, symbols, run) for item in operand.items))
        case Pack() if operand.kind is dict:
            raise _CannotRunError
        case Pack():
            return operand.kind(_concrete(item, type_of, symbols, run) for item in operand.items)
        case _:
            return _example(type_of(operand), symbols, run)


def _size(size: Size, symbols: _Symbols, run: int) -> int:
    if isinstance(size, int):
        return size
    if run in _EMPTY and (size.symbol == NOTHING.symbol or not size.not_one):
        return 0
    if size.offset == 0:
        symbols[size.symbol] = size
    else:
        symbols.setdefault(size.symbol, Dim(size.symbol))
    if not never_one(size):
        symbols.may_be_one = True
        if run == _SINGLE:
            return 1
    place = list(symbols).index(size.symbol)
    if place >= len(_SIZES[0]):
        raise _CannotRunError
    return max(0, _SIZES[run][place] + size.offset)


def _example(t: Type, symbols: _Symbols, run: int) -> Any:
    match t:
        case Scalar(kind="int", size=None):
            return 2 + run
        case Scalar(kind="int", size=size) if size is not None:
            return _size(size, symbols, run)
        case Scalar(kind="bool"):
            return True
        case Scalar(kind="float"):
            return _FLOATS[run]
        case Scalar():
            return _FLOATS[run] + 0.5j
        case Array(dtype=dtype, shape=shape) if dtype is not None and shape is not None:
            sizes = tuple(_size(size, symbols, run) for size in shape)
            count = int(np.prod(sizes)) if sizes else 1
            if count > _MOST_ELEMENTS:
                raise _CannotRunError
            if dtype.kind in "fc":
                return np.resize(_RANDOM + _FLOATS[run] - 0.75, sizes).astype(dtype)
            # Another value in each run: a size that follows from it is not taken for a constant.
            return np.full(sizes, run % 2 if dtype.kind == "b" else _INTS[run]).astype(dtype)
        case Sequence(kind=kind, items=items):
            return kind(_example(item, symbols, run) for item in items)
        case Static(value=value):
            return value
        case Random(kind=kind):
            return (
                np.random.RandomState(0)
                if kind is np.random.RandomState
                else np.random.default_rng(0)
            )
        case ListOf(item=item, length=length) if length is not None:
            return [_example(item, symbols, run) for _ in range(_size(length, symbols, run))]
        case _:
            raise _CannotRunError


def _generalise(first: Any, second: Any, symbols: _Symbols) -> Type | None:
    if type(first) is not type(second):
        return None
    if is_numeric(first):
        if first.ndim != second.ndim or first.dtype != second.dtype:
            return None
        pairs = zip(first.shape, second.shape, strict=True)
        return Array(first.dtype, tuple(_symbol(a, b, symbols) for a, b in pairs))
    if isinstance(first, bool):
        return Scalar("bool")
    if isinstance(first, int):
        return Scalar("int")
    if isinstance(first, (float, complex)):
        return Scalar("float" if isinstance(first, float) else "complex")
    if is_items(first):
        if len(first) != len(second):
            return None
        kind = tuple if isinstance(first, tuple) else list
        items = [_generalise(a, b, symbols) for a, b in zip(first, second, strict=True)]
        return Sequence(kind, tuple(UNKNOWN if item is None else item for item in items))
    if isinstance(first, dict):
        return Dict((), ()) if not first else None
    return None


def _symbol(a: int, b: int, symbols: _Symbols) -> Size:
    if a == b:
        return a
    for place, dim in enumerate(symbols.values()):
        if a == _SIZES[0][place] and b == _SIZES[1][place]:
            return dim
    return fresh_dim()
