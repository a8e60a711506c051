"""Random functions over scalars and one vector: all kinds of control flow, in any nesting."""

from __future__ import annotations

import linecache
import random
from typing import Any

_SCALARS = ("a", "b", "c")


class _Writer:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.known = {"x", "k", "a", "b"}
        self.functions: list[str] = []
        self.pairs = False
        self.count = 0

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def scalar(self, level: int = 0) -> str:
        """Return an expression whose value is a bounded number."""
        names = [name for name in self.known if name not in ("x", "p")]
        choice = self.random.randrange(13 if level < 2 else 5)
        match choice:
            case 0:
                return self.random.choice(("0.5", "1", "-2.0", "0", "3"))
            case 1 | 2 | 3 | 4:
                return self.random.choice(sorted(names))
            case 5:
                return f"np.sin({self.scalar(level + 1)})"
            case 6:
                return f"({self.scalar(level + 1)} + {self.scalar(level + 1)})"
            case 7:
                return f"({self.scalar(level + 1)} - {self.scalar(level + 1)})"
            case 8:
                return f"np.tanh({self.scalar(level + 1)} * {self.scalar(level + 1)})"
            case 9:
                inner = self.scalar(level + 1)
                return f"({inner} if {self.condition(level + 1)} else {self.scalar(level + 1)})"
            case 10 if self.functions:
                return f"{self.random.choice(self.functions)}({self.scalar(level + 1)})"
            case 11 if self.pairs:
                return f"p[{self.random.randrange(2)}]"
            case _:
                return f"np.sum(x) * {self.random.choice(('0.5', '-1'))}"

    def condition(self, level: int = 0) -> str:
        match self.random.randrange(6 if level < 2 else 2):
            case 0 | 1 | 2:
                op = self.random.choice(("<", ">", "<=", "!="))
                return f"{self.scalar(level + 1)} {op} {self.scalar(level + 1)}"
            case 3:
                return f"{self.condition(level + 1)} and {self.condition(level + 1)}"
            case 4:
                return f"({self.condition(level + 1)} or not {self.condition(level + 1)})"
            case _:
                return f"-1 < {self.scalar(level + 1)} < {self.scalar(level + 1)}"

    def block(self, depth: int, loops: int, size: int) -> None:
        before = len(self.lines)
        for _ in range(self.random.randint(1, size)):
            self.statement(depth, loops)
        if len(self.lines) == before:
            self.line(depth, "pass")

    def statement(self, depth: int, loops: int) -> None:
        deep = depth >= 4
        kinds = ["assign"] * 4 + ["augment", "swap", "pair", "walrus"]
        kinds += ["vector"] * 2 + ["print"]
        kinds += [] if deep else ["if"] * 3 + ["for", "for", "while", "unrolled", "function"]
        kinds += ["jump"] * 2 if loops else []
        kinds += ["return"] if depth > 1 else []
        getattr(self, f"write_{self.random.choice(kinds)}")(depth, loops)

    def write_assign(self, depth: int, loops: int) -> None:
        name = self.random.choice(_SCALARS)
        self.line(depth, f"{name} = {self.scalar()}")
        if depth == 1:
            self.known.add(name)

    def write_augment(self, depth: int, loops: int) -> None:
        name = self.random.choice(sorted(self.known & {"a", "b"}))
        self.line(depth, f"{name} {self.random.choice('+-*')}= np.sin({self.scalar()})")

    def write_vector(self, depth: int, loops: int) -> None:
        y, z = self.random.sample(("y", "z"), 2)
        self.line(
            depth,
            self.random.choice(
                (
                    f"{y} = {z} * {self.scalar()} + x",
                    f"{y} += x * {self.scalar()}",
                    f"{y} *= 0.5",
                    f"{y} = {z}",
                    f"{y}, {z} = {z}, {y}",
                    f"{y} = np.where(x > {self.scalar()}, {y}, {z})",
                    f"{y} = {z}[::-1]",
                    f"a = np.sum({y})",
                )
            ),
        )

    def write_print(self, depth: int, loops: int) -> None:
        self.line(depth, f"print(f'{{{self.scalar()}:.6f}}')")

    def write_swap(self, depth: int, loops: int) -> None:
        self.line(depth, "a, b = b, a")

    def write_pair(self, depth: int, loops: int) -> None:
        if self.pairs and self.random.random() < 0.5:
            self.line(depth, "a, b = p")
        elif self.pairs or depth == 1:
            self.line(depth, f"p = ({self.scalar()}, {self.scalar()})")
            self.pairs = True

    def write_walrus(self, depth: int, loops: int) -> None:
        self.line(depth, f"b = (a := {self.scalar()}) + 1")

    def write_if(self, depth: int, loops: int) -> None:
        self.line(depth, f"if {self.condition()}:")
        self.block(depth + 1, loops, 3)
        if self.random.random() < 0.3:
            self.line(depth, f"elif {self.condition()}:")
            self.block(depth + 1, loops, 2)
        if self.random.random() < 0.5:
            self.line(depth, "else:")
            self.block(depth + 1, loops, 3)

    def write_for(self, depth: int, loops: int) -> None:
        name = self.fresh("v")
        other = self.fresh("w")
        header, names = self.random.choice(
            (
                (f"for {name} in x:", {name}),
                (f"for {name} in range(k):", {name}),
                (f"for {name}, {other} in enumerate(x):", {name, other}),
                (f"for {name}, {other} in zip(x, x[1:]):", {name, other}),
                (f"for {name} in reversed(x):", {name}),
                (f"for {name} in range(2):", {name}),
            )
        )
        self.line(depth, header)
        self.inner(depth, loops, names)

    def write_unrolled(self, depth: int, loops: int) -> None:
        name = self.fresh("u")
        self.line(depth, f"for {name} in (a, 0.5, 2):")
        self.inner(depth, loops, {name})

    def inner(self, depth: int, loops: int, names: set[str]) -> None:
        known = set(self.known)
        self.known |= names
        self.block(depth + 1, loops + 1, 4)
        self.known = known
        if self.random.random() < 0.25:
            self.line(depth, "else:")
            self.block(depth + 1, loops, 2)

    def write_while(self, depth: int, loops: int) -> None:
        name = self.fresh("n")
        self.line(depth, f"{name} = 0")
        self.known.add(name)
        if self.random.random() < 0.3:
            self.line(depth, "while True:")
            self.line(depth + 1, f"{name} += 1")
            self.line(depth + 1, f"if {name} > k:")
            self.line(depth + 2, self.random.choice(("break", "return a", "break")))
        else:
            more = f" and {self.condition(1)}" if self.random.random() < 0.4 else ""
            self.line(depth, f"while {name} < k{more}:")
            self.line(depth + 1, f"{name} += 1")
        self.inner(depth, loops, set())
        if depth > 1:
            self.known.discard(name)

    def write_function(self, depth: int, loops: int) -> None:
        if depth > 1:
            self.write_assign(depth, loops)
            return
        name = self.fresh("f")
        known = set(self.known)
        self.line(depth, f"def {name}(t):")
        self.known = {"a", "b", "t", "x"}
        functions, self.functions = self.functions, []
        pairs, self.pairs = self.pairs, False
        if self.random.random() < 0.5:
            self.line(depth + 1, f"if {self.condition()}:")
            self.line(depth + 2, f"return {self.scalar()}")
        self.line(depth + 1, f"return np.sin({self.scalar()})")
        self.known, self.functions, self.pairs = known, [*functions, name], pairs

    def write_jump(self, depth: int, loops: int) -> None:
        self.line(depth, f"if {self.condition()}:")
        self.line(depth + 1, self.random.choice(("break", "continue")))

    def write_return(self, depth: int, loops: int) -> None:
        self.line(depth, f"if {self.condition()}:")
        self.line(depth + 1, f"return {self.scalar()}")


def random_function(seed: int) -> tuple[Any, str]:
    """Return a function ``f(x, a, b, k)`` and its source."""
    writer = _Writer(seed)
    writer.line(0, "def f(x, a, b, k):")
    writer.line(1, "c = 0.25")
    writer.line(1, "y = x * 2")
    writer.line(1, "z = np.cos(x)")
    writer.known.add("c")
    writer.block(1, 0, 7)
    if writer.random.random() < 0.8:
        writer.line(1, f"return a, b, y, z, {writer.scalar()}")
    text = "\n".join(writer.lines) + "\n"
    if text.count("return a, b, y") == 1 and text.count("return") > 1:
        # All returns are of one structure.
        last = text.rsplit("return a, b, y, z, ", 1)[1]
        text = text.replace(f"return a, b, y, z, {last}", "return a + b + np.sum(y * z)\n")
    import numpy as np

    file = f"<random {seed}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    scope: dict[str, Any] = {"np": np}
    exec(compile(text, file, "exec"), scope)
    return scope["f"], text
