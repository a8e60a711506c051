"""Random programs about objects: classes, dataclasses, named tuples, and what is bound to them.

Objects stand in lists, dicts and other objects, under several names at once; arrays that they hold
are written through any of them, methods are kept and called later, copies are shallow and deep.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from program_writer import ProgramWriter, compiled

_HEAD = """import copy
import dataclasses
import typing

import numpy as np


class Cell:
    rate = 0.5

    def __init__(self, value, data):
        self.value = value
        self.data = data
        self.log = []

    def step(self, v):
        self.value = np.tanh(self.value + v * self.rate)
        self.note(v)
        return self.value

    def note(self, v):
        if len(self.log) < 4:
            self.log.append(v * 0.5)

    def shift(self, v=0.3):
        self.data[1:] += self.data[:-1] * v
        return self

    @property
    def total(self):
        return np.sum(self.data) * self.value

    @classmethod
    def empty(cls, n):
        return cls(cls.rate, np.zeros(n) + 0.1)

    @staticmethod
    def squash(v):
        return np.tanh(v) * 0.9

    def __call__(self, v, w=0.5):
        return np.sin(v * self.value) + w

    def __getitem__(self, i):
        return self.data[i]

    def __setitem__(self, i, v):
        self.data[i] = v
        self.note(v)

    def __len__(self):
        return len(self.log)

    def __iter__(self):
        return iter([self.value, self.data[0], *self.log])

    def __add__(self, other):
        return Cell(self.value + other.value * 0.5, self.data + other.data)


class Fast(Cell):
    rate = 0.8

    def __init__(self, value, data, gain=1.1):
        super().__init__(value * gain, data)
        self.gain = gain

    def step(self, v):
        self.gain = self.gain * 0.9
        return super().step(v * self.gain) + 0.1

    @property
    def total(self):
        return super().total * self.gain


class Node:
    __slots__ = ("value", "rest")

    def __init__(self, value, rest=None):
        self.value = value
        self.rest = rest

    def sum(self):
        return self.value if self.rest is None else self.value + 0.5 * self.rest.sum()


@dataclasses.dataclass
class Pair:
    a: typing.Any
    b: typing.Any
    kept: list = dataclasses.field(default_factory=list)

    def swap(self):
        self.a, self.b = self.b, self.a
        return self

    def dot(self):
        return np.sum(self.a * self.b)


@dataclasses.dataclass(frozen=True)
class Fixed:
    a: typing.Any
    b: typing.Any = 0.4

    def scaled(self, c):
        return dataclasses.replace(self, a=self.a * c)


@dataclasses.dataclass(slots=True)
class Slim:
    a: typing.Any
    inner: Pair


class Both(typing.NamedTuple):
    a: typing.Any
    b: typing.Any = 0.7

    def weighed(self):
        return np.sum(self.a) * self.b


def drive(cell, v, times=2):
    for _ in range(times):
        cell.step(v)
    cell.data[0] = np.sin(v)
    return cell.value


def chosen(first, second, v):
    if v > 0.4217:
        return first
    return second


"""
_CELLS = ("o", "u")
_INSIDE = ("cells[0]", "cells[-1]", 'named["o"]')


class Writer(ProgramWriter):
    head = _HEAD
    names = (
        "y", "o", "u", "cells", "named", "pair", "fixed", "both", "slim", "node", "s", "view",
        "first", "second",
    )  # fmt: skip
    scoped = ("methods",)

    def start(self) -> None:
        self.methods: list[str] = []  # the names that are bound to methods on every way here
        self.line("y = x.copy()")
        self.any_line("o = Cell(k, y)", "o = Fast(k, np.sin(x))", "o = Cell(x[0], x * k)")
        self.any_line("u = Fast(x[1], y)", "u = Cell(k, x * 0.5)", "u = o", "u = Cell.empty(4)")
        self.any_line("cells = [o, u]", "cells = [Cell(v, x * v) for v in x[:2]]", "cells = [o]")
        self.any_line('named = {"o": o}', 'named = {"o": u, "w": Cell(k, y)}')
        self.any_line("pair = Pair(y, x * k)", "pair = Pair(o.data, y)", "pair = Pair(k, x[2])")
        self.any_line("fixed = Fixed(x * k)", "fixed = Fixed(y, k)", "fixed = Fixed(o.data, x[0])")
        self.any_line("both = Both(y, k)", "both = Both(x[1])", "both = Both(o.data, x[3])")
        self.any_line("slim = Slim(k, pair)", "slim = Slim(x[0], Pair(k, y))")
        self.any_line("node = Node(k, Node(x[0]))", "node = None", "node = Node(x[2])")

    def end(self) -> str:
        self.line("s = np.sum(y * y) + o.value * u.value + np.sum(o.data * u.data)")
        with self.deeper("for i, cell in enumerate(cells):"):
            self.any_line("s = s + cell.total * (i + 1)", "s = s + sum(cell) + np.sum(cell.data)")
        self.line("s = s + sum(c.value * len(c) for c in named.values())")
        self.line("s = s + np.sum(pair.a) * np.sum(pair.b) + sum(pair.kept)")
        self.line("s = s + np.sum(fixed.a * fixed.b) + both.weighed()")
        self.line("s = s + np.sum(slim.inner.a) * slim.a + (node.sum() if node else 0.2)")
        return "s + k"

    # ------------------------------------------------------------------ expressions

    def cell(self) -> str:
        return self.pick(*_CELLS, *_CELLS, *_INSIDE)

    def scalar(self, depth: int = 1) -> str:
        if depth == 0:
            o = self.cell()
            return self.pick(
                "k", "0.3", "x[1]", "y[-1]", f"{o}.value", f"{o}.data[0]", f"{o}[1]",
                f"{o}.total", f"{o}.rate", f"len({o}) * 0.1", f"{o}(k)", f"{o}(x[0], w=k)",
                "np.sum(pair.a)", "both.weighed()", "slim.a", "fixed.b",
                "(node.sum() if node else 0.2)",
                f"getattr({o}, 'gain', k)", f"{o}.squash(k)", *(f"x[{i}]" for i in self.loops),
                *(f"{m}(x[2])" for m in self.methods),
            )  # fmt: skip
        a, b = self.scalar(depth - 1), self.scalar(depth - 1)
        return self.pick(f"{a} * {b}", f"np.sin({a})", f"{a} + {b}", f"np.tanh({a} - {b})", a)

    def squeezed(self) -> str:
        return f"np.tanh({self.scalar()})"

    def vector(self) -> str:
        o = self.cell()
        return self.pick(
            "x", "y", "x * k", f"{o}.data", f"{o}.data.copy()", f"np.sin({o}.data)",
            "np.cos(y)", f"x * {self.scalar(0)}", f"{o}.data[::-1]",
        )  # fmt: skip

    def condition(self) -> str:
        o, u = self.cell(), self.cell()
        limit = self.random.uniform(0.0, 1.0)
        return self.pick(
            f"{self.scalar(0)} > {limit:.4f}", f"{self.scalar(0)} < {limit:.4f}", f"{o} is {u}",
            f"{o} is not {u}", f"{o}.data is {u}.data", f"{o}.data is y", f"isinstance({o}, Fast)",
            f"len({o}) > 1", f"{o} in cells", "node is None", f"type({o}) is Cell",
            f"hasattr({o}, 'gain')", "slim.inner is pair",
        )  # fmt: skip

    # ------------------------------------------------------------------ statements

    def kinds(self) -> list[str]:
        kinds = ["cell"] * 4 + ["write", "write", "names", "names", "copy", "copy", "method"]
        kinds += ["pair", "pair", "fixed", "both", "slim", "node", "made", "call", "number"]
        if len(self.loops) + self.indent < 4:
            kinds += ["loop", "over", "branch", "branch", "closure"]
        return kinds

    def do_cell(self) -> None:
        o, v = self.cell(), self.squeezed()
        self.any_line(
            f"{o}.step({v})",
            f"k = {o}.step({v})",
            f"{o}.value = {v}",
            f"{o}.value += {v} * 0.3",
            f"{o}[{self.pick('0', '-1', '2')}] = {v}",
            f"{o}[1] *= {v}",
            f"{o}.shift()",
            f"{o}.shift({v}).shift()",
            f"{o}.note({v})",
            f"{o}.rate = {v}",
            f"{o}.log = [{v}]",
            f"{o}.extra = {v}; k = np.tanh({o}.extra * k)",
            f"first, second, *_ = {o}; k = np.tanh(first * second)",
            f"Cell.step({o}, {v})",
            f"setattr({o}, 'value', {v})",
        )

    def do_write(self) -> None:
        o, v = self.cell(), self.squeezed()
        self.any_line(
            f"{o}.data[0] = {v}",
            f"{o}.data *= {v}",
            f"{o}.data[1:] = ({self.vector()})[:-1] * 0.9",
            f"{o}.data = {self.vector()}",
            f"y[{self.pick('0', '-1', '1:3')}] = {v}",
            f"y = {self.vector()}",
            "y *= 0.8",
            f"view = {o}.data[1:]; view *= {v}",
            f"view = {o}.data; view[2] = {v}",
            f"{o}.data, y = y, {o}.data",
        )

    def do_names(self) -> None:
        o, u = self.random.sample(_CELLS, 2)
        self.any_line(
            f"{o} = {u}",
            f"{o}, {u} = {u}, {o}",
            f"{o} = {self.pick(*_INSIDE)}",
            f"cells[0] = {o}",
            f"named['o'] = {self.cell()}",
            f"{o} = chosen({self.cell()}, {self.cell()}, {self.scalar(0)})",
            f"{o} = {o} if {self.condition()} else {u}",
            f"if len(cells) < 4: cells.append({self.cell()})",
            "cells = cells[::-1]",
            "if len(cells) > 1: cells.pop(0)",
            f"{o}.data = {u}.data",
            f"{o}.log = {u}.log",
        )

    def do_copy(self) -> None:
        o, u = self.pick(*_CELLS), self.cell()
        self.any_line(
            f"{o} = copy.copy({u})",
            f"{o} = copy.deepcopy({u})",
            "cells = copy.copy(cells)",
            "cells = copy.deepcopy(cells)",
            "named = dict(named)",
            "named = copy.deepcopy(named)",
            "cells = [copy.copy(cell) for cell in cells]",
            f"{o} = type({u})({self.squeezed()}, {u}.data)",
            f"pair = copy.{self.pick('copy', 'deepcopy')}(pair)",
            f"slim = copy.{self.pick('copy', 'deepcopy')}(slim)",
            "fixed = copy.copy(fixed)",
        )

    def do_made(self) -> None:
        o, v = self.pick(*_CELLS), self.squeezed()
        self.any_line(
            f"{o} = Cell({v}, {self.vector()})",
            f"{o} = Fast({v}, {self.vector()}, gain={self.squeezed()})",
            f"{o} = {self.cell()} + {self.cell()}",
            f"{o} = Fast.empty(4)",
            f"cells = [Cell(v, y) for v in x[:2]] + [{o}]",
            "cells = [Fast(c.value, c.data) for c in cells]",
            f"named = {{'o': {o}, 'v': Cell({v}, x * k)}}",
        )

    def do_method(self) -> None:
        """Bind a method to a name or put it into a container, and call it, perhaps later."""
        o, v, m = self.cell(), self.squeezed(), self.fresh("f")
        method = self.pick("step", "step", "__call__", "squash", "__getitem__")
        if method == "__getitem__":
            self.line(f"get{m} = {o}.__getitem__")
            self.line(f"{m} = lambda v: get{m}(2) * v")
        else:
            self.any_line(
                f"{m} = {o}.{method}",
                f"{m} = [{o}.{method}, np.sin][0]",
                f"{m} = dict(f={o}.{method})['f']",
                f"{m} = getattr({o}, '{method}')",
                f"{m} = lambda v: {o}.{method}(v)",
            )
        self.methods.append(m)
        self.any_line(
            f"k = np.tanh({m}({v}))", "pass", f"for f in [{m}, np.cos]: k = np.tanh(f(k))"
        )

    def do_pair(self) -> None:
        v, p = self.squeezed(), self.pick("pair", "pair", "slim.inner")
        self.any_line(
            f"{p}.a = {v}",
            f"{p}.b = {self.vector()}",
            f"{p}.swap()",
            f"{p} = {p}.swap()",
            f"k = np.tanh({p}.dot())",
            f"if len({p}.kept) < 4: {p}.kept.append({v})",
            f"{p} = Pair({v}, {p}.b, [{v}])",
            f"{p} = dataclasses.replace({p}, a={v})",
            f"if np.ndim({p}.b): {p}.b[1] = {v}",
            f"{p}.a *= {v}",
            f"k = np.tanh(sum(np.sum(v) for v in dataclasses.astuple({p})[:2]))",
        )

    def do_fixed(self) -> None:
        self.any_line(
            f"fixed = Fixed({self.vector()}, {self.squeezed()})",
            f"fixed = fixed.scaled({self.squeezed()})",
            "fixed = dataclasses.replace(fixed, b=k)",
            f"fixed.a[0] = {self.squeezed()}",
            "k = np.tanh(np.sum(fixed.a))",
        )

    def do_both(self) -> None:
        v = self.squeezed()
        self.any_line(
            f"both = Both({self.vector()}, {v})",
            f"both = both._replace(b={v})",
            "first, second = both; k = np.tanh(np.sum(first) * second)",
            f"both = Both(*[{v}, k])",
            "both = Both(a=both[0], b=both[1] * k)",
            "k = np.tanh(both._asdict()['b'])",
        )

    def do_slim(self) -> None:
        v = self.squeezed()
        self.any_line(
            f"slim.a = {v}", "slim.inner = pair", f"slim = Slim({v}, pair)", "pair = slim.inner",
            f"slim.inner.a = {v}", "slim.a, k = k, slim.a",
        )  # fmt: skip

    def do_node(self) -> None:
        v = self.squeezed()
        self.any_line(
            f"node = Node({v}, node)",
            f"if node: node.value = {v}",
            "if node: node = node.rest",
            "k = np.tanh(node.sum()) if node else k * 0.9",
            f"if node and node.rest: node.rest.value = {v}",
            "if node and node.rest: node, node.rest = node.rest, None",
        )

    def do_call(self) -> None:
        o, v = self.cell(), self.scalar(0)
        self.any_line(
            f"k = drive({o}, {v})",
            f"drive({o}, {v}, 1)",
            f"chosen({o}, {self.cell()}, {v}).data[1] = {self.squeezed()}",
            f"k = np.tanh(sum(map({o}, x[:2])))",
            "k = np.tanh(sum(c(k) for c in cells))",
            f"k = max({o}.value, {self.cell()}.value)",
            "k = np.tanh(max(cells, key=lambda c: c.value).value)",
            "cells.sort(key=lambda c: c.value)",
        )

    def do_number(self) -> None:
        self.line(f"k = {self.squeezed()} + 0.4")

    def do_closure(self) -> None:
        o, g = self.pick(*_CELLS), self.fresh("g")
        with self.deeper(f"def {g}(v, w={o}.value):"):
            self.any_line(f"{o}.data[0] += v", f"{o}.step(v)", f"{o}.value = w * v", "pass")
            self.any_line(f"return {o}.value + v", f"return w * {o}[1]", f"return {o}(v)")
        if self.chance(0.4):
            self.statement()
        self.line(f"k = np.tanh({g}({self.scalar(0)}))")

    # ------------------------------------------------------------------ loops

    def do_loop(self) -> None:
        i = "ij"[len(self.loops) % 2]
        with self.deeper(f"for {i} in range({self.pick('2', '3', 'len(x)', '1, 3', '0')}):"):
            self.loops.append(i)
            self.block(self.random.randint(1, 2))
            self.loops.pop()

    def do_over(self) -> None:
        c = self.fresh("c")
        over = self.pick("cells", "[o, u]", "cells[:2]", "list(named.values())", "(u, o, u)")
        with self.deeper(f"for {c} in {over}:"):
            self.any_line(
                f"{c}.step(k)", f"{c}.data[0] = k", f"k = np.tanh({c}.total)", f"{c}.value *= 0.9",
                f"o = {c}", f"{c} = u; {c}.step(k)",
            )  # fmt: skip
            self.block(1)
            if self.chance(0.2):
                with self.deeper(f"if {self.condition()}:"):
                    self.any_line("break", "continue")


def object_program(seed: int) -> tuple[Callable[..., Any], str]:
    """Return a random function ``program(x, k)`` and its source."""
    source = Writer(seed).source()
    return compiled("objects", seed, source), source


def arguments(seed: int) -> tuple[np.ndarray[Any, Any], float]:
    """Return arguments for a random program."""
    return np.random.default_rng(seed).uniform(0.3, 1.2, 4), 0.7
