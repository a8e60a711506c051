"""What raises in NumPy and Python raises an error of that class on the tape."""

from __future__ import annotations

import numpy as np
import pytest

from s2s_grad import grad

X = np.array([1.0, 2.0, 3.0])


def put_outside(x):
    y = x * 1.0
    np.put(y, [9], x[0])
    return np.sum(y)


def put_before(x):
    y = x * 1.0
    np.put(y, [-7], x[0])
    return np.sum(y)


def place_by_a_short_mask(x):
    y = x * 1.0
    np.place(y, [True, False], x[:2])
    return np.sum(y)


def place_by_a_long_mask(x):
    y = x * 1.0
    np.place(y, np.ones(4, bool), x)
    return np.sum(y)


def place_nothing(x):
    y = x * 1.0
    np.place(y, [True, False, False], x[:0])
    return np.sum(y)


def putmask_by_a_short_mask(x):
    y = x * 1.0
    np.putmask(y, [True, False], x)
    return np.sum(y)


def add_to_integers(x):
    y = np.arange(3)
    y += x
    return np.sum(y * x)


def scale_integers(x):
    y = np.arange(3)
    y *= x[0]
    return np.sum(y * x)


def add_into_integers(x):
    y = np.arange(3)
    np.add(x, 1.0, out=y)
    return np.sum(y * x)


def write_to_a_number(x):
    total = np.sum(x)
    int(total)
    total[0] = 1.0
    return total


def write_to_a_float(x):
    total = float(np.sum(x))
    total[0] = 1.0
    return total


def reduce_by_an_axis_that_is_not_there(x):
    return np.logaddexp.reduce(x, axis=1)


def fill_the_diagonal_of_a_vector(x):
    y = x * 1.0
    np.fill_diagonal(y, x[0])
    return np.sum(y)


PROGRAMS = [
    fill_the_diagonal_of_a_vector,
    put_outside, put_before, place_by_a_short_mask, place_by_a_long_mask, place_nothing,
    putmask_by_a_short_mask, add_to_integers, scale_integers, add_into_integers,
    write_to_a_number, write_to_a_float, reduce_by_an_axis_that_is_not_there,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_the_error_is_of_the_same_class(program):
    with pytest.raises(Exception) as expected:  # noqa: PT011 - its class is what is compared
        program(X.copy())
    with pytest.raises(expected.type):
        grad(program, mode="tape")(X.copy())


def test_a_number_stays_one_when_it_was_asked_for_its_value():
    def f(x):
        total = np.sum(x)
        before = total
        int(total)
        total += 1.0  # gives a new number: `before` is what it was
        return before**2 + total

    np.testing.assert_array_equal(grad(f, mode="tape")(X.copy()), 2 * X.sum() + 1)


def test_putting_nothing():
    def f(x):
        y = x * 2.0
        np.put(y, [0, 1], x[:0])
        return np.sum(y)

    np.testing.assert_array_equal(grad(f, mode="tape")(X.copy()), [2.0, 2.0, 2.0])


@pytest.mark.parametrize(
    ("shape", "count", "wrap"), [((3, 2), 1, False), ((3, 2), 2, False), ((6, 1), 3, True),
                                 ((1, 6), 1, False)],
)  # fmt: skip
def test_diagonals_of_several_values(shape, count, wrap):
    def f(x):
        y = x.reshape(shape) * 1.0
        np.fill_diagonal(y, x[:count] if count > 1 else x[0], wrap)
        return np.sum(y**2)

    x = np.arange(1.0, 7.0)
    expected = [(f(x + row) - f(x - row)) / 2e-6 for row in 1e-6 * np.eye(6)]
    np.testing.assert_allclose(grad(f, mode="tape")(x), expected, rtol=1e-6)
