"""Methods of arrays are the functions of the same name, with the array in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from s2s_grad import value_and_grad

X = np.array([[0.6, -1.6, 2.0], [1.25, 0.75, -0.25], [3.0, -2.0, 1.0]])
KEPT = np.array([True, False, True])
PLACES = np.array([2, 0, 2])

METHODS: dict[str, Callable[[Any], Any]] = {
    "astype": lambda x: x.astype(np.float64),
    "clip": lambda x: x.clip(-1.1, 1.1),
    "compress": lambda x: x.compress(KEPT, axis=1),
    "compress flat": lambda x: x.compress(KEPT),
    "conj": lambda x: x.conj(),
    "copy": lambda x: x.copy(),
    "cumprod": lambda x: x.cumprod(axis=0),
    "cumsum": lambda x: x.cumsum(1),
    "diagonal": lambda x: x.diagonal(1),
    "dot": lambda x: x.dot(x),
    "flatten": lambda x: x.flatten(),
    "item": lambda x: x.item(1, 2),
    "max": lambda x: x.max(axis=0),
    "mean": lambda x: x.mean(axis=1, keepdims=True),
    "min": lambda x: x.min(),
    "prod": lambda x: x.prod(axis=1),
    "ravel": lambda x: x.ravel(),
    "repeat": lambda x: x.repeat(2, axis=1),
    "reshape": lambda x: x.reshape(9),
    "reshape by sizes": lambda x: x.reshape(1, 9),
    "round": lambda x: x.round() * x,
    "squeeze": lambda x: x.reshape(1, 9).squeeze(),
    "std": lambda x: x.std(axis=0),
    "sum": lambda x: x.sum(axis=(0, 1)),
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "take": lambda x: x.take(PLACES, axis=0),
    "trace": lambda x: x.trace(),
    "transpose": lambda x: x.transpose(1, 0),
    "var": lambda x: x.var(ddof=1),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "real": lambda x: x.real,
    "operators": lambda x: -x + 2 * x - x / 4 + x**2 @ x,
    "argmax": lambda x: x[x.argmax(axis=0), PLACES],
    "argsort": lambda x: x[0][x[0].argsort()],
    "all and any": lambda x: x * float((x > 0).any()) + float((x > 0).all()),
}


@pytest.mark.parametrize("name", METHODS)
def test_value_and_gradient(name: str) -> None:
    method = METHODS[name]

    def total(x: Any) -> Any:
        return np.sum(np.sin(method(x)))

    value, gradient = value_and_grad(total, mode="static")(X)
    np.testing.assert_allclose(value, total(X), rtol=1e-15)
    numeric = np.zeros_like(X)
    for index in np.ndindex(X.shape):
        step = np.zeros_like(X)
        step[index] = 1e-6
        numeric[index] = (total(X + step) - total(X - step)) / 2e-6
    np.testing.assert_allclose(gradient, numeric, rtol=1e-7, atol=1e-8)
