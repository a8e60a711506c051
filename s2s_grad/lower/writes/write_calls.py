"""Calls that write into their arguments: ``out=``, ``np.add.at``, ``x.fill`` and the like."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Const, Operand, Origin, Pack
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.types import Array, Scalar, Type, never_zero
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.memory.fit import check_axes
from s2s_grad.lower.objects.list_arrays import as_array
from s2s_grad.lower.objects.subscripts import subscript
from s2s_grad.lower.terms.values import MISSING, NONE, Args, Kwargs, static_value
from s2s_grad.lower.writes.store import check_complex, check_kind, store, write_all
from s2s_grad.runtime import add_at

__all__ = ["UFUNC_METHODS", "WRITES", "WRITING_METHODS", "apply_to", "flat_view", "write_result"]

Handler = Callable[["Lowerer", Args, Kwargs, Origin], Operand]

_EVERYTHING = Const(Ellipsis, "...")


def flat_view(low: Lowerer, x: Operand) -> Operand:
    """Return an array as ``x.flat`` reads and writes it, however it is laid out."""
    flat = low.call(np.reshape, (x, Const(-1)))
    low.memory.see_through(flat, x)
    return flat


def apply_to(
    low: Lowerer, fn: Any, args: Args, kwargs: Kwargs, out: Operand, origin: Origin
) -> Operand:
    """Lower ``fn(*args, out=out)``, with ``where=`` of a ufunc, and return `out`."""
    if fn is np.dot and low.memory.view_of(out) is not None:
        low.refuse("`out=` of `dot` takes no view that is not contiguous.", "Use `np.matmul`.")
    kwargs = dict(kwargs)
    where = kwargs.pop("where", None) if isinstance(fn, np.ufunc) else None
    result = low.call(fn, args, kwargs)  # not where it is written: that would write again
    return write_result(low, out, result, where)


def write_result(
    low: Lowerer, out: Operand, result: Operand, where: Operand | None = None
) -> Operand:
    """Write a result into the array that was given for it, and return that."""
    target = out
    if isinstance(out, Pack):
        if len(out.items) != 1:
            low.refuse("`out=` of several arrays is not supported.", "Assign to each of them.")
        target = out.items[0]
    if where is not None and static_value(where) is not True:
        result = low.apply(np.where, where, result, target)
    check_kind(low, target, result)
    check_axes(low, target, result)
    _write(low, target, result)
    return target


def _write(low: Lowerer, target: Operand, value: Operand) -> None:
    _check_mutable(low, target)
    write_all(low, target, value)


def _check_mutable(low: Lowerer, target: Operand) -> None:
    if not low.memory.is_mutable(target):
        low.refuse("what is written to here is no array.", "Make it with `np.zeros` or `np.empty`.")


def _option(low: Lowerer, args: Args, kwargs: Kwargs, place: int, name: str, default: Any) -> Any:
    """Return the value of an option that has to be known at compile time."""
    given = args[place] if len(args) > place else kwargs.get(name)
    if given is None:
        return default
    value = static_value(given)
    if value is MISSING:
        low.refuse(f"`{name}` is only known when the program runs.", "Write it out.")
    return value


# ------------------------------------------------------------------ functions


def _copyto(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    target, source = args[0], _as_array(low, args[1])
    where = kwargs.get("where")
    _check_mutable(low, target)
    check_kind(low, target, source)
    if where is not None:
        write_all(low, target, low.apply(np.where, where, source, target))
    else:
        store(low, target, _EVERYTHING, source)
    return NONE


def _fill_diagonal(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    target, value = args[:2]
    t = type_of(target)
    if not isinstance(t, Array) or not t.rank or t.rank < 2:
        low.refuse("`fill_diagonal` needs an array of two axes or more, which is not known here.")
    if _option(low, args, kwargs, 2, "wrap", False):
        low.refuse("`fill_diagonal` with `wrap=True` is not supported.")
    size = low.apply(builtins.min, low.call(np.shape, (target,)))
    place = low.call(np.arange, (size,))
    check_complex(low, target, value)
    if not _is_single(type_of(value)):
        value = _in_turn(low, value, place, place)
    store(low, target, Pack(tuple, (place,) * t.rank), value)
    return NONE


def _put(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """``np.put(x, places, values)``: the places are flat ones, and get the values in turn."""
    target, places, values = args[:3]
    t = type_of(target)
    if not isinstance(t, Array) or t.rank is None:
        low.refuse("`put` into an array of unknown rank.", "Use `x.flat[places] = values`.")
    check_complex(low, target, values)
    places = low.call(np.ravel, (_as_array(low, places),))
    size = low.call(np.size, (target,))
    mode = _option(low, args, kwargs, 3, "mode", "raise")
    if mode == "wrap":
        places = low.apply(np.remainder, places, size)
    elif mode == "clip":
        places = low.call(np.clip, (places, Const(0), low.apply(np.subtract, size, Const(1))))
    if not _is_single(type_of(values)) and not _same_shape(low, values, places):
        count = low.call(np.size, (places,))
        values = _in_turn(low, values, low.call(np.arange, (count,)), places)
    store(low, target if t.rank == 1 else flat_view(low, target), places, values)
    return NONE


def _same_shape(low: Lowerer, a: Operand, b: Operand) -> bool:
    """Return whether two arrays are known to have the same shape, which has axes."""
    one, other = type_of(_as_array(low, a)), type_of(b)
    if not isinstance(one, Array) or not isinstance(other, Array):
        return False
    return bool(one.shape) and one.shape == other.shape


def _putmask(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """``np.putmask(x, mask, values)``: values with another shape are repeated, and stay in step."""
    target, mask, values = *args[:2], _as_array(low, args[2])
    if not _is_single(type_of(values)) and not _same_shape(low, values, target):
        values = _in_turn(low, values, low.call(np.arange, (low.call(np.size, (target,)),)), target)
    _write_where(low, target, mask, values)
    return NONE


def _place(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """``np.place(x, mask, values)``: the places that the mask selects get the values in turn."""
    target, mask, values = args
    if isinstance(values, Pack) and len(values.items) == 1:
        values = values.items[0]
    values = _as_array(low, values)
    if not _is_single(type_of(values)):
        mask = _as_array(low, mask)
        t = type_of(mask)
        if not isinstance(t, Array) or t.dtype != np.dtype(bool):
            mask = low.apply(np.not_equal, mask, Const(0))
        counts = low.call(np.cumsum, (mask,))
        values = _in_turn(low, values, low.apply(np.subtract, counts, Const(1)), target)
    _write_where(low, target, mask, values)
    return NONE


def _as_array(low: Lowerer, operand: Operand) -> Operand:
    if isinstance(operand, Pack):
        return low.call(np.array, (operand,))
    return as_array(low, operand)


def _is_single(t: Type) -> bool:
    return isinstance(t, Scalar) or (isinstance(t, Array) and t.shape == ())


def _in_turn(low: Lowerer, values: Operand, places: Operand, target: Operand) -> Operand:
    """Return the values at flat places, counted from the first again after the last."""
    flat = _as_array(low, values)
    t = type_of(flat)
    if not isinstance(t, Array) or t.rank != 1:
        flat = low.call(np.ravel, (flat,))
        t = type_of(flat)
    if not isinstance(t, Array) or not t.shape or not never_zero(t.shape[0]):
        low.refuse("values to write in turn of which there may be none.", "Use `x[mask] = values`.")
    turns = low.apply(np.remainder, places, low.call(np.size, (flat,)))
    chosen = low.apply(operator.getitem, flat, turns)
    return low.apply(np.reshape, chosen, low.call(np.shape, (target,)))


def _write_where(low: Lowerer, target: Operand, mask: Operand, values: Operand) -> None:
    """Write values where a mask holds, which has as many items as the array."""
    a, m = type_of(target), type_of(_as_array(low, mask))
    check_kind(low, target, values)
    if not (isinstance(a, Array) and isinstance(m, Array) and m.shape == a.shape):
        mask = low.apply(np.reshape, _as_array(low, mask), low.call(np.shape, (target,)))
    _write(low, target, low.apply(np.where, mask, values, target))


def _put_along_axis(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    target, indices, values = args[:3]
    axis = _option(low, args, kwargs, 3, "axis", None)
    t = type_of(target)
    if not isinstance(axis, int) or not isinstance(t, Array) or not t.rank:
        low.refuse("`put_along_axis` needs an axis and an array whose rank is known.")
    axis %= t.rank
    shape = low.call(np.shape, (target,))
    places: list[Operand] = []
    for i in range(t.rank):
        if i == axis:
            places.append(indices)
            continue
        count = low.call(np.arange, (subscript(low, shape, Const(i)),))
        lengths = tuple(Const(-1 if k == i else 1) for k in range(t.rank))
        places.append(low.call(np.reshape, (count, Pack(tuple, lengths))))
    store(low, target, Pack(tuple, tuple(places)), values)
    return NONE


def _nan_to_num(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    copied = _option(low, args, kwargs, 1, "copy", True)
    kwargs = {name: value for name, value in kwargs.items() if name != "copy"}
    given = as_array(low, args[0])
    result = low.apply(np.nan_to_num, given, *args[2:], kwargs=kwargs, origin=origin)
    return result if copied else write_result(low, args[0], result)


WRITES: dict[Any, Handler] = {
    np.nan_to_num: _nan_to_num,
    np.copyto: _copyto,
    np.fill_diagonal: _fill_diagonal,
    np.place: _place,
    np.put: _put,
    np.put_along_axis: _put_along_axis,
    np.putmask: _putmask,
}

# ------------------------------------------------------------------ methods of arrays


def _fill(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    value = args[0] if args else kwargs["value"]
    t = type_of(value)
    if not (isinstance(t, Scalar) or (isinstance(t, Array) and t.shape == ())):
        low.refuse("`fill` takes one number, and this is not known to be one.", "Use `x[...] = `.")
    check_kind(low, x, value)
    store(low, x, _EVERYTHING, value)
    return NONE


def _sorted_by(fn: Callable[..., Any]) -> Callable[..., Operand]:
    def lower(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        _write(low, x, low.call(fn, (x, *args), kwargs))
        return NONE

    return lower


def _method_put(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    return _put(low, (x, *args), kwargs, origin)


WRITING_METHODS: dict[str, Callable[..., Operand]] = {
    "fill": _fill,
    "partition": _sorted_by(np.partition),
    "put": _method_put,
    "sort": _sorted_by(np.sort),
}

# ------------------------------------------------------------------ methods of ufuncs


def _at(low: Lowerer, ufunc: np.ufunc, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    if ufunc not in (np.add, np.subtract) or len(args) != 3:
        low.refuse(
            f"`{ufunc.__name__}.at` is not supported, where places may repeat.",
            "Use `np.add.at`, or `x[index] = ...` where they do not.",
        )
    target, index, value = args
    if isinstance(value, Pack):
        value = low.call(np.array, (value,))
    if ufunc is np.subtract:
        value = low.apply(np.negative, value)
    low.memory.write(target, index, value, add_at)
    return NONE


def _outer(low: Lowerer, ufunc: np.ufunc, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    a, b = (low.apply(np.array, arg) if isinstance(arg, Pack) else arg for arg in args)
    t = type_of(b)
    rank = 0 if isinstance(t, Scalar) else t.rank if isinstance(t, Array) else None
    if rank is None:
        low.refuse(f"`{ufunc.__name__}.outer` of an array of unknown rank.", "Index with None.")
    if rank:
        a = subscript(low, a, Pack(tuple, (_EVERYTHING, *(Const(None),) * rank)))
    return low.call(ufunc, (a, b), kwargs, origin)


def _as_function(method: str) -> Callable[..., Operand]:
    """Lower ``ufunc.reduce`` or ``.accumulate``, which run along the first axis by default."""

    def lower(low: Lowerer, ufunc: np.ufunc, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        fn = getattr(primitive(ufunc), method)
        if fn is None:
            low.refuse(f"this method of `{ufunc.__name__}` is not supported.", "Write a loop.")
        if len(args) == 1 and "axis" not in kwargs:
            kwargs = {"axis": Const(0), **kwargs}
        return low.call(fn, args, kwargs, origin)

    return lower


UFUNC_METHODS: dict[str, Callable[..., Operand]] = {
    "accumulate": _as_function("accumulated"),
    "at": _at,
    "outer": _outer,
    "reduce": _as_function("reduced"),
}
