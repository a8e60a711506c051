"""Objects as published programs use them: their class decides what operators and loops do."""

from __future__ import annotations

import dataclasses
import enum
import functools
import inspect
import math
from typing import Any

import numpy as np
import pytest
from oracle import check


class Bag:
    def __init__(self, items):
        self.items = list(items)

    def __len__(self):
        return len(self.items)

    def __bool__(self):
        return len(self.items) > 1

    def __iter__(self):
        return iter(self.items)

    def __float__(self):
        return float(self.items[0])

    def __abs__(self):
        return math.sqrt(sum(v * v for v in self))


class Growing:
    """A simulation that keeps a log of each step, while its arrays are bound again."""

    def __init__(self, start):
        self.state = start.copy()
        self.force, _ = self.forces()
        self.log = []
        self.by_name = {"energy": [], "number": []}

    def forces(self):
        force = np.zeros_like(self.state)
        energy = 0.0
        for i in range(len(force)):
            for j in range(i):
                gap = self.state[i] - self.state[j]
                energy += gap**2
                force[i] -= gap
                force[j] += gap
        return force, energy

    def step(self, rate):
        self.state += rate * self.force
        self.force, energy = self.forces()
        self.log.append(energy)
        self.by_name["energy"].append(energy * rate)
        self.by_name["number"].append(1)


class Method(enum.Enum):
    EULER = "euler"
    MIDPOINT = "midpoint"


class Order(enum.IntEnum):
    ONE = 1
    TWO = 2


@dataclasses.dataclass
class Inner:
    a: float
    v: Any = None


@dataclasses.dataclass
class Outer:
    inner: Inner
    k: float = 1.0
    more: list = dataclasses.field(default_factory=list)


def truth_of_objects(x, k):
    many, one = Bag([k, 2 * k]), Bag([x[0]])
    total = k if many else x[1]
    total += k**2 if one else x[1]
    if not one:
        total += x[0] * k
    assert many
    return total * float(one) + (many and x[2]) + bool(one) * k + len(one)


def loops_over_objects(x, k):
    bag = Bag([k * x[0], x[1]])
    first, second = bag
    total = sum(v * k for v in bag) + abs(bag)
    return total + first * second + np.sum(np.array([*bag]) ** 2) + max(bag)


def logs_of_a_simulation(x, k):
    simulation = Growing(x)
    for _ in range(3):
        simulation.step(0.1 * k)
    return np.mean(simulation.log) + sum(simulation.by_name["energy"]) + np.sum(simulation.state**2)


def logs_of_a_run_of_any_length(x, k):
    simulation = Growing(x)
    for item in x:
        simulation.step(0.1 * k * item)
    return np.sum(np.array(simulation.log) ** 2) + len(simulation.by_name["number"])


def members_of_enumerations(x, k):
    total = 0.0
    for method in Method:
        total += k**2 if method is Method.EULER else np.sum(x) * k
    for order in Order:
        total += x[0] ** 2 * order
    return total * len([m.name for m in Method]) + (k if Method("euler") is Method.EULER else 0.0)


def fields_of_dataclasses(x, k):
    whole = Outer(Inner(k, x * k), more=[x[0], 3.0])
    as_dict, as_tuple = dataclasses.asdict(whole), dataclasses.astuple(whole)
    changed = dataclasses.replace(whole, k=k**3)
    whole.k = 0.0
    as_dict["inner"]["v"][0] = k * k
    total = changed.k + as_dict["k"] * as_dict["inner"]["a"] + as_tuple[2][0]
    return total + np.sum(as_dict["inner"]["v"] * whole.inner.v) + whole.k


@functools.cache
def chebyshev(n, t):
    return t**n if n < 2 else 2 * t * chebyshev(n - 1, t) - chebyshev(n - 2, t)


def cached_functions(x, k):
    @functools.lru_cache
    def power(n):
        return k if n == 0 else power(n - 1) * k

    return chebyshev(5, k) + power(3) * x[0]


PROGRAMS = [
    f
    for name, f in list(globals().items())
    if inspect.isfunction(f) and list(inspect.signature(f).parameters)[:2] == ["x", "k"]
]
# Tensors are no keys of a cache, no plain numbers, and are not copied deeply.
COMPILED_ONLY = {
    loops_over_objects, fields_of_dataclasses, truth_of_objects, logs_of_a_simulation,
    logs_of_a_run_of_any_length, cached_functions,
}  # fmt: skip


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_objects(f: Any) -> None:
    for seed in range(2):
        random = np.random.default_rng(seed)
        args = random.normal(size=3), float(random.uniform(0.4, 0.9))
        check(f, args, (0, 1), tape=f not in COMPILED_ONLY)
