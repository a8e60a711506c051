"""Lists of run-time length that loops run over, and iterators whose items are taken in turn."""

# ruff: noqa: B905

from __future__ import annotations

import functools
import itertools

import numpy as np
from judge import case

X = np.array([0.3, -1.2, 2.1, 0.7, -0.4])
Y = np.array([0.8, 1.2, 2.1, 0.7, 0.4])


# A list of run-time length that the loop over it shortens.


@case(X)
def last_deleted_while_read(x):
    q, s = list(x), 0.0
    for v in q:
        s += v * v
        del q[-1]
    return s


@case(X)
def first_popped_under_another_name(x):
    q, s = list(x), 0.0
    r = q
    for v in q:
        s += v * len(r)
        r.pop(0)
    return s


@case(X)
def rotated_while_read(x):
    q, s = list(x), 0.0
    for v in q:
        s += v * len(q)
        q.append(q.pop(0) * 2)
        if len(q) > 5:
            break
    return s


@case(X)
def zipped_and_shortened(x):
    q, s = list(x), 0.0
    for a, b in zip(q, x, strict=False):
        s += a * b
        q.pop()
    return s


@case(X)
def result_of_a_generator(x):
    def inner():
        yield x[0]
        return 3.0

    def outer():
        factor = yield from inner()
        yield factor * x[3]

    return sum(outer()) ** 2


@case(X, 0.7, static=True)
def asked_again_after_a_loop_that_is_left(x, k):
    it, s = iter(x * k), 0.0
    for v in it:
        s = s + v
        if s > 0.5:
            break
    for v in it:
        s = s * v
    return s + next(it, k)


@case(X, 0.7, static=True)
def asked_again_after_a_loop_to_its_end(x, k):
    it, s = iter(x * k), 0.0
    for v in it:
        s = s + v * s + v
    for v in it:
        s = s * v * 100.0
    return s + next(it, k) + sum(it) * 100.0


@case(X, 0.7, static=True)
def asked_again_after_a_comprehension(x, k):
    it = iter(x * k)
    q = [v * 2.0 for v in it]
    return np.sum(np.array(q)) + next(it, k) + sum(it) * 100.0


@case(X, 0.7, static=True)
def asked_again_after_a_quantifier(x, k):
    p = [x[0], x[1], x[2]]
    it = iter(p)
    if any(v > 0.6 for v in it):
        p[2] = k
    rest = sum(it) * k
    it = iter(p)
    return rest + (1.0 if all(v > 0.1 for v in it) else 2.0) * next(it, k) + sum(p)


@case(X, 0.7, static=True)
def run_over_in_each_round_of_a_loop(x, k):
    it, s = iter(x * k), 0.0
    for u in x[:3]:
        for v in it:
            s = s + v * u
            if v > 0.4:
                break
    return s + next(it, k)


@case(X, 0.7, static=True)
def a_list_that_a_generator_expression_fills_in_a_loop_written_out(x, k):
    p = [x[1]]
    it = (v + i for i, v in enumerate(p) if i != 1)
    for _ in range(3):
        p.extend(itertools.islice(it, 2))
    return sum(p) * k


# what takes the items of an iterator in turn


@case(X, 0.7, static=True)
def folds_of_an_iterator_with_effects(x, k):
    log = []

    def note(v):
        log.append(v)
        return v * (len(log) + 1)

    p = [x[0], x[1], x[2]]
    total = functools.reduce(lambda a, v: a + v * len(log), map(note, p))
    best = max(map(note, p), key=lambda v: v * (1.0 if len(log) == 5 else -1.0))
    return total + best * k + max(map(note, p[:0]), key=len, default=k) * len(log)


@case(X, 0.7, static=True)
def sums_of_an_array_that_is_written_between(x, k):
    y = x.copy()

    def double(i):
        y[:] = y * i
        return y

    total = np.sum(sum(map(double, (1, 2, 3)))) + np.sum(sum(double(i) for i in (2, 3)))
    return total + np.sum(functools.reduce(np.add, map(double, (2, k)))) + np.sum(y)


@case(X)
def a_sum_of_an_array_that_a_generator_writes(x):
    def doubled(y):
        for _ in range(3):
            y *= 2
            yield y

    return np.sum(sum(doubled(x.copy())))


@case(X, 0.7, static=True)
def a_chain_of_lists_that_grow(x, k):
    p = [x[0], x[1]]

    def grow(v):
        p.append(v)
        return p

    return sum(itertools.chain.from_iterable(map(grow, (k, x[2])))) * len(p)


@case(X, static=True)
def used_twice(x):
    z = zip(x, x)
    s = 0.0
    for a, b in z:
        s = s + a * b
    for a, b in z:
        s = s + a * b
    return s
