"""Reductions that leave NaN items out: each is its plain counterpart on the items that are left."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import general
from s2s_grad.rules.reductions import (
    cumsum_transpose,
    expand,
    extreme_pullback,
    extreme_pushforward,
    prod_pullback,
    prod_pushforward,
)

GAPS = [
    case(A(2, 3, kind="gaps")),
    case(A(4, 3, kind="gaps"), axis=0),
    case(A(2, 4, kind="gaps"), axis=-1, keepdims=True),
    case(A(2, 4, 3, kind="gaps"), axis=(0, 1)),
]


def kept(value: Any, a: Any) -> Any:
    """Return a value at the items that are numbers, and zero at the others."""
    return np.where(np.isnan(a), 0.0, value)


NUMBERS = {"a": lambda a: ~np.isnan(a)}


def _numbers(a: Any, axis: Any, keepdims: bool) -> Any:
    """Return how many items of each sum are numbers, in the dtype of the array."""
    return np.sum(kept(np.ones_like(a), a), axis=axis, keepdims=keepdims)


def nansum_pullback(ct: Any, a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Spread the cotangent over the items that were summed."""
    return kept(expand(ct, axis, keepdims), a)


def nansum_pushforward(a: Any, a_dot: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum of the tangents of the items that were summed."""
    return np.sum(kept(a_dot, a), axis=axis, keepdims=keepdims)


general(
    np.nansum,
    holomorphic=True,
    masks=NUMBERS,
    a=nansum_pullback,
    pushforward=nansum_pushforward,
    cases=GAPS,
)


def nanmean_pullback(ct: Any, a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Spread the cotangent evenly over the items that were averaged."""
    return kept(expand(ct / _numbers(a, axis, keepdims), axis, keepdims), a)


def nanmean_pushforward(a: Any, a_dot: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean of the tangents of the items that were averaged."""
    return nansum_pushforward(a, a_dot, axis, keepdims) / _numbers(a, axis, keepdims)


general(
    np.nanmean,
    holomorphic=True,
    masks=NUMBERS,
    a=nanmean_pullback,
    pushforward=nanmean_pushforward,
    cases=GAPS,
)


def _ones_for_gaps(a: Any) -> Any:
    return np.where(np.isnan(a), 1.0, a)


def nanprod_pullback(ct: Any, a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Each item's derivative is the product of the others."""
    return kept(prod_pullback(ct, _ones_for_gaps(a), axis, keepdims), a)


def nanprod_pushforward(a: Any, a_dot: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product rule."""
    return prod_pushforward(_ones_for_gaps(a), kept(a_dot, a), axis, keepdims)


general(
    np.nanprod,
    holomorphic=True,
    masks=NUMBERS,
    a=nanprod_pullback,
    pushforward=nanprod_pushforward,
    cases=GAPS,
)

# No comparison with NaN holds, so that the weights of the plain extremes are right here too.
for _extreme in (np.nanmax, np.nanmin):
    general(
        _extreme, masks=NUMBERS, a=extreme_pullback, pushforward=extreme_pushforward, cases=GAPS
    )


def _centred(a: Any, axis: Any) -> Any:
    return kept(a - np.nanmean(a, axis=axis, keepdims=True), a)


def nanvar_pullback(
    ct: Any, a: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False
) -> Any:
    """2 (a - mean) / (n - ddof)."""
    scale = 2 * ct / (_numbers(a, axis, keepdims) - ddof)
    return expand(scale, axis, keepdims) * _centred(a, axis)


def nanvar_pushforward(
    a: Any, a_dot: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False
) -> Any:
    """The same weights, summed against the tangent."""
    total = np.sum(_centred(a, axis) * kept(a_dot, a), axis=axis, keepdims=keepdims)
    return 2 * total / (_numbers(a, axis, keepdims) - ddof)


def nanstd_pullback(
    ct: Any, a: Any, result: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False
) -> Any:
    """(a - mean) / ((n - ddof) std); 0 where all items are equal."""
    count = _numbers(a, axis, keepdims) - ddof
    scale = ct / (count * np.where(result == 0, 1.0, result))
    return expand(scale, axis, keepdims) * _centred(a, axis)


def nanstd_pushforward(
    a: Any, a_dot: Any, result: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False
) -> Any:
    """The same weights, summed against the tangent."""
    count = _numbers(a, axis, keepdims) - ddof
    total = np.sum(_centred(a, axis) * kept(a_dot, a), axis=axis, keepdims=keepdims)
    return total / (count * np.where(result == 0, 1.0, result))


_SPREADS = [*GAPS, case(A(4, 3, kind="gaps"), axis=0, ddof=1)]
general(np.nanvar, masks=NUMBERS, a=nanvar_pullback, pushforward=nanvar_pushforward, cases=_SPREADS)
general(np.nanstd, masks=NUMBERS, a=nanstd_pullback, pushforward=nanstd_pushforward, cases=_SPREADS)


def nancumsum_pullback(ct: Any, a: Any, a_shape: Any, axis: Any = None) -> Any:
    """Sum from the other end."""
    return kept(cumsum_transpose(ct, a_shape, axis), a)


general(
    np.nancumsum,
    holomorphic=True,
    masks=NUMBERS,
    a=nancumsum_pullback,
    pushforward=lambda a, a_dot, axis=None: np.cumsum(kept(a_dot, a), axis=axis),
    cases=[case(A(4, kind="gaps")), case(A(2, 4, kind="gaps"), axis=1), case(A(2, 4, kind="gaps"))],
)
