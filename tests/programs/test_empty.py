"""Parts of arrays that turn out to be empty: what NumPy computes raises nothing of ours."""

import numpy as np
import pytest

from s2s_grad import grad, hvp, jvp

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
X = np.array([1.0, 2.0, 3.0])

PROGRAMS = {
    "mean": lambda x: np.mean(x[9:]) + x[0],
    "mean as a method": lambda x: x[9:].mean() + x[0],
    "mean of an axis": lambda x: np.sum(np.mean(np.outer(x[9:], x), axis=0)) + x[0],
    "mean of all": lambda x: np.mean(np.outer(x[9:], x)) + x[0],
    "mean of an empty axis": lambda x: np.sum(np.mean(np.outer(x[9:], x), axis=1)) + x[0],
    "mean of selected": lambda x: np.mean(x[x > 9]) + x[0],
    "mean, where": lambda x: np.mean(x, where=x > 9) + x[0],
    "average": lambda x: np.average(x[9:]) + x[0],
    "variance": lambda x: np.var(x[9:]) + x[0],
    "spread": lambda x: np.std(x[9:]) + x[0],
    "median": lambda x: np.median(x[9:]) + x[0],
    "nanmean": lambda x: np.nanmean(x[9:]) + x[0],
    "nanvar": lambda x: np.nanvar(x[9:]) + x[0],
    "a quotient by the size": lambda x: np.sum(x[9:]) / np.size(x[9:]) + x[0],
    "a quotient by the length": lambda x: np.sum(x[9:] ** 2) / len(x[9:]) + x[0],
    "sum": lambda x: np.sum(x[9:]) + x[0],
    "product": lambda x: np.prod(x[9:]) * x[0],
    "length": lambda x: np.linalg.norm(x[9:]) + x[0],
    "lengths": lambda x: np.sum(np.linalg.norm(np.outer(x[9:], x), axis=0)) + x[0],
    "running sum": lambda x: np.sum(np.cumsum(x[9:])) + x[0],
    "no copies": lambda x: np.sum(np.repeat(x, 0)) + x[0],
    "copies of nothing": lambda x: np.sum(np.repeat(x[9:], 2)) + x[0],
    "determinant": lambda x: np.linalg.det(np.outer(x[9:], x[9:])) * x[0],
    "joined": lambda x: np.sum(np.concatenate([x[9:], x[:1]])),
    "padded": lambda x: np.sum(np.pad(x[9:], 2)) + x[0],
}


@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_only_what_is_there_has_a_gradient(name, mode):
    f = PROGRAMS[name]
    np.testing.assert_array_equal(grad(f, mode=mode)(X), [1.0, 0.0, 0.0])
    np.testing.assert_array_equal(hvp(f, mode=mode)(X, X), np.zeros(3))
    value, tangent = jvp(f, mode=mode)((X,), (X,))
    np.testing.assert_array_equal(value, f(X))
    assert tangent == 1.0 or (np.isnan(tangent) and np.isnan(value))


ONE_LESS = {
    "variance of one item": lambda x: np.var(x[:1], ddof=1) + x[1],
    "spread of one item": lambda x: np.std(x[:1], ddof=1) + x[1],
}


@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize("name", ONE_LESS)
def test_no_freedom_is_not_a_number(name, mode):
    np.testing.assert_array_equal(grad(ONE_LESS[name], mode=mode)(X), [np.nan, 1.0, 0.0])


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_the_largest_of_nothing_raises(mode):
    with pytest.raises(ValueError, match="zero-size array"):
        grad(lambda x: np.max(x[9:]) + x[0], mode=mode)(X)


def test_a_python_division_by_a_length_of_zero_raises():
    def f(x):
        total = 0.0
        for item in x[9:]:
            total += float(item)
        return total / len(x[9:])

    with pytest.raises(ZeroDivisionError):
        grad(f)(X)
