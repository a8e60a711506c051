"""Programs about the semantics of Python: each is one kind of program that was once wrong."""

from __future__ import annotations

import bisect
import copy
import dataclasses
import heapq
import operator

import numpy as np
from judge import case

X = np.array([0.3, -1.2, 2.1, 0.7, -0.4])


# Iteration looks at the container as it is then.


@case(np.array([1.0, 2.0, 3.0, 1.0]), static=True)
def gram_schmidt_in_a_list(x):
    V = [x[:2], x[2:4]]
    for i, v in enumerate(V):
        V[i] = v / np.sqrt(v @ v)
        for j in range(i + 1, 2):
            V[j] = V[j] - (V[i] @ V[j]) * V[i]
    return V[1][0]


@case(X, static=True)
def elimination_in_a_list(x):
    w = [x[0], x[1], x[2]]
    for i, wi in enumerate(w):
        for j in range(i + 1, 3):
            w[j] = w[j] - wi * 0.5
    return w[2] ** 2


@case(X)
def worklist_grows_while_read(x):
    q, s = [x[0]], 0.0
    for v in q:
        s += v
        if len(q) < 4:
            q.append(v * x[1])
    return s


@case(X, static=True)
def dict_items_rebound(x):
    d, s = {"a": x[0], "b": x[1]}, 0.0
    for _, v in d.items():
        d["b"] = v * 2
        s += v
    return s


@case(X, static=True)
def iterator_taken_before_a_write(x):
    items = [x[0], x[1], x[2]]
    z = zip(items, reversed(items), strict=True)
    items[0] = x[4]
    return sum(a * b for a, b in z)


# Generators, map and filter run when they are asked.


@case(X)
def generator_reads_written_array(x):
    y, s = x * 1.0, 0.0
    for v in (2 * u for u in y):
        y[1:] += v
        s += v
    return s


@case(X, static=True)
def generator_reads_rebound_name(x):
    t = x[0]
    g = (v * t for v in [x[1], x[2]])
    t = x[3]
    return sum(g)


@case(X)
def map_reads_written_array(x):
    y = x.copy()
    m = map(lambda v: v * y[0], [x[1], x[2]])  # noqa: C417
    y[0] = 3 * x[4]
    return sum(m)


@case(X)
def generator_function_with_effects(x):
    s = []

    def walk():
        for v in x:
            s.append(v)
            yield v

    return sum(v * len(s) for v in walk())


@case(X)
def any_stops_at_the_first(x):
    y = 0.0
    if any((y := v) > 1 for v in x):
        return y**2
    return y


@case(X)
def all_stops_and_has_effects(x):
    n = []

    def positive(v):
        n.append(v)
        return v > 0

    all(positive(v) for v in (x[0], x[1], x[2]))
    return sum(n)


# Names.


@case(np.array([1.0, 2.0, 3.0]), static=True)
def walrus_in_a_comprehension(x):
    items = [(y := v**2) for v in x]
    return sum(items) + y


@case(np.array([1.0, 2.0, 3.0]), static=True)
def only_the_walrus_is_used(x):
    [(y := v**2) for v in x]
    return y * 2


@case(1.0)
def never_bound(x):
    for _ in range(0):
        y = x
    return y


@case(-1.0)
def bound_in_the_other_branch(x):
    if x > 0:
        y = x
    return y * 2


@case(np.ones(3))
def too_many_to_unpack(x):
    a, b = x
    return a * b


@case(np.ones((3, 4)))
def rows_of_the_wrong_length(x):
    s = 0.0
    for a, b, c in x:
        s += a * b * c
    return s


# Objects, identity, copies.


@case(X)
def deepcopy_is_deep(x):
    a = [x.copy()]
    b = copy.deepcopy(a)
    b[0][0] = 9.0
    return np.sum(a[0] * x)


@case(X, static=True)
def bound_append(x):
    s = []
    add = s.append
    add(x[0])
    add(x[1])
    return sum(s)


@case(X, static=True)
def bound_get(x):
    d = {"a": x[0]}
    get = d.get
    d["b"] = x[1]
    return get("b", 0.0) + get("a")


@case(X, static=True)
def list_repeated_in_place(x):
    items = [x[0], x[1]]
    m = items
    items *= 2
    return sum(m)


@case([np.ones(2), np.full(3, 2.0)], static=True)
def last_item_is_itself(ws):
    s = 0.0
    for w in ws:
        s = s + np.sum(w) * (3.0 if w is not ws[-1] else 1.0)
    return s


class Model:
    def __init__(self, value):
        self.weight = value


@case(X)
def objects_in_a_list(x):
    return sum(m.weight**2 for m in [Model(v) for v in x])


class Base:
    def __init__(self):
        super().__init__()
        self.k = 2.0


class Mangled(Base):
    def __init__(self, v):
        super().__init__()
        self.__v = v

    def __twice(self):
        return self.k * self.__v

    def result(self):
        return self.__twice()


@case(1.5, static=True)
def private_methods_and_super(x):
    return Mangled(x).result() ** 2


# Functions that the compiler cannot see into.


@case(X)
def heap_written_by_the_library(x):
    h = [x[0], x[1], x[2]]
    heapq.heapify(h)
    return h[0] ** 2


@case(X)
def insort_written_by_the_library(x):
    items = [0.0, 1.0]
    bisect.insort(items, x[0])
    return items[1] * 3 if len(items) == 3 else x[1]


@case(X)
def setitem_as_a_function(x):
    items = [x[0], x[1]]
    operator.setitem(items, 0, x[2])
    return items[0] * items[1]


@case(X)
def unbound_append(x):
    items = []
    list.append(items, x[0])
    return sum(items) + x[1]


@case(X)
def unbound_sort(x):
    y = x.copy()
    np.ndarray.sort(y)
    return y[0] * y[4] ** 2


@case(X)
def object_array(x):
    return np.array([x[0], x[1]], dtype=object).sum() * x[2]


@case(X)
def through_a_string(x):
    return float(str(x[0])) * x[1]


# Type questions have Python's answers on the tape as well.


@case(3.0)
def isscalar(x):
    return x * 2 if np.isscalar(x) else np.sum(x)


@case(3.0)
def hasattr_len(x):
    return 5 * x if hasattr(x, "__len__") else 3 * x


@case(2.0)
def is_true(k):
    return k**2 if (k > 0) is True else k


@case(0.7)
def match_true(k):
    match k > 0.5:
        case True:
            return k**2
        case _:
            return k * 0.0


@case(2.0)
def type_is_float(k):
    return k * (type(k) is float) + k**2 * isinstance(k > 0, bool)


# Crashes.


@case(np.arange(6.0).reshape(2, 3), static=True)
def ndindex_of_a_shape(a):
    s = 0.0
    for ij in np.ndindex(a.shape):
        s += a[ij] ** 2
    return s


@case(X, static=True)
def empty_index(x):
    a = np.sum(x**2)
    return np.asarray(a)[()] * 2


@case(X, static=True)
def range_as_index(x):
    return np.sum(x[range(2)] ** 2)


@case(np.array([4.0, 2.0, 3.0]), static=True)
def long_message(x):
    s = np.sum(x**2)
    if s < 0:
        raise ValueError(
            "the sum of squares (over all axes of the argument) must be positive, always"
        )
    return s


@case(X, static=True)
def chain_of_views(x):
    y = x.copy()
    y[0] = 2 * y[1]
    v = y
    for _ in range(30):
        v = v[::-1]
    return v[0] * y[1]


@case(0.3, static=True)
def nested_expressions(x):
    def twice(f):
        return lambda t: f(f(t))

    def g(t):
        return np.sin(t) * t + t

    return twice(twice(twice(twice(g))))(x)


@case(X, static=True)
def zipped_with_itself_and_scaled(x):
    y, s = x.copy(), 0.0
    for a, b in zip(y[:-1].copy(), y[1:].copy(), strict=True):
        y *= 2
        s += a * b * y[0]
    return s


@dataclasses.dataclass(slots=True)
class Slots:
    a: np.ndarray
    b: float


@case(Slots(np.array([1.0, 2.0]), 3.0), static=True)
def slots(p):
    return np.sum(p.a) * p.b


@case(np.array([1.0, 2.0]), [0.5])
def argument_list_grows(x, items):
    items.append(x[0])
    return sum(items) * x[1]


@case(X)
def split_pieces_are_views(x):
    y = x[:4].copy()
    a, b = np.split(y, 2)
    a[0] = 5 * b[1]
    return np.sum(y * y)


# What may not be assigned raises, also where the item itself changes in place.


@case(X)
def item_of_a_tuple_grows(x):
    t = ([x[0]], 1)
    t[0] += [x[1]]
    return sum(t[0])


@case((np.ones(2), 2.0))
def item_of_a_tuple_is_added_to(t):
    a = t[0].copy()
    u = (a, 1)
    u[0] += 1.0
    return np.sum(a) * t[1]


@dataclasses.dataclass(frozen=True)
class Frozen:
    values: np.ndarray


class Watched:
    def __init__(self, value):
        self._value = value
        self.count = 0

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, new):
        self._value = new
        self.count += 1

    @property
    def fixed(self):
        return self._value

    def __getitem__(self, place):
        return self._value[place]

    def __setitem__(self, place, new):
        self._value[place] = new
        self.count += 10


@case(X)
def attribute_of_a_frozen_object(x):
    f = Frozen(x.copy())
    f.values += 1.0
    return np.sum(f.values)


@case(X)
def property_without_a_setter(x):
    w = Watched(x.copy())
    w.fixed += 1.0
    return np.sum(w.fixed)


@case(X, static=True)
def setter_called_for_a_change_in_place(x):
    w = Watched(x.copy())
    w.value += 1.0
    w.value *= 2
    return np.sum(w.value) * w.count


@case(X)
def items_set_for_a_change_in_place(x):
    w = Watched([x[:1].copy(), x[1:].copy()])
    w[0] += 1.0
    w[1] *= 2
    return np.sum(w[0]) * w.count + np.sum(w[1])


@case(X)
def attribute_of_an_array(x):
    y = x.reshape(5, 1).copy()
    y.T += 1
    return np.sum(y)


@case(X, static=True)
def dict_of_one_value(x):
    d = dict.fromkeys("aba", x[0])
    d["a"] = x[1]
    return d["a"] * d["b"] * len(d)


@case(X)
def dict_of_one_list(x):
    d = dict.fromkeys("ab", [])  # noqa: RUF024
    d["a"].append(x[0])
    return sum(d["b"]) * 2


@case(X)
def no_such_item_to_delete(x):
    items = list(x)
    del items[-6]
    return sum(items)


@case(X, 7)
def no_such_place_to_delete(x, k):
    items = list(x)
    del items[k]
    return sum(items)


@case(X)
def text_as_an_operator(x):
    return x[0] * "a".__len__() + x[1] * (2,).__getitem__(0)


@case(X)
def a_pattern_of_items_of_run_time_length(x):
    match list(x):
        case [a, b, *rest]:
            return a * b * len(rest)
        case _:
            return np.sum(x) * 5


# From NumPy 2.5 on an array is a sequence to a pattern.


@case(X, static=True)
def an_array_in_a_pattern(x):
    match x:
        case [a, *_]:
            return a
        case _:
            return np.sum(x) * 5


@case(np.array([[1.0, 2.0], [3.0, 5.0]]), static=True)
def rows_in_a_pattern(m):
    match m:
        case [[a], *_]:
            return a
        case [[a, b], [c, d]]:
            return a * d - b * c
    return np.sum(m * m)


@case(X, 0.7, static=True)
def numbers_in_a_pattern(x, k):
    match k:
        case float():
            s = k * 2.0
        case [a]:
            s = a
    return s * np.sum(x)


# Errors of what is computed in vain.


@case(X)
def pieces_that_are_no_halves(x):
    np.split(x, 2)
    return x[0]


@case(X)
def rows_that_do_not_fill_up(x):
    x.reshape(-1, 2)
    return x[0]


@case(X)
def format_of_another_type(x):
    _ = f"{x[0]:d}"
    return x[0]


@case(X)
def format_of_an_array(x):
    _ = f"{x:.3f}"
    return x[0]


@case(X)
def range_of_a_float(x):
    for _ in range(len(x) / 2):
        pass
    return x[0]


@case(X, 0)
def step_of_zero(x, n):
    for _ in range(0, 5, n):
        pass
    return x[0]


@case(X)
def list_times_a_float(x):
    [1] * 2.0
    return x[0]


@case(X)
def deleted_twice(x):
    a = x[0]
    del a
    del a  # noqa: F821
    return x[0]


@case(X)
def index_that_is_a_float(x):
    return x[len(x) / 5]


@case(X)
def place_that_is_a_float(x):
    y = x.copy()
    y[1.0] = 2.0
    return np.sum(y)


@case(X)
def strict_zip_of_unlike_lengths(x):
    return sum(a * b for a, b in zip(x, x[1:], strict=True))  # noqa: RUF007


@case(X, static=True)
def strict_zip_of_like_lengths(x):
    return sum(a * b for a, b in zip(x, x * 2, strict=True))
