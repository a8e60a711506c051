"""Stencils on grids: slices written in place, swapped buffers, sweeps."""

from __future__ import annotations

import numpy as np
from kernel import Kernel


def jacobi_1d(steps, A, B):
    for _ in range(1, steps):
        B[1:-1] = 0.33333 * (A[:-2] + A[1:-1] + A[2:])
        A[1:-1] = 0.33333 * (B[:-2] + B[1:-1] + B[2:])


def jacobi_1d_into_arguments(A, B, steps):
    jacobi_1d(steps, A, B)
    return np.sum(A * A) - np.sum(B**3)


def jacobi_2d(grid, steps):
    new = grid.copy()
    for _ in range(steps):
        new[1:-1, 1:-1] = 0.2 * (
            grid[1:-1, 1:-1] + grid[1:-1, :-2] + grid[1:-1, 2:] + grid[2:, 1:-1] + grid[:-2, 1:-1]
        )
        grid, new = new, grid
    return grid


def jacobi_2d_objective(grid, steps):
    return np.sum(jacobi_2d(grid.copy(), steps) ** 2)


def seidel_2d(steps, n, A):
    for _ in range(steps):
        for i in range(1, n - 1):
            A[i, 1:-1] += A[i - 1, :-2] + A[i - 1, 1:-1] + A[i - 1, 2:]
            A[i, 1:-1] += A[i, 2:] + A[i + 1, :-2] + A[i + 1, 1:-1] + A[i + 1, 2:]
            for j in range(1, n - 1):
                A[i, j] += A[i, j - 1]
                A[i, j] /= 9.0


def seidel_2d_objective(A):
    work = np.array(A, copy=True)
    seidel_2d(2, len(A), work)
    return np.sum(work * work * A)


def heat_3d(steps, A, B, k):
    def apply(source, target):
        c = source[1:-1, 1:-1, 1:-1]
        target[1:-1, 1:-1, 1:-1] = (
            k * (source[2:, 1:-1, 1:-1] - 2.0 * c + source[:-2, 1:-1, 1:-1])
            + k * (source[1:-1, 2:, 1:-1] - 2.0 * c + source[1:-1, :-2, 1:-1])
            + k * (source[1:-1, 1:-1, 2:] - 2.0 * c + source[1:-1, 1:-1, :-2])
            + c
        )

    for _ in range(steps):
        apply(A, B)
        apply(B, A)


def heat_3d_objective(A, k):
    A = A.copy()
    B = A.copy()
    heat_3d(2, A, B, k)
    return np.sum(A**2) + np.sum(B**4)


def fdtd_2d(ex, ey, hz, fict):
    for t in range(len(fict)):
        ey[0, :] = fict[t]
        ey[1:, :] -= 0.5 * (hz[1:, :] - hz[:-1, :])
        ex[:, 1:] -= 0.5 * (hz[:, 1:] - hz[:, :-1])
        hz[:-1, :-1] -= 0.7 * (ex[:-1, 1:] - ex[:-1, :-1] + ey[1:, :-1] - ey[:-1, :-1])


def fdtd_2d_into_arguments(ex, ey, hz, fict):
    fdtd_2d(ex, ey, hz, fict)
    return np.sum(hz**2) + np.sum(ex * ey)


def adi(steps, n, u):
    v = np.zeros((n, n))
    p = np.zeros((n, n))
    q = np.zeros((n, n))
    a, b, c = -0.4, 1.8, -0.4
    for _ in range(steps):
        v[0, 1:-1] = 1.0
        p[1:-1, 0] = 0.0
        q[1:-1, 0] = v[0, 1:-1]
        for j in range(1, n - 1):
            p[1:-1, j] = -c / (a * p[1:-1, j - 1] + b)
            q[1:-1, j] = (
                0.3 * u[j, :-2] + 0.4 * u[j, 1:-1] + 0.3 * u[j, 2:] - a * q[1:-1, j - 1]
            ) / (a * p[1:-1, j - 1] + b)
        v[-1, 1:-1] = 1.0
        for j in range(n - 2, 0, -1):
            v[j, 1:-1] = p[1:-1, j] * v[j + 1, 1:-1] + q[1:-1, j]
        u[1:-1, 0] = 1.0
        q[1:-1, 0] = u[1:-1, 0]
        for j in range(1, n - 1):
            q[1:-1, j] = (
                0.3 * v[:-2, j] + 0.4 * v[1:-1, j] + 0.3 * v[2:, j] - a * q[1:-1, j - 1]
            ) / (a * p[1:-1, j - 1] + b)
        u[1:-1, -1] = 1.0
        for j in range(n - 2, 0, -1):
            u[1:-1, j] = p[1:-1, j] * u[1:-1, j + 1] + q[1:-1, j]


def adi_into_argument(u):
    adi(2, len(u), u)
    return np.sum(u**3)


def deriche(image, alpha):
    """Smooth every row by a causal and an anticausal recursion of second order."""
    k = (1 - np.exp(-alpha)) ** 2 / (1 + 2 * alpha * np.exp(-alpha) - np.exp(2 * alpha))
    a = (k, k * np.exp(-alpha) * (alpha - 1), k * np.exp(-alpha) * (alpha + 1), -k)
    b1, b2 = 2 ** (-alpha), -np.exp(-2 * alpha)
    h, w = image.shape
    y1 = np.empty_like(image)
    y2 = np.empty_like(image)
    for i in range(h):
        xm = ym1 = ym2 = 0.0
        for j in range(w):
            y1[i, j] = a[0] * image[i, j] + a[1] * xm + b1 * ym1 + b2 * ym2
            xm = image[i, j]
            ym2 = ym1
            ym1 = y1[i, j]
        xp1, xp2, yp1, yp2 = 0.0, 0.0, 0.0, 0.0
        for j in range(w - 1, -1, -1):
            y2[i, j] = a[2] * xp1 + a[3] * xp2 + b1 * yp1 + b2 * yp2
            xp2, xp1 = xp1, image[i, j]
            yp2, yp1 = yp1, y2[i, j]
    return y1 + y2


def deriche_objective(image, alpha):
    return np.sum(deriche(image, alpha) ** 2)


def views_of_a_grid(u, steps):
    """Views are taken once; the base changes below them."""
    left, centre, right = u[:-2], u[1:-1], u[2:]
    history = []
    for _ in range(steps):
        flux = right - 2.0 * centre + left
        centre += 0.2 * flux
        u[0] = u[-2]
        u[-1] = u[1]
        history.append(u.copy())
    return np.stack(history)


def views_of_a_grid_into_argument(u, steps):
    return np.sum(views_of_a_grid(u, steps) ** 3)


def crank_nicolson(u, r, steps):
    """Step the heat equation, solving a tridiagonal system by elimination."""
    n = u.size
    c = np.zeros(n)
    d = np.zeros(n)
    for _ in range(steps):
        rhs = (1 - r) * u
        rhs[1:] += 0.5 * r * u[:-1]
        rhs[:-1] += 0.5 * r * u[1:]
        c[0] = -0.5 * r / (1 + r)
        d[0] = rhs[0] / (1 + r)
        for i in range(1, n):
            m = 1 + r + 0.5 * r * c[i - 1]
            c[i] = -0.5 * r / m
            d[i] = (rhs[i] + 0.5 * r * d[i - 1]) / m
        u[n - 1] = d[n - 1]
        for i in range(n - 2, -1, -1):
            u[i] = d[i] - c[i] * u[i + 1]


def crank_nicolson_into_argument(u, r, steps):
    crank_nicolson(u, r, steps)
    return u @ u


def upwind_limited(q, courant, steps):
    """Advect on a ring with a van Leer limiter chosen by np.where."""
    for _ in range(steps):
        behind = q - np.roll(q, 1)
        ahead = np.roll(q, -1) - q
        product = behind * ahead
        slope = np.where(product > 0, 2 * product / (behind + ahead), 0.0)
        face = q + 0.5 * (1 - courant) * slope
        q -= courant * (face - np.roll(face, 1))


def upwind_limited_objective(q, courant, steps):
    q = q.copy()
    upwind_limited(q, courant, steps)
    return np.sum(q**3)


KERNELS = [
    Kernel(
        "jacobi-1d into its arguments",
        jacobi_1d_into_arguments,
        lambda r: (r.normal(size=7), r.normal(size=7), 4),
        (0, 1),
    ),
    Kernel("jacobi-2d", jacobi_2d_objective, lambda r: (r.normal(size=(5, 5)), 3), (0,)),
    Kernel("seidel-2d", seidel_2d_objective, lambda r: (r.normal(size=(4, 4)),), (0,)),
    Kernel("heat-3d", heat_3d_objective, lambda r: (r.normal(size=(4, 4, 4)), 0.125), (0, 1)),
    Kernel(
        "fdtd-2d into its arguments",
        fdtd_2d_into_arguments,
        lambda r: (*(r.normal(size=(4, 5)) for _ in range(3)), r.normal(size=3)),
        (0, 1, 2, 3),
    ),
    Kernel("adi into its argument", adi_into_argument, lambda r: (r.normal(size=(5, 5)),), (0,)),
    Kernel("deriche", deriche_objective, lambda r: (r.normal(size=(3, 5)), 0.25), (0, 1)),
    Kernel(
        "views of a grid into its argument",
        views_of_a_grid_into_argument,
        lambda r: (r.normal(size=6), 3),
        (0,),
    ),
    Kernel(
        "crank-nicolson into its argument",
        crank_nicolson_into_argument,
        lambda r: (r.normal(size=6), 0.4, 3),
        (0, 1),
    ),
    Kernel(
        "limited advection",
        upwind_limited_objective,
        lambda r: (np.sin(np.arange(8) * 0.785 + 0.3) + 0.05 * r.normal(size=8), 0.4, 2),
        (0, 1),
    ),
]
