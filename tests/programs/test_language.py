"""Programs over the supported language: every transform, to second order."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
from oracle import check

from s2s_grad import grad, jvp, vjp

R = np.random.default_rng(0)


def straight(x, y):
    z = np.sin(x) * y
    w = z + x / (1 + y**2)
    return np.sum(w * z)


def broadcasting(a, b, c):
    return np.sum((a + b) * c - a / (2 + b * b))


def scalars(x, y):
    u = math.exp(-x * x) * math.sin(y)
    v = u + x / y + x**3
    return math.sqrt(1 + v * v) - math.log(2 + x * x)


def branch(x):
    if np.sum(x) > 0:
        y = x * x
    elif x[0] > 1:
        y = np.sin(x)
    else:
        y = np.exp(x) * 2
    return np.sum(y)


def loop_branch(x):
    s = 0.0
    for i in range(len(x)):
        if x[i] > 0:
            s = s + x[i] ** 2
        else:
            s = s - np.sin(x[i]) * s
    return s


def recurrence(W, h, xs):
    for x in xs:
        h = np.tanh(W @ h + x)
    return np.sum(h * h)


def newton(a):
    x = a
    while abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
    return x


def early_return(x, n):
    for i in range(n):
        if x > 3:
            return x * x
        x = x * 1.5 + 0.1 * i
    return math.sin(x)


def break_else(x):
    s = 0.0
    for i in range(len(x)):
        if x[i] > 1.5:
            break
        if x[i] < 0:
            continue
        s = s + x[i] ** 3
    else:
        s = s * 2
    return s


def nested_loops(x):
    t = 0.0
    for i in range(len(x)):
        for j in range(i):
            t += x[i] * x[j] / (1 + i + j)
    return t


def nested_return(A):
    s = 0.0
    for row in A:
        for v in row:
            s = s + v * v
            if s > 2.0:
                return s * v
    return s


def zip_enumerate(A, v):
    s = 0.0
    for i, (r, c) in enumerate(zip(A, v, strict=False)):
        s += np.sum(r * c) * (i + 1)
    return s


def backwards(x):
    s = 0.0
    for v in reversed(x):
        s = s * 0.5 + np.sin(v)
    return s


def helper(x, k=2.0):
    if k > 1:
        return x * k
    return x - k


def calls(x, y):
    f = lambda t: t * y  # noqa: E731
    a, (b, *c) = helper(x), (helper(x, 0.5), f(x), 3.0)
    return np.sum(a * b + c[0]) * c[1]


def containers(p, x):
    h = np.tanh(x @ p["W"] + p["b"])
    parts = [h, h * 2]
    return np.mean(sum(parts) ** 2) + p["s"][0] * p["s"][1]


def walrus(x):
    if (s := np.sum(x * x)) > 1:
        return s * s
    return np.sqrt(s)


def conditional(x, y):
    z = x if np.sum(x) > np.sum(y) else y
    return np.sum(z * z * x) if z[0] > 0 and z[1] != 0 else np.sum(z)


def indexing(x, A):
    k = np.array([0, 0, 2])
    m = A > 0
    return np.sum(x[k] ** 2) + x[0] * x[-1] + np.sum(A[m] ** 3) + np.sum(A[1:, ::-1] * A[:-1])


def methods(A):
    B = A.T.reshape(-1).copy()
    return (B * A.ravel()).sum() + A.mean(axis=0).max() + A.dot(A.T).trace() + A.std()


def linear_algebra(A, b):
    M = A @ A.T + 3 * np.eye(3)
    x = np.linalg.solve(M, b)
    return np.dot(x, b) + np.log(np.linalg.det(M)) + np.linalg.norm(np.linalg.inv(M))


def selections(x):
    y = np.where(x > 0, np.log(np.abs(x) + 1), x * x)
    z = np.maximum(y, 0.1 * x)
    return np.sum(np.clip(z, -0.5, 0.8)) + np.max(x) - np.min(x * x)


def joins(x, y):
    z = np.concatenate([x, y * 2, x[1:]])
    w = np.stack([x, x * x])
    a, b = np.split(np.hstack([w, w]), 2)
    return np.sum(z * z) + np.sum(a * np.flip(b)) + np.sum(np.tile(x, 2) ** 2)


def carried_pair(x):
    a, b = 1.0, 0.5
    for v in x:
        a, b = b * v, a + b * b
    return a * b


def swap_arrays(u, n):
    v = u * 0.5
    for _ in range(n):
        u, v = v, np.sin(u) + v
    return np.sum(u * v)


def zero_trips(x, n):
    s = x
    for _ in range(n):
        s = s * s
    return np.sum(s)


def rebinding(x):
    x = x * 2
    x = np.sin(x) + x
    x = x * x
    return np.sum(x)


def inner_grad(x):
    g = grad(lambda t: np.sum(t**3))(x)
    return np.sum(g * x)


def inner_jvp_vjp(x):
    y, t = jvp(np.sin)((x,), (x * x,))
    z, pull = vjp(np.exp)(x)
    return np.sum(y * t + pull(z))


def grad_in_loop(x):
    for _ in range(3):
        x = x - 0.1 * grad(lambda t: np.sum(np.cos(t) * t))(x)
    return np.sum(x * x)


def closure(x):
    def g(t):
        return t * x

    return grad(lambda t: np.sum(g(t) ** 2))(x)[0] * x[1]


def einsums(A, x):
    y = np.einsum("ij,j->i", A, x)
    return np.einsum("i,i", y, y) + np.sum(np.einsum("ij,jk", A, A.T) ** 2)


def keyword(x, *rest, scale=2.0, **more):
    return np.sum(x * rest[0]) * scale


PROGRAMS = [
    (straight, (R.normal(size=4), R.normal(size=4)), (0, 1)),
    (broadcasting, (R.normal(size=(3, 1)), R.normal(size=4), 0.7), (0, 1, 2)),
    (broadcasting, (R.normal(size=3), R.normal(size=(2, 3)), R.normal(size=(2, 1))), (0, 1, 2)),
    (scalars, (0.7, 1.3), (0, 1)),
    (branch, (np.array([0.5, 0.2]),), (0,)),
    (branch, (np.array([1.5, -2.0]),), (0,)),
    (branch, (np.array([-1.5, 0.3]),), (0,)),
    (loop_branch, (R.normal(size=6),), (0,)),
    (recurrence, (R.normal(size=(3, 3)), R.normal(size=3), R.normal(size=(4, 3))), (0, 1, 2)),
    (newton, (2.0,), (0,)),
    (early_return, (1.1, 5), (0,)),
    (early_return, (0.1, 2), (0,)),
    (break_else, (np.array([0.5, -0.3, 1.2, 2.0, 0.7]),), (0,)),
    (break_else, (np.array([0.5, -0.3, 1.2]),), (0,)),
    (nested_loops, (R.normal(size=4),), (0,)),
    (nested_return, (R.normal(size=(2, 3)),), (0,)),
    (nested_return, (R.normal(size=(2, 3)) * 0.1,), (0,)),
    (zip_enumerate, (R.normal(size=(4, 3)), R.normal(size=4)), (0, 1)),
    (backwards, (R.normal(size=4),), (0,)),
    (calls, (R.normal(size=3), 0.4), (0, 1)),
    (
        containers,
        (
            {"W": R.normal(size=(3, 2)), "b": R.normal(size=2), "s": [0.3, 0.4]},
            R.normal(size=(5, 3)),
        ),
        (0,),
    ),
    (walrus, (R.normal(size=3),), (0,)),
    (walrus, (R.normal(size=3) * 0.1,), (0,)),
    (conditional, (R.normal(size=3), R.normal(size=3)), (0, 1)),
    (indexing, (R.normal(size=4), R.normal(size=(3, 2))), (0, 1)),
    (methods, (R.normal(size=(3, 3)),), (0,)),
    (linear_algebra, (R.normal(size=(3, 3)), R.normal(size=3)), (0, 1)),
    (selections, (R.normal(size=5),), (0,)),
    (joins, (R.normal(size=4), R.normal(size=2)), (0, 1)),
    (carried_pair, (R.normal(size=4),), (0,)),
    (swap_arrays, (R.normal(size=3), 3), (0,)),
    (zero_trips, (R.normal(size=3), 0), (0,)),
    (zero_trips, (R.normal(size=3), 2), (0,)),
    (rebinding, (R.normal(size=3),), (0,)),
    (inner_grad, (R.normal(size=3),), (0,)),
    (inner_jvp_vjp, (R.normal(size=3),), (0,)),
    (grad_in_loop, (R.normal(size=3),), (0,)),
    (closure, (R.normal(size=3),), (0,)),
    (einsums, (R.normal(size=(3, 2)), R.normal(size=2)), (0, 1)),
    (keyword, (R.normal(size=3), R.normal(size=3)), (0,)),
]


@pytest.mark.parametrize(
    ("f", "args", "places"), PROGRAMS, ids=[f"{p[0].__name__}-{i}" for i, p in enumerate(PROGRAMS)]
)
def test_program(f, args, places):
    check(f, args, places)


def test_callables():
    assert grad(np.sin)(0.0) == 1.0
    assert grad(functools.partial(lambda a, x: a * x * x, 3.0))(2.0) == 12.0
    pair = (lambda x: x * x, lambda x: x * x * x)
    assert [grad(f)(2.0) for f in pair] == [4.0, 12.0]
    _value, pullback = vjp(np.linalg.inv)(2 * np.eye(2))
    np.testing.assert_allclose(pullback(np.eye(2)), -0.25 * np.eye(2))


class Model:
    scale = 3.0

    def loss(self, x):
        return self.scale * x * x


def test_bound_method():
    assert grad(Model().loss)(2.0) == 12.0


def test_integers_count_as_reals():
    assert grad(lambda x: x**2)(3) == 6.0
    assert isinstance(grad(lambda x: x**2)(3), float)


def test_kinds():
    x = np.array(2.0)
    assert isinstance(grad(lambda t: t * t)(x), np.ndarray)
    assert grad(lambda t: np.sum(t * t))(np.ones(2, np.float32)).dtype == np.float32


def test_nan_safe_selections():
    x = np.array([0.0, 1.0, 2.0])
    with np.errstate(all="ignore"):
        g = grad(lambda t: np.sum(np.where(t > 0, np.log(t), 0.0)))(x)
        np.testing.assert_allclose(g, [0.0, 1.0, 0.5])
        g = grad(lambda t: np.sum(np.sqrt(t)[t > 0]))(x)
        np.testing.assert_allclose(g, [0.0, 0.5, 0.5 / np.sqrt(2.0)])
    np.testing.assert_array_equal(grad(np.linalg.norm)(np.zeros(3)), np.zeros(3))
