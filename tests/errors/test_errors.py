"""Bad input: each error has its kind, names the place, and says what to do."""

from __future__ import annotations

import numpy as np
import pytest

from s2s_grad import (
    ArgumentError,
    MissingRule,
    NoSource,
    OutputError,
    S2SError,
    UnsupportedOption,
    UnsupportedSyntax,
    ZeroGradientWarning,
    grad,
    hvp,
    jvp,
    vjp,
)

X = np.array([0.5, 1.5])


def recursive(x):
    return recursive(x * 0.5) if x > 1 else x


def tries(x):
    try:
        return np.sum(x)
    except ValueError:
        return 0.0


def no_rule(x):
    return np.sum(np.i0(x))


def option(x):
    return np.nanstd(x, correction=1)


def bound(x):
    return np.quantile(np.ones(2), x[0] * 0.1)


@pytest.mark.parametrize(
    ("f", "kind", "words"),
    [
        (bound, UnsupportedOption, ("q", "quantile", "test_errors.py:")),
        (recursive, UnsupportedSyntax, ("test_errors.py:", "recurs")),
        (tries, UnsupportedSyntax, ("test_errors.py:", "try")),
        (no_rule, MissingRule, ("numpy.i0", "elementwise", "test_errors.py:")),
        (option, UnsupportedOption, ("nanstd", "correction", "test_errors.py:")),
    ],
    ids=lambda v: getattr(v, "__name__", None),
)
def test_refused(f, kind, words):
    with pytest.raises(kind) as caught:
        grad(f, mode="static")(2.0 if f is recursive else X)
    for word in words:
        assert word in str(caught.value), str(caught.value)


def test_results_that_have_no_gradient():
    for f in (lambda x: x * 2, lambda x: np.sum(x) > 0, lambda x: (np.sum(x), 1.0)):
        with pytest.raises(OutputError):
            grad(f)(X)
    with pytest.raises(TypeError, match="jacobian"):
        grad(lambda x: x * 2)(X)


def test_a_constant_result():
    with pytest.warns(ZeroGradientWarning):
        found = grad(lambda x: 2.0)(X)
    assert found.tolist() == [0.0, 0.0]
    _, pullback = vjp(lambda x: np.ones(2))(X)
    assert pullback(np.ones(2)).tolist() == [0.0, 0.0]


def test_wrt():
    with pytest.raises(ArgumentError, match="no parameter"):
        grad(lambda x: x, wrt="y")
    with pytest.raises(ArgumentError, match="int64"):
        grad(lambda x: np.sum(x * 1.0))(np.arange(3))


def test_a_rule_for_real_numbers_refuses_complex_ones():
    with pytest.raises(S2SError, match="for real numbers") as raised:
        grad(lambda x: np.sum(np.abs(np.cbrt(x))), mode="static")(X * 1j)
    assert raised.value.location is not None


def test_no_source():
    namespace: dict[str, object] = {}
    exec("def f(x):\n    return x * x\n", namespace)
    with pytest.raises(NoSource):
        grad(namespace["f"], mode="static")(2.0)


def test_shapes_of_cotangents_and_tangents():
    _, pullback = vjp(lambda x: x * 2)(X)
    with pytest.raises(ArgumentError, match="shape"):
        pullback(np.ones(3))
    with pytest.raises(ArgumentError, match="shape"):
        jvp(lambda x: x * 2)((X,), (np.ones(3),))
    with pytest.raises(ArgumentError, match="tangents"):
        jvp(lambda x: x * 2)((X,), (X, X))


def test_wrong_arguments():
    with pytest.raises(ArgumentError, match="signature"):
        grad(lambda x: x)(1.0, 2.0)


def test_random_draws_are_constant():
    random = np.random.default_rng(0)

    def noisy(x):
        return np.sum(x * np.random.default_rng(3).normal(size=2))

    expected = np.random.default_rng(3).normal(size=2)
    np.testing.assert_allclose(grad(noisy, mode="static")(X), expected)
    assert random is not None


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_vectors_that_do_not_fit(mode):
    _, pullback = vjp(lambda x: x * 2, mode=mode)(X)
    for call, words in (
        (lambda: pullback(), "one cotangent"),
        (lambda: pullback(X, X), "one cotangent"),
        (lambda: pullback("ab"), "no number"),
        (lambda: pullback(None), "no number"),
        (lambda: pullback(X * 1j), "complex"),
        (lambda: jvp(lambda x: x * x, mode=mode)((1.0,), (1j,)), "complex"),
        (lambda: jvp(lambda x: x * x, mode=mode)((1.0,)), "tuple of tangents"),
        (lambda: hvp(lambda x, y: x * y, wrt=(0, 1), mode=mode)(1.0, 2.0, 3.0), "2 items"),
        (lambda: hvp(lambda x, y: x * y, wrt=(0, 1), mode=mode)(1.0, 2.0, (3.0,)), "2 items"),
    ):
        with pytest.raises(ArgumentError, match=words) as caught:
            call()
        assert caught.value.remedy


@pytest.mark.parametrize("wrt", [None, True, 1.5, (), (0, "x"), ("x", "x")])
def test_wrt_that_names_no_parameters(wrt):
    with pytest.raises(ArgumentError, match="wrt="):
        grad(lambda x: x, wrt=wrt)


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_a_container_of_integers_has_no_derivative(mode):
    with pytest.raises(ArgumentError, match="without a float"):
        grad(lambda x: x[0] * x[1], mode=mode)([2, 3])
    assert grad(lambda x: x[0] ** x[1], mode=mode)([2.0, 3]) == [12.0, 0.0]


def test_a_rule_that_refuses_while_it_runs_has_a_place():
    with pytest.raises(UnsupportedOption, match=r"test_errors\.py:"):
        grad(lambda x: np.sum(np.pad(x, 1, mode="mean")), mode="static")(X)


def test_lists_and_ints_as_vectors():
    for mode in ("static", "tape"):
        _, pullback = vjp(lambda x: np.sin(x) * 2, mode=mode)(X)
        np.testing.assert_allclose(pullback([1, 2]), 2 * np.cos(X) * [1, 2])
        _, tangent = jvp(lambda x: np.sin(x) * 2, mode=mode)((X,), ([1, 2],))
        np.testing.assert_allclose(tangent, 2 * np.cos(X) * [1, 2])
        assert hvp(lambda x: x**3, mode=mode)(2, 1) == 12.0
