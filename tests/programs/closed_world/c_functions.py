"""Functions that are written in C: what they do with what they are given."""

# ruff: noqa: E741

from __future__ import annotations

import bisect
import functools
import heapq
import itertools
import operator
import random
import statistics

import numpy as np
from closed_programs import compiled, other


@compiled
def asked_in_turn(x):
    small = itertools.takewhile(lambda k: k < 2, [0, 1, 2, 0])
    rest = itertools.dropwhile(lambda k: k < 2, [0, 1, 2, 0])
    odd = itertools.filterfalse(lambda k: k % 2 == 0, range(5))
    return sum(x[k] for k in small) * sum(x[k] ** 2 for k in rest) + sum(x[k] ** 3 for k in odd)


@compiled
def nan_to_num_in_place(x):
    y = x * 2
    np.nan_to_num(y, copy=False)
    y *= 2
    return np.sum(y * x)


@compiled
def setitem(x):
    l = [x[0], x[1]]
    operator.setitem(l, 0, x[2])
    return l[0] * l[1]


@compiled
def setitem_of_an_array(x):
    y = x.copy()
    operator.setitem(y, slice(0, 2), y[2:4] * 2)
    return np.sum(y * y)


@compiled
def delitem(x):
    l = [x[0], x[1], x[2]]
    operator.delitem(l, 0)
    return l[0] * l[1]


@compiled
def iadd(x):
    y = x.copy()
    z = operator.iadd(y, x)
    l = [x[0]]
    operator.iadd(l, [x[1], x[2]])
    return np.sum(y * x) + np.sum(z) + l[2]


@compiled
def getters(x):
    first, last = operator.itemgetter(0, -1)(x)
    shape = operator.attrgetter("shape")(x)
    total = operator.methodcaller("sum", axis=0)(x)
    return first * last * shape[0] + total


PICK = operator.itemgetter(1)
TAKE = operator.methodcaller("copy")


@compiled
def getters_of_the_module(x):
    y = TAKE(x)
    y[1] = x[0] ** 2
    return PICK(y) * PICK(x) + sum(map(PICK, [(1.0, x[0]), (2.0, x[2])]))


@compiled
def sorted_by_getter(x):
    pairs = [("b", x[0]), ("a", x[1])]
    (_, u), (_, v) = sorted(pairs, key=operator.itemgetter(0))
    return u**2 + v**3


@compiled
def folded(x):
    return functools.reduce(operator.mul, [x[0], x[1], x[2]]) + functools.reduce(operator.add, x)


@compiled
def unbound_list_methods(x):
    l = []
    list.append(l, x[0])
    list.extend(l, [x[1], x[2]])
    list.insert(l, 0, x[3])
    list.__setitem__(l, 1, x[4])
    return l[0] * l[1] + l[2] * list.pop(l) * list.__len__(l)


@compiled
def unbound_array_methods(x):
    y = x.copy()
    np.ndarray.sort(y)
    np.ndarray.fill(y[:2], x[2])
    return y[0] * y[4] ** 2 + np.ndarray.sum(x)


@compiled
def unbound_dict_methods(x):
    d = {"a": x[0]}
    dict.update(d, b=x[1])
    return dict.get(d, "a") * dict.get(d, "b", 0.0) + dict.setdefault(d, "c", x[2])


@compiled
def append_mapped(x):
    l = []
    for v in map(operator.neg, [x[0], x[1]]):
        l.append(v)
    return l[0] * l[1]


@compiled
def bisected(x):
    grid = [0.0, 1.0, 2.0]
    k = bisect.bisect_left(grid, x[2]) - 1
    return (x[2] - k) ** 2 * (k + 1)


@compiled
def statistic(x):
    l = [x[0], x[1], x[2]]
    return statistics.mean(l) ** 2 + statistics.stdev(l) + statistics.pvariance(l)


@compiled
def iterators(x):
    l = [x[0], x[1], x[2]]
    s = sum(a * b for a, b in map(lambda a, b: (a, b), l, l[1:]))
    for a, b in itertools.zip_longest(l, [x[3]], fillvalue=2.0):
        s += a * b
    for v in itertools.chain.from_iterable([[x[0]], (x[1], x[4])]):
        s += v**2
    return s + sum(itertools.repeat(x[0], 3))


@other
def heap(x):
    h = [x[0], x[1], x[2]]
    heapq.heapify(h)
    return h[0] ** 2


@other
def heap_pushed(x):
    h = []
    for i in range(3):
        heapq.heappush(h, x[i])
    return heapq.heappop(h) * 2


@other
def smallest(x):
    return sum(v**2 for v in heapq.nsmallest(2, [x[0], x[1], x[2]]))


@other
def insort(x):
    l = [0.0, 1.0]
    bisect.insort(l, x[0])
    return l[1] * 3


@other
def shuffled(x):
    l = [x[0], x[0], x[0]]
    random.shuffle(l)
    return l[0] ** 2


@functools.singledispatch
def described(v):
    return v * 2


@described.register(list)
def _(v):
    return v[0] * 3


@other
def dispatched(x):
    return described([x[0]]) + described(x)[1]


@other
def ordered_by_comparison(x):
    l = sorted([x[0], x[1]], key=functools.cmp_to_key(lambda a, b: -1 if a < b else 1))
    return l[0] ** 2
