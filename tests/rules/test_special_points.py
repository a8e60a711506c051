"""The derivative at points where there is none, or where a formula would divide by zero.

The expected values are those of PyTorch 2.13, measured when this table was written. The rows under
`OWN` differ on purpose: each says why.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from s2s_grad import hvp, vjp

INF, NAN = np.inf, np.nan


def relu_of_safe_log(x: Any) -> Any:
    return np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), 0.0)


# name: (function, point, gradient of the sum of the result by each argument)
TORCH: dict[str, tuple[Any, tuple[Any, ...], tuple[Any, ...]]] = {
    "abs": (np.absolute, (0.0,), (0.0,)),
    "fabs": (np.fabs, (0.0,), (0.0,)),
    "sqrt": (np.sqrt, (0.0,), (INF,)),
    "log": (np.log, (0.0,), (INF,)),
    "log2": (np.log2, (0.0,), (INF,)),
    "log10": (np.log10, (0.0,), (INF,)),
    "log1p": (np.log1p, (-1.0,), (INF,)),
    "arcsin": (np.arcsin, (1.0,), (INF,)),
    "arccos": (np.arccos, (1.0,), (-INF,)),
    "arccosh": (np.arccosh, (1.0,), (INF,)),
    "arctanh": (np.arctanh, (1.0,), (INF,)),
    "reciprocal": (np.reciprocal, (0.0,), (-INF,)),
    "sign": (np.sign, (0.0,), (0.0,)),
    "floor": (np.floor, (1.0,), (0.0,)),
    "sinc": (np.sinc, ([0.0, 1.0],), ([0.0, -1.0],)),
    "tanh of infinity": (np.tanh, (INF,), (0.0,)),
    "exp of -infinity": (np.exp, (-INF,), (0.0,)),
    "maximum, tie": (np.maximum, (1.0, 1.0), (0.5, 0.5)),
    "minimum, tie": (np.minimum, (1.0, 1.0), (0.5, 0.5)),
    "fmax of NaN": (np.fmax, ([1.0, NAN], [NAN, 1.0]), ([1.0, 0.0], [0.0, 1.0])),
    "fmin of NaN": (np.fmin, ([1.0, NAN], [NAN, 1.0]), ([1.0, 0.0], [0.0, 1.0])),
    "0**0": (np.power, (0.0, 0.0), (0.0, 0.0)),
    "0**1": (np.power, (0.0, 1.0), (1.0, 0.0)),
    "0**2": (np.power, (0.0, 2.0), (0.0, 0.0)),
    "0**0.5": (np.power, (0.0, 0.5), (INF, 0.0)),
    "0**-1": (np.power, (0.0, -1.0), (-INF, -INF)),
    "(-2)**2": (np.power, (-2.0, 2.0), (-4.0, NAN)),
    "x**0": (lambda x: x**0, (0.0,), (0.0,)),
    "x**1": (lambda x: x**1, (0.0,), (1.0,)),
    "x**2": (lambda x: x**2, (0.0,), (0.0,)),
    "x**0.5": (lambda x: x**0.5, (0.0,), (INF,)),
    "0**y": (lambda y: 0.0**y, ([2.0, 0.0],), ([0.0, 0.0],)),
    "arctan2, origin": (np.arctan2, (0.0, 0.0), (0.0, 0.0)),
    "arctan2, branch": (np.arctan2, (0.0, -1.0), (-1.0, 0.0)),
    "logaddexp of -infinity": (np.logaddexp, (-INF, 1.0), (0.0, 1.0)),
    "logaddexp of two": (np.logaddexp, (-INF, -INF), (NAN, NAN)),
    "logaddexp2 of -infinity": (np.logaddexp2, (-INF, 1.0), (0.0, 1.0)),
    "fmod, multiple": (np.fmod, (6.0, 3.0), (1.0, -2.0)),
    "remainder, multiple": (np.remainder, (-6.0, 3.0), (1.0, 2.0)),
    "copysign of zero": (np.copysign, (0.0, -1.0), (0.0, 0.0)),
    "copysign by zero": (np.copysign, (2.0, 0.0), (1.0, 0.0)),
    "0/0": (np.divide, (0.0, 0.0), (INF, NAN)),
    "1/0": (np.divide, (1.0, 0.0), (INF, -INF)),
    "nan_to_num": (np.nan_to_num, ([NAN, INF, -INF, 2.0],), ([0.0, 0.0, 0.0, 1.0],)),
    "norm": (np.linalg.norm, ([0.0, 0.0],), ([0.0, 0.0],)),
    "norm of a matrix": (np.linalg.norm, ([[0.0, 0.0]],), ([[0.0, 0.0]],)),
    "1-norm": (lambda x: np.linalg.norm(x, 1), ([0.0, -2.0],), ([0.0, -1.0],)),
    "3-norm": (lambda x: np.linalg.norm(x, 3), ([0.0, 1.0],), ([0.0, 1.0],)),
    "3-norm of zeros": (lambda x: np.linalg.norm(x, 3), ([0.0, 0.0],), ([0.0, 0.0],)),
    "0.5-norm": (lambda x: np.linalg.norm(x, 0.5), ([0.0, 1.0],), ([0.0, 1.0],)),
    "max norm, tie": (
        lambda x: np.linalg.norm(x, np.inf),
        ([2.0, -2.0, 1.0],),
        ([0.5, -0.5, 0.0],),
    ),
    "max norm of zeros": (lambda x: np.linalg.norm(x, np.inf), ([0.0, 0.0],), ([0.0, 0.0],)),
    "min norm": (lambda x: np.linalg.norm(x, -np.inf), ([2.0, -2.0, 1.0],), ([0.0, 0.0, 1.0],)),
    "max, tie": (np.max, ([2.0, 1.0, 2.0],), ([0.5, 0.0, 0.5],)),
    "max of an axis, ties": (
        lambda x: np.max(x, axis=1),
        ([[2.0, 1.0, 2.0], [3.0, 3.0, 0.0]],),
        ([[0.5, 0.0, 0.5], [0.5, 0.5, 0.0]],),
    ),
    "max, infinite": (np.max, ([INF, 1.0],), ([1.0, 0.0],)),
    "min, tie": (np.min, ([2.0, 1.0, 1.0],), ([0.0, 0.5, 0.5],)),
    "ptp, tie": (np.ptp, ([2.0, 1.0, 1.0],), ([1.0, -0.5, -0.5],)),
    "ptp of equal items": (np.ptp, ([1.0, 1.0],), ([0.0, 0.0],)),
    "prod, one zero": (np.prod, ([2.0, 0.0, 3.0],), ([0.0, 6.0, 0.0],)),
    "prod, two zeros": (np.prod, ([0.0, 0.0, 3.0],), ([0.0, 0.0, 0.0],)),
    "cumprod, one zero": (np.cumprod, ([2.0, 0.0, 3.0, 4.0],), ([1.0, 32.0, 0.0, 0.0],)),
    "cumprod, two zeros": (
        np.cumprod,
        ([2.0, 0.0, 3.0, 0.0, 5.0],),
        ([1.0, 8.0, 0.0, 0.0, 0.0],),
    ),
    "std of equal items": (np.std, ([2.0, 2.0],), ([0.0, 0.0],)),
    "std of one item": (np.std, ([2.0],), ([0.0],)),
    "var of equal items": (np.var, ([2.0, 2.0],), ([0.0, 0.0],)),
    "sort, tie": (
        lambda x: np.sort(x) * np.array([1.0, 2.0, 3.0]),
        ([2.0, 1.0, 1.0],),
        ([3.0, 1.0, 2.0],),
    ),
    "median of four, ties": (np.median, ([2.0, 1.0, 1.0, 2.0],), ([0.5, 0.0, 0.5, 0.0],)),
    "where, guarded twice": (relu_of_safe_log, ([0.0, 2.0],), ([0.0, 0.5],)),
    "expit": (special.expit, (-INF,), (0.0,)),
    "logit": (special.logit, (0.0,), (INF,)),
    "log_expit": (special.log_expit, (-800.0,), (1.0,)),
    "gammaln": (special.gammaln, (0.0,), (-INF,)),
    "digamma": (special.psi, (0.0,), (INF,)),
    "xlogy, zero times": (special.xlogy, (0.0, 2.0), (float(np.log(2.0)), 0.0)),
    "xlogy of zeros": (special.xlogy, (0.0, 0.0), (0.0, NAN)),
    "xlogy of zero": (special.xlogy, (1.0, 0.0), (-INF, INF)),
}

OWN: dict[str, tuple[Any, tuple[Any, ...], tuple[Any, ...]]] = {
    # Ties are shared, as they are by `maximum`.
    "fmax, tie": (np.fmax, (1.0, 1.0), (0.5, 0.5)),
    "relu as a maximum": (lambda x: np.maximum(x, 0.0), (0.0,), (0.5,)),
    # A norm: the least subgradient, where a quotient gives NaN.
    "hypot": (np.hypot, (0.0, 0.0), (0.0, 0.0)),
    # The least subgradient at a bound; a bound that is differentiated takes all of it.
    "clip": (lambda x: np.clip(x, 0.0, 1.0), ([0.0, 0.5, 1.0, 2.0],), ([0.0, 1.0, 0.0, 0.0],)),
    "clip, bounds": (
        np.clip,
        ([0.0, 1.0, 1.5, 2.0, 3.0], 1.0, 2.0),
        ([0.0, 0.0, 1.0, 0.0, 0.0], 2.0, 2.0),
    ),
    "clip, bounds crossed": (np.clip, ([0.0, 1.5, 3.0], 2.0, 1.0), ([0.0, 0.0, 0.0], 0.0, 3.0)),
    "clip, bounds equal": (np.clip, ([0.0, 1.0, 2.0], 1.0, 1.0), ([0.0, 0.0, 0.0], 2.0, 1.0)),
    # What was not chosen contributes nothing, also where its derivative is infinite.
    "where, branch not chosen": (
        lambda x: np.where(x > 0, np.sqrt(x), 0.0),
        ([0.0, 4.0],),
        ([0.0, 0.25],),
    ),
    # No counterpart.
    "cbrt": (np.cbrt, (0.0,), (INF,)),
    "heaviside": (np.heaviside, (0.0, 0.5), (0.0, 0.0)),
    "0-norm": (lambda x: np.linalg.norm(x, 0), ([0.0, 2.0],), ([0.0, 0.0],)),
}


@pytest.mark.parametrize("name", [*TORCH, *OWN])
def test_the_gradient_of_the_sum(name: str) -> None:
    function, point, expected = {**TORCH, **OWN}[name]
    arguments = tuple(np.asarray(x, float) for x in point)
    with np.errstate(all="ignore"):
        value, pullback = vjp(function, wrt=tuple(range(len(arguments))), mode="static")(*arguments)
        found = pullback(np.ones_like(value))
    for gradient, want in zip(found, expected, strict=True):
        np.testing.assert_allclose(gradient, want, rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("x", "hessian"),
    [
        ([0.0, 2.0, 3.0], [[0.0, 3.0, 2.0], [3.0, 0.0, 0.0], [2.0, 0.0, 0.0]]),
        ([0.0, 0.0, 3.0], [[0.0, 3.0, 0.0], [3.0, 0.0, 0.0], [0.0, 0.0, 0.0]]),
    ],
)
def test_the_second_derivative_of_a_product_with_zeros(x: Any, hessian: Any) -> None:
    rows = [hvp(np.prod, mode="static")(np.array(x), row) for row in np.eye(3)]
    np.testing.assert_array_equal(rows, hessian)


@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize("x", [[0.0, 0.0, 2.0], [0.0, 1.0, 2.0], [1.0, 0.0, 0.0, 3.0], [0.0] * 3])
def test_the_second_derivative_of_running_products_with_zeros(x: list[float], mode: Any) -> None:
    def total(x):
        return np.sum(np.cumprod(x))

    n = len(x)
    rows = [hvp(total, mode=mode)(np.array(x), row) for row in np.eye(n)]
    # The sum over the products of the first k items of the products without the items p and q.
    want = np.zeros((n, n))
    for k in range(n):
        for p in range(k + 1):
            for q in range(k + 1):
                if p != q:
                    want[p, q] += np.prod([x[i] for i in range(k + 1) if i not in (p, q)])
    np.testing.assert_array_equal(rows, want)
