"""What is the same in each iteration is computed once, in front of the loop."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad import grad


def shared(x, k):
    y = x.copy()
    for i in range(1, len(x)):
        y[i] = (2.0 * k) * y[i - 1] + np.sin(2.0 * k)
    return np.sum(y)


def quotient(x, k):
    y = x.copy()
    for i in range(1, len(x)):
        y[i] = (2.0 / k) * y[i - 1] + np.sin(2.0 / k)
    return np.sum(y)


def matrix(M, v, k):
    for _ in range(3):
        v = np.tanh(k * M @ v)
    return np.sum(v * v)


def written(x, k):
    total = 0.0
    for i in range(len(x)):
        total += (1.0 - k) * x[i]
    return total


def parts(source: str) -> tuple[str, str]:
    """Return the text in front of the first loop, and the rest."""
    head, _, tail = source.partition("    for ")
    return head, tail


def compiled(f: Any, *args: Any) -> Any:
    gradient = grad(f, tuple(range(len(args))), mode="static")
    gradient(*args)
    return gradient


def test_shared_product_is_moved() -> None:
    gradient = compiled(shared, np.ones(4), 0.3)
    head, tail = parts(gradient.source)
    assert "two_k = 2.0 * k" in head
    assert "np.cos(two_k)" in tail
    np.testing.assert_allclose(gradient(np.ones(4), 0.3)[1], numeric(shared, 0.3), rtol=1e-7)


def test_what_may_fail_stays() -> None:
    gradient = compiled(quotient, np.ones(4), 0.3)
    head, _ = parts(gradient.source)
    assert "2.0 / k" not in head
    # The loop does not run: nothing is divided.
    assert gradient(np.ones(1), 0.0)[1] == 0.0


def test_equal_arrays_are_not_collected() -> None:
    random = np.random.default_rng(0)
    M, v = random.normal(size=(3, 3)), random.normal(size=3)
    gradient = compiled(matrix, M, v, 0.5)
    head, tail = parts(gradient.source)
    assert "k * M" in head
    assert "scaled" not in tail
    step = 1e-6
    expected = (matrix(M, v, 0.5 + step) - matrix(M, v, 0.5 - step)) / (2 * step)
    np.testing.assert_allclose(gradient(M, v, 0.5)[2], expected, rtol=1e-7)


def test_a_statement_of_the_user_stays_as_written() -> None:
    gradient = compiled(written, np.ones(4), 0.3)
    assert "total += (1.0 - k) * x[i]" in gradient.source or "(1.0 - k)" in gradient.source


def numeric(f: Any, k: float, step: float = 1e-6) -> float:
    x = np.ones(4)
    return float((f(x, k + step) - f(x, k - step)) / (2 * step))
