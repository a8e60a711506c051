"""Lists where NumPy takes arrays: beside operators, as arguments, and as masks."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judge import MODES, differences, judge

from s2s_grad import S2SError, jvp

X = np.array([0.3, -1.2, 2.1, 0.7, -0.4])
HEAD = """import numpy as np


def grown(x, n):
    found = []
    for i in range(n):
        found.append(x[i])
    return found


def f(x, n):
    items = {}
    return np.sum({})
"""
LISTS = ("grown(x, n)", "[x[0], x[1], x[2]]", "(x[0], 2.0, n)", "list(x[:n])")
EXPRESSIONS = [
    "items * x[:3]", "x[:3] - items", "np.array(items) / items", "np.arange(3) * items",
    "np.ones((2, 3)) @ items", "items @ np.ones(3)", "np.where(np.array(items) > 0, items, 0)",
    "np.maximum(items, 0.5)", "np.outer(items, items)", "np.add(items, items)",
    "np.subtract(items, x[0])", "np.power(items, 2)", "np.clip(items, 0, 1)", "np.sort(items)",
    "np.nan_to_num(items)", "np.reshape(items, (3, 1)) * x[:3]",
    "np.meshgrid(items, items)[0] * x[1]",
    "np.piecewise(items, [np.array(items) > 0], [lambda v: v * v, 0])", "np.std(items)",
    "np.interp(0.2, [0.0, 1.0, 2.0], items)", "np.linalg.norm(items)", "np.diff(items, prepend=0)",
    "np.cross(items, x[:3])", "np.average(items, weights=x[:3])", "np.pad(items, 1) * 2",
]  # fmt: skip


def made(items: str, expression: str) -> Callable[..., Any]:
    """Return the function of a list and of what is computed with it."""
    source = HEAD.format(items, expression)
    file = f"<{expression} of {items}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    names: dict[str, Any] = {}
    exec(compile(source, file, "exec"), names)
    return names["f"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_gradients_and_tangents(expression: str, mode: str) -> None:
    direction = np.array([1.0, -2.0, 0.5, 0.3, 1.0])
    for items in LISTS:
        f = made(items, expression)
        assert not judge(f, (X, 3), mode), items
        try:
            _, tangent = jvp(f, (0,), mode=mode, check="off")((X, 3), (direction,))
        except S2SError:
            assert mode != "auto"
            continue
        expected = differences(f, (X, 3), 0) @ direction
        np.testing.assert_allclose(tangent, expected, rtol=1e-5, atol=1e-6, err_msg=items)


MASKS = {
    "its size": "x[items] ** 2 * np.arange(np.size(x[items]))",
    "its length": "x[items] * len(x[items])",
    "its shape": "x[items] + np.zeros(x[items].shape) + np.ones(x[items].shape[0])",
    "rows": "np.outer(x, x)[items] + np.outer(x, x)[items].shape[0]",
    "columns": "np.outer(x, x)[:, items] + np.outer(x, x)[:, items].shape[1]",
    "sums": "np.sum(x, where=items) + np.mean(x**2, where=items) + np.size(x[np.array(items)])",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", MASKS)
def test_lists_of_truths_are_masks(name: str, mode: str) -> None:
    assert not judge(made("[True, False, True, False, True]", MASKS[name]), (X, 3), mode)
