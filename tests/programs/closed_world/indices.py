"""Indices and views."""

from __future__ import annotations

import numpy as np
from closed_programs import compiled


@compiled
def range_as_index(x):
    return np.sum(x[range(2)] ** 2) + np.sum(x[range(4, 0, -2)])


@compiled
def empty_index(x):
    return np.asarray(np.sum(x**2))[()] * 2


@compiled
def rows_kept_aside(x):
    y = np.outer(x, x)
    m = np.array([True, False, True, False, False])
    v, w, u = y[m, :], y[[0, 1]], y[:, m]
    y += 1.0
    y[m, :] = v
    return np.sum(y * np.arange(25.0).reshape(5, 5)) + np.sum(w * w) + np.sum(u**3)


@compiled
def split_pieces(x):
    y = x[:4].copy()
    a, b = np.split(y, 2)
    a[0] = 5 * b[1]
    b *= a[1]
    return np.sum(y * y)


@compiled
def split_columns(x):
    y = np.outer(x, x)
    a, b, c = np.hsplit(y, [1, 3])
    c[0] = 5 * b[1]
    a[1:, 0] += x[0]
    return np.sum(y * y) + np.sum(c)


@compiled
def more_axes(x):
    return np.sum(np.array(x, ndmin=3)[0, 0] ** 2) + np.sum(np.array([x, x], ndmin=1))
