"""Weighted means and covariances."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.rules.cases import POSITIVE, A, case
from s2s_grad.rules.families import general
from s2s_grad.rules.reductions import expand
from s2s_grad.runtime import divided

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
