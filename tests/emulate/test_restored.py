"""After a transform no tensor is left in what the user can reach."""

from __future__ import annotations

import collections
import functools
import gc
import types
from dataclasses import dataclass

import numpy as np
import pytest

from s2s_grad import grad, hvp, jvp, tape, value_and_grad, vjp
from s2s_grad.tape import Tensor

X = np.array([0.3, -1.2, 2.1, 0.7])
LOG = []
TABLE = {}
QUEUE = collections.deque(maxlen=3)
FOUND = set()
LAST = None
ARRAYS = [np.ones(2)]
NESTED = [[]]


class Model:
    count = None

    def __init__(self):
        self.history = []
        self.x = None
        self.w = np.ones(4)

    def __call__(self, x):
        self.x = x * self.w
        self.history.append(self.x.sum())
        Model.count = self.x[0]
        return self.x.sum()


@dataclass(slots=True)
class Slots:
    a: object = None


MODEL = Model()
SLOTS = Slots()


def stores(x, cache=[]):  # noqa: B006
    global LAST  # noqa: PLW0603
    LAST = x * 2
    LOG.append(x[0])
    TABLE[x[1]] = (x, {"k": [x[2]]})
    QUEUE.append(x[0])
    FOUND.add(x[3])
    ARRAYS.append(x * 3)
    NESTED[0].append([x[1]])
    cache.append(x[0])
    stores.calls = getattr(stores, "calls", 0) + 1
    stores.last = x[0]
    SLOTS.a = x[0] * 2
    return MODEL(x) * x[0]


def holds_tensor(value):
    if isinstance(value, (list, tuple, set, collections.deque)):
        return any(map(holds_tensor, value))
    if isinstance(value, dict):
        return any(map(holds_tensor, [*value, *value.values()]))
    return isinstance(value, Tensor)


def everything():
    state = [LOG, TABLE, QUEUE, FOUND, LAST, ARRAYS, NESTED, vars(MODEL), SLOTS.a, Model.count]
    return [*state, stores.__defaults__, stores.__dict__]


RUNS = {
    "grad": lambda: grad(stores, mode="tape")(X),
    "value_and_grad": lambda: value_and_grad(stores, mode="tape")(X),
    "vjp": lambda: vjp(stores, mode="tape")(X)[1](1.0),
    "jvp": lambda: jvp(stores, mode="tape")((X,), (X,)),
    "hvp": lambda: hvp(stores, mode="tape")(X, X),
}


@pytest.mark.parametrize("name", RUNS)
def test_no_tensor_is_left(name):
    calls = getattr(stores, "calls", 0)
    RUNS[name]()
    assert not holds_tensor(everything())
    assert stores.calls == calls + 1
    assert type(LOG[-1]) is np.float64
    assert LOG[-1] == 0.3
    np.testing.assert_array_equal(LAST, 2 * X)
    np.testing.assert_array_equal(ARRAYS[-1], 3 * X)
    assert list(TABLE) == [-1.2]
    assert TABLE[-1.2][1] == {"k": [2.1]}


def test_no_tensor_is_left_after_an_error():
    kept = []

    def f(x):
        kept.append(x * 2)
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        grad(f, mode="tape")(0.5)
    assert kept == [1.0]
    assert type(kept[0]) is float


def test_a_pullback_works_after_its_results_were_restored():
    kept = []

    def f(x):
        kept.append(x * x)
        return kept

    _, pullback = vjp(f, mode="tape")(3.0)
    assert kept == [9.0]
    assert pullback([1.0]) == 6.0


def test_the_users_own_tensors_stay():
    held = {"w": tape.ones(2), "v": tape.ones(2, requires_grad=True)}
    weights = list(held.values())

    def f(x):
        return np.sum(held["w"] * x) * np.sum(held["v"])

    grad(f, mode="tape")(X[:2])
    assert list(held.values()) == weights
    assert all(isinstance(item, Tensor) for item in held.values())


def test_an_inner_derivative_leaves_what_is_differentiated_outside():
    kept = []

    def inner(y):
        kept.append(y)
        return y**3

    def f(x):
        slope = grad(inner)(x)
        return slope * kept[-1]

    assert grad(f, mode="tape")(2.0) == pytest.approx(9 * 4.0)
    assert not holds_tensor(kept)


def test_functions_that_call_themselves_are_seen_into():
    def power(x, n):
        return float(x) * power(x, n - 1) if n else type(x)(1)

    assert grad(power, mode="tape")(2.0, 3) == pytest.approx(12.0)


class Stack(list):
    """A user's list, whose items are set in another way."""

    def __setitem__(self, place, value):
        raise AssertionError("items are set by the user alone")


CONTAINERS = {
    "defaultdict": (collections.defaultdict(list), lambda c, y: c["k"].append(y)),
    "OrderedDict": (collections.OrderedDict(), lambda c, y: c.update(a=y, b=1.0)),
    "Counter": (collections.Counter(), lambda c, y: c.update(a=y)),
    "deque": (collections.deque(), lambda c, y: c.append((y, 1))),
    "subclass": (Stack(), lambda c, y: c.append(y)),
    "partial": ([], lambda c, y: c.append(functools.partial(max, y, key=abs))),
    "function": ([], lambda c, y: c.append(lambda more=y: y + more)),
    "set": (set(), lambda c, y: c.add(y)),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_no_tensor_stays_in_a_container(name):
    container, put = CONTAINERS[name]

    def f(x):
        put(container, x * 2)
        return x * 3

    assert value_and_grad(f, mode="tape")(0.5) == (1.5, 3.0)
    assert not list(tensors_in(container, set()))


def tensors_in(value, seen):
    """Yield the tensors that are reached from a value."""
    if id(value) in seen or isinstance(value, types.ModuleType):
        return
    seen.add(id(value))
    if type(value) is Tensor:
        yield value
    elif isinstance(value, types.FunctionType):
        for cell in value.__closure__ or ():
            yield from tensors_in(cell.cell_contents, seen)
        yield from tensors_in(value.__defaults__, seen)
    else:
        for item in gc.get_referents(value) if not isinstance(value, type) else ():
            yield from tensors_in(item, seen)


SCALE = {"by": 1.0}


@functools.lru_cache
def scaled(n):
    return n * SCALE["by"]


class Powers:
    def __init__(self, base):
        self.base = base

    @functools.lru_cache  # noqa: B019
    def power(self, n):
        return 1.0 if n == 0 else self.base * self.power(n - 1)


def test_a_cache_keeps_no_tensor():
    def f(x):
        SCALE["by"] = x
        p = Powers(x)
        return scaled(3) * scaled(3) + p.power(3) + p.power(3)

    value, gradient = value_and_grad(f, mode="tape")(0.5)
    assert value == pytest.approx(9 * 0.25 + 2 * 0.125)
    assert gradient == pytest.approx(9 + 6 * 0.25)
    assert type(SCALE["by"]) is float
    assert type(scaled(3)) is float
    assert Powers.power.cache_info().currsize == 0


def test_what_a_run_made_and_called_is_not_the_users():
    kept = []

    def f(x):
        y = x * 2
        kept.append(y)
        again = lambda: y  # noqa: E731
        return functools.partial(max, y)(0.0) + again() + functools.reduce(min, [y])

    assert value_and_grad(f, mode="tape")(0.5) == (3.0, 6.0)
    assert type(kept[0]) is float


def test_a_cache_does_not_take_equal_numbers_for_one():
    @functools.lru_cache
    def square(v):
        return v * v

    found = grad(lambda x: square(x[0]) + 3 * square(x[1]), mode="tape")(np.array([2.0, 2.0]))
    np.testing.assert_array_equal(found, [4, 12])
