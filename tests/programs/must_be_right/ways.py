"""Programs that are compiled once for each way that they may go, and loops that are written out."""

import numpy as np
from judge import CASES, Case, case

X = np.array([0.63, 1.05, 0.58, 0.42])


@case(X, 0.7, static=True)
def unlike_tuples(x, k):
    t = (x, x * k)
    if x[0] > 0.5:
        t = (np.sin(x),)
    return np.sum(t[0]) * len(t)


@case(X, 0.7, static=True)
def unlike_functions(x, k):
    f = np.sin
    if k > 0.5:
        f = np.exp
    return np.sum(f(x))


@case(X, 0.7, static=True)
def a_dict_with_a_key_on_one_way(x, k):
    d = {"a": x[0]}
    if x[1] > 1.0:
        d["b"] = x[1] * k
    return sum(v * v for v in d.values()) + len(d) * k + d.get("b", k)


@case(X, 0.7, static=True)
def an_array_that_is_one_of_two_is_written(x, k):
    a, b = x * k, np.sin(x)
    c = a if x[2] > 0.5 else b
    c[0] = k * k
    return np.sum(a) + 2.0 * np.sum(b) + 3.0 * np.sum(c)


@case(X, 0.7, static=True)
def three_decisions(x, k):
    p = [k]
    for i in range(3):
        if x[i] > 0.6:
            p.append((x[i], i))
    total = 0.0
    for item in p:
        total += item[0] * (item[1] + 1) if isinstance(item, tuple) else item
    return total * len(p)


@case(X, 0.7, static=True)
def one_way_raises(x, k):
    t = [x[0]]
    if x[1] > 2.0:
        raise ValueError("too large")
    if x[1] > 1.0:
        t = [x[1], (x[2], k)]
    return t[0] * (t[1][0] if len(t) > 1 else 1.0)


@case(X + 2.0, 0.7)
def both_ways_raise(x, k):
    t = (x[0], k) if x[1] > 1.0 else (x[0],)
    if len(t) > 1:
        raise ValueError("a pair")
    raise KeyError("one")


@case(X, 0.7, static=True)
def returns_in_a_loop_that_is_written_out(x, k):
    seen = []
    for v in x:
        if v > 1.0:
            return sum(seen) * v
        seen.insert(0, v * k)
        seen.append([v])
        seen.pop()
    return k


@case(X, 0.7, static=True)
def a_while_loop_with_few_rounds(x, k):
    rows = [[k]]
    n = 0
    while k < 0.95:
        n += 1
        if n > 3:
            break
        rows.append([k, x[n]])
        k = np.tanh(k + x[n])
    return sum(sum(row) for row in rows) * len(rows)


@case(X, 0.7, static=True)
def a_helper_with_ways_of_its_own(x, k):
    def pick(items, limit):
        for i, item in enumerate(items):
            if item > limit:
                return (i, item)
        return (None, limit)

    place, found = pick(x, 0.6)
    other, rest = pick(x[1:], 1.2)
    return found * (1.0 if place is None else place + 1.0) + rest * (3.0 if other is None else k)


@case(X, 0.7, static=True)
def results_of_one_form(x, k):
    pair = [x[0], k]
    if x[3] < 0.5:
        pair = (x[1], k, x[2])
    first, *rest = pair
    return first + sum(rest) * len(rest)


@case(X, 0.7, static=True)
def sorts_when_it_runs(x, k):
    p = [k, x[0], x[1] * k]
    p.sort()
    q = sorted((v * v for v in x), reverse=True)
    r = sorted(p, key=lambda v: -v * v)
    return p[0] + p[1] * 2 + p[2] * 3 + q[0] * 5 + r[1] * 7 * q[-1]


@case(np.array([0.3, 0.3, 0.1, 0.2]), 0.3, static=True)
def sorts_equal_numbers(x, k):
    tagged = [(k, 1.0), (x[0], 2.0), (x[1] * 1.5, 3.0)]
    order = sorted([v for v, _ in tagged])
    return order[2] * 2.0 + sum(w * v for v, w in tagged) + len(order)


@case(X, 0.7, static=True)
def sorts_a_list_of_unknown_length(x, k):
    q = sorted([v * v for v in x if v > 0.5], reverse=True)
    return q[0] * 5 + sum(q) * k + len(q)


@case(X, 0.7)
def a_list_that_a_loop_made_has_two_names(x, k):
    p = [k, x[0], x[1] * k]
    q = [k, k, k]
    rows = [[k]]
    n = 0
    while p[-1] > 0.1231:
        n += 1
        if n > 1:
            break
        q = [1.5 * k, *q[:2]]
        rows = [q]
    rows[-1][0] = np.tanh(rows[-1][-1])
    return sum(q) + x[0]


@case(X, 0.7)
def a_list_of_a_round_has_two_names(x, k):
    q = [k, k]
    r = [k]
    for v in x:
        q = [v, q[0]]
        if v > 0.3:
            r = q
    r[0] = 5.0 * k
    return sum(q)


@case(np.linspace(0.1, 0.9, 60), 0.7)
def a_list_of_a_round_has_two_names_in_a_long_loop(x, k):
    q = [k, k]
    rows = {"a": [k, k]}
    for v in x:
        q = [v, q[0]]
        if v > 0.3:
            rows = {"a": q}
    rows["a"][0] = 5.0 * k
    return sum(q) + rows["a"][0]


def _last_of(x, k):
    p = [x[0]]
    if x[1] > 0.4:
        p.append((k, x[2]))
    if x[2] > 0.8:
        p = []
    return p[-1] * k if not p or not isinstance(p[-1], tuple) else p[-1][0] * p[0]


def _unpacked(x, k):
    p = [x[0]]
    if x[1] > 0.4:
        p.append((k, x[2]))
    first, second = p
    return first * second[0]


def _keyed(x, k):
    d = {"a": x[0]}
    if x[1] > 0.4:
        d["b"] = (x[2],)
    return d["b"][0] * d["a"]


def _taken(x, k):
    p = [x[0]]
    if x[1] > 0.4:
        p.append((x[2],))
    p.pop()
    p.pop()
    return k * len(p) + max(p or [k]) * x[3]


def _largest(x, k):
    p = []
    if x[1] > 0.4:
        p.append((x[2], k))
    return max(p, key=lambda item: item[0])[1] * k


for _program in (_last_of, _unpacked, _keyed, _taken, _largest):
    for _name, _x in (("works", [0.9, 0.5, 0.7, 0.3]), ("raises", [0.9, 0.3, 0.9, 0.3])):
        CASES[f"ways.{_program.__name__[1:]}_{_name}"] = Case(
            _program, (np.array(_x), 0.7), static=True
        )


@case(X, 0.7, static=True)
def a_generator_that_ends_where_data_says(x, k):
    def running(items, a):
        total = a
        for item in items:
            total = np.tanh(total + item)
            yield total
            if total > 0.8132:
                return

    q, s = [k], 0.0
    for e in running(x[:3], k):
        q = [np.sum(e), *q[:2]]
        s = s + sum(q) * len(q)
    return s + sum(q)


@case(X, 0.7, static=True)
def a_loop_over_what_another_loop_has_counted(x, k):
    h, count = [x], 0
    for _ in range(2):
        for _ in range(2):
            count += 1
        k = np.tanh(x[1] + k)
        for _ in range(count):
            h.append(np.sum([*h, x], axis=0) * 0.5)
    return sum(np.sum(e) for e in h) * k


@case(X, 0.7, static=True)
def a_list_in_a_list_that_a_counted_loop_replaces(x, k):
    rows, count = [[v * k for v in x], [k]], 0
    for _ in range(len(x)):
        k = np.tanh(sum(sum(row) for row in rows) * 0.1)
        count += 1
    for _ in range(count):
        rows[0] = [np.tanh(sum(rows[0]) + sum(rows[1])), k]
    first, *rest = [k, *rows[0]]
    return sum(sum(np.sin(v) for v in row) for row in rows) + first * len(rest)


@case(X, 0.7, static=True)
def an_inner_loop_that_has_to_be_written_out_in_each_round(x, k):
    q, s = [k, x[0]], k
    for u in x:
        for i in range(2):
            q = [k] * (i + 1) if len(q) > 1 else [*q, (u, k)]
            s = s * u + len(q)
        s = s + (q[-1][0] if isinstance(q[-1], tuple) else q[-1])
    return s


@case(X, 0.7, static=True)
def what_the_number_of_axes_decides(x, k):
    b, c = x[2], x * k
    if np.ndim(b):
        b[1] = k
    if np.ndim(c):
        c[1] = b
    return b * k + np.sum(c) * np.ndim(c)
