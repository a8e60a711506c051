"""Sums of weights by place: counts of integers, and histograms."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.errors import UnsupportedOption
from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import general, linear
from s2s_grad.runtime import add_at


def bincount_back(ct: Any, x: Any, weights: Any = None, minlength: Any = 0) -> Any:
    """Each weight went to the place of its integer."""
    return ct[x]


linear(
    np.bincount,
    parameters="x weights minlength",
    weights=bincount_back,
    cases=[
        case(np.array([0, 2, 0, 3]), A(4)),
        case(np.array([1, 1]), A(2), 4),
    ],
)


# -------------------------------------------------------------------------------------- histograms


def _check_density(density: Any) -> None:
    if density:
        raise UnsupportedOption(
            "the derivative rule of `histogram` does not handle `density=`",
            "divide by the sum of the weights and by the widths of the bins",
        )


def histogram_pullback_weights(
    ct: Any, a: Any, weights: Any, result: Any, density: Any = None
) -> Any:
    """Each weight went to its bin; the last one holds its upper edge too."""
    _check_density(density)
    edges = result[1]
    places = np.clip(np.searchsorted(edges, a, side="right") - 1, 0, np.size(edges) - 2)
    return np.where((a >= edges[0]) & (a <= edges[-1]), ct[0][places], 0.0)


def histogram_pullback_bins(ct: Any, bins: Any, density: Any = None) -> Any:
    """Edges that are given are returned."""
    _check_density(density)
    return ct[1]


def histogram_pullback_a(
    ct: Any, a: Any, a_zeros: Any, bins: Any = 10, range: Any = None, density: Any = None
) -> Any:
    """Values move no sum; the smallest and the largest move the edges."""
    _check_density(density)
    if np.ndim(bins) != 0 or range is not None:
        return a_zeros
    share = np.linspace(0.0, 1.0, np.size(ct[1]))
    moved = add_at(np.ravel(a_zeros), np.argmin(a), np.sum(ct[1] * (1 - share)))
    return np.reshape(add_at(moved, np.argmax(a), np.sum(ct[1] * share)), np.shape(a))


def histogram_pushforward(
    a: Any,
    result: Any,
    a_dot: Any,
    bins: Any = 10,
    range: Any = None,
    density: Any = None,
    weights: Any = None,
    bins_dot: Any = 0.0,
    weights_dot: Any = None,
) -> Any:
    """The sums of the weights' tangents, and the movement of the edges."""
    _check_density(density)
    values, edges = result
    sums = (
        np.zeros_like(values) if weights is None else np.histogram(a, edges, weights=weights_dot)[0]
    )
    if np.ndim(bins) != 0:
        return sums, bins_dot
    if range is not None:
        return sums, np.zeros_like(edges)
    low, high = np.ravel(a_dot)[np.argmin(a)], np.ravel(a_dot)[np.argmax(a)]
    return sums, np.linspace(low, high, np.size(edges))


_VALUES = np.array([0.1, 0.9, 0.35, 0.4, 0.75])
general(
    np.histogram,
    parameters="a bins range density weights",
    a=histogram_pullback_a,
    bins=histogram_pullback_bins,
    weights=histogram_pullback_weights,
    pushforward=histogram_pushforward,
    cases=[
        case(_VALUES, 3, None, None, A(5)),
        case(_VALUES, 3, (0.2, 0.8), None, A(5)),
        case(A(5, domain=(0.0, 1.0)), 3, None, None, A(5)),
        case(_VALUES, A(3, kind="increasing"), None, None, A(5)),
    ],
)
