"""Random programs of the statements of several kinds, which work on one another's values.

Each kind has its own writer, of which the names are spelled with a letter of the kind; a block that
one writer opens is filled by all of them, and arrays, lists and objects are handed on between them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import array_programs
import derivative_programs
import effects
import iteration_programs
import list_programs
import numpy as np
import object_programs
from program_writer import ProgramWriter, compiled

# A letter for each writer, and its names for vectors of four items and for lists of numbers.
_KINDS: dict[str, tuple[type[ProgramWriter], tuple[str, ...], tuple[str, ...]]] = {
    "a": (array_programs.Writer, ("a", "m[1]", "views[0]"), ()),
    "d": (derivative_programs.Writer, ("a", "b"), ()),
    "e": (effects.Writer, ("a", "b", "m[0, :4]", "o.items"), ()),
    "i": (iteration_programs.Writer, ("y",), ("p", "q")),
    "l": (list_programs.Writer, ("a",), ("p", "q")),
    "o": (object_programs.Writer, ("y", "o.data", "cells[0].data"), ("o.log", "pair.kept")),
}


class _Mixture:
    """The writers of one program, which write to the same lines."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.letters = self.random.sample(sorted(_KINDS), self.random.choice([2, 2, 3]))
        self.writers = [_KINDS[letter][0](seed) for letter in self.letters]
        first = self.writers[0]
        for letter, writer in zip(self.letters, self.writers, strict=True):
            writer.random, writer.lines, writer.loops = self.random, first.lines, first.loops
            vars(writer)["spelled"] = lambda text, w=writer, c=letter: _spelled(text, w.names, c)
            vars(writer)["block"] = lambda length, w=writer: self.block(w, length)

    def source(self) -> str:
        first = self.writers[0]
        for writer in self.writers:
            writer.start()
        for _ in range(self.random.randint(5, 9)):
            self.statement(first)
        ends = [f"({writer.spelled(writer.end())})" for writer in self.writers]
        first.lines.append(f"    return {' + '.join(ends)}")
        return (
            "".join(map(self.head, self.letters))
            + "def program(x, k):\n"
            + "\n".join(first.lines)
            + "\n"
        )

    def head(self, letter: str) -> str:
        """Return the functions and classes that the statements of a kind use."""
        kind = _KINDS[letter][0]
        defined = set(re.findall(r"^(?:def|class) (\w+)", kind.head, re.MULTILINE))
        return _spelled(kind.head, tuple(sorted(defined.intersection(kind.names))), letter)

    def statement(self, around: ProgramWriter) -> None:
        """Write a statement of any kind where another writer stands."""
        if self.random.random() < 0.15:
            around.lines.append("    " * around.indent + self.link())
            return
        writer = self.random.choice(self.writers)
        outer = writer.indent
        writer.indent, writer.count = around.indent, around.count
        writer.statement()
        around.count = writer.count
        writer.indent = outer

    def block(self, around: ProgramWriter, length: int) -> None:
        """Write statements of any kind; what they bind is forgotten after them."""
        before = [writer.scope() for writer in self.writers]
        for _ in range(length):
            self.statement(around)
        for writer, scope in zip(self.writers, before, strict=True):
            vars(writer).update(scope)

    def link(self) -> str:
        """Return a statement that hands a value of one kind to another."""
        one, other = self.random.sample(self.letters, 2)
        (vectors, lists), (values, items) = _names(one), _names(other)
        if lists and items and self.random.random() < 0.4:
            return f"{self.random.choice(lists)} = {self.random.choice(items)}"
        target, value = self.random.choice(vectors), self.random.choice(values)
        return self.random.choice(
            [
                f"{target} = {value}",
                f"{target} = {value}",
                f"{target}[1:] = {value}[:-1]",
                f"{target} = np.tanh({value})",
            ]
        )


def _names(letter: str) -> list[list[str]]:
    """Return the names of a kind for vectors and for lists, as they are spelled."""
    kind, *names = _KINDS[letter]
    return [[_spelled(name, kind.names, letter) for name in each] for each in names]


def _spelled(text: str, names: tuple[str, ...], letter: str) -> str:
    """Return text with a letter behind each of the names."""
    if not names:
        return text
    found = "|".join(map(re.escape, names))
    return re.sub(rf"(?<![.\w\"'])({found})\b(?![\"']|=[^=])", rf"\1_{letter}", text)


def mixed_program(seed: int) -> tuple[Callable[..., Any], str]:
    """Return a random function ``program(x, k)`` and its source."""
    source = _Mixture(seed).source()
    return compiled("mixed", seed, source), source


def arguments(seed: int) -> tuple[np.ndarray[Any, Any], float]:
    """Return arguments for a random program."""
    return np.random.default_rng(seed).uniform(0.3, 1.2, 4), 0.7
