"""Names that another function than their own assigns, read by a third one meanwhile."""

from __future__ import annotations

import numpy as np
from judge import case

X, K = np.array([0.3, 0.5, 0.9, 0.7]), 0.7


@case(X, K, static=True)
def read_by_a_helper_of_the_one_that_assigns(x, k):
    t = k

    def helper(v):
        return v * t

    def bump(v):
        nonlocal t
        t = np.tanh(t + v)
        return helper(v)

    return bump(x[0]) + bump(x[1]) + t


@case(X, K, static=True)
def read_while_a_comprehension_assigns_it(x, k):
    z = k

    def g(v):
        return v * z

    return sum([(z := v) + g(v) for v in x[:3]]) + z


@case(X, K, static=True)
def read_between_the_items_of_a_generator(x, k):
    z, s = k, 0.0

    def g(v):
        return v * z

    for w in ((z := v) + g(v) for v in [x[0], x[1]]):
        s = s + w * g(k)
    return s


@case(X, K, static=True)
def assigned_by_two_in_turn(x, k):
    t = k

    def bump(v):
        nonlocal t
        t = np.tanh(t + v)
        return other(v) + t

    def other(v):
        nonlocal t
        t = t * v
        return t

    return bump(x[0]) * bump(x[1]) + t


@case(X, K, static=True)
def assigned_in_loops_of_another(x, k):
    t = k

    def bump(v):
        nonlocal t
        t = t * 0.5
        for w in x:
            t = t + other(w) * v
        return t

    def other(v):
        nonlocal t
        if v > 0.6:
            t = np.sin(t)
        return t * v

    return bump(x[0]) * bump(x[1]) + t


@case(X, K, static=True)
def called_in_comprehensions(x, k):
    t = k

    def bump(v):
        nonlocal t
        t = np.tanh(t + v * 0.3)
        return v * t

    s = sum([bump(v) * t for v in x]) + sum(bump(v) + t for v in [k, t])
    return s + sum(w * t for w in (bump(v) for v in (bump(u) for u in [k, s]))) + t


@case(X, K)
def called_in_branches_of_comprehensions(x, k):
    t = k

    def bump(v):
        nonlocal t
        t = np.tanh(t + v * 0.3)
        return v * t

    s = sum([bump(v) if v > 0.6 else t for v in [x[0], x[2], x[3]]])
    return s + sum(bump(v) for v in x if v > 0.6) + (t if any(bump(v) > 0.3 for v in x) else k)


@case(X, K, static=True)
def a_counter_that_outlives_its_maker(x, k):
    def counter(start):
        count = start

        def step(v):
            nonlocal count
            count = count + v * k
            return count

        return step

    one, other = counter(x[0]), counter(k)
    total = one(x[1]) * other(x[2]) + one(x[3])
    return total + sum([one(v) * other(v) for v in (x[0], k)])


@case(X, K)
def a_counter_in_branches_and_loops(x, k):
    def counter(start):
        count = start

        def step(v):
            nonlocal count
            count = count + v * k
            return count

        return step

    one = counter(x[0])
    total = one(x[1])
    if x[2] > 0.6:
        total = total * one(x[2])
    for v in x:
        total = total + one(v)
    return total * one(k)


@case(X, K)
def called_by_another_function_in_its_branch(x, k):
    t = k

    def bump(v):
        nonlocal t
        t = np.tanh(t + v * 0.3)
        return v * t

    def outer(v):
        if v > 0.4:
            return bump(v) * t
        return t * v

    def inner(items):
        return sum([outer(item) for item in items], t)

    return inner(x) + outer(x[0]) * t + inner([k, x[1]])


@case(X, K)
def mapped_by_a_generator_that_waits(x, k):
    t = k

    def bump(v):
        nonlocal t
        t = np.tanh(t + v * 0.3)
        return v * t

    def halves(items, h):
        for item in items:
            yield item * h
            h = h * t

    it = halves(map(bump, [x[0], x[1], x[2]]), k)
    s = next(it) * t
    t = t * 2.0
    return s + sum(it) * t


@case(X, K, static=True)
def functions_made_where_the_name_was_lent(x, k):
    z = k
    first, *_ = [(lambda v: v * z) for w in (x[0], x[1]) if (z := z * w) is not None]
    z = z + 1.0
    return first(x[2]) * z


@case(X, K, static=True)
def names_of_two_functions_at_once(x, k):
    t = k

    def middle(v):
        u = v

        def inner(w):
            nonlocal t, u
            t, u = u * w, t + w
            return t * u

        return sum([inner(w) for w in (v, k)]) + u * t

    return middle(x[0]) + middle(x[1]) * t
