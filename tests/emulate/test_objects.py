"""Objects of users' classes on the tape: what their methods create takes tensors."""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import functools
import linecache
import math
import threading
import types
from abc import ABC, abstractmethod
from collections import namedtuple
from math import exp

import numpy as np
import pytest
from numpy import zeros

from s2s_grad import grad

X = np.array([0.5, 1.5, -0.5])


def squares(x):
    y = np.zeros(len(x))
    for i in range(len(x)):
        y[i] = x[i] * x[i]
    return y


class Buffer:
    count = 0
    table = np.array([1.0, 2.0, 3.0])

    def __init__(self, n, scale=1.0):
        self.values = np.zeros(n)
        self.scale = scale
        self.__hidden = zeros(n)

    def fill(self, x):
        self.values[:] = x * self.scale
        self.__hidden[0] = x[0]
        return self

    def total(self):
        made = np.empty(2)
        made[0] = np.sum(self.values**2)
        made[1] = self.__hidden[0] * 2
        return np.sum(made)

    def exponential(self, x):
        return sum(math.exp(v) for v in x) + exp(x[0])

    @property
    def doubled(self):
        out = np.zeros_like(self.values)
        out[:] = self.values * 2
        return out

    @functools.cached_property
    def once(self):
        out = np.zeros(len(self.values))
        out[:] = self.values * 3
        return out

    @staticmethod
    def static(x):
        return squares(x)

    @classmethod
    def made(cls, x):
        return cls(len(x)).fill(x)


class Derived(Buffer):
    def __init__(self, n):
        super().__init__(n, 2.0)
        self.more = np.ones(n)

    def fill(self, x):
        super().fill(x)
        self.more[1:] = x[1:]
        return self

    def total(self):
        return super().total() + np.sum(self.more)


class Model:
    def __init__(self):
        self.layers = [Layer(2.0), Layer(3.0)]
        self.inner = types.SimpleNamespace(f=squares)
        self.rule = squares

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def by_method(self, x):
        return np.sum(self.apply(x))

    def apply(self, x):
        return self.layers[0].forward(x)


class Layer:
    def __init__(self, w):
        self.w = w

    def forward(self, x):
        out = np.empty_like(x)
        out[:] = self.w * x
        return out

    __call__ = forward


@dataclasses.dataclass
class State:
    n: int
    values: object = dataclasses.field(default_factory=lambda: np.zeros(3))
    more: object = dataclasses.field(init=False)

    def __post_init__(self):
        self.more = np.ones(self.n)

    def put(self, x):
        self.values[:] = x
        self.more[0] = x[0] * 2
        return self


@dataclasses.dataclass(frozen=True)
class Frozen:
    x: object

    def squares(self):
        return squares(self.x)


class Slots:
    __slots__ = ("values",)

    def __init__(self, n):
        self.values = np.zeros(n)


class Base(ABC):
    def run(self, x):
        return np.sum(self.step(x))

    @abstractmethod
    def step(self, x): ...


class Concrete(Base):
    def step(self, x):
        y = np.zeros(3)
        y[:] = x * x
        return y


class Made:
    def __new__(cls, x):
        made = super().__new__(cls)
        made.y = np.zeros(3)
        made.y[:] = x * 2
        return made


class Color(enum.Enum):
    RED = 2.0


class Failure(Exception):
    def __init__(self, value):
        super().__init__("failed")
        self.value = value


Pair = namedtuple("Pair", "a b")


class Counter:
    made = 0

    def __init__(self):
        Counter.made += 1
        self.values = np.zeros(1)


MODEL = Model()
module = types.ModuleType("of_the_user")
module.__file__ = __file__
module.Buffer = Buffer
module.scale = 1.0


@contextlib.contextmanager
def scope(n):
    yield np.zeros(n)


def doubling(f):
    @functools.wraps(f)
    def wrapper(*args):
        out = np.zeros(3)
        out[:] = f(*args) * 2
        return out

    return wrapper


@doubling
def decorated(x):
    return squares(x)


def put(buffer, x):
    buffer[:] = x
    return buffer


def attempt(x):
    try:
        raise Failure(x)
    except Failure as failure:
        return failure.value


def local_class(x):
    class Local:
        def __init__(self, n):
            self.__v = np.zeros(n)

        def set(self, x):
            self.__v[:] = x
            return self.__v

    return np.sum(Local(3).set(x) ** 2)


def matched(x):
    match Pair(x, 1.0):
        case Pair(a=values, b=1.0):
            return np.sum(put(Derived(3).values, values))


def isinstances(x):
    b = Derived(3)
    assert isinstance(b, Buffer)
    assert type(b) is Derived
    assert not isinstance(b, Layer)
    assert isinstance(MODEL, Model)
    return b.fill(x).total()


def from_a_class(kind, x):
    return kind(3).fill(x).total()


def in_a_with(x):
    with scope(3) as buffer:
        buffer[:] = x
        return np.sum(buffer * buffer)


PROGRAMS = {
    "made": lambda x: Buffer(3).fill(x).total(),
    "keywords": lambda x: Buffer(n=3, scale=2.0).fill(x).total(),
    "derived": lambda x: Derived(3).fill(x).total(),
    "static": lambda x: np.sum(Buffer.static(x)) + np.sum(Buffer(1).static(x)),
    "class method": lambda x: Buffer.made(x).total() + Derived(3).fill(x).scale,
    "property": lambda x: np.sum(Buffer(3).fill(x).doubled ** 2),
    "cached property": lambda x: np.sum(Buffer(3).fill(x).once ** 2),
    "math": lambda x: Buffer(3).exponential(x),
    "class attribute": lambda x: np.sum(Buffer.table * x) + np.sum(Buffer(3).table * x),
    "callable": lambda x: np.sum(MODEL(x)),
    "method": MODEL.by_method,
    "method of a global": lambda x: MODEL.by_method(x),
    "method as a value": lambda x: np.sum(sum(map(MODEL.apply, [x, 2 * x]))),
    "function in an attribute": lambda x: np.sum(MODEL.rule(x)) + np.sum(MODEL.inner.f(x)),
    "getattr": lambda x: getattr(Buffer(3).fill(x), "total")(),  # noqa: B009
    "dataclass": lambda x: np.sum(State(3).put(x).values ** 2) + State(2).put(x).more[0],
    "frozen": lambda x: np.sum(Frozen(x).squares()),
    "slots": lambda x: np.sum(put(Slots(3).values, x) ** 2),
    "abstract": lambda x: Concrete().run(x),
    "__new__": lambda x: np.sum(Made(x).y),
    "enum": lambda x: np.sum(x * x) * Color.RED.value + (Color("x") if Color is None else 0.0),
    "exception": lambda x: np.sum(attempt(x)),
    "namedtuple": lambda x: np.sum(put(Pair(np.zeros(3), 1).a, x) ** 2),
    "local class": local_class,
    "match": matched,
    "isinstance": isinstances,
    "module": lambda x: module.Buffer(3).fill(x).total() * module.scale,
    "context manager": in_a_with,
    "class in a container": lambda x: {"b": Buffer}["b"](3).fill(x).total(),
    "class from a function": lambda x: from_a_class(Derived, x),
    "decorated": lambda x: np.sum(decorated(x)),
    "partial": lambda x: functools.partial(Buffer, scale=3.0)(3).fill(x).total(),
    "lambda in a list": lambda x: [lambda v: squares(v)][0](x).sum(),
    "reduce": lambda x: np.sum(functools.reduce(lambda a, b: a + squares(b), [x, x], x)),
    "sorted": lambda x: sorted([x[0], x[1]], key=lambda v: squares([v])[0])[1] * x[2],
    "comprehension": lambda x: sum(Buffer(3).fill(x * k).total() for k in range(3)),
}


def central(f, x):
    step = 1e-6
    moved = step * np.eye(x.size)
    return np.array([(f(x + d) - f(x - d)) / (2 * step) for d in moved])


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_methods_create_takes_tensors(name):
    f = PROGRAMS[name]
    derivative = grad(f, mode="tape")
    for _ in range(2):
        np.testing.assert_allclose(derivative(X), central(f, X), atol=1e-6)


def test_cached_functions_keep_nothing_that_is_recorded():
    @functools.lru_cache
    def cube(v, n):
        return v * cube(v, n - 1) if n else 1.0

    assert grad(lambda x: cube(x, 3), mode="tape")(2.0) == 12.0
    assert cube.cache_info().currsize == 0
    assert grad(lambda x: x * cube(2.0, 3), mode="tape")(2.0) == 8.0
    assert cube.cache_info().currsize == 4


def test_classes_and_objects_are_left_alone():
    before = dict(vars(Buffer))
    grad(PROGRAMS["made"], mode="tape")(X)
    assert dict(vars(Buffer)) == before
    assert Buffer.__init__.__globals__["np"] is np
    made = Counter.made
    grad(lambda x: np.sum(x) + len(Counter().values), mode="tape")(X)
    assert Counter.made == made + 1
    kept = []
    grad(lambda x: kept.append(Buffer(3)) or np.sum(x), mode="tape")(X)
    assert type(kept[0]) is Buffer


def test_results_that_are_objects():
    def f(x):
        return np.sum(x * x), State(3).put(x)

    _, state = grad(f, mode="tape", has_aux=True)(X)
    assert type(state) is State


def test_threads_run_their_own_copies():
    f = PROGRAMS["derived"]
    expected = central(f, X)
    found = {}

    def on_the_tape(k):
        found[k] = [grad(f, mode="tape")(X) for _ in range(5)]

    def plain(k):
        found[k] = [type(Derived(3).fill(X).values) for _ in range(50)]

    work = [threading.Thread(target=on_the_tape, args=(k,)) for k in range(3)]
    work += [threading.Thread(target=plain, args=(k,)) for k in (7, 8)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    for k in range(3):
        for gradient in found[k]:
            np.testing.assert_allclose(gradient, expected, atol=1e-6)
    assert set(found[7]) == set(found[8]) == {np.ndarray}


def test_places_and_tracebacks_are_the_users():
    class Failing:
        def run(self, x):
            return self.fail(x)

        def fail(self, x):
            return x[0] / undefined  # noqa: F821

    with pytest.raises(NameError) as caught:
        grad(lambda x: Failing().run(x), mode="tape")(X)
    last = caught.traceback[-1]
    assert str(last.path) == __file__
    assert "x[0] / undefined" in linecache.getline(__file__, last.lineno + 1)


def test_functions_without_source_run_as_they_are():
    namespace = {"np": np}
    exec("def f(x):\n    y = np.zeros(3)\n    y[:] = x * x\n    return np.sum(y)\n", namespace)
    np.testing.assert_allclose(grad(namespace["f"], mode="tape")(X), 2 * X)


@pytest.mark.parametrize(
    "body",
    [
        "return float(np.sum(x * x))",
        "return (lambda t: float(t))(np.sum(x * x))",
        "y = np.zeros(3, dtype=float)\n    y[:] = x * x\n    return np.sum(y)",
    ],
)
def test_floats_in_functions_without_source(body):
    namespace = {"np": np}
    exec(f"def f(x):\n    {body}\n", namespace)
    np.testing.assert_allclose(grad(namespace["f"], mode="tape")(X), 2 * X)
