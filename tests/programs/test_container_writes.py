"""Programs that write into lists and dicts, in each way that has gone wrong somewhere."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from oracle import check


def list_items(x, k):
    v = [k, x[0]]
    w = v
    v[0] = x[1] * k
    v.append(k)
    w[0], w[2] = w[2], w[0]
    v += [x[2]]
    v.insert(0, k)
    return v[0] * v[1] + w.pop() * v[2] + len(w) * v[-1]


def list_filled_in_a_loop(x, k):
    rows = []
    u = x.copy()
    for _ in range(len(x)):
        u[1:] += k * u[:-1]
        rows.append(u.copy())
    rows.append(x)
    return np.sum(np.stack(rows) ** 2) + np.sum(rows[-2])


def list_reads_its_last(x, k):
    hs = [x[0]]
    for i in range(len(x)):
        hs.append(np.tanh(hs[-1] * k + x[i]))
    total = 0.0
    for h in hs:
        total += h * h
    return total * hs[-1]


def list_in_branches(x, k):
    parts = []
    for e in x:
        if e > 0:
            parts.append(np.array([e, k]))
        else:
            parts.append(np.array([e * k, e]))
    return np.sum(np.concatenate(parts) ** 2)


def list_of_arrays(x, k):
    pair = [x * k, x * 2.0]
    pair[0][1] = k
    pair[1] += pair[0]
    first = pair[0]
    pair[0] = x
    first *= 2.0
    return np.sum(pair[1] ** 2) + np.sum(first)


def dict_items(x, k):
    d = {"a": x, "b": k}
    d["c"] = d["a"] * k
    d["b"] += 1.0
    d["a"] = d["a"] + d["c"]
    d.update(e=x[0])
    d["c"][0] = d.pop("e") * k
    return np.sum(d["a"] ** 2) * d["b"] + np.sum(d["c"])


def list_after_a_branch(x, k):
    if x[0] > 0:
        a = b = [x]
    else:
        a = b = [x * 2]
    a.append(x * k)
    return np.sum(b[0] * b[1])


def nested_lists(x, k):
    grid = [[x[0], k], [x[1], x[2]]]
    grid[0][1] = grid[1][0] * k
    grid[1].append(k)
    row = grid[1]
    row[0] = k * row[2]
    return sum(sum(r) ** 2 for r in grid)


def items_trade_places_in_a_list_of_any_length(x, k):
    p = [k]
    for e in x:
        p.append(np.sin(p[-1] + e))
    p[0], p[-1] = p[-1], p[0]
    first = p[1]
    p[1] = k * first
    return p[0] * 2.0 + p[-1] ** 2 + first * p[1]


def list_with_computed_places(x, k):
    best = [0.0] * 4
    for i in range(len(x)):
        for j in range(3, 0, -1):
            best[j] = max(best[j], best[j - 1] + x[i] * k)
    return best[-1] ** 2 + best[1]


def list_filled_by_place(x, k):
    best = [0.5] * 3
    for i in range(3):
        best[i] = best[i - 1] * k + x[0]
    return best[-1] + len(best)


def list_that_grows_on_paths(x, k):
    acc = [k]
    for e in x:
        if e > 0:
            acc.append(e * k)
        else:
            acc.append(e)
            acc.append(k * k)
    return sum(acc) * acc[-1] + np.sum(np.array(acc) ** 2)


def list_as_a_stack(x, k):
    st = [x[0]]
    for e in x:
        if len(st) > 1 and st[-1] * e < 0:
            st.pop()
        st.append(st[-1] * e + k)
    return np.sum(np.array(st) ** 2)


def list_that_grows_twice(x, k):
    rows = []
    for i in range(len(x)):
        if x[i] > -10:
            rows.append(x * x[i])
        rows.append(np.sin(x) * k)
    return np.sum(np.stack(rows) ** 2)


def read_by_computed_place(x, k):
    w = (0.1, 0.2, 0.3)
    v = [x[0], k, x[1]]
    s = 0.0
    for i in range(len(x)):
        s += w[i % 3] * v[i % 3]
    return s


def rows_of_inner_loops(x, k):
    rows = []
    for i in range(3):
        row = np.zeros(3)
        for j in range(3):
            row[j] = x[j] * k**i
        rows.append(row)
    return np.sum(np.vstack(rows) ** 2)


def appended_or_skipped(x, k):
    acc = []
    for i in range(len(x)):
        t = x[i] * k
        if t < 0:
            continue
        acc.append(t)
    return np.sum(np.array(acc) ** 2)


PROGRAMS = [
    f
    for name, f in list(globals().items())
    if inspect.isfunction(f) and list(inspect.signature(f).parameters) == ["x", "k"]
]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_writes(f: Any) -> None:
    for seed in range(3):
        random = np.random.default_rng(seed)
        check(f, (random.normal(size=5), float(random.uniform(0.4, 0.9))), (0, 1))
