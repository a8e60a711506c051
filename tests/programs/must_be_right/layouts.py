"""Programs in which the layout of an array decides whether a write reaches another one."""

from __future__ import annotations

import numpy as np
from judge import case

C = np.arange(1.0, 7.0).reshape(2, 3)
F = np.asfortranarray(C)
ROW = np.array([0.5, 0.9, 1.1, 0.7, 0.2, 0.6])[::2]
W = np.arange(6.0).reshape(2, 3)


def add(f):
    """Add a function of a matrix, given one that is contiguous, and one that is not."""
    case(C)(f)
    for name, given in (("columns", F), ("strided", np.repeat(C, 2, axis=1)[:, ::2])):

        def again(a):
            return f(a)

        again.__name__ = f"{f.__name__}_by_{name}"
        case(given)(again)
    return f


@add
def reshaped_result_laid_out_as_its_operand(a):
    b = np.sin(a)
    v = b.reshape(-1)
    v[1] = 0.0
    return np.sum(b * W) + np.sum(v)


@add
def reshaped_product_of_two_layouts(a):
    b = a * np.asfortranarray(W + 1.0)
    b.reshape(-1)[1] = 0.0
    return np.sum(b * W)


@add
def reshaped_transpose(a):
    b = a * 2.0
    v = b.T.reshape(-1)
    v[1:3] *= 7.0
    return np.sum(b * W) + np.sum(v**2)


@add
def reshaped_copy(a):
    b = a.copy()
    v = b.reshape(3, 2)
    v[0] = 5.0
    b[1] *= 2.0
    return np.sum(b * W) + np.sum(v**2)


@add
def reshaped_columns(a):
    b = a + 0.0
    v, w = b[:, 1:].reshape(-1), b[:, 1].reshape(2, 1)
    v *= 3.0
    w *= 5.0
    return np.sum(b * W) + np.sum(v * np.arange(4.0))


@add
def flat_array_changed_with_its_matrix(a):
    b = np.tile(a, (2, 1))
    v = np.ravel(b)
    b[0] *= 2.0
    v[1] = b[1, 1] ** 2
    return np.sum(b**2) + np.sum(v)


@add
def flat_of_any_layout(a):
    b = np.asfortranarray(a * 1.0)
    f = b.flat
    f[1] = 5.0 * b[0, 2]
    b[0, 2] = 2.0
    return np.sum(b * W) + f[2] * f[4]


@add
def put_into_any_layout(a):
    b = np.asfortranarray(a * 1.0)
    np.put(b, [1, 2], a[0, :2] ** 2)
    return np.sum(b * W)


@add
def perhaps_the_array_itself(a):
    b = a * 1.0
    c, d = np.asfortranarray(b), np.ascontiguousarray(b)
    c[0, 1] *= 7.0
    d[1, 1] *= 5.0
    return np.sum(b * W) + np.sum(c**2) + np.sum(d)


@add
def asked_of_what_is_as_it_is_asked(a):
    b = np.outer(a[0], a[1])
    c = np.ascontiguousarray(b)
    c[0] = a[1]
    c[1] *= 3.0
    return np.sum(b**2)


@add
def written_argument(a):
    v = a.reshape(-1)
    v[1] = a[1, 1] * 3.0
    return np.sum(a * W)


@case([C, 0.5])
@case([F, 0.5])
def reshaped_item_of_an_argument(items):
    b = items[0] * items[1]
    b.reshape(-1)[1] = 0.0
    return np.sum(b * W)


@case(ROW, static=True)
def reshaped_vector_with_steps(x):
    v = x.reshape(-1)
    w = x[1:].reshape(2, 1)
    v[1] = x[0] * 3.0
    w[1] *= 2.0
    return np.sum(x**2) + np.sum(v) + np.sum(w**2)


@case(0.7, static=True)
def array_without_axes_itself(k):
    z = np.zeros(())
    v = np.asarray(z)
    v[...] = np.tanh(k)
    w = np.atleast_1d(np.asanyarray(z))
    w[0] *= 3.0
    return np.sin(z) + v * 2.0


@case(C, static=True)
def matrix_of_views(a):
    m = np.outer(a[0], a[1])
    row, column = m[1], m[:, 1]
    row[None][0, 1:] *= 2.0
    column.reshape(3, 1)[2] = a[0, 0]
    np.swapaxes(m, 0, 1).reshape(9)[3] = 4.0
    return np.sum(m * m) + np.sum(row) * np.sum(column)


@case(ROW, 0.8, static=True)
def several_given_axes(x, k):
    a, b = x * k, np.array(k)
    v, w = np.atleast_1d(a, b)
    m, *_ = np.atleast_2d(a, x)
    v *= 2.0
    w[0] = x[1]
    m[0, 1] += k
    return np.sum(v) * np.sum(a) * b + np.sum(m)
