"""Arguments, functions and options that cannot be right: an error that says so, in every mode."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest

from s2s_grad import ArgumentError, S2SError, grad, hvp, jvp, value_and_grad, vjp
from s2s_grad.errors import TooDeep

X = np.array([0.5, 1.5, -0.5])
MODES = ("auto", "static", "tape")


class Tagged(np.ndarray):
    pass


class Matrix(np.ndarray):
    def __mul__(self, other):
        return np.matmul(self, other)


MATRIX = np.eye(3).view(Matrix)


class Held:
    w = np.ma.masked_array(X, [0, 1, 0])


def squares(x):
    return np.sum(x * x)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "value",
    [MATRIX, np.ma.masked_array(X, [0, 1, 0]), X.view(Tagged)],
    ids=lambda v: type(v).__name__,
)
def test_subclasses_of_arrays_compute_in_their_own_way(value, mode):
    with pytest.raises(ArgumentError, match=r"np\.asarray"):
        grad(squares, mode=mode)(value)
    with pytest.raises(ArgumentError, match=r"np\.asarray"):
        grad(lambda x, y: np.sum(x) * np.sum(y), mode=mode)(X, [value])
    plain = np.asarray(value)
    np.testing.assert_array_equal(grad(squares, mode=mode)(plain), 2 * plain)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("f", [lambda x: np.sum(MATRIX * x), lambda x: np.sum(Held.w * x)])
def test_subclasses_outside_of_the_function(f, mode):
    with pytest.raises(ArgumentError, match=r"test_bad_input\.py:\d+"):
        grad(f, mode=mode)(X)


def test_memory_maps_are_arrays(tmp_path):
    mapped = np.memmap(tmp_path / "x", dtype=float, mode="w+", shape=(3,))
    mapped[:] = X
    np.testing.assert_array_equal(grad(squares, mode="static")(mapped), 2 * X)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "value",
    ["abc", None, True, {1.0}, np.arange(3), np.array([1.0], dtype=object), np.array(["a"]),
     np.array(["2020-01-01"], "M8[D]"), np.zeros(2, [("a", float)]), object()],
)  # fmt: skip
def test_values_without_a_derivative(value, mode):
    with pytest.raises(ArgumentError, match="no derivative"):
        grad(squares, mode=mode)(value)


def test_a_tensor_of_another_library():
    torch = pytest.importorskip("torch")
    with pytest.raises(ArgumentError, match="no derivative"):
        grad(squares)(torch.ones(3))


@pytest.mark.parametrize("wrt", ["q", 3, -2, 1.0, None, ("x", "q"), True])
def test_wrt_that_is_no_parameter(wrt):
    with pytest.raises(ArgumentError, match=r"no parameter of `squares`"):
        grad(squares, wrt=wrt)


def endless(x):
    return endless(x * 0.5)


def ping(x):
    return pong(x) * 2


def pong(x):
    return ping(x) * 2


@pytest.mark.filterwarnings("ignore::s2s_grad.FallbackWarning")
@pytest.mark.parametrize("f", [endless, ping])
@pytest.mark.parametrize("mode", ["auto", "tape"])
def test_recursion_without_end(f, mode):
    with pytest.raises(TooDeep, match="calls itself") as caught:
        grad(f, mode=mode)(X)
    assert isinstance(caught.value, RecursionError)
    assert str(sys.getrecursionlimit()) in str(caught.value)


async def coroutine(x):
    return np.sum(x)


async def numbers(x):
    yield np.sum(x)


def generator(x):
    yield np.sum(x)


@pytest.mark.parametrize("f", [coroutine, numbers, generator])
def test_functions_that_compute_nothing_when_they_are_called(f):
    for transform in (grad, vjp, jvp, value_and_grad):
        with pytest.raises(ArgumentError, match="computes nothing yet"):
            transform(f)


@pytest.mark.parametrize("f", [3, None, "f", classmethod(squares)])
def test_what_is_no_function(f):
    if f is not None:
        with pytest.raises(ArgumentError, match="needs a function"):
            grad(f)


@pytest.mark.parametrize("mode", MODES)
def test_numpys_errors_come_from_the_users_line(mode):
    def outside(x):
        y = x * 2
        return np.sum(y) + x[5]

    def written_outside(x):
        y = x * 2
        y[7] = x[0]
        return np.sum(y)

    def refused(x):
        if x[0] < 1:
            raise ValueError("small")
        return np.sum(x)

    def asserted(x):
        assert x[0] > 1, "too small"
        return np.sum(x)

    for f, kind, words in (
        (outside, IndexError, "index 5 is out of bounds"),
        (written_outside, IndexError, "index 7 is out of bounds"),
        (refused, ValueError, "small"),
        (asserted, AssertionError, "too small"),
    ):
        with pytest.raises(kind, match=words) as caught:
            grad(f, mode=mode)(X)
        assert not isinstance(caught.value, S2SError)


@pytest.mark.parametrize("mode", MODES)
def test_arguments_that_overlap(mode):
    def mixed(a, b):
        a[0] = b[1]
        return np.sum(a * b)

    for b in (X, X[::-1], X[:]):
        with pytest.raises(ArgumentError, match="share memory"):
            grad(mixed, wrt=(0, 1), mode=mode)(X, b)
    for derived in (
        lambda: vjp(mixed, mode=mode)(X, X),
        lambda: jvp(mixed, mode=mode)((X, X), (X, X)),
        lambda: hvp(mixed, mode=mode)(X, X, X),
    ):
        with pytest.raises(ArgumentError, match="share memory"):
            derived()
    found = grad(mixed, wrt=(0, 1), mode=mode)(X, X.copy())
    np.testing.assert_allclose(found, [[0.0, 1.5, -0.5], [1.5, 2.0, -0.5]])


@pytest.mark.parametrize("mode", MODES)
def test_directions_are_no_arguments_and_may_overlap_with_what_is_written(mode):
    def writes(a):
        a[0] = a[1] * 2
        return np.sum(a**3)

    for v in (X, X[::-1], X[:]):
        found, expected = (jvp(writes, mode=mode)((X,), (d,)) for d in (v, v.copy()))
        np.testing.assert_array_equal(found, expected)
        found, expected = (hvp(writes, mode=mode)(X, d) for d in (v, v.copy()))
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("mode", MODES)
def test_methods_of_all_kinds(mode):
    class Model:
        w = 3.0

        @grad(wrt="x", mode=mode)
        def decorated(self, x):
            return np.sum(x * self.w)

        @classmethod
        @grad(wrt="x", mode=mode)
        def of_class(cls, x):
            return np.sum(x * cls.w)

        @staticmethod
        @grad(mode=mode)
        def static(x):
            return np.sum(x * 3)

        def plain(self, x):
            return np.sum(x * self.w)

    model = Model()
    for derivative in (model.decorated, model.of_class, Model.of_class, model.static,
                       grad(model.plain, mode=mode)):  # fmt: skip
        np.testing.assert_array_equal(derivative(X), [3.0] * 3)
    with pytest.raises(ArgumentError, match=r"`self` of `plain`"):
        grad(Model.plain, mode=mode)(model, X)


def test_lambdas_on_one_line():
    pair = (grad(lambda x: np.sum(x * 1.0), mode="static"), grad(lambda x: np.sum(x * 2.0), mode="static"))  # noqa: E501  # fmt: skip
    assert [derivative(X)[0] for derivative in pair] == [1.0, 2.0]


@pytest.mark.parametrize("transform", [grad, value_and_grad])
def test_nothing_but_errors_for_impossible_calls(transform):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ArgumentError, match="signature"):
            transform(squares)()
        with pytest.raises(ArgumentError, match="signature"):
            transform(squares)(x=X, y=2)
        with pytest.raises(ArgumentError, match="not known"):
            transform(squares, mode="fast")


def test_a_size_that_does_not_broadcast_is_an_error_also_where_the_product_is_not_needed() -> None:
    def weighted(x):
        return np.dot(x, np.ones(3))

    for f in (lambda x: np.sum(x + np.ones(3)), lambda x: np.sum(x * np.ones(3)), weighted):
        np.testing.assert_array_equal(grad(f, mode="static")(np.ones(3)), np.ones(3))
        with pytest.raises(ValueError, match=r"\(2,\)"):
            grad(f, mode="static")(np.ones(2))
