"""Time emitted gradients against hand-written ones and HIPS autograd, as ratios in one run.

Run with ``python benchmarks/compare.py``; BLAS is held to one thread.
"""

from __future__ import annotations

import os

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import math
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from s2s_grad import grad

Row = tuple[str, float, float, str]


def median_times(functions: list[Callable[[], Any]], seconds: float = 1.0) -> list[float]:
    """Return the median time of each function, called in turn."""
    for function in functions:
        function()
    start = time.perf_counter()
    functions[0]()
    once = max(time.perf_counter() - start, 1e-7)
    inner = max(1, int(2e-4 / once))
    times: list[list[float]] = [[] for _ in functions]
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for function, samples in zip(functions, times, strict=True):
            start = time.perf_counter()
            for _ in range(inner):
                function()
            samples.append((time.perf_counter() - start) / inner)
    return [float(np.median(samples)) for samples in times]


def logistic(w, b, x, y):
    z = x @ w + b
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def logistic_by_hand(w, b, x, y):
    z = x @ w + b
    exp_z = np.exp(-z)
    p = 1 / (1 + exp_z)
    scale = -1.0 / y.size
    p_bar = scale * y / p - scale * (1 - y) / (1 - p)
    z_bar = p_bar * p * p * exp_z
    return x.T @ z_bar, np.sum(z_bar)


def mlp(W1, b1, W2, b2, x, y):
    h = np.tanh(x @ W1 + b1)
    r = h @ W2 + b2 - y
    return np.mean(r * r)


def mlp_by_hand(W1, b1, W2, b2, x, y):
    h = np.tanh(x @ W1 + b1)
    r = h @ W2 + b2 - y
    r_bar = 2 / r.size * r
    a_bar = (r_bar @ W2.T) * (1 - h * h)
    return x.T @ a_bar, a_bar.sum(axis=0), h.T @ r_bar, r_bar.sum(axis=0)


def scalar(x, y):
    u = math.exp(-x * x)
    v = math.sin(y) * u
    return v + x / y + x * y


def scalar_by_hand(x, y):
    u = math.exp(-x * x)
    sin_y = math.sin(y)
    return -2 * x * u * sin_y + 1 / y + y, math.cos(y) * u - x / (y * y) + x


def chain(x, n):
    for _ in range(n):
        x = x - 0.01 * math.sin(x)
    return x


def chain_by_hand(x, n):
    xs = []
    for _ in range(n):
        xs.append(x)
        x = x - 0.01 * math.sin(x)
    x_bar = 1.0
    for x in reversed(xs):
        x_bar = x_bar - 0.01 * x_bar * math.cos(x)
    return x_bar


def chain_numpy(x, n):
    for _ in range(n):
        x = x - 0.01 * np.sin(x)
    return x


def against_hand(name: str, f: Any, hand: Any, args: Any, wrt: Any, target: str) -> Row:
    emitted = grad(f, wrt=wrt).specialize(*args)
    mine, theirs = median_times([lambda: emitted(*args), lambda: hand(*args)])
    return name, mine, mine / theirs, target


def against_autograd() -> Row | None:
    try:
        import autograd
        import autograd.numpy as anp
    except ImportError:
        return None

    def wrapped(x, n):
        for _ in range(n):
            x = x - 0.01 * anp.sin(x)
        return x

    mine = grad(chain_numpy).specialize(0.5, 1000)
    theirs = autograd.grad(wrapped)
    times = median_times([lambda: mine(0.5, 1000), lambda: theirs(0.5, 1000)], 3.0)
    return "1000-step loop, HIPS autograd / emitted", times[0], times[1] / times[0], ">= 20"


def compile_times() -> list[tuple[str, float, str]]:
    def two_lines(x):
        y = np.sin(x) * x
        return np.sum(y)

    def many_lines(x, y, k):
        a = np.sin(x) * y
        b = np.cos(y) + a
        c = a * b - k
        d = np.tanh(c)
        e = d @ x
        f = np.exp(-d * d)
        g = f + e * a
        s = 0.0
        for i in range(3):
            s = s + np.sum(g) * i
            g = g * 0.5
        if s > 0:
            h = g * s
        else:
            h = g - s
        u = h + np.sqrt(1 + x * x)
        v = np.mean(u * b)
        w = np.sum(c * d) + v
        z = w / (1 + s * s)
        return z + v * w

    x = np.linspace(0.1, 1.0, 5)
    grad(two_lines)(x)  # the first compilation loads libcst
    found = []
    for name, f, args, target in (
        ("compile 2 lines", two_lines, (x,), "< 20 ms"),
        ("compile 20 lines", many_lines, (x, x + 1, 0.3), "< 60 ms"),
    ):
        samples = []
        for _ in range(9):
            fresh = grad(f)
            start = time.perf_counter()
            fresh(*args)
            samples.append(time.perf_counter() - start)
        found.append((name, float(np.median(samples)), target))
    both = []
    for code in ("import numpy", "import numpy, s2s_grad"):
        samples = []
        for _ in range(7):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            samples.append(time.perf_counter() - start)
        both.append(float(np.median(samples)))
    found.append(("import, over NumPy", both[1] - both[0], "< 80 ms"))
    return found


def main() -> None:
    """Print one table of ratios and one of compile times."""
    r = np.random.default_rng(0)
    data = (r.normal(size=50), 0.1, r.normal(size=(1000, 50)), r.integers(0, 2, 1000).astype(float))
    shapes = ((32, 64), (64,), (64, 10), (10,), (64, 32), (64, 10))
    net = tuple(r.normal(size=s) for s in shapes)
    rows = [
        against_hand("logistic, 1000x50", logistic, logistic_by_hand, data, (0, 1), "1.1"),
        against_hand("two-layer MLP, batch 64", mlp, mlp_by_hand, net, (0, 1, 2, 3), "1.1"),
        against_hand("scalar, 8 operations", scalar, scalar_by_hand, (0.7, 1.3), (0, 1), "1.3"),
        against_hand("1000-step scalar loop", chain, chain_by_hand, (0.5, 1000), 0, "1.5"),
    ]
    peer = against_autograd()
    if peer is not None:
        rows.append(peer)
    table = Table("gradient", "emitted", "ratio", "target")
    for name, seconds, ratio, target in rows:
        table.add_row(name, f"{seconds * 1e6:.2f} us", f"{ratio:.2f}", target)
    dispatched = grad(scalar, wrt=(0, 1))
    raw = dispatched.specialize(0.7, 1.3)
    times = median_times([lambda: dispatched(0.7, 1.3), lambda: raw(0.7, 1.3)])
    table.add_row("dispatch of @grad", f"{(times[0] - times[1]) * 1e6:.2f} us", "", "< 3 us")
    for name, seconds, target in compile_times():
        table.add_row(name, f"{seconds * 1e3:.1f} ms", "", target)
    Console().print(table)


if __name__ == "__main__":
    main()
