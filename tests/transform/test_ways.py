"""Functions of NumPy with options, wrappers with ``*args`` and ``**kwargs``, defaults."""

from __future__ import annotations

import importlib.util
import sys

import numpy as np
import pytest

from s2s_grad import grad, hvp, jvp, value_and_grad, vjp
from s2s_grad.errors import ArgumentError

X = np.array([[0.3, -1.2, 2.1], [0.7, 0.4, -0.6]])


@pytest.mark.parametrize("mode", ["auto", "static", "tape"])
def test_options_by_name_and_by_place(mode):
    value, pullback = vjp(np.linalg.norm, mode=mode)(X, axis=1)
    assert value.shape == (2,)
    assert pullback(np.ones(2)).shape == X.shape
    value, gradient = value_and_grad(np.std, mode=mode)(X[0], ddof=1)
    assert value == pytest.approx(np.std(X[0], ddof=1))
    np.testing.assert_allclose(gradient, (X[0] - X[0].mean()) / (2 * value))
    value, pullback = vjp(np.sum, mode=mode)(X, 0, None, None, True)
    assert value.shape == (1, 3)
    np.testing.assert_allclose(pullback(np.ones((1, 3))), np.ones((2, 3)))
    gradient = grad(np.interp, wrt="fp", mode=mode)(0.25, np.arange(2.0), fp=np.array([1.0, 3.0]))
    np.testing.assert_allclose(gradient, [0.75, 0.25])
    value, tangent = jvp(np.sum, mode=mode)((X, 1), (X,))
    np.testing.assert_allclose(tangent, X.sum(1))


def test_options_that_do_not_exist_are_errors():
    with pytest.raises(ArgumentError, match="cannot be called"):
        grad(np.sum)(X, nonsense=1)


def test_a_module_of_the_users_called_like_numpy(tmp_path):
    path = tmp_path / "numpy_models.py"
    path.write_text(
        "import numpy as np\n\n\ndef model(x, scale=3.0, *, power=2):\n"
        "    return np.sum(x**power) * scale\n"
    )
    spec = importlib.util.spec_from_file_location("numpy_models", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["numpy_models"] = module
    try:
        spec.loader.exec_module(module)
        for mode in ("static", "tape"):
            found = grad(module.model, mode=mode)(X)
            np.testing.assert_allclose(found, 6 * X)
            found = grad(lambda x: module.model(x, power=3), mode=mode)(X)
            np.testing.assert_allclose(found, 9 * X**2)
    finally:
        del sys.modules["numpy_models"]


def product(*args, **options):
    total = options.get("k", 1.0)
    for i, arg in enumerate(args):
        total = total * arg ** (i + 1)
    return total


def first_and_rest(x, *rest, scale=2.0):
    return x * scale + sum(r * r for r in rest)


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_the_arguments_that_are_passed(mode):
    assert grad(product, mode=mode)(2.0, 3.0, k=2.0) == pytest.approx(18.0)
    assert grad(product, wrt=1, mode=mode)(2.0, 3.0, k=2.0) == pytest.approx(24.0)
    assert grad(product, wrt="k", mode=mode)(2.0, 3.0, k=2.0) == pytest.approx(18.0)
    assert grad(product, wrt=-1, mode=mode)(2.0, 3.0) == pytest.approx(12.0)
    found = grad(product, wrt=(1, "k"), mode=mode)(2.0, 3.0, k=2.0)
    assert found == pytest.approx((24.0, 18.0))
    assert grad(product, wrt="args", mode=mode)(2.0, 3.0) == pytest.approx((9.0, 12.0))
    assert grad(first_and_rest, wrt=2, mode=mode)(1.0, 2.0, 3.0) == pytest.approx(6.0)
    assert grad(first_and_rest, mode=mode)(1.0, 2.0, scale=5.0) == pytest.approx(5.0)
    assert grad(first_and_rest, wrt="scale", mode=mode)(3.0, 2.0) == pytest.approx(3.0)
    _value, pullback = vjp(product, wrt=1, mode=mode)(2.0, X)
    np.testing.assert_allclose(pullback(np.ones_like(X)), 4 * X)
    assert jvp(product, mode=mode)((2.0, 3.0), (1.0, 0.0))[1] == pytest.approx(9.0)
    assert hvp(product, wrt=1, mode=mode)(2.0, 3.0, 1.0) == pytest.approx(4.0)


def test_what_is_not_passed_is_an_error():
    for wrt in (2, "z", -3):
        with pytest.raises(ArgumentError, match="no argument that"):
            grad(product, wrt=wrt)(2.0, 3.0)


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_a_default_is_differentiated(mode):
    def f(x, y=2.0):
        return x * x * y

    assert grad(f, wrt=1, mode=mode)(3.0) == pytest.approx(9.0)
    assert grad(f, wrt=("x", "y"), mode=mode)(3.0) == pytest.approx((12.0, 9.0))
    assert vjp(f, wrt="y", mode=mode)(3.0)[1](2.0) == pytest.approx(18.0)


def test_a_derivative_of_a_derivative_of_a_wrapper():
    assert grad(grad(product, wrt=1), wrt=1)(2.0, 3.0) == pytest.approx(4.0)
