"""Weighted means, quantiles and covariances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.errors import UnsupportedOption
from s2s_grad.rules.cases import POSITIVE, A, case
from s2s_grad.rules.families import general
from s2s_grad.rules.reductions import expand
from s2s_grad.runtime import cast_like, divided

# ------------------------------------------------------------------------------- weighted means


def _along(weights: Any, a_shape: Any, axis: Any) -> Any:
    """Give a vector of weights the axes of the array that it weighs."""
    if np.ndim(weights) == len(a_shape):
        return weights
    others = tuple(i for i in range(len(a_shape)) if i != axis % len(a_shape))
    return np.expand_dims(weights, others)


def average_pullback(
    ct: Any,
    a_shape: Any,
    a_size: Any,
    result_shape: Any,
    axis: Any = None,
    weights: Any = None,
    keepdims: bool = False,
) -> Any:
    """Each item's weight, over the sum of all weights."""
    if weights is None:
        count = a_size if axis is None else _items(a_shape, axis)
        return np.broadcast_to(expand(divided(ct, count), axis, keepdims), a_shape)
    share = _along(weights, a_shape, axis)
    share = share / np.sum(share, axis=axis, keepdims=True)
    return np.broadcast_to(expand(ct, axis, keepdims) * share, a_shape)


def _items(a_shape: Any, axis: Any) -> Any:
    count = 1
    for i in axis if isinstance(axis, tuple) else (axis,):
        count = count * a_shape[i]
    return count


def average_pullback_weights(
    ct: Any,
    a: Any,
    result: Any,
    weights: Any,
    weights_shape: Any,
    a_shape: Any,
    axis: Any = None,
    keepdims: bool = False,
) -> Any:
    """Each item's distance from the mean, over the sum of all weights."""
    total = np.sum(_along(weights, a_shape, axis), axis=axis, keepdims=True)
    pulled = expand(ct, axis, keepdims) * (a - expand(result, axis, keepdims)) / total
    if len(weights_shape) == len(a_shape):
        return pulled
    return np.sum(pulled, axis=tuple(i for i in range(len(a_shape)) if i != axis % len(a_shape)))


def average_pushforward(
    a: Any,
    result: Any,
    a_dot: Any,
    weights_dot: Any,
    a_shape: Any,
    axis: Any = None,
    weights: Any = None,
    keepdims: bool = False,
) -> Any:
    """The mean of the tangents, and of the distances from the mean by the weights' tangents."""
    if weights is None:
        return np.mean(a_dot, axis=axis, keepdims=keepdims)
    share = _along(weights, a_shape, axis)
    distance = a - expand(result, axis, keepdims)
    change = a_dot * share + distance * _along(weights_dot, a_shape, axis)
    total = np.sum(share * np.ones_like(a), axis=axis, keepdims=keepdims)
    return np.sum(change, axis=axis, keepdims=keepdims) / total


general(
    np.average,
    holomorphic=True,
    parameters="a axis weights",
    a=average_pullback,
    weights=average_pullback_weights,
    pushforward=average_pushforward,
    cases=[
        case(A(2, 3)),
        case(A(2, 3), 1),
        case(A(2, 3, 4), axis=(0, 2)),
        case(A(4), None, A(4, domain=POSITIVE)),
        case(A(2, 3), 1, A(3, domain=POSITIVE)),
        case(A(2, 3), 0, A(2, 3, domain=POSITIVE)),
        case(A(2, 3), -2, A(2, domain=POSITIVE), keepdims=True),
    ],
)


# ------------------------------------------------------------------------------------ quantiles


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


# ---------------------------------------------------------------------------------- covariances


def _rows(m: Any, rowvar: bool) -> Any:
    """Return a matrix with one variable a row."""
    if np.ndim(m) == 1:
        return np.reshape(m, (1, -1))
    return m if rowvar else np.transpose(m)


def _centred_rows(m: Any, y: Any, rowvar: bool) -> Any:
    rows = _rows(m, rowvar)
    if y is not None:
        rows = np.concatenate([rows, _rows(y, rowvar)])
    return rows - np.mean(rows, axis=1, keepdims=True)


def _freedom(ddof: Any, bias: bool) -> Any:
    return ddof if ddof is not None else 0 if bias else 1


def _unrow(rows: Any, m_shape: Any, rowvar: bool) -> Any:
    if len(m_shape) == 1:
        return np.reshape(rows, m_shape)
    return rows if rowvar else np.transpose(rows)


def _first_rows(pulled: Any, m: Any, m_shape: Any, y: Any, rowvar: bool) -> Any:
    """Return what belongs to the first argument, in its own shape."""
    if y is not None:
        pulled = pulled[: np.shape(_rows(m, rowvar))[0]]
    return _unrow(pulled, m_shape, rowvar)


def _other_rows(pulled: Any, m: Any, y_shape: Any, rowvar: bool) -> Any:
    """Return what belongs to the second argument, in its own shape."""
    return _unrow(pulled[np.shape(_rows(m, rowvar))[0] :], y_shape, rowvar)


def _cov_pullback_rows(ct: Any, centred: Any, ddof: Any) -> Any:
    """(ct + ct.T) X / (n - ddof) for centred rows X of n items."""
    ct = np.reshape(ct, (np.shape(centred)[0], np.shape(centred)[0]))
    return (ct + np.transpose(ct)) @ centred / (np.shape(centred)[1] - ddof)


def cov_pullback(
    ct: Any,
    m: Any,
    m_shape: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: Any = None,
) -> Any:
    """(ct + ct.T) X / (n - ddof) for the centred variables X: the rows of the first argument."""
    pulled = _cov_pullback_rows(ct, _centred_rows(m, y, rowvar), _freedom(ddof, bias))
    return _first_rows(pulled, m, m_shape, y, rowvar)


def cov_pullback_y(
    ct: Any,
    m: Any,
    y: Any,
    y_shape: Any,
    rowvar: bool = True,
    bias: bool = False,
    ddof: Any = None,
) -> Any:
    """(ct + ct.T) X / (n - ddof) for the centred variables X: the rows of the second argument."""
    pulled = _cov_pullback_rows(ct, _centred_rows(m, y, rowvar), _freedom(ddof, bias))
    return _other_rows(pulled, m, y_shape, rowvar)


def _cov_pushforward_rows(centred: Any, tangents: Any, ddof: Any) -> Any:
    half = tangents @ np.transpose(centred)
    return (half + np.transpose(half)) / (np.shape(centred)[1] - ddof)


def cov_pushforward(
    m: Any,
    m_dot: Any,
    y_dot: Any,
    result_shape: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: Any = None,
) -> Any:
    """X_dot X.T / (n - ddof), made symmetric."""
    tangents = _centred_rows(m_dot, None if y is None else y_dot, rowvar)
    centred = _centred_rows(m, y, rowvar)
    return np.reshape(_cov_pushforward_rows(centred, tangents, _freedom(ddof, bias)), result_shape)


_VARIABLES = [
    case(A(3, 5)),
    case(A(5)),
    case(A(5, 3), None, False),
    case(A(5), A(5)),
    case(A(2, 5), A(3, 5)),
]
general(
    np.cov,
    parameters="m y rowvar bias ddof",
    m=cov_pullback,
    y=cov_pullback_y,
    pushforward=cov_pushforward,
    cases=[*_VARIABLES, case(A(3, 5), bias=True), case(A(3, 5), ddof=2)],
)


def _scales(centred: Any) -> tuple[Any, Any]:
    """Return the scatter matrix of centred rows, and the inverse of its diagonal's roots."""
    scatter = centred @ np.transpose(centred)
    return scatter, 1 / np.sqrt(np.diagonal(scatter))


def _corrcoef_pullback_rows(ct: Any, centred: Any) -> Any:
    """Through R = D S D, where D holds the inverse roots of the diagonal of the scatter S."""
    scatter, scale = _scales(centred)
    ct = np.reshape(ct, np.shape(scatter))
    scaled = (ct + np.transpose(ct)) * scale * np.expand_dims(scale, 1)
    weights = np.sum(scaled * scatter, axis=1, keepdims=True) * np.expand_dims(scale * scale, 1)
    return scaled @ centred - weights * centred


def corrcoef_pullback(ct: Any, x: Any, x_shape: Any, y: Any = None, rowvar: bool = True) -> Any:
    """The rows of the first argument."""
    pulled = _corrcoef_pullback_rows(ct, _centred_rows(x, y, rowvar))
    return _first_rows(pulled, x, x_shape, y, rowvar)


def corrcoef_pullback_y(ct: Any, x: Any, y: Any, y_shape: Any, rowvar: bool = True) -> Any:
    """The rows of the second argument."""
    pulled = _corrcoef_pullback_rows(ct, _centred_rows(x, y, rowvar))
    return _other_rows(pulled, x, y_shape, rowvar)


def corrcoef_pushforward(
    x: Any,
    x_dot: Any,
    y_dot: Any,
    result: Any,
    result_shape: Any,
    y: Any = None,
    rowvar: bool = True,
) -> Any:
    """D S_dot D less the relative changes of both scales."""
    centred = _centred_rows(x, y, rowvar)
    _, scale = _scales(centred)
    half = _centred_rows(x_dot, None if y is None else y_dot, rowvar) @ np.transpose(centred)
    change = (half + np.transpose(half)) * scale * np.expand_dims(scale, 1)
    relative = 0.5 * np.diagonal(change)
    shrink = relative + np.expand_dims(relative, 1)
    whole = np.reshape(result, np.shape(change))
    return np.reshape(change - whole * shrink, result_shape)


general(
    np.corrcoef,
    parameters="x y rowvar",
    x=corrcoef_pullback,
    y=corrcoef_pullback_y,
    pushforward=corrcoef_pushforward,
    cases=_VARIABLES,
)
