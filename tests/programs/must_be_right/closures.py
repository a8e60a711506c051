"""Functions that assign names of the function around them, called by what runs over a sequence."""

from __future__ import annotations

import numpy as np
from judge import case

X, K = np.array([0.3, 0.5, 0.9, 0.7]), 0.7


def twice(items):
    for item in items:
        yield item
        yield np.sin(item)


@case(X, K, static=True)
def mapped_and_summed(x, k):
    def bump(v):
        nonlocal k
        k = np.tanh(k + v * 0.3)
        return v * k

    return sum(map(bump, x)) + k


@case(X, K, static=True)
def mapped_over_a_generator(x, k):
    def bump(v):
        nonlocal k
        k = np.tanh(k + v * 0.3)
        return v * k

    it = iter(map(bump, twice(x[:3])))
    return sum(it, 0.0) * 0.5 + k


@case(X, K, static=True)
def mapped_twice(x, k):
    count = 0

    def bump(v):
        nonlocal k, count
        count += 1
        k = np.tanh(k + v * 0.3)
        return v * k * count

    return np.sum(np.array(list(map(bump, map(bump, x))))) * count


@case(X, K, static=True)
def mapped_and_asked(x, k):
    def bump(v):
        nonlocal k
        k = k * v
        return k

    return (2.0 if all(map(bump, x)) else 3.0) * k + max(map(bump, x)) * k


@case(X, K)
def in_a_comprehension(x, k):
    def bump(v):
        nonlocal k
        k = np.tanh(k + v * 0.3)
        return v * k

    return sum([bump(v) for v in x]) * k


@case(X, K, static=True)
def asked_by_a_while_loop(x, k):
    def bump(v):
        nonlocal k
        k = np.tanh(k + v)
        return k * v

    s, i = 0.0, 0
    while bump(0.7) > 0.1 and i < 3:
        s += k * x[i]
        i += 1
    return s * k


@case(X, K)
def written_by_the_condition_of_a_loop(x, k):
    a = x.copy()

    def shrink(v):
        a[0] = a[0] * v
        return a[0]

    s = 0.0
    while shrink(k) > 0.1:
        s += a[0]
    return s + np.sum(a)
