"""Random programs that write into arrays: gradients against differences, arguments untouched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from writing_programs import arguments, writing_program

from s2s_grad import value_and_grad
from s2s_grad.errors import S2SError, TranslationError

_LARGEST = 1e4


def differences(f: Callable[..., Any], x: np.ndarray[Any, Any], k: float) -> np.ndarray[Any, Any]:
    """Return the gradient of ``f(x, k)`` by central differences of fourth order, flat."""

    def moved(point: np.ndarray[Any, Any]) -> float:
        return float(f(point[:-1].copy(), float(point[-1])))

    start = np.append(x, k)
    found = []
    for direction in np.eye(start.size):
        slopes = [
            (moved(start + h * direction) - moved(start - h * direction)) / (2 * h)
            for h in (1e-4, 5e-5)
        ]
        found.append((4 * slopes[1] - slopes[0]) / 3)
    return np.array(found)


@given(st.integers(0, 10**9))
def test_gradient(seed: int) -> None:
    program, _ = writing_program(seed)
    x, k = arguments(seed)
    with np.errstate(all="ignore"):
        value = program(x.copy(), k)
        assume(np.isfinite(value) and abs(value) < _LARGEST)
        expected = differences(program, x, k)
    scale = 1 + np.max(np.abs(expected))
    assume(scale < _LARGEST)
    given_x = x.copy()
    try:
        found, (x_bar, k_bar) = value_and_grad(program, (0, 1), mode="static")(given_x, k)
    except TranslationError:
        raise
    except S2SError:
        assume(False)
        return
    np.testing.assert_array_equal(given_x, x)
    np.testing.assert_allclose(found, value, rtol=1e-12)
    np.testing.assert_allclose(np.append(x_bar, k_bar), expected, rtol=1e-6, atol=1e-7 * scale)
