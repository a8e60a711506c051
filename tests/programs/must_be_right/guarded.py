"""Programs that a single guard of the compiler keeps right: without it they are wrong."""

# ruff: noqa: E741, PLC0206

from __future__ import annotations

import bisect

import numpy as np
from judge import case

from s2s_grad import grad

X = np.array([0.3, -1.2, 2.1, 0.7, -0.4])


@case(X)
def identity_of_one_of_two(x):
    a, b = [x[0]], [x[1]]
    c = a if x[2] > 0 else b
    return x[3] * (2 if c is a else 3)


@case(X)
def identity_of_items(x):
    a, b = x[0], x[0]
    return x[3] * (2 if a is b else 3)


@case(X)
def identity_of_sums(x):
    a, b = np.sum(x), np.sum(x)
    return x[3] * (2 if a is b else 3)


class Never:
    def __init__(self, v):
        self.v = v

    def __eq__(self, other):
        return False

    __hash__ = None


@case(X)
def itself_in_a_list(x):
    o = Never(x[0])
    return o.v * (2 if o in [o] else 3)


@case(X)
def arrays_in_lists_in_a_list(x):
    a = [x[:2]]
    return x[3] * (2 if a in [a] else 3)


@case(X)
def any_writes_until_it_stops(x):
    y = np.zeros(2)

    def note(v):
        y[0] += v
        return v > 2

    any(note(v) for v in x)
    return y[0] ** 2


@case(X)
def any_stops_before_an_assertion(x):
    def positive(v):
        assert v > -1
        return v > 0

    return x[0] * (2 if any(positive(v) for v in [x[0], x[1]]) else 3)


@case(X)
def all_stops_before_an_assertion(x):
    def small(v):
        assert v < 2
        return v > 0

    return x[0] * (2 if all(small(v) for v in x) else 3)


class Box:
    def __init__(self, v):
        self.v = v


@case(X)
def inner_function_changes_an_object(x):
    def g(t, box):
        box.v = t[1] * 2
        return np.sum(t**2) * box.v

    b = Box(x[0])
    d = grad(g)(x, b)
    return np.sum(d) * b.v


@case(X)
def inner_function_writes_one_of_two_views(x):
    def g(a, b):
        a[0] = b[1] * 2
        return np.sum(a * b)

    y = x.copy()
    return np.sum(grad(g)(y[:3], y[1:4]))


@case(X)
def one_of_two_lists_read_after_a_change(x):
    a, b = [x[0]], [x[1]]
    c = a if x[2] > 0 else b
    a[0] = x[3] * 5
    return c[0] ** 2


@case(X)
def one_of_two_lists_changed(x):
    a, b = [x[0]], [x[1]]
    c = a if x[2] > 0 else b
    c[0] = x[3] * 5
    return a[0] ** 2 + b[0]


@case(X)
def one_of_two_lists_grows(x):
    a, b = [x[0]], [x[1]]
    c = a if x[2] > 0 else b
    a.append(x[3])
    return sum(c) ** 2


@case(X)
def one_list_under_two_names_after_a_branch(x):
    a = [x[0]]
    b = a
    if x[1] < 0:
        a = [x[2]]
        b = a
    a[0] = x[3] * 3
    return a[0] * b[0]


@case(X)
def two_lists_after_a_branch(x):
    if x[1] < 0:
        a = [x[2]]
        b = a
    else:
        a = [x[0]]
        b = a
    a.append(x[3])
    return sum(b) ** 2


@case(X)
def list_or_array(x):
    if x[1] < 0:
        y = [x[0], x[2]]
    else:
        y = x[:2]
    return np.sum(np.asarray(y * 2))


@case(X)
def function_with_an_array_as_default(x):
    y = x.copy()

    def f(v, a=y):
        return v * a[0]

    y[0] = x[2] * 3
    return f(x[1])


@case(X)
def default_array_written(x):
    y = x.copy()

    def f(v, a=y):
        a[0] += v
        return a[0]

    f(x[1])
    return f(x[2]) * y[0]


@case(X)
def bisect_by_a_key(x):
    return x[bisect.bisect([-0.0, -1.0, -2.0], 1.5, key=lambda v: -v)] ** 2


@case(X, 3)
def two_names_of_one_array_in_a_loop(x, n):
    a = x.copy()
    b = a
    for i in range(n):
        a = a * 2
        b = a
        b[0] = x[i]
    return np.sum(a * b)


@case(X, 3)
def two_names_part_in_a_loop(x, n):
    a = x.copy()
    b = a
    for i in range(n):
        if x[i] > 0:
            b = b * 2
        a[0] = x[i] * 3
    return np.sum(a * b)


@case(X, 3)
def stepping_backwards(x, n):
    y = np.zeros(4)
    for i in range(3, -1, -1):
        y[i + 1] = x[i]
    return x[0]


@case(X, 3)
def last_of_a_range(x, n):
    y = np.zeros(3)
    for i in range(4):
        y[i] = 1.0
    return x[0]


@case(X, 5)
def range_to_the_size(x, n):
    for i in range(len(x) + 1):
        x[i]
    return x[0]


@case(X)
def kept_views_of_versions(x):
    y = x.copy()
    v = y[1:3]
    y = y * 2
    v[0] = x[4] * 3
    w = y[1:3]
    y[1] = x[0]
    return np.sum(v) * np.sum(w)


@case(X)
def item_taken_from_a_list_of_arrays(x):
    l = [x[:2].copy(), x[2:4].copy()]
    a = l[0]
    l[0] = x[:2] * 5
    a[0] = x[4] * 3
    return np.sum(a) * np.sum(l[0])


@case(X, 2)
def item_of_a_run_time_list(x, n):
    l = []
    for i in range(n):
        l.append(x[i : i + 2] * 2)
    a = l[0]
    l[0] = x[:2] * 5
    return np.sum(a) * np.sum(l[0])


@case(np.array([0.0, 1.0, 4.0]))
def roots_written_over(x):
    y = np.sqrt(x)
    y[0] = 2.0
    return np.sum(y * 3)


@case(X)
def objects_like(x):
    return np.sum(np.zeros_like(x, dtype=object) + x)


@case(X)
def keys_change_while_iterated(x):
    d = {"a": x[0], "b": x[1]}
    s = 0.0
    for k in d:
        s += d[k]
        if k == "b":
            del d["b"]
    return s
