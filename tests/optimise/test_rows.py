"""Loops over rows beside their counter: what is read again, and which zeros are dropped."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from s2s_grad import grad

TEMPLATE = """import numpy as np


def program(x, k):
    y = {start}
    for i in {counter}:
        {body}
    return {result}
"""
COUNTERS = ("range(2, 6)", "range(5, 1, -1)")
RESULTS = ("np.sum(y * y)", "y[1] * y[2] + y[0]", "np.sum(y[:3]) * y[-1]")
BODIES = (
    "y[i + {w}] = np.sin(y[i + {r}]) * k + x[i]",
    "y[i + {w}] += y[i + {r}] * y[i + {r}] * k",
    "y[i + {w}] = y[i] * k; y[i] = y[i + {r}] * x[i]",
    "t = y[i + {r}]; y[i + {w}] = np.cos(x[i]) * k; y[i] += t * t",
    "y[i + {w}] *= k; y[i] = np.sin(y[i + {r}]) * y[i + {w}]",
)


def program(start: str = "x.copy()", **parts: str) -> Callable[..., Any]:
    source = TEMPLATE.format(start=start, **parts)
    filename = f"<rows {hash(source)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {"__name__": "rows"}
    exec(compile(source, filename, "exec"), namespace)
    return namespace["program"]


def differences(f: Callable[..., Any], x: np.ndarray[Any, Any], k: float) -> np.ndarray[Any, Any]:
    def at(point: np.ndarray[Any, Any]) -> complex:
        return f(point[:-1].copy(), point[-1])

    start = np.append(x, k).astype(complex)
    steps = 1e-30j * np.eye(start.size)
    return np.array([at(start + step).imag / 1e-30 for step in steps])


@pytest.mark.parametrize("counter", COUNTERS)
@pytest.mark.parametrize("body", BODIES)
def test_gradient(counter: str, body: str) -> None:
    x, k = np.random.default_rng(1).uniform(0.5, 1.2, 8), 0.7
    for w in (-2, -1, 0, 1, 2):
        for r in (-2, -1, 0, 1, 2):
            result = RESULTS[(w + 2 * r) % len(RESULTS)]
            f = program(counter=counter, body=body.format(w=w, r=r), result=result)
            x_bar, k_bar = grad(f, (0, 1), mode="static")(x, k)
            expected = differences(f, x, k)
            np.testing.assert_allclose(
                np.append(x_bar, k_bar), expected, rtol=1e-10, atol=1e-12, err_msg=f"{w} {r}"
            )


def source_of(body: str, counter: str = "range(1, len(x))", result: str = "np.sum(y * y)") -> str:
    f = program(counter=counter, body=body, result=result)
    gradient = grad(f, (0, 1), mode="static")
    gradient(np.ones(4), 0.5)
    return gradient.source


def test_item_behind_the_counter_is_read_again() -> None:
    f = program(
        "np.zeros_like(x)",
        counter="range(1, len(x))",
        body="y[i] = k * y[i - 1] + x[i]",
        result="np.sum(y * y)",
    )
    gradient = grad(f, (0, 1), mode="static")
    gradient(np.ones(4), 0.5)
    assert "append" not in gradient.source
    assert "y_bar[i] = 0.0" not in gradient.source


def test_item_that_is_overwritten_is_kept() -> None:
    assert "append" in source_of("y[i] = k * y[i] * y[i]")
    assert "append" in source_of("y[i - 1] = k * y[i]")


def test_item_that_may_wrap_around_is_kept() -> None:
    assert "append" in source_of("y[i] = k * y[i - 1]", "range(0, 3)")


def test_zero_that_is_read_behind_the_loop_is_stored() -> None:
    source = source_of("y[i] = k * y[i - 1]", "range(1, 3)", "y[3] * y[2]")
    assert "y_bar[i] = 0.0" in source
