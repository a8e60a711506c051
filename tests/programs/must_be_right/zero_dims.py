"""Arrays without axes, and values with more axes than the part that they are written to."""

from __future__ import annotations

import numpy as np
from judge import case

X, K = np.array([0.3, 0.5, 0.9, 0.7]), 0.7


@case(X, K, static=True)
def mask_that_is_false(x, k):
    z = np.full((), k)
    z[z > 0.9] = k * 2
    return z * k


@case(X, K, static=True)
def mask_that_is_true(x, k):
    z = np.full((), k)
    z[z > 0.2] = k * 2
    return z * k


@case(X, K)
def mask_of_an_update(x, k):
    z = np.full((), k)
    z[z > 0.9] *= 2.0
    return z * k


@case(X, K)
def constant_mask(x, k):
    z = np.full((), k)
    z[np.array(False)] += 2.0
    return z * k


@case(X, K, static=True)
def mask_of_a_view(x, k):
    z = np.full((), k)
    z[..., None][z[None] > 0.9] = k * 2
    return z * k


@case(X, K, static=True)
def nothing_of_a_view(x, k):
    z = np.full((), k)
    v = z[None]
    v[:0] = k * 2
    return z * k


@case(X, K)
def no_such_item_of_a_view(x, k):
    z = np.full((), k)
    v = z[None]
    v[1] = k * 2
    return z * k


@case(X, K, static=True)
def item_twice(x, k):
    z = np.full((), k)
    z[None][[0, 0]] = [k, x[0]]
    return z * k


@case(X, K, static=True)
def view_with_an_axis(x, k):
    z = np.full((), k)
    z[..., None] *= x[:1]
    return np.sum(np.stack([z, z]))


@case(X, K, static=True)
def view_with_two_axes(x, k):
    z = np.full((), k)
    v = z[None, None]
    v[0] += x[:1]
    return np.sum(np.stack([z, z])) + np.ndim(z)


@case(X, K, static=True)
def value_of_one_item(x, k):
    z = np.full((), k)
    z[...] = x[:1]
    return np.sum(np.stack([z, z])) + np.ndim(z)


@case(X, K)
def value_of_several_items(x, k):
    z = np.full((), k)
    z[...] = x
    return np.sum(z)


@case(X, K)
def value_of_one_item_at_no_index(x, k):
    z = np.full((), k)
    z[()] = x[:1]
    return np.sum(z)


@case(X, K)
def update_with_one_item(x, k):
    z = np.full((), k)
    z += x[:1]
    return np.sum(z)


@case(X, K)
def result_of_one_item(x, k):
    z = np.full((), k)
    np.add(z, x[:1], out=z)
    return np.sum(z)


@case(X, K, static=True)
def copied_of_one_item(x, k):
    z = np.full((), k)
    np.copyto(z, x[:1])
    return np.sum(np.stack([z, z])) + np.ndim(z)


@case(X, K, static=True)
def put(x, k):
    z = np.full((), k)
    np.put(z, [0, -1], [k * k, k])
    return z * k


@case(X, K)
def placed(x, k):
    z = np.full((), k)
    np.place(z, z > 0.2, [k * k, k])
    return z * k


@case(X, K)
def written_to_a_number(x, k):
    z = x[0] * k
    z[...] = k
    return z * k


@case(X, K)
def result_to_a_number(x, k):
    z = np.sum(x)
    np.maximum(z, z, out=z)
    return z * k


@case(X, K)
def copied_to_a_number(x, k):
    z = np.sum(x)
    np.copyto(z, k)
    return z * k


@case(X, K, static=True)
def leading_axis(x, k):
    a = np.outer(x, x)
    a[0] = x[None]
    return np.sum(a * a)


@case(X, K, static=True)
def leading_axis_through_a_view(x, k):
    a = np.outer(x, x)
    a[0][...] = x[None]
    return np.sum(a * a)


@case(X, K, static=True)
def leading_axis_of_a_copy(x, k):
    a = x.copy()
    np.copyto(a, x[None] * k)
    return np.sum(a * a)


@case(X, K)
def leading_axis_of_an_update(x, k):
    a = np.outer(x, x)
    a[0] += x[None]
    return np.sum(a * a)


@case(X, K)
def product_to_a_column(x, k):
    m = np.outer(x, x)
    np.dot(m.T, m[0], out=m[:, 1])
    return np.sum(m)


@case(X, K, static=True)
def views_without_axes(x, k):
    z = np.array(k)
    v = z.T
    w = np.squeeze(v)
    u = z.reshape(-1)
    w[...] = k * k
    z *= x[0]
    c = z[()]
    z[...] = z[...] + x[1]
    return v * k + z * w + u[0] * c


@case(X, K, static=True)
def what_a_view_without_axes_is_given(x, k):
    z = np.zeros(())
    for _ in range(2):
        np.squeeze(z)[...] += np.full((), k)
        z.reshape(())[()] = z * k + x[0]
    return np.sum(z) * 3.0


@case(X, K, static=True)
def the_real_part_of_real_numbers(x, k):
    a = x.copy()
    w = np.real(a)
    a[1:] *= k
    w[0] = k
    a.real[1] += k
    return np.sum(a * w)


@case(X, K)
def a_list_that_is_too_deep(x, k):
    a = x * k
    a[:] = [x]
    return np.sum(a)


@case(X, K)
def a_list_to_an_array_without_axes(x, k):
    z = np.full((), x[0])
    z[...] = [k]
    return z * k


@case(X, 0.7, static=True)
def array_without_axes_seen_in_several_ways(x, k):
    z = np.zeros(())
    for _ in range(2):
        np.place(z, z > 0.5, [np.tanh(np.mean(z)), k * 0.5])
    v = np.real(np.asarray(z))
    v[...] = np.tanh(z) + x[0]
    np.squeeze(np.asarray(v).reshape(1))[...] *= k
    return np.sum(z) * 3


@case(X, 0.7, static=True)
def axes_given_to_a_number(x, k):
    z = np.zeros(()) + x[1] * k
    v = np.expand_dims(np.expand_dims(z, 0), 0)
    w = np.atleast_1d(z)
    v *= k
    w[0] = x[0]
    return np.sum(v) + z + np.sum(w)


# A name that is an array on one way and a number on another: what is done in place differs.


def soften(v, c):
    v *= c
    return v


@case(X, K)
@case(X * 0.1, K)
def number_on_one_way(x, k):
    z = np.full((), k)
    if x[0] > 0.2:
        z = z * 2 + np.zeros(())
    w = soften(z, x[1])
    return z * w


@case(X, K)
@case(X * 0.1, K)
def array_on_one_way(x, k):
    z = k
    if x[1] > 0.3:
        z = np.array(k)
    y = z
    z += 1.0
    return z * y


@case(X, K)
@case(X * 0.1, K)
def written_to_an_array_on_one_way(x, k):
    z = k * x[0]
    if x[1] > 0.3:
        z = np.array(k)
    z[...] = 3.0
    return z * k


@case(X, K)
@case(np.tile(X, 12), K)
def number_after_the_first_round(x, k):
    z = np.full((), k)
    for i in range(len(x)):
        w = z
        w *= 2.0
        z = z * x[i] * w
    return z * w


@case(X, K)
@case(np.tile(X, 12), K)
def number_on_a_way_in_each_round(x, k):
    z = np.full((), k)
    for i in range(len(x)):
        if x[i] > 0.4:
            z = z * x[i]
        w = z
        w *= 2.0
    return z * w


@case(X, K)
@case(np.tile(X, 12), K)
@case(X[:0], K)
def number_after_a_loop(x, k):
    z = np.array(k)
    for v in x:
        z = z * v
    z += 1.0
    y = z
    y += 1
    return z * y
