"""Programs that write into arrays, in each way that has gone wrong somewhere."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from oracle import check

TABLE = np.array([1.0, 2.0, 3.0])


# ------------------------------------------------------------------ items, slices, masks


def recurrence(x, k):
    y = np.zeros_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = k * y[i - 1] + np.sin(x[i])
    return np.dot(y, y)


def stencil(x, k):
    u = x.copy()
    for _ in range(3):
        u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def downward(x, k):
    y = np.empty(len(x))
    y[-1] = x[-1]
    for i in range(len(x) - 2, -1, -1):
        y[i] = x[i] * y[i + 1] + k
    return np.sum(y**2)


def triangular(x, k):
    a = np.outer(x, x) + k * np.eye(len(x))
    for i in range(len(x)):
        for j in range(i):
            a[i, j] -= a[i, :j] @ a[j, :j] * 0.1
            a[i, j] /= a[j, j] + 3.0
        a[i, i] = np.sqrt(a[i, i] ** 2 + 1.0)
    return np.sum(a)


def overlap_in_a_store(x, k):
    x[1:] = x[:-1] * k + x[1:]
    x[:-1] = x[1:]
    return np.sum(x**3)


def masks(x, k):
    m = x > 0
    x[m] = k * x[m]
    x[~m] *= k * k
    x[x > 1.0] = 1.0
    return np.sum(x**2)


def repeated_positions(x, k):
    x[np.array([0, 2, 0])] = k * x[1:4]
    x[[1, 1]] += x[2]
    x[[3, 3]] *= k
    return np.sum(x**2)


def add_at_repeated(x, k):
    y = np.zeros(3)
    np.add.at(y, np.array([0, 2, 0, 1]), x[:4] * k)
    np.subtract.at(y, [1, 1], k)
    return np.sum(y**3)


def zero_dimensional(x, k):
    total = np.zeros(())
    same = total
    total += k * x[0]
    same[...] = same + x[1]
    return total * k


def zero_dimensional_takes_a_parameter(x, k):
    acc = np.zeros(())
    acc[...] = k
    acc[...] = acc * acc + x[0]
    return acc * k


def tuple_targets(x, k):
    a, b = np.zeros((2, 2)), np.zeros(2)
    a[:, 0], b[1] = x[:2], k
    a[0, 1] = b[0] = x[2] * k
    return np.sum(a * a) + np.sum(b**3)


def broadcast_value(x, k):
    a = np.ones((3, len(x)))
    a[1:] *= x
    a[0] = k
    a[:, 1] = k * k
    return np.sum(a**2)


def slices_in_variables(x, k):
    inner = slice(1, -1)
    x[inner] = x[inner] * k
    x[..., 0] = k
    y = x[np.newaxis, :]
    y[0, 1] += k
    return np.sum(x**2)


def float32_buffer(x, k):
    y = np.zeros(len(x), dtype=np.float64)
    y[:] = x
    y **= 2
    y /= k + 2.0
    return np.sum(y)


# ------------------------------------------------------------------ two names, views


def two_names(x, k):
    y = x * k
    z = y
    z[0] = 3.0
    y += x
    return np.sum(z**2)


def view_then_base(x, k):
    y = x * 1.0
    v = y[1:-1]
    y[1] = k * y[0]
    return np.sum(v**2)


def base_then_view(x, k):
    y = x * 1.0
    v = y[1:]
    v[0] = k
    v *= 2.0
    return np.sum(y**2)


def view_of_view(x, k):
    a = np.outer(x, x)
    row = a[1]
    part = row[1:]
    part[0] += k
    row[-1] = k * a[0, 0]
    return np.sum(a * a)


def transposed_view(x, k):
    a = np.outer(x, x * k)
    t = a.T
    t[0] = k
    t[:, 1] += x
    return np.sum(a**2)


def reshaped_view(x, k):
    a = np.zeros((2, 2))
    flat = a.ravel()
    flat[1:3] = x[:2]
    a.reshape(4)[3] = k
    return np.sum(a**3) + np.sum(flat)


def swapped_axes(x, k):
    a = np.zeros((2, 3, 1))
    b = np.squeeze(a).swapaxes(0, 1)
    b[1] = k * x[:2]
    np.expand_dims(b, 0)[0, 2, 1] = x[0]
    return np.sum(a**2)


def views_in_turn(x, k):
    u = np.outer(x, x).copy()
    v = u.T
    v[0] *= 3
    w = u.ravel()
    w[1] = k
    d = u.swapaxes(0, 1)
    d[1, 1] = x[0] * w[1]
    return np.sum(u**2)


def reshaped_results(x, k):
    u = np.exp(np.outer(x, x)).reshape(-1)
    v = (x * k).reshape(5, 1)
    v[1] = u[2]
    w = np.zeros_like(np.outer(x, x) * v).ravel()
    w[3:8] = v[:, 0]
    return np.sum(v**2) + np.sum(w)


def rows_by_iteration(x, k):
    a = np.outer(x, x)
    for row in a:
        row[0] += k
        row *= 1.1
    return np.sum(a**2)


def diagonal_is_read_again(x, k):
    a = np.outer(x, x)
    d = np.diagonal(a)
    a[1, 1] = k
    np.fill_diagonal(a, d * k)
    return np.sum(a**2)


def live_elements(x, k):
    """A loop over an array that its body writes sees what was written."""
    for i, e in enumerate(x):
        x[-1] += k * e
        if i + 1 < 3:
            x[i + 1] = x[i + 1] * e
    return np.sum(x**2)


def scalar_is_a_copy(x, k):
    t = x[1]
    x[1] = 5.0
    return t * t + k * x[1]


def view_kept_over_a_loop(x, k):
    centre = x[1:-1]
    left = x[:-2]
    for _ in range(3):
        centre += k * left
        x[0] = x[-1]
    return np.sum(x**2)


def chosen_array(x, k):
    y = x * 2.0
    z = x * 3.0
    target = y if k > 0 else z
    target[0] = k * x[1]
    return np.sum(y * y) + np.sum(z**3)


def arrays_that_trade_names_on_a_path(x, k):
    y = x * 2.0
    z = np.cos(x)
    if x[0] > 0:
        z, y = y, z
    z += k
    y[0] *= 3.0
    return np.sum(z**2) + np.sum(y**3)


# ------------------------------------------------------------------ loops


def swapped_buffers(x, k):
    a = x.copy()
    b = np.zeros_like(x)
    for _ in range(3):
        b[1:-1] = k * (a[2:] + a[:-2])
        b[0] = a[0]
        a, b = b, a
    return np.sum(a**2) + np.sum(b)


def rotated_in_a_tuple(x, k):
    state = (x.copy(), x * k, np.zeros_like(x))
    for _ in range(4):
        old, now, new = state
        new[:] = 2 * now - old
        new[0] *= k
        state = (now, new, old)
    return sum(np.sum(s**2) for s in state)


def written_on_one_path(x, k):
    y = np.zeros_like(x)
    for i in range(len(x)):
        if x[i] > 0:
            y[i] = k * x[i]
        else:
            y[0] += x[i]
    return np.sum(y**2)


def left_early(x, k):
    y = x * 1.0
    for i in range(len(x) - 1):
        y[i + 1] += k * y[i]
        if y[i + 1] > 2.0:
            break
        y[i] *= 0.5
    return np.sum(y**2)


def while_in_for(x, k):
    y = x.copy()
    for i in range(len(y)):
        n = 0
        while y[i] < 1.0 and n < 5:
            y[i] += 0.3 * k + 0.1
            n += 1
        y[0] = y[0] * y[i]
    return np.sum(y**2)


def alias_changes_in_the_loop(x, k):
    s = np.zeros(len(x))
    old = s
    for e in x:
        old = s
        s += e * k
    return np.sum(s * old)


def fresh_array_each_round(x, k):
    last = np.zeros(2)
    total = 0.0
    for i in range(len(x)):
        row = np.zeros(2)
        row[0] = x[i] * k
        row[1] = last[0]
        total += row @ row
        last = row
    return total + last[0]


def empty_loop(x, k):
    y = x.copy()
    for i in range(len(x), 2):
        y[i] = k
    y[0] *= k
    return np.sum(y**2)


# ------------------------------------------------------------------ callees


def scale(a, k):
    a *= k


def both(a, k):
    scale(a[1:], k)
    scale(a, k)


def callee_writes(x, k):
    both(x, k)
    return np.sum(x**2)


def callee_returns_its_argument(x, k):
    def change(v):
        v[0] = k
        return v

    y = change(x)
    y[1] *= k
    return np.sum(x**3) + np.sum(y)


def callee_returns_early(x, k):
    def change(v, flag):
        v[0] += k
        if flag > 0:
            return
        v[1] *= k

    change(x, x[0])
    change(x, -x[0])
    return np.sum(x**2)


def closure_writes(x, k):
    y = np.zeros(len(x))

    def put(i, v):
        y[i] += v

    for i in range(len(x)):
        put(i, x[i] * k)
        put(0, x[i])
    return np.sum(y**2)


def written_between_operands(x, k):
    def bump():
        x[0] += k
        return x[0]

    return x[0] * bump() + np.sum(x * bump())


def same_array_twice(x, k):
    def axpy(a, u, v):
        v += a * u
        return v

    axpy(k, x, x)
    axpy(k, x[1:], x[:-1])
    return np.sum(x**2)


# ------------------------------------------------------------------ functions that write


def outputs(x, k):
    work = np.empty_like(x)
    np.multiply(x, k, out=work)
    np.exp(x, work)
    np.add(work, x, out=x[:])
    np.maximum(x[1:], 1.0, out=x[1:])
    np.copyto(work[:1], x[1:2])
    x.clip(-3, 3, out=work)
    return np.sum(work * x)


def copied_whole(x, k):
    y = np.zeros_like(x)
    np.copyto(y, x)
    y[0] = k
    x[:] = y
    y[1] = k * k
    return np.sum(x**2) + np.sum(y**3)


def sorting(x, k):
    x.sort()
    x[0] *= k
    a = np.outer(x, x)
    a.sort(axis=0)
    return np.sum(a[0] ** 2) + x[-1]


def filling(x, k):
    y = np.empty(3)
    y.fill(k)
    y[1] = x[1]
    np.put(x, [0, 2], [k, 2.0])
    np.putmask(x, x > 1.5, k)
    return np.sum(y * y) + np.sum(x**2)


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


def test_defaults_and_globals_are_not_written() -> None:
    from s2s_grad import grad
    from s2s_grad.errors import UnsupportedSyntax

    def write_global(x):
        TABLE[0] = x
        return TABLE[0]

    def write_default(x, table=np.zeros(2)):  # noqa: B008
        table += x
        return table[0]

    for f in (write_global, write_default):
        with pytest.raises(UnsupportedSyntax, match="belongs to the module, a closure"):
            grad(f, mode="static")(1.0)


def test_a_float_in_an_integer_array_is_refused() -> None:
    from s2s_grad import grad
    from s2s_grad.errors import UnsupportedSyntax

    def f(x):
        counts = np.zeros(3, dtype=int)
        counts[0] = x
        return x * counts[0]

    with pytest.raises(UnsupportedSyntax, match="cuts it off"):
        grad(f, mode="static")(1.5)


def test_arguments_that_overlap_are_refused() -> None:
    from s2s_grad import grad
    from s2s_grad.errors import ArgumentError

    def f(x, y):
        x[0] = y[1] * 2.0
        return np.sum(x * y)

    def reads(x, y):
        return np.sum(x * y)

    a = np.arange(4.0)
    for x, y in ((a, a), (a[1:], a[:-1])):
        with pytest.raises(ArgumentError, match="share memory"):
            grad(f, mode="static")(x, y)
    np.testing.assert_array_equal(grad(f, mode="static")(a[::2], a[1::2]), [0.0, 3.0])
    np.testing.assert_array_equal(grad(reads, mode="static")(a, a), a)


def test_a_reshaped_view_of_an_argument_needs_contiguous_memory() -> None:
    from s2s_grad import grad
    from s2s_grad.errors import ArgumentError

    def f(a):
        flat = a.reshape(-1)
        flat[0] = a[1, 1]
        return np.sum(a * a)

    a = np.arange(4.0).reshape(2, 2)
    np.testing.assert_array_equal(grad(f, mode="static")(a), [[0.0, 2.0], [4.0, 12.0]])
    with pytest.raises(ArgumentError, match="not contiguous"):
        grad(f, mode="static")(a.T)
