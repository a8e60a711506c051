"""Random numbers: generators that are made, given or kept; parameters that are differentiated."""

from __future__ import annotations

import inspect
import json
from typing import Any

import numpy as np
import pytest
from oracle import check

from s2s_grad import grad, jvp
from s2s_grad.errors import MissingRule


class Walk:
    def __init__(self, drift, seed):
        self.drift = drift
        self.rng = np.random.default_rng(seed)
        self.steps = 0

    def step(self, position):
        self.steps += 1
        if self.rng.random() < 0.3:
            return position
        return position + self.drift + self.rng.standard_normal(3)


def generator_of_an_object(x, k):
    walk = Walk(x, 4)
    position = np.zeros(3)
    for _ in range(4):
        position = walk.step(position) * k
    return np.sum(position**2) * walk.steps


def generator_or_another(x, k, rng=None):
    rng = np.random.default_rng(3) if rng is None else rng
    return np.sum(rng.normal(size=x.shape) * x * k)


def exchanged_items(x, k):
    rng = np.random.default_rng(2)
    y = x * k
    i, j = rng.integers(0, len(y), 2)
    y[i], y[j] = y[j], y[i]
    if np.sum(y * x) < rng.uniform():
        y[i], y[j] = y[j], k
    return np.sum(y * np.arange(3.0))


def state_of_numpy(x, k):
    np.random.seed(7)
    kept = np.random.rand(*x.shape) > 0.5
    return np.sum(kept * x) * k + np.random.normal(k, 0.2) ** 2


def location_and_scale(x, k):
    rng = np.random.default_rng(1)
    total = np.sum(rng.normal(x, k**2) ** 2) + rng.normal(loc=k) ** 2
    total += np.sum(rng.normal(x, 0.3, size=(2, 3)) ** 2) + np.sum(rng.uniform(-k, k, 4) ** 2)
    return total + np.sum(rng.uniform(x, high=x + 2) ** 3)


def scales(x, k):
    rng = np.random.default_rng(1)
    total = np.sum(rng.exponential(k, 3) * x) + np.sum(rng.exponential(x**2) ** 2)
    total += np.sum(rng.lognormal(x, k)) + rng.gamma(2.0, k) + np.sum(rng.laplace(x, k, (2, 3)))
    return total + rng.gumbel(k) + rng.rayleigh(k) * k


def moved_mean(x, k):
    rng = np.random.default_rng(1)
    return np.sum(rng.multivariate_normal(x * k, np.eye(3), 2) ** 2)


def permuted(x, k):
    rng = np.random.default_rng(3)
    a = np.outer(x, x)
    return rng.permutation(x * k) @ np.arange(3.0) + np.sum(rng.permutation(a)[0] * k)


def shuffled(x, k):
    rng = np.random.default_rng(3)
    y = x * k
    rng.shuffle(y)
    return np.sum(y * np.arange(3.0) ** 2)


def chosen(x, k):
    rng = np.random.default_rng(3)
    picked = rng.choice([1.0, k, 3 * k], size=4)
    return np.sum(rng.choice(x, 4) ** 2 * picked) + rng.choice(x, 2, replace=False)[1] * k


def drawn_before_a_loop(x, k):
    rng = np.random.default_rng(3)
    state = rng.normal(0, 1, 3)
    for item in x:
        state = 0.9 * state + k * item * rng.normal(size=3)
    return np.sum(state**2)


PROGRAMS = [
    f
    for name, f in list(globals().items())
    if inspect.isfunction(f) and list(inspect.signature(f).parameters)[:2] == ["x", "k"]
]
# On the tape, generators take no tensors.
TAPED = {drawn_before_a_loop, generator_of_an_object, generator_or_another}


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_draws(f: Any) -> None:
    for number in range(2):
        random = np.random.default_rng(number)
        args = random.normal(size=3), float(random.uniform(0.4, 0.9))
        check(f, args, (0, 1), tape=f in TAPED)


def test_a_generator_as_an_argument_is_compiled_for_once() -> None:
    def noisy(x, rng):
        return np.sum((x + rng.normal(size=3)) ** 2)

    gradient = grad(noisy, mode="static")
    x = np.ones(3)
    for seed in range(3):
        noise = np.random.default_rng(seed).normal(size=3)
        np.testing.assert_allclose(gradient(x, np.random.default_rng(seed)), 2 * (x + noise))
    assert "rng.normal(size=3)" in gradient.source


def test_other_parameters_are_refused() -> None:
    def f(a):
        return np.random.default_rng(0).beta(a, 2.0) * 2

    def unused(a):
        np.random.default_rng(0).beta(a, 2.0)
        return a * a

    with pytest.raises(MissingRule, match="what `beta` draws"):
        grad(f, mode="static")(1.5)
    with pytest.raises(MissingRule, match="what `beta` draws"):
        jvp(f, mode="static")((1.5,), (1.0,))
    assert grad(unused, mode="static")(1.5) == 3.0


def test_what_cannot_be_read_is_no_constant() -> None:
    def f(a):
        return float(json.dumps(a)) * a

    with pytest.raises(MissingRule, match=r"json\.dumps"):
        grad(f, mode="static")(1.5)
