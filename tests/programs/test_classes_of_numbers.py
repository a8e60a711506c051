"""What a number is when the program runs: a float on one path and an int on another."""

from __future__ import annotations

import functools
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judge import judge

from s2s_grad import jvp, value_and_grad

MODES = ("auto", "static", "tape")


def of_a_minimum(k):
    return k * 2 if type(min(k, 1)) is float else k * 3


def of_a_maximum(k):
    return k * 2 if isinstance(max(1, k), int) else k * 3


def of_a_branch(k):
    y = k if k < 1 else 1
    return k * 2 if isinstance(y, float) else k * 3


def of_a_loop(k):
    y = k
    for _ in range(3):
        if y > 1.0:
            y = 1
    return k * 2 if isinstance(y, float) else k * 3


def of_a_whole_quotient(k):
    y = max(k, 1) // 1
    return k * 2 if isinstance(y, float) else k * 3


def of_an_absolute_value(k):
    return k * 2 if isinstance(abs(-1 if k < 1 else k), float) else k * 3


def of_an_item(k):
    y = [k, 1] if k > 1 else [1, k]
    return k * 2 if isinstance(y[0], int) else k * 3


def of_a_list(k):
    y = []
    for i in range(3):
        y.append(k if i == 1 else i)
    return sum(k * 2 if isinstance(v, int) else k * 3 for v in y)


def of_a_dict(k):
    d = {"a": 1}
    if k > 1:
        d["a"] = k
    return k * 2 if isinstance(d["a"], int) else k * 3


def of_a_bool(k):
    y = True if k > 1 else 1
    return k * 2 if type(y) is bool else k * 3


def of_numpy_or_python(k):
    y = np.float64(3.0) * k if k > 1 else k
    return k * 2 if type(y) is float else k * 3


def of_an_array_or_a_number(k):
    y = np.array([3.0]) * k if k > 1 else k
    return k * 2 if isinstance(y, np.ndarray) else k * 3


def in_a_match(k):
    match min(k, 1):
        case float():
            return k * 2
        case int():
            return k * 3


def by_several_classes(k):
    y = min(k, 1)
    integral = isinstance(y, numbers.Integral)
    return k * (2 if integral else 3) * (5 if isinstance(y, (int, float)) else 7)


def of_a_power(k):
    return k * 2 if isinstance(2 ** (-1 if k > 1 else 2), float) else k * 3


def in_a_helper(k):
    def g(v):
        return v * 2 if isinstance(v, float) else v * 3

    return g(min(k, 1)) * k


FUNCTIONS = [
    of_a_minimum, of_a_maximum, of_a_branch, of_a_loop, of_a_whole_quotient, of_an_item, of_a_list,
    of_a_dict, of_a_bool, of_an_absolute_value, of_numpy_or_python, of_an_array_or_a_number,
    in_a_match, by_several_classes, of_a_power, in_a_helper,
]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("f", FUNCTIONS)
def test_the_class_is_that_of_the_value(f: Callable[..., Any], mode: str) -> None:
    for k in (2.0, 0.5):
        assert judge(f, (k,), mode, static=True) == ""
        assert type(value_and_grad(f, mode=mode)(k)[0]) is float


# ------------------------------------------------------------------ objects that are called


class Square:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, v, w=1.0):
        return v * v * self.factor + w


def mapped(k):
    return sum(map(Square(k), [k, 2 * k]))


def key_of_an_order(k):
    return sorted([k, -2 * k], key=Square(k))[0] * max([k, -2 * k], key=Square(-k))


def reduced(k):
    return functools.reduce(Square(k), [k, 2 * k, k])


def partly_applied(k):
    return functools.partial(Square(k), k)(2 * k)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("f", [mapped, key_of_an_order, reduced, partly_applied])
def test_an_object_stands_for_a_function(f: Callable[..., Any], mode: str) -> None:
    assert judge(f, (1.5,), mode, static=True) == ""


# ------------------------------------------------------------------ results of several parts


@pytest.mark.skipif(not hasattr(np, "unstack"), reason="NumPy 2.1")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_parts_of_an_array_are_a_tuple(mode: str, axis: int) -> None:
    x = np.arange(6.0).reshape(2, 3)
    value, tangent = jvp(lambda x: np.unstack(x, axis=axis), mode=mode)((x,), (2 * x,))
    expected = np.unstack(x, axis=axis)
    assert type(value) is tuple
    assert type(tangent) is tuple
    np.testing.assert_array_equal(value, expected)
    np.testing.assert_array_equal(tangent, 2 * np.array(expected))
