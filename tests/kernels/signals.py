"""Transforms, filters, sorting and sums, with buffers that trade places."""

from __future__ import annotations

import numpy as np
from kernel import Kernel


def stockham(re, im):
    """Transform real and imaginary parts, two buffers trading places in every stage."""
    n = len(re)
    yr = np.empty(n)
    yi = np.empty(n)
    stride = 1
    while n > 1:
        m = n // 2
        for p in range(m):
            wr, wi = np.cos(2 * np.pi * p / n), -np.sin(2 * np.pi * p / n)
            for q in range(stride):
                a, b = q + stride * p, q + stride * (p + m)
                dr, di = re[a] - re[b], im[a] - im[b]
                yr[q + stride * 2 * p] = re[a] + re[b]
                yi[q + stride * 2 * p] = im[a] + im[b]
                yr[q + stride * (2 * p + 1)] = dr * wr - di * wi
                yi[q + stride * (2 * p + 1)] = dr * wi + di * wr
        re, yr = yr, re
        im, yi = yi, im
        n, stride = m, 2 * stride
    return re, im


def stockham_objective(re, im, weights):
    re, im = stockham(re.copy(), im.copy())
    return np.sum(weights * (re * re + im * im) ** 2)


class LowPass:
    """A filter of second order that keeps its past in attributes."""

    def __init__(self, cutoff, quality):
        self.c = 1.0 / np.tan(cutoff)
        self.scale = 1.0 / (1.0 + self.c / quality + self.c**2)
        self.feedback = [2.0 * (1.0 - self.c**2), 1.0 - self.c / quality + self.c**2]
        self.x1 = self.x2 = 0.0
        self.y1 = self.y2 = 0.0

    def __call__(self, x):
        y = self.scale * (x + 2.0 * self.x1 + self.x2)
        y -= self.scale * (self.feedback[0] * self.y1 + self.feedback[1] * self.y2)
        self.x1, self.x2 = x, self.x1
        self.y1, self.y2 = y, self.y1
        return y


def low_pass_objective(signal, cutoff, quality):
    chain = LowPass(cutoff, quality)
    out = np.empty_like(signal)
    for i in range(len(signal)):
        out[i] = chain(signal[i])
    return np.sum(out**2)


class Kalman:
    """A filter for a moving point, its state and covariance changed in place."""

    def __init__(self, x, P, q, r, dt=0.1):
        self.F = np.array([[1.0, dt], [0.0, 1.0]])
        self.Q = q * np.eye(2)
        self.r = r
        self.x = x
        self.P = P

    def predict(self):
        self.x[:] = self.F @ self.x
        self.P[:] = self.F @ self.P @ self.F.T + self.Q

    def update(self, z):
        innovation = z - self.x[0]
        s = self.P[0, 0] + self.r
        gain = self.P[:, 0] / s
        self.x += gain * innovation
        self.P -= np.outer(gain, self.P[0])
        return -0.5 * (np.log(2 * np.pi * s) + innovation**2 / s)


def kalman_into_argument(zs, x, q, r):
    tracker = Kalman(x, np.eye(2), q, r)
    likelihood = 0.0
    for z in zs:
        tracker.predict()
        likelihood += tracker.update(z)
    return likelihood + x[0] * x[1]


def prefix_sums(x):
    """Scan in place by doubling strides."""
    stride = 1
    while stride < len(x):
        x[stride:] += x[:-stride].copy()
        stride *= 2


def prefix_sums_into_argument(x):
    prefix_sums(x)
    return np.sum(x**2)


def overlapping_sums(x, factor):
    """Right-hand sides that overlap what is written are read first."""
    x[1:] += factor * x[:-1]
    x[:-1] = x[1:] * x[::-1][:-1]
    x[::2] *= factor
    np.cumsum(x, out=x)


def overlapping_sums_into_argument(x, factor):
    overlapping_sums(x, factor)
    return np.sum(np.sin(x))


def order_statistics(x, weights):
    x.sort()
    x[1:-1] *= weights
    return x


def order_statistics_into_argument(x, weights):
    return np.sum(order_statistics(x, weights) ** 2) + x[0]


def insertion_sort(x):
    for i in range(1, len(x)):
        key = x[i]
        j = i - 1
        while j >= 0 and x[j] > key:
            x[j + 1] = x[j]
            j -= 1
        x[j + 1] = key


def insertion_sort_into_argument(x):
    insertion_sort(x)
    return np.dot(x * x, np.arange(1.0, x.size + 1))


def bubble(x, y):
    n = len(x)
    for i in range(n):
        for j in range(n - 1 - i):
            if x[j] > x[j + 1]:
                x[j], x[j + 1] = x[j + 1], x[j]
                y[[j, j + 1]] = y[[j + 1, j]]


def bubble_into_arguments(x, y):
    bubble(x, y)
    return x @ np.cumsum(y)


def soft_histogram(x, width, bins):
    """Share every sample between the two bins that it lies between."""
    counts = np.zeros(bins)
    for v in x:
        place = v / width
        low = int(np.floor(place))
        share = place - low
        counts[low] += 1.0 - share
        counts[low + 1] += share
    return counts


def soft_histogram_objective(x, width):
    return np.sum(soft_histogram(x, width, 6) ** 2)


def median_despike(x, limit):
    """Replace spikes by the median of their neighbourhood, as the sweep goes."""
    for i in range(1, len(x) - 1):
        middle = np.sort(x[i - 1 : i + 2])[1]
        if np.abs(x[i] - middle) > limit:
            x[i] = middle
    x[np.abs(x) < 0.1] = 0.0
    return x


def median_despike_objective(x):
    return np.sum(median_despike(x.copy(), 0.3) ** 3)


def recurrence(x, k):
    y = np.zeros_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = k * y[i - 1] + np.sin(x[i])
    return y


def recurrence_objective(x, k):
    return np.sum(recurrence(x, k) ** 2)


def vectors(*sizes):
    return lambda rng: tuple(rng.normal(size=s) for s in sizes)


KERNELS = [
    Kernel("stockham", stockham_objective, vectors(8, 8, 8), (0, 1, 2)),
    Kernel(
        "low-pass filter", low_pass_objective, lambda r: (r.normal(size=6), 0.4, 0.7), (0, 1, 2)
    ),
    Kernel(
        "kalman into its argument",
        kalman_into_argument,
        lambda r: (r.normal(size=5), r.normal(size=2), 0.1, 0.5),
        (0, 1, 2, 3),
    ),
    Kernel("prefix sums into its argument", prefix_sums_into_argument, vectors(7), (0,)),
    Kernel(
        "overlapping sums into its argument",
        overlapping_sums_into_argument,
        lambda r: (r.normal(size=6), 0.7),
        (0, 1),
    ),
    Kernel(
        "order statistics into its argument", order_statistics_into_argument, vectors(6, 4), (0, 1)
    ),
    Kernel("insertion sort into its argument", insertion_sort_into_argument, vectors(6), (0,)),
    Kernel("bubble sort into its arguments", bubble_into_arguments, vectors(5, 5), (0, 1)),
    Kernel(
        "soft histogram",
        soft_histogram_objective,
        lambda r: (np.array([0.3, 1.2, 1.7, 0.95, 2.2]), 0.5),
        (0, 1),
    ),
    Kernel("median despike", median_despike_objective, vectors(8), (0,)),
    Kernel("recurrence", recurrence_objective, lambda r: (r.normal(size=8), 0.6), (0, 1)),
]
