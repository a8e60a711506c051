"""Programs whose arrays, lists and iterators a single guard of the compiler keeps apart, or not."""

from __future__ import annotations

import numpy as np
from judge import case

X = np.array([0.3, -1.2, 2.1, 0.7, -0.4])
M = np.arange(9.0).reshape(3, 3) / 7.0 + 0.1


@case(X, static=True)
def copied_from_a_name_that_is_written(x):
    y, w = x.copy(), x * 2
    np.copyto(y, w)
    w[0] = 5.0
    return np.sum(y * x) + np.sum(w)


@case(M, static=True)
def copied_from_a_name_that_is_bound_in_the_call(x):
    y = x.copy()
    np.copyto(y, (w := x * 2))
    y[0, 0] = x[1, 1]
    return np.sum(y * x) + np.sum(w)


@case(M, static=True)
def copied_from_an_item_of_a_list(x):
    y, kept = x.copy(), []
    kept.append(x * 2)
    np.copyto(y, kept[0])
    kept[0][0, 0] = 5.0
    return np.sum(y * x) + np.sum(kept[0])


@case(X, static=True)
def real_part_of_real_numbers(x):
    y, w = x * 3, x * 2
    y.real = w
    w[0] = 5.0
    return np.sum(y.real * x) + np.sum(w)


@case(M, 3)
def written_as_a_whole_through_a_transpose(x, n):
    a, b = x.copy(), x * 2
    c = a
    for _ in range(n):
        a, b = b, a
    v = a.T
    v *= 2.0
    c[0] = x[1]
    b[1] = x[2] * 3
    return np.sum(a * x) + np.sum(b)


@case(M, 2)
def written_through_a_transpose_and_by_another_name(x, n):
    a, b = x.copy(), x * 2
    c = a
    for _ in range(n):
        a, b = b, a
    v = a.T
    v += x
    c[0] = x[1]
    return np.sum(a * x)


@case(X, 4)
def view_of_an_array_without_axes_trades_places(x, n):
    y = np.array(x[0])
    y[...] = 2.0
    z = y.reshape(1)
    w = x[:1].copy()
    for _ in range(n):
        z, w = w, z
    y[...] = x[1]
    return z[0] * x[2] + w[0]


@case(X, 3, 2)
def places_traded_by_two_loops_inside_of_a_loop(x, n, k):
    base, other, s = x.copy(), x * 2, 0.0
    for i in range(n):
        a, b, w, v = base, other, base, x * 3
        for _ in range(k):
            a, b = b, a
        for _ in range(k):
            w, v = v, w
        a[i] = x[i] * 5
        s = s + np.sum(w * x)
        base, other = base * 1.5, other + x
    return s


@case(X, 3, 2)
def places_traded_by_two_loops_of_carried_arrays(x, n, k):
    base, other, s = x.copy(), x * 2, 0.0
    for i in range(n):
        a, w = base, base
        b, v = other, x * 3
        for _ in range(k):
            a, b = b, a
            s = s + b[0]
        for _ in range(k):
            w, v = v, w
            s = s + v[1]
        a[i] = np.sin(x[i])
        s = s + w[i] * x[0]
        base = base * 1.5
    return s


@case(X, 4)
def number_and_then_a_part(x, n):
    y = x.copy()
    w = 0.0
    for i in range(n):
        w = y[i : i + 2]
    y[n] = x[0] * 7
    return np.sum(w) ** 2


@case(X, 3)
def part_of_the_round_before(x, n):
    y = x.copy()
    w = 0.0
    s = 0.0
    for i in range(n):
        y[i] = x[0] * 7
        s = s + np.sum(w)
        w = y[i : i + 2]
    return s


@case(X, 3)
def list_in_a_list_that_is_bound_again(x, n):
    inner = [x[0], x[1]]
    outer = [inner, x[2]]
    for i in range(n):
        outer = [outer[0], outer[1] * x[i]]
    inner[0] = x[3] * 5
    return outer[0][0] * outer[1]


@case(X, 3)
def list_in_a_list_changed_in_the_round(x, n):
    inner = [x[0], x[1]]
    outer = [inner, x[2]]
    for i in range(n):
        outer = [outer[0], outer[1] * x[i]]
        inner[0] = inner[0] + x[3]
    return outer[0][0] * outer[1]


@case(X, 3)
def list_in_a_list_changed_through_it(x, n):
    inner = [x[0], x[1]]
    outer = [inner, x[2]]
    for i in range(n):
        outer = [outer[0], outer[1] + x[i]]
        outer[0][1] = x[i] * 3
    return inner[1] * outer[1] + inner[0]


@case(X, 3)
def held_together_from_the_first_round_on(x, n):
    a, b, s = x.copy(), x * 2, 0.0
    for i in range(n):
        a[0] = x[i] * 3
        s = s + b[0] * x[i]
        a = a * 2
        b = a
    return s + np.sum(a * b)


@case(X, 3)
def held_together_by_the_first_round_alone(x, n):
    a = x.copy()
    b, s = a, 0.0
    for i in range(n):
        a[0] = x[i] * 3
        s = s + b[0] * x[i]
        a = a * 2
        b = b * 3
    return s + np.sum(a * b)


@case(X, 4)
def copied_at_the_end_of_each_round(x, n):
    a, b, s = x.copy(), x * 2, 0.0
    for i in range(1, n):
        a[i] = a[i] * a[i - 1] + b[i]
        s = s + b[i - 1] * b[i]
        b = a.copy()
    return s + np.sum(a * b)


@case(X, 4, static=True)
def two_copies_of_one_array_before_a_loop(x, n):
    y = x * 3
    a, b = y.copy(), y.copy()
    for i in range(1, n):
        a[i] = a[i] * a[i - 1]
        b[i] = b[i] + b[i - 1] * a[i]
    return np.sum(a * b)


@case(X, 4, static=True)
def copy_that_is_written_while_the_array_is_read(x, n):
    y = x * 3
    a = y.copy()
    for i in range(1, n):
        a[i] = a[i] * a[i - 1] + y[i - 1]
    return np.sum(a * y)


@case(X)
def asked_again_where_any_stopped(x):
    it = iter([x[0], x[2], x[1]])
    found = any(v > 0.0 for v in it)
    return next(it, x[3] * 9) * (2 if found else 3)


@case(X)
def the_rest_after_all_stopped(x):
    it = iter([x[0], x[1], x[2]])
    every = all(v > 0.0 for v in it)
    return sum(it) * (2 if every else 3)


@case(0.1, 0.0, static=True)
def large_in_two_steps(a, b):
    def large(v):
        r = 1.0 / v
        return r * r > 4.0 and r > 1.0

    return a * a if any(large(v) for v in (a, b)) else b


@case(0.1, 0.0, static=True)
def small_in_two_steps(a, b):
    def small(v):
        r = 1.0 / v
        return r * r < 4.0 or r < 1.0

    return a * a if all(small(v) for v in (a, b)) else b + a


@case(X, 3)
def one_of_two_run_time_lists_grows(x, n):
    a, b = [], []
    for i in range(n):
        a.append(x[i] * 2)
        b.append(x[i] * 3)
        b.append(x[0])
    c = a if x[2] > 0 else b
    a.append(x[3])
    return sum(c) ** 2


@case(X, 3)
def one_of_two_run_time_lists_changed(x, n):
    a, b = [], []
    for i in range(n):
        a.append(x[i] * 2)
        b.append(x[i] * 3)
    c = a if x[2] > 0 else b
    c[0] = x[3] * 5
    return a[0] * b[0] + sum(c)


@case(X, 3)
def container_from_before_and_then_another(x, n):
    a, c = [x[0]], [x[1]]
    for i in range(n):
        if x[i] > 0:
            c = a
        else:
            c = [x[i]]
    a[0] = x[3] * 5
    return c[0] ** 2


@case(X, 3)
def container_from_before_in_turn(x, n):
    a, b = [x[0]], [x[1]]
    c, d = a, b
    for i in range(n):
        c, d = d, c
        c[0] = c[0] + x[i]
    return a[0] * b[0] + c[0] * d[0] ** 2


@case(X, 2)
def lists_in_a_run_time_list(x, n):
    rows = []
    for i in range(n):
        rows.append([x[i], x[i + 1] * 2])
    row = rows[0]
    row[0] = x[4] * 5
    return rows[0][0] * rows[1][1] + row[1]


@case(X, 2)
def lists_in_a_run_time_list_grow(x, n):
    rows = []
    for i in range(n):
        rows.append([x[i], x[i + 1] * 2])
    rows[0].append(x[4] * 5)
    return sum(rows[0]) * sum(rows[1])


@case(X, 2)
def dicts_in_a_run_time_list(x, n):
    rows = []
    for i in range(n):
        rows.append({"a": x[i], "b": x[i + 1] * 2})
    for row in rows:
        row["a"] = row["a"] * x[4]
    return rows[0]["a"] * rows[1]["b"]


@case(X, 3)
def function_made_in_one_branch(x, n):
    def scaled(by):
        def f(v):
            return v * by

        return f

    f = None
    if x[0] > 0:
        k = x[1] * 2
        f = scaled(k)
        k = x[2]
    if f is None:
        return x[3]
    return f(x[4]) * x[0]


@case(X, 3)
def bound_method_of_an_array_in_a_loop(x, n):
    y = x.copy()
    total = y.sum
    s = 0.0
    for i in range(n):
        s = s + total() * x[i]
        y[i] = x[0] * 3
    return s


@case(X, 3)
def items_of_a_dict_asked_in_a_loop(x, n):
    d = {"a": x[0], "b": x[1]}
    values = d.values()
    s = 0.0
    for i in range(n):
        s = s + sum(values) * x[i]
        d["a"] = d["a"] * 2
    return s


@case(X, 4, static=True)
def two_sums_that_are_equal_before_a_loop(x, n):
    y = np.sin(x)
    a, b = y + 0, y + 0
    for i in range(1, n):
        a[i] = x[i] * 4 + a[i - 1]
        b[i] = x[i - 1] + b[i - 1] * a[i]
    return np.sum(a * b)


@case(X, 2)
def one_of_two_that_trade_places_or_a_third_name(x, k):
    p, q = x.copy(), x * 2
    r, s = p, 0.0
    for i in range(len(x)):
        p, q = q, p
        a, b = p, r
        for _ in range(k):
            a, b = b, a
        a[i] = x[i] * 5
        s = s + np.sum(q * x)
    return s
