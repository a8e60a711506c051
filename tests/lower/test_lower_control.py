"""Loops and jumps: the program does what the function does."""

# ruff: noqa: B905, RUF007, PLW0120, F841, C417

from __future__ import annotations

import numpy as np
import pytest
from lowering_support import agree

X = np.array([0.5, -1.25, 2.0, 0.75])
EMPTY = np.zeros(0)
M = np.arange(12.0).reshape(4, 3) / 7


def sum_rows(x):
    s = 0.0
    for v in x:
        s = s + np.sum(v) ** 2
    return s


def int_becomes_array(x):
    s = 0
    for v in x:
        s = s + v
    return s


def two_carried(x):
    a, b = 0.0, 1.0
    for v in x:
        a, b = b, a + np.sum(v)
    return a - b


def swapped(x):
    a, b = 1.0, 2.0
    for _ in range(len(x)):
        a, b = b, a
    return a, b


def temporary(x):
    s = 0.0
    for v in x:
        t = v * 2
        s = s + np.sum(t)
    return s


def last_of_loop(x):
    t = 7.0
    v = 5.0
    for v in x:
        t = v * 2
    return t, v


def index_loop(x):
    s = 0.0
    for i in range(1, len(x)):
        s += np.sum(x[i] * x[i - 1])
    return s


def step_loop(x):
    s = 0.0
    for i in range(len(x) - 1, -1, -2):
        s = s * 2 + np.sum(x[i])
    return s


def breaks(x):
    s = 0.0
    for v in x:
        if np.sum(v) > 1:
            break
        s = s + np.sum(v)
    return s


def breaks_at_the_end(x):
    s = 0.0
    for v in x:
        s = s + np.sum(v)
        if s > 1:
            break
    return s, v if len(x) > 0 else 0.0


def continues(x):
    s = 0.0
    for v in x:
        if np.sum(v) < 0:
            continue
        s = s + np.sum(v)
    return s


def break_and_continue(x):
    s = 0.0
    n = 0
    for v in x:
        if np.sum(v) < 0:
            n = n + 1
            continue
        elif np.sum(v) > 1.5:
            s = s - 100
            break
        else:
            s = s + 1
        s = s + np.sum(v)
    return s, n


def loop_else(x):
    s = 0.0
    for v in x:
        if np.sum(v) > 1.5:
            s = s + 10
            break
        s = s + 1
    else:
        s = -s
    return s


def loop_else_without_break(x):
    s = 1.0
    for v in x:
        s = s + np.sum(v)
    else:
        s = s * 2
    return s


def loop_else_returns(x):
    for v in x:
        if np.sum(v) > 1.5:
            break
    else:
        return -1.0
    return 2.0


def returns_in_loop(x):
    for v in x:
        if np.sum(v) > 1:
            return v * 2
    return x[0]


def returns_then_else(x):
    s = 0.0
    for v in x:
        if np.sum(v) > 1.5:
            return s
        if np.sum(v) < -1:
            break
        s = s + 1
    else:
        s = s + 50
    return s * 3


def returns_in_nested_loop(x):
    s = 0.0
    for v in x:
        for k in range(3):
            s = s + np.sum(v) * k
            if s > 2:
                return s, k
        s = s - 0.25
    return s, -1


def break_in_nested_loop(x):
    s = 0.0
    for v in x:
        for k in range(4):
            if k > np.sum(v):
                break
            s = s + k
        else:
            s = s + 100
        if s > 50:
            continue
        s = s + 1
    return s


def always_returns(x):
    for v in x:
        return np.sum(v)
    return 9.0


def always_breaks(x):
    s = 0.0
    for v in x:
        s = np.sum(v)
        break
    return s


def while_loop(x):
    k = 0
    s = 0.0
    while k < len(x):
        s = s + np.sum(x[k])
        k += 1
    return s, k


def while_and(x):
    k = 0
    while k < len(x) and np.sum(x[k]) < 1:
        k = k + 1
    return k


def while_else(x):
    k = 0
    while k < 5:
        if k > np.sum(x):
            break
        k += 1
    else:
        k = 50
    return k


def while_true(x):
    y = np.sum(x * x)
    while True:
        y = y / 2
        if y < 0.1:
            break
    return y


def while_true_returns(x):
    y = np.sum(x * x)
    while True:
        y = y / 2
        if y < 0.1:
            return y * 3


def while_walrus(x):
    y = np.sum(x * x) + 1
    while (z := y / 2) > 0.3:
        y = z
    return y, z


def while_done_flag(x):
    done = False
    k = 0
    while not done:
        k += 1
        done = k > np.sum(x)
    return k


def while_false(x):
    s = 1.0
    while False:
        s = s + 1
    else:
        s = s * 2
    return s


def nested_while(x):
    s = 0.0
    k = 0
    while k < 3:
        j = 0
        while j < k:
            s = s + np.sum(x) * j
            j += 1
        k += 1
    return s


def best_so_far(x):
    best = None
    for v in x:
        value = np.sum(v)
        if best is None or value > best:
            best = value
    return best


def defined_in_earlier_round(x):
    s = 0.0
    for i in range(len(x)):
        if i > 0:
            s = s + previous  # noqa: F821
        previous = np.sum(x[i])
    return s


def carried_tuple(x):
    state = (0.0, 1.0)
    for v in x:
        a, b = state
        state = (b, a + np.sum(v))
    return state


def carried_dict(x):
    state = {"a": 0.0, "b": np.zeros(2)}
    for v in x:
        state = {"a": state["a"] + np.sum(v), "b": state["b"] * 2 + 1}
    return state


def carried_tuple_from_body(x):
    for v in x:
        pair = (np.sum(v), 1.0)
    return pair if len(x) > 0 else (0.0, 0.0)


def first_round(x):
    first = True
    s = 0.0
    for v in x:
        if first:
            s = s + 100
            first = False
        s = s + np.sum(v)
    return s


def static_mode(x):
    mode = "sum"
    s = 0.0
    for v in x:
        if mode == "sum":
            s = s + np.sum(v)
        else:
            mode = "other"
    return s, mode


def zip_of_two(x):
    s = 0.0
    for a, b in zip(x, x[1:]):
        s = s + np.sum(a * b)
    return s


def zip_of_equal(x):
    s = 0.0
    for a, b in zip(x, x * 2):
        s = s + np.sum(a * b)
    return s


def enumerated(x):
    s = 0.0
    for i, v in enumerate(x, 1):
        s = s + i * np.sum(v)
    return s


def enumerated_zip(x):
    s = 0.0
    for i, (a, b) in enumerate(zip(x, x[1:])):
        s = s * 0.5 + i * np.sum(a - b)
    return s


def backwards(x):
    s = 0.0
    for v in reversed(x):
        s = s * 0.5 + np.sum(v)
    return s


def backwards_zip(x):
    s = 0.0
    for a, b in zip(reversed(x), x):
        s = s * 0.5 + np.sum(a * b)
    return s


def backwards_range(x):
    s = 0.0
    for i in reversed(range(len(x))):
        s = s * 0.5 + np.sum(x[i])
    return s


def mapped(x):
    s = 0.0
    for v in map(lambda r: np.sum(r) * 2, x):
        s = s * 0.5 + v
    return s


def delayed_loop(x):
    s = 0.0
    for v in x:
        if np.sum(v) > 0:
            for w in (1.0, 2.0, 3.0):
                if w > np.sum(v):
                    break
                s = s + w
            else:
                s = s - 1
    return s


def shrinking(x):
    s = 0.0
    y = x
    for _ in range(len(x)):
        s = s + np.sum(y)
        y = y[1:]
    return s


def closure_in_loop(x):
    scale = 1.0

    def f(v):
        return np.sum(v) * scale

    s = 0.0
    for v in x:
        s = s + f(v)
        scale = scale * 2
    return s + f(x)


def flags_of_both(x):
    found = False
    for v in x:
        if np.sum(v) > 1.9:
            found = True
            break
    if found:
        return 1.0
    return 0.0


def return_in_try_of_ranges(x):
    for i in range(len(x)):
        for j in range(i):
            if np.sum(x[i]) > 1 + j:
                return i * 10 + j
        if i > 2:
            return -i
    return 99


def raise_in_loop(x):
    s = 0.0
    for v in x:
        if np.sum(v) > 1.9:
            raise ValueError("too large")
        s = s + np.sum(v)
    return s


def print_in_loop(x):
    for i in range(len(x)):
        if i == 2:
            break
        print(i, np.sum(x[i]) > 0)
    return 0.0


LOOPS = [value for name, value in list(globals().items())
         if callable(value) and getattr(value, "__module__", "") == __name__
         and value.__code__.co_varnames[:1] == ("x",)
         and value.__code__.co_firstlineno > sum_rows.__code__.co_firstlineno - 1]  # fmt: skip


@pytest.mark.parametrize("x", [X, EMPTY, X[:1], M, X[::-1], X + 1], ids=str)
@pytest.mark.parametrize("fn", LOOPS, ids=lambda fn: fn.__name__)
def test_loops(fn, x):
    agree(fn, x)
