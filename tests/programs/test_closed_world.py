"""Calls that cannot be read, identity, copies, objects and strings: right, or an error."""

# ruff: noqa: E741, PLC3002, SIM105, UP031

from __future__ import annotations

import bisect
import copy
import dataclasses
import functools
import heapq
import itertools
import json
import logging
import operator
import random
import statistics
import struct
import warnings
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest
from oracle import numeric

from s2s_grad import S2SError, value_and_grad

X = np.array([0.3, -1.2, 2.1, 0.7, -0.4])
PROGRAMS: list[Any] = []  # right when they are compiled
OTHERS: list[Any] = []  # right or an error, in whichever mode


def compiled(f: Any) -> Any:
    PROGRAMS.append(f)
    return f


def other(f: Any) -> Any:
    OTHERS.append(f)
    return f


# ------------------------------------------------------------------ functions in C


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


# ------------------------------------------------------------------ bound methods


@compiled
def bound_append(x):
    s = []
    add = s.append
    add(x[0])
    add(x[1])
    return sum(s)


@compiled
def bound_append_in_a_loop(x):
    s = []
    add = s.append
    for v in x:
        add(v * v)
    return sum(s) * len(s)


@compiled
def bound_append_passed_on(x):
    s = [x[0]]

    def fill(put, v):
        put(v)
        put(v * 2)

    fill(s.append, x[1])
    fill(s.append, x[2])
    return s[0] * s[1] + s[4]


@compiled
def bound_append_mapped(x):
    s = []
    list(map(s.append, [x[0], x[1]]))
    return s[0] * s[1]


@compiled
def bound_get(x):
    d = {"a": x[0]}
    get = d.get
    d["b"] = x[1]
    return get("b", 0.0) + get("a")


@compiled
def bound_sum(x):
    y = x.copy()
    total = y.sum
    y[0] = x[1] ** 2
    return total() * x[2]


class Counter:
    def __init__(self, start):
        self.total = start
        self.seen = []

    def add(self, v):
        self.total = self.total + v * self.total
        self.seen.append(v)


@compiled
def bound_method_of_an_object(x):
    c = Counter(x[0])
    add = c.add
    add(x[1])
    c.total *= 2
    add(x[2])
    return c.total + len(c.seen) * c.seen[1]


# ------------------------------------------------------------------ lists and dicts in place


@compiled
def repeated_in_place(x):
    l = [x[0], x[1]]
    m = l
    l *= 2
    return sum(m)


@compiled
def changed_through_attributes(x):
    c = Counter(x[0])
    seen = c.seen
    c.seen += [x[1]]
    c.seen *= 2
    return sum(seen) * c.total


@compiled
def changed_through_items(x):
    inner = [x[0]]
    d = {"a": inner}
    d["a"] += (x[1] * x[2],)
    d["a"] *= 2
    return inner[3] * len(inner)


@compiled
def parts_assigned(x):
    l = [x[0], x[1], x[2]]
    m = l
    l[1:2] = [x[3], x[4]]
    del l[0:1]
    l[:] = [v * 2 for v in l]
    return m[0] * m[1] * len(m)


@compiled
def dicts_joined(x):
    d = {"a": x[0]}
    e = d
    d |= {"b": x[1]}
    d |= [("c", x[2])]
    return e["b"] * e["c"]


@compiled
def one_list_three_times(x):
    rows = [[x[0]]] * 3
    rows[1].append(x[1])
    return rows[0][1] * len(rows[2])


@compiled
def extended_by_itself(x):
    l = [x[0], x[1]]
    l += l
    l.extend(l)
    return sum(l)


@compiled
def read_in_order(x):
    l = [x[0], x[1]]

    def place():
        l.reverse()
        return 0

    def grown():
        l.append(x[2])
        return [x[3]]

    first = l[place()]
    whole = l + grown()
    l[place()] = x[4]
    return first * whole[2] * len(whole) + sum(l) * l[0]


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


@dataclasses.dataclass
class Point:
    u: Any
    v: Any = 1.0


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


# ------------------------------------------------------------------ objects


class Base:
    def __init__(self):
        super().__init__()
        self.k = 2.0


class Mangled(Base):
    def __init__(self, v):
        super().__init__()
        self.__v = v
        self.__w = [v]

    def __twice(self):
        self.__w.append(self.k)
        return self.k * self.__v

    def result(self):
        return self.__twice() + (lambda: self.__w[1])()


class Other(Mangled):
    def __init__(self, v):
        super().__init__(v)
        self.__v = 3.0

    def both(self):
        return self.__v * self.result()


@compiled
def private_names(x):
    return Other(x[0]).both() ** 2


@compiled
def objects_in_a_tuple(x):
    a, b = (Counter(v) for v in (x[0], x[1]))
    for c in (a, b, a):
        c.add(x[2])
    return a.total * b.total


@compiled
def objects_in_a_dict(x):
    d = {k: Counter(v) for k, v in (("a", x[0]), ("b", x[1]))}
    for c in d.values():
        c.add(x[2])
    d["a"].total += d["b"].total
    return d["a"].total ** 2


class Vector:
    scale = 2.0
    shared = (1.0, 2.0)

    def __init__(self, a):
        self.a = a

    def __iadd__(self, o):
        self.a = self.a + o.a * 3
        return self

    def __add__(self, o):
        return Vector(self.a + o.a)

    def __mul__(self, o):
        return NotImplemented

    def __rmul__(self, o):
        return Vector(self.a * o)

    def __len__(self):
        return 0

    def __contains__(self, v):
        return v == 1

    def __getitem__(self, k):
        return self.a * (k + 1)

    def __setitem__(self, k, v):
        self.a = v * k

    def __iter__(self):
        return iter([self.a, self.a * 2])

    def __call__(self, v):
        return self.a * v

    def __eq__(self, o):
        return True

    def __hash__(self):
        return 1


@compiled
def own_operators(x):
    v = w = Vector(x[0])
    v += Vector(x[1])
    return w.a * (v + 2.0 * w).a


@compiled
def own_truth(x):
    v = Vector(x[0])
    return (x[1] if v else x[2]) * (x[3] if not v and not bool(v) else x[4])


@compiled
def own_items(x):
    v = Vector(x[0])
    return sum(v) * v[3] + v(x[1])


@other
def own_setitem(x):
    v = Vector(x[0])
    v[2] = x[1]
    return v.a


@other
def own_membership(x):
    return (x[0] if 1 in Vector(x[0]) else x[1]) * (x[2] if 2 not in Vector(x[0]) else x[3])


@compiled
def own_equality(x):
    return x[0] if Vector(x[0]) == Vector(x[1]) else x[1]


@compiled
def class_and_instance(x):
    v = Vector(x[0])
    s = v.scale
    v.scale = x[1]
    return s * v.scale * Vector(x[0]).scale + Vector.shared[1]


class Cached:
    def __init__(self, a):
        self.a = a

    @functools.cached_property
    def double(self):
        return self.a * 2


@compiled
def computed_once(x):
    c = Cached(x[0])
    before = c.double
    c.a = x[1]
    return before * c.double


class Missing:
    def __init__(self, a):
        self.a = a

    def __getattr__(self, name):
        return self.a * 2


@other
def missing_attributes(x):
    m = Missing(x[0])
    return m.b * (x[1] if hasattr(m, "c") else x[2])


class Checked:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, o, kind=None):
        return getattr(o, self.name) * 2

    def __set__(self, o, v):
        setattr(o, self.name, v + 1)


class WithDescriptor:
    v = Checked()

    def __init__(self, a):
        self.v = a


@other
def descriptor(x):
    return WithDescriptor(x[0]).v ** 2


class Logged:
    def __setattr__(self, name, v):
        object.__setattr__(self, name, v * 2)

    def __init__(self, a):
        self.a = a


@other
def own_setattr(x):
    return Logged(x[0]).a ** 2


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a = a


@compiled
def slots(x):
    s = Slots(x[0])
    return s.a * (2.0 if hasattr(s, "b") else 3.0)


@other
def slots_are_all(x):
    s = Slots(x[0])
    s.c = x[1]
    return s.c


class Single(type):
    made: dict = {}

    def __call__(cls, *args):
        if cls not in Single.made:
            Single.made[cls] = type.__call__(cls, *args)
        return Single.made[cls]


class One(metaclass=Single):
    def __init__(self, a):
        self.a = a


@other
def one_object_for_all(x):
    One(1.0)
    return One(x[0]).a * x[1]


class Steps:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n


@other
def own_iterator(x):
    return sum(x[i] for i in Steps(3))


@other
def objects_in_a_list(x):
    return sum(m.total**2 for m in [Counter(v) for v in x])


@other
def points_in_a_list(x):
    ps = []
    for v in x:
        ps.append(Point(v))
    ps[0].u = x[1]
    return sum(p.u * p.v for p in ps)


class Pair(NamedTuple):
    a: Any
    b: Any

    def product(self):
        return self.a * self.b


@compiled
def named_pairs(x):
    ps = [Pair(x[0], x[1]), Pair(b=x[2], a=x[3])]
    return sum(p.product() for p in ps) + ps[0]._replace(a=x[4]).a


# ------------------------------------------------------------------ object arrays and strings


@other
def object_array(x):
    return np.array([x[0], x[1]], dtype=object).sum() * x[2]


@other
def object_array_by_position(x):
    y = np.empty(2, object)
    y[0] = x[0]
    return y[0] * x[2]


@other
def as_objects(x):
    return np.sum(x.astype("O") * x)


@other
def structured(x):
    y = np.zeros(2, dtype=[("a", float), ("b", float)])
    y["a"] = x[:2]
    return np.sum(y["a"]) * x[2]


@other
def array_of_none(x):
    y = np.array([None, x[0]])
    return y[1] * x[1]


@other
def array_of_points(x):
    y = np.array([Point(x[0]), Point(x[1])])
    return y[1].u * x[1]


@other
def records(x):
    y = np.rec.fromarrays([x, x], names="a,b")
    return np.sum(y.a * x)


@other
def through_str(x):
    return float(str(x[0])) * x[1]


@other
def through_repr(x):
    return float(repr(float(x[0]))) * x[1]


@other
def through_a_format(x):
    return float(f"{x[0]:.17g}") * x[1]


@other
def through_percent(x):
    return float("%.17g" % x[0]) * x[1]


@other
def through_format(x):
    return float(f"{x[0]:.17g}") * x[1] + float(format(x[1], ".17g"))


@other
def through_joined_text(x):
    return float("".join(["1", str(x[2])])) * x[1]


@other
def through_json(x):
    return json.loads(json.dumps([float(x[0])]))[0] * x[1]


@other
def through_struct(x):
    return struct.unpack("d", struct.pack("d", x[0]))[0] * x[1]


@other
def through_fractions(x):
    return float(Fraction(float(x[0]))) * x[1]


@other
def through_decimals(x):
    return float(Decimal(float(x[0]))) * x[1]


@other
def through_hex(x):
    return float.fromhex(float(x[0]).hex()) * x[1]


@other
def through_a_ratio(x):
    a, b = float(x[0]).as_integer_ratio()
    return a / b * x[1]


@other
def through_a_set(x):
    return max({x[0], x[1]}) * x[2]


@other
def through_frozenset(x):
    return sum(frozenset((float(x[0]), float(x[1])))) * x[2]


@other
def through_keys(x):
    d = {float(x[0]): 1.0}
    return sum(k * v for k, v in d.items()) * x[1]


@other
def through_a_list(x):
    return x.tolist()[0] * x[1]


@other
def through_bytes(x):
    return np.frombuffer(x.tobytes())[0] * x[1]


@compiled
def messages(x):
    s = np.sum(x)
    if s < -100.0:
        raise ValueError(f"too small: {s:.3f}, of {x}")
    if s < -50.0:
        raise ValueError("too small: " + str(s))
    return s**2


LOGGER = logging.getLogger(__name__)


@compiled
def logged(x):
    LOGGER.debug("x is %s", x)
    LOGGER.info(f"the first is {x[0]:.3f}")
    return np.sum(x**2)


# ------------------------------------------------------------------ indices and views


@compiled
def range_as_index(x):
    return np.sum(x[range(2)] ** 2) + np.sum(x[range(4, 0, -2)])


@compiled
def empty_index(x):
    return np.asarray(np.sum(x**2))[()] * 2


@compiled
def rows_kept_aside(x):
    y = np.outer(x, x)
    m = np.array([True, False, True, False, False])
    v, w, u = y[m, :], y[[0, 1]], y[:, m]
    y += 1.0
    y[m, :] = v
    return np.sum(y * np.arange(25.0).reshape(5, 5)) + np.sum(w * w) + np.sum(u**3)


@compiled
def split_pieces(x):
    y = x[:4].copy()
    a, b = np.split(y, 2)
    a[0] = 5 * b[1]
    b *= a[1]
    return np.sum(y * y)


@compiled
def split_columns(x):
    y = np.outer(x, x)
    a, b, c = np.hsplit(y, [1, 3])
    c[0] = 5 * b[1]
    a[1:, 0] += x[0]
    return np.sum(y * y) + np.sum(c)


@compiled
def more_axes(x):
    return np.sum(np.array(x, ndmin=3)[0, 0] ** 2) + np.sum(np.array([x, x], ndmin=1))


# ------------------------------------------------------------------ calls on the tape


def _rebound(l):
    try:
        heapq.heapify(l)
    except TypeError:
        pass
    return 1.0


def _set(d, v):
    try:
        d["k"] = v * 2
    except KeyError:
        pass
    return v


def heap_of_a_function_on_the_tape(x):
    h = [x[0], x[1], x[2]]
    return _rebound(h) * h[0] * 2


def dict_of_a_function_on_the_tape(x):
    d = {"k": x[0]}
    v = _set(d, x[1])
    return d["k"] * v


@pytest.mark.parametrize("f", [heap_of_a_function_on_the_tape, dict_of_a_function_on_the_tape])
def test_containers_that_a_call_on_the_tape_changes(f: Any) -> None:
    _judge(f, "auto")


# ------------------------------------------------------------------


def _judge(f: Any, mode: str) -> None:
    expected = f(X.copy())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value, gradient = value_and_grad(f, mode=mode)(X.copy())
    np.testing.assert_allclose(float(value), float(expected), rtol=1e-10)
    np.testing.assert_allclose(gradient, numeric(f, (X.copy(),), 0)[0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_compiled(f: Any) -> None:
    _judge(f, "static")


@pytest.mark.parametrize("f", OTHERS, ids=lambda f: f.__name__)
def test_right_or_refused(f: Any) -> None:
    try:
        expected: Any = f(X.copy())
    except Exception as error:
        expected = error
    try:
        _judge(f, "static")
    except S2SError:
        return
    except Exception as error:
        if isinstance(expected, Exception) and isinstance(error, type(expected)):
            return
        raise
    assert not isinstance(expected, Exception)
