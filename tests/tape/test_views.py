"""Random programs of views and writes: on tensors they have NumPy's values and right gradients."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from s2s_grad import tape

STEPS = (
    "new", "copy", "slice", "row", "transpose", "reshape", "diagonal", "flip",
    "scale", "shift", "sine", "scale by active", "set row", "set active", "add to slice",
    "add to mask", "set fancy", "read",
)  # fmt: skip


def program(seed: int) -> list[tuple[str, float, float, float]]:
    rng = random.Random(seed)
    return [
        (rng.choice(STEPS), rng.random(), rng.random(), rng.random())
        for _ in range(rng.randint(3, 9))
    ]


def run(steps: list[tuple[str, float, float, float]], x: Any, w: Any) -> Any:
    """Run a program on arrays or tensors; each name may share memory with others."""
    names, total = [x * 1.5], 0.0
    for step, a, b, c in steps:
        t = names[int(a * len(names))]
        i = int(b * t.shape[0])
        match step:
            case "new":
                names.append(t * 2 + w[1])
            case "copy":
                names.append(t.copy())
            case "slice":
                names.append(t[: max(1, i)])
            case "row" if t.ndim == 2:
                names.append(t[i])
            case "transpose":
                names.append(t.T)
            case "reshape":
                names.append(t.reshape(-1) if b < 0.5 else t.reshape(1, -1))
            case "diagonal" if t.ndim == 2 and min(t.shape) > 1:
                names.append(t.ravel()[:: t.shape[1] + 1])
            case "flip":
                names.append(t[::-1])
            case "scale":
                t *= 1.3
            case "shift":
                t -= 0.7
            case "sine":
                np.sin(t, out=t)
            case "scale by active":
                t *= w[0] + c
            case "set row":
                t[i] = c
            case "set active":
                t[i] = w[0] * c
            case "add to slice":
                t[:1] += w[1] * c
            case "add to mask":
                t[t > 0.5] += w[2]
            case "set fancy":
                t[[0, i]] = w[2] * c
            case "read":
                total = total + np.sum(names[int(b * len(names))]) * c
            case _:
                pass
    for i, t in enumerate(names):
        total = total + np.sum(t * t) * (0.1 + i)
    return total


@pytest.mark.parametrize("seed", range(250))
def test_random_views_and_writes(seed: int) -> None:
    steps = program(seed)
    rng = np.random.default_rng(seed)
    x, w = rng.normal(size=(3, 4)), rng.normal(size=3)
    tx, tw = tape.tensor(x, requires_grad=True), tape.tensor(w, requires_grad=True)
    with tape.allow_mutation_on_saved_tensors():
        out = run(steps, tx, tw)
    np.testing.assert_allclose(out.item(), run(steps, x, w), rtol=1e-12)
    out.backward()
    for place, leaf in enumerate((tx, tw)):
        direction = rng.normal(size=leaf.shape)

        def along(h: float, place: int = place, direction: Any = direction) -> float:
            moved = [x, w]
            moved[place] = moved[place] + h * direction
            return float(run(steps, *moved))

        expected = (along(1e-6) - along(-1e-6)) / 2e-6
        found = 0.0 if leaf.grad is None else np.sum(leaf.grad.numpy() * direction)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
