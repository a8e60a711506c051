"""Random programs about lists, dicts, tuples and nested functions, from a seed.

A loop, a condition or a jump may stand around each way that Python has of changing a list. Values
are squeezed, and the length of a list is limited by conditions, so that programs stay small.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from program_writer import ProgramWriter, compiled

_HEAD = """import numpy as np


def grow(items, value, most=5):
    if len(items) < most:
        items.append(np.sin(value))
    return items


def put(rows, i, value):
    rows[i][0] = np.tanh(value)
    return grow(rows[i], value * 0.5)


def tree(n, a):
    if n <= 0:
        return a
    left = tree(n - 1, np.sin(a))
    return left + 0.5 * tree(n - 2, a * 0.7)


def chain(n, items, a):
    if n == 0:
        return items
    items.append(np.tanh(a + items[-1]))
    return chain(n - 1, items, a)


def running(items, a):
    total = a
    for item in items:
        total = np.tanh(total + item)
        yield total
        if total > 0.8132:
            return


def first_above(items, limit):
    for i, item in enumerate(items):
        for other in items[i:]:
            if item + other > limit:
                return item * other
    return limit


"""
_LISTS, _ARRAYS = ("p", "q"), ("g", "h")


class Writer(ProgramWriter):
    head = _HEAD
    names = (
        "n", "p", "q", "g", "h", "rows", "d", "state", "a", "count", "bump", "s", "grow", "put",
        "tree", "chain", "running", "first_above",
    )  # fmt: skip

    def start(self) -> None:
        self.line("n = len(x)")
        self.any_line("p = [k, x[0], x[1] * k]", "p = []", "p = [v * k for v in x]", "p = list(x)")
        self.any_line("q = [x[i] for i in range(n)]", "q = [k]", "q = p", "q = list(p)")
        self.any_line("g = []", "g = [x * k]", "g = [np.sin(x) for _ in range(2)]", "g = [x, x]")
        self.any_line("h = [x.copy()]", "h = g", "h = [np.zeros(n)] * 2")
        self.any_line("rows = [[k], [x[0], k]]", "rows = [[v] for v in x]", "rows = [p, q]")
        self.any_line("d = {}", 'd = {"u": k}', "d = {i: x[i] * k for i in range(2)}")
        self.any_line("state = (k, x[0])", "state = (k, (x[1], k))", "state = (k, 1.0)")
        self.any_line("a = x.copy()", "a = g[0] if g else np.cos(x)", "a = x * k")
        self.line("count = 0")
        self.closure = self.chance(0.3)
        if self.closure:
            with self.deeper("def bump(v):"):
                self.line("nonlocal count, k")
                self.line("count += 1")
                self.any_line("p.append(v * k)", "k = np.tanh(k + v * 0.1)", "a[0] += v")
                self.line("return np.sin(v) * count")

    def end(self) -> str:
        self.line("s = k + sum(p) * 0.5 + sum(v * v for v in q) + np.sum(a * a) + state[0]")
        with self.deeper("for i, e in enumerate(g):"):
            self.line("s += np.sum(e) * (i + 1)")
        with self.deeper("for row in rows:"):
            self.line("s += sum(np.sin(v) for v in row) * 0.3")
        self.any_line("for v in d.values():", "for _, v in d.items():")
        self.line("    s = s + v * v")
        return "s + len(p) * k + sum(np.sum(e) for e in h)"

    # ------------------------------------------------------------------ expressions

    def scalar(self, depth: int = 1) -> str:
        if depth == 0:
            p = self.pick(*_LISTS)
            guarded = [f"({p}[{i}] if {p} else 0.4)" for i in ("0", "-1", f"len({p}) // 2")]
            whole = [f"sum({p})", f"len({p}) * 0.1", f"max([*{p}, k])", f"np.mean([*{p}, k])"]
            more = [f"first_above({p}, 0.5312)", "rows[0][0]", "rows[-1][-1]", "state[0]"]
            counters = [f"x[{i}]" for i in self.loops]
            return self.pick(
                "k", "0.3", "x[1]", "a[-1]", *guarded, *whole, *more, *counters, *self.views
            )
        a, b = self.scalar(depth - 1), self.scalar(depth - 1)
        return self.pick(f"{a} * {b}", f"np.sin({a})", f"{a} + {b}", f"np.tanh({a} - {b})", a)

    def squeezed(self) -> str:
        return f"np.tanh({self.scalar()})"

    def vector(self) -> str:
        g = self.pick(*_ARRAYS)
        return self.pick(
            "x",
            "a",
            "a * k",
            "np.sin(a)",
            "a.copy()",
            f"({g}[-1] if {g} else x)",
            f"np.tanh(sum({g}, x))",
            f"np.sum([*{g}, x], axis=0) * 0.5",
            f"x * {self.scalar(0)}",
        )

    def condition(self) -> str:
        p = self.pick(*_LISTS)
        limit = self.random.uniform(0.0, 1.0)
        return self.pick(
            f"{self.scalar(0)} > {limit:.4f}",
            f"{self.scalar(0)} < {limit:.4f}",
            f"len({p}) > {self.random.randint(0, 4)}",
            p,
            f"not {p}",
            "count % 2 == 0",
        )

    # ------------------------------------------------------------------ statements

    def kinds(self) -> list[str]:
        kinds = ["items"] * 5 + ["part", "part", "arrays", "arrays", "rows", "rows", "dict"]
        kinds += ["tuple", "scalar", "call", "names", "made"]
        kinds += ["closure"] * self.closure
        if len(self.loops) + self.indent < 5:
            kinds += ["loop", "loop", "over", "over", "while", "branch", "branch"]
        return kinds

    def do_items(self) -> None:
        p, q = self.random.choice([("p", "q"), ("q", "p"), ("p", "p")])
        v = self.squeezed()
        self.any_line(
            f"{p}.append({v})",
            f"{p}.append({v})",
            f"{p} += [{v}]",
            f"{p}.extend([{v}, k])",
            f"{p}.extend([v * 0.5 for v in {q}[:3]])",
            f"{p}.insert({self.pick('0', '1', '-1')}, {v})",
            f"{p}.reverse()",
            f"{p}.sort()",
            f"if {p}: {p}[{self.pick('0', '-1')}] = {v}",
            f"if {p}: {p}[{self.pick('0', '-1')}] += {v}",
            f"if len({p}) > 1: {p}[0], {p}[1] = {p}[1], {p}[0]",
            f"if {p}: {p}.pop({self.pick('', '0', '-1')})",
            f"if {p}: k = np.tanh({p}.pop({self.pick('', '0')}))",
            f"if {p}: del {p}[{self.pick('0', '-1')}]",
            f"if {p}: {p}.remove({p}[0])",
            f"{p}.clear()",
        )

    def do_part(self) -> None:
        p, q = self.random.choice([("p", "q"), ("q", "p"), ("p", "p")])
        self.any_line(
            f"{p} = {q}[1:]",
            f"{p} = {q}[::-1]",
            f"{p} = {q}[:3] + [k]",
            f"{p} = {q}[:2] + {p}[:2]",
            f"{p} = sorted({q})",
            f"{p} = {q}.copy()",
            f"{p} = list(reversed({q}))",
            f"{p} = [k] * 3",
            f"{p} = {q}",
            f"{p}, {q} = {q}, {p}",
            f"{p}[1:2] = [k, {self.squeezed()}]",
            f"{p}[:] = [np.sin(v) for v in {p}]",
            f"del {p}[1:]",
            f"{p} = {q} if {self.condition()} else [k]",
        )

    def do_made(self) -> None:
        p, q = self.random.choice([("p", "q"), ("q", "p"), ("p", "p")])
        self.any_line(
            f"{p} = [np.sin(v) * k for v in {q}]",
            f"{p} = [v for v in {q} if v > 0.2191]",
            f"{p} = [u * v for u, v in zip({p}, {q})]",
            f"{p} = [v * i for i, v in enumerate({q})]",
            f"{p} = list(map(np.tanh, {q}))",
            f"{p} = list(np.cumsum([*{q}, k]))",
            f"{p} = [np.sum(e) for e in g]",
            f"{p} = list(running({q}, k))",
            "rows = [[v, k] for v in p]",
            "rows = [list(row) for row in rows]",
            "g = [e * k for e in h]",
            "d = {i: v for i, v in enumerate(p)}",
        )

    def do_arrays(self) -> None:
        g = self.pick(*_ARRAYS)
        v = self.vector()
        self.any_line(
            f"{g}.append({v})",
            f"{g}.append({v})",
            f"if {g}: {g}[-1] = {v}",
            f"if {g}: {g}[0][1] = {self.squeezed()}",
            f"if {g}: {g}[0] *= 0.9",
            f"if {g}: a = {g}.pop()",
            f"if {g}: {g}[-1][1:] += {g}[0][:-1]",
            f"{g} = {g}[-2:]",
            f"{g} = [*{g}, {v}][1:]",
            f"a = {v}",
            f"a[{self.pick('0', '-1', '1:')}] *= {self.scalar(0)}",
            f"a = np.tanh(np.stack([x, *{g}]).sum(axis=0))",
            f"a = np.concatenate([x, *{g}])[-len(x):]",
        )

    def do_rows(self) -> None:
        v = self.squeezed()
        self.any_line(
            f"rows.append([{v}])",
            f"rows[0].append({v})",
            f"rows[-1][0] = {v}",
            f"rows[0] = [{v}, k]",
            f"put(rows, {self.pick('0', '-1')}, {v})",
            "rows[0], rows[-1] = rows[-1], rows[0]",
            "rows.append(p[:2] + [k])",
            "if len(rows) > 1: rows.pop()",
            "p = rows[0]",
            "k = np.tanh(sum(sum(row) for row in rows))",
        )

    def do_dict(self) -> None:
        v = self.squeezed()
        self.any_line(
            f'd["u"] = {v}',
            f'd["u"] = d.get("u", k) + {v}',
            f"d[1] = {v}",
            "for i, v in enumerate(p[:2]): d[i] = v * k",
            'if "u" in d: k = np.tanh(d.pop("u"))',
            f'd.update({{"w": {v}}})',
            f'k = d.setdefault("u", {v})',
        )

    def do_tuple(self) -> None:
        v = self.squeezed()
        self.any_line(
            f"state = (state[0] * 0.5, {v})",
            f"state = ({v}, state[1])",
            "state = (np.sin(state[0]), *state[1:])",
            f"state = ({v}, (k, x[2]))",
            "first, *rest = [state[0], *p]",
            "k, state = state[0], (k, state[1])",
        )

    def do_scalar(self) -> None:
        self.line(f"k = {self.squeezed()} + 0.4")

    def do_names(self) -> None:
        self.any_line("q = p", "g, h = h, g", "h = g", "rows = [p, q]", "g = [a, a]", "h = [a]")

    def do_call(self) -> None:
        p = self.pick(*_LISTS)
        v = self.scalar(0)
        self.any_line(
            f"{p} = grow({p}, {v})",
            f"grow({p}, {v}, 3)",
            f"k = np.tanh(tree({self.pick('2', '3', 'count % 3')}, {v}))",
            f"chain(2, [k], {v})",
            f"k = np.tanh(sum(running({p}, {v})))",
            f"k = np.tanh(first_above({p}, {v}))",
        )

    def do_closure(self) -> None:
        self.any_line(f"k = np.tanh(bump({self.scalar(0)}))", f"bump({self.scalar(0)})")

    # ------------------------------------------------------------------ loops

    def do_loop(self) -> None:
        i = "ij"[len(self.loops) % 2]
        span = self.pick("3", "1, 3", "len(x)", "2, -1, -1", "0", "min(len(p), 3)", "count")
        with self.deeper(f"for {i} in range({span}):"):
            self.loops.append(i)
            self.inside()
            self.loops.pop()
        self.otherwise()

    def do_over(self) -> None:
        p, e = self.pick(*_LISTS), self.fresh("e")
        over, target = self.random.choice(
            [
                (f"{p}[:]", e),
                (f"list({p})", e),
                (f"reversed({p}[:4])", e),
                ("x", e),
                ("zip(p[:3], x)", f"{e}, w{e}"),
                ("enumerate(q[:3])", f"i{e}, {e}"),
                ("[*g, x]", e),
                ("rows[:2]", e),
                ("running(p[:3], k)", e),
                ("np.outer(x, x)", e),
            ]
        )
        with self.deeper(f"for {target} in {over}:"):
            self.any_line(
                f"k = np.tanh(k + np.sum({e}))",
                f"p.append(np.sin(np.sum({e})))",
                f"q = [np.sum({e}), *q[:2]]",
                f"state = (np.tanh(np.sum({e}) + state[0]), state[1])",
            )
            self.inside()
        self.otherwise()

    def do_while(self) -> None:
        p, n = self.pick(*_LISTS), self.fresh("n")
        self.line(f"{n} = 0")
        test = self.pick(p, f"len({p}) < 4", "k < 0.9123", "True", f"{p} and {p}[-1] > 0.1231")
        with self.deeper(f"while {test}:"):
            self.line(f"{n} += 1")
            self.line(f"if {n} > {self.random.randint(1, 3)}: break")
            self.inside()
        self.otherwise()

    def inside(self) -> None:
        self.block(self.random.randint(1, 3))
        if self.chance(0.25):
            with self.deeper(f"if {self.condition()}:"):
                self.any_line("break", "continue", "return k * sum(p) + np.sum(a)")
        if self.chance(0.3):
            self.block(1)
        self.line("count += 1")

    def otherwise(self) -> None:
        if self.chance(0.15):
            with self.deeper("else:"):
                self.block(1)


def list_program(seed: int) -> tuple[Callable[..., Any], str]:
    """Return a random function ``program(x, k)`` and its source."""
    source = Writer(seed).source()
    return compiled("lists", seed, source), source


def arguments(seed: int) -> tuple[np.ndarray[Any, Any], float]:
    """Return arguments for a random program."""
    return np.random.default_rng(seed).uniform(0.3, 1.2, 4), 0.7
