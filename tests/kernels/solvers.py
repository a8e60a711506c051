"""Iterations that solve systems and find minima."""

from __future__ import annotations

import numpy as np
from kernel import Kernel


def thomas(a, b, c, d, x):
    """Solve a tridiagonal system; the right-hand side and the diagonal are overwritten."""
    n = len(d)
    for i in range(1, n):
        w = a[i - 1] / b[i - 1]
        b[i] -= w * c[i - 1]
        d[i] -= w * d[i - 1]
    x[-1] = d[-1] / b[-1]
    for i in range(n - 2, -1, -1):
        x[i] = (d[i] - c[i] * x[i + 1]) / b[i]


def thomas_into_arguments(a, b, c, d):
    x = np.zeros(len(d))
    thomas(a, b, c, d, x)
    return np.sum(x**2) + d[-1] * b[-1]


def successive_over_relaxation(A, b, x, omega, tolerance):
    n = len(b)
    residual = np.linalg.norm(A @ x - b)
    while residual > tolerance:
        for i in range(n):
            sigma = 0.0
            for j in range(n):
                if j != i:
                    sigma += A[i, j] * x[j]
            x[i] = (1 - omega) * x[i] + omega / A[i, i] * (b[i] - sigma)
        residual = np.linalg.norm(A @ x - b)
    return x


def successive_over_relaxation_objective(A, b, omega):
    x = successive_over_relaxation(A, b, np.zeros_like(b), omega, 1e-2)
    return np.sum(x**2)


def conjugate_gradient(A, b, x, steps):
    r = b - A @ x
    p = r.copy()
    rs = r @ r
    for _ in range(steps):
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        rs_new = r @ r
        if np.sqrt(rs_new) < 1e-10:
            break
        p *= rs_new / rs
        p += r
        rs = rs_new
    return x


def conjugate_gradient_objective(A, b, x):
    return np.sum(np.sin(conjugate_gradient(A, b, x.copy(), 3)))


def smooth(u, f, h, sweeps):
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            u[i] = 0.5 * (u[i - 1] + u[i + 1] + h * h * f[i])


def v_cycle(u, f, h):
    """Correct `u` on ever coarser grids; the recursion writes into its argument."""
    if len(u) <= 3:
        u[1] = 0.5 * (u[0] + u[2] + h * h * f[1])
        return
    smooth(u, f, h, 1)
    r = np.zeros_like(u)
    r[1:-1] = f[1:-1] + (u[2:] - 2 * u[1:-1] + u[:-2]) / h**2
    coarse = r[::2].copy()
    coarse[1:-1] = 0.25 * (r[1:-2:2] + 2 * r[2:-1:2] + r[3::2])
    e = np.zeros_like(coarse)
    v_cycle(e, coarse, 2 * h)
    u[::2] += e
    u[1::2] += 0.5 * (e[:-1] + e[1:])
    smooth(u, f, h, 1)


def v_cycle_objective(f, h):
    u = np.zeros_like(f)
    for _ in range(2):
        v_cycle(u, f, h)
    return np.sum(u * u)


def kmeans_step(points, centres):
    """Move every centre to the mean of the points that are nearest to it."""
    k = centres.shape[0]
    totals = np.zeros_like(centres)
    counts = np.zeros(k)
    for i in range(points.shape[0]):
        nearest, least = 0, np.inf
        for c in range(k):
            distance = np.sum((points[i] - centres[c]) ** 2)
            if distance < least:
                nearest, least = c, distance
        totals[nearest] += points[i]
        counts[nearest] += 1
    for c in range(k):
        if counts[c] > 0:
            centres[c] = 0.5 * centres[c] + 0.5 * totals[c] / counts[c]


def kmeans_into_argument(points, centres):
    kmeans_step(points, centres)
    kmeans_step(points, centres)
    return np.sum(np.exp(centres))


def adam(x, target, steps, rate):
    m = np.zeros_like(x)
    v = np.zeros_like(x)
    for t in range(1, steps + 1):
        g = np.cos(x) * x + np.sin(x) - target
        m[:] = 0.9 * m + 0.1 * g
        v[:] = 0.99 * v + 0.01 * g * g
        x -= rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-3)


def adam_into_argument(x, target, rate):
    adam(x, target, 4, rate)
    return np.sum(x**2)


def power_iteration(A, steps):
    x = np.ones(A.shape[0])
    for _ in range(steps):
        x = A.dot(x)
        x /= np.linalg.norm(x)
    return x @ A @ x


def pagerank(links, damping, tolerance):
    """Normalise the columns of a copy and iterate until the ranks settle."""
    n = len(links)
    M = links.copy()
    for j in range(n):
        M[:, j] /= M[:, j].sum()
    rank = np.full(n, 1.0 / n)
    while True:
        new = damping * M @ rank + (1 - damping) / n
        moved = np.abs(new - rank).sum()
        rank[:] = new
        if moved < tolerance:
            break
    return rank


def pagerank_objective(links, damping):
    rank = pagerank(links, damping, 1e-2)
    return np.dot(rank, np.arange(1.0, len(rank) + 1) ** 2)


def system(rng, n):
    M = rng.normal(size=(n, n))
    return M @ M.T + n * np.eye(n), rng.normal(size=n)


def tridiagonal(rng):
    a, c = rng.normal(size=4), rng.normal(size=4)
    return a, 5 + rng.uniform(size=5), c, rng.normal(size=5)


KERNELS = [
    Kernel("thomas into its arguments", thomas_into_arguments, tridiagonal, (0, 1, 2, 3)),
    Kernel(
        "successive over-relaxation",
        successive_over_relaxation_objective,
        lambda r: (*system(r, 4), 1.1),
        (0, 1, 2),
    ),
    Kernel(
        "conjugate gradient",
        conjugate_gradient_objective,
        lambda r: (*system(r, 5), r.normal(size=5)),
        (0, 1, 2),
    ),
    Kernel("multigrid", v_cycle_objective, lambda r: (r.normal(size=9), 0.125), (0, 1)),
    Kernel(
        "k-means into its argument",
        kmeans_into_argument,
        lambda r: (r.normal(size=(7, 2)), r.normal(size=(2, 2))),
        (0, 1),
    ),
    Kernel(
        "adam into its argument",
        adam_into_argument,
        lambda r: (r.normal(size=4), r.normal(size=4), 0.1),
        (0, 1, 2),
    ),
    Kernel("power iteration", lambda A: power_iteration(A, 4), lambda r: (system(r, 4)[0],), (0,)),
    Kernel(
        "pagerank", pagerank_objective, lambda r: (r.uniform(0.1, 1, size=(4, 4)), 0.85), (0, 1)
    ),
]
