"""What `any` and `all` do not reach is not evaluated: it might raise."""

from __future__ import annotations

import math

import numpy as np
from judge import case

X = np.array([1.0, 2.0, 0.5])


@case(0.1, 0.0, static=True)
def quotients_until_one_is_large(a, b):
    return a * a if any(1.0 / v > 2 for v in (a, b)) else b


@case(0.1, 0.0, static=True)
def quotients_while_they_are_large(a, b):
    return a * a if all(1.0 / v > 200 for v in (a, b)) else b + a


@case(0.3, 0.7, -1.0, static=True)
def logarithms(a, b, c):
    return a * b if any(math.log(v) > -1.0 for v in (a, b, c)) else b


@case(X, 4, static=True)
def items_beyond_the_end(x, n):
    return np.sum(x * x) if any(x[i] > 1.5 for i in range(n)) else x[0]


@case(X, np.array([1.0, 3.0]), static=True)
def items_of_a_shorter_array(x, y):
    return np.sum(x * x) if all(x[i] == y[i] for i in range(len(x))) else x[0]


@case([1.0, 0.0], static=True)
def quotients_of_a_list(values):
    return values[0] ** 2 if any(1.0 / v > 0.5 for v in values) else values[1]


@case(0.0, 0.1)
def the_first_that_raises(a, b):
    return a * a if any(1.0 / v > 2 for v in (a, b)) else b


@case(X, static=True)
def neighbours(x):
    return x[0] if any(x[i] > 3 * x[i + 1] for i in range(len(x) - 1)) else np.sum(x * x)
