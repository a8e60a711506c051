"""Estimation of states: filters with matrices, particles and landmarks; mixtures."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from kernel import Kernel


class Gaussian(NamedTuple):
    mean: np.ndarray
    cov: np.ndarray


class Model(NamedTuple):
    F: np.ndarray
    H: np.ndarray
    Q: np.ndarray
    R: np.ndarray


def predict(state, model):
    return Gaussian(model.F @ state.mean, model.F @ state.cov @ model.F.T + model.Q)


def correct(state, model, z):
    y = z - model.H @ state.mean
    S = model.H @ state.cov @ model.H.T + model.R
    K = np.linalg.solve(S.T, model.H @ state.cov.T).T
    _, logdet = np.linalg.slogdet(S)
    fit = -0.5 * (y @ np.linalg.inv(S) @ y + logdet + len(y) * np.log(2 * np.pi))
    cov = (np.eye(len(state.mean)) - K @ model.H) @ state.cov
    return state._replace(mean=state.mean + K @ y, cov=cov), fit


def kalman_likelihood(q, r, zs, dt=0.1):
    noise = q * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
    model = Model(np.array([[1, dt], [0, 1]]), np.array([[1.0, 0.0]]), noise, np.array([[r]]))
    state = Gaussian(np.zeros(2), np.eye(2))
    total, states = 0.0, [state]
    for z in zs:
        state, fit = correct(predict(state, model), model, z)
        states.append(state)
        total += fit
    return -total + states[-1].mean[1] ** 2 + sum(s.cov[0, 0] for s in states)


def particle_filter(observed, process, noise, count=12, rng=None):
    rng = np.random.default_rng(0) if rng is None else rng
    particles = rng.normal(0, 1, count)
    weights = np.ones(count) / count
    fit, estimates = 0.0, np.zeros(len(observed))
    for t, y in enumerate(observed):
        particles = 0.9 * particles + process * rng.normal(size=count)
        weights = weights * np.exp(-0.5 * ((y - particles) / noise) ** 2) / noise
        total = weights.sum()
        fit += np.log(total)
        weights /= total
        estimates[t] = np.average(particles, weights=weights)
        if 1.0 / np.sum(weights**2) < count / 2:
            positions = (np.arange(count) + rng.random()) / count
            chosen = np.minimum(np.searchsorted(np.cumsum(weights), positions), count - 1)
            particles = particles[chosen]
            weights = np.full(count, 1.0 / count)
    return estimates, fit


def particle_filter_objective(observed, process, noise):
    estimates, fit = particle_filter(observed, process, noise, rng=np.random.default_rng(3))
    return np.sum(estimates**2) + fit


def motion(x, u, dt):
    (v, w), (px, py, heading) = u, x
    return np.array(
        [px + v * np.cos(heading) * dt, py + v * np.sin(heading) * dt, heading + w * dt]
    )


def slope_of_motion(x, u, dt):
    J = np.eye(3)
    J[0, 2] = -u[0] * np.sin(x[2]) * dt
    J[1, 2] = u[0] * np.cos(x[2]) * dt
    return J


def landmarks_seen(x, q, seen):
    """Follow a robot by the distance and direction of landmarks."""
    P, R = np.eye(3) * 0.1, np.diag([0.1, 0.05])
    for u, z in zip(np.array([[1.0, 0.1], [1.0, 0.2]]), seen, strict=True):
        F = slope_of_motion(x, u, 0.1)
        x = motion(x, u, 0.1)
        P = F @ P @ F.T + q * np.eye(3)
        for mark, (distance, direction) in zip(np.array([[3.0, 2.0], [5.0, -1.0]]), z, strict=True):
            dx, dy = mark - x[:2]
            s = dx**2 + dy**2
            h = np.array([np.sqrt(s), np.arctan2(dy, dx) - x[2]])
            H = np.array([[-dx / np.sqrt(s), -dy / np.sqrt(s), 0], [dy / s, -dx / s, -1]])
            K = P @ H.T @ np.linalg.inv(H @ P @ H.T + R)
            gap = np.array([distance, direction]) - h
            gap[1] = (gap[1] + np.pi) % (2 * np.pi) - np.pi
            x = x + K @ gap
            P = (np.eye(3) - K @ H) @ P
    return np.sum(x**2) + np.trace(P)


def mixture(X, mu, rounds=2):
    """Expectation and maximisation of a mixture of Gaussians."""
    (k, d), n = mu.shape, len(X)
    share, cov = np.ones(k) / k, np.array([np.eye(d)] * k)
    for _ in range(rounds):
        logp = np.empty((n, k))
        for j in range(k):
            gap = X - mu[j]
            _, logdet = np.linalg.slogdet(cov[j])
            form = np.sum(gap @ np.linalg.inv(cov[j]) * gap, axis=1)
            logp[:, j] = np.log(share[j]) - 0.5 * (logdet + form)
        top = logp.max(1, keepdims=True)
        fit = top.squeeze() + np.log(np.exp(logp - top).sum(1))
        weight = np.exp(logp - fit[:, None])
        whole = weight.sum(0)
        mu = weight.T @ X / whole[:, None]
        for j in range(k):
            gap = X - mu[j]
            cov[j] = (weight[:, j, None] * gap).T @ gap / whole[j] + 1e-1 * np.eye(d)
        share = whole / n
    return fit.sum()


SEEN = np.array([[[3.4, 0.5], [5.0, -0.1]], [[3.3, 0.5], [4.9, -0.2]]])
KERNELS = [
    Kernel(
        "kalman likelihood",
        kalman_likelihood,
        lambda rng: (0.5, 0.3, rng.normal(size=(4, 1))),
        (0, 1, 2),
    ),
    Kernel(
        "particle filter",
        particle_filter_objective,
        lambda rng: (rng.normal(size=4), 0.5, 1.0),
        (0, 1, 2),
    ),
    Kernel(
        "landmarks of a robot",
        landmarks_seen,
        lambda rng: (0.1 * rng.normal(size=3), 0.02, SEEN.copy()),
        (0, 1, 2),
    ),
    Kernel(
        "mixture of gaussians",
        mixture,
        lambda rng: (rng.normal(size=(6, 2)), rng.normal(size=(2, 2))),
        (0, 1),
    ),
]
