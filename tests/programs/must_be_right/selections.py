"""A selection beside a point where a derivative is infinite: what is not selected stays zero."""

from __future__ import annotations

import numpy as np
from judge import case

Z = np.array([0.0, 1.0, 4.0, 2.25])


@case(Z, static=True)
def loop_items(x):
    y = np.sqrt(x)
    s = 0.0
    for i in range(1, 4):
        s += y[i] * i
    return s


@case(Z, 4, static=True)
def loop_items_n(x, n):
    y = np.sqrt(x)
    s = 0.0
    for i in range(1, n):
        s += y[i] * i
    return s


@case(Z, 4, static=True)
def loop_rows(x, n):
    y = np.sqrt(x.reshape(2, 2))
    s = 0.0
    for r in y:
        s += r[1] * 2
    return s


@case(Z, static=True)
def take(x):
    return np.sum(np.take(x**0.3, [1, 2, 2]))


@case(Z, static=True)
def compress(x):
    return np.sum(np.compress([False, True, True, True], np.log(x)))


@case(Z, static=True)
def reciprocal(x):
    return np.sum((1 / x)[1:])


@case(Z, static=True)
def split_piece(x):
    _a, b = np.split(np.sqrt(x), 2)
    return np.sum(b)


@case(Z, static=True)
def unpack_piece(x):
    _a, b, c, _d = np.sqrt(x)
    return b * c


@case(Z, static=True)
def pairwise(x):
    d = np.abs(x[:, None] - x)
    r = np.sqrt(d)
    return np.sum(r[np.triu_indices(4, 1)])


@case(Z, static=True)
def norm_rows(x):
    n = np.linalg.norm(x.reshape(4, 1), axis=1)
    return np.sum(n[1:])


@case(Z, static=True)
def dist_matrix(x):
    p = x.reshape(2, 2)
    r = np.linalg.norm(p[:, None] - p, axis=-1)
    return np.sum(1 / r[~np.eye(2, dtype=bool)])


@case(Z, static=True)
def delete_first(x):
    return np.sum(np.delete(np.sqrt(x), 0))


@case(Z, static=True)
def assign_result(x):
    y = np.sqrt(x)
    out = np.zeros(4)
    out[1:] = y[1:] ** 3
    return np.sum(out)


@case(Z, static=True)
def where_int(x):
    return np.sum(np.where(np.array([0, 1, 2, 1]), np.sqrt(x - x[0]), 1.0))


@case(Z, static=True)
def arctan_pole(x):
    return np.sum(np.arctan2(x, x * 0)[1:])


@case(Z, static=True)
def list_items(x):
    both = [np.sqrt(x), np.log(x + 1)]
    return both[0][1] + both[1][0]


@case(Z, static=True)
def diff_tail(x):
    return np.sum(np.sqrt(x)[1:] - np.sqrt(x)[-3:] * 0.5)


@case(Z, static=True)
def while_scan(x):
    y = np.log(x + 1e-300 * 0)
    i = 3
    s = 0.0
    while i > 0:
        s += y[i]
        i -= 1
    return s


@case(Z.reshape(2, 2), static=True)
def diag(x):
    return np.sum(np.diagonal(np.sqrt(x).T)[1:])


@case(Z, static=True)
def func_item(x):
    def f(v):
        return np.sqrt(v)

    return f(x)[2] + f(x)[3]


AXIS = None  # a name of the module for what is no object of its own


@case(Z, static=True)
def joined_beside(x):
    return np.sum(np.concatenate([np.sqrt(x), x])[1:])


@case(Z, static=True)
def chosen_by_numbers(x):
    return np.sum(np.choose([1, 0, 0, 0], [np.sqrt(x), np.ones(4)]))


@case(Z, static=True)
def grid_beside(x):
    a, b = np.meshgrid(np.sqrt(x), x)
    return np.sum(a[:, 1:] * b[:, 1:])


@case(Z, static=True)
def rows_of_norm_one(x):
    y = np.outer(x, np.array([1.0, 2.0]))
    y = y / np.sqrt(np.sum(y**2, axis=1, keepdims=True))
    return np.sum(y[1:] * np.array([1.0, 3.0]))


@case(Z, static=True)
def roots_in_a_loop(x):
    y = x
    for _ in range(2):
        y = np.sqrt(y)
    return np.sum(y[1:])


@case(Z, 3, static=True)
def roots_in_a_long_loop(x, n):
    y = x
    for _ in range(n):
        y = np.sqrt(y) * 1.1
    return np.sum(y[1:])


@case(Z, 2, static=True)
def roots_while(x, n):
    y = x
    while n > 0:
        y = np.sqrt(y)
        n -= 1
    return y[2]


@case(Z, 4, static=True)
def roots_in_a_list(x, n):
    roots = []
    for i in range(n):
        roots.append(np.sqrt(x[i]))
    return roots[1] + roots[3]


@case(Z, static=True)
def logarithms_in_a_list(x):
    found = [np.log(v) for v in x]
    return sum(found[1:])


@case(Z, static=True)
def an_axis_under_a_name(x):
    return np.sum(x[:, AXIS] * x[:, AXIS] ** 2)


@case(np.array([0.5, 0.2, -0.3]), static=True)
def times_what_eye_leaves(x):
    return np.sum(np.sqrt((x[:, None] - x) ** 2) * (1 - np.eye(3)))


@case(np.array([0.5, 0.2, -0.3]), static=True)
def einsum_with_a_mask(x):
    return np.einsum("ij,ij->", np.abs(x[:, None] - x) ** 0.5, 1 - np.eye(3))


@case(Z, static=True)
def einsum_of_a_diagonal(x):
    return np.einsum("ii->", np.sqrt(np.outer(x, x) + np.eye(4)))


@case(Z, static=True)
def remainder_by_zero_beside(x):
    return np.sum((np.array([0.3, -1.2, 2.1, 0.7]) % x)[1:])


@case(np.array([1.0, 0.5, 3.0]), static=True)
def outside_of_the_domain(x):
    return np.arccosh(x)[2] + np.sum((x - 0.7)[[0, 2]] ** 1.5)


@case(np.array([-1.0, 1.0, 4.0]), static=True)
def roots_that_are_numbers(x):
    return np.nansum(np.sqrt(x)) + np.nanmean(np.log(x)) + np.sum(np.nan_to_num(np.sqrt(x)))


@case(np.array([1.0, 1.0, 4.0]), static=True)
def squares_of_what_is_known(x):
    return np.nansum((x - np.array([np.nan, 2.0, 1.0])) ** 2)


# What alone tells that a cotangent is zero: truths, a store, a diagonal.


@case(Z, static=True)
def roots_times_a_comparison(x):
    return np.sum(np.sqrt(np.abs(x)) * (x > 0.5))


@case(Z, static=True)
def roots_times_truths(x):
    return np.sum(np.abs(x) ** 0.5 * np.array([False, True, True, True]))


@case(Z, static=True)
def root_written_over(x):
    y = np.sqrt(np.abs(x))
    y[0] = 2.0
    return np.sum(y * 3)


@case(Z, static=True)
def root_written_over_by_a_mask(x):
    y = np.abs(x) ** 0.5
    y[x < 0.5] = x[1]
    return np.sum(y * x)


@case(np.array([[1.0, 0.0], [0.0, 4.0]]), static=True)
def powers_on_a_diagonal(a):
    return np.einsum("ii,i", np.abs(a) ** 0.3, np.array([2.0, 3.0]))
