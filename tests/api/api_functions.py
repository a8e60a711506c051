"""Functions that tests of the interface differentiate; in a module, so that they can be pickled."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from s2s_grad import grad


class Layer(NamedTuple):
    weights: Any
    bias: Any


@dataclass
class Model:
    first: Layer
    scale: Any


def loss(w: Any, b: Any, x: Any) -> Any:
    return np.sum((x @ w + b) ** 2)


def model_loss(model: Model, x: Any) -> Any:
    hidden = np.tanh(x @ model.first.weights + model.first.bias)
    return model.scale * np.sum(hidden)


def of_containers(params: Any, x: Any) -> Any:
    a, (b, c) = params["pair"]
    return np.sum(a * x) + b * np.sum(c) + params["more"][1] ** 2


def unused(x: Any, y: Any) -> Any:
    return np.sum(x * x)


def with_aux(x: Any) -> Any:
    y = np.sin(x)
    return np.sum(y), {"y": y, "count": len(x)}


def slope(x: Any, n: Any = 3) -> Any:
    return x**n


def fails(x: Any) -> Any:
    y = np.sum(x)
    return math.sqrt(y - 10.0)


class Scaled:
    def __init__(self, factor: float) -> None:
        self.factor = factor

    def total(self, x: Any) -> Any:
        return self.factor * np.sum(x * x)

    def __call__(self, x: Any) -> Any:
        return self.factor * np.sum(x**3)

    @staticmethod
    def cubes(x: Any) -> Any:
        return np.sum(x**3)

    @classmethod
    def doubled(cls, x: Any) -> Any:
        return 2.0 * np.sum(x)


@grad
def decorated(x: Any) -> Any:
    return np.sum(x**3)


@grad(wrt="b")
def decorated_with_arguments(a: Any, b: Any) -> Any:
    return np.sum(a * b * b)


PAIR = (lambda x: x * x, lambda x: x**3)  # two on a line
