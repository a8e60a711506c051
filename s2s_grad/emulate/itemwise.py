"""Functions that call a function of the user's, or take items one by one, written out.

NumPy and the standard library ask for plain numbers in them. Where no gradient flows they are
called as they are, also for the errors that they raise.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from s2s_grad.emulate.posing import as_python
from s2s_grad.emulate.stands import lift
from s2s_grad.runtime import dispatching
from s2s_grad.tape.core import Tensor, plain, wrap
from s2s_grad.tape.recording import any_active
from s2s_grad.tape.value_tests import is_array, is_sequence, is_tuple
from s2s_grad.tape.writes import set_items

__all__ = ["vectorized", "written_out"]

_np: Any = np  # on tensors


def _array(value: Any) -> Any:
    """Return an array of what may hold tensors."""
    if is_sequence(value) and any_active(value):
        return _stacked([_array(item) for item in value])
    return value if isinstance(value, Tensor) else lift(_np.asarray(plain(value)))


def _stacked(items: list[Any]) -> Any:
    """Return an array of items, of which some may be tensors."""
    if not any_active(items):
        return lift(_np.array(plain(items)))
    return _np.stack(
        [item if isinstance(item, Tensor) else wrap(_np.asarray(item)) for item in items]
    )


# ----------------------------------------------------------------------------- sums and statistics


def _fsum(seq: Any) -> Any:
    """Stand for `math.fsum`: the derivative is that of the sum."""
    items = list(seq)
    exact = math.fsum(plain(items))
    if not any_active(items):
        return exact
    total = as_python(sum(items, 0.0))
    return total + (exact - total._value) if math.isfinite(exact) else total


def _prod(iterable: Any, *, start: Any = 1) -> Any:
    """Stand for `math.prod`."""
    return functools.reduce(operator.mul, iterable, start)


def _hypot(*coordinates: Any) -> Any:
    """Stand for `math.hypot` of more than two numbers."""
    if len(coordinates) == 2 or not any_active(coordinates):
        return _HYPOT(*coordinates)
    return as_python(_np.linalg.norm(_stacked(list(coordinates))))


_HYPOT = dispatching(math.hypot)


def _dist(p: Any, q: Any, /) -> Any:
    """Stand for `math.dist`."""
    given = list(p), list(q)
    exact = math.dist(*plain(given))
    if not any_active(given):
        return exact
    return as_python(_np.linalg.norm(_stacked(given[0]) - _stacked(given[1])))


def _statistic(original: Callable[..., Any], fn: Any, **options: int) -> Callable[..., Any]:
    """Return what stands for a function of a sample: NumPy's of the array of its items."""

    @functools.wraps(original)
    def run(data: Any, *more: Any, **named: Any) -> Any:
        items = list(data)
        value = original(plain(items), *plain(more), **plain(named))
        if not any_active(items):
            return value
        if more or named:
            return original(items, *more, **named)
        return as_python(fn(_stacked(items), **options))

    return run


# ----------------------------------------------------------------------- functions of functions


def _piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """Stand for `np.piecewise`: of two conditions the later one holds."""
    x = _array(x)
    one = np.isscalar(condlist) or (
        not isinstance(condlist[0], (list, np.ndarray, Tensor)) and np.ndim(x)
    )
    given: Any = [condlist] if one else condlist
    masks = [_np.asarray(plain(mask), bool) for mask in given]
    if len(funclist) == len(masks) + 1:
        masks.append(~np.any(masks, axis=0))
    if len(funclist) != len(masks):
        _np.piecewise(plain(x), masks, [0] * len(funclist))  # its error
    result = wrap(np.zeros_like(plain(x)))
    for mask, piece in zip(masks, funclist, strict=True):
        if not callable(piece):
            set_items(result, mask, piece)
        elif mask.any():
            set_items(result, mask, piece(x[mask], *args, **kw))
    return result if any_active(result) else lift(plain(result))


def _apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """Stand for `np.apply_along_axis`."""
    whole = _array(arr)
    axis = np.lib.array_utils.normalize_axis_index(axis, whole.ndim)
    rows = _np.moveaxis(whole, axis, -1)
    lead = rows.shape[:-1]
    if 0 in lead:
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    found = [_array(func1d(rows[place], *args, **kwargs)) for place in np.ndindex(lead)]
    inner = found[0].shape
    result = _np.reshape(_stacked(found), (*lead, *inner))
    last = tuple(range(len(lead), len(lead) + len(inner)))
    return _np.moveaxis(result, last, tuple(range(axis, axis + len(inner))))


def vectorized(pyfunc: Any, otypes: Any = None, **options: Any) -> Callable[..., Any]:
    """Stand for `np.vectorize` and what it makes."""

    def run(*args: Any, **kwargs: Any) -> Any:
        arrays = [_array(arg) for arg in args]
        shape = _np.broadcast_shapes(*[a.shape for a in arrays])
        if kwargs or any(options.values()) or 0 in shape:
            return lift(_np.vectorize(pyfunc, otypes, **options)(*args, **kwargs))
        spread = [_np.broadcast_to(a, shape) for a in arrays]
        kinds = list(map(np.dtype, otypes or ""))
        places = list(np.ndindex(shape))
        if not kinds:  # those of a first call with NumPy's numbers, then it is called with Python's
            first = pyfunc(*[items[places[0]] for items in spread])
            kinds = [np.asarray(plain(one)).dtype for one in _results(first)]
        found = [
            _results(pyfunc(*[as_python(items[place]) for items in spread])) for place in places
        ]
        columns = [
            _np.reshape(_stacked(list(column)), shape).astype(kind)
            for column, kind in zip(zip(*found, strict=True), kinds, strict=True)
        ]
        return columns[0] if len(kinds) == 1 else tuple(columns)

    return run


def _results(value: Any) -> tuple[Any, ...]:
    return value if is_tuple(value) else (value,)


# ------------------------------------------------------------------------------------ items in turn


def _ndenumerate(arr: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Stand for `np.ndenumerate`."""
    items = arr if not is_sequence(arr) else _array(arr) if any_active(arr) else _np.asarray(arr)
    return ((place, items[place]) for place in _np.ndindex(items.shape))


def _nditer(op: Any, *args: Any, **options: Any) -> Any:
    """Stand for `np.nditer` of one array that is only read: in the order of memory."""
    if args or options or not isinstance(op, Tensor) or not is_array(op._value):
        return _np.nditer(op, *args, **options)
    order = _np.nditer(op._value, flags=["multi_index"])
    return (op[(*order.multi_index, ...)] for _ in order)


def _fromiter(iter: Any, dtype: Any, count: int = -1, **options: Any) -> Any:
    """Stand for `np.fromiter`."""
    items: list[Any] = list(iter if count < 0 else itertools.islice(iter, count))
    if not any_active(items):
        return lift(_np.fromiter(plain(items), dtype, count, **options))
    return _stacked(items).astype(dtype)


def _resize(a: Any, new_shape: Any) -> Any:
    """Stand for `np.resize`: the items in row order, from the beginning again and again."""
    shape = _np.resize(plain(a), new_shape).shape
    flat = _np.ravel(_array(a))
    return _np.reshape(flat[np.arange(math.prod(shape)) % max(flat.size, 1)], shape)


_ITEMWISE: list[tuple[Any, Callable[..., Any]]] = [
    (math.fsum, _fsum),
    (math.prod, _prod),
    (math.hypot, _hypot),
    (math.dist, _dist),
    (statistics.mean, _statistic(statistics.mean, np.mean)),
    (statistics.fmean, _statistic(statistics.fmean, np.mean)),
    (statistics.median, _statistic(statistics.median, np.median)),
    (statistics.pstdev, _statistic(statistics.pstdev, np.std)),
    (statistics.pvariance, _statistic(statistics.pvariance, np.var)),
    (statistics.stdev, _statistic(statistics.stdev, np.std, ddof=1)),
    (statistics.variance, _statistic(statistics.variance, np.var, ddof=1)),
    (np.piecewise, _piecewise),
    (np.apply_along_axis, _apply_along_axis),
    (np.vectorize, vectorized),
    (np.ndenumerate, _ndenumerate),
    (np.nditer, _nditer),
    (np.fromiter, _fromiter),
    (np.resize, _resize),
]
_BY_ID = {id(original): stand for original, stand in _ITEMWISE}  # not all values have a hash


def written_out(value: Any) -> Callable[..., Any] | None:
    """Return what stands for a function or class, if it is one of these."""
    return _BY_ID.get(id(value))
