"""NumPy's functions of single numbers at which a derivative is infinite, and of no numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judge import judge

from s2s_grad import grad, hvp, jvp, value_and_grad, vjp

INFINITE: list[tuple[Callable[[float], Any], float, float]] = [
    (lambda k: np.log(k), np.inf, -np.inf),
    (lambda k: np.log2(k), np.inf, -np.inf),
    (lambda k: np.log10(k) * 2.0, np.inf, -np.inf),
    (lambda k: np.log1p(k - 1.0), np.inf, -np.inf),
    (lambda k: np.arctanh(k + 1.0), np.inf, np.inf),
    (lambda k: np.sqrt(k), np.inf, -np.inf),
    (lambda k: np.power(k, 0.5), np.inf, -np.inf),
    (lambda k: np.power(k, -1.0), -np.inf, np.inf),
    (lambda k: np.float_power(k, -1), -np.inf, np.inf),
    (lambda k: np.divide(1.0, k), -np.inf, np.inf),
    (lambda k: np.reciprocal(k), -np.inf, np.inf),
    (lambda k: np.where(k > 0.0, np.log(k), 0.0), 0.0, 0.0),
    (lambda k: np.nan_to_num(np.log(k)), 0.0, 0.0),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize("place", range(len(INFINITE)))
def test_numpy_divides_a_python_float_by_zero(place: int, mode: str) -> None:
    f, first, second = INFINITE[place]
    value, gradient = value_and_grad(f, mode=mode, check="off")(0.0)
    assert (value, gradient) == (f(0.0), first)
    assert type(gradient) is float
    assert grad(f, mode=mode, check="off")(0.0) == first
    assert vjp(f, mode=mode, check="off")(0.0)[1](1.0) == first
    assert jvp(f, mode=mode, check="off")((0.0,), (1.0,))[1] == first
    assert hvp(f, mode=mode, check="off")(0.0, 1.0) == second


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_python_divides_no_float_by_zero(mode: str) -> None:
    for f in (lambda k: 1.0 / k, lambda k: k**-1.0):
        with pytest.raises(ZeroDivisionError):
            grad(f, mode=mode, check="off")(0.0)


# ------------------------------------------------------------------ no items, and an initial value


def largest_of_none(x):
    return np.max(x[9:], initial=x[0]) * x[1]


def least_along_an_axis(x):
    rows = np.reshape(x, (2, 2))[5:]
    return np.sum(np.min(rows, axis=0, initial=1.5) * x[:2]) + np.sum(np.max(rows, 1, initial=0.0))


def largest_of_some(x):
    return np.max(x[:2], initial=x[3]) * x[1] + np.min(x, keepdims=True, initial=-1.0)[0]


@pytest.mark.parametrize("mode", ["auto", "static", "tape"])
@pytest.mark.parametrize("f", [largest_of_none, least_along_an_axis, largest_of_some])
def test_an_extreme_of_no_items_is_the_initial_value(f: Callable[..., Any], mode: str) -> None:
    assert judge(f, (np.array([1.0, 3.0, 2.0, 3.5]),), mode, static=True) == ""


def divided_by_a_list(x):
    return np.sum(np.divide(x, [1.0, 2.0, 4.0, 8.0])) * np.sum(np.divide([1.0, 2.0], x[:2]))


@pytest.mark.parametrize("mode", ["auto", "static", "tape"])
def test_a_division_by_a_list_of_constants(mode: str) -> None:
    assert judge(divided_by_a_list, (np.array([1.0, 3.0, 2.0, 3.5]),), mode, static=True) == ""
