"""Time recording and replaying on the tape, as ratios to HIPS autograd and PyTorch in one run.

Run with ``python benchmarks/tape.py``. Exits with an error where the tape is slower than its
targets: half of autograd's time for a chain of small operations, twice PyTorch's.
"""

from __future__ import annotations

import os

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import sys
import time
from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
from rich.console import Console
from rich.table import Table

from s2s_grad import tape

try:
    import torch
except ImportError:
    torch = None  # type: ignore[assignment]

ROUNDS = 40


def chain(x: Any, lib: Any) -> Any:
    """100 small operations."""
    y = x
    for _ in range(25):
        y = lib.sin(y) * x + 0.5
        y = lib.tanh(y)
    return y.sum()


def items(x: Any, lib: Any) -> Any:
    """A loop over the items of an array."""
    total = 0.0
    for k in range(len(x)):
        total = total + lib.sin(x[k]) * x[k]
    return total


def layer(x: Any, lib: Any) -> Any:
    """A matrix product, an activation, a loss."""
    return (lib.tanh(x @ x) ** 2).sum()


def filled(x: Any, lib: Any) -> Any:
    """An array that a loop fills; autograd has no assignment."""
    y = lib.zeros_like(x)
    for i in range(1, len(x)):
        y[i] = x[i] * 0.5 + x[i - 1]
    return (y * y).sum()


CASES: list[tuple[str, Callable[..., Any], Any, bool]] = [
    ("100 operations on 10 items", chain, np.linspace(0.1, 1, 10), True),
    ("100 operations on 1,000 items", chain, np.linspace(0.1, 1, 1000), True),
    ("loop over 200 items", items, np.linspace(0.1, 1, 200), True),
    ("dense layer, 64 x 64", layer, np.linspace(-1, 1, 64 * 64).reshape(64, 64), True),
    ("array filled by a loop of 200", filled, np.linspace(0.1, 1, 200), False),
]


def by_tape(f: Callable[..., Any], x: Any) -> Callable[[], Any]:
    def run() -> Any:
        leaf = tape.Tensor(x, requires_grad=True)
        f(leaf, np).backward()
        return leaf.grad.detach().numpy()

    return run


def by_torch(f: Callable[..., Any], x: Any) -> Callable[[], Any]:
    def run() -> Any:
        leaf = torch.tensor(x, requires_grad=True)
        f(leaf, torch).backward()
        return leaf.grad.numpy()

    return run


def by_autograd(f: Callable[..., Any], x: Any) -> Callable[[], Any]:
    gradient = autograd.grad(lambda a: anp.sum(f(a, anp)))
    return lambda: gradient(x)


def times(functions: list[Callable[[], Any]]) -> list[float]:
    """Return the best time of each function, called in turn."""
    best = [float("inf")] * len(functions)
    for _ in range(ROUNDS):
        for i, function in enumerate(functions):
            start = time.perf_counter()
            function()
            best[i] = min(best[i], time.perf_counter() - start)
    return best


def main() -> int:
    if torch is not None:
        torch.set_num_threads(1)
    table = Table("case", "tape", "/ autograd", "/ PyTorch")
    failed = []
    for name, f, x, has_autograd in CASES:
        runs = [by_tape(f, x)]
        runs += [by_autograd(f, x)] if has_autograd else []
        runs += [by_torch(f, x)] if torch is not None else []
        expected = runs[0]()
        for run in runs[1:]:
            np.testing.assert_allclose(run(), expected, rtol=1e-10)
        own, *others = times(runs)
        autograds = own / others[0] if has_autograd else None
        torches = own / others[-1] if torch is not None else None
        table.add_row(
            name,
            f"{own * 1e6:.0f} us",
            "-" if autograds is None else f"{autograds:.2f}",
            "-" if torches is None else f"{torches:.2f}",
        )
        if name.startswith("100 operations on 10 "):
            if autograds is not None and autograds > 0.5:
                failed.append(f"{name}: {autograds:.2f} of autograd's time, at most 0.5 is wanted")
            if torches is not None and torches > 2:
                failed.append(f"{name}: {torches:.2f} of PyTorch's time, at most 2 is wanted")
    Console().print(table)
    print("\n".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
