"""Random programs that raise, from a seed: among statements that do not, one that does.

Its result may be read or not, and it may stand in a loop, a condition or a call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from program_writer import ProgramWriter, compiled

_HEAD = """import math

import numpy as np


def twice(v):
    return v * 2


"""
# What raises where `x` has four items and `k` is 0.7; a target stands before what has a value.
_FAULTS = (
    "{t} = x[n + {i}]",
    "{t} = x[:2] + x[1:4]",
    "{t} = np.sum(x[:3] * x[:2])",
    "{t} = x[:2] @ x",
    "{t} = np.sum(m @ x)",
    "{t}, other = x",
    "{t}, *other, u, v, w = p[:3]",
    "{t} = p[len(p) + {i}]",
    '{t} = d["absent"]',
    "{t} = math.log(k - {i})",
    "{t} = math.sqrt(-k)",
    "{t} = math.acos(k + {i})",
    "{t} = math.exp(k * 2000)",
    "{t} = k % zero",
    "{t} = k / zero",
    "{t} = 1 // (n - 4)",
    "{t} = float((k - {i}) ** 0.5 > 0)",
    "{t} = (k * 1000) ** 200",
    "{t} = never",
    "{t} = k if k < 0 else maybe",
    "{t} = np.linalg.inv(m * 0)[0, 0]",
    "{t} = np.linalg.cholesky(m - 9 * np.eye(3))[0, 0]",
    "{t} = np.reshape(x, (3, 2))[0, 0]",
    "{t} = np.concatenate([x, m])",
    "{t} = np.stack([x, x[1:]])[0, 0]",
    "{t} = np.sum(x, axis=2)",
    "{t} = np.broadcast_to(x, (2, 3))[0]",
    "{t} = int(k * math.inf)",
    "{t} = float(x)",
    "{t} = twice(k, k)",
    "{t} = x.nothing",
    "{t} = none * k",
    "{t} = 1.0 if x > 0 else 2.0",
    "{t} = [].pop()",
    "a[:3] = x[:2]",
    "a[{i} + 9] = k",
    "assert k > 1",
    "raise ValueError('as (it) is')",
)


class _Writer(ProgramWriter):
    def source(self) -> str:
        self.line("n = len(x)")
        self.line("a, p, t, s = x.copy(), [k, x[0], k * x[1]], k, 0.0")
        self.line('d, zero, none = {"here": k}, k - k, None')
        self.line("m = np.outer(x[:3], x[:3]) + np.eye(3)")
        with self.deeper("if k < 0:"):
            self.line("never = maybe = k")
        self.block(self.random.randint(0, 3))
        self.fault()
        self.block(self.random.randint(0, 3))
        self.any_line("return s + k", "return np.sum(a) + s", "return k * sum(p) + np.sum(x)")
        return _HEAD + "def program(x, k):\n" + "\n".join(self.lines) + "\n"

    def fault(self) -> None:
        around = self.pick("", "", "if k > 0:", "for i in range(2):", "while True:", "for v in x:")
        fault = self.pick(*_FAULTS).format(t=self.fresh("t"), i=self.random.randint(1, 3))
        target = fault.partition(" = ")[0]
        if not around:
            self.line(fault)
            self.use(target)
            return
        with self.deeper(around):
            if self.chance(0.5):
                self.statement()
            self.line(fault)
            self.use(target)
            if around.startswith("while"):
                self.line("break")

    def use(self, target: str) -> None:
        """Read what was computed, or not."""
        if target.isidentifier() and self.chance(0.5):
            self.any_line(f"s = s + np.sum({target})", f"s = np.sum({target}) * k")

    def kinds(self) -> list[str]:
        return ["number", "array", "items", "loop"]

    def do_number(self) -> None:
        self.any_line("t = np.sin(k * t)", "t = t * 0.5 + x[1]", "s = s + t * k")

    def do_array(self) -> None:
        self.any_line("a = np.sin(a) * k", "a[1:] = a[:-1] * k", "a[0] += k", "s = s + a @ x")

    def do_items(self) -> None:
        self.any_line("p[0] = p[1] * k", "p.append(np.cos(t))", "s = s + sum(p)", 'd["u"] = k * t')

    def do_loop(self) -> None:
        with self.deeper(self.pick("for j in range(n):", "for j, v in enumerate(x):")):
            self.any_line("s = s + x[j] * k", "t = np.tanh(t + x[j])", "a[j] = a[j] * x[j]")


def raising_program(seed: int) -> tuple[Callable[..., Any], str]:
    """Return a random function ``program(x, k)`` that raises, and its source."""
    source = _Writer(seed).source()
    return compiled("raising", seed, source), source


def arguments(seed: int) -> tuple[np.ndarray[Any, Any], float]:
    """Return arguments for a random program."""
    return np.random.default_rng(seed).uniform(0.3, 1.2, 4), 0.7
