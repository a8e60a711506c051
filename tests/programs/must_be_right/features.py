"""Features of Python and NumPy, a few lines each."""

from __future__ import annotations

import collections
import itertools
import math

import numpy as np
from judge import case

X = np.array([0.3, -1.2, 2.1, 0.7, -0.4])


@case(X)
def sort_stable(x):
    y = x.copy()
    y.sort(kind="stable")
    return y[0] * y[1]


@case(X)
def star_unpack(x):
    a, *r, b = x
    return a * b * sum(r)


@case(X)
def walrus_while(x):
    s = 0.0
    i = 0
    while (v := x[i]) < 2:
        s += v * v
        i += 1
    return s


@case(X)
def lambda_default_loop(x):
    fs = [lambda v, i=i: v * i for i in range(3)]
    return sum(f(x[j]) for j, f in enumerate(fs))


@case(X)
def lambda_late(x):
    fs = [lambda v: v * i for i in range(3)]  # noqa: B023
    return sum(f(x[0]) for f in fs)


@case(X)
def closure_counter(x):
    n = 0

    def bump(v):
        nonlocal n
        n += 1
        return v * n

    return bump(x[0]) + bump(x[1]) * bump(x[2])


@case(X)
def try_else(x):
    try:
        y = x[0] * 2
    except ValueError:
        y = x[1]
    else:
        y = y * y
    return y


@case(X)
def gen_send(x):
    def g():
        s = 0.0
        while True:
            v = yield s
            s += v

    it = g()
    next(it)
    it.send(x[0])
    return it.send(x[1]) * x[2]


@case(X)
def memory_order(x):
    y = np.asfortranarray(x[:4].reshape(2, 2))
    y[0, 1] = 3 * x[0]
    return np.sum(y * y)


@case(X)
def inplace_view_sum(x):
    y = x.copy()
    v = y[::2]
    v += y[1]
    return np.sum(y**2)


@case(X)
def self_referential_list(x):
    held = [x[0]]
    held.append(held)
    return held[1][0] * x[1]


@case(X)
def shared_iterator_zip(x):
    it = iter([x[0], x[1], x[2], x[3]])
    return sum(a * b for a, b in zip(it, it, strict=False))


@case(X)
def deque_queue(x):
    d = collections.deque([x[0]])
    s = 0.0
    n = 0
    while d and n < 5:
        v = d.popleft()
        s += v
        n += 1
        d.append(v * x[1])
    return s


@case(X)
def groupby(x):
    return sum(sum(g) * k for k, g in itertools.groupby([x[0], x[1], x[2]], key=lambda v: v > 0))


@case(X)
def try_math(x):
    try:
        return math.log(x[1])
    except ValueError:
        return x[1] ** 2


@case(X)
def nested_list_alias(x):
    a = [[0.0] * 2] * 2
    a[0][0] = x[0]
    return a[1][0] * x[1]


@case(X)
def dict_order_del(x):
    d = {"a": x[0], "b": x[1], "c": x[2]}
    del d["a"]
    d["a"] = x[3]
    return sum(v * i for i, v in enumerate(d.values()))


@case(X)
def flat_assign(x):
    y = np.zeros((2, 2))
    y.flat[1] = x[0]
    y.flat[[2, 3]] = x[1:3]
    return np.sum(y * y)


@case(X)
def copyto(x):
    y = np.zeros(5)
    np.copyto(y, x, where=x > 0)
    return np.sum(y**2)


@case(X)
def putmask(x):
    y = x.copy()
    np.putmask(y, x > 0, [x[0], x[1]])
    return np.sum(y**2)
