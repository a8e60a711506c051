"""Random programs that iterate over what changes, and ask iterators late or not to their end.

Iterators are made from lists, dicts, arrays, generator expressions and functions, `map` and
`filter`; the program goes on to change what they run over, and asks them for some or all items.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from program_writer import ProgramWriter, compiled

_HEAD = """import itertools

import numpy as np


def halves(items, k):
    for item in items:
        yield item * k
        k = k * 0.5


def twice(items):
    for item in items:
        yield item
        yield np.sin(item)


"""


class Writer(ProgramWriter):
    head = _HEAD
    names = ("n", "p", "q", "d", "y", "t", "s", "log", "note", "bump", "halves", "twice")

    def start(self) -> None:
        self.iterators: list[str] = []
        self.line("n = len(x)")
        self.line("p = [k, x[0], x[1] * k]")
        self.any_line("q = [x[2], x[3]]", "q = p", "q = [v * k for v in x]", "q = list(p)")
        self.any_line('d = {"u": k, "v": x[1]}', "d = {i: x[i] * k for i in range(3)}")
        self.any_line("y = x.copy()", "y = x * k")
        self.line("t, s, log = x[3], 0.0, []")
        with self.deeper("def note(v):"):
            self.any_line("log.append(v)", "y[0] = y[0] * 0.5 + v", "p[0] = np.sin(v)")
            self.any_line("return v * t", "return np.sin(v) * (len(log) + 1)", "return v + y[1]")
        self.bumps = self.chance(0.4)
        if self.bumps:
            with self.deeper("def bump(v):"):
                self.line("nonlocal t")
                self.line("t = np.tanh(t + v * 0.3)")
                self.line("return v * t")

    def end(self) -> str:
        for name in self.iterators[-2:]:
            self.line(f"s = s + sum({name}, 0.0) * 0.5")
        self.line("s = s + sum(p[:6]) + sum(v * v for v in q[:6]) + np.sum(y * y) * 0.3 + t")
        return "s + sum(d.values()) + sum(log[:9]) + len(log) * k"

    def kinds(self) -> list[str]:
        asked = ["ask", "ask", "loop"] if self.iterators else []
        deep = [] if self.indent > 3 else ["over", "over", "branch", "quantifier"]
        return ["change", "change", "make", "make", "walrus", "sum", *asked, *deep]

    def condition(self) -> str:
        if self.chance(0.2):
            return f"{self.scalar()} > 0.5312"
        return self.pick("len(p) < 4", "len(log) > 1", "n == 4", "len(q) % 2")

    def scalar(self) -> str:
        last = ["log[-1] if log else 0.2"] if self.chance(0.3) else []
        names = ("k", "t", "x[1]", "y[-1]", "(p[0] if p else 0.4)", "(q[-1] if q else 0.3)")
        return self.pick(*names, *(f"({text})" for text in last))

    def iterable(self, depth: int = 1) -> str:
        """Return an iterable of numbers."""
        p, simple = self.pick("p", "q"), self.pick("p", "q", "d.values()", "y", "x[:3]", "p[:2]")
        if depth == 0:
            return simple
        inner = self.iterable(depth - 1)
        call = "bump" if self.bumps and self.chance(0.3) else "note"
        return self.pick(
            simple,
            f"map({call}, {inner})",
            f"map(lambda v: v * t + y[0], {inner})",
            f"(v * t for v in {inner})",
            f"(v * w for v in {inner} for w in {p}[:2])",
            f"({call}(v) for v in {inner})",
            f"(v + i for i, v in enumerate({inner}) if i != 1)",
            f"(a * b for a, b in zip({inner}, {p}))",
            f"reversed({p})",
            f"halves({inner}, t)",
            f"twice({inner})",
            f"filter(lambda v: v is not None, {inner})",
            f"itertools.chain({inner}, {p})",
            f"itertools.islice({inner}, 2)",
            f"itertools.accumulate({inner})",
            f"iter({p})",
        )

    def do_make(self) -> None:
        name = self.fresh("it")
        self.line(f"{name} = iter({self.iterable(2)})")
        if self.indent == 1:
            self.iterators.append(name)

    def do_ask(self) -> None:
        it = self.pick(*self.iterators)
        self.any_line(
            f"s = s + next({it}, 0.3) * k",
            f"t = np.tanh(next({it}, t))",
            f"s = s + sum(a * b for a, b in zip({it}, {it}))",
            f"q = [*{it}][:5]",
            f"if len(p) < 6: p.extend(itertools.islice({it}, 2))",
            f"first, *rest = [k, *{it}]",
            f"s = s + max([k, *{it}])",
            f"q = list({it})[:5]",
        )

    def do_change(self) -> None:
        p, v = self.pick("p", "q"), f"np.tanh({self.scalar()})"
        self.any_line(
            f"if {p}: {p}[0] = {v}",
            f"if {p}: {p}[-1] = {p}[-1] * {v}",
            f"if len({p}) < 5: {p}.append({v})",
            f"if len({p}) < 5: {p}.insert(0, {v})",
            f"if {p}: {p}.pop()",
            f"if len({p}) > 1: del {p}[0]",
            f"{p} = [{v}, *{p}[:3]]",
            f"y[1] = {v}",
            f"y *= {v}",
            f"t = {v}",
            f"for key in d: d[key] = d[key] * {v}",
            f'd["w"] = {v}',
        )

    def do_walrus(self) -> None:
        it = self.iterable()
        self.any_line(
            f"t = sum([(z := v * 0.5) for v in [k, *{it}]]) + z",
            "s = s + sum((z := np.sin(v)) for v in p[:3] + [k]) * z",
            "q = [z for v in [*p[:3], k] if (z := v * t) is not None]",
        )

    def do_sum(self) -> None:
        self.line(f"s = s + sum({self.iterable(2)}, 0.0) * 0.5")

    def do_quantifier(self) -> None:
        fn, it = self.pick("any", "all"), self.iterable()
        test = self.pick("v > 0.4127", "note(v) > 0.3127", "(z := v) < 0.7312", "v is not None")
        with self.deeper(f"if {fn}({test} for v in {it}):"):
            self.block(1)

    def do_loop(self) -> None:
        v = self.fresh("v")
        with self.deeper(f"for {v} in {self.pick(*self.iterators)}:"):
            self.inside(v)

    def do_over(self) -> None:
        v, p, it = self.fresh("v"), self.pick("p", "q"), self.iterable()
        over, target = self.random.choice(
            [
                (p, v),
                (f"enumerate({p})", f"i{v}, {v}"),
                (f"zip({p}, {it})", f"{v}, w{v}"),
                ("d.items()", f"key{v}, {v}"),
                ("d.values()", v),
                (f"reversed({p})", v),
                (it, v),
                ("y", v),
                ("enumerate(y)", f"i{v}, {v}"),
            ]
        )
        with self.deeper(f"for {target} in {over}:"):
            self.inside(v)
        if self.chance(0.15):
            with self.deeper("else:"):
                self.block(1)

    def inside(self, v: str) -> None:
        self.any_line(f"s = np.tanh(s + {v})", f"t = np.tanh(t * {v})", f"s = s + {v} * t")
        self.block(self.random.randint(1, 2))
        if self.chance(0.3):
            with self.deeper(f"if {self.condition()}:"):
                self.any_line("break", "continue", "break")


def iteration_program(seed: int) -> tuple[Callable[..., Any], str]:
    """Return a random function ``program(x, k)`` and its source."""
    source = Writer(seed).source()
    return compiled("iteration", seed, source), source


def arguments(seed: int) -> tuple[np.ndarray[Any, Any], float]:
    """Return arguments for a random program."""
    return np.random.default_rng(seed).uniform(0.3, 1.2, 4), 0.7
