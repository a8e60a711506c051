"""Programs that sort objects by values known at run time only."""

from __future__ import annotations

import math

import numpy as np
from judge import case

X = np.array([0.5, 0.9, 0.3, 0.7])


class Cell:
    def __init__(self, value, data):
        self.value = value
        self.data = data


def cells_of(x, k, n=3):
    return [Cell(x[i] * k, x * (i + 1)) for i in range(n)]


@case(X, 0.8, static=True)
@case(-X, 0.8, static=True)
def sorted_in_place(x, k):
    cells = cells_of(x, k)
    cells.sort(key=lambda c: c.value)
    return sum(c.value * (i + 1) for i, c in enumerate(cells)) + cells[0].data[1]


@case(X, 0.8, static=True)
def sorted_backwards(x, k):
    cells = cells_of(x, k)
    first, *rest = sorted(cells, key=lambda c: np.sin(c.value), reverse=True)
    return first.value * 3 + rest[1].data[2] * rest[0].value


@case(X, 0.8, static=True)
@case(X * 0.0 + 0.4, 0.8, static=True)
def written_after_it_is_sorted(x, k):
    cells = cells_of(x, k)
    kept = cells[1]
    order = sorted(cells, key=lambda c: c.value)
    order[0].data[0] = 5.0 * k
    order[2].value = order[1].value ** 2
    kept.data[1] *= 2.0
    same = 1.0 if order[1] is kept else 2.0
    return sum(np.sum(c.data) * c.value * (i + 1) for i, c in enumerate(cells)) * same


@case(X, 0.8, static=True)
@case(np.array([0.4, 0.4, 0.3, 0.4]), 0.8, static=True)
@case(np.array([0.4, np.nan, 0.3, 0.4]), 0.8)
def ties_keep_their_order(x, k):
    cells = [Cell(x[i], k * i) for i in range(4)]
    for backwards in (False, True):
        cells.sort(key=lambda c: c.value, reverse=backwards)
    return sum(c.data * (i + 1) * k for i, c in enumerate(cells))


@case(X, 0.8)
@case(X, 0.2)
def sorted_on_one_way(x, k):
    cells = cells_of(x, k)
    if k > 0.5:
        cells.sort(key=lambda c: -c.value)
    for c in cells[:1]:
        c.data *= 2.0
    return cells[0].value + np.sum(cells[-1].data) + np.sum(cells[0].data)


@case(X, 0.8)
def sorted_in_each_step(x, k):
    cells = cells_of(x, k, 2)
    total = 0.0
    for i in range(len(x)):
        cells.sort(key=lambda c: c.value * (-1) ** i)
        cells[0].value = cells[0].value * 0.7
        total = total + cells[0].value
    return total


@case(X, 0.8, static=True)
@case(-X, 0.8, static=True)
@case(X[[2, 1, 0]], 0.8, static=True)
def one_object_twice(x, k):
    a, b = cells_of(x, k, 2)
    order = sorted([b, a, b], key=lambda c: c.value)
    order[0].data[0] = k * 3.0
    order[1].value = 2.0 * k
    return sum(np.sum(c.data) * c.value * (i + 1) for i, c in enumerate(order))


@case(X, 0.8)
def functions_in_order(x, k):
    scales = sorted([(math.sin, x[0]), (math.exp, x[1])], key=lambda pair: pair[1] * k)
    return sum(f(v) * (i + 1) for i, (f, v) in enumerate(scales))


@case(np.arange(6.0), 0.8)
def many_objects(x, k):
    cells = sorted(cells_of(x, k, 6), key=lambda c: -c.value)
    return sum(c.value * i for i, c in enumerate(cells))
