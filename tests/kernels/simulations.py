"""Simulations written as classes, and scripts of the kind that accompany books."""

from __future__ import annotations

import dataclasses

import numpy as np
from kernel import Kernel


class HeatEquation:
    """Explicit finite differences, with a history."""

    def __init__(self, n, length=1.0, alpha=0.01, dt=None):
        self.dx = length / (n - 1)
        self.alpha = alpha
        self.dt = dt if dt is not None else 0.4 * self.dx**2 / alpha
        self.x = np.linspace(0, length, n)
        self.u = np.zeros(n)
        self.history = []

    def set_initial(self, function):
        self.u = function(self.x)
        return self

    def laplacian(self):
        result = np.zeros_like(self.u)
        result[1:-1] = (self.u[2:] - 2 * self.u[1:-1] + self.u[:-2]) / self.dx**2
        return result

    def step(self):
        self.u = self.u + self.dt * self.alpha * self.laplacian()
        self.u[0] = self.u[-1] = 0

    def run(self, steps, save_every=2):
        for i in range(steps):
            self.step()
            if i % save_every == 0:
                self.history.append(self.u.copy())
        return np.array(self.history)


def heat_of_a_class(amplitude, alpha):
    simulation = HeatEquation(9, alpha=alpha, dt=0.01)
    simulation.set_initial(lambda x: amplitude * np.sin(np.pi * x) + x**2)
    return np.sum(simulation.run(5) ** 2)


@dataclasses.dataclass(frozen=True)
class Wave:
    steps: int = 6
    c: float = 1.0
    dx: float = 0.1
    dt: float = 0.05
    boundary: str = "dirichlet"

    @property
    def courant(self) -> float:
        return self.c * self.dt / self.dx


def wave(config, start, speed):
    config = dataclasses.replace(config, c=speed)
    factor = config.courant**2
    before, u, after = start.copy(), start.copy(), np.zeros_like(start)
    for _ in range(config.steps):
        after[1:-1] = 2 * u[1:-1] - before[1:-1] + factor * (u[2:] - 2 * u[1:-1] + u[:-2])
        if config.boundary == "dirichlet":
            after[0] = after[-1] = 0.0
        elif config.boundary == "neumann":
            after[0], after[-1] = after[1], after[-2]
        else:
            raise ValueError(f"unknown boundary {config.boundary!r}")
        before, u, after = u, after, before
    return u


def wave_objective(start, speed):
    free = wave(Wave(boundary="neumann", steps=4), start, speed)
    return np.sum(wave(Wave(), start, speed) ** 2) + np.sum(free**2)


class Molecules:
    """Lennard-Jones particles in a periodic box, by velocity Verlet."""

    def __init__(self, pos, box=4.0, dt=0.005, cutoff=2.0):
        self.pos = np.array(pos, dtype=float)
        self.vel = np.zeros_like(self.pos)
        self.box, self.dt, self.cutoff = box, dt, cutoff
        self.energies = []
        self.force, _ = self.forces()

    def forces(self):
        n = self.pos.shape[0]
        force, energy = np.zeros_like(self.pos), 0.0
        for i in range(n - 1):
            for j in range(i + 1, n):
                gap = self.pos[i] - self.pos[j]
                gap -= self.box * np.round(gap / self.box)
                r2 = np.dot(gap, gap)
                if r2 > self.cutoff**2:
                    continue
                s6 = 1.0 / r2**3
                energy += 4.0 * (s6 * s6 - s6)
                pull = (48.0 * s6 * s6 - 24.0 * s6) / r2 * gap
                force[i] += pull
                force[j] -= pull
        return force, energy

    def step(self):
        self.vel += 0.5 * self.dt * self.force
        self.pos += self.dt * self.vel
        self.pos %= self.box
        self.force, energy = self.forces()
        self.vel += 0.5 * self.dt * self.force
        self.energies.append(energy + 0.5 * np.sum(self.vel**2))

    def run(self, steps):
        for _ in range(steps):
            self.step()
        return self.energies


def molecules_objective(pos):
    simulation = Molecules(pos)
    return np.mean(simulation.run(2)) + np.sum(simulation.vel**2)


class Lattice:
    """Lattice-Boltzmann flow between walls."""

    w = np.array([4 / 9] + [1 / 9] * 4 + [1 / 36] * 4)
    c = np.array([[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1], [1, 1], [-1, 1], [-1, -1], [1, -1]])
    opposite = (0, 3, 4, 1, 2, 7, 8, 5, 6)

    def __init__(self, nx, ny, omega):
        self.shape = nx, ny
        self.omega = omega
        self.f = np.ones((9, nx, ny)) * self.w[:, None, None]
        self.solid = np.zeros((nx, ny), dtype=bool)
        self.solid[:, 0] = self.solid[:, -1] = True

    def macroscopic(self):
        rho = np.sum(self.f, axis=0)
        return rho, np.tensordot(self.c.T, self.f, axes=1) / rho

    def equilibrium(self, rho, u):
        feq = np.empty((9, *self.shape))
        square = 1.5 * (u[0] ** 2 + u[1] ** 2)
        for i in range(9):
            cu = 3.0 * (self.c[i, 0] * u[0] + self.c[i, 1] * u[1])
            feq[i] = rho * self.w[i] * (1.0 + cu + 0.5 * cu**2 - square)
        return feq

    def step(self, force):
        rho, u = self.macroscopic()
        u[0] += force
        out = self.f - self.omega * (self.f - self.equilibrium(rho, u))
        for i in range(9):
            out[i, self.solid] = self.f[self.opposite[i], self.solid]
        for i in range(9):
            self.f[i] = np.roll(np.roll(out[i], self.c[i, 0], axis=0), self.c[i, 1], axis=1)


def lattice_objective(omega, force):
    simulation = Lattice(4, 4, omega)
    for _ in range(3):
        simulation.step(force)
    _, u = simulation.macroscopic()
    return np.sum(u[0]) * 100 + np.sum(u**2) * 1000


def flock(pos, vel, steps=2, radius=1.0):
    for _ in range(steps):
        gap = pos[np.newaxis, :, :] - pos[:, np.newaxis, :]
        distance = np.hypot(gap[..., 0], gap[..., 1])
        near = (distance > 0) & (distance < radius)
        count = np.maximum(near.sum(axis=1), 1).reshape(-1, 1)
        align = np.dot(near, vel) / count - vel
        gather = np.dot(near, pos) / count - pos
        apart = -(gap * near[..., None] / np.where(near, distance, 1)[..., None] ** 2).sum(axis=1)
        vel = vel + 0.1 * align + 0.05 * gather + 0.02 * apart
        speed = np.sqrt((vel**2).sum(axis=1, keepdims=True))
        vel = np.where(speed > 1.0, vel / speed, vel)
        pos = (pos + vel) % 3.0
    return np.sum(pos**2) + np.sum(vel**3)


PLACES = np.array([[0.2, 0.1, 0.3], [1.3, 0.2, 0.1], [0.3, 1.25, 0.2], [3.3, 0.2, 1.2]])
KERNELS = [
    Kernel("heat of a class", heat_of_a_class, lambda rng: (1.3, 0.05), (0, 1)),
    Kernel("wave of a dataclass", wave_objective, lambda rng: (rng.random(9), 1.1), (0, 1)),
    Kernel(
        "molecules of a class",
        molecules_objective,
        lambda rng: (PLACES + 0.02 * rng.normal(size=(4, 3)),),
        (0,),
    ),
    Kernel("lattice of a class", lattice_objective, lambda rng: (1.2, 0.01), (0, 1)),
    Kernel(
        "flock",
        flock,
        lambda rng: (rng.uniform(0.3, 2.2, (4, 2)), 0.3 * rng.normal(size=(4, 2))),
        (0, 1),
    ),
]
