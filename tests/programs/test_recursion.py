"""Functions that call themselves: as deep as is known, else the first call runs on the tape."""

from __future__ import annotations

import warnings

import numpy as np
from examine import Given, examine
from judge import at_most

from s2s_grad import value_and_grad


def halves(v, a):
    if len(v) <= 2:
        v[0] = np.tanh(v[0] * a)
        return v[0] + v[-1]
    return halves(v[1:], a) + 0.5 * np.sin(v[0])


def until_small(a):
    return a if a < 0.01 else np.sin(a) + until_small(a * 0.5)


def parts_of_unknown_length(x, k):
    v = x[x > k] * 2.0
    return halves(v, k) * np.sum(v)


def parts_of_known_length(x, k):
    v = x * k
    return halves(v[1:], k) * np.sum(v)


def depth_from_data(x, k):
    return until_small(x[0] * k) * x[1]


def test_depth_that_is_known():
    x = np.linspace(0.3, 1.2, 5)
    assert examine(parts_of_known_length, Given((x, 0.7))).what == "ok"


def test_depth_that_is_not():
    x = np.linspace(0.3, 1.2, 6)
    for f in (parts_of_unknown_length, depth_from_data):
        assert examine(f, Given((x, 0.2))).what == "refused"
        with warnings.catch_warnings(), at_most(10):
            warnings.simplefilter("ignore")
            found = value_and_grad(f, (0, 1))(x, 0.2)[1]
        expected = value_and_grad(f, (0, 1), mode="tape")(x, 0.2)[1]
        np.testing.assert_allclose(found[0], expected[0], rtol=1e-12)
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-12)
