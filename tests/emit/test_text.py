"""How emitted source reads: what is asserted here was once spelled worse, or wrongly."""

from __future__ import annotations

import linecache
import textwrap
from typing import Any

import numpy as np

from s2s_grad import grad


def source_of(text: str, *args: Any) -> str:
    source = "import numpy as np\n\n\n" + textwrap.dedent(text)
    filename = f"<text {hash(source)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {"__name__": "text"}
    exec(compile(source, filename, "exec"), namespace)
    gradient = grad(namespace["f"], tuple(range(len(args))), mode="static")
    gradient(*args)
    return gradient.source


def test_array_of_rank_zero_is_not_overwritten() -> None:
    a = np.array(2.0)
    source = source_of(
        """
        def f(a, x):
            a = a + np.sum(x)
            return a * a
        """,
        a,
        np.ones(3),
    )
    assert a == 2.0
    assert "a = a + np.sum(x)" in source


def test_value_that_a_branch_leaves_needs_no_else() -> None:
    source = source_of(
        """
        def f(x):
            total = 1.0
            for i in range(len(x)):
                if x[i] > 0.5:
                    total *= x[i]
            return total
        """,
        np.linspace(0.1, 1.0, 4),
    )
    assert "else" not in source.split("# reverse of:")[0]


def test_lists_are_named_after_what_they_hold() -> None:
    source = source_of(
        """
        def f(W, h):
            for _ in range(3):
                h = np.tanh(W @ h)
            return np.sum(h)
        """,
        np.eye(2),
        np.ones(2),
    )
    assert "h_in, h_out = [], []" in source
    assert "for h_prev, h in zip(reversed(h_in), reversed(h_out)):" in source
    assert "W.T @ " in source


def test_conditions_slices_and_stores_are_printed_as_written() -> None:
    source = source_of(
        """
        def f(x, k):
            y = x.copy()
            n = len(x)
            i = 0
            while i < n - 1:
                y[i : i + 2] += k * x[i : i + 2]  # pull
                i += 1
            return np.sum(y * y)
        """,
        np.ones(4),
        0.5,
    )
    assert "while i < n - 1:" in source
    assert "y[i : i + 2] += k * x[i : i + 2]  # pull" in source
    assert "n = len(x)" in source


def test_signs_go_to_the_assignment() -> None:
    source = source_of(
        """
        def f(x, k):
            x = x.copy()
            for _ in range(3):
                x[1:-1] += k * (x[2:] - 2 * x[1:-1])
            return np.sum(x * x)
        """,
        np.ones(5),
        0.1,
    )
    assert "x_bar[1:-1] -= 2 * diff_bar" in source


def test_store_of_an_int_array_stays_a_store() -> None:
    text = """
        def f(x):
            counts = np.array([1, 2, 3])
            counts[:2] = counts[:2] * 2
            return np.sum(x * counts)
        """
    assert "counts[:2] = " in source_of(text, np.ones(3))
