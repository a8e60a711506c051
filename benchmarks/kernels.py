"""Time and memory of gradients of in-place kernels: against the primal, by hand, HIPS autograd.

Run with ``python benchmarks/kernels.py``; BLAS is held to one thread. All ratios are of one run.
"""

from __future__ import annotations

import os

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from s2s_grad import grad
from s2s_grad.errors import S2SError

ROUNDS = 5
LONGEST = 100_000


def median_times(*functions: Callable[[], Any]) -> list[float]:
    """Return the median time of each function, called in turn."""
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(ROUNDS):
        for function, samples in zip(functions, times, strict=True):
            start = time.perf_counter()
            function()
            samples.append(time.perf_counter() - start)
    return [float(np.median(samples)) for samples in times]


def peak_bytes(function: Callable[[], Any]) -> int:
    """Return how much more memory a call holds at its peak than before it."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    function()
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    return peak


def recurrence(x, k):
    y = np.zeros(len(x))
    y[0] = np.sin(x[0])
    for i in range(1, len(x)):
        y[i] = k * y[i - 1] + np.sin(x[i])
    return np.sum(y * y)


def recurrence_by_hand(x, k):
    y = np.zeros(len(x))
    y[0] = np.sin(x[0])
    for i in range(1, len(x)):
        y[i] = k * y[i - 1] + np.sin(x[i])
    y_bar = 2 * y
    x_bar = np.zeros(len(x))
    k_bar = 0.0
    for i in range(len(x) - 1, 0, -1):
        x_bar[i] = y_bar[i] * np.cos(x[i])
        k_bar += y_bar[i] * y[i - 1]
        y_bar[i - 1] += y_bar[i] * k
    x_bar[0] = y_bar[0] * np.cos(x[0])
    return x_bar, k_bar


def heat(u, r, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += r * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def heat_by_hand(u, r, steps):
    u = u.copy()
    laps = np.empty((steps, u.size - 2))
    for t in range(steps):
        laps[t] = u[2:] - 2 * u[1:-1] + u[:-2]
        u[1:-1] += r * laps[t]
    u_bar = 2 * u
    r_bar = 0.0
    for t in range(steps - 1, -1, -1):
        r_bar += laps[t] @ u_bar[1:-1]
        g = r * u_bar[1:-1]
        u_bar[2:] += g
        u_bar[1:-1] -= 2 * g
        u_bar[:-2] += g
    return u_bar, r_bar


def stencil(u, k, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] = k * u[2:] * u[:-2] + np.sin(u[1:-1])
    return np.sum(u * u)


def stencil_by_hand(u, k, steps):
    u = u.copy()
    products, olds = np.empty((2, steps, u.size - 2))
    for t in range(steps):
        products[t] = u[2:] * u[:-2]
        olds[t] = u[1:-1]
        u[1:-1] = k * products[t] + np.sin(olds[t])
    u_bar = 2 * u
    k_bar = 0.0
    for t in range(steps - 1, -1, -1):
        u[1:-1] = olds[t]
        v_bar = u_bar[1:-1].copy()
        k_bar += v_bar @ products[t]
        g = k * v_bar
        u_bar[1:-1] *= np.cos(olds[t])
        u_bar[:-2] += g * u[2:]
        u_bar[2:] += g * u[:-2]
    return u_bar, k_bar


def functional(np: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return both kernels without writes into arrays, over NumPy or a module that stands for it."""

    def recurrence_of_values(x, k):
        value = np.sin(x[0])
        total = value * value
        for i in range(1, len(x)):
            value = k * value + np.sin(x[i])
            total = total + value * value
        return total

    def heat_of_values(u, r, steps):
        for _ in range(steps):
            inner = u[1:-1] + r * (u[2:] - 2 * u[1:-1] + u[:-2])
            u = np.concatenate((u[:1], inner, u[-1:]))
        return np.sum(u * u)

    return recurrence_of_values, heat_of_values


def emitted(f: Callable[..., Any], args: tuple[Any, ...], hand: Callable[..., Any]) -> Any:
    """Return the compiled gradient by the first two arguments, or None, having said why."""
    try:
        gradient = grad(f, wrt=(0, 1), mode="static").specialize(*args)
    except S2SError as error:
        Console().print(f"{f.__name__}: not compiled: {error.reason}", style="yellow")
        return None
    for mine, theirs in zip(gradient(*args), hand(*args), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12)
    return gradient


def row(
    table: Table, name: str, f: Callable[..., Any], hand: Callable[..., Any], args: tuple[Any, ...]
) -> tuple[float, int] | None:
    """Add one kernel at one size, and return the time and the memory of its gradient."""
    gradient = emitted(f, args, hand)
    if gradient is None:
        return None
    primal, mine, by_hand = median_times(
        lambda: f(*args), lambda: gradient(*args), lambda: hand(*args)
    )
    memory, hand_memory = peak_bytes(lambda: gradient(*args)), peak_bytes(lambda: hand(*args))
    table.add_row(
        name,
        f"{mine * 1e3:.1f} ms",
        f"{mine / primal:.2f}",
        f"{mine / by_hand:.2f}",
        f"{memory / 1e6:.2f} MB",
        f"{memory / hand_memory:.2f}",
    )
    return mine, memory


def power(sizes: list[int], values: list[float]) -> float:
    """Return the exponent with which values grow from the first size to the last."""
    return float(np.log(values[-1] / values[0]) / np.log(sizes[-1] / sizes[0]))


def peer_row(
    table: Table, name: str, peer: Any, mine: list[Any], hand: Any, args: tuple[Any, ...]
) -> float:
    """Add what HIPS autograd takes, over the gradients of `mine`, and return its time."""
    import autograd

    theirs = autograd.grad(peer, argnum=(0, 1))
    gradients = [emitted(f, args, hand) for f in mine]
    calls = [lambda g=g: g(*args) for g in gradients if g is not None]
    times = iter(median_times(lambda: theirs(*args), *calls))
    peer_time = next(times)
    memory = peak_bytes(lambda: theirs(*args))
    ratios = ["" if g is None else f"{peer_time / next(times):.1f}" for g in gradients]
    table.add_row(name, f"{peer_time * 1e3:.0f} ms", f"{memory / 1e6:.1f} MB", *ratios)
    return peer_time


def against_autograd(console: Console, sizes: list[int], heat_size: tuple[Any, ...]) -> None:
    """Print HIPS autograd's times for the functional forms, the recurrence at smaller sizes."""
    try:
        import autograd.numpy as anp
    except ImportError:
        return
    columns = ("time", "peak memory", "/ emitted in place", "/ emitted functional")
    table = Table("HIPS autograd, functional", *columns)
    forms = list(zip((recurrence, heat), functional(np), functional(anp), strict=True))
    times: list[float] = []
    for n in sizes:
        *mine, peer = forms[0]
        args = (np.linspace(0, 1, n), 0.9)
        name = f"recurrence, n = {n}"
        times.append(peer_row(table, name, peer, mine, recurrence_by_hand, args))
    *mine, peer = forms[1]
    peer_row(table, "heat, 1000 x 1000", peer, mine, heat_by_hand, heat_size)
    console.print(table)
    grown = power(sizes, times)
    far = times[-1] * (LONGEST / sizes[-1]) ** grown
    console.print(
        f"HIPS autograd, recurrence: time grows as n^{grown:.2f}, "
        f"which extrapolates to {far:.1f} s for n = {LONGEST} (not measured)"
    )


def main() -> None:
    """Print one table of emitted gradients and one of HIPS autograd."""
    r = np.random.default_rng(0)
    console = Console()
    heat_size = (r.normal(size=1000), 0.2, 1000)
    of_values, heat_of_values = functional(np)
    table = Table("gradient", "time", "/ primal", "/ by hand", "peak memory", "/ by hand")
    sizes, costs = [10_000, 30_000, LONGEST], []
    for n in sizes:
        args = (r.normal(size=n), 0.9)
        costs.append(row(table, f"recurrence, n = {n}", recurrence, recurrence_by_hand, args))
    row(table, "heat, 1000 x 1000", heat, heat_by_hand, heat_size)
    args = (r.uniform(-1, 1, size=1000), 0.1, 1000)
    row(table, "nonlinear stencil, 1000 x 1000", stencil, stencil_by_hand, args)
    args = (r.uniform(-1, 1, size=100_000), 0.1, 100)
    row(table, "nonlinear stencil, 100000 x 100", stencil, stencil_by_hand, args)
    args = (r.normal(size=10_000), 0.9)
    row(table, "the same, functional, n = 10000", of_values, recurrence_by_hand, args)
    row(table, "heat, functional", heat_of_values, heat_by_hand, heat_size)
    console.print(table)
    measured = [cost for cost in costs if cost is not None]
    if len(measured) == len(sizes):
        time_power, memory_power = (
            power(sizes, list(found)) for found in zip(*measured, strict=True)
        )
        console.print(
            f"recurrence: time grows as n^{time_power:.2f}, memory as n^{memory_power:.2f}"
        )
    against_autograd(console, [1000, 3000], heat_size)


if __name__ == "__main__":
    main()
