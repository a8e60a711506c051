"""Programs that use Python as numerical code does: classes, recursion, generators, match."""

# ruff: noqa: B007, C416, SIM113

from __future__ import annotations

import dataclasses
import inspect
import itertools
import warnings
from typing import Any, NamedTuple

import numpy as np
import pytest
from oracle import check


class Filter:
    gain = 2.0

    def __init__(self, a, b=0.1):
        self.a = a
        self.b = b
        self.state = np.zeros(3)
        self.count = 0

    @property
    def total(self):
        return self.a + self.b

    @staticmethod
    def sq(v):
        return v * v

    @classmethod
    def make(cls, a):
        return cls(a, b=0.3)

    def step(self, x):
        self.state[1:] += self.a * self.state[:-1]
        self.state[0] = x * self.total
        self.count += 1
        self.b *= 1.1
        return self.sq(np.sum(self.state)) * self.gain

    def __call__(self, x):
        return self.step(x)


class Doubled(Filter):
    def __init__(self, a):
        super().__init__(a)
        self.extra = a * a

    def step(self, x):
        return super().step(x) + self.extra


@dataclasses.dataclass
class Vec:
    x: float
    y: float = 1.0
    hist: list = dataclasses.field(default_factory=list)

    def __post_init__(self):
        self.norm2 = self.x**2 + self.y**2

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y)

    def __rmul__(self, k):
        return Vec(k * self.x, k * self.y)

    def __getitem__(self, i):
        return (self.x, self.y)[i]


class Point(NamedTuple):
    x: float
    y: float

    def dot(self, o):
        return self.x * o.x + self.y * o.y


def object_with_state(x, k):
    f = Filter(k)
    s = 0.0
    for i in range(len(x)):
        s += f.step(x[i])
    return s + f.b


def class_method_and_call(x, k):
    f = Filter.make(k)
    return f(x[0]) + f(x[1]) * f.count


def inherits(x, k):
    f = Doubled(k)
    return f(x[0]) + f(x[1])


def dataclass_with_operators(x, k):
    v = Vec(x[0], k) + 2.0 * Vec(x[1])
    v.hist.append(k)
    w = v
    w.x += k
    return v.norm2 * v.x + v[1] + v.hist[0]


def named_tuple_methods(x, k):
    p = Point(x[0], k)
    q = p._replace(y=x[1])
    return p.dot(q)


def object_on_a_path(x, k):
    f = Filter(k)
    if x[0] > 0:
        f.a = f.a * 2
    else:
        f.state[0] = k
    f.z = k
    return f.step(x[1]) * f.z + len(f.state)


def factorial(n, x):
    return 1.0 if n == 0 else x * n * factorial(n - 1, x)


def halved(u, k):
    n = len(u)
    if n <= 2:
        return u * k
    h = halved(u[::2], k)
    v = u.copy()
    v[::2] += h
    return v


def even(n, x):
    return x if n == 0 else odd(n - 1, x * 2)


def odd(n, x):
    return x * x if n == 0 else even(n - 1, x + 1)


def fibonacci(n, x):
    return x if n < 2 else fibonacci(n - 1, x) + fibonacci(n - 2, x) * x


def recursion_over_an_int(x, k):
    return factorial(4, k) + fibonacci(6, x[0])


def recursion_over_sizes(x, k):
    return np.sum(halved(x, k) ** 2)


def mutual_recursion(x, k):
    return even(5, x[0]) * k


def sum_of_a_generator(x, k):
    return sum(np.sin(v) * k for v in x)


def array_of_a_comprehension(x, k):
    return np.sum(np.array([v * k + i for i, v in enumerate(x)]) ** 2)


def comprehension_that_writes(x, k):
    y = np.zeros(3)

    def f(i):
        y[0] += x[i]
        return y[0] * k

    zs = [f(i) for i in range(len(x))]
    return sum(zs) * y[0] + max(zs) + len(zs)


def sets(x, k):
    a = {1, 2}
    b = {i for i in range(3)}
    return x[0] * (1 if 2 in a else 0) + k * (5 if 7 in b else 2)


def comprehension_over_rows(x, k):
    rows = [r * k for r in np.outer(x, x)]
    return np.sum(np.concatenate(rows) ** 2) + np.sum(rows[0])


def reduced_comprehensions(x, k):
    return np.sum([k * v for v in x]) + np.max([v**2 for v in x]) + np.mean([v**2 for v in x])


def scaled(x, k):
    for e in x:
        if e > 0:
            yield e * k
        else:
            yield k


def sines(x, n):
    a = x
    for i in range(3):
        a = np.sin(a)
        yield a


class Ctx:
    def __init__(self, k):
        self.k = k

    def __enter__(self):
        self.k *= 2
        return self

    def __exit__(self, *a):
        self.k += 1.0


def nonlocal_names(x, k):
    c = 0.0
    m = k

    def add(v):
        nonlocal c
        c += v * m
        if v > 0:
            c *= 1.1
        return c

    for e in x:
        add(e)
    add(k)
    return c * c


def with_statements(x, k):
    with np.errstate(all="ignore"):
        y = np.log(x**2) * k
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
    return np.sum(y)


def generators(x, k):
    s = 0.0
    for v in scaled(x, k):
        s += v * v
    for a in sines(x, 3):
        s += np.sum(a) * k
    return s + sum(scaled(x, k)) + len(list(sines(x, 2)))


def own_context_manager(x, k):
    with Ctx(k) as c:
        y = x * c.k
    return np.sum(y) * c.k


def match_structures(x, k):
    match x.ndim:
        case 0:
            return k
        case 1 | 2:
            y = x * k
        case _:
            y = x
    match (x[0], k):
        case (a, b) if a > 0:
            s = a * b
        case (a, b):
            s = a - b
    match {"w": k, "z": x}:
        case {"w": w, **rest}:
            s += w * np.sum(rest["z"])
    match [1, 2, x]:
        case [1, *mid, last]:
            s += mid[0] * np.sum(last)
    match Vec(k, 2.0):
        case Vec(x=xx, y=2.0):
            s += xx**2
        case Vec():
            s = 0.0
    return np.sum(y) + s


def match_strings(x, k, kind="relu"):
    match kind:
        case "tanh":
            return np.sum(np.tanh(x))
        case "relu":
            return np.sum(np.maximum(x, 0)) * k


def match_numbers(x, k):
    n = 0
    for e in x:
        match n:
            case 0:
                k = k * e
            case 1:
                k = k + e
            case _:
                k = k - e
        n += 1
    return k * k


def filtered_generator(x, k):
    return sum(v * k for v in x if v > 0)


def filtered_list(x, k):
    return np.sum(np.array([v * k for v in x if v > 0 if v < 10]) ** 2)


def pairs_with_places(x, k):
    total = 0.0
    for (i, p), (j, q) in itertools.combinations(enumerate(x, start=1), 2):
        total += k * p * q if j - i > 1 else (p - q) ** 2 * i
    return total


def two_loops_in_a_comprehension(x, k):
    return sum(a * b * k for a in x for b in x if a > b)


def filtered_list_read_again(x, k):
    ps = [v * k for v in x if v > 0]
    return sum(p * p for p in ps) + len(ps) * k


PROGRAMS = [
    f
    for name, f in list(globals().items())
    if inspect.isfunction(f)
    and list(inspect.signature(f).parameters)[:2] == ["x", "k"]
    and f not in (scaled, halved)
]


# What `__init__` of a class makes with `np.zeros` is a plain array on the tape.
COMPILED_ONLY = {object_with_state, class_method_and_call, inherits, object_on_a_path}


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_python(f: Any) -> None:
    for seed in range(2):
        random = np.random.default_rng(seed)
        args = random.normal(size=3), float(random.uniform(0.4, 0.9))
        check(f, args, (0, 1), tape=f not in COMPILED_ONLY)
