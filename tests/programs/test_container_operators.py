"""Operators of tuples, lists and dicts: what Python gives for them, or its error."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judge import judge

from s2s_grad import grad, hvp, jvp, value_and_grad, vjp
from s2s_grad.errors import S2SError

MODES = ("auto", "static", "tape")
Pair = collections.namedtuple("Pair", "a b")

WRONG: list[Callable[[float], Any]] = [
    lambda k: ({} * 2, k * k)[1],
    lambda k: ([k] @ [k], k * k)[1],
    lambda k: (k @ k, k * k)[1],
    lambda k: ([k] * 2.0, k * k)[1],
    lambda k: ([k] * np.float64(2.0), k * k)[1],
    lambda k: ([k] - [k], k * k)[1],
    lambda k: ([k] + (k,), k * k)[1],
    lambda k: ([k] ** 2, k * k)[1],
    lambda k: ({"a": k} | [k], k * k)[1],
    lambda k: ({"a": k} + {"a": k}, k * k)[1],
    lambda k: (-[k], k * k)[1],
    lambda k: (+(k,), k * k)[1],
    lambda k: (~[k], k * k)[1],
    lambda k: (abs([k]), k * k)[1],
    lambda k: (abs({"a": k}), k * k)[1],
    lambda k: (divmod([1.0], 2), k * k)[1],
    lambda k: (pow([k], 2), k * k)[1],
    lambda k: (float([k]), k * k)[1],
    lambda k: (float({"a": k}), k * k)[1],
    lambda k: (complex([k]), k * k)[1],
    lambda k: ([k] < (k,), k * k)[1],
    lambda k: ({"a": k} < {"a": k}, k * k)[1],
    lambda k: (sum([(k, k), (k, k)]), k * k)[1],
    lambda k: (Pair(k, 1.0) * 2).a,
    lambda k: (Pair(k, 1.0) + Pair(k, 1.0)).a,
    lambda k: (np.array([k]) << 1, k * k)[1],
    lambda k: (np.array([k]) | 1, k * k)[1],
    lambda k: (~np.array([k]), k * k)[1],
    lambda k: (np.bitwise_and(np.array([k]), 1), k * k)[1],
    lambda k: (k < [1], k * k)[1],
    lambda k: ((k,) >= k, k * k)[1],
    lambda k: (k in "a", k * k)[1],
    lambda k: (np.array([k], dtype="foo"), k * k)[1],
    lambda k: (np.average([k, k], weights=[0.0, 0.0]), k * k)[1],
]


def derivatives(f: Callable[..., Any], mode: str) -> list[Callable[[Any], Any]]:
    return [
        grad(f, mode=mode, check="off"),
        value_and_grad(f, mode=mode, check="off"),
        lambda x: vjp(f, mode=mode, check="off")(x),
        lambda x: jvp(f, mode=mode, check="off")((x,), (np.ones_like(x)[()],)),
        lambda x: hvp(f, mode=mode, check="off")(x, np.ones_like(x)[()]),
    ]


@pytest.mark.filterwarnings("ignore::s2s_grad.FallbackWarning")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("place", range(len(WRONG)))
def test_what_raises_raises_in_each_derivative(place: int, mode: str) -> None:
    f = WRONG[place]
    with pytest.raises((TypeError, AttributeError, ValueError, ZeroDivisionError)) as own:
        f(2.0)
    for derivative in derivatives(f, mode):
        with pytest.raises((S2SError, own.type)):
            derivative(2.0)


def of_named_tuples(x):
    return sum(Pair(x[0], 1.0) + (x[1],)) * sum(Pair(x[2], x[0]) * 2)  # noqa: RUF005


def repeated(x):
    return sum([x[0]] * np.int64(3)) * sum(2 * (x[1],)) + len([x[2]] * -1)


def first_that_differs(x):
    one = x[0] if (x[1], x[2]) < (x[3], x[2], 1.0) else x[1]
    other = x[2] if [x[1], x[2]] >= [x[3]] else x[3]
    return one * other


def ordered_by_hand(x):
    best = (0.0, 0)
    for i, v in enumerate(x):
        if (v, i) > best:
            best = (v, i)
    return best[0] ** 2 + best[1] * x[0]


def largest_of_pairs(x):
    v, i = max((v, i) for i, v in enumerate(x))
    return v * v + x[i]


def least_of_a_list_of_pairs(x):
    v, i = min([(v * v, -i) for i, v in enumerate(x)])
    return v * x[i]


def largest_of_lists(x):
    return max([x[0]], [x[1], 2.0])[0] * x[2] + max((x[0], 1), (x[1], 0))[0]


def known_orders(x):
    return x[0] * ((1, 2) < (1, 3)) + x[1] * ([] < [1]) + x[2] * ((2,) < (1, 5))


def numpy_functions_of_lists(x):
    shifted = np.sum(np.left_shift([3], 1)) * np.sum(np.bitwise_or([1, 2], [4, 4]))
    return shifted * x[0] + np.sum(np.add([x[1]], [x[2]])) * np.sum(np.matmul([x[0]], [x[1]]))


def lists_and_arrays(x):
    return np.sum([x[0], x[1]] * x[2:]) + np.sum([1.0, 2.0] @ x[:2]) + np.sum(-x * [1, 2, 3, 4])


def equal_containers(x):
    k = x[0]
    listed, other = [], []
    for i in range(len(x)):
        listed.append(i * 1.0)
        other.append(x[i])
    same = (listed == [0.0, 1.0, 2.0, 3.0]) + 2 * (other != listed) + 4 * (listed == (0.0, 1.0))
    return k * same + x[1] * ((1.5 == [1.5]) + 2 * ([1] != 1) + 4 * ({} == 1.0) + ("a" in "abc"))


RIGHT = [
    equal_containers,
    of_named_tuples,
    repeated,
    first_that_differs,
    ordered_by_hand,
    largest_of_pairs,
    least_of_a_list_of_pairs,
    largest_of_lists,
    known_orders,
    numpy_functions_of_lists,
    lists_and_arrays,
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("f", RIGHT)
def test_what_is_right_is_right(f: Callable[..., Any], mode: str) -> None:
    assert judge(f, (np.array([1.0, 3.0, 2.0, 3.5]),), mode, static=True) == ""


# ------------------------------------------------------------------ writes of what does not fit


def complex_in_out(x):
    y = np.zeros(3)
    np.multiply(x, 1j, out=y)
    return np.sum(y) + np.sum(x)


def complex_copied(x):
    y = np.zeros(3)
    np.copyto(y, x * 1j)
    return np.sum(y) + np.sum(x)


def filled_with_an_array(x):
    z = np.zeros(3)
    z.fill(x[:1])
    return np.sum(z * x)


def filled_with_a_complex_array(x):
    z = np.zeros(3)
    z.fill(x * 1j)
    return np.sum(z * x)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "f", [complex_in_out, complex_copied, filled_with_an_array, filled_with_a_complex_array]
)
@pytest.mark.filterwarnings("ignore::s2s_grad.FallbackWarning")
def test_a_write_of_what_does_not_fit_raises(f: Callable[..., Any], mode: str) -> None:
    x = np.array([1.0, 2.0, 3.0])
    with pytest.raises((TypeError, ValueError)) as own:
        f(x)
    for derivative in derivatives(f, mode):
        with pytest.raises((S2SError, own.type)):
            derivative(x)


def filled(x):
    z = np.zeros(3)
    z.fill(x[1])
    w = np.zeros((2, 2))
    w.fill(np.sum(z))
    return np.sum(w) * x[0]


@pytest.mark.parametrize("mode", MODES)
def test_fill_with_a_number(mode: str) -> None:
    assert judge(filled, (np.array([1.0, 3.0, 2.0]),), mode, static=True) == ""
