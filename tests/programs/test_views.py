"""Programs that write to an array while other names show parts of it.

A program whose views are only known when it runs may be refused; its value may never be wrong.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from oracle import check

from s2s_grad import grad
from s2s_grad.errors import UnsupportedSyntax

# ------------------------------------------------------------------ arrays without axes


def view_of_an_item_that_was_replaced(x, k):
    z = np.full((), k)
    z[...] = k
    v = np.atleast_1d(z)
    z[...] = x[0] * k
    return np.sum(v * v)


def written_through_a_view_of_an_item_that_was_replaced(x, k):
    z = np.full((), k)
    z[...] = k
    v = z.reshape(-1)
    v[0] = x[0] * k
    return z * z


def written_in_a_loop_below_a_view(x, k):
    z = np.full((), k)
    z[...] = k
    v = np.squeeze(z)
    for i in range(2):
        z *= x[i]
    return v * z


def reshaped_from_another_order(x, k):
    m = np.asfortranarray(np.outer(x, x))
    v = m.reshape(-1)
    m *= k
    return np.sum(v)


# What decides whether these are views is known for small arrays alone.
OF_SIZES = [reshaped_from_another_order]

PROGRAMS = [
    f
    for name, f in list(globals().items())
    if inspect.isfunction(f) and list(inspect.signature(f).parameters) == ["x", "k"]
]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_views(f: Any) -> None:
    check(f, (np.random.default_rng(0).normal(size=6), 0.7), (0, 1), tape=False)


@pytest.mark.parametrize("f", OF_SIZES, ids=lambda f: f.__name__)
def test_views_that_are_refused_of_large_arrays(f: Any) -> None:
    with pytest.raises(UnsupportedSyntax, match="may share memory"):
        grad(f, mode="static")(np.arange(60.0), 0.7)
