"""Programs that iterate over what changes, and iterators asked late, or not to their end."""

# ruff: noqa: B007, B905, C417, PLW0120, RUF059

from __future__ import annotations

import functools
import itertools

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


# Iterators that are shared, or not run to their end.


@case(X, static=True)
def pairs_of_one_iterator(x):
    it = iter([x[0], x[1], x[2], x[3]])
    return sum(a * b for a, b in zip(it, it))


@case(X, static=True)
def the_first_loses_an_item(x):
    a, b = iter([x[0], x[1], x[2]]), iter([x[3]])
    s = sum(u * v for u, v in zip(a, b))
    return s + 10 * next(a)


@case(X, static=True)
def next_inside_of_the_loop(x):
    it, s = iter([x[0], x[1], x[2], x[3], x[4]]), 0.0
    for v in it:
        s += v * next(it, 2.0)
    return s


@case(X)
def loop_goes_on_where_it_was(x):
    it, s = iter([x[0], x[1], x[2], x[3]]), 0.0
    for v in it:
        s += v
        if v is x or s < 0:
            break
    for v in it:
        s += v * 10
    return s


@case(X, static=True)
def two_loops_of_one_iterator(x):
    it, s = iter([x[0], x[1], x[2], x[3]]), 0.0
    for i, v in enumerate(it):
        s += v
        if i == 1:
            break
    for v in it:
        s += v * 10
    for v in it:
        s += v * 100
    return s


@case(X)
def next_of_an_array(x):
    it = iter(x)
    first = next(it)
    return sum(v * first for v in it)


@case(X)
def advanced_in_a_branch(x):
    it = iter([x[0], x[1], x[2]])
    if x[0] > 0:
        next(it)
    return sum(v * v for v in it)


@case(X)
def advanced_in_a_loop(x):
    it, s = iter([x[0], x[1], x[2], x[3], x[4]]), 0.0
    for v in x:
        s += v * next(it)
    return s


@case(X)
def next_of_nothing(x):
    it = iter([x[0]])
    next(it)
    return next(it) * 2


@case(X, static=True)
def default_of_next(x):
    return next((v for v in (x[0], x[1]) if v is None), x[2]) * 3


@case(X, static=True)
def an_iterator_of_an_iterator(x):
    p = [x[0], x[1], x[2]]
    a = enumerate(p)
    b = zip(a, iter(a))
    p[2] = x[4]
    return sum((i + 1) * v * (j + 1) * w for (i, v), (j, w) in b) + sum(v for _, v in a)


@case(X, static=True)
def unpacked_iterators(x):
    it = map(lambda v: v * x[0], [x[1], x[2], x[3]])
    a, *b = it
    return a + b[0] * b[1] + len(list(it))


@case(X, static=True)
def star_arguments(x):
    def f(a, b, c):
        return a * b + c

    p = [x[0], x[1]]
    z = iter(p)
    p.append(x[2])
    return f(*z)


@case(X)
def unlike_lengths_in_a_strict_zip(x):
    return sum(a * b for a, b in zip([x[0], x[1]], [x[2]], strict=True))


# Generators, map, filter: when they run.


@case(X, static=True)
def map_with_effects(x):
    n = []

    def f(v):
        n.append(v)
        return v * len(n)

    m = map(f, [x[0], x[1], x[2]])
    s = len(n) + 0.0
    s += next(m)
    s += len(n) * 10
    return s + sum(m) + sum(n)


@case(X, static=True)
def map_stops_with_the_shorter(x):
    n = []

    def f(v):
        n.append(v)
        return v

    s = sum(a * b for a, b in zip([x[3], x[4]], map(f, [x[0], x[1], x[2]])))
    return s + sum(n)


@case(X, static=True)
def filter_reads_late(x):
    keep = [0, 1]
    f = filter(lambda i: i in keep, [0, 1, 2, 3])
    keep.append(3)
    return sum(x[i] * (i + 1) for i in f)


@case(X, static=True)
def generator_over_a_written_list(x):
    p = [x[0], x[1], x[2]]
    g = (v * w for v in p for w in p)
    a = next(g)
    p[1] = x[4]
    p.append(x[3])
    return a + sum(g)


@case(X, static=True)
def first_iterable_at_once(x):
    p = [x[0], x[1]]
    m = [x[2]]
    g = (a * b for a in p for b in m)
    p = [x[3]]
    m = [x[4], x[4]]
    return sum(g) + p[0] + m[0]


@case(X, static=True)
def generator_of_a_generator(x):
    t = x[0]
    g = (v * t for v in (u + t for u in [x[1], x[2]]))
    t = x[3]
    a = next(g)
    t = x[4]
    return a * sum(g)


@case(X)
def late_bound_in_a_loop(x):
    gs = []
    for i in range(3):
        gs.append(x[i] * j for j in (1, 2))
    return sum(sum(g) for g in gs)


@case(X)
def array_generator_reads_late(x):
    t = x[0]
    g = (v * t for v in x)
    t = x[1] * 3
    return sum(g)


@case(X)
def array_generator_in_a_writing_loop(x):
    y, s = x.copy(), 0.0
    for a, b in zip((u * 2 for u in y), y):
        y[-1] += a * b
        s += a
    return s * y[-1]


@case(X)
def filtered_generator_in_a_writing_loop(x):
    y, s = x.copy(), 0.0
    for a in (u * 2 for u in y if u > 0):
        y[-2] += a
        s += a
    return s


@case(X)
def filtered_generator_of_a_name(x):
    y, s, t = x.copy(), 0.0, x[0]
    for a in (u * t for u in y if u > 0):
        t = t + a
        s += a
    return s


@case(X)
def generator_function_reads_late(x):
    y = x.copy()

    def give():
        for v in y:
            yield v * y[0]

    g = give()
    y[0] = x[1] * 3
    return sum(g)


@case(X)
def generator_function_interleaved(x):
    y = x.copy()

    def give():
        for i in range(3):
            yield y[i]

    s = 0.0
    for v in give():
        y[2] = v * 2
        s += v
    return s


@case(X)
def generator_function_interleaved_with_a_name(x):
    t = x[0]

    def give():
        for i in range(3):
            yield t * x[i]

    s = 0.0
    for v in give():
        t = t + v
        s += v
    return s


@case(X)
def generator_function_gives_what_it_writes(x):
    def give():
        y = x.copy()
        for i in range(3):
            y *= 2
            yield y

    return sum(np.sum(v) * (i + 1) for i, v in enumerate(give()))


@case(X, static=True)
def generator_function_to_its_end(x):
    n = []

    def give():
        for v in (x[0], x[1]):
            n.append(v)
            yield v * len(n)
        n.append(x[2])

    p = list(give())
    return sum(p) + sum(n)


@case(X)
def generator_function_stopped(x):
    n = []

    def give():
        for v in (x[0], x[1], x[2]):
            n.append(v)
            yield v * len(n)

    for v in give():
        if v < 0:
            break
    return sum(n)


@case(X)
def generator_function_never_run(x):
    n = [x[0]]

    def give():
        n.append(x[1])
        yield x[2]

    give()
    return sum(n)


@case(X)
def generator_with_a_nonlocal(x):
    t = x[0]

    def give():
        nonlocal t
        for i in range(2):
            t = t * x[i + 1]
            yield t

    return sum(v * t for v in give())


@case(X, static=True)
def itertools_are_lazy(x):
    p = [x[0], x[1]]
    c = itertools.chain(p, [x[2]])
    s = itertools.islice(c, 2)
    p[1] = x[3] * 2
    return sum(s) + 10 * sum(c)


@case(X, static=True)
def accumulate_is_lazy(x):
    p = [x[0], x[1], x[2]]
    a = itertools.accumulate(p)
    first = next(a)
    p[2] = x[4]
    return sum(a) * first


@case(X, static=True)
def pairwise_and_the_longest(x):
    p = [x[0], x[1], x[2]]
    pairs = itertools.pairwise(p)
    longest = itertools.zip_longest(p, [x[3]], fillvalue=2.0)
    p.append(x[4])
    return sum(a * b for a, b in pairs) + sum(a * b for a, b in longest)


@case(X)
def extended_by_its_own_generator(x):
    p = [x[0], x[1]]
    p.extend(v * len(p) for v in [x[2], x[3]])
    return sum(v * (i + 1) for i, v in enumerate(p))


@case(X)
def sum_of_an_array_that_is_written(x):
    y = x.copy()

    def double(i):
        nonlocal y
        y *= 2
        return y

    return np.sum(sum(double(i) for i in (1, 2, 3)))


# any and all


@case(X)
def any_with_a_counter(x):
    n = 0

    def above(v):
        nonlocal n
        n += 1
        return v > 0.5

    if any(above(v) for v in (x[0], x[1], x[2], x[3])):
        return n * x[0]
    return x[1]


@case(X, static=True)
def any_of_constants(x):
    n = []

    def add(i):
        n.append(x[i])
        return i == 1

    found = any(add(i) for i in range(4))
    return sum(n) * (1 + found)


@case(X)
def all_binds_a_name(x):
    s = 0.0
    if not all((y := v) < 1 for v in (x[0], x[1], x[2], x[3])):
        s = y * 3
    return s + y


@case(X, static=True)
def any_leaves_the_rest(x):
    it = iter([1, 2, 3, 4])
    found = any(v == 2 for v in it)
    return sum(x[v] for v in it) * (1 + found)


@case(X)
def any_by_data_leaves_the_rest(x):
    it = iter([x[0], x[1], x[2], x[3]])
    any(v < 0 for v in it)
    return sum(v * v for v in it)


@case(X, static=True)
def all_of_an_array(x):
    return np.sum(x) * (2 if all(v > -2 for v in x) else 3)


@case(X)
def all_writes_an_array(x):
    y = x.copy()

    def seen(i):
        y[i] = y[i] * 2
        return y[i] > -1

    all(seen(i) for i in range(4))
    return np.sum(y * y)


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


# A list of run-time length that the loop over it shortens.


@case(X)
def last_deleted_while_read(x):
    q, s = list(x), 0.0
    for v in q:
        s += v * v
        del q[-1]
    return s


@case(X)
def first_popped_under_another_name(x):
    q, s = list(x), 0.0
    r = q
    for v in q:
        s += v * len(r)
        r.pop(0)
    return s


@case(X)
def rotated_while_read(x):
    q, s = list(x), 0.0
    for v in q:
        s += v * len(q)
        q.append(q.pop(0) * 2)
        if len(q) > 5:
            break
    return s


@case(X)
def zipped_and_shortened(x):
    q, s = list(x), 0.0
    for a, b in zip(q, x, strict=False):
        s += a * b
        q.pop()
    return s


@case(X)
def result_of_a_generator(x):
    def inner():
        yield x[0]
        return 3.0

    def outer():
        factor = yield from inner()
        yield factor * x[3]

    return sum(outer()) ** 2


@case(X, 0.7, static=True)
def asked_again_after_a_loop_that_is_left(x, k):
    it, s = iter(x * k), 0.0
    for v in it:
        s = s + v
        if s > 0.5:
            break
    for v in it:
        s = s * v
    return s + next(it, k)


@case(X, 0.7, static=True)
def asked_again_after_a_loop_to_its_end(x, k):
    it, s = iter(x * k), 0.0
    for v in it:
        s = s + v * s + v
    for v in it:
        s = s * v * 100.0
    return s + next(it, k) + sum(it) * 100.0


@case(X, 0.7, static=True)
def asked_again_after_a_comprehension(x, k):
    it = iter(x * k)
    q = [v * 2.0 for v in it]
    return np.sum(np.array(q)) + next(it, k) + sum(it) * 100.0


@case(X, 0.7, static=True)
def asked_again_after_a_quantifier(x, k):
    p = [x[0], x[1], x[2]]
    it = iter(p)
    if any(v > 0.6 for v in it):
        p[2] = k
    rest = sum(it) * k
    it = iter(p)
    return rest + (1.0 if all(v > 0.1 for v in it) else 2.0) * next(it, k) + sum(p)


@case(X, 0.7, static=True)
def run_over_in_each_round_of_a_loop(x, k):
    it, s = iter(x * k), 0.0
    for u in x[:3]:
        for v in it:
            s = s + v * u
            if v > 0.4:
                break
    return s + next(it, k)


@case(X, 0.7, static=True)
def a_list_that_a_generator_expression_fills_in_a_loop_written_out(x, k):
    p = [x[1]]
    it = (v + i for i, v in enumerate(p) if i != 1)
    for _ in range(3):
        p.extend(itertools.islice(it, 2))
    return sum(p) * k


# what takes the items of an iterator in turn


@case(X, 0.7, static=True)
def folds_of_an_iterator_with_effects(x, k):
    log = []

    def note(v):
        log.append(v)
        return v * (len(log) + 1)

    p = [x[0], x[1], x[2]]
    total = functools.reduce(lambda a, v: a + v * len(log), map(note, p))
    best = max(map(note, p), key=lambda v: v * (1.0 if len(log) == 5 else -1.0))
    return total + best * k + max(map(note, p[:0]), key=len, default=k) * len(log)


@case(X, 0.7, static=True)
def sums_of_an_array_that_is_written_between(x, k):
    y = x.copy()

    def double(i):
        y[:] = y * i
        return y

    total = np.sum(sum(map(double, (1, 2, 3)))) + np.sum(sum(double(i) for i in (2, 3)))
    return total + np.sum(functools.reduce(np.add, map(double, (2, k)))) + np.sum(y)


@case(X)
def a_sum_of_an_array_that_a_generator_writes(x):
    def doubled(y):
        for _ in range(3):
            y *= 2
            yield y

    return np.sum(sum(doubled(x.copy())))


@case(X, 0.7, static=True)
def a_chain_of_lists_that_grow(x, k):
    p = [x[0], x[1]]

    def grow(v):
        p.append(v)
        return p

    return sum(itertools.chain.from_iterable(map(grow, (k, x[2])))) * len(p)


@case(X, static=True)
def used_twice(x):
    z = zip(x, x)
    s = 0.0
    for a, b in z:
        s = s + a * b
    for a, b in z:
        s = s + a * b
    return s
