"""Bodies, fluid particles, rays and angles."""

from __future__ import annotations

import math

import numpy as np
from kernel import Kernel


def acceleration(pos, mass, softening, acc):
    acc[:] = 0.0
    n = len(mass)
    for i in range(n):
        for j in range(n):
            if i == j:
                continue
            d = pos[j] - pos[i]
            inverse = (d @ d + softening**2) ** -1.5
            acc[i] += mass[j] * inverse * d


def nbody(pos, vel, mass, softening, dt, steps):
    acc = np.zeros_like(pos)
    acceleration(pos, mass, softening, acc)
    energies = np.empty(steps)
    for t in range(steps):
        vel += 0.5 * dt * acc
        pos += dt * vel
        acceleration(pos, mass, softening, acc)
        vel += 0.5 * dt * acc
        energies[t] = 0.5 * np.sum(mass[:, None] * vel**2)
    return energies


def nbody_into_arguments(pos, vel, mass, softening):
    energies = nbody(pos, vel, mass, softening, 0.1, 3)
    return np.sum(energies) + np.sum(pos**2)


def sph_density(pos, mass, h):
    """Sum a cubic spline over neighbours; far pairs are skipped."""
    n = pos.shape[0]
    rho = np.zeros(n)
    sigma = 10.0 / (7.0 * math.pi * h**2)
    for i in range(n):
        for j in range(i, n):
            q = np.sqrt(np.sum((pos[i] - pos[j]) ** 2)) / h if i != j else 0.0
            if q >= 2.0:
                continue
            if q < 1.0:
                w = sigma * (1.0 - 1.5 * q**2 + 0.75 * q**3)
            else:
                w = sigma * 0.25 * (2.0 - q) ** 3
            rho[i] += mass[j] * w
            if i != j:
                rho[j] += mass[i] * w
    return rho


def sph_density_objective(pos, mass, h):
    return np.sum(np.log(sph_density(pos, mass, h)))


def arc_distance(theta_1, phi_1, theta_2, phi_2):
    t = np.sin((theta_2 - theta_1) / 2) ** 2
    t += np.cos(theta_1) * np.cos(theta_2) * np.sin((phi_2 - phi_1) / 2) ** 2
    return 2 * np.arctan2(np.sqrt(t), np.sqrt(1 - t))


def arc_distance_objective(theta_1, phi_1, theta_2, phi_2):
    return np.sum(arc_distance(theta_1, phi_1, theta_2, phi_2) ** 2)


def azimuthal_integration(data, radius, edges):
    """Average weights per ring, each sample put where its radius falls."""
    place = np.searchsorted(edges, radius) - 1
    total = np.zeros(edges.size - 1)
    count = np.zeros(edges.size - 1)
    np.add.at(total, place, data * radius)
    np.add.at(count, place, 1.0)
    return total / np.maximum(count, 1.0)


def azimuthal_integration_objective(data, radius, edges):
    return np.sum(azimuthal_integration(data, radius, edges) ** 2)


def ray_march(origin, direction, centre, radius):
    """Walk to a sphere by its distance; the ray may miss."""
    travelled = 0.0
    point = origin.copy()
    for _ in range(40):
        distance = np.linalg.norm(point - centre) - radius
        if distance < 1e-2:
            break
        travelled += 0.7 * distance
        point[:] = origin + travelled * direction
        if travelled > 20.0:
            return 20.0
    return travelled


def ray_march_objective(origin, direction, centre, radius):
    return ray_march(origin, direction, centre, radius) ** 2


def escape_times(re, im, limit, bound):
    """Iterate z*z + c per point until it leaves; the count is smoothed by the last modulus."""
    out = np.zeros(re.shape)
    for i in range(re.size):
        x = y = 0.0
        n = 0
        while n < limit and x * x + y * y <= bound:
            x, y = x * x - y * y + re[i], 2.0 * x * y + im[i]
            n += 1
        if n < limit:
            out[i] = n + 1 - math.log(0.5 * math.log(x * x + y * y)) / math.log(2.0)
        else:
            out[i] = x + y
    return out


def escape_times_objective(re, im):
    return np.sum(escape_times(re, im, 8, 16.0))


def lattice_springs(x, v, stiffness, damping, steps):
    """Chain of masses: the force of each spring is put on both its ends."""
    force = np.zeros(x.size)
    for _ in range(steps):
        force.fill(0.0)
        for i in range(len(x) - 1):
            stretch = x[i + 1] - x[i] - 1.0
            f = stiffness[i] * stretch + 0.1 * stretch**3
            force[i] += f
            force[i + 1] -= f
        v *= 1.0 - damping
        v += 0.1 * force
        x += 0.1 * v


def lattice_springs_into_arguments(x, v, stiffness, damping):
    lattice_springs(x, v, stiffness, damping, 4)
    return x @ x + np.sum(v**3)


KERNELS = [
    Kernel(
        "n-body into its arguments",
        nbody_into_arguments,
        lambda r: (r.normal(size=(3, 2)), r.normal(size=(3, 2)), r.uniform(1, 2, size=3), 0.5),
        (0, 1, 2, 3),
    ),
    Kernel(
        "sph density",
        sph_density_objective,
        lambda r: (r.uniform(0, 2, size=(5, 2)), r.uniform(1, 2, size=5), 0.6),
        (0, 1, 2),
    ),
    Kernel(
        "arc distance",
        arc_distance_objective,
        lambda r: tuple(r.uniform(-1, 1, size=4) for _ in range(4)),
        (0, 1, 2, 3),
    ),
    Kernel(
        "azimuthal integration",
        azimuthal_integration_objective,
        lambda r: (r.normal(size=8), 0.05 + 0.12 * np.arange(8.0), np.linspace(0, 1, 6)),
        (0, 1),
    ),
    Kernel(
        "ray march",
        ray_march_objective,
        lambda r: (
            0.1 * r.normal(size=3),
            np.array([0.6, 0.8, 0.0]),
            np.array([3.0, 4.2, 0.3]),
            1.0,
        ),
        (0, 1, 2, 3),
    ),
    Kernel(
        "escape times",
        escape_times_objective,
        lambda r: (np.array([0.4, -0.5, 1.0, -1.9]), np.array([0.6, 0.3, 0.7, 0.9])),
        (0, 1),
    ),
    Kernel(
        "lattice springs into its arguments",
        lattice_springs_into_arguments,
        lambda r: (
            np.arange(5) + 0.3 * r.normal(size=5),
            r.normal(size=5),
            r.uniform(1, 2, 4),
            0.05,
        ),
        (0, 1, 2, 3),
    ),
]
