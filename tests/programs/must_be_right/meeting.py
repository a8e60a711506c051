"""Containers that were changed keep their identities where branches and loops meet."""

from __future__ import annotations

import numpy as np
from judge import case

X = np.array([0.5, 0.96, 1.1, 0.67])
K = 0.7


class Cell:
    def __init__(self, data):
        self.data = data
        self.log = []


def filled(x, k):
    cells = [Cell(x * v) for v in x[:2]]
    for cell in cells:
        cell.log.append(k * cell.data[0])
    return cells


@case(X, K)
def item_given_to_another_place(x, k):
    cells = filled(x, k)
    last = cells[1]
    if x[0] < 0.997:
        cells[0] = last
    last.data = x * 3.0
    return np.sum(cells[0].data) + np.sum(cells[1].data)


@case(X, K)
def item_given_to_another_place_in_a_loop(x, k):
    cells = filled(x, k)
    o = cells[1]
    for i in range(len(x)):
        if x[i] < 0.7:
            cells[0] = o
    o.data = x * 3.0
    return np.sum(cells[0].data) + np.sum(cells[1].data) * 2


@case(X, K)
def one_object_at_two_places_after_a_loop(x, k):
    cells = filled(x, k)
    o = cells[1]
    for _ in range(len(x)):
        cells[0] = o
    o.data = x * 3.0
    o.log.append(k)
    return np.sum(cells[0].data) + sum(cells[1].log) * 2


@case(X, K)
def tuple_that_is_bound_again(x, k):
    cells = filled(x, k)
    o = cells[1]
    t = (cells[0], o)
    if k > 0.5:
        t = (o, cells[0])
    o.log[0] = k * k
    o.data = x * k
    return sum(t[0].log) * 2 + np.sum(t[1].data)


@case(X, K)
def one_object_under_two_keys(x, k):
    cells = filled(x, k)
    d = {"a": cells[0], "b": cells[1]}
    if k > 0.5:
        d["a"] = d["b"]
    else:
        d["b"].log.append(x[0])
    d["b"].log.append(x[1] * 3)
    cells[1].data = x * k
    return sum(d["a"].log) * 2 + np.sum(d["a"].data) + sum(cells[0].log)


@case(X, K)
def row_given_to_another_place(x, k):
    rows = [[x[0]], [x[1]]]
    for r in rows:
        r.append(k)
    m = [rows[0], rows[1]]
    if k > 0.5:
        m[0] = rows[1]
    rows[1].append(x[2])
    rows[0][0] = k * 7
    return sum(m[0]) * 2 + sum(m[1]) * 3


@case(X, K)
def row_given_to_another_place_in_a_loop(x, k):
    rows = [[x[0]], [x[1]]]
    for r in rows:
        r.append(k)
    for i in range(3):
        if x[i] > 0.9:
            rows[0] = rows[1]
        rows[1][0] = x[i] * 2
    rows[1][1] = k * 5
    return sum(rows[0]) * 2 + sum(rows[1]) * 3


@case(X, K)
def rows_in_another_order(x, k):
    a = [[k], [k * 2]]
    a[0].append(x[0])
    b = a
    if x[0] > 0.6:
        b = [a[1], a[0]]
    else:
        a[1].append(x[1])
    a[0][0] = k * 9
    return sum(b[0]) * 2 + sum(b[1]) * 3


@case(X, K)
def the_best_of_several(x, k):
    cells = filled(x, k)
    best = cells[0]
    for c in cells:
        if np.sum(c.data) > 1.5:
            best = c
    best.log.append(k * 4)
    best.data = x * 2.0
    return sum(cells[0].log) + sum(cells[1].log) * 2 + np.sum(best.data) + np.sum(cells[1].data)
