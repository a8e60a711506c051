"""Random programs that write into arrays, from a seed: views, swaps, loops, branches, rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from program_writer import ProgramWriter, compiled

_NAMES = ("a", "b", "c")


class _Writer(ProgramWriter):
    """Writes one function of a vector `x` and a scalar `k` that works on arrays of its own."""

    def source(self, name: str) -> str:
        r = self.random
        self.line("a = x.copy()")
        self.line(r.choice(["b = np.zeros(len(x))", "b = x * k", "b = np.ones_like(x)"]))
        self.line(r.choice(["c = a + b", "c = np.zeros((3, len(x)))[1]", "c = np.array(x)"]))
        self.line("M = np.outer(np.sin(x), x + k)")
        self.block(r.randint(2, 5))
        total = r.choice(["np.sum(a * b) + np.sum(c * c)", "np.sum(np.sin(a) * c) + np.sum(b)"])
        self.line(f"return {total} + np.sum(M * M) * 0.1")
        return f"def {name}(x, k):\n" + "\n".join(self.lines) + "\n"

    def array(self) -> str:
        return self.random.choice(_NAMES)

    def index(self) -> str:
        choices = ["0", "1", "-1", "2"]
        for i in self.loops:
            choices += [i, f"{i} - 1", i]
        return self.random.choice(choices)

    def scalar(self, depth: int = 1) -> str:
        r = self.random
        row = f"M[{self.index()}, {self.index()}]"
        if depth == 0:
            choices = ["k", f"{self.array()}[{self.index()}]", f"x[{self.index()}]", row, "0.3"]
            return r.choice([*choices, *(f"{v}[0]" for v in self.views)])
        a, b = self.scalar(depth - 1), self.scalar(depth - 1)
        return r.choice([f"{a} * {b}", f"np.sin({a})", f"{a} + {b}", f"np.tanh({a}) * {b}"])

    def part(self) -> str:
        """Return an expression of four items."""
        r = self.random
        a = self.array()
        row = f"M[{self.index()}]"
        choices = [
            f"{a}[1:-1]",
            f"{a}[2:]",
            f"{a}[:-2]",
            f"{row}[1:-1]",
            "x[1:-1]",
            f"{a}[-2:0:-1]",
        ]
        return r.choice([*choices, f"M[1:-1, {self.index()}]", *self.views])

    def vector(self) -> str:
        r = self.random
        a, b = self.part(), self.part()
        return r.choice(
            [f"np.sin({a})", f"{a} * {b} * 0.5", f"{a} + k * {b}", f"{a}", f"0.5 * {a}"]
        )

    def kinds(self) -> list[str]:
        kinds = ["store", "store", "slice", "slice", "swap", "view", "scalar", "row", "copy"]
        if len(self.loops) < 2:
            kinds += ["loop", "loop"]
        if self.indent < 4:
            kinds += ["branch"]
        return kinds

    def do_store(self) -> None:
        r = self.random
        target = r.choice([f"{self.array()}[{self.index()}]", f"M[{self.index()}, {self.index()}]"])
        symbol = r.choice(["=", "=", "+=", "-=", "*="])
        self.line(f"{target} {symbol} {r.choice(['np.sin', 'np.tanh'])}({self.scalar()})")

    def do_slice(self) -> None:
        r = self.random
        target = r.choice(
            [
                *(f"{self.array()}{part}" for part in ("[1:-1]", "[2:]", "[:-2]")),
                f"M[{self.index()}, 1:-1]",
                f"M[1:-1, {self.index()}]",
                *self.views,
            ]
        )
        symbol = r.choice(["=", "=", "+=", "-=", "*="])
        if target in self.views:
            target += "[:]" if symbol == "=" else ""
        self.line(f"{target} {symbol} {r.choice([self.vector(), f'np.sin({self.vector()})'])}")

    def do_swap(self) -> None:
        a, b = self.random.sample(_NAMES, 2)
        self.line(f"{a}, {b} = {b}, {a}")

    def do_view(self) -> None:
        self.count += 1
        name = f"v{self.count}"
        self.line(f"{name} = {self.part()}")
        self.views.append(name)

    def do_scalar(self) -> None:
        self.line(f"k = np.tanh({self.scalar()}) + 0.5")

    def do_row(self) -> None:
        self.line(f"M[{self.index()}] = np.sin({self.array()}) * {self.scalar(0)}")

    def do_copy(self) -> None:
        a, b = self.random.sample(_NAMES, 2)
        self.line(self.random.choice([f"{a} = {b}.copy()", f"{a} = np.sin({b})", f"{a}[:] = {b}"]))

    def do_loop(self) -> None:
        r = self.random
        i = "ij"[len(self.loops)]
        choices = ["range(3)", "range(1, 3)", "range(len(x) - 1)", "range(2, -1, -1)", "range(0)"]
        if self.loops:
            choices.append(f"range({self.loops[0]})")
        self.line(f"for {i} in {r.choice(choices)}:")
        self.loops.append(i)
        self.indent += 1
        self.block(r.randint(1, 3))
        if r.random() < 0.15:
            self.line(f"if {self.scalar(0)} > 0.4321:")
            self.line("    break")
        self.indent -= 1
        self.loops.pop()

    def condition(self) -> str:
        return f"{self.scalar(0)} > {self.random.uniform(0, 1):.4f}"


def writing_program(seed: int) -> tuple[Callable[..., Any], str]:
    """Return a random function ``program(x, k)`` and its source."""
    source = "import numpy as np\n\n\n" + _Writer(seed).source("program")
    return compiled("writing", seed, source), source


def arguments(seed: int) -> tuple[np.ndarray[Any, Any], float]:
    """Return arguments for a random program."""
    return np.random.default_rng(seed).uniform(0.3, 1.2, 6), 0.7
