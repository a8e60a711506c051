"""Options that no formula knows, as functions that do the same without them.

A composition is a Python function with the signature of the primitive. It is called in place of the
primitive where an option is given that asks for it: the compiler inlines it, the tape runs it. Its
conditions are on options, ranks and shapes, never on values.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = ["each", "find_composition", "taken"]

Asks = Callable[[Any], bool]
_TABLE: dict[Any, tuple[Callable[..., Any], tuple[str, ...], Mapping[str, Asks]]] = {}


def find_composition(
    fn: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Callable[..., Any] | None:
    """Return the function to call instead, if an option of a call asks for it.

    Parameters
    ----------
    fn : callable
        A function of NumPy.
    args, kwargs
        Its arguments; what is not known has a value that equals nothing.
    """
    found = _TABLE.get(fn)
    if found is None:
        return None
    composed, names, options = found
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    if any(name in given and asks(given[name]) for name, asks in options.items()):
        return composed
    return None


def _given(value: Any) -> bool:
    return value is not None


def _counts_less(where: Any) -> bool:
    return where is not None and where is not True


def _is_tuple(value: Any) -> bool:
    return isinstance(value, (tuple, list))


def _other_than(*usual: Any) -> Asks:
    return lambda value: not any(value is u or (type(value) is str and value == u) for u in usual)


def _composed(
    primal: Callable[..., Any], **options: Asks
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let calls of a function with one of these options call the decorated one instead."""

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        names = tuple(inspect.signature(function).parameters)
        _TABLE[primal] = (function, names, options)
        return function

    return declare


# --------------------------------------------------------------------------------------- reductions


@_composed(np.sum, dtype=_given, initial=_given, where=_counts_less)
def composed_sum(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = None,
    where: Any = None,
) -> Any:
    """Items that do not count are zero."""
    if where is not None:
        a = np.where(where, a, 0)
    if dtype is not None:
        a = np.astype(a, dtype)
    total = np.sum(a, axis=axis, keepdims=keepdims)
    return total if initial is None else total + initial


@_composed(np.prod, dtype=_given, initial=_given, where=_counts_less)
def composed_prod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = None,
    where: Any = None,
) -> Any:
    """Items that do not count are one."""
    if where is not None:
        a = np.where(where, a, 1)
    if dtype is not None:
        a = np.astype(a, dtype)
    product = np.prod(a, axis=axis, keepdims=keepdims)
    return product if initial is None else product * initial


@_composed(np.mean, dtype=_given, where=_counts_less)
def composed_mean(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    where: Any = None,
) -> Any:
    """The sum of the items that count, over how many they are."""
    if dtype is not None:
        a = np.astype(a, dtype)
    if where is None:
        return np.mean(a, axis=axis, keepdims=keepdims)
    count = np.sum(np.where(where, np.ones_like(a), 0), axis=axis, keepdims=keepdims)
    return np.sum(np.where(where, a, 0), axis=axis, keepdims=keepdims) / count


@_composed(np.var, dtype=_given, where=_counts_less, correction=_given)
def composed_var(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
    where: Any = None,
    mean: Any = None,
    correction: Any = None,
) -> Any:
    """The mean square of the distances from the mean, of the items that count."""
    if correction is not None:
        ddof = correction
    if dtype is not None:
        a = np.astype(a, dtype)
    if where is None:
        return np.var(a, axis=axis, ddof=ddof, keepdims=keepdims)
    counted = np.where(where, np.ones_like(a), 0)
    total = np.sum(np.where(where, a, 0), axis=axis, keepdims=True)
    centred = a - total / np.sum(counted, axis=axis, keepdims=True)
    squares = np.sum(np.where(where, centred * centred, 0), axis=axis, keepdims=keepdims)
    return squares / (np.sum(counted, axis=axis, keepdims=keepdims) - ddof)


@_composed(np.std, dtype=_given, where=_counts_less, correction=_given)
def composed_std(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
    where: Any = None,
    mean: Any = None,
    correction: Any = None,
) -> Any:
    """The root of the variance."""
    if correction is not None:
        ddof = correction
    if dtype is not None:
        a = np.astype(a, dtype)
    if where is None:
        return np.std(a, axis=axis, ddof=ddof, keepdims=keepdims)
    variance = composed_var(a, axis, None, None, ddof, keepdims, where)
    none = variance == 0  # where the derivative of the root is infinite
    return np.where(none, 0.0, np.sqrt(np.where(none, 1.0, variance)))


def _extreme_of(reduce: Any, larger: Any) -> Callable[..., Any]:
    def extreme(
        a: Any,
        axis: Any = None,
        out: Any = None,
        keepdims: Any = False,
        initial: Any = None,
        where: Any = None,
    ) -> Any:
        if where is not None:
            a = np.where(where, a, initial)
        if initial is not None and np.size(a) == 0:
            return np.sum(a, axis=axis, keepdims=keepdims) + initial
        found = reduce(a, axis=axis, keepdims=keepdims)
        return found if initial is None else larger(found, initial)

    return extreme


for _extreme, _larger in (
    (np.max, np.maximum),
    (np.amax, np.maximum),
    (np.min, np.minimum),
    (np.amin, np.minimum),
):
    _composed(_extreme, initial=_given, where=_counts_less)(_extreme_of(_extreme, _larger))


# --------------------------------------------------------------------------------- order and bounds


@_composed(np.reshape, order=lambda value: value == "F")
def composed_reshape(a: Any, shape: Any, order: Any = "C") -> Any:
    """The first index changes fastest: the transpose, in the usual order."""
    turned = np.transpose(a)
    if isinstance(shape, tuple):
        return np.transpose(np.reshape(turned, shape[::-1]))
    return np.reshape(turned, shape)


@_composed(np.ravel, order=lambda value: value == "F")
def composed_ravel(a: Any, order: Any = "C") -> Any:
    """The first index changes fastest: the transpose, in the usual order."""
    return np.ravel(np.transpose(a))


@_composed(np.clip, min=lambda value: True, max=lambda value: True)
def composed_clip(
    a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, min: Any = None, max: Any = None
) -> Any:
    """The bounds by their newer names."""
    low = a_min if min is None else min
    high = a_max if max is None else max
    return np.clip(a, low, high)


@_composed(np.diff, prepend=_given, append=_given)
def composed_diff(
    a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None
) -> Any:
    """The differences of the items with what stands before and after them."""
    edge = np.expand_dims(np.zeros_like(np.take(a, 0, axis=axis)), axis)
    if prepend is not None:
        before = edge + prepend if np.ndim(prepend) == 0 else prepend
        a = np.concatenate((before, a), axis=axis)
    if append is not None:
        after = edge + append if np.ndim(append) == 0 else append
        a = np.concatenate((a, after), axis=axis)
    return np.diff(a, n=n, axis=axis)


# -------------------------------------------------------------------------------- order statistics


def _rows(a: Any, axis: tuple[int, ...]) -> Any:
    """Put several axes behind the others, as one."""
    rank = len(np.shape(a))
    gone = [i + rank if i < 0 else i for i in axis]
    kept = [i for i in range(rank) if i not in gone]
    turned = np.transpose(a, (*kept, *gone))
    return np.reshape(turned, (*[np.shape(a)[i] for i in kept], -1))


def _median_of(median: Any) -> Callable[..., Any]:
    def composed(
        a: Any,
        axis: Any = None,
        out: Any = None,
        overwrite_input: Any = False,
        keepdims: Any = False,
    ) -> Any:
        if not isinstance(axis, tuple):
            return median(a, axis=axis, keepdims=keepdims)
        found = median(_rows(a, axis), axis=-1)
        return np.expand_dims(found, axis) if keepdims else found

    return composed


for _median in (np.median, np.nanmedian):
    _composed(_median, axis=_is_tuple, overwrite_input=_given)(_median_of(_median))


def _quantile_of(quantile: Any) -> Callable[..., Any]:
    def composed(
        a: Any,
        q: Any,
        axis: Any = None,
        out: Any = None,
        overwrite_input: Any = False,
        method: Any = "linear",
        keepdims: Any = False,
    ) -> Any:
        if not isinstance(axis, tuple):
            return quantile(a, q, axis=axis, method=method, keepdims=keepdims)
        found = quantile(_rows(a, axis), q, axis=-1, method=method)
        if not keepdims:
            return found
        rank, several = len(np.shape(a)), len(np.shape(q))
        return np.expand_dims(found, tuple([several + (i + rank if i < 0 else i) for i in axis]))

    return composed


for _quantile in (np.quantile, np.percentile, np.nanquantile, np.nanpercentile):
    _composed(_quantile, axis=_is_tuple, overwrite_input=_given)(_quantile_of(_quantile))


# ----------------------------------------------------------------------------------- linear algebra


@_composed(np.linalg.cond, p=_other_than(None, 2))
def composed_cond(x: Any, p: Any = None) -> Any:
    """The norm times that of the inverse."""
    inverse = np.linalg.inv(x)
    return np.linalg.norm(x, p, axis=(-2, -1)) * np.linalg.norm(inverse, p, axis=(-2, -1))


@_composed(np.linalg.qr, mode=lambda value: value == "r")
def composed_qr(a: Any, mode: Any = "reduced") -> Any:
    """The second factor alone."""
    return np.linalg.qr(a)[1]


def each(fn: Callable[[Any], Any], items: Any) -> list[Any]:
    """Return what a function gives for each item."""
    return [fn(item) for item in items]


def taken(items: Any, places: Any) -> list[Any]:
    """Return the items at these places."""
    return [items[place] for place in places]
