"""Programs about arrays and nested derivatives: each is one kind that was once wrong."""

from __future__ import annotations

import dataclasses

import numpy as np
from judge import case

from s2s_grad import grad, hvp, jvp, value_and_grad, vjp

X = np.array([0.3, -1.2, 2.1, 0.7])
M = np.array([[3.0, 1.0], [1.0, 2.0]])
MASK = np.array([True, False, True])
W = np.arange(6.0).reshape(2, 3) + 1


# A derivative inside of a differentiated function.


def squares(t):
    return np.sum(t**2)


@case(3.0, static=True)
def inner_grad_of_a_written_array(x):
    w = np.zeros(2)
    w[0] = x
    return np.sum(grad(squares)(w))


@case(1.0, static=True)
def unrolled_descent(x):
    w = np.array([1.0, 2.0]) * x
    for _ in range(2):
        w -= 0.1 * grad(squares)(w)
    return np.sum(w)


@case(5.0, static=True)
def inner_grad_by_a_tuple(x):
    g = grad(lambda y: y[0] * y[1])((x, x))
    return np.sin(g[0]) + np.sin(g[1])


@case(0.7, (1.3, 0.2), static=True)
def inner_pullback_of_a_tuple(x, ct):
    _, pullback = vjp(lambda x: (np.sin(x), x * x))(x)
    return pullback(ct)


@case(M, static=True)
def inner_jvp_of_slogdet(a):
    t = np.array([[1.0, 0.5], [0.2, 0.3]])
    return jvp(lambda a: np.linalg.slogdet(a)[1])((a,), (t,))[1]


@case(X, static=True)
def inner_jvp_of_a_writing_function(x):
    def f(x):
        y = x.copy()
        y[0] = y[1] * 3
        return y

    return np.sum(jvp(f)((x,), (x,))[1] ** 2)


@case(X, static=True)
def inner_hvp_in_a_loop(x):
    w = np.ones(4)
    for i in range(2):
        w[i] = x[i]
        w = w + hvp(lambda t: np.sum(t**3 * x))(w, w)
    return np.sum(w)


@case({"a": 2.0, "b": np.array([1.0, 3.0])}, static=True)
def inner_value_and_grad_by_a_dict(p):
    v, g = value_and_grad(lambda q: np.sum(q["b"] ** 2) * q["a"])(p)
    return v * g["a"] + np.sum(g["b"])


# Joins of lists that a loop fills.


@case(np.ones((2, 3)), static=True)
def vstack_of_solutions(x):
    rows = []
    for r in x:
        rows.append(np.linalg.solve(np.eye(3), r))
    return np.sum(np.vstack(rows) * W)


@case(X[:3], static=True)
def column_stack_of_a_list(x):
    r = []
    for i in range(2):
        r.append(x * (i + 1.0))
    return np.sum(np.column_stack(r) * W.T)


@case(X[:3], static=True)
def hstack_of_numbers(x):
    r = []
    for v in x:
        r.append(v * v)
    return np.sum(np.hstack(r) * np.array([1.0, 2.0, 3.0]))


@case(X[:3], static=True)
def dstack_and_block(x):
    r = [x * float(i) for i in range(1, 3)]
    return np.sum(np.dstack(r) ** 2) + np.sum(np.block(r) * np.arange(6.0))


# Masks, selections, kinks.


@case(np.array([1.0, 0.0, 4.0]), static=True)
def where_with_a_constant_mask(a):
    return np.sum(np.where(MASK, np.sqrt(a), 0.0))


@case(np.array([1.0, 0.0, 4.0]), static=True)
def constant_mask_as_index(a):
    return np.sum(np.sqrt(a)[MASK])


@case(np.array([0.0, 4.0]), static=True)
def item_beside_a_singular_one(a):
    return np.sqrt(a)[1]


@case(np.arange(9.0).reshape(3, 3))
def mask_of_rows(a):
    return np.sum(a[np.array([True, False, True])] * np.array([1.0, 2.0, 3.0]))


@case(np.arange(12.0).reshape(2, 2, 3), static=True)
def rows_kept_aside(F):
    F = F.copy()
    m = np.array([[True, False], [False, True]])
    v = F[m, :]
    F += 1.0
    F[m, :] = v
    return np.sum(F * np.arange(12.0).reshape(2, 2, 3))


@case(np.array([[1.0, 2.0], [4.0, 6.0]]), static=True)
def pairwise_with_zero_diagonal(p):
    d = p[:, None, 0] - p[:, 0]
    inv = d**2 + 0.0
    inv[inv > 0] = inv[inv > 0] ** (-1.5)
    return np.sum(d * inv * np.array([[0.0, 1.0], [2.0, 0.0]]))


@case(np.array([[1.0, 2.0], [4.0, 6.0], [0.0, 1.0]]), static=True)
def potential_of_distances(p):
    d = p[:, None, :] - p
    r = np.sqrt(np.sum(d**2, axis=2))
    r[r > 0] = 1.0 / r[r > 0]
    return np.sum(np.triu(r, 1) * np.arange(9.0).reshape(3, 3))


# Single rules.


@case(np.array([1.0, 2.0]), np.array([3.0, 5.0, 7.0, 11.0]), static=True)
def correlate_same_of_a_shorter(a, v):
    return np.sum(np.correlate(a, v, "same") * np.array([1.0, 2.0, 3.0, 4.0]))


@case(np.array([1.0, 2.0]), np.array([3.0, 5.0, 7.0, 11.0]), static=True)
def convolve_same_of_a_shorter(a, v):
    y = np.convolve(a, v, "same")
    return np.sum(y * y) / y.size


@case(np.array([1.0, 2.0]), static=True)
def ndmin(a):
    return np.sum(np.array(a, ndmin=3)[0, 0] ** 2)


@case(np.array([[2.0, 0.3], [0.5, 3.0]]), static=True)
def cholesky_reads_the_lower_triangle(A):
    return np.linalg.cholesky(A)[1, 0]


@case(np.array([[2.0, 9.0], [1.0, 3.0]]), static=True)
def eigvalsh_reads_the_lower_triangle(A):
    return np.linalg.eigvalsh(A)[1]


@case(np.array([[1.0, 2.0], [2.0, 4.0]]), static=True)
def det_of_a_singular_matrix(A):
    return np.linalg.det(A)


@case(np.array(0.7), static=True)
def new_axis_on_a_0d_array(a):
    return a[None][0]


@case(-1.0)
def root_of_a_negative_number(x):
    return (x**0.5) * 1.0


@case(np.zeros(0))
def mean_of_nothing(x):
    return np.mean(x)


@case(np.ones(3), np.ones(4))
def shapes_that_do_not_match(x, y):
    return np.sum(x @ y)


@case(np.ones(3), np.ones((5, 3)), np.ones(4))
def sum_that_does_not_broadcast(w, A, c):
    return np.sum(A @ w + c)


@case(np.ones(3))
def index_out_of_range_without_use(x):
    y = x[7]  # noqa: F841
    return np.sum(x)


@case(np.arange(1.0, 25).reshape(2, 3, 2, 2), static=True)
def four_axes(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return np.sum((e / np.sum(e, axis=-1, keepdims=True)) ** 2)


# Wrappers.


def product(*args, **options):
    return args[0] * args[1] * options.get("k", 1.0)


@case(2.0, 3.0, static=True)
def star_arguments(a, b):
    return product(a, b, k=2.0)


@dataclasses.dataclass
class Pair:
    a: object
    b: object


@case(np.array([1.0, 2.0]), static=True)
def dataclass_cotangent(x):
    _, pullback = vjp(lambda x: Pair(x * 2, x * x))(x)
    return np.sum(pullback(Pair(np.array([1.0, 0.5]), np.array([3.0, 1.0]))))


@case(X[:1])
def variance_of_one(x):
    return np.var(x, ddof=1)


@case(np.zeros((0, 0)))
def determinant_of_nothing(a):
    return np.linalg.det(a)
