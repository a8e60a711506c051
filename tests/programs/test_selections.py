"""Zeros that selections leave in cotangents, where differences have nothing to say."""

import math

import numpy as np
import pytest

from s2s_grad import grad, hvp, jvp

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


AXIS = None


@pytest.mark.parametrize("f", [lambda x: x[AXIS][0] ** 3, lambda x: x[()] ** 3])
def test_indices_without_items_are_written_out(f):
    value, tangent = jvp(f, mode="static")((np.array(0.5),), (np.array(1.0),))
    assert (value, tangent) == (0.125, 0.75)


@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [(np.inf, 0.0, (1, 0)), (0.0, np.inf, (0, 1)), (-np.inf, 1.0, (0, 1))],
)
def test_sums_of_exponentials_at_infinity(x, y, expected, mode):
    for function in (np.logaddexp, np.logaddexp2):
        with np.errstate(all="ignore"):
            found = grad(lambda x, y, f=function: f(x, y), wrt=(0, 1), mode=mode)(x, y)
        np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_equal_exponentials_share_to_second_order():
    found = hvp(lambda x: np.sum(np.logaddexp(x, 1.0)))(np.ones(2), np.ones(2))
    np.testing.assert_allclose(found, [0.25, 0.25], rtol=1e-15)


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_length_and_angle_of_nothing(mode):
    assert grad(lambda x: math.hypot(x, x) + math.atan2(x, x) + x, mode=mode)(0.0) == 1.0
