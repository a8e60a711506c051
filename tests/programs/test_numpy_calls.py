"""NumPy calls that published programs make: grids, counts, windows, functions of functions."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from oracle import check

from s2s_grad import vjp
from s2s_grad.errors import UnsupportedSyntax

OF = np.array([2, 0, 2])


def weights_by_place(x, k):
    return np.sum(np.bincount(OF, weights=x * k, minlength=4) ** 2)


def weights_in_bins(x, k):
    sums, edges = np.histogram(x, 2, weights=k * x**2)
    return np.sum(sums**2) + edges[1]


def steps_that_move(x, k):
    return np.sum(np.arange(k, 3.0, x[0] * k / 3) ** 2)


def only_a_stop(x, k):
    return np.sum(np.arange(4 * k) * x[0])


def size_of_an_item(x, k):
    total = 0.0
    for n in np.arange(3, 0, -1):
        total += np.sum(k ** np.arange(n, -1, -1) * x[n - 1] ** np.arange(0, n + 1))
    return total


def sizes_that_may_be_one(x, k):
    values = x * k
    for n in np.arange(2, -1, -1):
        values = np.maximum(values[:-1], np.ones(n) * k) if n else values
    return np.sum(values)


def frequencies(x, k):
    return np.sum(np.fft.fftfreq(6, d=k) ** 2) * x[0] + np.sum(np.fft.rfftfreq(6, k) * k**3)


def grid_with_its_step(x, k):
    grid, step = np.linspace(0, k, 7, retstep=True, dtype=float)
    return np.sum(grid**2) * step * x[0]


def powers_in_a_grid(x, k):
    return np.sum(np.logspace(0, k, 4) ** 2) + np.sum(np.geomspace(0.1, x[0] ** 2 + 1, 4) ** 3)


def windows(x, k):
    return np.sum(sliding_window_view(np.concatenate((x, x * k)), 3).max(axis=-1) ** 2)


def windows_see_writes(x, k):
    y = np.concatenate((x, x * k))
    parts = sliding_window_view(y, 2)
    y[1] = k * k
    return np.sum(parts**3)


def windows_kept(x, k):
    y = x * k
    kept = sliding_window_view(y, 2)
    total = np.sum(kept**2)
    y[0] = k
    return total + np.sum(y**2)


def of_coordinates(x, k):
    return np.sum(np.fromfunction(lambda i, j: (x[0] * i + k * j) ** 2, (3, 4)))


def pieces(x, k):
    shape = [lambda t: k * t, lambda t: t**3]
    return np.sum(np.piecewise(x, [x < 0.1], shape)) + np.sum(np.piecewise(x, [x > k], [k**2]))


def joined_by_subscripts(x, k):
    columns = np.c_[x, k * x]
    return np.sum(np.r_[x, k, 0:3, k * x[::-1]] ** 2) + np.sum(columns[:, 1] ** 3)


def number_before_a_vector(x, k):
    return np.sum(np.hstack((k, x)) ** 2 * np.arange(4.0))


def items_with_their_places(x, k):
    a = np.outer(x, x)
    total = 0.0
    for (i, j), item in np.ndenumerate(a):
        total += item**2 * (i - k * j)
    for place in np.ndindex(3, 3):
        total += a[place] * k
    for item in np.nditer(x):
        total = total * 0.5 + item
    return total


def parts_of_numbers(x, k):
    fraction, whole = np.modf(3 * x)
    quotient, rest = np.divmod(x, 0.3)
    return np.sum(fraction**2) + np.sum(whole * k) + np.sum(quotient * rest * k)


def fitted_line(x, k):
    return np.sum(np.polyfit(np.array([0.0, 1.0, 3.0]), x**2, 1) ** 2) * k


def free_nodes(x, k):
    a = np.outer(x, x) + np.eye(3) * (1 + k**2)
    free = np.setdiff1d(np.arange(3), [1])
    u = np.zeros(3)
    u[free] = np.linalg.solve(a[np.ix_(free, free)], x[free])
    return u @ x


def seed(x, k):
    np.random.seed(3)
    seed = np.random.rand(3) * k
    return np.sum(seed * x)


def seeded_state(x, k):
    rng = np.random.RandomState(5)
    return np.sum(rng.rand(3) * x * k)


PROGRAMS = [
    f
    for name, f in list(globals().items())
    if inspect.isfunction(f) and list(inspect.signature(f).parameters)[:2] == ["x", "k"]
]
# NumPy makes plain arrays of a tensor here.
COMPILED_ONLY = {
    steps_that_move, only_a_stop, grid_with_its_step, pieces, joined_by_subscripts,
    items_with_their_places, parts_of_numbers, windows_see_writes,
}  # fmt: skip


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_numpy_call(f: Any) -> None:
    for number in range(2):
        random = np.random.default_rng(number)
        args = random.normal(size=3), float(random.uniform(0.4, 0.9))
        check(f, args, (0, 1), tape=f not in COMPILED_ONLY)


def test_a_function_that_writes_is_compiled_inside_of_another_one():
    x = np.array([0.5, -1.0, 2.0])
    given = (x, [x > 0], [np.square, 0.5])
    with pytest.raises(UnsupportedSyntax, match="a function that writes is differentiated by"):
        vjp(np.piecewise, 0, mode="static")(*given)
    _, pullback = vjp(lambda *args: np.piecewise(*args), 0, mode="static")(*given)
    np.testing.assert_allclose(pullback(np.ones(3)), [1.0, 0.0, 4.0])
