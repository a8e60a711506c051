"""Calls that cannot be read, identity, copies, objects and strings: right, or an error."""

# ruff: noqa: E741, SIM105

from __future__ import annotations

import heapq
import warnings
from typing import Any

import numpy as np
import pytest
from closed_programs import OTHERS, PROGRAMS
from closed_world import (
    c_functions,
    changed_containers,
    identities,
    indices,
    objects,
    texts,
)
from oracle import numeric

from s2s_grad import S2SError, value_and_grad

X = np.array([0.3, -1.2, 2.1, 0.7, -0.4])

assert c_functions
assert changed_containers
assert identities
assert indices
assert objects
assert texts


def _rebound(l):
    try:
        heapq.heapify(l)
    except TypeError:
        pass
    return 1.0


def _set(d, v):
    try:
        d["k"] = v * 2
    except KeyError:
        pass
    return v


def heap_of_a_function_on_the_tape(x):
    h = [x[0], x[1], x[2]]
    return _rebound(h) * h[0] * 2


def dict_of_a_function_on_the_tape(x):
    d = {"k": x[0]}
    v = _set(d, x[1])
    return d["k"] * v


@pytest.mark.parametrize("f", [heap_of_a_function_on_the_tape, dict_of_a_function_on_the_tape])
def test_containers_that_a_call_on_the_tape_changes(f: Any) -> None:
    _judge(f, "auto")


def _judge(f: Any, mode: str) -> None:
    expected = f(X.copy())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value, gradient = value_and_grad(f, mode=mode)(X.copy())
    np.testing.assert_allclose(float(value), float(expected), rtol=1e-10)
    np.testing.assert_allclose(gradient, numeric(f, (X.copy(),), 0)[0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_compiled(f: Any) -> None:
    _judge(f, "static")


@pytest.mark.parametrize("f", OTHERS, ids=lambda f: f.__name__)
def test_right_or_refused(f: Any) -> None:
    try:
        expected: Any = f(X.copy())
    except Exception as error:
        expected = error
    try:
        _judge(f, "static")
    except S2SError:
        return
    except Exception as error:
        if isinstance(expected, Exception) and isinstance(error, type(expected)):
            return
        raise
    assert not isinstance(expected, Exception)
