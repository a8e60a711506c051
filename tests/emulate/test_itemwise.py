"""Functions that call a function of the user's, or take items one by one, on the tape."""

from __future__ import annotations

import math
import statistics
from statistics import fmean

import numpy as np
import pytest

from s2s_grad import S2SError, grad, value_and_grad

X = np.array([0.3, 1.2, -0.7, 2.1, 0.9, 1.6])


@np.vectorize
def bent(v):
    return v * v if v > 0 else -v / 1.0


class Bending:
    bend = np.vectorize(lambda v: v**3)

    def total(self, x):
        return np.sum(self.bend(x))


def enumerated(x):
    return sum(v * v * (i + 2 * j) for (i, j), v in np.ndenumerate(x.reshape(2, 3)))


def in_order_of_memory(x):
    return sum(i * v**2 for i, v in enumerate(np.nditer(x.reshape(2, 3).T)))


def ordered(x):
    y = x * 1.0
    y.partition(2)
    return y[2] * y[0]


def with_defaults(x):
    return np.sum(np.piecewise(x, [x > 1, x > 0], [lambda v: v**2, 3.0, lambda v: -v]) * x)


def by_one_mask(x):
    return np.sum(np.piecewise(x, x > 1, [lambda v, k: v**k], 3))


def rows(x):
    return np.sum(np.apply_along_axis(lambda r: r * r[0], 0, x.reshape(2, 3)) ** 2)


def numbers(x):
    return np.prod(np.apply_along_axis(lambda r: r @ r, 1, x.reshape(2, 3)))


def flat(x):
    return np.sum(x.reshape(2, 3).flatten("F") * np.arange(6))


PROGRAMS = {
    "fsum": lambda x: math.fsum(v * v for v in x),
    "prod": lambda x: math.prod(x) * math.prod([x[0], 2], start=x[1]),
    "hypot": lambda x: math.hypot(*x) + math.hypot(x[0], x[1]),
    "dist": lambda x: math.dist(x[:3], [x[3], 1.0, x[5]]),
    "mean": lambda x: statistics.mean(x) * statistics.median(list(x)),
    "spread": lambda x: statistics.stdev(x) * statistics.pvariance(x),
    "by name": lambda x: fmean(x) ** 2,
    "vectorize": lambda x: np.sum(np.vectorize(lambda v, k: v**2 if v > k else v)(x, 1.0)),
    "decorated": lambda x: np.sum(bent(x) ** 2),
    "an attribute": lambda x: Bending().total(x),
    "fromiter": lambda x: np.sum(np.fromiter((v * v for v in x), float) * np.arange(6)),
    "resize": lambda x: np.sum(np.resize(x, (2, 4)) ** 3),
    "ndenumerate": enumerated,
    "nditer": in_order_of_memory,
    "partition": ordered,
    "piecewise": with_defaults,
    "one mask": by_one_mask,
    "apply_along_axis": rows,
    "to numbers": numbers,
    "flatten": flat,
    "closures": lambda x: np.sum(np.vectorize(lambda v: v * x[0])(np.arange(3.0))),
    "pieces": lambda x: np.sum(np.piecewise(np.arange(3.0), [[1, 0, 1]], [lambda v: v * x[3]])),
    "along": lambda x: np.sum(np.apply_along_axis(lambda v: v * x[3], 0, np.eye(2))),
    "several": lambda x: np.prod(np.vectorize(lambda v: (v * v, 2 * v))(x[:2])),
    "floats of Python": lambda x: np.sum(
        np.vectorize(lambda v: v**2 if type(v) is float else 0.0, otypes=[float])(x)
    ),
    "dtype of the first": lambda x: np.sum(np.vectorize(lambda v: v if v > 1 else 0)(x) * x),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_are_those_of_differences(name):
    f = PROGRAMS[name]
    value, gradient = value_and_grad(f, mode="tape")(X.copy())
    assert value == pytest.approx(f(X.copy()), rel=1e-14)
    rows = 1e-6 * np.eye(6)
    expected = [(f(X + row) - f(X - row)) / 2e-6 for row in rows]
    np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: statistics.stdev(x[:1]),
        lambda x: math.dist(x[:2], x[:3]),
        lambda x: np.sum(np.piecewise(x, [x > 0], [1.0, 2.0, 3.0])),
        lambda x: np.sum(np.apply_along_axis(np.sum, 2, x)),
    ],
)
def test_errors_are_those_of_the_functions(f):
    with pytest.raises(Exception) as expected:  # noqa: PT011 - its class is what is compared
        f(X)
    with pytest.raises(expected.type):
        grad(f, mode="tape")(X)


def test_constants_go_through_as_they_are():
    def f(x):
        weights = np.vectorize(math.sqrt)([1.0, 4.0])
        return x * math.prod([2, 3]) * statistics.mean([1, 2]) + x * np.sum(weights)

    assert f(2.0) == 24.0
    assert grad(f, mode="tape")(2.0) == 12.0


@pytest.mark.parametrize("change", [np.asfortranarray, lambda x: x[::-1], lambda x: x[:, ::-1].T])
def test_items_in_the_order_of_memory(change):
    def f(x):
        total = 0.0
        for i, v in enumerate(np.nditer(x)):
            total = total + i * v
        return total

    x = change(X.reshape(2, 3))
    expected = np.zeros(x.shape)
    order = np.nditer(x, flags=["multi_index"])
    for i, _ in enumerate(order):
        expected[order.multi_index] = i
    np.testing.assert_array_equal(grad(f, mode="tape")(x), expected)
    if not x.flags.c_contiguous:
        with pytest.raises(S2SError, match="not contiguous"):
            grad(f, mode="static")(x)
