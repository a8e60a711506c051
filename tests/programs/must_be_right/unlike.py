"""Names that stand for a container at one time and for an array at another."""

from __future__ import annotations

import numpy as np
from judge import case

ARRAYS = [np.array([0.1, 0.2]), np.array([0.1, 0.2, 0.3])]
X, K = np.array([0.4, 0.5, 0.6]), 0.7


def total(tree):
    if isinstance(tree, (list, tuple)):
        return sum(total(v) for v in tree)
    return np.sum(np.sin(tree))


def first_of(tree):
    while isinstance(tree, (list, tuple)) and len(tree):
        tree = tree[0]
    return tree


@case(ARRAYS, K)
def the_first_item_at_any_depth(c, k):
    return total(first_of(c)) * k


@case(ARRAYS, K)
def a_name_of_a_function_that_runs_on_the_tape(c, k):
    s = k + total(total((c[0], [c[1]])))
    return s + total(first_of(c))


@case(ARRAYS, X, K)
def a_list_until_the_first_round(c, x, k):
    t = c
    for _ in range(len(x)):
        t = x
    return np.sum(t[0]) * k


@case(X, K)
def a_list_or_an_array_by_a_condition(x, k):
    t = [v * k for v in x]
    if k > 0.8:
        t = x
    return np.sum(t * 2) * k + (t + t)[4]
