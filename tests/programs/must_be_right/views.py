"""Views by every function that makes one: written through, and read after a write to their base."""

from __future__ import annotations

import numpy as np
from judge import case

X = np.arange(1.0, 7.0).reshape(2, 3)
CUBE = np.arange(1.0, 9.0).reshape(2, 2, 2)
ROW = np.arange(1.0, 5.0)


@case(CUBE, static=True)
def written_through_moved_axes(x):
    y = x * 2.0
    v = np.moveaxis(y, 0, 2)
    v[0, 1] = x[0, 0] * 3.0
    return np.sum(y * y * np.arange(8.0).reshape(2, 2, 2))


@case(CUBE, static=True)
def written_through_axes_moved_by_names(x):
    y = x * 2.0
    v = np.moveaxis(y, destination=0, source=2)
    v[0, 1] *= x[0, 0]
    return np.sum(y * y * np.arange(8.0).reshape(2, 2, 2))


@case(CUBE, static=True)
def moved_axes_read_after_a_write(x):
    y = x * 2.0
    v = np.moveaxis(y, (0, 1), (1, 2))
    y[0, 1] = x[1, 0] ** 2
    return np.sum(v[:, 0] * v[:, 1])


@case(CUBE, static=True)
def rolled_axes_read_after_a_write(x):
    y = x * 2.0
    v = np.rollaxis(y, 2)
    y[0, 1] = x[1, 0] ** 2
    return np.sum(v[0] * v[1])


@case(X, static=True)
def turned_and_read_after_a_write(x):
    y = x * 2.0
    v = np.rot90(y)
    y[0] = x[1] ** 2
    return np.sum(v[0] * v[1] * x[:, 0])


@case(X)
def turned_and_written(x):
    y = x * 2.0
    v = np.rot90(y)
    v[0] = x[:, 1] ** 2
    return np.sum(y * y * x)


@case(X, static=True)
def written_through_a_matrix_transpose(x):
    y = x * 2.0
    v = np.linalg.matrix_transpose(y)
    v[0] = x[:, 1] ** 2
    return np.sum(y * y * x)


@case(X, static=True)
def a_diagonal_of_linalg_is_read_after_a_write(x):
    y = x * 2.0
    v = np.linalg.diagonal(y)
    y[0, 0] = x[1, 1] ** 2
    return np.sum(v * v)


@case(ROW, static=True)
def written_through_a_second_axis(x):
    y = x * 2.0
    v = np.atleast_2d(y)
    v[0, 1] = x[0] ** 2
    return np.sum(y * y * x)


@case(ROW, static=True)
def written_below_a_third_axis(x):
    y = x * 2.0
    v = np.atleast_3d(y)
    y[1:3] = x[:2] ** 2
    return np.sum(v * v)


@case(X)
def pieces_are_read_after_a_write(x):
    y = x * 2.0
    first, second = np.unstack(y) if hasattr(np, "unstack") else (y[0], y[1])
    y[0, 1] = x[1, 1] ** 2
    return np.sum(first * second)


@case(ROW, ROW, static=True)
def an_array_of_a_list_is_no_view(x, z):
    a = x * 2.0
    both = np.asarray([a, z])
    a[0] = 7.0
    return np.sum(both * both) + np.sum(a)


@case(ROW, ROW, static=True)
def an_array_of_a_tuple_is_no_view(x, z):
    a = x * 2.0
    both = np.transpose((a, z))
    a[1] = z[0]
    both[0, 1] = 3.0
    return np.sum(both * both) + np.sum(a * a)


@case(ROW)
def an_axis_is_moved_in_a_loop_that_writes(x):
    y = np.outer(x, x)
    v = np.moveaxis(y, 0, 1)
    for i in range(3):
        y[i] = v[i + 1] * 0.5
    return np.sum(v * y)


@case(ROW, static=True)
def the_conjugate_of_a_real_array_is_the_array(x):
    y = x * 2.0
    v = y.conj()
    v[0] = x[1] ** 2
    return np.sum(y * y)


@case(ROW)
def no_difference_is_the_array(x):
    y = x * 2.0
    v = np.diff(y, n=0)
    y[0] = x[1] ** 2
    return np.sum(v * v)


@case(ROW, static=True)
def a_difference_is_new(x):
    y = x * 2.0
    v, w = np.diff(y, n=2), np.diff(y)
    y[0] = x[1] ** 2
    return np.sum(v * v) + np.sum(w * w)


@case(ROW, static=True)
def copies_that_are_asked_for(x):
    y = x * 2.0
    v, w = np.array(y, copy=True), y.copy()
    y[0] = x[1] ** 2
    return np.sum(v * w)


@case(ROW, static=True)
def an_array_that_is_asked_to_be_copied(x):
    y = x * 2.0
    v = np.asarray(y, copy=True)
    v[0] = x[1] ** 2
    return np.sum(v * v) + np.sum(y * x)
