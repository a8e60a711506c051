"""Generators whose array is written to before they have given their items, of known size or not."""

from __future__ import annotations

import numpy as np
from judge import case

X, K = np.array([0.3, 0.5, 0.9, 0.7]), 0.7


def scaled(items, k):
    for item in items:
        yield item * k


@case(X, K)
def written_before_it_is_summed(x, k):
    y = x.copy()
    it = (v for v in scaled(y, k))
    y *= k
    return sum(it)


@case(X, K)
def written_where_sizes_are_known(x, k):
    first, *rest = x
    y = x.copy()
    it = (v for v in scaled(y, k))
    y *= k
    return sum(it) + first * sum(rest)


@case(X, K)
def written_below_a_zip(x, k):
    first, *rest = x
    y = x.copy()
    it = zip(scaled(y, k), x, strict=True)
    y *= k
    return sum(a * b for a, b in it) + first * sum(rest)


@case(X, K)
def written_below_a_map(x, k):
    first, *rest = x
    y = x.copy()
    it = map(np.sin, scaled(y, k))
    y[1:] *= k
    return np.sum(np.array(list(it))) + first * sum(rest)


@case(X, K)
def written_after_the_first_item(x, k):
    first, *rest = x
    y = x.copy()
    it = iter(scaled(y, k))
    z = next(it)
    y *= k
    return sum(it) * z + first * sum(rest)
