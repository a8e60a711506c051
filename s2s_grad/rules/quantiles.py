"""Quantiles, percentiles and medians, with NaN items or without them: weights of two neighbours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.errors import UnsupportedOption
from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import general
from s2s_grad.rules.nan_reductions import GAPS, NUMBERS, kept
from s2s_grad.rules.reductions import expand
from s2s_grad.runtime import cast_like


def _quantile_weights(a: Any, place: Any, axis: int) -> Any:
    """Return the weight of each item in the quantile at a fraction of the way: two neighbours."""
    rank = np.argsort(np.argsort(a, axis=axis, kind="stable"), axis=axis)
    # An item counts by how near its rank is; more than one rank away it does not.
    near = np.maximum(1 - np.abs(rank - place * (np.shape(a)[axis] - 1)), 0.0)
    return cast_like(near, a)


Weigh = Callable[[Any, Any, int], Any]


def pull_quantile(
    weigh: Weigh, ct: Any, a: Any, a_shape: Any, q: Any, axis: Any, keepdims: bool
) -> Any:
    """The cotangent by the weights of the items (Hyndman and Fan's type 7: two neighbours)."""
    if axis is None:
        if keepdims:
            ct = np.reshape(ct, np.shape(q))
        flat = pull_quantile(weigh, ct, np.ravel(a), None, q, 0, False)
        return np.reshape(flat, a_shape)
    if np.ndim(q) == 0:
        return expand(ct, axis, keepdims) * weigh(a, q, axis)
    total = 0.0
    for k in range(len(q)):
        total = total + expand(ct[k], axis, keepdims) * weigh(a, q[k], axis)
    return total


def push_quantile(weigh: Weigh, a: Any, a_dot: Any, q: Any, axis: Any, keepdims: bool) -> Any:
    """The tangents by the weights of the items."""
    if axis is None and not keepdims:
        a, a_dot, axis = np.ravel(a), np.ravel(a_dot), 0
    if axis is None:
        raise UnsupportedOption(
            "the tangent of a quantile of all items with keepdims=True is not known",
            "leave `keepdims` out",
        )
    if np.ndim(q) == 0:
        return np.sum(a_dot * weigh(a, q, axis), axis=axis, keepdims=keepdims)
    parts = [
        np.sum(a_dot * weigh(a, q[k], axis), axis=axis, keepdims=keepdims) for k in range(len(q))
    ]
    return np.stack(parts)


def quantile_pullback(
    ct: Any,
    a: Any,
    a_shape: Any,
    q: Any,
    axis: Any = None,
    keepdims: bool = False,
    method: str = "linear",
) -> Any:
    """The cotangent by the weights of the two neighbours."""
    check_method(method)
    return pull_quantile(_quantile_weights, ct, a, a_shape, q, axis, keepdims)


def quantile_pushforward(
    a: Any,
    a_dot: Any,
    q: Any,
    axis: Any = None,
    keepdims: bool = False,
    method: str = "linear",
) -> Any:
    """The tangents by the weights of the two neighbours."""
    check_method(method)
    return push_quantile(_quantile_weights, a, a_dot, q, axis, keepdims)


def check_method(method: Any) -> None:
    """Refuse a method that weighs other items."""
    if method != "linear":
        raise UnsupportedOption(
            f"the derivative of a quantile with method={method!r} is not known",
            "use method='linear'",
        )


def percentile_pullback(
    ct: Any,
    a: Any,
    a_shape: Any,
    q: Any,
    axis: Any = None,
    keepdims: bool = False,
    method: str = "linear",
) -> Any:
    """That of the quantile at a hundredth."""
    return quantile_pullback(ct, a, a_shape, np.divide(q, 100), axis, keepdims, method)


def percentile_pushforward(
    a: Any,
    a_dot: Any,
    q: Any,
    axis: Any = None,
    keepdims: bool = False,
    method: str = "linear",
) -> Any:
    """That of the quantile at a hundredth."""
    return quantile_pushforward(a, a_dot, np.divide(q, 100), axis, keepdims, method)


_QUANTILE = "a q axis"
_DISTINCT = A(3, 5, kind="distinct")
general(
    np.quantile,
    parameters=_QUANTILE,
    a=quantile_pullback,
    pushforward=quantile_pushforward,
    cases=[
        case(A(5, kind="distinct"), 0.3),
        case(A(5, kind="distinct"), 0.5),
        case(A(6, kind="distinct"), 1.0),
        case(_DISTINCT, 0.45),
        case(_DISTINCT, 0.7, 1),
        case(_DISTINCT, 0.7, axis=0, keepdims=True),
        case(_DISTINCT, np.array([0.1, 0.8]), 1),
        case(_DISTINCT, [0.1, 0.8]),
    ],
)
general(
    np.percentile,
    parameters=_QUANTILE,
    a=percentile_pullback,
    pushforward=percentile_pushforward,
    cases=[case(A(5, kind="distinct"), 30), case(_DISTINCT, 70.0, 1), case(_DISTINCT, [10, 80], 0)],
)


# ---------------------------------------------------------------------- without the NaN items


def _weights_of_numbers(a: Any, place: Any, axis: int) -> Any:
    """Return the weight of each item in the quantile of those that are numbers."""
    rank = np.argsort(np.argsort(a, axis=axis, kind="stable"), axis=axis)
    last = np.sum(~np.isnan(a), axis=axis, keepdims=True) - 1
    near = np.maximum(1 - np.abs(rank - place * last), 0.0)
    return cast_like(kept(near, a), a)


def nanquantile_pullback(
    ct: Any,
    a: Any,
    a_shape: Any,
    q: Any,
    axis: Any = None,
    keepdims: bool = False,
    method: str = "linear",
) -> Any:
    """The cotangent by the weights of the two neighbours."""
    check_method(method)
    return pull_quantile(_weights_of_numbers, ct, a, a_shape, q, axis, keepdims)


def nanquantile_pushforward(
    a: Any, a_dot: Any, q: Any, axis: Any = None, keepdims: bool = False, method: str = "linear"
) -> Any:
    """The tangents by the weights of the two neighbours."""
    check_method(method)
    return push_quantile(_weights_of_numbers, a, kept(a_dot, a), q, axis, keepdims)


_QUANTILES = [
    case(A(7, kind="gaps"), 0.3),
    case(A(4, 5, kind="gaps"), 0.7, 1),
    case(A(5, 3, kind="gaps"), 0.4, axis=0, keepdims=True),
    case(A(3, 5, kind="gaps"), np.array([0.1, 0.8]), 1),
    case(A(3, 5, kind="gaps"), 0.5),
]
general(
    np.nanquantile,
    parameters="a q axis",
    masks=NUMBERS,
    a=nanquantile_pullback,
    pushforward=nanquantile_pushforward,
    cases=_QUANTILES,
)
general(
    np.nanpercentile,
    parameters="a q axis",
    masks=NUMBERS,
    a=lambda ct, a, a_shape, q, axis=None, keepdims=False, method="linear": nanquantile_pullback(
        ct, a, a_shape, np.divide(q, 100), axis, keepdims, method
    ),
    pushforward=lambda a, a_dot, q, axis=None, keepdims=False, method="linear": (
        nanquantile_pushforward(a, a_dot, np.divide(q, 100), axis, keepdims, method)
    ),
    cases=[case(A(7, kind="gaps"), 30), case(A(4, 5, kind="gaps"), [10, 80], 1)],
)
general(
    np.nanmedian,
    parameters="a axis",
    masks=NUMBERS,
    a=lambda ct, a, a_shape, axis=None, keepdims=False: pull_quantile(
        _weights_of_numbers, ct, a, a_shape, 0.5, axis, keepdims
    ),
    pushforward=lambda a, a_dot, axis=None, keepdims=False: push_quantile(
        _weights_of_numbers, a, kept(a_dot, a), 0.5, axis, keepdims
    ),
    cases=GAPS[:3],
)
