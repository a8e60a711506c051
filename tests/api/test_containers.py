"""User containers as arguments, results, tangents and cotangents: derivatives are like them."""

from __future__ import annotations

import collections
import dataclasses
import typing

import numpy as np
import pytest

from s2s_grad import grad, hvp, jvp, value_and_grad, vjp
from s2s_grad.errors import ArgumentError
from s2s_grad.ir.trees import leaves, map_tree, parts_of

X = np.array([0.3, -1.2, 2.1])
MODES = pytest.mark.parametrize("mode", ["static", "tape"])


class Point(typing.NamedTuple):
    x: typing.Any
    y: typing.Any
    label: str = "p"


@dataclasses.dataclass
class Plain:
    x: typing.Any
    y: typing.Any
    label: str = "p"


@dataclasses.dataclass(frozen=True)
class Frozen:
    x: typing.Any
    y: typing.Any
    label: str | None = None


@dataclasses.dataclass(slots=True)
class Slots:
    x: typing.Any
    y: typing.Any
    label: str = "p"


@dataclasses.dataclass(frozen=True, slots=True)
class Both:
    x: typing.Any
    y: typing.Any
    label: str = "p"


MAKERS = [
    pytest.param(lambda x, y: Point(x, y), id="named tuple"),
    pytest.param(lambda x, y: Plain(x, y), id="dataclass"),
    pytest.param(lambda x, y: Frozen(x, y), id="frozen"),
    pytest.param(lambda x, y: Slots(x, y), id="slots"),
    pytest.param(lambda x, y: Both(x, y), id="frozen with slots"),
    pytest.param(lambda x, y: Plain(x, (y, None, {}, [])), id="nested"),
]


def second(p):
    return p.y[0] if isinstance(p.y, tuple) else p.y


def energy(p):
    return np.sum(p.x**2) * second(p)


def check_like(found, given):
    """Raise unless the structure is the same, and what is no number is there as it is."""
    ours, theirs = parts_of(found), parts_of(given)
    if theirs is None:
        if given is None or isinstance(given, str):
            assert found == given
        return
    assert type(found) is type(given)
    assert list(ours) == list(theirs)
    for key, item in theirs.items():
        check_like(ours[key], item)


@MODES
@pytest.mark.parametrize("make", MAKERS)
def test_gradients_are_like_the_arguments(make, mode):
    p = make(X, 0.5)
    value, g = value_and_grad(energy, mode=mode)(p)
    assert value == pytest.approx(np.sum(X**2) * 0.5)
    check_like(g, p)
    np.testing.assert_allclose(g.x, X)
    assert second(g) == pytest.approx(np.sum(X**2))


@MODES
@pytest.mark.parametrize("make", MAKERS)
def test_tangents_and_cotangents_are_like_what_they_belong_to(make, mode):
    p = make(X, 0.5)
    v = make(np.ones(3), 2)
    assert jvp(energy, mode=mode)((p,), (v,))[1] == pytest.approx(np.sum(X) + 2 * np.sum(X**2))
    product = hvp(energy, mode=mode)(p, v)
    check_like(product, p)
    np.testing.assert_allclose(product.x, 1.0 + 2 * 2 * X)
    assert second(product) == pytest.approx(2 * np.sum(X))
    value, pullback = vjp(lambda x: make(x * 2, np.sum(x * x)), mode=mode)(X)
    check_like(value, p)
    np.testing.assert_allclose(pullback(v), 2.0 + 2 * 2 * X)
    value, tangent = jvp(lambda x: make(x * 2, np.sum(x * x)), mode=mode)((X,), (X,))
    check_like(tangent, value)
    np.testing.assert_allclose(tangent.x, 2 * X)


@MODES
def test_strings_and_none_stand_as_they_are(mode):
    p = {"x": X, "kind": "square", "none": None, "list": ["a", 2.0, ()], "flag": True}

    def f(p):
        return np.sum(p["x"] ** 2) * p["list"][1] if p["kind"] == "square" else 0.0

    g = grad(f, mode=mode)(p)
    assert g["kind"] == "square"
    assert g["none"] is None
    assert g["list"] == ["a", pytest.approx(np.sum(X**2)), ()]
    unused = grad(lambda p, x: x * 2.0, wrt=(0, 1), mode=mode)(p, 1.0)[0]
    assert unused["kind"] == "square"
    assert unused["list"] == ["a", 0.0, ()]


class Positive(collections.namedtuple("Positive", "x y")):
    def __new__(cls, x, y):
        if y <= 0:
            raise ValueError("y must be positive")
        return super().__new__(cls, x, y)


@MODES
def test_named_tuples_are_made_without_their_own_code(mode):
    point = Positive(X, 0.5)

    def f(p):
        return np.sum(p.x**2) / p.y

    expected = Positive._make([4 * X, -4 * np.sum(X**2)])
    for found in (grad(f, mode=mode)(point), vjp(f, mode=mode)(point)[1](1.0)):
        assert type(found) is Positive
        np.testing.assert_allclose(found.x, expected.x)
        np.testing.assert_allclose(found.y, expected.y)
    _, tangent = jvp(f, mode=mode)((point,), (point,))
    np.testing.assert_allclose(tangent, np.sum(expected.x * point.x) + expected.y * point.y)


@MODES
def test_a_written_argument_must_not_overlap_with_what_is_in_slots(mode):
    def f(x, p):
        x[0] = 2.0
        return np.sum(x * p.y)

    with pytest.raises(ArgumentError, match="share memory"):
        grad(f, mode=mode)(X, Slots(X, X))


def test_a_cotangent_of_another_class_is_an_error():
    _, pullback = vjp(lambda x: Plain(x, x))(X)
    with pytest.raises(ArgumentError, match="class Plain"):
        pullback(Slots(X, X))


def test_trees():
    tree = {"a": [X, Both(1.0, (), "q")], "b": None}
    doubled = map_tree(lambda leaf: leaf * 2, [1])
    assert doubled == [2]
    assert [np.shape(leaf) for leaf in leaves(tree)] == [(3,), (), (), ()]
    with pytest.raises(ValueError, match="structures"):
        map_tree(lambda a, b: a, (1, 2), (1,))
