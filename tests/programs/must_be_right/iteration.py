"""Programs that iterate over what changes."""

# ruff: noqa: B007, B905, PLW0120, RUF059

from __future__ import annotations

import numpy as np
from judge import case

X = np.array([0.3, -1.2, 2.1, 0.7, -0.4])
Y = np.array([0.8, 1.2, 2.1, 0.7, 0.4])


# Lists that change while they are iterated.


@case(X, static=True)
def deleted_behind(x):
    q, s = [x[0], x[1], x[2], x[3]], 0.0
    for i, v in enumerate(q):
        s += v * (i + 1)
        if i == 1:
            del q[0]
    return s + len(q)


@case(X, static=True)
def removed_while_read(x):
    q, s = [1, 2, 3, 4, 5], 0.0
    for v in q:
        if v % 2:
            q.remove(v)
        s += x[v - 1] * v
    return s * len(q)


@case(X, static=True)
def inserted_before(x):
    q, s = [x[0], x[1]], 0.0
    for v in q:
        s += v * len(q)
        if len(q) < 5:
            q.insert(0, v * x[2])
    return s


@case(X, static=True)
def popped_while_read(x):
    q, s = list(x), 1.0
    for v in [q[0], q[1], q[2]]:
        s *= v + q.pop()
    return s + sum(q)


@case(X, static=True)
def cleared_while_read(x):
    q, s = [x[0], x[1], x[2]], 0.0
    for v in q:
        s += v**2
        q.clear()
    else:
        s *= x[3]
    return s


@case(X, static=True)
def rebound_name_is_another_list(x):
    q, s = [x[0], x[1]], 0.0
    for v in q:
        q = [v, v]
        q[1] = x[2]
        s += v * q[1]
    return s + q[0]


@case(X, static=True)
def nested_over_one_list(x):
    q, s = [x[0], x[1], x[2]], 0.0
    for i, a in enumerate(q):
        for j, b in enumerate(q):
            if i < j:
                q[j] = a * b
            s += q[j] * (i + 1)
    return s


@case(X, static=True)
def reversed_while_written(x):
    q, s = [x[0], x[1], x[2]], 0.0
    for v in reversed(q):
        q[0] = q[0] + v
        q.append(v)
        s += v * q[0]
    return s * len(q)


@case(X, static=True)
def reversed_of_a_shortened(x):
    q = [x[0], x[1], x[2], x[3]]
    r = reversed(q)
    a = next(r)
    q.pop()
    q[1] = x[4]
    return a + sum(v * v for v in r)


@case(X, static=True)
def broken_off_with_else(x):
    q, s = [x[0], x[1], x[2]], 0.0
    for v in q:
        q[-1] = v * 2
        if v < 0:
            s += v
            continue
        if s < -5:
            break
        s += v * q[2]
    else:
        s *= 3
    return s


@case(X, static=True)
def broken_off_by_data(x):
    q, s = [x[0], x[1], x[2], x[3]], 0.0
    for v in q:
        s += v
        q[3] = s * v
        if s > 1:
            break
    else:
        s = s * x[4]
    return s + q[3]


@case(X, static=True)
def queue_in_a_while(x):
    q, s, n = [(x[0], 0), (x[1], 1)], 0.0, 0
    while q:
        v, depth = q.pop(0)
        s += v * (n + 1)
        n += 1
        if depth < 2:
            q.append((np.sin(v) * x[2], depth + 1))
    return s


@case(X, static=True)
def stack_in_a_while(x):
    q, s = [(x[0], 3)], 0.0
    while q:
        v, n = q.pop()
        if n == 0:
            s += v * v
        else:
            q.extend([(v * x[1], n - 1), (v + x[2], n - 1)])
    return s


@case(X, static=True)
def slices_are_copies(x):
    q, s = [x[0], x[1], x[2]], 0.0
    for v in q[:]:
        q[2] = q[2] + v
        q.append(v)
        s += v
    return s * q[2] + len(q)


@case(X, static=True)
def arrays_of_a_list_written(x):
    q, s = [x[:2].copy(), x[2:4].copy()], 0.0
    for v in q:
        q[1] *= 2
        s += np.sum(v * v)
    return s


@case(X, static=True)
def list_of_an_attribute(x):
    rows, s = [[x[0]], [x[1]]], 0.0
    for row in rows:
        rows[1].append(row[0] * x[2])
        s += sum(row) * len(row)
    return s


@case(X)
def item_of_a_list_grows(x):
    rows = [[v] for v in x]
    p = rows[0]
    p += [np.tanh(x[0])]
    s = 0.0
    for row in rows:
        row.append(x[1])
        s += sum(np.sin(v) for v in row)
    return s + len(rows[0]) * x[2]


@case(X, static=True)
def generators_of_generators(x):
    def below(n):
        if n > 0:
            yield x[n]
            yield from below(n - 1)

    return sum(v * (i + 1) for i, v in enumerate(below(3)))


@case(X, static=True)
def iterator_handed_to_functions(x):
    def take(n, it):
        return [v for v, _ in zip(it, range(n))]

    it = iter([x[0], x[1], x[2], x[3], x[4]])
    a, b = take(2, it), take(1, it)
    return sum(a) * 10 + sum(b)


# Dicts.


@case(X, static=True)
def values_seen_late(x):
    d = {"a": x[0], "b": x[1]}
    v = d.values()
    d["b"] = x[2] * 3
    d["c"] = x[3]
    return sum(v) * len(v)


@case(X, static=True)
def keys_and_membership(x):
    d = {"a": x[0], "b": x[1]}
    keys, s = d.keys(), 0.0
    d["c"] = x[2]
    for k in keys:
        d[k] = d[k] * 2
        s += d[k] * ("c" in keys)
    return s


@case(X)
def dict_grows_while_read(x):
    d = {"a": x[0]}
    for k in d:
        d[k + "a"] = x[1]
    return d["a"]


@case(X)
def dict_grows_in_the_last_round(x):
    d, s = {"a": x[0], "b": x[1]}, 0.0
    for k, v in d.items():
        s += v
        if k == "b":
            d["c"] = v
    return s


@case(X, static=True)
def items_unpacked_and_sorted(x):
    d = {"b": x[0], "a": x[1]}
    (k, v), *rest = d.items()
    return v * 2 + sum(d[k] * (i + 1) for i, k in enumerate(sorted(d))) + rest[0][1]


@case(X, static=True)
def reversed_views(x):
    d = {"a": x[0], "b": x[1], "c": x[2]}
    s = 0.0
    for i, (k, v) in enumerate(reversed(d.items())):
        d["a"] = d["a"] + v
        s += v * (i + 1)
    return s + dict(d.items())["a"]


# Names that `:=` binds.


@case(Y, static=True)
def walrus_in_a_condition(x):
    p = [y for v in (x[0], x[1], x[2]) if (y := v * 2) is not None]
    return sum(p) * y


@case(Y, static=True)
def walrus_in_a_generator(x):
    s = sum((t := v * v) for v in x)
    return s * t


@case(Y, static=True)
def walrus_carries(x):
    t = 1.0
    p = [t := t * v for v in x]
    return sum(p) + t


@case(Y, static=True)
def walrus_in_a_loop(x):
    s = 0.0
    for i in range(3):
        p = [(y := v * (i + 1)) for v in x]
        s += y * p[0]
    return s + y


@case(Y)
def walrus_in_a_ternary(x):
    y = 0.5
    p = [(y := v) if v > 1 else y for v in x]
    return sum(p) + y * 2


@case(Y, static=True)
def walrus_in_a_nested_comprehension(x):
    p = [[(y := v * w) for v in (x[0], x[1])] for w in (x[2], x[3])]
    return sum(map(sum, p)) + y


@case(Y)
def walrus_over_nothing(x):
    [(y := v) for v in x[:0]]
    return y * 2


@case(Y, static=True)
def walrus_in_a_generator_asked_twice(x):
    g = ((y := v) for v in (x[0], x[1], x[2]))
    a = next(g)
    b = y
    next(g)
    return a * b + y * 10


# Arrays


@case(X)
def rows_written_while_read(x):
    m, s = np.outer(x, x), 0.0
    for row in m:
        m[-1] += row
        s += np.sum(row)
    return s


@case(X)
def items_written_ahead(x):
    y, s = x.copy(), 0.0
    for i, v in enumerate(y):
        y[i + 1 :] += v * 0.5
        s += v * v
    return s


@case(X, static=True)
def ndenumerate_of_a_matrix(x):
    s = 0.0
    for (i, j), v in np.ndenumerate(np.outer(x, x)):
        s += v * (i + 2 * j)
    return s


@case(np.arange(6.0).reshape(2, 3), static=True)
def ndindex_of_ints(a):
    s = 0.0
    for i, j in np.ndindex(2, 3):
        s += a[i, j] * (i - j)
    return s


@case(X)
def run_time_list_grows_while_read(x):
    q, s = [v * 2 for v in x], 0.0
    for v in q:
        s += v
        if len(q) < 9:
            q.append(v * 0.5)
    return s


@case(X)
def run_time_list_is_written_while_read(x):
    q, s = [v * 2 for v in x], 0.0
    for i, v in enumerate(q):
        q[-1] = q[-1] + v
        s += v
    return s


@case(X)
def run_time_list_is_shortened_while_read(x):
    q, s = [v * 2 for v in x], 0.0
    for v in q:
        s += v
        q.pop()
    return s


@case(X)
def zip_of_a_run_time_list(x):
    q, s = [v * 2 for v in x], 0.0
    for a, b in zip(q, x[:3]):
        q[-3] = a * 5
        s += a * b
    return s


@case(X)
def reversed_run_time_list(x):
    q, s = [v * 2 for v in x], 0.0
    for v in reversed(q):
        q[0] = v + 1
        s += v
    return s


# Errors


@case(X)
def reversed_of_an_iterator(x):
    return sum(reversed(zip(x, x)))  # pyright: ignore


@case(X)
def an_item_of_a_view(x):
    return {"a": x[0]}.values()[0]  # pyright: ignore
