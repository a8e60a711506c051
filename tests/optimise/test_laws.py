"""What an expert would not write is not printed: redundant axes, options, signs and products."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from oracle import check

from s2s_grad import grad

RANDOM = np.random.default_rng(3)
VECTOR, OTHER = RANDOM.normal(size=5), RANDOM.normal(size=5)
MATRIX, SQUARE = RANDOM.normal(size=(4, 5)), RANDOM.normal(size=(5, 5))
HOT = np.eye(5)[[0, 2, 1, 4]]


def standardised(x, y):
    z = (x - np.mean(x)) / np.std(x)
    return np.sum((z - y) ** 3)


def batch(x, y):
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    return np.sum(z**3 * y)


def rows(x, y):
    return np.sum(np.max(x * y, axis=1) ** 2)


def gram(x, y):
    return np.sum((x @ x.T) ** 2 @ y)


def cross_entropy(x, y):
    return -np.mean(np.sum(y * np.log(1 + x * x), axis=1))


def mean_of_squares(x, y):
    return np.mean((x - y) ** 2)


def constants(x, y):
    return np.sum(np.exp(-3.0 * x * y))


def either(x, y):
    small = np.abs(x) <= 0.5
    return np.sum(np.where(small, x**2, np.sin(x) * y))


def twice(x, y):
    z = x.copy()
    for i in range(1, len(x)):
        z[i] += 0.5 * z[i - 1] * z[i - 1]
    return np.sum(z * y)


def shifted(x, y):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - y[:-1]) ** 2)


def summed(x, y):
    return np.einsum("i,ij,j->", x, y, x)


def stretched(x, y):
    z = x
    for _ in range(3):
        z = np.sin(z * y)
    return np.sum(z)


def unchanged(x, y):
    z = y
    for _ in range(2):
        z = np.tanh(2 * x.T @ z)
    return np.sum(z)


def gate(x, y):
    z = y
    for _ in range(3):
        s = 1 / (1 + np.exp(-x * z))
        z = (1 - s) * z + s * y
    return np.sum(z)


def window(x, y):
    total = 0.0
    for i in range(3):
        for j in range(2):
            total += x[i + j] * x[i + j] * y[j]
    return total


def accumulated(x, y):
    z = np.exp(x) + np.sin(x) * y
    return np.sum(z * z) + np.sum(np.clip(x, 0.1, 0.8) ** 3 * z)


def squared_steps(x, y):
    z = x
    total = 0.0
    for _ in range(2):
        z = np.sin(z * y)
        total += 0.5 * np.dot(z, z)
    return total


CASES: list[tuple[Any, Any, Any, list[str], list[str]]] = [
    (standardised, VECTOR, OTHER, [], ["axis=None", "keepdims=False"]),
    (batch, MATRIX, np.ones((4, 5)), [], ["np.mean(x", "expand_dims"]),
    (rows, MATRIX, np.ones(5), [], ["ones_like", "axis=None"]),
    (gram, SQUARE, VECTOR, [], [".T.T"]),
    (cross_entropy, MATRIX, HOT, [], ["expand_dims", "broadcast_to"]),
    (mean_of_squares, VECTOR, OTHER, ["2.0 / x.size * (x - y)"], ["(1.0 /"]),
    (constants, VECTOR, OTHER, [], ["-(", "3.0 * ("]),
    (either, VECTOR, OTHER, ["np.where(small, 2 * x, "], []),
    (twice, VECTOR, OTHER, ["z_bar[i - 1] += z_bar[i] * z[i - 1]"], []),
    (shifted, VECTOR, OTHER, [], ["_sum_to"]),
    (summed, VECTOR, SQUARE, [], ["1.0"]),
    (stretched, VECTOR, OTHER, ["np.ones("], ["broadcast_to", "z_bar.copy()"]),
    (unchanged, SQUARE, VECTOR, [], ["two_x in ", "reversed(two_x"]),
    (gate, VECTOR, OTHER, ["(1 - s)"], ["one_minus_s"]),
    (window, VECTOR, OTHER, ["x_bar[i + j] += "], ["total ="]),
    (squared_steps, VECTOR, OTHER, ["z_bar += z\n"], ["half_z", "2 *"]),
    (accumulated, VECTOR, OTHER, ["x_bar += "], ["x_bar = x_bar"]),
]


@pytest.mark.parametrize(
    ("f", "x", "y", "there", "gone"), CASES, ids=[c[0].__name__ for c in CASES]
)
def test_text(f: Any, x: Any, y: Any, there: list[str], gone: list[str]) -> None:
    derivative = grad(f, (0, 1), mode="static")
    derivative(x, y)
    _, _, reverse = derivative.source.partition("# reverse of: ")
    for part in there:
        assert part in reverse
    for part in gone:
        assert part not in reverse


@pytest.mark.parametrize(
    ("f", "x", "y"), [c[:3] for c in CASES], ids=[c[0].__name__ for c in CASES]
)
def test_value(f: Any, x: Any, y: Any) -> None:
    check(f, (x, y), (0, 1))
