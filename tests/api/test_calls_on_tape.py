"""Calls that cannot be compiled run on the tape, inside code that is compiled."""

from __future__ import annotations

import numpy as np
import pytest

from s2s_grad import FallbackWarning, grad, hvp, jvp, value_and_grad, vjp
from s2s_grad.errors import MissingRule, NoSource, UnsupportedSyntax

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


def two(x):
    try:
        a = np.sin(x)
    finally:
        a = a * 1.0
    return a, np.sum(a) * 2


def deep(x):
    try:
        return np.sin(x), (x * 2, 3.0), "name"
    finally:
        x = x * 1.0


def listed(x):
    try:
        return [x * 2, x * 3]
    finally:
        x = x * 1.0


class Held:
    def __init__(self, a):
        self.a = a


def held(x):
    try:
        return Held(np.sin(x))
    finally:
        x = x * 1.0


def used(h):
    try:
        return np.sum(h.a)
    finally:
        h = None


def yielded(x):
    try:
        for i in range(3):
            yield x * i
    finally:
        x = x * 1.0


def same(x):
    try:
        return x
    finally:
        x = x * 1.0


def nothing(x):
    try:
        x = x * 2
    finally:
        x = x * 1.0


NAMESPACE = {"np": np}
exec("def unread(x, k=2.0): return np.sin(x) * k * x", NAMESPACE)
unread = NAMESPACE["unread"]


def unpacked(x, k):
    a, b = two(x)
    return np.sum(a) * b * k


def unpacked_in_a_loop(x, k):
    total = 0.0
    for i in range(3):
        x, b = two(x * i)
        total = total + np.sum(x) * b
    return total * k


def unpacked_in_a_branch(x, k):
    if x[0] > 0:
        a, b = two(x)
    else:
        a, b = x, 2.0
    return np.sum(a) * b * k


def unpacked_deep(x, k):
    a, (b, c), _ = deep(x)
    return np.sum(a * b) * c * k


def written_after(x, k):
    a = x * 2
    b = same(a)
    b[0] = 7.0
    return np.sum(a * b) * k


def counted(x, k):
    nothing(x)
    return np.sum(x) * k if nothing(x) is None else 0.0


PARTLY = {
    "tuple": unpacked,
    "in a loop": unpacked_in_a_loop,
    "in a branch": unpacked_in_a_branch,
    "an item": lambda x, k: two(x)[1] * k,
    "joined": lambda x, k: np.sum(np.array(two(x)[:1]) ** 2) * k,
    "keyword": lambda x, k: np.sum(scaled(k=k, y=x)),
    "no source": lambda x, k: np.sum(unread(x)) * k,
    "no source, keyword": lambda x, k: np.sum(unread(x, k=k)),
    "comprehension": lambda x, k: sum(np.sum(scaled(x, i * k)) for i in range(3)),
    "containers": lambda x, k: np.sum(scaled(np.array([x[0], x[1]]), k)),
    "nothing": counted,
}
WHOLE = {
    "deep": unpacked_deep,
    "list": lambda x, k: np.sum(np.array(listed(x)) ** 2) * k,
    "an item of a list": lambda x, k: np.sum(listed(x)[1] * listed(x)[0]) * k,
    "object": lambda x, k: used(held(x)) * k,
    "generator": lambda x, k: sum(np.sum(v * v) for v in yielded(x)) * k,
    "the argument": written_after,
}


@pytest.mark.filterwarnings("ignore::s2s_grad.FallbackWarning")
@pytest.mark.parametrize("name", [*PARTLY, *WHOLE])
def test_what_a_call_takes_and_returns(name):
    f = PARTLY.get(name) or WHOLE[name]
    x = X.copy()
    expected = central(f, x, 0.8)
    derivative = grad(f)
    for _ in range(2):
        np.testing.assert_allclose(derivative(x, 0.8), expected, atol=1e-7)
    assert ("compiled statically" in derivative.explain()) == (name in PARTLY)
    _, pullback = vjp(f)(x, 0.8)
    np.testing.assert_allclose(pullback(2.0), 2 * expected, atol=1e-7)
    value, tangent = jvp(f)((x, 0.8), (np.ones(3),))
    np.testing.assert_allclose((value, tangent), (f(x, 0.8), np.sum(expected)), atol=1e-7)
    step = 1e-5
    other = (grad(f)(x + step, 0.8) - grad(f)(x - step, 0.8)) / (2 * step)
    np.testing.assert_allclose(hvp(f)(x, 0.8, np.ones(3)), other, atol=1e-5)
    np.testing.assert_array_equal(x, X)


@pytest.mark.parametrize("transform", [grad, value_and_grad, hvp])
def test_a_call_that_is_not_looked_into_has_no_silent_zero(transform):
    """What has no source and no rule is no constant."""
    with pytest.raises((MissingRule, NoSource)):
        transform(lambda x, k=X: np.sum(unread(x, k=3.0)), mode="static")(X, X)
    with pytest.raises((MissingRule, NoSource)):
        jvp(lambda x: np.sum(unread(x)), mode="static")((X,), (X,))


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
    lines = derivative.explain().splitlines()
    assert lines[0].endswith("with respect to x: compiled statically")
    assert lines[1].split() == ["function", "runs", "defined", "at", "reason"]
    name = f"{f.__name__}_value_and_grad(x: f8[n0], k: float"
    assert lines[2].lstrip().startswith(name)
    assert "compiled" in lines[2]
    assert "test_calls_on_tape.py:" in lines[2]
    assert lines[3].split()[:5] == ["scaled", "a", "call", "on", "the"]
    assert "test_calls_on_tape.py:15: `try` is not supported" in lines[3]


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
