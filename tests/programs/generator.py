"""Random programs over the supported language, from a seed.

Values stay smooth and bounded: every assignment squeezes its value, so that differences are a
trustworthy reference; conditions compare with numbers that values do not hit.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from program_writer import compiled

VECTOR, SCALAR = "vector", "scalar"


class Writer:
    """Writes one random function of a vector `x`, a vector `y` and a scalar `k`."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.depth = 1
        self.kinds = {"x": VECTOR, "y": VECTOR, "k": SCALAR}
        self.count = 0
        self.in_loop = 0

    def source(self) -> str:
        for _ in range(self.random.randint(2, 6)):
            self.statement()
        terms = []
        for name, kind in self.kinds.items():
            if self.random.random() < 0.7:
                terms.append(f"np.sum({name} * {name})" if kind == VECTOR else f"np.sin({name})")
        result = " + ".join(terms) or "np.sum(x) * k"
        if self.random.random() < 0.2:
            result = f"helper({result}, k)"
        self.line(f"return {result}")
        body = "\n".join(self.lines)
        return (
            "import math\nimport numpy as np\n\n\n"
            "def helper(a, b=0.5):\n"
            "    if np.sum(a) > 0.123:\n        return a * b + np.cos(b)\n"
            "    return np.tanh(a) - b\n\n\n"
            f"def program(x, y, k):\n{body}\n"
        )

    def line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def pick(self, kind: str) -> str:
        return self.random.choice([n for n, k in self.kinds.items() if k == kind])

    # ------------------------------------------------------------------------------ expressions

    def scalar(self, depth: int = 2) -> str:
        r = self.random
        if depth == 0:
            choices = [self.pick(SCALAR), f"{r.uniform(0.2, 1.5):.2f}"]
            choices.append(f"{self.pick(VECTOR)}[{r.choice(['0', '1', '-1'])}]")
            return r.choice(choices)
        a = self.scalar(depth - 1)
        b = self.scalar(depth - 1)
        v = self.vector(depth - 1)
        return r.choice(
            [
                f"({a} + {b})",
                f"({a} - {b})",
                f"{a} * {b}",
                f"{a} / (2 + {b} * {b})",
                f"np.sin({a})",
                f"np.tanh({a})",
                f"np.exp(-({a}) ** 2)",
                f"np.mean({v})",
                f"np.sum({v} * {self.vector(depth - 1)}) / 4",
                f"np.dot({v}, {self.vector(0)}) / 3",
                f"-({a})",
                f"({a} if {self.condition()} else {b})",
                f"helper({a}, {b})",
                f"abs({a} + 0.0137)",
                f"({v}).max()",
            ]
        )

    def vector(self, depth: int = 2) -> str:
        r = self.random
        if depth == 0:
            return self.pick(VECTOR)
        a = self.vector(depth - 1)
        b = self.vector(depth - 1)
        s = self.scalar(depth - 1)
        return r.choice(
            [
                f"({a} + {b})",
                f"({a} - {s})",
                f"({a} * {b})",
                f"({s} * {a})",
                f"{a} / (2 + {b} * {b})",
                f"np.sin({a})",
                f"np.tanh({a})",
                f"np.where({a} > 0.0371, {a}, {b} * 0.5)",
                f"np.maximum({a}, {b} - 0.0213)",
                f"np.cumsum({a}) / 3",
                f"np.flip({a})",
                f"np.roll({a}, 1)",
                f"np.concatenate([({a})[1:], ({b})[:1]])",
                f"({a})[np.array([0, 2, 0])]",
                f"np.outer({a}, {b}).sum(axis=0) / 3",
                f"helper({a}, {s})",
                f"np.stack([{a}, {b}])[1]",
                f"np.sqrt(1 + {a} ** 2)",
                f"np.clip({a}, -0.71, 0.83)",
            ]
        )

    def condition(self) -> str:
        r = self.random
        left = self.pick(SCALAR)
        if r.random() < 0.4:
            left = f"{self.pick(VECTOR)}[{r.randint(0, 2)}]"
        simple = f"{left} {r.choice(['<', '>'])} {r.uniform(-0.5, 0.5):.4f}"
        if r.random() < 0.2:
            return f"{simple} and {self.pick(SCALAR)} < 0.7717"
        return simple

    # ------------------------------------------------------------------------------- statements

    def statement(self) -> None:
        r = self.random
        kinds = ["assign"] * 4 + ["augment", "swap", "comment"]
        if self.depth < 4:
            kinds += ["if", "for", "for", "rows", "while"]
        if self.in_loop:
            kinds += ["break", "continue"]
        if self.depth > 1:
            kinds += ["return"]
        getattr(self, f"write_{r.choice(kinds)}")()

    def block(self) -> None:
        """Write an indented block; names that it introduces are forgotten after it."""
        known = dict(self.kinds)
        self.depth += 1
        for _ in range(self.random.randint(1, 3)):
            self.statement()
        self.line("pass")
        self.depth -= 1
        self.kinds = known

    def target(self, kind: str) -> str:
        r = self.random
        old = [n for n, k in self.kinds.items() if k == kind]
        if r.random() < 0.6:
            return r.choice(old)
        self.count += 1
        return f"{kind[0]}{self.count}"

    def write_assign(self) -> None:
        kind = self.random.choice([VECTOR, SCALAR])
        value = self.vector() if kind == VECTOR else self.scalar()
        name = self.target(kind)
        self.line(f"{name} = np.tanh({value})")
        self.kinds[name] = kind

    def write_augment(self) -> None:
        name = self.pick(SCALAR)
        self.line(f"{name} {self.random.choice(['+=', '-=', '*='])} 0.3 * np.sin({self.scalar(1)})")

    def write_swap(self) -> None:
        a, b = self.pick(VECTOR), self.pick(VECTOR)
        if a != b:
            self.line(f"{a}, {b} = {b}, {a} * 0.9")

    def write_comment(self) -> None:
        self.line("# a remark")

    def write_if(self) -> None:
        self.line(f"if {self.condition()}:")
        self.block()
        if self.random.random() < 0.6:
            self.line("else:")
            self.block()

    def write_for(self) -> None:
        self.count += 1
        i = f"i{self.count}"
        span = self.random.choice(["3", "1, 3", "0", "len(x)", "2, -1, -1"])
        self.line(f"for {i} in range({span}):")
        self.loop_body(f"x = np.tanh(x + 0.1 * y[{i} % 3])")

    def write_rows(self) -> None:
        self.count += 1
        e = f"e{self.count}"
        over = self.random.choice(["x", "reversed(y)", "np.outer(x, y)"])
        self.line(f"for {e} in {over}:")
        self.loop_body(f"k = np.tanh(k * 0.5 + np.sum({e}))")

    def write_while(self) -> None:
        self.count += 1
        n = f"n{self.count}"
        self.line(f"{n} = 0")
        self.line(f"while {n} < {self.random.randint(0, 3)} and k < 0.9123:")
        self.loop_body(f"{n} += 1")

    def loop_body(self, first: str) -> None:
        self.depth += 1
        self.line(first)
        self.depth -= 1
        self.in_loop += 1
        self.block()
        self.in_loop -= 1

    def write_break(self) -> None:
        self.line(f"if {self.condition()}:")
        self.depth += 1
        self.line("break")
        self.depth -= 1

    def write_continue(self) -> None:
        self.line(f"if {self.condition()}:")
        self.depth += 1
        self.line("continue")
        self.depth -= 1

    def write_return(self) -> None:
        self.line(f"if {self.condition()}:")
        self.depth += 1
        self.line(f"return np.tanh({self.scalar(1)})")
        self.depth -= 1


def random_program(seed: int) -> tuple[Any, str]:
    """Return a random function and its source."""
    source = Writer(seed).source()
    return compiled("random program", seed, source), source


def arguments(seed: int) -> tuple[Any, ...]:
    """Return arguments for a random program."""
    values = np.random.default_rng(seed)
    return values.normal(size=3) * 0.7, values.normal(size=3) * 0.7, float(values.normal() * 0.4)
