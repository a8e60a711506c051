"""What the writers of random programs share: lines, nested blocks, loops, and the function made."""

from __future__ import annotations

import contextlib
import copy
import linecache
import random
from collections.abc import Callable, Generator
from typing import Any

__all__ = ["ProgramWriter", "compiled"]


class ProgramWriter:
    """Writes one random function, a statement at a time, from a seed.

    `head` defines what the statements call; `names` are the names that the statements work on, and
    `scoped` the attributes in which it is noted what is bound on every way to where they stand.
    """

    head = ""
    names: tuple[str, ...] = ()
    scoped: tuple[str, ...] = ("views",)
    lengths = 3, 6

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.indent = 1
        self.loops: list[str] = []  # the counters of the loops around
        self.views: list[str] = []  # the names of views that are bound on every way here
        self.count = 0

    def source(self) -> str:
        """Return the source of a function `program` of an array and a number."""
        self.start()
        self.block(self.random.randint(*self.lengths))
        self.line(f"return {self.end()}")
        return self.head + "def program(x, k):\n" + "\n".join(self.lines) + "\n"

    def start(self) -> None:
        """Write what the statements work on."""
        raise NotImplementedError

    def end(self) -> str:
        """Return the sum of all that the statements worked on."""
        raise NotImplementedError

    def line(self, text: str) -> None:
        self.lines.append("    " * self.indent + self.spelled(text))

    def spelled(self, text: str) -> str:
        """Return a line as it is written."""
        return text

    def pick(self, *texts: str) -> str:
        return self.random.choice(texts)

    def any_line(self, *texts: str) -> None:
        self.line(self.random.choice(texts))

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def fresh(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    @contextlib.contextmanager
    def deeper(self, head: str = "") -> Generator[None]:
        """Indent what is written inside, below a line if one is given."""
        if head:
            self.line(head)
        self.indent += 1
        yield
        self.indent -= 1

    def block(self, length: int) -> None:
        """Write statements; what they bind is forgotten after them where others may not follow."""
        before = self.scope()
        for _ in range(length):
            self.statement()
        if self.indent > 1:
            vars(self).update(before)

    def scope(self) -> dict[str, Any]:
        """Return copies of the attributes that note what is bound."""
        return {name: copy.copy(getattr(self, name)) for name in self.scoped}

    def statement(self) -> None:
        getattr(self, f"do_{self.random.choice(self.kinds())}")()

    def kinds(self) -> list[str]:
        """Return the names of the statements that may stand here, the likely ones several times."""
        raise NotImplementedError

    def condition(self) -> str:
        raise NotImplementedError

    def do_branch(self) -> None:
        with self.deeper(f"if {self.condition()}:"):
            self.block(self.random.randint(1, 2))
        if self.chance(0.5):
            with self.deeper("else:"):
                self.block(1)


def compiled(kind: str, seed: int, source: str) -> Callable[..., Any]:
    """Return the function `program` of a source, which tracebacks and the compiler can read."""
    filename = f"<{kind} {seed}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {"__name__": f"{kind}_{seed}"}
    exec(compile(source, filename, "exec", dont_inherit=True), namespace)
    return namespace["program"]
