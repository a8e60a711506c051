"""Random programs that take derivatives of functions inside of them, from a seed.

Every transform is taken of functions that write, that return containers, that see arrays of the
program which were written, and of other derivatives; loops and conditions stand around them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from program_writer import ProgramWriter, compiled

_HEAD = """import dataclasses
import typing

import numpy as np
from s2s_grad import grad, hvp, jvp, value_and_grad, vjp


class Point(typing.NamedTuple):
    a: typing.Any
    b: typing.Any


@dataclasses.dataclass
class Pair:
    a: typing.Any
    b: typing.Any


def squash(value):
    return np.tanh(0.3 * value)


def energy(t):
    return np.sum(np.sin(t) * t)


def weighted(t, w, k=1.5):
    return np.sum(np.tanh(t * w)) * k


def writes(t):
    t[0] = t[1] * 0.7
    t[2:] *= t[0]
    return np.sum(t**2)


def wrote(t):
    y = np.sin(t)
    y[1] = y[0] * t[2]
    y[2:] += 0.5 * y[:2]
    return y


def stars(*args, **options):
    return np.sum(np.sin(args[0]) * args[1]) * options.get("k", 0.5)


def both(t):
    return np.cos(t), Pair(t * t, np.sum(t))


"""
_ARRAYS = ("a", "b", "w")


class Writer(ProgramWriter):
    head = _HEAD
    names = ("a", "b", "w", "total", "stars", "both", "Pair")
    lengths = 2, 5

    def start(self) -> None:
        self.any_line("a = x.copy()", "a = np.cos(x)", "a = x * k")
        self.any_line("b = np.sin(x)", "b = np.zeros(4) + k", "b = a", "b = x")
        self.any_line("w = x + a", "w = np.ones(4)", "w = a[::-1]", "w = np.repeat(x[:2], 2)")
        self.line("total = k")

    def end(self) -> str:
        return "squash(np.sum(a * b)) + squash(np.sum(w)) + total"

    def kinds(self) -> list[str]:
        kinds = ["write", "gradient", "gradient", "container", "pullback", "pushforward", "order"]
        return kinds if self.indent > 2 else [*kinds, "loop", "branch"]

    def condition(self) -> str:
        return self.pick("k > 0.5123", "np.sum(a) > 0.7321", "x[0] > x[1]", "total < 0.9")

    def array(self) -> str:
        return self.pick(*_ARRAYS, *_ARRAYS, "x", "np.cos(a)", "b * k", "a + w")

    def function(self) -> str:
        """Return a function of one array with a scalar result."""
        c = self.pick(*_ARRAYS, "x", "k")
        return self.pick(
            "energy", "writes", f"lambda t: np.sum(t**2 * {c})", f"lambda t: weighted(t, {c})",
            f"lambda t: np.sum(wrote(t) * {c})", f"lambda t: energy(t * {c})",
            f"lambda t: np.sum(np.sin(grad(lambda u: np.sum(u**3 * {c}))(t)))",
            "lambda t: value_and_grad(energy)(t)[0] * t[0]",
        )  # fmt: skip

    def vector_function(self) -> str:
        c = self.pick(*_ARRAYS, "x", "k")
        return self.pick("wrote", f"lambda t: np.sin(t * {c})", "lambda t: np.cumsum(t**2)",
                         "grad(energy)", f"lambda t: t * {c}", "lambda t: t[::-1]")  # fmt: skip

    def take(self, value: str) -> None:
        """Use an array that was computed."""
        name = self.pick("a", "b", "w")
        self.any_line(
            f"{name} = 0.3 * ({value})",
            f"{name} = {name} - 0.1 * ({value})",
            f"total += squash(np.sum({value}))",
        )

    def do_write(self) -> None:
        # Only `a` is an array of the program's own on every way.
        self.any_line(
            "a = a * 1.0; a[0] = k", "a = np.tanh(a); a[1:3] *= 0.5",
            "b = b.copy(); b[2] = x[1] * k", "a = a.copy(); w = a[::-1]; a[1] = total",
        )  # fmt: skip

    def do_gradient(self) -> None:
        f, v, g = self.function(), self.array(), self.fresh("g")
        made = self.random.randint(0, 3)
        if made == 0:
            self.line(f"{g} = grad({f})({v})")
        elif made == 1:
            self.line(f"v{g}, {g} = value_and_grad({f})({v})")
            self.line(f"total += squash(v{g})")
        elif made == 2:
            self.any_line(
                f"{g} = grad(weighted, wrt=(1, 2))({v}, {self.array()}, k)[0]",
                f"{g} = grad(weighted, wrt='w')({v}, w={self.array()})",
                f"{g} = grad(stars, wrt=1)({v}, {self.array()}, k=k)",
            )
        else:
            self.line(f"{g}, aux{g} = grad(lambda t: (energy(t), t * k), has_aux=True)({v})")
            self.line(f"total += squash(np.sum(aux{g}))")
        if self.chance(0.3):
            self.any_line(f"{g} *= 0.5", f"{g}[0] = k", f"{g}[1:] += x[1:]")
        self.take(g)

    def do_container(self) -> None:
        g, u, v = self.fresh("g"), self.array(), self.array()
        kind = self.random.randint(0, 4)
        a, b, given = [
            ("p[0]", "p[1]", f"({u}, {v})"),
            ("p['a']", "p['b']", f"{{'a': {u}, 'b': {v}}}"),
            ("p.a", "p.b", f"Point({u}, {v})"),
            ("p.a", "p.b", f"Pair({u}, {v})"),
            ("p[0]", "p[1][0]", f"[{u}, ({v}, k)]"),
        ][kind]
        f = f"lambda p: np.sum(np.sin({a}) * {b})"
        self.any_line(f"{g} = grad({f})({given})", f"{g} = value_and_grad({f})({given})[1]")
        self.take(f"{a} + {b}".replace("p", g))

    def do_pullback(self) -> None:
        p, v = self.fresh("p"), self.array()
        if self.chance(0.4):
            self.line(f"v{p}, {p} = vjp(both)({v})")
            self.take(f"{p}(({self.array()}, Pair(x, k)))")
            return
        self.line(f"v{p}, {p} = vjp({self.vector_function()})({v})")
        if self.chance(0.4):
            self.do_write()
        self.take(f"{p}({self.array()}) * v{p}")

    def do_pushforward(self) -> None:
        t, v = self.fresh("t"), self.array()
        if self.chance(0.4):
            self.line(f"{t} = jvp(both)(({v},), ({self.array()},))[1]")
            self.take(f"{t}[0] + {t}[1].a * {t}[1].b")
            return
        self.line(f"v{t}, {t} = jvp({self.vector_function()})(({v},), ({self.array()},))")
        self.take(f"{t} * v{t}")

    def do_order(self) -> None:
        f, v, u = self.function(), self.array(), self.array()
        self.take(
            self.pick(
                f"hvp({f})({v}, {u})",
                f"grad(lambda t: np.sum(np.sin(grad({f})(t)) * k))({v})",
                f"jvp(grad({f}))(({v},), ({u},))[1]",
                f"vjp(grad({f}))({v})[1]({u})",
                f"grad(lambda t: np.sum(hvp(energy)(t, {u})))({v})",
            )
        )

    def do_loop(self) -> None:
        i = self.fresh("i")
        over = self.pick("range(2)", "range(len(x) - 1)", "x[:2]", "zip(x[:2], range(2))")
        with self.deeper(f"for {i} in {over}:"):
            self.block(self.random.randint(1, 2))
            self.line("k = squash(k + np.sum(a))")


def derivative_program(seed: int) -> tuple[Callable[..., Any], str]:
    """Return a random function ``program(x, k)`` and its source."""
    source = Writer(seed).source()
    return compiled("derivatives", seed, source), source


def arguments(seed: int) -> tuple[np.ndarray[Any, Any], float]:
    """Return arguments for a random program."""
    return np.random.default_rng(seed).uniform(0.3, 1.2, 4), 0.7
