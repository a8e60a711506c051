"""What can be differentiated, with respect to what, and what comes back."""

from __future__ import annotations

import functools
import math
from typing import Any

import api_functions as functions
import numpy as np
import pytest

from s2s_grad import ArgumentError, grad, hvp, jvp, value_and_grad, vjp

W, B = np.array([0.5, -1.0]), 0.25
X = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 0.5]])
RESIDUAL = X @ W + B
DW, DB = 2 * X.T @ RESIDUAL, 2 * np.sum(RESIDUAL)
DX = 2 * np.outer(RESIDUAL, W)


# ------------------------------------------------------------------------------------------- wrt


@pytest.mark.parametrize("wrt", [0, "w", -3])
def test_one_parameter(wrt: Any) -> None:
    np.testing.assert_allclose(grad(functions.loss, wrt)(W, B, X), DW, rtol=1e-14)


@pytest.mark.parametrize("wrt", [(0, 1), ("w", "b"), [0, 1], (0, "b")])
def test_several_parameters(wrt: Any) -> None:
    found = grad(functions.loss, wrt)(W, B, X)
    assert isinstance(found, tuple)
    np.testing.assert_allclose(found[0], DW, rtol=1e-14)
    np.testing.assert_allclose(found[1], DB, rtol=1e-14)


def test_a_tuple_of_one_gives_a_tuple() -> None:
    (found,) = grad(functions.loss, ("x",))(W, B, X)
    np.testing.assert_allclose(found, DX, rtol=1e-14)


def test_the_order_is_the_order_asked_for() -> None:
    db, dw = grad(functions.loss, ("b", "w"))(W, B, X)
    np.testing.assert_allclose(dw, DW, rtol=1e-14)
    np.testing.assert_allclose(db, DB, rtol=1e-14)


@pytest.mark.parametrize("wrt", [3, "v", -4])
def test_no_such_parameter(wrt: Any) -> None:
    with pytest.raises(ArgumentError, match="its parameters are w, b, x"):
        grad(functions.loss, wrt)


def test_arguments_by_name() -> None:
    np.testing.assert_allclose(grad(functions.loss, "b")(x=X, b=B, w=W), DB, rtol=1e-14)


def test_options_keep_their_defaults() -> None:
    assert grad(functions.slope)(2.0) == 12.0
    assert grad(functions.slope)(2.0, 2) == 4.0
    assert grad(functions.slope)(2.0, n=4) == 32.0


# ------------------------------------------------------------------------------------ containers


def test_a_gradient_has_the_structure_of_its_argument() -> None:
    params = {"pair": (np.ones(2), [2.0, np.arange(3.0)]), "more": [np.zeros(2), 1.5]}
    found = grad(functions.of_containers)(params, np.array([3.0, 4.0]))
    assert list(found) == ["pair", "more"]
    assert isinstance(found["pair"], tuple)
    assert isinstance(found["pair"][1], list)
    np.testing.assert_array_equal(found["pair"][0], [3.0, 4.0])
    assert found["pair"][1][0] == 3.0
    np.testing.assert_array_equal(found["pair"][1][1], [2.0, 2.0, 2.0])
    np.testing.assert_array_equal(found["more"][0], [0.0, 0.0])
    assert found["more"][1] == 3.0


def test_named_tuples_and_dataclasses() -> None:
    layer = functions.Layer(np.array([0.1, 0.2]), 0.3)
    model = functions.Model(layer, 2.0)
    found = grad(functions.model_loss)(model, X)
    assert type(found) is functions.Model
    assert type(found.first) is functions.Layer
    hidden = np.tanh(X @ layer.weights + layer.bias)
    np.testing.assert_allclose(found.scale, np.sum(hidden), rtol=1e-14)
    np.testing.assert_allclose(found.first.weights, 2.0 * X.T @ (1 - hidden**2), rtol=1e-12)
    np.testing.assert_allclose(found.first.bias, 2.0 * np.sum(1 - hidden**2), rtol=1e-12)


# ------------------------------------------------------------------------------ kinds of callables


def test_ufuncs_and_numpy_functions() -> None:
    assert grad(np.sin)(0.0) == 1.0
    np.testing.assert_array_equal(grad(np.multiply, (0, 1))(3.0, 4.0), (4.0, 3.0))
    np.testing.assert_array_equal(grad(np.sum)(np.arange(3.0)), np.ones(3))
    assert grad(math.exp)(0.0) == 1.0


def test_lambdas_on_one_line() -> None:
    square, cube = functions.PAIR
    assert grad(square)(3.0) == 6.0
    assert grad(cube)(3.0) == 27.0


def test_partial_functions() -> None:
    bound = functools.partial(functions.loss, W, x=X)
    np.testing.assert_allclose(grad(bound, "b")(b=B), DB, rtol=1e-14)
    fixed = functools.partial(functions.slope, n=2)
    assert grad(fixed)(3.0) == 6.0


def test_methods_and_objects() -> None:
    scaled = functions.Scaled(3.0)
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(grad(scaled.total)(x), 6 * x)
    np.testing.assert_array_equal(grad(scaled)(x), 9 * x**2)
    np.testing.assert_array_equal(grad(functions.Scaled.cubes)(x), 3 * x**2)
    np.testing.assert_array_equal(grad(functions.Scaled.doubled)(x), [2.0, 2.0])
    np.testing.assert_array_equal(grad(functions.Scaled.total, wrt="x")(scaled, x), 6 * x)


def test_decorators() -> None:
    np.testing.assert_array_equal(functions.decorated(np.array([1.0, 2.0])), [3.0, 12.0])
    assert functions.decorated.primal(np.array([1.0, 2.0])) == 9.0
    assert functions.decorated.__name__ == "decorated"
    np.testing.assert_array_equal(
        functions.decorated_with_arguments(np.array([1.0, 2.0]), np.array([3.0, 4.0])), [6.0, 16.0]
    )


# --------------------------------------------------------------------------------------- results


def test_has_aux() -> None:
    x = np.array([0.0, 1.0])
    found, aux = grad(functions.with_aux, has_aux=True)(x)
    np.testing.assert_allclose(found, np.cos(x), rtol=1e-15)
    np.testing.assert_allclose(aux["y"], np.sin(x), rtol=1e-15)
    assert aux["count"] == 2
    (value, aux), found = value_and_grad(functions.with_aux, has_aux=True)(x)
    assert value == np.sum(np.sin(x))
    assert aux["count"] == 2
    np.testing.assert_allclose(found, np.cos(x), rtol=1e-15)


@pytest.mark.filterwarnings("ignore::s2s_grad.ZeroGradientWarning")
def test_what_is_not_used_has_a_gradient_of_zero() -> None:
    dx, dy = grad(functions.unused, ("x", "y"))(np.ones(2), np.ones((2, 3), np.float32))
    np.testing.assert_array_equal(dx, [2.0, 2.0])
    assert dy.shape == (2, 3)
    assert dy.dtype == np.float32
    assert not dy.any()


def test_float32_in_float32_out() -> None:
    w, x = W.astype(np.float32), X.astype(np.float32)
    dw, dx = grad(functions.loss, ("w", "x"))(w, np.float32(B), x)
    assert dw.dtype == dx.dtype == np.float32
    np.testing.assert_allclose(dw, DW, rtol=1e-5)


def test_gradients_have_the_dtype_of_their_own_argument() -> None:
    dw, dx = grad(functions.loss, ("w", "x"))(W.astype(np.float32), B, X)
    assert dw.dtype == np.float32
    assert dx.dtype == np.float64


def test_arguments_are_left_alone() -> None:
    w, x = W.copy(), X.copy()
    found = grad(functions.loss, ("w", "x"))(w, B, x)
    found[0][:] = 7.0
    np.testing.assert_array_equal(w, W)
    np.testing.assert_array_equal(x, X)


def test_the_other_transforms() -> None:
    value, pullback = vjp(functions.loss, ("w", "b"))(W, B, X)
    assert value == functions.loss(W, B, X)
    np.testing.assert_allclose(pullback(2.0)[0], 2 * DW, rtol=1e-14)
    np.testing.assert_allclose(pullback(1.0)[1], DB, rtol=1e-14)
    value, tangent = jvp(functions.loss, "w")((W, B, X), (np.array([1.0, 0.0]),))
    np.testing.assert_allclose(tangent, DW[0], rtol=1e-14)
    product = hvp(functions.loss)(W, B, X, np.array([1.0, 2.0]))
    np.testing.assert_allclose(product, 2 * X.T @ X @ np.array([1.0, 2.0]), rtol=1e-14)


def test_derivatives_of_derivatives() -> None:
    assert grad(grad(functions.slope))(2.0) == 12.0
    assert grad(grad(grad(functions.slope)))(2.0) == 6.0
    assert jvp(grad(functions.slope))((2.0,), (1.0,))[1] == 12.0
