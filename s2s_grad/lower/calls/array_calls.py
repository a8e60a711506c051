"""Functions of NumPy that stand for calls of simpler ones, or call what they are given."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Const, Operand, Origin, Pack, Var
from s2s_grad.ir.primitives import of_numpy
from s2s_grad.ir.types import Array, Scalar
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.items import items_of
from s2s_grad.lower.objects.iterate import RunTime, as_sequence, first_element, iteration
from s2s_grad.lower.objects.list_arrays import as_array
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.terms.values import MISSING, NONE, Args, Kwargs, static_value

__all__ = ["ARRAY_CALLS"]

Handler = Callable[["Lowerer", Args, Kwargs, Origin], Operand]


def _linspace(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """``np.linspace``, with ``retstep=True`` the grid and its step."""
    retstep = args[4] if len(args) > 4 else kwargs.get("retstep", Const(False))
    rest = {name: value for name, value in kwargs.items() if name != "retstep"}
    if static_value(retstep) is False:
        return low.apply(np.linspace, *args[:4], *args[5:], kwargs=rest, origin=origin)
    endpoint = args[3] if len(args) > 3 else kwargs.get("endpoint", Const(True))
    if static_value(retstep) is not True or not isinstance(static_value(endpoint), bool):
        low.refuse("whether `linspace` gives its step is only known when the program runs.")
    named = dict(zip(("start", "stop", "num"), args, strict=False)) | kwargs
    grid = low.apply(np.linspace, *args[:4], kwargs=rest)
    count = named.get("num", Const(50))
    if static_value(endpoint):
        count = low.apply(np.subtract, count, Const(1))
    width = low.apply(np.subtract, named["stop"], named["start"])
    return Pack(tuple, (grid, low.apply(np.divide, width, count)))


def _modf(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """The fractional and the integral part of a number, both with its sign."""
    whole = low.apply(np.trunc, args[0])
    return Pack(tuple, (low.apply(np.subtract, args[0], whole), whole))


def _divmod(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    quotient = low.apply(np.floor_divide, *args)
    return Pack(tuple, (quotient, low.apply(np.remainder, *args)))


def _unstack(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """The tuple of the parts along an axis."""
    axis = kwargs.get("axis", Const(0))
    rows = as_array(low, args[0])
    if static_value(axis) != 0:
        rows = low.call(np.moveaxis, (rows, axis, Const(0)))
    return Pack(tuple, items_of(low, rows))


# ------------------------------------------------------------------ functions of functions


def _fromfunction(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """``np.fromfunction(f, shape)`` is ``f`` of the coordinates of all items at once."""
    named = dict(zip(("function", "shape"), args, strict=False)) | kwargs
    function, shape = static_value(named.pop("function")), named.pop("shape")
    dtype = named.pop("dtype", Const(float, "float"))
    axes = items_of(low, shape)
    places = low.call(np.indices, (shape,), {"dtype": dtype})
    rows = tuple(low.apply(operator.getitem, places, Const(i)) for i in range(len(axes)))
    return low.call(function, rows, named)


def _piecewise(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """``np.piecewise`` fills an array part by part; of two conditions the later one holds."""
    x, conditions, functions, *more = args
    x = as_array(low, x)
    choices, pieces = items_of(low, conditions), items_of(low, functions)
    result = low.call(np.zeros_like, (x,))
    parts = list(zip(choices, pieces, strict=False))
    if len(pieces) == len(choices) + 1:
        other = low.apply(np.logical_not, choices[0])
        for choice in choices[1:]:
            other = low.apply(np.logical_and, other, low.apply(np.logical_not, choice))
        parts.insert(0, (other, pieces[-1]))
    for choice, piece in parts:
        function = static_value(piece)
        value = piece
        if function is not MISSING and not isinstance(function, (int, float)):
            part = low.apply(operator.getitem, x, choice)
            value = low.call(function, (part, *more), kwargs)
        low.memory.write(result, choice, value)
    return result


# ------------------------------------------------------------------ iteration


def _ndindex(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """The indices of all items: a counter, taken apart."""
    shape = len(args) == 1 and expand(low, args[0]) is not None
    sizes = items_of(low, args[0]) if shape else args
    return iteration(low, "ndindex", _indices(low, sizes, ()))


def _ndenumerate(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    sizes = items_of(low, low.call(np.shape, args))
    flat = low.call(np.ravel, args)
    return iteration(low, "ndenumerate", _indices(low, sizes, (flat,)))


def _nditer(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """``np.nditer(x)`` that only reads: the items one after the other."""
    if len(args) != 1 or kwargs or isinstance(args[0], Pack):
        low.refuse("`nditer` with options is not supported.", "Loop over `x.flat` or indices.")
    if not low.memory.layouts.in_row_order(args[0]):
        low.refuse(
            "the order of `nditer` is that of the items in memory, which is not known.",
            "Loop over `x.flat` or indices.",
        )
    return iteration(low, "nditer", RunTime((low.call(np.ravel, args),), first_element))


def _indices(low: Lowerer, sizes: Args, values: Args) -> RunTime:
    """Return a stream of indices into an array of these sizes, each with its item of `values`."""
    count: Operand = Const(1)
    for size in sizes:
        count = low.apply(np.multiply, count, size)

    def element(elements: Args) -> Operand:
        place, places = elements[0], list[Operand]()
        for size in sizes[:0:-1]:
            places.insert(0, low.apply(np.remainder, place, size))
            place = low.apply(np.floor_divide, place, size)
        index = Pack(tuple, (place, *places))
        return Pack(tuple, (index, *elements[1:])) if values else index

    return RunTime((low.call(builtins.range, (count,)), *values), element)


_ALWAYS = {"copy": (True,), "subok": (True, False), "order": (None, "K", "C")}


def _array(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """``np.array``, without options that ask for what it does anyway."""
    kept = {n: v for n, v in kwargs.items() if static_value(v) not in _ALWAYS.get(n, ())}
    fewest = static_value(kept.pop("ndmin", Const(0)))
    if not isinstance(fewest, int):
        low.refuse("`ndmin` is only known when the program runs.", "Write it out.")
    first = as_sequence(low, args[0])
    where = low.builder.origin if fewest else origin  # what is written does more than this call
    made = low.apply(np.array, first, *args[1:], kwargs=kept, origin=where)
    return _with_axes(low, made, fewest) if fewest else made


def _with_axes(low: Lowerer, operand: Operand, fewest: int) -> Operand:
    """Return an array with axes put before its own, so that it has as many as asked for."""
    t = type_of(operand)
    rank = t.rank if isinstance(t, Array) else None
    if rank is None:
        low.refuse("`ndmin` of what has an unknown number of axes.", "Index with `None`.")
    before = (NONE,) * (fewest - rank)
    index = Pack(tuple, (*before, Const(Ellipsis, "...")))
    return low.apply(operator.getitem, operand, index) if before else operand


def _asarray(fn: Any) -> Handler:
    """Lower ``np.asarray`` and its kin: of an array of that dtype they return the array itself."""

    def lower(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        operand = args[0]
        t = type_of(operand)
        if static_value(kwargs.get("copy", NONE)) is True:
            return _array(low, args, kwargs, origin)
        dtype = args[1] if len(args) > 1 else kwargs.get("dtype")
        if isinstance(operand, Var) and isinstance(t, Array) and t.dtype is not None and t.shape:
            wanted = None if dtype is None else static_value(dtype)
            if wanted is None or (wanted is not MISSING and np.dtype(wanted) == t.dtype):
                return operand
        operand = as_sequence(low, operand)
        return low.apply(fn, operand, *args[1:], kwargs=kwargs, origin=origin)

    return lower


def _shape(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    return low.apply(np.shape, *args, origin=origin)


def _each(fn: Any) -> Handler:
    """Lower ``np.atleast_1d`` and its kin, which take several arrays one by one."""

    def lower(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        if len(args) < 2:
            return low.apply(fn, *args, kwargs=kwargs, origin=origin)
        return Pack(tuple, tuple(low.call(fn, (arg,)) for arg in args))

    return lower


def _ndim(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    t = type_of(args[0]) if args else None
    if isinstance(t, Scalar):
        return Const(0)
    if isinstance(t, Array) and t.rank is not None:
        return Const(t.rank)
    return low.apply(np.ndim, *args, kwargs=kwargs, origin=origin)


ARRAY_CALLS: dict[Any, Handler] = {
    np.array: _array,
    **{fn: _asarray(fn) for fn in (np.asarray, np.asanyarray)},
    **{fn: _each(fn) for fn in (np.atleast_1d, np.atleast_2d, np.atleast_3d)},
    np.ndim: _ndim,
    np.shape: _shape,
    math.modf: _modf,
    np.divmod: _divmod,
    np.fromfunction: _fromfunction,
    np.linspace: _linspace,
    np.modf: _modf,
    np.ndenumerate: _ndenumerate,
    np.ndindex: _ndindex,
    np.nditer: _nditer,
    np.piecewise: _piecewise,
    **dict.fromkeys(of_numpy("unstack"), _unstack),  # NumPy 2.1
}
