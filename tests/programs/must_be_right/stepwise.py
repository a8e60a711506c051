"""Generator functions that are run as far as they are asked, since something can tell."""

from __future__ import annotations

import numpy as np
from judge import case

X, K = np.array([0.3, 0.5, 0.9, 0.7]), 0.7


def halves(items, h):
    for item in items:
        yield item * h
        h = h * 0.5


def twice(items):
    for item in items:
        yield item
        yield np.sin(item)


@case(X, K, static=True)
def effects_come_when_it_is_asked(x, k):
    log = []

    def note(v):
        log.append(v)
        return v * (len(log) + 1)

    it = halves(map(note, [x[0], x[1], x[2]]), k)
    s = next(it) * len(log)
    s = s + next(it) * log[-1]
    return s + sum(log) + sum(it) * len(log)


@case(X, K, static=True)
def what_it_reads_is_written_meanwhile(x, k):
    p, y = [k, x[0], x[1]], x * k
    it, other = twice(p), twice(y)
    s = next(it)
    p[0] = p[1] * 3.0
    s = s + next(it) * next(other)
    y *= k
    p.append(x[3])
    for v in it:
        s = s * 1.5 + v
    return s + sum(other) * s


@case(X, K, static=True)
def which_values_it_gives_depends_on_data(x, k):
    seen = [k]

    def parts(items, a):
        for e in items:
            seen.append(e)
            if e > a:
                yield e * a
            elif e > 0.4:
                yield e + seen[-1]
                continue
            else:
                a = a * 1.5
            yield np.sin(e)

    it = parts([x[0], x[1], x[2]], k)
    s = next(it)
    s = s + sum(seen)
    for v in it:
        s = s * v + len(seen)
    return s


@case(X, K, static=True)
def loops_with_jumps_and_ends(x, k):
    count = [0.0]

    def walk(items, a):
        n = 0
        while True:
            n += 1
            for i, e in enumerate(items):
                count[0] = count[0] + e
                if i == n:
                    break
                yield e * a
            else:
                yield k
                return
            a = a * count[0]
            if n > 3:
                break
        else:
            yield 100.0
        yield a

    total, it = k, walk([x[0], x[1], x[2]], k)
    for v in it:
        total = total + v * count[0]
    return total + next(it, k)


@case(X, K, static=True)
def values_from_another(x, k):
    p = [x[0], x[1]]

    def both(items):
        yield from halves(items, k)
        p.append(x[2])
        yield from twice(p)

    it = both(p)
    s = next(it) + len(p)
    s = s + next(it) + len(p)
    s = s + next(it) * len(p)
    return s + sum(it) * len(p)


@case(X, K, static=True)
def names_of_the_function_around_it(x, k):
    t = k

    def steps(items):
        nonlocal t
        for item in items:
            t = t * item
            yield t + item

    it = steps([x[0], x[1], x[2]])
    s = next(it) * t
    t = t + 1.0
    s = s + next(it) * t
    return s + sum(it) * t


@case(X, K, static=True)
def asked_on_one_way_of_a_branch(x, k):
    p = [x[0], x[1], x[2]]
    it = halves(p, k)
    s = next(it)
    if s > 0.1:
        p[1] = k
        s = s + next(it)
    else:
        p[2] = k
    return s + sum(it) * 2.0 + next(it, k)


@case(X, K)
def asked_in_both_ways_of_an_inner_branch(x, k):
    p = [x[0], x[1], x[2]]
    it = halves(p, k)
    s = next(it)
    for v in x:
        p[1] = p[1] * k
        s = s + (next(it, k) if v > 0.6 else next(it, 0.5) * v)
    return s + sum(it)


@case(X, K, static=True)
def beside_another_one(x, k):
    p = [x[0], x[1], x[2]]
    s = k
    for a, b in zip(halves(p, k), twice(p), strict=False):
        p[1] = p[1] * a + b
        s = s * b + a
    for i, a in enumerate(halves((v * s for v in p), k)):
        s = s + a * i
        p[2] = s
    return s


@case(X, K)
def with_functions_made_in_it(x, k):
    def make(items, a):
        for item in items:
            a = a * item
            yield lambda v: v * a  # noqa: B023

    p = [x[0], x[1], x[2]]
    it = make(p, k)
    first = next(it)
    s = first(k)
    p[1] = k
    second = next(it)
    return s + first(x[3]) + second(x[3])


@case(X, K)
def with_functions_made_in_it_and_a_branch(x, k):
    def make(items, a):
        for item in items:
            a = a * item
            yield lambda v: v * a  # noqa: B023

    p = [x[0], x[1], x[2]]
    it = make(p, k)
    first = next(it)
    p[1] = k
    s = 0.0
    for v in x:
        if v > 0.6:
            second = next(it, first)
            s = s + first(x[3]) + second(x[3])
        else:
            s = s + first(x[3])
    return s


@case(X, K)
def a_result_of_its_own(x, k):
    def give(items):
        for item in items:
            yield item * k
        return 3.0

    p = [x[0], x[1]]
    it = give(p)
    s = next(it)
    p[1] = k
    return s + sum(it)


@case(X, K, static=True)
def raises_before_its_end(x, k):
    def give(items):
        for item in items:
            if item > 0.8:
                raise ValueError("too large")
            yield item * k

    p = [x[0], x[1], x[2]]
    it = give(p)
    s = next(it)
    p[1] = k
    s = s + next(it)
    if x[3] > 5.0:
        s = s + next(it)
    return s


@case(X, K)
def raises_when_asked_again(x, k):
    def give(items):
        for item in items:
            if item > 0.8:
                raise ValueError("too large")
            yield item * k

    p = [x[0], x[1], x[2]]
    it = give(p)
    s = next(it)
    p[1] = k
    return s + sum(it)


@case(X, K, static=True)
def on_one_line_and_empty_values(x, k):
    log = []

    def give(items):
        for item in items: yield item * len(log)  # noqa: E701  # fmt: skip
        if k > 0.5: yield k  # noqa: E701  # fmt: skip
        else: yield  # noqa: E701  # fmt: skip
        yield

    it = give([x[0], x[1]])
    s = 0.0
    for v in it:
        log.append(k)
        s = s + (v if v is not None else 10.0) * len(log)
    return s
