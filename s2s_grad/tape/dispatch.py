"""NumPy's calls on tensors: ufuncs, functions, and the rules' own operations."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.errors import UnsupportedOption
from s2s_grad.ir.primitives import primitive
from s2s_grad.tape import numpy_writes
from s2s_grad.tape.core import Tensor, attach, plain, wrap
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.number import Number
from s2s_grad.tape.object_arrays import as_objects
from s2s_grad.tape.reading import is_plain_index, read
from s2s_grad.tape.recording import any_active, call, qualified, wrapped
from s2s_grad.tape.ufuncs import elementwise, unary
from s2s_grad.tape.user_lines import here, location
from s2s_grad.tape.value_tests import is_sequence, is_tuple
from s2s_grad.tape.views import mark_view, mark_views
from s2s_grad.tape.writes import assign

__all__ = ["apply_function", "getitem"]


def apply_function(fn: Any, args: Any, kwargs: Any) -> Any:
    """Run a function on tensors, recorded; results that are views are noted as such."""
    result = call(fn, args, kwargs)
    if type(result) is Tensor:
        value = result._value
        if type(value) is np.ndarray and (
            value.base is not None or any(value is getattr(arg, "_value", None) for arg in args)
        ):
            mark_view(result, fn, args, kwargs)
    elif is_sequence(result):
        mark_views(result, fn, args, kwargs)
    return result


def getitem(tensor: Tensor, index: Any) -> Any:
    """Return ``tensor[index]``: a view for a basic index, as in NumPy."""
    if tensor._view is not None:
        tensor._view.refresh(tensor)
    if tensor._requires and STATE.enabled and is_plain_index(index):
        result = read(tensor, index)
        if type(result._value) is np.ndarray:
            mark_view(result, operator.getitem, (tensor, index), {})
        return result
    return apply_function(operator.getitem, (tensor, _frozen_list(index)), {})


def _frozen_list(index: Any) -> Any:
    if type(index) not in (list, range):
        return index
    return np.asarray(plain(index), dtype=None if len(index) else int)


# ------------------------------------------------------------------------------------------ ufuncs


_COUNTS: dict[Any, int] = {}  # the operands of each ufunc that has one result


@attach("__array_ufunc__")
def array_ufunc(tensor: Tensor, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
    """Run a ufunc that NumPy hands over."""
    if _is_of_objects(ufunc) and method != "at":
        given = [as_objects(arg) if isinstance(arg, Tensor) else arg for arg in args]
        return getattr(ufunc, method)(*given, **kwargs)
    if method == "__call__":
        if not kwargs:
            count = _COUNTS.get(ufunc)
            if count is None:
                numeric = ufunc.nout == 1 and not _is_of_objects(ufunc)
                count = _COUNTS[ufunc] = ufunc.nin if numeric else 0
            if count == 1:
                return unary(ufunc, args[0])
            if count == 2:
                return elementwise(ufunc, _of_numpy(args[0]), _of_numpy(args[1]))
        out = kwargs.pop("out", None)
        where = kwargs.pop("where", True)
        if where is not True:
            return _masked_ufunc(ufunc, args, kwargs, out, where)
        result = array_ufunc(tensor, ufunc, method, *args) if not kwargs and out else None
        if result is None:
            result = call(ufunc, args, kwargs)
        return result if out is None else assign(out, result, ufunc)
    if method == "at":
        numpy_writes.ufunc_at(ufunc, *args)
        return None
    if method == "outer":
        a, b = args
        shape = np.shape(plain(a)) + (1,) * np.ndim(plain(b))
        return array_ufunc(tensor, ufunc, "__call__", np.reshape(a, shape), b, **kwargs)
    record = primitive(ufunc)
    fn = {"reduce": record.reduced, "accumulate": record.accumulated}.get(method)
    out = kwargs.pop("out", None)
    if fn is not None:
        options = {k: v for k, v in kwargs.items() if not (k == "dtype" and v is None)}
        names = ("axis", "dtype", "out", "keepdims")
        options |= dict(zip(names, args[1:], strict=False))
        options.setdefault("axis", 0)
        result = call(
            fn, args[:1], {k: v for k, v in options.items() if v is not None or k == "axis"}
        )
    elif method in ("reduce", "accumulate"):
        result = _folded(ufunc, method, *args, **kwargs)
    else:
        result = call(getattr(ufunc, method), args, kwargs)
    return result if out is None else assign(out, result, ufunc)


def _of_numpy(value: Any) -> Any:
    """Return a float of Python's as one of NumPy's, which by zero is divided without an error."""
    if isinstance(value, Tensor) and type(value._value) is Number:
        return unary(np.positive, value)
    return value


def _folded(
    ufunc: Any, method: str, array: Any, axis: Any = 0, dtype: Any = None, **options: Any
) -> Any:
    """Reduce or accumulate with a ufunc that has no function for it: item by item."""
    value = getattr(ufunc, method)(plain(array), axis, dtype, **plain(options))
    if not STATE.enabled or not any_active(array):
        return wrapped(value)
    keepdims = options.pop("keepdims", False)
    if axis is None:
        axis = tuple(range(np.ndim(array)))
    for place in sorted(np.lib.array_utils.normalize_axis_tuple(axis, np.ndim(array)))[::-1]:
        items = list(np.moveaxis(array, place, 0))
        if not items or options or dtype is not None:
            raise UnsupportedOption(
                f"`{qualified(ufunc)}.{method}` has no derivative rule for these arguments",
                "write a loop",
                location(here()),
            )
        steps = list(itertools.accumulate(items, ufunc))
        if method == "accumulate":
            return np.stack(steps, axis=place)
        array = np.expand_dims(steps[-1], place) if keepdims else steps[-1]
    return array


def _is_of_objects(ufunc: Any) -> bool:
    """Return whether a ufunc calls a function of Python's, as those of `np.frompyfunc` do."""
    return ufunc.ntypes == 1 and set(ufunc.types[0]) == {"O", "-", ">"}


def _masked_ufunc(ufunc: Any, args: Any, kwargs: Any, out: Any, where: Any) -> Any:
    """Run a ufunc with ``where=``: elsewhere `out` keeps its items."""
    target = out[0] if is_tuple(out) else out
    if STATE.enabled and any_active((*args, target)):
        if target is None:
            raise UnsupportedOption(
                f"`{qualified(ufunc)}` was called with where= and without out=: the other items "
                "are not defined",
                "give out=, or use np.where",
                location(here()),
            )
        result = array_ufunc(args[0], ufunc, "__call__", *args, **kwargs)
        return assign(target, np.where(plain(where), result, target), ufunc)
    if target is None:
        return wrapped(ufunc(*plain(args), where=plain(where), **plain(kwargs)))
    base = plain(target).copy()
    ufunc(*plain(args), where=plain(where), out=base, **plain(kwargs))
    return assign(target, wrap(base), ufunc)


# --------------------------------------------------------------------------------------- functions


def _shape(a: Any) -> Any:
    return np.shape(plain(a))


def _ndim(a: Any) -> int:
    return np.ndim(plain(a))


_SPECIAL: dict[Any, Callable[..., Any]] = {
    np.copyto: numpy_writes.copyto,
    np.fill_diagonal: numpy_writes.fill_diagonal,
    np.put: numpy_writes.put,
    np.put_along_axis: numpy_writes.put_along_axis,
    np.putmask: numpy_writes.putmask,
    np.place: numpy_writes.place,
    np.shape: _shape,
    np.ndim: _ndim,
}


@attach("__array_function__")
def array_function(tensor: Tensor, fn: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """Run a function that NumPy hands over."""
    special = _SPECIAL.get(fn)
    if special is not None:
        return special(*args, **kwargs)
    if "out" in kwargs:
        options = dict(kwargs)
        out = options.pop("out")
        result = apply_function(fn, args, options)
        return result if out is None else assign(out, result, fn)
    return apply_function(fn, args, kwargs)


@attach("__s2s_call__")
def s2s_call(tensor: Tensor, fn: Any, args: Any, kwargs: Any) -> Any:
    """Run an operation of the rules."""
    return apply_function(fn, args, kwargs)
