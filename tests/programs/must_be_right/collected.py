"""Arrays that a loop puts into a list, and that names still stand for when it has ended."""

from __future__ import annotations

import numpy as np
from judge import case

X, K = np.array([0.3, 0.5, 0.9, 0.7]), 0.7


@case(X, K)
def the_last_one_is_written(x, k):
    rows = []
    b = x.copy()
    for v in x:
        b = b * v
        rows.append(b)
    b[0] = k
    return sum(np.sum(r) for r in rows)


@case(X, K)
def a_part_of_the_last_one_is_written(x, k):
    rows = []
    b = x.copy()
    for v in x:
        b = b * v
        rows.append(b[1:])
    b *= k
    return np.sum(np.array(rows))


@case(X, K, static=True)
def the_next_one_is_written(x, k):
    rows = []
    b = x.copy()
    for v in x:
        rows.append(b)
        b = b * v
    b[0] = k
    return sum(np.sum(r) for r in rows) + np.sum(b)


@case(X, K)
def written_after_a_jump(x, k):
    rows = []
    b = x.copy()
    for v in x:
        rows.append(b)
        if v > 0.6:
            break
        b = b * v
    b[0] = k
    return sum(np.sum(r) for r in rows)


@case(X, K)
def named_in_a_comprehension(x, k):
    rows = [(w := x * v) for v in x]
    w[0] = k
    return sum(np.sum(r) for r in rows)


@case(X, 0.7, static=True)
def sorted_as_it_was_filled(x, k):
    p = [v * k for v in x]
    q = sorted(p)
    r = sorted(p, reverse=True)
    return sum(v * i for i, v in enumerate(q)) + sum(v * v for v in r) + sum(p)


@case(X, static=True)
def a_list_with_nothing_behind_it(x):
    items = [x[i] * x[i] for i in range(len(x))]
    none = items[:0]
    empty = []
    return sum(items[:2] + empty) * sum(empty + items[1:]) + sum(none + items + empty)


@case(X, static=True)
def a_list_that_nothing_is_added_to(x):
    items = [v * v for v in x]
    none = []
    items.extend(none)
    items += none[:2]
    items = items + none[:1] + [x[0]]
    return sum(items) * items[-1]
