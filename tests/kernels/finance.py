"""Prices of options: formulas, trees, grids and paths."""

from __future__ import annotations

import math

import numpy as np
from kernel import Kernel


def normal_cdf(x):
    return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))


def black_scholes(S, K, T, r, sigma, option="call"):
    if T <= 0:
        return max(S - K, 0.0) if option == "call" else max(K - S, 0.0)
    d1 = (math.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * math.sqrt(T))
    d2 = d1 - sigma * math.sqrt(T)
    discount = math.exp(-r * T)
    if option == "call":
        return S * normal_cdf(d1) - K * discount * normal_cdf(d2)
    if option == "put":
        return K * discount * normal_cdf(-d2) - S * normal_cdf(-d1)
    raise ValueError("option must be 'call' or 'put'")


def black_scholes_objective(S, K, T, r, sigma):
    put = black_scholes(S, K, T, r, sigma, option="put")
    return black_scholes(S, K, T, r, sigma) + put * put


def binomial_tree(S0, K, T, r, sigma, steps=6, *, american=True):
    dt = T / steps
    u = np.exp(sigma * np.sqrt(dt))
    d = 1 / u
    q = (np.exp(r * dt) - d) / (u - d)
    S = S0 * d ** np.arange(steps, -1, -1) * u ** np.arange(0, steps + 1)
    C = np.maximum(K - S, 0)
    for i in np.arange(steps - 1, -1, -1):
        S = S0 * d ** np.arange(i, -1, -1) * u ** np.arange(0, i + 1)
        C[: i + 1] = np.exp(-r * dt) * (q * C[1 : i + 2] + (1 - q) * C[: i + 1])
        C = C[:-1]
        if american:
            C = np.maximum(C, K - S)
    return C[0]


def asian_paths(S0, sigma, r, T, paths=20, steps=5, seed=42):
    np.random.seed(seed)
    dt = T / steps
    S = np.zeros((steps + 1, paths))
    S[0] = S0
    for t in range(1, steps + 1):
        Z = np.random.standard_normal(paths)
        S[t] = S[t - 1] * np.exp((r - 0.5 * sigma**2) * dt + sigma * np.sqrt(dt) * Z)
    payoff = np.maximum(S.mean(axis=0) - 1.0, 0)
    return np.exp(-r * T) * payoff.mean()


def heston(S0, v0, kappa, theta, xi, rho):
    rng = np.random.default_rng(7)
    n, steps, dt = 10, 6, 0.05
    S, v = np.full(n, S0), np.full(n, v0)
    L = np.linalg.cholesky(np.array([[1.0, rho], [rho, 1.0]]))
    for _ in range(steps):
        dW = L @ rng.standard_normal((2, n)) * np.sqrt(dt)
        vp = np.maximum(v, 0)
        S *= np.exp(-0.5 * vp * dt + np.sqrt(vp) * dW[0])
        v += kappa * (theta - vp) * dt + xi * np.sqrt(vp) * dW[1]
    return np.mean(np.maximum(S - 0.9, 0.0))


def thomas(a, b, c, d):
    n = len(d)
    cp, dp = np.zeros(n - 1), np.zeros(n)
    cp[0], dp[0] = c[0] / b[0], d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i - 1] * cp[i - 1]
        if i < n - 1:
            cp[i] = c[i] / m
        dp[i] = (d[i] - a[i - 1] * dp[i - 1]) / m
    x = np.zeros(n)
    x[-1] = dp[-1]
    for i in range(n - 2, -1, -1):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return x


def option_by_crank_nicolson(sigma, r, K=1.0, top=3.0, T=1.0, M=8, N=4):
    S, dS = np.linspace(0, top, M + 1, retstep=True)
    dt = T / N
    V = np.maximum(S - K, 0)
    j = np.arange(1, M)
    alpha = 0.25 * dt * (sigma**2 * j**2 - r * j)
    beta = -dt * 0.5 * (sigma**2 * j**2 + r)
    gamma = 0.25 * dt * (sigma**2 * j**2 + r * j)
    for n in range(N):
        rhs = alpha * V[:-2] + (1 + beta) * V[1:-1] + gamma * V[2:]
        upper = top - K * np.exp(-r * dt * (n + 1))
        rhs[-1] += gamma[-1] * upper
        V[1:-1] = thomas(-alpha[1:], 1 - beta, -gamma[:-1], rhs)
        V[-1] = upper
    return np.interp(1.1, S, V) / dS


def numbers(*values):
    return lambda rng: tuple(v * float(rng.uniform(0.98, 1.02)) for v in values)


KERNELS = [
    Kernel(
        "black-scholes",
        black_scholes_objective,
        numbers(1.0, 0.95, 0.5, 0.03, 0.2),
        (0, 1, 2, 3, 4),
    ),
    Kernel("binomial tree", binomial_tree, numbers(1.0, 1.013, 1.0, 0.05, 0.3), (0, 1, 2, 3, 4)),
    Kernel("asian option by paths", asian_paths, numbers(1.0, 0.3, 0.02, 1.0), (0, 1, 2, 3)),
    Kernel("heston", heston, numbers(1.0, 0.3, 1.5, 0.04, 0.1, -0.6), (0, 1, 2, 3, 4, 5)),
    Kernel("option by crank-nicolson", option_by_crank_nicolson, numbers(0.3, 0.05), (0, 1)),
]
