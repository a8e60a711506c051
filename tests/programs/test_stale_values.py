"""Values that may share memory with an array written since: right or refused, never old ones."""

from __future__ import annotations

import numpy as np
import pytest
from examine import Given, examine


def carried_by_two_loops(x, k):
    a = x.copy()
    w, t = [a], k
    for i in range(len(x)):
        t = t + x[i]
        w = [w[0]]
    b = x * k
    for _ in range(int(k)):
        a, b = b, a
    a[0] = 5 * k
    return np.sum(w[0]) + b[0]


def carried_by_two_loops_written_in_a_third(x, k):
    a = x.copy()
    w = [a, 0.0]
    for i in range(len(x)):
        w[1] = w[1] + x[i]
    b = x * k
    for _ in range(len(x) - 2):
        a, b = b, a
    for i in range(2):
        a[i] = np.sin(w[0][i])
    return np.sum(w[0]) + np.sum(b)


class Box:
    def __init__(self, value, items):
        self.value = value
        self.items = items

    def push(self, v):
        self.items[0] = v


def held_by_an_object_while_names_swap(x, k):
    a, b = x.copy(), x
    box = Box(k, a)
    for _ in range(len(x) - 1):
        box.value = k
        a, b = b, a
    box.push(x[0] * x[1])
    return np.sum(a) + box.value


def swapped_in_two_loops(x, k):
    a, b = x.copy(), x * k
    for i in range(len(x)):
        a, b = b, a
        a[i] = np.sin(b[i])
    c = b
    for i in range(len(x)):
        a, b = b, a
        b[i] = c[i] * 0.5
    return np.sum(a) + np.sum(c)


def swapped_and_read_in_the_loop(x, k):
    a, b = x.copy(), x * k
    s = 0.0
    for i in range(len(x)):
        v = a[1:]
        a[i] = b[0] * k
        a, b = b, a
        s = s + np.sum(v) * b[i]
    return s + np.sum(a * b)


def buffers_that_trade_places(x, k):
    old, new = x.copy(), np.zeros(len(x))
    kept = old
    for _ in range(4):
        new[1:] = np.tanh(old[:-1] * k)
        new[0] = old[-1]
        old, new = new, old
    return np.sum(old) + np.sum(kept * new)


def read_before_the_places_are_traded(x, k):
    a, b = x.copy(), np.zeros(len(x))
    first, s = a, 0.0
    for _ in range(4):
        s = s + first[1] * k
        b[1] = a[0] + s
        a, b = b, a
    return s


def a_part_read_before_the_places_are_traded(x, k):
    a, b = x.copy(), np.zeros(len(x))
    first, s = a[1:], 0.0
    for _ in range(4):
        s = s + np.sum(first) * k
        b[1:] = a[:-1] * s
        a, b = b, a
    return s + np.sum(a)


@pytest.mark.parametrize(
    "f",
    [
        read_before_the_places_are_traded,
        a_part_read_before_the_places_are_traded,
        carried_by_two_loops,
        carried_by_two_loops_written_in_a_third,
        held_by_an_object_while_names_swap,
        swapped_in_two_loops,
        swapped_and_read_in_the_loop,
        buffers_that_trade_places,
    ],
)
def test_right_or_refused(f):
    found = examine(f, Given((np.array([0.9, 1.03, 1.18]), 0.7)))
    assert not found.fault, found.reason


def stencil(x, k):
    old, new = x.copy(), np.zeros(len(x))
    for _ in range(4):
        new[1:] = np.tanh(old[:-1] * k)
        new[0] = old[-1]
        old, new = new, old
    return np.sum(old)


def stencil_in_a_loop(x, k):
    a, b = x.copy(), x * k
    for _ in range(len(x)):
        for i in range(1, len(x)):
            b[i] = np.sin(a[i - 1])
            a, b = b, a
        a[0] = b[0] * k
    return np.sum(a * b)


@pytest.mark.parametrize("f", [stencil, stencil_in_a_loop])
def test_buffers_apart_are_compiled(f):
    found = examine(f, Given((np.array([0.9, 1.03, 1.18]), 0.7)), thorough=True)
    assert found.what == "ok", found.reason
