"""Lists whose length or structure is only known at run time, in each way that has gone wrong."""

from __future__ import annotations

import numpy as np
import pytest
from oracle import check

from s2s_grad import value_and_grad
from s2s_grad.errors import S2SError, TranslationError


def squares(x, k):
    return [v * v * k for v in x]


# ------------------------------------------------------------------ what changes a list


def inserted(x, k):
    p = squares(x, k)
    p.insert(1, k)
    p.insert(-1, x[0] * k)
    return p[1] * p[2] + p[0] * sum(p) + p[-2]


def popped_in_front(x, k):
    p = squares(x, k)
    first = p.pop(0)
    third = p.pop(-2)
    return first * p[0] * sum(p) + third


def turned_and_extended(x, k):
    p = squares(x, k)
    p.reverse()
    p.extend([k, k * k])
    p += [x[0]]
    return p[0] ** 2 * p[-2] * p[-1] + len(p) * p[1]


def removed_and_replaced(x, k):
    p = squares(x, k)
    p.remove(p[1])
    place = p.index(p[1])
    p[1:] = [k, k * x[0], p[place]]
    return sum(v**3 for v in p) + p.count(k)


def deleted(x, k):
    p = squares(x, k)
    del p[-1], p[1]
    d = {"u": k, "v": x[0]}
    del d["u"]
    q = [k, x[1], x[2]]
    del q[0]
    p[:] = [v * k for v in p]
    return sum(p) * q[0] + d["v"] * len(d) * p[0]


def cleared(x, k):
    p = squares(x, k)
    p.clear()
    p.append(k)
    p.extend(x)
    return sum(v**3 for v in p)


# ------------------------------------------------------------------ in loops and branches


def made_before_the_loop(x, k):
    p = [v * k for v in x]
    for i in range(len(x)):
        p[i] = p[i] * x[0]
    return p[-1] + sum(p)


def traded_in_a_loop(x, k):
    rows = [[v] for v in x]
    for _ in range(int(k * 2)):
        rows[0], rows[-1] = rows[-1], rows[0]
    return rows[-1][-1] * k + rows[0][0]


def rows_that_trade_places(x, k):
    rows = [[v] for v in x]
    rows[0], rows[-1] = rows[-1], rows[0]
    s = k
    for i in range(len(rows)):
        for v in rows[i]:
            s += v * i
    return s


def left_early(x, k):
    q = [x[i] for i in range(len(x))]
    for i, item in enumerate(q):
        if item * k * (i + 1) > 0.0:
            break
    return item * k * len(q)


def left_early_backwards(x, k):
    q = [v * k for v in x]
    s = k
    for item in reversed(q):
        s = s * item
        if item < 0.5:
            break
    return s


def longer_on_one_path(x, k):
    p = [k, x[0]]
    if k > 0.5:
        p.append(k * k)
    q = p if x[0] > 0.1 else [k]
    return sum(p) * len(p) + q[-1]


def inserted_in_a_loop(x, k):
    p = [k, x[0], x[1] * k]
    for _ in range(2, -1, -1):
        p.insert(1, np.tanh(sum(p)))
    return sum(v * v for v in p)


def rebuilt_after_an_append(x, k):
    p = [k] * 3
    for e in x:
        p.append(e * k)
        p = p[:2] + p[-2:]
    return sum(v * v for v in p)


def rebound_to_itself(x, k):
    p = [v * k for v in x]
    q = p
    for e in list(q):
        p = p  # noqa: PLW0127
        q.append(e * k)
    return p[-1] * len(p)


def emptied_before_the_test(x, k):
    p = [v * k for v in x]
    q = p
    p.clear()
    return q[-1] if q else k * x[0]


def repeated_and_joined(x, k):
    p = [k, x[0]] * int(k * 3)
    return sum(p + squares(x, k) + p[1:]) * len(p)


def returned_from_the_loop(x, k):
    p = [k, x[0], x[1] * k]
    rows = [p, list(p)]
    for _ in range(len(x)):
        rows.append([*p[:2], k])
        if k > 0.0:
            return k * x[0]
    return sum(sum(row) for row in rows)


# ------------------------------------------------------------------ lists given to functions


def given_to_functions(x, k):
    spread = np.mean([x[0], k, x[1] * k]) + np.sum(np.tanh([x, x * k])) + np.max([x[0], k])
    return spread + np.dot([0.1, 0.2, 0.3, 0.4], x) * k + np.linalg.norm([x[0], k])


def chosen_by_a_list(x, k):
    return np.sum(np.where([True, False, True, False], x, [k, k * k, x[0], k])) * k


def chosen_by_a_number(x, k):
    return np.sum(np.where(k > 0.0, np.sin(x), np.sqrt(x - x[0]))) * k


PROGRAMS = [
    inserted,
    popped_in_front,
    turned_and_extended,
    removed_and_replaced,
    deleted,
    cleared,
    made_before_the_loop,
    traded_in_a_loop,
    rows_that_trade_places,
    left_early,
    left_early_backwards,
    longer_on_one_path,
    inserted_in_a_loop,
    rebuilt_after_an_append,
    rebound_to_itself,
    emptied_before_the_test,
    repeated_and_joined,
    returned_from_the_loop,
    given_to_functions,
    chosen_by_a_list,
]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_program(f):
    check(f, (np.array([0.4, 0.9, 0.6, 1.1]), 0.7), (0, 1))


def test_the_path_that_was_not_taken_stays_out():
    """A condition that is a number masks the other path as well as an array does."""
    x = np.array([0.4, 0.9, 0.6])
    with np.errstate(divide="ignore"):
        _, found = value_and_grad(chosen_by_a_number, mode="static")(x, 0.7)
    np.testing.assert_allclose(found, np.cos(x) * 0.7)


# ------------------------------------------------------------------ names of one list or another


def appended_array_is_written(x, k):
    g, a = [], x * k
    for v in x:
        g.append(x * v)
    g.append(a)
    a[0] = k
    return np.sum(sum(g))


def held_on_one_path(x, k):
    p, rows = [k, x[0]], [[x[1], k], [k]]
    if x[0] > 0.1:
        rows[0] = p
    p[0] = x[2]
    return rows[0][0] * p[0]


def one_of_two(x, k):
    p, q = [k, x[0]], [x[1]]
    r = q
    if x[0] > 0.1:
        r = p
    r.append(x[2])
    return sum(r) * len(r) + sum(p) + sum(q)


def another_in_each_round(x, k):
    p = [k, x[0], x[1] * k]
    q = list(p)
    first = q
    for _ in range(len(x)):
        q.append(k)
        q = p
    return sum(first) + sum(p) * k


def replaced_in_a_loop_that_may_not_run(x, k):
    p = [k, x[0], x[1]]
    q = p
    for _ in range(int(k)):
        p = [k] * 3
    p[0] += x[0]
    return sum(v * v for v in q)


@pytest.mark.parametrize(
    "f",
    [
        appended_array_is_written,
        held_on_one_path,
        one_of_two,
        another_in_each_round,
        replaced_in_a_loop_that_may_not_run,
    ],
    ids=lambda f: f.__name__,
)
def test_right_or_refused(f):
    """What two names may share is followed, or refused; it is never taken for separate lists."""
    x = np.array([0.4, 0.9, 0.6])
    expected = value_and_grad(f, (0, 1), mode="tape")(x, 0.7)
    try:
        found = value_and_grad(f, (0, 1), mode="static")(x, 0.7)
    except TranslationError:
        raise
    except S2SError:
        return
    np.testing.assert_allclose(found[0], expected[0])
    np.testing.assert_allclose(found[1][0], expected[1][0])
