"""Random programs that change arrays, lists, dicts and objects, through any name or callee."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from program_writer import ProgramWriter, compiled

_HEAD = """import numpy as np


class Box:
    def __init__(self, value, items):
        self.value = value
        self.items = items
        self.total = 0.0

    def push(self, v):
        self.total += v
        self.items[0] = np.tanh(self.items[0] + v)
        return self.total

    @property
    def mean(self):
        return np.mean(self.items) * self.value


def scale(v, a, limit=0.5):
    v *= np.tanh(a) + 1.2
    if v[0] > limit:
        return v
    v[-1] += a
    return v


def fill(v, w, n):
    for i in range(n):
        v[i] = np.sin(w[i]) + v[i - 1] * 0.3


def halves(v, a):
    if len(v) <= 2:
        v[0] = np.tanh(v[0] * a)
        return v[0] + v[-1]
    return halves(v[1:], a) + 0.5 * np.sin(v[0])


def parts(v, a):
    for e in v:
        if e > a:
            yield e * a
        yield np.sin(e)


"""


class Writer(ProgramWriter):
    head = _HEAD
    names = (
        "a", "b", "m", "p", "q", "d", "o", "g", "s", "put", "scale", "fill", "halves", "parts"
    )  # fmt: skip

    def start(self) -> None:
        r = self.random
        self.line("a = x.copy()")
        self.line(r.choice(["b = x * k", "b = np.zeros_like(x)", "b = a", "b = np.cos(x)"]))
        self.line("m = np.outer(np.sin(x), x) + k")
        self.line(r.choice(["p = [k, x[0], x[1] * k]", "p = [x[i] for i in range(3)]"]))
        self.line('d = {"u": k, "v": np.sin(x)}')
        self.line(r.choice(["q = p", "q = [k]", "q = list(p)"]))
        self.line(f"o = Box(k, {r.choice(['x.copy()', 'a', 'np.sin(x)'])})")
        self.line("g = []")
        if r.random() < 0.4:
            self.line("def put(i, v):")
            self.line(f"    {r.choice(['a', 'b'])}[i] += v")
            self.line("    return v * 0.5")
            self.closure = True
        else:
            self.closure = False

    def end(self) -> str:
        self.line("s = np.sum(a * b) + np.sum(m * m) * 0.1 + p[0] * p[-1] + q[0]")
        self.line('s = s + np.sum(d["v"]) * d["u"] + o.total + o.mean + len(p)')
        self.line("for e in g:")
        self.line("    s = s + np.sum(e)")
        return "s"

    def index(self) -> str:
        return self.random.choice(["0", "1", "-1", "2", *self.loops, *self.loops])

    def scalar(self, depth: int = 1) -> str:
        r = self.random
        if depth == 0:
            return r.choice(
                [
                    "k",
                    f"{self.array()}[{self.index()}]",
                    f"m[{self.index()}, {self.index()}]",
                    "p[0]",
                    "p[-1]",
                    "q[0]",
                    'd["u"]',
                    "o.value",
                    "o.total",
                    "o.items[1]",
                    "0.3",
                ]
            )
        a, b = self.scalar(depth - 1), self.scalar(depth - 1)
        return r.choice([f"{a} * {b}", f"np.sin({a})", f"{a} + {b}", f"np.tanh({a} - {b})"])

    def array(self) -> str:
        return self.random.choice(["a", "b", "x", 'd["v"]', "m[0]", "o.items", *self.views])

    def kinds(self) -> list[str]:
        kinds = ["store", "store", "slice", "call", "view", "list", "dict", "object", "swap"]
        kinds += ["append", "scalar"]
        if self.closure:
            kinds += ["closure"]
        if len(self.loops) < 2:
            kinds += ["loop", "loop", "rows", "parts"]
        if self.indent < 4:
            kinds += ["branch", "branch"]
        return kinds

    def do_store(self) -> None:
        target = self.random.choice(
            [f"a[{self.index()}]", f"b[{self.index()}]", f"m[{self.index()}, {self.index()}]"]
        )
        symbol = self.random.choice(["=", "+=", "*="])
        self.line(f"{target} {symbol} np.tanh({self.scalar()})")

    def do_slice(self) -> None:
        r = self.random
        target = r.choice(["a[1:]", "b[:-1]", f"m[{self.index()}, 1:]", "m[:-1, 0]"])
        value = r.choice(["a[:-1]", "b[1:]", "x[1:]", f"m[1:, {self.index()}]"])
        self.line(f"{target} {r.choice(['=', '+=', '*='])} np.sin({value}) * 0.7")

    def do_call(self) -> None:
        r = self.random
        v = r.choice(["a", "b", "m[1]", "m[:, 0]", "o.items", *self.views])
        self.line(
            r.choice(
                [
                    f"scale({v}, {self.scalar(0)})",
                    f"b = scale({v}, {self.scalar(0)}, 0.2)",
                    f"fill({v}, {self.array()}, 2)",
                    f"k = np.tanh(halves({v}, k)) + 0.3",
                    f"np.add({v}, 0.1, out={v})",
                ]
            )
        )

    def do_view(self) -> None:
        self.count += 1
        name = f"v{self.count}"
        self.line(f"{name} = {self.random.choice(['a[1:]', 'm[1]', 'm.T[0]', 'b[::-1]', 'a'])}")
        self.views.append(name)

    def do_list(self) -> None:
        r = self.random
        self.line(
            r.choice(
                [
                    f"p[0] = np.tanh({self.scalar()})",
                    f"p[-1] += {self.scalar(0)} * 0.2",
                    f"p.append(np.sin({self.scalar(0)}))",
                    f"q[0] = {self.scalar(0)} * 0.5",
                    "p[0], p[-1] = p[-1], p[0]",
                    "q = p",
                ]
            )
        )

    def do_append(self) -> None:
        value = self.random.choice(["a.copy()", "b * k", "np.array([k, p[0]])", "m[0] * 2.0"])
        self.line(f"g.append({value})")

    def do_dict(self) -> None:
        r = self.random
        self.line(
            r.choice(
                [
                    f'd["u"] = np.tanh({self.scalar()})',
                    f'd["v"] = {self.array()} * 0.9',
                    f'd["v"][{self.index()}] = {self.scalar(0)}',
                    'd["v"] *= 1.1',
                ]
            )
        )

    def do_object(self) -> None:
        r = self.random
        self.line(
            r.choice(
                [
                    f"k = np.tanh(o.push({self.scalar(0)})) + 0.2",
                    f"o.value = {self.scalar(0)} * 0.5",
                    "o.items *= 0.9",
                    f"o.total += {self.scalar(0)} * 0.1",
                ]
            )
        )

    def do_closure(self) -> None:
        self.line(f"k = np.tanh(put({self.index()}, {self.scalar(0)})) + 0.4")

    def do_swap(self) -> None:
        self.line("a, b = b, a")

    def do_scalar(self) -> None:
        self.line(f"k = np.tanh({self.scalar()}) + 0.5")

    def do_loop(self) -> None:
        r = self.random
        i = "ij"[len(self.loops)]
        self.line(f"for {i} in range({r.choice(['3', '1, 3', 'len(x)', '2, -1, -1', '0'])}):")
        self.inside(i)

    def do_rows(self) -> None:
        self.count += 1
        e = f"e{self.count}"
        over = self.random.choice(["m", "a", "enumerate(b)", "zip(a, x)"])
        target = f"(n{self.count}, {e})" if "(" in over else e
        self.line(f"for {target} in {over}:")
        self.indent += 1
        self.line(f"{'m[0]' if over == 'm' else 'k'} = np.tanh({e} * 0.5) + 0.1")
        self.indent -= 1
        self.inside("")

    def do_parts(self) -> None:
        self.count += 1
        self.line(f"for e{self.count} in parts(x, {self.scalar(0)}):")
        self.line(f"    k = np.tanh(k * 0.5 + e{self.count})")

    def inside(self, counter: str) -> None:
        r = self.random
        if counter:
            self.loops.append(counter)
        self.indent += 1
        self.block(r.randint(1, 3))
        self.line("pass")
        if r.random() < 0.2:
            self.line(f"if {self.scalar(0)} > 0.4321:")
            self.line(f"    {r.choice(['break', 'continue', 'return np.sum(a) * k'])}")
        self.indent -= 1
        if counter:
            self.loops.pop()

    def condition(self) -> str:
        return f"{self.scalar(0)} > {self.random.uniform(0, 1):.4f}"


def effects_program(seed: int) -> tuple[Callable[..., Any], str]:
    """Return a random function ``program(x, k)`` and its source."""
    source = Writer(seed).source()
    return compiled("effects", seed, source), source


def arguments(seed: int) -> tuple[np.ndarray[Any, Any], float]:
    """Return arguments for a random program."""
    return np.random.default_rng(seed).uniform(0.3, 1.2, 4), 0.7
