"""Objects and containers that have several names, in loops that bind the names again."""

from __future__ import annotations

import numpy as np
from judge import case

X, K = np.array([0.3, 0.5]), 0.7


class Cell:
    def __init__(self, value):
        self.value = value

    def step(self, v):
        self.value = self.value * v + 0.1
        return self.value


class Pair:
    def __init__(self, a, b):
        self.a = a
        self.b = b


@case(X, K, static=True)
def bound_to_the_object_from_before(x, k):
    o = Cell(k)
    u = o
    for v in x:
        o = u
        o.value = o.value * v
    o.value += k
    return u.value * k


@case(X, K, static=True)
def bound_to_all_names_of_one_object(x, k):
    o = Cell(k)
    u = o
    for _ in range(len(x)):
        o.value += u.value
        for c in (u, o, u):
            o = c
    return o.value


@case(X, K, static=True)
def names_of_one_object_trade_places(x, k):
    o = Cell(k)
    u = o
    for v in x:
        o, u = u, o
        o.value = o.value * v
    return u.value * k


@case(X, K)
def names_of_two_objects_trade_places(x, k):
    o, u = Cell(k), Cell(x[0])
    for _ in range(len(x)):
        o, u = u, o
    o.value = x[0]
    return u.value * k


@case(X, K)
def one_object_and_then_others(x, k):
    o = Cell(k)
    u = o
    for v in x:
        o.value = o.value * v
        o = Cell(v)
    return u.value * k


@case(X, K, static=True)
def an_object_in_an_object(x, k):
    inner = Cell(k)
    outer = Pair(inner, k)
    for v in x:
        outer.b += v
        outer.a.value = outer.b * v
    return inner.value * k


@case(X, K, static=True)
def an_object_in_an_object_changed_by_its_own_name(x, k):
    inner = Cell(k)
    outer = Pair(inner, k)
    for v in x:
        inner.value += v
        outer.b = outer.b * outer.a.value
    return outer.a.value * outer.b


@case(X, K, static=True)
def an_object_in_two_objects(x, k):
    inner = Cell(k)
    outer, third = Pair(inner, k), Pair(inner, k)
    for v in x:
        outer.b += v
        outer, third = third, outer
        outer.a.value = outer.b * v
    return inner.value * k


@case(X, K, static=True)
def an_object_in_a_dict(x, k):
    inner = Cell(k)
    d = {"a": inner, "n": k}
    for v in x:
        d["n"] += v
        d["a"].value = d["n"] * v
    return inner.value * k


@case(X, K, static=True)
def an_object_in_a_tuple_that_is_made_again(x, k):
    inner = Cell(k)
    pair = (inner, k)
    for v in x:
        pair = (pair[0], pair[1] + v)
        pair[0].value = pair[1] * v
    return inner.value * k


@case(X, K)
def objects_trade_places_in_a_list(x, k):
    cells = [Cell(k), Cell(k * 2)]
    o = cells[0]
    for v in x:
        cells[0], cells[1] = cells[1], cells[0]
        cells[0].value = cells[0].value * v
    return o.value * k


@case(X, K)
def a_method_that_was_bound_before(x, k):
    o = Cell(k)
    step = o.step
    for v in x:
        k = step(v)
        o = Cell(k)
        o.step(v)
    return k * step(x[0]) + o.value


@case(X, K)
def numbers_that_are_one_by_a_condition(x, k):
    o = x[0]
    u = o
    if x[1] < 0:
        o = x[1]
    return k if u is o else k * k


@case(X, K)
def numbers_that_are_one_after_a_loop(x, k):
    o = x[0]
    u = o
    for v in x:
        o = v
        o = u
    return k if u is o else k * k


class Row:
    def __init__(self, items):
        self.items = items
        self.writes = 0

    def __getitem__(self, i):
        return self.items[i]

    def __setitem__(self, i, value):
        self.items[i] = value
        self.writes += 1

    def __len__(self):
        return len(self.items)


@case(X, K, static=True)
def items_of_an_object_are_assigned(x, k):
    row = Row(x.copy())
    other = row
    row[0] = k
    for i in range(len(x)):
        row[i] = row[i] * k
        other[1] *= x[i]
    return row[0] + other[1] * row.writes * len(row)


class Field:
    def __init__(self, value, data):
        self.value = value
        self.data = data


@case(X, K, static=True)
def object_with_a_written_array_in_a_list_that_is_bound_again(x, k):
    o = Field(k, x.copy())
    cells = [o]
    o.data[0] = k
    for _ in range(2):
        cells = list(cells)
        o.value = np.tanh(cells[0].value + x[1])
    return o.value + cells[0].value * np.sum(o.data)


@case(X, K, static=True)
def list_with_a_written_array_in_a_list_that_is_bound_again(x, k):
    row = [x.copy(), k]
    rows = [row]
    row[0][1] = k
    for _ in range(3):
        rows = rows[:]
        row[1] = np.tanh(rows[0][1] + rows[0][0][0])
    return row[1] + rows[0][1] * np.sum(row[0])
