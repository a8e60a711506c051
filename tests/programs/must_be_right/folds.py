"""What is summed, folded and compared item by item, while the items are changed."""

# ruff: noqa: C417, RUF017

from __future__ import annotations

import functools
import itertools
import math

import numpy as np
from judge import case

X = np.array([0.3, -1.2, 2.1, 0.7, -0.4])


def doubled(y):
    y *= 2
    return y


@case(X)
def sum_of_an_array_that_doubles(x):
    y = x.copy()
    return np.sum(sum(doubled(y) for _ in (1, 2, 3)))


@case(X)
def sum_of_a_map_that_doubles(x):
    y = x.copy()
    return np.sum(sum(map(lambda _: doubled(y), (1, 2, 3))))


@case(X)
def sum_of_a_generator_that_writes(x):
    y = x.copy()

    def parts():
        for i in range(3):
            y[i] = y[i] * x[i]
            yield y[:2]

    return np.sum(sum(parts(), np.zeros(2)))


@case(X)
def sum_of_a_list_that_grows(x):
    kept = [x[0]]

    def with_one_more(v):
        kept.append(v)
        return kept

    return sum(sum((with_one_more(v) for v in (x[1], x[2])), []))


@case(X, static=True)
def folded_while_it_doubles(x):
    y = x.copy()
    return np.sum(functools.reduce(lambda a, b: a + b, (doubled(y) for _ in (1, 2, 3))))


@case(X, static=True)
def folded_from_a_number_while_it_doubles(x):
    y = x.copy()
    return np.sum(functools.reduce(lambda a, b: a * b, map(lambda _: doubled(y), (1, 2)), 1.0))


@case(X)
def folding_changes_what_comes(x):
    items = [x[0], x[1], x[2]]

    def add(a, b):
        items[2] = items[2] * 3
        return a + b

    return functools.reduce(add, items)


@case(X)
def accumulated_while_it_doubles(x):
    y = x.copy()
    return np.sum(list(itertools.accumulate(doubled(y) for _ in (1, 2, 3)))[-1])


@case(X)
def product_of_items_that_double(x):
    y = x.copy()
    return math.prod(doubled(y)[0] for _ in (1, 2, 3))


@case(X)
def largest_of_items_that_double(x):
    y = x.copy()
    return max(doubled(y)[0] for _ in (1, 2, 3)) * y[1]


@case([])
def folded_of_nothing(items):
    return functools.reduce(lambda a, b: a + b, items)
