"""Zeros that selections leave in cotangents, where differences have nothing to say."""

import numpy as np
import pytest

from s2s_grad import grad, hvp

Z = np.array([0.0, 1.0, 4.0, 2.25])


def maximum_of_roots(x):
    return np.max(np.sqrt(x))


def roots_above(x):
    return np.sum(np.maximum(np.sqrt(x), 0.5))


def masked_product(x):
    return np.sum((x > 0) * np.sqrt(x))


def sum_where(x):
    return np.sum(np.sqrt(x), where=x > 0)


def masked_store(x):
    y = np.zeros_like(x)
    y[x > 0] = np.log(x[x > 0])
    return np.sum(y)


@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (maximum_of_roots, [0, 0, 0.25, 0]),
        (roots_above, [0, 0.5, 0.25, 1 / 3]),
        (masked_product, [0, 0.5, 0.25, 1 / 3]),
        (sum_where, [0, 0.5, 0.25, 1 / 3]),
        (masked_store, [0, 1, 0.25, 1 / 2.25]),
    ],
)
def test_what_is_not_selected_has_no_gradient(f, expected, mode):
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(grad(f, mode=mode)(Z), expected, rtol=1e-12)


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_a_branch_that_is_not_taken_has_no_gradient(mode):
    def root(x):
        r = np.sqrt(x)
        return r * 2 if x > 0 else 3 * x

    with np.errstate(all="ignore"):
        assert grad(root, mode=mode)(0.0) == 3.0
        assert grad(root, mode=mode)(4.0) == 0.5


def test_a_cotangent_that_happens_to_be_zero_has_a_derivative():
    def around_one(x):
        return np.sum(((np.sqrt(x) - 1) ** 2)[1:])

    with np.errstate(all="ignore"):
        np.testing.assert_allclose(hvp(around_one)(Z, np.ones(4))[1:3], [0.5, 0.0625])


def test_an_infinite_derivative_that_is_selected_stays():
    with np.errstate(all="ignore"):
        assert np.isinf(grad(lambda x: np.sqrt(x)[0])(Z)[0])


def test_nan_stays_nan():
    with np.errstate(all="ignore"):
        assert np.isnan(grad(lambda x: np.sqrt(x)[0])(np.array([np.nan, 1.0]))[0])
