"""Programs with NumPy's functions that write several values in turn."""

from __future__ import annotations

import numpy as np
from judge import case

X = np.array([0.5, 0.9, 1.1, 0.7])
W = np.arange(8.0).reshape(2, 4)


def weighted(y):
    return np.sum(y * W)


@case(X, 0.8, static=True)
def place_of_two_values(x, k):
    y = np.outer(x[:2], x)
    np.place(y, y > 0.4, [np.tanh(k), k * 0.5])
    return weighted(y)


@case(X, 0.8, static=True)
def place_of_an_array(x, k):
    y = np.outer(x[:2], x) * k
    np.place(y, y > 0.4, x)
    return weighted(y)


@case(X, 0.8, static=True)
def place_by_a_flat_mask(x, k):
    y = np.outer(x[:2], x)
    np.place(y, (y > 0.4).ravel(), [k, k * k, k + 1])
    return weighted(y)


@case(X, 0.8, static=True)
def place_by_a_list_of_numbers(x, k):
    y = np.outer(x[:2], x)
    np.place(y, [[1, 0, 1, 1], [0, 0, 3, 1]], [k, k * k, k + 1])
    return weighted(y)


@case(X, 0.8, static=True)
def place_into_a_view(x, k):
    y = np.outer(x[:2], x)
    np.place(y[:, 1:], (y > 0.4)[:, 1:], [k, k * k, k + 1])
    return weighted(y)


@case(X, 0.8, static=True)
def place_without_a_place(x, k):
    y = np.outer(x[:2], x)
    np.place(y, y > 7, [k, k * k, k + 1])
    return weighted(y)


@case(X, 0.8, static=True)
def place_into_an_array_without_axes(x, k):
    z = np.array(k)
    np.place(z, z > 0.4, [k * k, 2.0])
    return z * np.sum(x)


@case(X, 0.8)
def place_by_a_mask_of_another_size(x, k):
    y = np.outer(x[:2], x)
    np.place(y, x > 0.4, [k, k * k])
    return weighted(y)


@case(X, 0.8)
def place_of_nothing(x, k):
    y = np.outer(x[:2], x) * k
    np.place(y, y > 0.4, x[4:])
    return weighted(y)


@case(X, 0.8, static=True)
def putmask_of_values_that_are_repeated(x, k):
    y = np.outer(x[:2], x)
    np.putmask(y, y > 0.4, [k, k * k, k + 1])
    return weighted(y)


@case(X, 0.8, static=True)
def putmask_of_more_values_than_items(x, k):
    y = np.outer(x[:2], x) * k
    np.putmask(y, y > 0.4, np.outer(x, x))
    return weighted(y)


@case(X, 0.8)
def putmask_by_a_mask_of_another_size(x, k):
    y = np.outer(x[:2], x)
    np.putmask(y, x > 0.4, k)
    return weighted(y)


@case(X, 0.8)
def putmask_of_nothing(x, k):
    y = np.outer(x[:2], x) * k
    np.putmask(y, y > 0.4, x[4:])
    return weighted(y)


@case(X, 0.8, static=True)
def put_of_too_few_and_too_many_values(x, k):
    y = np.outer(x[:2], x)
    np.put(y, [1, 3, -1, 1], [k, k * k])
    y.put([2, 5], x)
    y.put([[0], [4]], [k])
    return weighted(y)


@case(X, 0.8, static=True)
def put_of_an_array_at_one_place(x, k):
    y = np.outer(x[:2], x)
    np.put(y, -2, x * k)
    return weighted(y)


@case(X, 0.8, static=True)
def put_at_places_that_wrap(x, k):
    y = np.outer(x[:2], x)
    np.put(y, [1, 9, -1, 1], [k, k * k], mode="wrap")
    y.put([-5, 70], [k, x[1]], mode="clip")
    return weighted(y)


@case(X, 0.8)
def put_outside(x, k):
    y = np.outer(x[:2], x) * k
    y.put([8], x)
    return weighted(y)


@case(X, 0.8)
def put_outside_before_the_first(x, k):
    y = np.outer(x[:2], x) * k
    np.put(y, [0, -9], x)
    return weighted(y)


@case(X, 0.8, static=True)
def put_along_the_last_axis(x, k):
    y = np.outer(x[:2], x)
    np.put_along_axis(y, np.argsort(y, axis=-1)[:, :1], k, axis=-1)
    return weighted(y)


@case(X, 0.8, static=True)
def put_along_the_first_axis(x, k):
    y = np.outer(x[:2], x) * k
    np.put_along_axis(y, np.argsort(y, axis=0)[:1], x, axis=0)
    return weighted(y)


@case(X, 0.8, static=True)
def put_along_an_axis_the_same_places(x, k):
    y = np.outer(x[:2], x)
    np.put_along_axis(y, np.array([[0, 0, 1]]), k * x[:3], axis=1)
    return weighted(y)


@case(X, 0.8)
def put_along_no_axis(x, k):
    y = np.outer(x[:2], x)
    np.put_along_axis(y, np.array([0, 3]), k, axis=None)
    return weighted(y)
