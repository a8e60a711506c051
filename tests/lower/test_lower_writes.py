"""Programs that write in place, evaluated: they give what Python gives."""

from __future__ import annotations

import numpy as np
import pytest
from lowering_support import agree

X = np.array([0.5, -1.25, 2.0, 0.75])


def subscript_assignment(x):
    y = np.zeros(3)
    y[0] = x[0]
    return y


def augmented_subscript(x):
    y = np.zeros(3)
    y[0] += x[0]
    return y


def in_place_of_argument(x):
    x += 1
    return x


def in_place_of_copy_of_name(x):
    s = x
    s += 1
    return s


def in_place_of_view(x):
    y = x * 2
    z = y[1:]
    z += 1
    return y


def in_place_with_two_names(x):
    y = x * 2
    z = y
    y += 1
    return z


def in_place_in_container(x):
    y = x * 2
    z = (y, 1.0)
    y += 1
    return z


def in_place_in_a_callee(x):
    def change(v):
        v += 1
        return v

    y = x * 2
    z = change(y)
    return y + z


def in_place_in_loop(x):
    s = np.zeros(4)
    old = s
    for _ in range(len(x)):
        old = s
        s += x
    return s, old


def in_place_of_row(x):
    m = np.outer(x, x)
    for row in m:
        row += 1.0
    return m


def grows(x):
    out = []
    for v in x:
        out.append(v)
    return np.stack(out)


def sorts(x):
    y = x * 1
    y.sort()
    return y


def fills(x):
    y = x * 1
    y.fill(0.0)
    return y


def out_argument(x):
    return np.add(x, 1, out=x)


def out_position(x):
    return np.exp(x, x)


def shared_list(x):
    a = [x]
    b = a
    a.append(x)
    return b


def add_at(x):
    y = np.zeros(4)
    np.add.at(y, 0, x[0])
    return y


WRITES = [
    subscript_assignment,
    augmented_subscript,
    in_place_of_argument,
    in_place_of_copy_of_name,
    in_place_of_view,
    in_place_with_two_names,
    in_place_in_container,
    in_place_in_a_callee,
    in_place_in_loop,
    in_place_of_row,
    grows,
    sorts,
    fills,
    out_argument,
    out_position,
    shared_list,
    add_at,
]


@pytest.mark.parametrize("fn", WRITES, ids=lambda fn: fn.__name__)
def test_writes(fn):
    agree(fn, X)
