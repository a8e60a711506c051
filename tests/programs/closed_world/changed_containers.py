"""Bound methods, and lists and dicts that are changed in place."""

# ruff: noqa: E741

from __future__ import annotations

from closed_programs import Counter, compiled

# ------------------------------------------------------------------ bound methods


@compiled
def bound_append(x):
    s = []
    add = s.append
    add(x[0])
    add(x[1])
    return sum(s)


@compiled
def bound_append_in_a_loop(x):
    s = []
    add = s.append
    for v in x:
        add(v * v)
    return sum(s) * len(s)


@compiled
def bound_append_passed_on(x):
    s = [x[0]]

    def fill(put, v):
        put(v)
        put(v * 2)

    fill(s.append, x[1])
    fill(s.append, x[2])
    return s[0] * s[1] + s[4]


@compiled
def bound_append_mapped(x):
    s = []
    list(map(s.append, [x[0], x[1]]))
    return s[0] * s[1]


@compiled
def bound_get(x):
    d = {"a": x[0]}
    get = d.get
    d["b"] = x[1]
    return get("b", 0.0) + get("a")


@compiled
def bound_sum(x):
    y = x.copy()
    total = y.sum
    y[0] = x[1] ** 2
    return total() * x[2]


@compiled
def bound_method_of_an_object(x):
    c = Counter(x[0])
    add = c.add
    add(x[1])
    c.total *= 2
    add(x[2])
    return c.total + len(c.seen) * c.seen[1]


# ------------------------------------------------------------------ lists and dicts in place


@compiled
def repeated_in_place(x):
    l = [x[0], x[1]]
    m = l
    l *= 2
    return sum(m)


@compiled
def changed_through_attributes(x):
    c = Counter(x[0])
    seen = c.seen
    c.seen += [x[1]]
    c.seen *= 2
    return sum(seen) * c.total


@compiled
def changed_through_items(x):
    inner = [x[0]]
    d = {"a": inner}
    d["a"] += (x[1] * x[2],)
    d["a"] *= 2
    return inner[3] * len(inner)


@compiled
def parts_assigned(x):
    l = [x[0], x[1], x[2]]
    m = l
    l[1:2] = [x[3], x[4]]
    del l[0:1]
    l[:] = [v * 2 for v in l]
    return m[0] * m[1] * len(m)


@compiled
def dicts_joined(x):
    d = {"a": x[0]}
    e = d
    d |= {"b": x[1]}
    d |= [("c", x[2])]
    return e["b"] * e["c"]


@compiled
def one_list_three_times(x):
    rows = [[x[0]]] * 3
    rows[1].append(x[1])
    return rows[0][1] * len(rows[2])


@compiled
def extended_by_itself(x):
    l = [x[0], x[1]]
    l += l
    l.extend(l)
    return sum(l)


@compiled
def read_in_order(x):
    l = [x[0], x[1]]

    def place():
        l.reverse()
        return 0

    def grown():
        l.append(x[2])
        return [x[3]]

    first = l[place()]
    whole = l + grown()
    l[place()] = x[4]
    return first * whole[2] * len(whole) + sum(l) * l[0]
