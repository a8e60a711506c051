"""Whether two names are one object, and copies."""

# ruff: noqa: E741

from __future__ import annotations

import copy

import numpy as np
from closed_programs import Counter, Point, compiled, other

# ------------------------------------------------------------------ identity


@compiled
def same_containers(x):
    a, b = [x[0]], [x[0]]
    c = a
    c.append(x[1])
    return (x[0] if a is b else x[1]) * (x[2] if a is c else x[3])


@compiled
def same_arrays(x):
    y = x.copy()
    z = y
    return (x[0] if y is x else x[1]) * (x[2] if z is y else x[3]) * (2.0 if x[:] is x else 3.0)


@compiled
def new_array_is_another(x):
    y = x + 0.0
    z = x * 1.0
    return x[0] if y is x or z is x else x[1] ** 2


@compiled
def numbers_of_numpy_are_new(x):
    return x[0] if x[1] is x[1] or x[1] + 1 is x[2] else x[2] ** 2


@other
def numbers_of_python(x):
    k = float(x[0])
    return x[1] if float(k) is k else x[2]


@compiled
def dicts_are_equal(x):
    return x[0] if {"a": 1, "b": 2} == {"b": 2, "a": 1} else x[1]


@compiled
def same_functions(x):
    def f(v):
        return v * 2

    g = f
    return f(x[0]) if g is f and f is not np.sin else x[1]


@compiled
def objects_are_compared_by_identity(x):
    a, b = Counter(x[0]), Counter(x[0])
    return (x[1] if a == b else x[2]) * (x[3] if a == a and a != b else x[4])


@compiled
def fields_are_compared(x):
    a, b = Point(1, "k"), Point(1, "k")
    return x[0] if a == b and a is not b else x[1]


@compiled
def object_in_a_list(x):
    a, b = Counter(x[0]), Counter(x[1])
    l = [a]
    return x[2] if b in l else (x[3] if a in l else x[4])


@compiled
def list_in_a_list(x):
    a = [1, 2]
    return x[0] if [1, 2] in [[0], a] else x[1]


@compiled
def defaults_keep_their_list(x):
    def push(v, l=[]):  # noqa: B006
        l.append(v)
        return l

    push(x[0])
    l = push(x[1])
    return l[0] * l[1]


# ------------------------------------------------------------------ copies


@compiled
def deep(x):
    a = [x.copy()]
    b = copy.deepcopy(a)
    b[0][0] = 9.0
    return np.sum(a[0] * x)


@compiled
def deep_keeps_what_is_one(x):
    inner = [x[0]]
    a = [inner, inner, (inner,)]
    b = copy.deepcopy(a)
    b[0].append(x[1])
    return len(a[0]) * b[1][1] + b[2][0][1] * a[1][0]


@compiled
def shallow(x):
    a = [x.copy(), x[1]]
    b = copy.copy(a)
    b[0][0] = x[2] ** 2
    b[1] = 0.0
    return np.sum(a[0]) + a[1]


@compiled
def copies_of_objects(x):
    c = Counter(x[0])
    d, e = copy.copy(c), copy.deepcopy(c)
    c.add(x[1])
    return d.total * len(d.seen) + e.total * (len(e.seen) + 2) + c.total


@compiled
def copies_of_dicts(x):
    d = {"a": [x[0]], "b": x}
    e, f = dict(d), copy.deepcopy(d)
    d["a"].append(x[1])
    return sum(e["a"]) * x[2] + sum(f["a"]) + np.sum(f["b"] * e["b"])
