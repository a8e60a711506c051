"""Generators, `map` and `filter`: when they run."""

# ruff: noqa: B007, B905

from __future__ import annotations

import itertools

import numpy as np
from judge import case

X = np.array([0.3, -1.2, 2.1, 0.7, -0.4])
Y = np.array([0.8, 1.2, 2.1, 0.7, 0.4])


@case(X, static=True)
def map_with_effects(x):
    n = []

    def f(v):
        n.append(v)
        return v * len(n)

    m = map(f, [x[0], x[1], x[2]])
    s = len(n) + 0.0
    s += next(m)
    s += len(n) * 10
    return s + sum(m) + sum(n)


@case(X, static=True)
def map_stops_with_the_shorter(x):
    n = []

    def f(v):
        n.append(v)
        return v

    s = sum(a * b for a, b in zip([x[3], x[4]], map(f, [x[0], x[1], x[2]])))
    return s + sum(n)


@case(X, static=True)
def filter_reads_late(x):
    keep = [0, 1]
    f = filter(lambda i: i in keep, [0, 1, 2, 3])
    keep.append(3)
    return sum(x[i] * (i + 1) for i in f)


@case(X, static=True)
def generator_over_a_written_list(x):
    p = [x[0], x[1], x[2]]
    g = (v * w for v in p for w in p)
    a = next(g)
    p[1] = x[4]
    p.append(x[3])
    return a + sum(g)


@case(X, static=True)
def first_iterable_at_once(x):
    p = [x[0], x[1]]
    m = [x[2]]
    g = (a * b for a in p for b in m)
    p = [x[3]]
    m = [x[4], x[4]]
    return sum(g) + p[0] + m[0]


@case(X, static=True)
def generator_of_a_generator(x):
    t = x[0]
    g = (v * t for v in (u + t for u in [x[1], x[2]]))
    t = x[3]
    a = next(g)
    t = x[4]
    return a * sum(g)


@case(X)
def late_bound_in_a_loop(x):
    gs = []
    for i in range(3):
        gs.append(x[i] * j for j in (1, 2))
    return sum(sum(g) for g in gs)


@case(X)
def array_generator_reads_late(x):
    t = x[0]
    g = (v * t for v in x)
    t = x[1] * 3
    return sum(g)


@case(X)
def array_generator_in_a_writing_loop(x):
    y, s = x.copy(), 0.0
    for a, b in zip((u * 2 for u in y), y):
        y[-1] += a * b
        s += a
    return s * y[-1]


@case(X)
def filtered_generator_in_a_writing_loop(x):
    y, s = x.copy(), 0.0
    for a in (u * 2 for u in y if u > 0):
        y[-2] += a
        s += a
    return s


@case(X)
def filtered_generator_of_a_name(x):
    y, s, t = x.copy(), 0.0, x[0]
    for a in (u * t for u in y if u > 0):
        t = t + a
        s += a
    return s


@case(X)
def generator_function_reads_late(x):
    y = x.copy()

    def give():
        for v in y:
            yield v * y[0]

    g = give()
    y[0] = x[1] * 3
    return sum(g)


@case(X)
def generator_function_interleaved(x):
    y = x.copy()

    def give():
        for i in range(3):
            yield y[i]

    s = 0.0
    for v in give():
        y[2] = v * 2
        s += v
    return s


@case(X)
def generator_function_interleaved_with_a_name(x):
    t = x[0]

    def give():
        for i in range(3):
            yield t * x[i]

    s = 0.0
    for v in give():
        t = t + v
        s += v
    return s


@case(X)
def generator_function_gives_what_it_writes(x):
    def give():
        y = x.copy()
        for i in range(3):
            y *= 2
            yield y

    return sum(np.sum(v) * (i + 1) for i, v in enumerate(give()))


@case(X, static=True)
def generator_function_to_its_end(x):
    n = []

    def give():
        for v in (x[0], x[1]):
            n.append(v)
            yield v * len(n)
        n.append(x[2])

    p = list(give())
    return sum(p) + sum(n)


@case(X)
def generator_function_stopped(x):
    n = []

    def give():
        for v in (x[0], x[1], x[2]):
            n.append(v)
            yield v * len(n)

    for v in give():
        if v < 0:
            break
    return sum(n)


@case(X)
def generator_function_never_run(x):
    n = [x[0]]

    def give():
        n.append(x[1])
        yield x[2]

    give()
    return sum(n)


@case(X)
def generator_with_a_nonlocal(x):
    t = x[0]

    def give():
        nonlocal t
        for i in range(2):
            t = t * x[i + 1]
            yield t

    return sum(v * t for v in give())


@case(X, static=True)
def itertools_are_lazy(x):
    p = [x[0], x[1]]
    c = itertools.chain(p, [x[2]])
    s = itertools.islice(c, 2)
    p[1] = x[3] * 2
    return sum(s) + 10 * sum(c)


@case(X, static=True)
def accumulate_is_lazy(x):
    p = [x[0], x[1], x[2]]
    a = itertools.accumulate(p)
    first = next(a)
    p[2] = x[4]
    return sum(a) * first


@case(X, static=True)
def pairwise_and_the_longest(x):
    p = [x[0], x[1], x[2]]
    pairs = itertools.pairwise(p)
    longest = itertools.zip_longest(p, [x[3]], fillvalue=2.0)
    p.append(x[4])
    return sum(a * b for a, b in pairs) + sum(a * b for a, b in longest)


@case(X)
def extended_by_its_own_generator(x):
    p = [x[0], x[1]]
    p.extend(v * len(p) for v in [x[2], x[3]])
    return sum(v * (i + 1) for i, v in enumerate(p))


@case(X)
def sum_of_an_array_that_is_written(x):
    y = x.copy()

    def double(i):
        nonlocal y
        y *= 2
        return y

    return np.sum(sum(double(i) for i in (1, 2, 3)))
