"""Functions, methods, views and iterators that hold what a branch or a round of a loop made."""

# ruff: noqa: E731, B023

from __future__ import annotations

import functools

import numpy as np
from judge import case

X = np.array([0.3, -1.2, 2.1, 0.7, -0.4])


def scale(k, v):
    return k * v


def scaled(by):
    k = by * 2
    return lambda v: v * k


@case(X, 3, static=True)
def partial_functions_in_a_list(x, n):
    fs = []
    for i in range(n):
        fs.append(functools.partial(scale, x[i]))
    return fs[0](x[1]) + fs[2](x[0])


@case(X, static=True)
def partial_functions_in_a_comprehension(x):
    fs = [functools.partial(scale, v) for v in x]
    return fs[0](x[1]) + fs[2](x[0])


@case(X, static=True)
def closures_in_a_list(x):
    fs = [scaled(v) for v in x]
    return fs[0](x[1]) + fs[2](x[0])


@case(X, static=True)
def defaults_in_a_list(x):
    fs = []
    for i in range(3):
        k = x[i] * 2
        fs.append(lambda v, k=k: v * k)
    k = x[4]
    return fs[0](x[1]) + fs[2](x[0]) * k


@case(X, static=True)
def functions_that_read_a_name_later(x):
    fs = []
    for i in range(3):
        k = x[i] * 2
        fs.append(lambda v: v * k)
    k = x[4]
    return fs[0](x[1]) + fs[2](x[0])


@case(X, 3)
def functions_beside_numbers_in_a_list(x, n):
    pairs = []
    for w in x:
        pairs.append((lambda v, k=w: v * k, w))
    return pairs[0][0](x[1]) * pairs[1][1]


@case(X)
def methods_in_a_list(x):
    fs = []
    for v in x:
        y = x * v
        fs.append(y.dot)
    return fs[0](x) + fs[2](x)


@case(X)
def views_of_dicts_in_a_list(x):
    views = []
    for v in x:
        d = {"a": v}
        views.append(d.values())
    return sum(views[0]) * sum(views[1])


@case(X)
def iterators_in_a_list(x):
    its = []
    for i in range(3):
        its.append(iter([x[i], x[i + 1]]))
    return next(its[0]) * next(its[1]) + next(its[0])


@case(X)
def default_of_one_branch(x):
    f = None
    if x[0] > 0:
        k = x[1] * 2
        f = lambda v, k=k: v * k
    return x[3] if f is None else f(x[2])


@case(X)
def default_of_a_function_that_may_not_be_bound(x):
    if x[0] > 0:
        k = x[1] * 2
        f = lambda v, k=k: v * k
    return f(x[2])


@case(X)
def partial_function_of_one_branch(x):
    if x[0] > 0:
        f = functools.partial(scale, x[1] * 2)
    return f(x[2])


@case(X)
def partial_function_of_each_branch(x):
    f = functools.partial(scale, x[1])
    if x[0] > 0:
        f = functools.partial(scale, x[1] * 2)
    return f(x[2])


@case(X)
def method_of_one_branch(x):
    if x[0] > 0:
        y = x * 2
        f = y.dot
    return f(x)


@case(X)
def iterator_of_one_branch(x):
    if x[0] > 0:
        it = iter([x[1] * 2, x[2] * 3])
    return next(it) * next(it)


@case(X)
def pairs_of_one_branch(x):
    if x[0] > 0:
        pairs = zip(x * 2, x * 3, strict=True)
    return sum(a * b for a, b in pairs)


@case(X)
def generator_of_one_branch(x):
    if x[0] > 0:
        items = (v * 2 for v in [x[1] * 2, x[2]])
    return sum(items)


@case(X)
def view_of_a_dict_of_one_branch(x):
    if x[0] > 0:
        values = {"a": x[1] * 2, "b": x[2] * 3}.values()
    return sum(values)


@case(X)
def partial_function_in_a_dict_of_one_branch(x):
    if x[0] > 0:
        held = {"f": functools.partial(scale, x[1] * 2)}
    return held["f"](x[2])


@case(X)
def partial_function_returned_by_a_round(x):
    def pick():
        for i in range(len(x)):
            if x[i] > 1:
                return functools.partial(scale, x[i])

    return pick()(x[1])


@case(X)
def method_returned_by_a_round(x):
    def pick():
        for i in range(len(x)):
            if x[i] > 1:
                y = x * x[i]
                return y.dot

    return pick()(x)


@case(X)
def default_returned_by_a_round_beside_a_number(x):
    def pick():
        for i in range(len(x)):
            if x[i] > 1:
                return (lambda v, k=x[i]: v * k, x[i])

    f, k = pick()
    return f(x[1]) * k


@case(X)
def view_of_the_dict_of_the_last_round(x):
    for i in range(len(x)):
        d = {"a": x[i] * 2}
        v = d.values()
    return sum(v)
