"""Calls that cannot be compiled and change what is read outside: the whole function is recorded."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from s2s_grad import value_and_grad
from s2s_grad.errors import FallbackWarning

LOG: list[float] = []


class Counter:
    calls = 0.0


def appends(v):
    LOG.append(1.0)
    try:
        return v * len(LOG)
    finally:
        pass


def sets_an_attribute(v):
    Counter.calls = Counter.calls + 1.0
    try:
        return v * 2.0
    finally:
        pass


def length_of_a_list(x, k):
    return np.sum(appends(x)) * k * len(LOG)


def attribute_of_a_class(x, k):
    return np.sum(sets_an_attribute(x)) * k * Counter.calls


@pytest.mark.parametrize("f", [length_of_a_list, attribute_of_a_class])
def test_the_function_runs_on_the_tape(f):
    x = np.array([0.9, 1.03, 1.18])
    LOG.clear()
    Counter.calls = 0.0
    expected = f(x, 0.7)
    LOG.clear()
    Counter.calls = 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        value, (by_x, by_k) = value_and_grad(f, (0, 1), check="off")(x, 0.7)
    assert (len(LOG), Counter.calls) in [(1, 0.0), (0, 1.0)]
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    np.testing.assert_allclose(by_x, np.full(3, expected / np.sum(x)), rtol=1e-12)
    np.testing.assert_allclose(by_k, expected / 0.7, rtol=1e-12)
