"""Ordinary differential equations, with states written over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from kernel import Kernel


@dataclass
class Lorenz:
    """The parameters of the system."""

    sigma: float
    rho: float
    beta: float


def lorenz(y, p, dy):
    dy[0] = p.sigma * (y[1] - y[0])
    dy[1] = y[0] * (p.rho - y[2]) - y[1]
    dy[2] = y[0] * y[1] - p.beta * y[2]


def rk4(y, p, dt, steps):
    k = np.zeros((4, y.size))
    for _ in range(steps):
        lorenz(y, p, k[0])
        lorenz(y + 0.5 * dt * k[0], p, k[1])
        lorenz(y + 0.5 * dt * k[1], p, k[2])
        lorenz(y + dt * k[2], p, k[3])
        y += dt / 6.0 * (k[0] + 2 * k[1] + 2 * k[2] + k[3])


def rk4_into_argument(y, sigma, rho, beta):
    rk4(y, Lorenz(sigma, rho, beta), 0.02, 3)
    return y @ y


def rk4_of_dataclass(y, sigma, rho, beta):
    params = Lorenz(sigma, rho, beta=beta)
    y = y.copy()
    rk4(y, params, 0.02, 3)
    return np.sum(y * params.sigma)


def predator(t, y, a, b):
    return np.array([a * y[0] - y[0] * y[1], b * y[0] * y[1] - y[1] + 0.1 * np.sin(t)])


def adaptive(y, a, b, end, tolerance):
    """Step with Heun's method; a step whose error is too large is tried again at half."""
    t, h = 0.0, 0.5
    accepted, rejected = 0, 0
    path = [y]
    while t < end:
        h = min(h, end - t)
        k1 = predator(t, y, a, b)
        k2 = predator(t + h, y + h * k1, a, b)
        error = np.max(np.abs(0.5 * h * (k2 - k1)))
        if error > tolerance:
            h *= 0.5
            rejected += 1
            continue
        y = y + 0.5 * h * (k1 + k2)
        t += h
        accepted += 1
        path.append(y)
        if error < 0.1 * tolerance:
            h = 2 * h
    return path, accepted, rejected


def adaptive_objective(y, a, b):
    path, accepted, rejected = adaptive(y, a, b, 1.5, 0.05)
    assert accepted > 3
    assert rejected > 1
    path = np.stack(path)
    return np.sum(path[-1] ** 2) + np.mean(path)


def pendulum(theta, omega, length, damping, dt, steps):
    """Return angles and speeds, each step written from the one before."""
    angles = np.empty(steps + 1)
    speeds = np.empty(steps + 1)
    angles[0], speeds[0] = theta, omega
    for n in range(steps):
        speeds[n + 1] = speeds[n] - dt * (
            9.81 / length * np.sin(angles[n]) + damping * speeds[n] * abs(speeds[n])
        )
        angles[n + 1] = angles[n] + dt * speeds[n + 1]
    return angles, speeds


def pendulum_objective(theta, omega, length, damping):
    angles, speeds = pendulum(theta, omega, length, damping, 0.05, 6)
    return np.sum(angles**2) + speeds[-1]


def bashforth(y, rate, dt, steps):
    """Integrate with the last three slopes kept in a ring of rows."""
    slopes = np.zeros((3, y.size))
    for k in range(3):
        slopes[k] = -rate * y + np.roll(y, 1) ** 2
        if k < 2:
            y += dt * slopes[k]
    newest = 2
    for _ in range(steps):
        f0, f1, f2 = slopes[newest], slopes[newest - 1], slopes[newest - 2]
        y += dt / 12.0 * (23.0 * f0 - 16.0 * f1 + 5.0 * f2)
        newest = (newest + 1) % 3
        slopes[newest] = -rate * y + np.roll(y, 1) ** 2


def bashforth_into_argument(y, rate):
    bashforth(y, rate, 0.05, 5)
    return np.sum(y**3)


def logistic_populations(x, r, generations):
    """Return how populations grow, generation by generation, in one table."""
    table = np.zeros((generations + 1, len(x)))
    table[0] = x
    for g in range(generations):
        np.multiply(r * table[g], 1.0 - table[g], out=table[g + 1])
    return table


def logistic_populations_objective(x, r):
    return np.sum(logistic_populations(x, r, 4) ** 2)


def branching_lengths(axiom, ratio, depth):
    """Rewrite every branch into two shorter ones, generation by generation."""
    lengths = [axiom]
    total = 0.0
    for g in range(depth):
        new = []
        for i in range(2**g):
            new.append(lengths[i] * ratio)
            new.append(lengths[i] ** 2 * (1.0 - ratio))
        lengths = new
        total += lengths[0] - lengths[-1]
    return total + np.sum(np.stack(lengths) ** 2)


KERNELS = [
    Kernel(
        "runge-kutta into its argument",
        rk4_into_argument,
        lambda r: (r.normal(size=3), 10.0, 28.0, 2.7),
        (0, 1, 2, 3),
    ),
    Kernel(
        "runge-kutta of a dataclass",
        rk4_of_dataclass,
        lambda r: (r.normal(size=3), 10.0, 28.0, 2.7),
        (0, 1, 2, 3),
    ),
    Kernel(
        "adaptive steps", adaptive_objective, lambda r: (np.array([2.1, 1.3]), 1.5, 0.8), (0, 1, 2)
    ),
    Kernel("pendulum", pendulum_objective, lambda r: (0.6, 0.2, 1.3, 0.1), (0, 1, 2, 3)),
    Kernel(
        "adams-bashforth into its argument",
        bashforth_into_argument,
        lambda r: (r.normal(size=4), 1.2),
        (0, 1),
    ),
    Kernel(
        "logistic populations",
        logistic_populations_objective,
        lambda r: (r.uniform(size=3), r.uniform(1, 3, size=3)),
        (0, 1),
    ),
    Kernel(
        "branching lengths", lambda a, q: branching_lengths(a, q, 3), lambda r: (1.3, 0.6), (0, 1)
    ),
]
