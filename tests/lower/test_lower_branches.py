"""Branches and returns: the program does what the function does."""

from __future__ import annotations

import numpy as np
import pytest
from lowering_support import agree


def branch_in_two(x):
    if x > 0:
        y = np.sin(x)
    else:
        y = np.cos(x)
    return y * 2


def branch_without_else(x):
    y = x
    if x > 0:
        y = y * 3
    return y


def branch_elif(x):
    if x > 1:
        kind = 1.0
    elif x > 0:
        kind = 2.0
    elif x > -1:
        return -5.0
    else:
        kind = 3.0
    return kind + x


def early_returns(x):
    if x > 1:
        return 1.0
    if x > 0:
        return x
    if x < -1:
        y = x * 2
        return y
    return x * x


def nested_early_return(x):
    if x > 0:
        if x > 1:
            return 10.0
        y = 2.0
    else:
        y = 3.0
    z = y * x
    return z


def no_return(x):
    if x > 1:
        return 1.0


def returns_none(x):
    x = x + 1


def returns_tuple(x):
    if x > 0:
        return x, 1.0
    return 2.0, x * x


def returns_nested(x):
    if x > 0:
        return {"a": (x, 1.0), "b": [x]}
    return {"a": (1.0, x), "b": [x * x]}


def returns_shape(x):
    if x > 0:
        pair = (x, x)
    else:
        pair = (x, 2.0)
    a, b = pair
    return a + b


def raises(x):
    if x < 0:
        raise ValueError("negative")
    return np.sqrt(x)


def raises_in_else(x):
    if x > 0:
        y = x
    elif x < -1:
        y = 2.0
    else:
        raise ValueError(f"bad {x}")
    return y


def raises_at_the_end(x):
    for k in range(3):
        if x > k:
            return k + x
    raise ValueError("none")


def asserts(x):
    assert x > 0, "must be positive"
    return x


def prints(x):
    print("x", x)
    if x > 0:
        print("positive")
    return x


@pytest.mark.parametrize("x", [2.5, 0.5, -0.5, -2.0])
@pytest.mark.parametrize(
    "fn",
    [branch_in_two, branch_without_else, branch_elif, early_returns, nested_early_return, no_return,
     returns_none, returns_tuple, returns_nested, returns_shape, raises, raises_in_else,
     raises_at_the_end, asserts, prints],
)  # fmt: skip
def test_branches(fn, x):
    agree(fn, x)
