"""Calls that cannot be compiled run on the tape, inside code that is compiled."""

from __future__ import annotations

import numpy as np
import pytest

from s2s_grad import FallbackWarning, grad, value_and_grad
from s2s_grad.errors import UnsupportedSyntax

X = np.array([0.4, -1.2, 0.7])


def scaled(y, k):
    try:
        if y[0] > 0:
            raise ValueError
    except ValueError:
        return y * k * k
    return y * k


def loss(x, k):
    return np.sum(scaled(np.sin(x) * k, k) ** 2)


def in_a_loop(x, k):
    total = 0.0
    for _ in range(3):
        total += np.sum(scaled(x * total + x, k))
    return total


def set_first(x):
    try:
        x[0] = 2.0
    finally:
        x[0] *= 1.0


def written_by_a_call(x, k):
    set_first(x)
    return np.sum(x * k)


def central(f, x, k):
    step = 1e-6
    columns = []
    for i in range(x.size):
        moved = np.zeros_like(x)
        moved[i] = step
        columns.append((f(x + moved, k) - f(x - moved, k)) / (2 * step))
    return np.array(columns)


@pytest.mark.parametrize("f", [loss, in_a_loop])
def test_a_call_alone_runs_on_the_tape(f):
    derivative = value_and_grad(f)
    with pytest.warns(FallbackWarning, match="a call in `.*` runs on the tape") as caught:
        value, gradient = derivative(X, 0.8)
    assert len(caught) == 1
    assert value == pytest.approx(f(X, 0.8), rel=1e-12)
    np.testing.assert_allclose(gradient, central(f, X, 0.8), rtol=1e-7)
    assert "tape.vjp(scaled, " in derivative.source
    assert "from s2s_grad import tape" in derivative.source
    assert "compiled statically" in derivative.explain()
    assert "a call on the tape" in derivative.explain()
    assert "`try` is not supported" in derivative.explain()


def test_static_mode_refuses_the_call():
    with pytest.raises(UnsupportedSyntax, match="`try`"):
        grad(loss, mode="static")(X, 0.8)


def test_a_call_that_writes_takes_the_whole_function_to_the_tape():
    x = X.copy()
    with pytest.warns(FallbackWarning) as caught:
        found = grad(written_by_a_call)(x, 0.8)
    assert "writes into its argument" in str(caught[-1].message)
    np.testing.assert_allclose(found, [0.0, 0.8, 0.8])
    np.testing.assert_array_equal(x, X)
