"""A negative float to a fractional power is complex in Python: on the tape, as the function has it.

Which power that is is only known when the program runs: compiled code finds out, and gives way.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judge import judge

from s2s_grad import FallbackWarning, S2SError, grad, hvp, jvp, vjp

CASES: dict[str, Callable[..., Any]] = {
    "modulus": lambda x: abs(x**0.5),
    "of numpy": lambda x: np.abs(x**1.5),
    "part": lambda x: (x**1.3).real,
    "product": lambda x: (x**0.5 * x**0.5).real,
    "function": lambda x: pow(x, 0.5).imag + x,
    "by exponent": lambda x: ((-2.0) ** (x + 2.3)).real,
    "equal": lambda x: x if x**0.5 == 1 else 2 * x,
    "in a list": lambda x: np.sum(np.abs(np.array([x**0.5, x]))),
    "sum": lambda x: abs(sum(x ** (i / 2) for i in range(3))),
    "root": lambda x: math.sqrt(abs(x**0.5)),
}
RAISING: dict[str, Callable[..., Any]] = {
    "math": lambda x: math.sin(x**0.5),
    "float": lambda x: float(x**0.5),
    "int": lambda x: int(x**0.5) * x,
    "order": lambda x: x if x**0.5 > 1 else 2 * x,
    "max": lambda x: max(x**0.5, 1.0),
    "result": lambda x: x**0.5,
}


def stored(x):
    y = np.zeros(2)
    y[0] = x**0.5
    return y[0]


@pytest.mark.parametrize("mode", ["auto", "tape"])
@pytest.mark.parametrize("name", CASES)
def test_what_is_real_in_the_end_has_a_derivative(name: str, mode: str) -> None:
    assert judge(CASES[name], (-2.0,), mode) == ""


@pytest.mark.parametrize("mode", ["auto", "static", "tape"])
@pytest.mark.parametrize("f", [*RAISING.values(), stored], ids=[*RAISING, "stored"])
def test_what_takes_no_complex_numbers_raises(f: Any, mode: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises((TypeError, S2SError)):
            grad(f, mode=mode)(-2.0)


def test_compiled_code_gives_way_for_the_arguments_that_need_it() -> None:
    f, slope = CASES["modulus"], 0.5 * 2.0**-0.5
    derived = grad(f)
    for _ in range(2):
        assert derived(2.0) == pytest.approx(slope)
        with pytest.warns(FallbackWarning, match="for these arguments"):
            assert derived(-2.0) == pytest.approx(-slope)
    with pytest.warns(FallbackWarning):
        assert jvp(f)((-2.0,), (3.0,))[1] == pytest.approx(-3 * slope)
    with pytest.warns(FallbackWarning):
        assert vjp(f)(-2.0)[1](3.0) == pytest.approx(-3 * slope)
    with pytest.warns(FallbackWarning):
        assert hvp(f)(-2.0, 1.0) == pytest.approx(-0.25 * 2.0**-1.5)
    with pytest.raises(TypeError, match="fractional power"):
        grad(f, mode="static")(-2.0)
