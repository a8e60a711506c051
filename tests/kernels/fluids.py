"""Flow in a cavity and in a channel, with the pressure found by relaxation."""

from __future__ import annotations

import numpy as np
from kernel import Kernel


def source_term(b, u, v, dt, dx):
    b[1:-1, 1:-1] = (
        (u[1:-1, 2:] - u[1:-1, :-2] + v[2:, 1:-1] - v[:-2, 1:-1]) / (2 * dx * dt)
        - ((u[1:-1, 2:] - u[1:-1, :-2]) / (2 * dx)) ** 2
        - 2 * (u[2:, 1:-1] - u[:-2, 1:-1]) * (v[1:-1, 2:] - v[1:-1, :-2]) / (4 * dx * dx)
        - ((v[2:, 1:-1] - v[:-2, 1:-1]) / (2 * dx)) ** 2
    )


def pressure(p, b, dx, sweeps):
    pn = np.empty_like(p)
    for _ in range(sweeps):
        pn[:] = p.copy()
        p[1:-1, 1:-1] = (
            0.25 * (pn[1:-1, 2:] + pn[1:-1, :-2] + pn[2:, 1:-1] + pn[:-2, 1:-1])
            - 0.25 * dx * dx * b[1:-1, 1:-1]
        )
        p[:, -1] = p[:, -2]
        p[0, :] = p[1, :]
        p[:, 0] = p[:, 1]
        p[-1, :] = 0


def advance(u, un, vn, q, dt, dx, nu):
    """Write the interior of one velocity component, the pressure differences given."""
    c = un if q == 0 else vn
    u[1:-1, 1:-1] = (
        c[1:-1, 1:-1]
        - dt / dx * un[1:-1, 1:-1] * (c[1:-1, 1:-1] - c[1:-1, :-2])
        - dt / dx * vn[1:-1, 1:-1] * (c[1:-1, 1:-1] - c[:-2, 1:-1])
        + nu
        * dt
        / dx**2
        * (c[1:-1, 2:] + c[1:-1, :-2] + c[2:, 1:-1] + c[:-2, 1:-1] - 4 * c[1:-1, 1:-1])
    )


def cavity_flow(u, v, p, lid, nu, dt, steps):
    n = len(u)
    dx = 1.0 / (n - 1)
    b = np.zeros((n, n))
    for _ in range(steps):
        un = u.copy()
        vn = v.copy()
        source_term(b, u, v, dt, dx)
        pressure(p, b, dx, 2)
        advance(u, un, vn, 0, dt, dx, nu)
        advance(v, un, vn, 1, dt, dx, nu)
        u[1:-1, 1:-1] -= dt / (2 * dx) * (p[1:-1, 2:] - p[1:-1, :-2])
        v[1:-1, 1:-1] -= dt / (2 * dx) * (p[2:, 1:-1] - p[:-2, 1:-1])
        u[0, :] = u[:, 0] = u[:, -1] = 0
        u[-1, :] = lid
        v[0, :], v[-1, :], v[:, 0], v[:, -1] = 0, 0, 0, 0


def cavity_flow_objective(u, v, p, lid, nu):
    u, v, p = u.copy(), v.copy(), p.copy()
    cavity_flow(u, v, p, lid, nu, 0.02, 3)
    return np.sum(u * u) + np.sum(v * v) + p[1, 1]


def channel_flow(u, force, nu, dt, tolerance):
    """Drive a periodic channel until the flow settles; return the number of steps."""
    change = 1.0
    steps = 0
    while change > tolerance:
        un = u.copy()
        u[1:-1, 1:-1] = (
            un[1:-1, 1:-1]
            + nu * dt * (un[1:-1, 2:] - 2 * un[1:-1, 1:-1] + un[1:-1, :-2])
            + nu * dt * (un[2:, 1:-1] - 2 * un[1:-1, 1:-1] + un[:-2, 1:-1])
            + dt * force
        )
        u[1:-1, -1] = un[1:-1, -1] + nu * dt * (un[1:-1, 0] - 2 * un[1:-1, -1] + un[1:-1, -2])
        u[1:-1, -1] += dt * force
        u[1:-1, 0] = u[1:-1, -1]
        u[0, :] = 0
        u[-1, :] = 0
        change = (np.sum(u) - np.sum(un)) / np.sum(u)
        steps += 1
    return steps


def channel_flow_into_argument(u, force, nu):
    steps = channel_flow(u, force, nu, 0.2, 0.05)
    return np.sum(u**2) + steps


def burgers(u, dt, nu, steps):
    """Step Burgers' equation on a ring, the ends taken by name."""
    n = u.shape[0]
    for _ in range(steps):
        un = np.copy(u)
        for i in range(n):
            left = un[i - 1]
            right = un[(i + 1) % n]
            u[i] = un[i] - dt * un[i] * (un[i] - left) + nu * dt * (right - 2 * un[i] + left)


def burgers_into_argument(u, nu):
    burgers(u, 0.1, nu, 4)
    return np.sum(u**3)


def shallow_water(h, hu, dt, steps):
    """Step with Rusanov fluxes; the largest wave speed is taken over each face."""
    for _ in range(steps):
        speed = hu / h
        flux = hu * speed + 0.5 * h * h
        wave = np.abs(speed) + np.sqrt(h)
        a = np.maximum(wave[1:], wave[:-1])
        fh = 0.5 * (hu[1:] + hu[:-1]) - 0.5 * a * (h[1:] - h[:-1])
        fu = 0.5 * (flux[1:] + flux[:-1]) - 0.5 * a * (hu[1:] - hu[:-1])
        np.subtract(h[1:-1], dt * (fh[1:] - fh[:-1]), out=h[1:-1])
        hu[1:-1] -= dt * np.diff(fu)


def shallow_water_into_arguments(h, hu):
    shallow_water(h, hu, 0.1, 3)
    return np.sum(h**2) + np.sum(hu**3)


def grids(rng):
    return (*(rng.normal(size=(5, 5)) for _ in range(3)), 1.0, 0.1)


KERNELS = [
    Kernel("cavity flow", cavity_flow_objective, grids, (0, 1, 2, 3, 4)),
    Kernel(
        "channel flow into its argument",
        channel_flow_into_argument,
        lambda r: (0.1 * r.uniform(size=(5, 6)), 1.0, 0.3),
        (0, 1, 2),
    ),
    Kernel(
        "burgers into its argument",
        burgers_into_argument,
        lambda r: (r.normal(size=6), 0.2),
        (0, 1),
    ),
    Kernel(
        "shallow water into its arguments",
        shallow_water_into_arguments,
        lambda r: (1 + r.uniform(size=7), r.normal(size=7)),
        (0, 1),
    ),
]
