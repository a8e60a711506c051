"""Empty arrays, loops without a round, single items, infinities; names that do have a value."""

# ruff: noqa: F821

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from oracle import flat, numeric

from s2s_grad import jvp, value_and_grad

NOTHING = np.zeros(0)
inf = math.inf
CASES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []


def right(*args: Any) -> Callable[..., Any]:
    def add(f: Callable[..., Any]) -> Callable[..., Any]:
        CASES.append((f, args))
        return f

    return add


@right(NOTHING)
def mean0(x):
    return np.mean(x)


@right(NOTHING)
def sum0(x):
    return np.sum(x * 2)


@right(NOTHING)
def prod0(x):
    return np.prod(x)


@right(NOTHING)
def norm0(x):
    return np.linalg.norm(x)


@right(NOTHING)
def dot0(x):
    return x @ x


@right(NOTHING)
def loop0(x):
    s = 1.0
    for v in x:
        s *= v
    return s


@right(NOTHING)
def loop0b(x):
    s = 1.0
    for i in range(len(x)):
        s += x[i] ** 2
    return s


@right(NOTHING, 2.0)
def loop0c(x, y):
    s = y
    for i in range(x.shape[0]):
        s = s * x[i]
    return s * y


@right(np.zeros((0, 3)))
def mat0(x):
    return np.sum(x.T @ x)


@right(np.zeros((0, 3)))
def mat0s(x):
    return np.sum(np.sum(x, axis=0) ** 2)


@right(np.zeros((3, 0)))
def mat0m(x):
    return np.sum(x.mean(axis=0))


@right(NOTHING, NOTHING)
def conc0(x, y):
    return np.sum(np.concatenate([x, y]) ** 2)


@right(NOTHING)
def list0(x):
    return sum([v * v for v in x])


@right(NOTHING)
def std0(x):
    return np.std(x)


@right(NOTHING)
def cum0(x):
    return np.sum(np.cumsum(x))


@right(NOTHING)
def sort0(x):
    return np.sum(np.sort(x))


@right(NOTHING)
def where0(x):
    return np.sum(np.where(x > 0, x, 0.0))


@right(NOTHING)
def maxi0(x):
    return np.sum(np.maximum(x, 0))


@right(NOTHING)
def reshape0(x):
    return np.sum(x.reshape(0, 3))


@right(NOTHING)
def mask0(x):
    return np.sum(x[x > 0])


@right(np.ones(1))
def one1(x):
    return x[0] ** 2 + np.mean(x) + np.max(x) + np.sum(x[:, None] * x) + x.item()


@right(np.ones((1, 1)))
def one2(x):
    return np.linalg.inv(x)[0, 0] + np.linalg.det(x) + np.sum(x @ x)


@right(inf)
def inf4(x):
    return 1 / x


@right(2.0, 0)
def trip0(x, n):
    for _ in range(n):
        x = x * x
    return x


@right(2.0, 0)
def trip0b(x, n):
    y = x * 3
    while n > 0:
        y = y * x
        n -= 1
    return y


@right(2.0, 1)
def bound1(x, n):
    for _ in range(n):
        y = x * x
    return y


@right(2.0, 3)
def bound2(x, n):
    for i in range(n):
        if i == 0:
            prev = x
        else:
            prev = prev * x
    return prev


@right(np.arange(3.0) + 1)
def bound3(x):
    for v in x:
        if v > 1.5:
            break
        z = v * 2
    return z * v


@right(2.0)
def bound4(x):
    done = False
    if x > 1:
        y = x * x
        done = True
    if done:
        return y
    return x


@right(2.0)
def bound5(x):
    if x > 1:
        y = x * x
    if x > 1:
        return y
    return x


@right(np.arange(3.0) + 1)
def bound6(x):
    s = 0.0
    for v in x:
        if v < 1.5:
            continue
        w = v * v
        s += w
    return s + w


@right(np.arange(3.0) + 1)
def bound7(x):
    s = 0.0
    i = 0
    while i < 3:
        if x[i] > 1.5:
            if x[i] > 2.5:
                t = x[i] ** 2
            else:
                i += 1
                continue
            s += t
        i += 1
    return s


@right(np.arange(3.0) + 1)
def bound8(x):
    best = None
    for v in x:
        if best is None or v > best:
            best = v
            arg = v * 2
    return arg


@right(np.arange(3.0) + 1)
def bound9(x):
    def f():
        nonlocal q
        q = x[0] * 2

    f()
    q2 = q
    for _ in range(2):
        f()
    return q2 + q
    q = 0


@right(2.0)
def bound10(x):
    if x > 0:
        y = [x, x * 2]
    return y[0] * y[1]


@right(2.0)
def bound11(x):
    if x > 0:

        def g(a):
            return a * x

    return g(x)


@right(2.0)
def pw1(x):
    return x**0.5


@right(2.0, 0.3)
def pw2(x, p):
    return (x * x + 1) ** p + x**p


@right(-2.0)
def pw3(x):
    return (x * x) ** 0.5 + abs(x) ** 1.5


@right(0.0)
def mth(x):
    return math.exp(x) + math.sin(x) + math.log(1 + x)


@pytest.mark.parametrize("mode", ["auto", "static", "tape"])
@pytest.mark.parametrize(("f", "args"), CASES, ids=[f.__name__ for f, _ in CASES])
def test_values_and_gradients(f: Any, args: tuple[Any, ...], mode: str) -> None:
    wrt = tuple(i for i, a in enumerate(args) if isinstance(a, (float, np.ndarray)))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        value, gradients = value_and_grad(f, wrt, mode=mode)(*copy.deepcopy(args))
        ones = tuple(np.ones_like(args[i]) if np.ndim(args[i]) else 1.0 for i in wrt)
        _, tangent = jvp(f, wrt, mode=mode)(copy.deepcopy(args), ones)
        expected = f(*copy.deepcopy(args))
        differences = [numeric(f, args, i).ravel() for i in wrt]
    np.testing.assert_allclose(flat(value), flat(expected))
    for place, gradient, difference in zip(wrt, gradients, differences, strict=True):
        assert np.shape(gradient) == np.shape(args[place])
        np.testing.assert_allclose(flat(gradient), difference, rtol=1e-4, atol=1e-5)
    if np.isfinite(expected):
        np.testing.assert_allclose(tangent, sum(map(np.sum, differences)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("mode", ["auto", "static", "tape"])
def test_nothing_to_differentiate(mode: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert value_and_grad(half, (), mode=mode)(3.0) == (1.5, ())


def half(x):
    return x / 2
