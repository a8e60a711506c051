"""A gradient is what its argument is: a float, a number of NumPy's or an array without axes."""

import numpy as np
import pytest

from s2s_grad import grad, hvp, value_and_grad, vjp

POINTS = [
    2.0,
    np.float64(2),
    np.array(2.0),
    np.float32(2),
    np.array(2.0, np.float32),
]


def cube(x):
    return x**3


def of_parts(p):
    return p["a"] ** 3 * p["b"][0]


def kind(value):
    if isinstance(value, dict):
        return {key: kind(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(map(kind, value))
    return type(value), getattr(value, "dtype", None)


@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize("first", POINTS, ids=repr)
def test_numbers(first, mode):
    """Whatever the derivative was called with before."""
    gradient, product, both = (t(cube, mode=mode) for t in (grad, hvp, value_and_grad))
    for point in (first, *POINTS):
        _, pullback = vjp(cube, mode=mode)(point)
        found = [gradient(point), both(point)[1], pullback(1.0), product(point, point)]
        assert found == [12, 12, 12, 24]
        assert [kind(value) for value in found] == [kind(point)] * 4


@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize("a", POINTS, ids=repr)
@pytest.mark.parametrize("b", POINTS, ids=repr)
def test_containers(a, b, mode):
    point = {"a": a, "b": (b,)}
    _, pullback = vjp(of_parts, mode=mode)(point)
    found = [
        grad(of_parts, mode=mode)(point),
        pullback(1.0),
        hvp(of_parts, mode=mode)(point, point),
    ]
    assert [kind(value) for value in found] == [kind(point)] * 3


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_several_arguments(mode):
    found = grad(lambda x, y: x * y, wrt=(0, 1), mode=mode)(np.array(2.0), 3.0)
    assert kind(found) == kind((np.array(3.0), 2.0))
    found = hvp(lambda x, y: x * y, wrt=(0, 1), mode=mode)(2.0, np.array(3.0), (1.0, np.array(1.0)))
    assert kind(found) == kind((1.0, np.array(1.0)))
