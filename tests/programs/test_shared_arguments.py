"""One object at several places in the arguments: right, or an error where a program could tell."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judge import judge

from s2s_grad import grad, value_and_grad
from s2s_grad.errors import ArgumentError, S2SError

MODES = ("auto", "static", "tape")
ITEMS = [1.0, 2.0]
ARRAY = np.array([1.0, 2.0, 3.0])


@dataclasses.dataclass
class Pair:
    a: float
    b: float


def appended(x, y):
    x.append(3.0)
    return sum(x) * sum(y)


def appended_in_a_loop(x, y, n):
    for i in range(n):
        x.append(y[0] * i)
    return sum(x) * sum(y)


def extended_by_an_alias(x, y):
    z = x
    z += [4.0]
    return sum(x) * sum(y)


def stored(x, y):
    x[0] = y[1] * 2
    return x[0] * y[0] + x[1]


def stored_under_a_key(x, y):
    x["a"] = 3 * x["b"]
    return x["a"] * y["a"]


def stored_if(x, y):
    if x[0] < 3.0:
        x[1] = 5.0
    return x[1] * y[1] + x[0]


def stored_in_one_of_two(x, y, k):
    z = x if k > 1.0 else [k]
    z[0] = 7.0 * k
    return x[0] * y[0] + x[1]


def an_attribute(p, q):
    p.a = 2 * p.b
    return q.a * p.a


def one_of_a_list(x):
    x[0].append(1.0)
    return sum(x[0]) * sum(x[1])


def one_of_a_dict(x, y):
    x["u"].reverse()
    return y[0] * x["u"][0]


def an_array_in_a_callee(x, y):
    def double(z):
        z *= 2.0

    double(x)
    return np.sum(x * y)


def what_is_outside(x):
    x.append(4.0)
    return sum(x) * sum(ITEMS)


def an_array_outside(x):
    x[0] = 5.0
    return np.sum(x * ARRAY)


def in_an_inner_derivative(a, b):
    def writes(u, v):
        u[0] = 2 * v[1]
        return np.sum(u * v)

    return np.sum(grad(writes)(a, b) * a)


L, D, P, X = [1.0, 2.0], {"a": 1.0, "b": 2.0}, Pair(1.0, 2.0), np.array([1.0, 2.0, 3.0])
WRITERS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (appended, (L, L)),
    (appended_in_a_loop, (L, L, 5)),
    (extended_by_an_alias, (L, L)),
    (stored, (L, L)),
    (stored_under_a_key, (D, D)),
    (stored_if, (L, L)),
    (stored_in_one_of_two, (L, L, 2.0)),
    (an_attribute, (P, P)),
    (one_of_a_list, ([L, L],)),
    (one_of_a_dict, ({"u": L, "v": 1.0}, L)),
    (an_array_in_a_callee, (X, X)),
    (in_an_inner_derivative, (X, X)),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("transform", [grad, value_and_grad])
@pytest.mark.parametrize(("f", "args"), WRITERS, ids=lambda v: getattr(v, "__name__", ""))
def test_what_is_written_and_given_twice_is_an_error(
    f: Callable[..., Any], args: tuple[Any, ...], transform: Any, mode: str
) -> None:
    with pytest.raises(S2SError, match=r"share memory|found twice"):
        transform(f, mode=mode)(*copy.deepcopy(args))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("f", "args"), WRITERS, ids=lambda v: getattr(v, "__name__", ""))
def test_it_is_right_for_what_is_given_once(
    f: Callable[..., Any], args: tuple[Any, ...], mode: str
) -> None:
    apart = tuple(map(copy.deepcopy, args))
    if f is one_of_a_list:
        apart = ([[1.0, 2.0], [1.0, 2.0]],)
    value_and_grad(f, mode=mode)(*apart)  # compiled for separate arguments, then for these
    assert judge(f, apart, mode, static=True) == ""
    with pytest.raises(ArgumentError):
        value_and_grad(f, mode=mode)(*copy.deepcopy(args))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("f", [what_is_outside, an_array_outside])
def test_what_is_outside_and_an_argument(f: Callable[..., Any], mode: str) -> None:
    given = ITEMS if f is what_is_outside else ARRAY
    before = copy.deepcopy(given)
    with pytest.raises(ArgumentError, match="share memory"):
        grad(f, mode=mode)(given)
    np.testing.assert_array_equal(given, before)
    assert judge(f, (copy.deepcopy(given),), mode, static=True) == ""


# ------------------------------------------------------------------ identity


def asked(x, y):
    return sum(x) * (2.0 if x is y else 3.0)


def asked_of_items(x):
    return x[0][0] * x[1][0] * (2.0 if x[0] is not x[1] else 3.0)


def asked_of_objects(p, q):
    return p.a * (2.0 if p is q else 5.0)


def asked_of_arrays(x, y):
    return np.sum(x * y) if x is y else np.sum(x)


def asked_of_a_list_outside(x):
    return sum(x) * (2.0 if x is ITEMS else 3.0)


IDENTITIES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (asked, (L, L)),
    (asked, (L, [1.0, 2.0])),
    (asked_of_items, ([L, L],)),
    (asked_of_items, ([L, [1.0, 2.0]],)),
    (asked_of_objects, (P, P)),
    (asked_of_arrays, (X, X)),
    (asked_of_arrays, (X, X + 1.0)),
]


@pytest.mark.filterwarnings("ignore::s2s_grad.FallbackWarning")
@pytest.mark.parametrize(("f", "args"), IDENTITIES, ids=lambda v: getattr(v, "__name__", ""))
def test_arguments_that_are_one_object_are_told_apart_from_those_that_are_not(
    f: Callable[..., Any], args: tuple[Any, ...]
) -> None:
    value = f(*args)
    for mode in MODES:
        try:
            found, _ = value_and_grad(f, mode=mode)(*copy.deepcopy(args))
        except S2SError:
            assert mode == "static"
        else:
            assert found == value


@pytest.mark.filterwarnings("ignore::s2s_grad.FallbackWarning")
def test_a_list_that_is_outside_is_told_from_one_that_is_not() -> None:
    for given, factor in ((ITEMS, 2.0), ([1.0, 2.0], 3.0)):
        found = value_and_grad(asked_of_a_list_outside, check="off")(given)
        assert found == (3.0 * factor, [factor] * 2)
        with pytest.raises(S2SError, match="is this object"):
            grad(asked_of_a_list_outside, mode="static")(given)


# ------------------------------------------------------------------ what nobody could tell


def reads(x, y):
    return sum(x) * sum(y)


def writes_to_another(x, y, z):
    z.append(x[0])
    return sum(z) * sum(y)


def writes_to_the_list_itself(x):
    x.append([3.0])
    return x[0][0] * x[1][0] * x[2][0]


def test_arguments_that_are_only_read_may_be_one() -> None:
    assert value_and_grad(reads, mode="static")(L, L) == (9.0, [3.0, 3.0])
    assert value_and_grad(writes_to_another, 2, mode="static")(L, L, [1.0]) == (6.0, [3.0])
    value, gradient = value_and_grad(writes_to_the_list_itself, mode="static")([L, L])
    assert (value, gradient) == (3.0, [[3.0, 0.0], [3.0, 0.0]])


@pytest.mark.parametrize("mode", MODES)
def test_an_argument_that_holds_itself_is_an_error(mode: str) -> None:
    endless: list[Any] = [1.0, 2.0]
    endless.append(endless)
    with pytest.raises(ArgumentError, match="holds itself"):
        grad(lambda x: x[0] * x[1], mode=mode)(endless)
    with pytest.raises(ArgumentError, match="holds itself"):
        grad(lambda x, k: x[0] * k, 1, mode=mode)(endless, 2.0)
