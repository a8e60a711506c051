"""Arguments and objects of classes whose own code runs where they are made."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from judge import case

from s2s_grad import grad

X = np.array([1.0, 2.0, -0.5])


@dataclass
class Checked:
    w: np.ndarray
    sigma: float

    def __post_init__(self):
        if self.sigma <= 0:
            raise ValueError("sigma must be positive")


@dataclass
class Listing:
    a: np.ndarray
    b: float
    c: list = field(default_factory=list)

    def __post_init__(self):
        self.c.append(self.b)


@dataclass
class Scaling:
    w: np.ndarray

    def __init__(self, w, scale=2.0):
        self.w = w * scale


@dataclass
class Plain:
    w: np.ndarray


class Tripled(Plain):
    def __init__(self, w):
        self.w = w * 3


class Inherited(Plain):
    pass


@dataclass(frozen=True, slots=True)
class Doubling:
    w: np.ndarray
    k: float

    def __post_init__(self):
        object.__setattr__(self, "k", self.k * 2)


@case(Checked(X, 2.0), static=True)
def gradient_that_its_class_would_not_take(p):
    return np.sum(p.w**2) / p.sigma


@case(Listing(X, 2.0), static=True)
def list_that_its_class_appends_to(p):
    return np.sum(p.a**2) / p.b + sum(p.c)


@case(Scaling(X), static=True)
def argument_of_a_class_that_scales(p):
    return np.sum(p.w**2)


@case(X, static=True)
def object_of_a_class_that_scales(x):
    return np.sum(Scaling(x).w ** 2)


@case(X, static=True)
def object_of_a_class_that_inherits_fields_and_scales(x):
    return np.sum(Tripled(x).w ** 2)


@case(X, static=True)
def object_of_a_class_that_inherits_its_init(x):
    return np.sum(Inherited(x).w ** 2)


@case(Tripled(X), static=True)
def argument_of_a_class_that_inherits_fields_and_scales(p):
    return np.sum(p.w**2)


@case(Doubling(X, 0.5), static=True)
def frozen_argument_with_slots(p):
    return np.sum(p.w**2) * p.k


@case([Checked(X, 2.0), Scaling(X)], static=True)
def arguments_in_a_list(items):
    return np.sum(items[0].w * items[1].w) * items[0].sigma


@case(X)
def inner_gradient_by_an_object_that_is_checked(x):
    def loss(p):
        return np.sum(p.w**2) / p.sigma

    d = grad(loss)(Checked(x, 2.0))
    return np.sum(d.w) * d.sigma


@case(X)
def inner_gradient_by_an_object_that_scales(x):
    d = grad(lambda p: np.sum(p.w**2))(Scaling(x))
    return np.sum(d.w * x)
