"""Matrices that are singular or have equal singular values: what is smooth there is right.

The truth is a difference quotient, also of second order.
"""

import numpy as np
import pytest

from s2s_grad import grad, hvp, jvp, vjp

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
ONE, FULL = np.eye(3), np.array([[0.7, -1.3, 0.4], [2.0, 0.1, -0.6], [-0.2, 1.1, 0.9]])
NONE, RANK_ONE = np.zeros((3, 3)), np.ones((3, 3))
WIDE, TALL = FULL[:2], np.vstack([FULL, FULL[:1] ** 2])


def index_of_values(a):
    return np.sum(np.linalg.svd(a)[1] ** 3)


def unused_vectors(a):
    _, s, _ = np.linalg.svd(a, full_matrices=False)
    return np.sum(s**2)


def unused_vectors_of_full(a):
    _, s, _ = np.linalg.svd(a)
    return np.sum(s**2)


def put_together(a):
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    return np.sum((u * s) @ vt * np.arange(a.size).reshape(a.shape))


def unused_eigenvectors(a):
    w, _ = np.linalg.eigh(a)
    return np.sum(w**3)


def stacked_determinants(a):
    return np.sum(np.linalg.det(np.stack([a, 2 * a])) ** 2)


def one_of_two_logarithms(a):
    _, logarithm = np.linalg.slogdet(np.stack([a, a + np.eye(3)]))
    return logarithm[1]


def product_of_determinants(a):
    return np.linalg.det(a) ** 2 + np.linalg.det(a @ a.T)


FIRST = {
    "values by index, equal": (index_of_values, ONE),
    "values by index, wide": (index_of_values, WIDE),
    "values by index, tall": (index_of_values, TALL),
    "values, equal": (unused_vectors, ONE),
    "values, zero": (unused_vectors, NONE),
    "values of full, equal": (unused_vectors_of_full, ONE),
    "values of full, tall": (unused_vectors_of_full, TALL),
    "eigenvalues, equal": (unused_eigenvectors, ONE),
    "eigenvalues, zero": (unused_eigenvectors, NONE),
    "put together": (put_together, TALL),
    "determinant": (np.linalg.det, FULL),
    "determinant of rank one": (np.linalg.det, RANK_ONE),
    "determinant of zeros": (np.linalg.det, NONE),
    "determinant of rank two": (np.linalg.det, FULL[:, [0, 1, 1]]),
    "stacked determinants": (stacked_determinants, RANK_ONE),
    "product of determinants": (product_of_determinants, FULL[[0, 1, 1]]),
    "one of two logarithms": (one_of_two_logarithms, RANK_ONE),
}
# The second derivative is by the vectors where values are equal.
SECOND = [name for name in FIRST if not name.endswith(("equal", "zero"))]


def first(f, x, direction, step=1e-6):
    return (f(x + step * direction) - f(x - step * direction)) / (2 * step)


def second(f, x, direction, step=1e-4):
    rows = []
    for place in np.ndindex(x.shape):
        unit = np.zeros_like(x)
        unit[place] = step
        rows.append(first(f, x + unit, direction, step) - first(f, x - unit, direction, step))
    return np.reshape(rows, x.shape) / (2 * step)


@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize("name", FIRST)
def test_first_order(name, mode):
    f, x = FIRST[name]
    direction = np.random.default_rng(0).normal(size=x.shape)
    expected = first(f, x, direction)
    np.testing.assert_allclose(np.sum(grad(f, mode=mode)(x) * direction), expected, atol=1e-7)
    np.testing.assert_allclose(jvp(f, mode=mode)((x,), (direction,))[1], expected, atol=1e-7)


@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize("name", SECOND)
def test_second_order(name, mode):
    f, x = FIRST[name]
    direction = np.random.default_rng(0).normal(size=x.shape)
    found = hvp(f, mode=mode)(x, direction)
    np.testing.assert_allclose(found, second(f, x, direction), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_the_product_of_a_zero_value_and_its_vectors_is_no_zero(mode):
    assert not np.isfinite(grad(put_together, mode=mode)(NONE)).all()


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_the_logarithm_of_a_singular_determinant_is_infinitely_steep(mode):
    matrix = np.array([[1.0, 2.0], [2.0, 4.0]])
    (sign, logarithm), pullback = vjp(np.linalg.slogdet, mode=mode)(matrix)
    assert (sign, logarithm) == (0.0, -np.inf)
    np.testing.assert_array_equal(pullback((0.0, 1.0)), [[np.inf, -np.inf], [-np.inf, np.inf]])
    np.testing.assert_array_equal(pullback((1.0, 0.0)), np.zeros((2, 2)))


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_a_third_derivative_of_a_determinant(mode):
    def along(a):
        return np.sum(hvp(np.linalg.det)(a, RANK_ONE + FULL.T) * FULL**2)

    direction = np.random.default_rng(0).normal(size=(3, 3))
    found = np.sum(grad(along, mode=mode)(FULL) * direction)
    np.testing.assert_allclose(found, first(along, FULL, direction), rtol=1e-6)
