"""Roots and logarithms at 0 behind two selections, or behind a pole that is somewhere else."""

from __future__ import annotations

import numpy as np
from judge import case

Z = np.array([0.0, 4.0])


@case(Z, static=True)
def item_behind_a_choice_of_a_root(x):
    return np.where(x > -1, np.sqrt(np.abs(x)), 0.0)[1]


@case(Z, static=True)
def largest_of_a_choice(x):
    return np.max(np.where(x > -1, np.sqrt(np.abs(x)), 0.0))


@case(Z, static=True)
def choice_that_is_written_over(x):
    y = np.where(x > -1, np.sqrt(np.abs(x)), 0.0)
    y[0] = 3.0
    return np.sum(y)


@case(Z, static=True)
def largest_that_is_a_number(x):
    return np.nanmax(np.sqrt(np.abs(x)))


@case(Z, static=True)
def item_of_a_choice_between_a_root_and_another(x):
    return np.where(x > 5, x, np.sqrt(np.abs(x)))[1] + np.sum(x)


@case(Z, static=True)
def item_of_a_logarithm_that_is_finite(x):
    return np.log(1 + np.sqrt(np.abs(x)))[1]


@case(Z, static=True)
def item_of_an_exponential_of_a_root(x):
    return np.where(x > -1, np.exp(np.sqrt(np.abs(x))), 0.0)[1]


@case(Z, static=True)
def choice_of_a_choice(x):
    return np.where(x > -1, np.where(x > 0.5, np.sqrt(np.abs(x)), 0.0), 0.0).sum()


@case(Z, static=True)
def roots_of_roots_behind_a_choice(x):
    return np.where(x > -1, np.sqrt(1 + np.sin(np.sqrt(np.abs(x)))), 0.0)[1]


@case(Z, static=True)
def largest_logarithm_that_is_a_number(x):
    return np.nanmax(np.log(1 + np.sqrt(np.abs(x))))


@case(Z, static=True)
def items_of_a_product_with_a_mask(x):
    return np.sum((np.sqrt(np.abs(x)) * (x > -1))[1:])


@case(Z, static=True)
def items_of_a_product_with_zeros_in_a_list(x):
    return np.sum(np.sqrt(np.abs(x)) * np.array([0.0, 1.0]))


@case(Z, static=True)
def dot_with_zeros_in_a_list(x):
    return np.dot(np.sqrt(np.abs(x)), [0.0, 1.0])


@case(Z, static=True)
def matrix_product_with_zeros(x):
    return np.array([0.0, 1.0]) @ np.sqrt(np.abs(x)) + np.inner(
        np.sqrt(np.abs(x)), np.array([0, 1])
    )
