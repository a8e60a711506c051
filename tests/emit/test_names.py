"""Temporaries are named after what they are, adjoints after their primal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from s2s_grad import grad, jvp


def source_of(f: Any, *args: Any, wrt: Any = 0) -> str:
    derivative = grad(f, wrt, mode="static")
    derivative(*args)
    return derivative.source


def pre_activation(W, h):
    return np.sum(np.tanh(W @ h))


def divisor(x, k):
    return np.sum(np.sin(x) / (1.0 + x * k))


def squares(x, y):
    return np.sqrt(np.sum(x**2) * np.sum(y**2))


def element(x):
    y = x.copy()
    for i in range(1, len(x)):
        y[i] = y[i] * y[i - 1]
    return y[-1]


def interior(x):
    y = x.copy()
    for _ in range(2):
        y[1:-1] = np.sin(y[1:-1]) * y[2:]
    return np.sum(y * y)


def intermediate(x, g):
    out = np.sin(x) * g + 1.0
    return np.sum(out**3)


@pytest.mark.parametrize(
    ("f", "args", "name"),
    [
        (pre_activation, (np.ones((2, 2)), np.ones(2)), "tanh_Wh = "),
        (divisor, (np.ones(3), 0.3), "den = 1.0 + x * k"),
        (squares, (np.ones(3), np.ones(3)), "sum_y_sq = "),
        (element, (np.ones(4),), "y_i_bar = y_bar[i]"),
        (interior, (np.ones(4),), "y_inner_bar = y_bar[1:-1]"),
        (intermediate, (np.ones(4), np.ones(4)), "out_bar = 3 * out ** 2"),
    ],
)
def test_name(f: Any, args: tuple[Any, ...], name: str) -> None:
    source = source_of(f, *args, wrt=tuple(range(len(args))))
    assert name in source
    assert " v_bar" not in source


def test_what_the_user_named_keeps_its_name() -> None:
    def iterate(start, w):
        state = start
        for _ in range(3):
            changed = np.sin(w * state)
            state = changed
        return np.sum(state)

    source = source_of(iterate, np.ones(3), 0.5)
    assert "state = start" in source
    assert "changed = np.sin(w * state)" in source


def test_an_adjoint_does_not_take_the_name_of_a_value() -> None:
    def norm(v):
        for _ in range(2):
            v = np.sin(v)
        return 0.5 * np.sum(v**2)

    assert "v_bar = v" in source_of(norm, np.ones(3))


def test_the_users_list_keeps_its_name() -> None:
    def running(xs):
        total = 0.0
        sums = []
        for x in xs:
            total = total + x * x
            sums.append(total)
        return np.mean(np.stack(sums) ** 2)

    assert "sums = []" in source_of(running, np.ones(3))


def test_a_cotangent_keeps_its_name_through_branches() -> None:
    def chosen(x, k):
        s = 0.0
        for i in range(len(x)):
            if x[i] > 1:
                s += k * x[i]
            elif x[i] < -1:
                s -= k * np.sin(x[i])
            else:
                s += x[i]
        return s

    source = source_of(chosen, np.linspace(-2, 2, 5), 0.5, wrt=(0, 1))
    assert "k_bar_" not in source


def test_lists_in_lists_are_plurals() -> None:
    def inner_loop(x, k):
        total = 0.0
        for i in range(len(x)):
            if x[i] > 0:
                y = x[i]
                for _ in range(2):
                    y = np.exp(np.exp(y) * k)
                total += y
        return total

    source = source_of(inner_loop, np.array([0.1, -1.0, 0.3]), 0.5, wrt=(0, 1))
    assert "in zip(reversed(exp_ys), reversed(ys))" in source


def test_a_tangent_is_called_like_what_it_is_the_tangent_of() -> None:
    def layers(start, b):
        h = start
        for _ in range(3):
            z = h + b
            h = np.sin(z)
        return np.sum(h)

    derivative = jvp(layers, (0, 1), mode="static")
    derivative((np.ones(3), np.ones(3)), (np.ones(3), np.ones(3)))
    assert "h_dot = start_dot" in derivative.source
    assert "h_dot = (h_dot + b_dot) * np.cos(z)" in derivative.source
