"""Iterators that are shared or not run to their end, and `any` and `all` of them."""

# ruff: noqa: B905, C417

from __future__ import annotations

import numpy as np
from judge import case

X = np.array([0.3, -1.2, 2.1, 0.7, -0.4])
Y = np.array([0.8, 1.2, 2.1, 0.7, 0.4])


# Iterators that are shared, or not run to their end.


@case(X, static=True)
def pairs_of_one_iterator(x):
    it = iter([x[0], x[1], x[2], x[3]])
    return sum(a * b for a, b in zip(it, it))


@case(X, static=True)
def the_first_loses_an_item(x):
    a, b = iter([x[0], x[1], x[2]]), iter([x[3]])
    s = sum(u * v for u, v in zip(a, b))
    return s + 10 * next(a)


@case(X, static=True)
def next_inside_of_the_loop(x):
    it, s = iter([x[0], x[1], x[2], x[3], x[4]]), 0.0
    for v in it:
        s += v * next(it, 2.0)
    return s


@case(X)
def loop_goes_on_where_it_was(x):
    it, s = iter([x[0], x[1], x[2], x[3]]), 0.0
    for v in it:
        s += v
        if v is x or s < 0:
            break
    for v in it:
        s += v * 10
    return s


@case(X, static=True)
def two_loops_of_one_iterator(x):
    it, s = iter([x[0], x[1], x[2], x[3]]), 0.0
    for i, v in enumerate(it):
        s += v
        if i == 1:
            break
    for v in it:
        s += v * 10
    for v in it:
        s += v * 100
    return s


@case(X)
def next_of_an_array(x):
    it = iter(x)
    first = next(it)
    return sum(v * first for v in it)


@case(X)
def advanced_in_a_branch(x):
    it = iter([x[0], x[1], x[2]])
    if x[0] > 0:
        next(it)
    return sum(v * v for v in it)


@case(X)
def advanced_in_a_loop(x):
    it, s = iter([x[0], x[1], x[2], x[3], x[4]]), 0.0
    for v in x:
        s += v * next(it)
    return s


@case(X)
def next_of_nothing(x):
    it = iter([x[0]])
    next(it)
    return next(it) * 2


@case(X, static=True)
def default_of_next(x):
    return next((v for v in (x[0], x[1]) if v is None), x[2]) * 3


@case(X, static=True)
def an_iterator_of_an_iterator(x):
    p = [x[0], x[1], x[2]]
    a = enumerate(p)
    b = zip(a, iter(a))
    p[2] = x[4]
    return sum((i + 1) * v * (j + 1) * w for (i, v), (j, w) in b) + sum(v for _, v in a)


@case(X, static=True)
def unpacked_iterators(x):
    it = map(lambda v: v * x[0], [x[1], x[2], x[3]])
    a, *b = it
    return a + b[0] * b[1] + len(list(it))


@case(X, static=True)
def star_arguments(x):
    def f(a, b, c):
        return a * b + c

    p = [x[0], x[1]]
    z = iter(p)
    p.append(x[2])
    return f(*z)


@case(X)
def unlike_lengths_in_a_strict_zip(x):
    return sum(a * b for a, b in zip([x[0], x[1]], [x[2]], strict=True))


# any and all


@case(X)
def any_with_a_counter(x):
    n = 0

    def above(v):
        nonlocal n
        n += 1
        return v > 0.5

    if any(above(v) for v in (x[0], x[1], x[2], x[3])):
        return n * x[0]
    return x[1]


@case(X, static=True)
def any_of_constants(x):
    n = []

    def add(i):
        n.append(x[i])
        return i == 1

    found = any(add(i) for i in range(4))
    return sum(n) * (1 + found)


@case(X)
def all_binds_a_name(x):
    s = 0.0
    if not all((y := v) < 1 for v in (x[0], x[1], x[2], x[3])):
        s = y * 3
    return s + y


@case(X, static=True)
def any_leaves_the_rest(x):
    it = iter([1, 2, 3, 4])
    found = any(v == 2 for v in it)
    return sum(x[v] for v in it) * (1 + found)


@case(X)
def any_by_data_leaves_the_rest(x):
    it = iter([x[0], x[1], x[2], x[3]])
    any(v < 0 for v in it)
    return sum(v * v for v in it)


@case(X, static=True)
def all_of_an_array(x):
    return np.sum(x) * (2 if all(v > -2 for v in x) else 3)


@case(X)
def all_writes_an_array(x):
    y = x.copy()

    def seen(i):
        y[i] = y[i] * 2
        return y[i] > -1

    all(seen(i) for i in range(4))
    return np.sum(y * y)
