"""Random programs of which arguments and results are containers, from a seed.

Tuples, lists, dicts, named tuples and dataclasses, in each other, empty, and with strings, integers
and None in them; `*args`, `**options`, and parameters that are given by name or have a default.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from program_writer import ProgramWriter, compiled

_HEAD = """import copy
import dataclasses
import typing

import numpy as np


class Both(typing.NamedTuple):
    a: typing.Any
    b: typing.Any = 0.6


@dataclasses.dataclass
class Pair:
    a: typing.Any
    b: typing.Any = None

    def dot(self):
        return total(self.a) * 0.5 + total(self.b)


@dataclasses.dataclass(frozen=True)
class Fixed:
    a: typing.Any
    b: typing.Any = "none"


@dataclasses.dataclass(slots=True)
class Slim:
    a: typing.Any
    b: typing.Any = 2


def total(tree):
    if tree is None or isinstance(tree, (str, bool)):
        return 0.0
    if isinstance(tree, dict):
        return sum(total(v) for v in tree.values())
    if isinstance(tree, (list, tuple)):
        return sum(total(v) for v in tree)
    if isinstance(tree, (Pair, Fixed, Slim)):
        return total(tree.a) - total(tree.b)
    return np.sum(np.sin(tree))


def stars(first, *rest, scale=0.5, **more):
    found = total(first) * scale + 0.3 * total(rest)
    return found + sum(total(v) * len(name) for name, v in more.items())


def first_of(tree):
    while isinstance(tree, (list, tuple)) and len(tree):
        tree = tree[0]
    return tree


"""
_CLASSES = ("Both", "Pair", "Fixed", "Slim")
_KEYS = ("u", "w", "key")
_SEQUENCE = (
    "first, *others = {p}; s = s + total(first) + total(others)",
    "for {n} in {p}: s = s + total({n}) * 0.5",
    "for i, {n} in enumerate({p}): s = s + total({n}) * i",
    "s = s + total(first_of({p}))",
    "s = s + total({p}[::-1])",
)
_FIELDS = (
    "s = s + total(dataclasses.replace({p}, a=k))",
    "s = s + total({p}.a) * k",
    "s = s + total(copy.copy({p}))",
)
# What is done with a container of each kind; with objects of dataclasses, what is in `_FIELDS`.
_PARTS: dict[str, tuple[str, ...]] = {
    "numbers": (
        "s = s + sum({p})",
        "s = s + np.prod({p})",
        "{n}, *others = {p}; s = s + {n} * sum(others)",
        "s = s + max({p})",
        "for {n} in {p}: s = np.tanh(s + {n})",
        "s = s + np.array({p}) @ np.ones(3)",
    ),
    "arrays": (
        "s = s + np.sum(sum({p}))",
        "s = s + np.sum(np.stack({p}) ** 2)",
        "for {n} in {p}: s = np.tanh(s + np.sum({n}))",
        "s = s + np.sum(np.concatenate({p}) * k)",
    ),
    "tuple": _SEQUENCE,
    "list": _SEQUENCE,
    "Both": _SEQUENCE,
    "dict": (
        "for key, {n} in {p}.items(): s = s + total({n}) * len(key)",
        "s = s + total({{**{p}, 'u': k}})",
        "s = s + total({p}.get('w', k))",
        "s = s + total(dict({p}))",
        "s = s + ('w' in {p}) * k",
    ),
    "Pair": (*_FIELDS, "s = s + {p}.dot()"),
}


@dataclass
class _Tree:
    """A value that is written: of which kind, and by which paths its parts are read."""

    kind: str
    text: str
    parts: dict[str, _Tree] = field(default_factory=dict)

    def walk(self, path: str) -> list[tuple[str, _Tree]]:
        """Return all parts with their paths, this one first."""
        found = [(path, self)]
        for step, part in self.parts.items():
            found += part.walk(path + step)
        return found


class _Writer(ProgramWriter):
    def source(self) -> str:
        self.parameters()
        self.line("s = k")
        self.block(self.random.randint(2, 5))
        self.line(f"return {self.result()}")
        signature = ", ".join(self.signature)
        body = f"def program({signature}):\n" + "\n".join(self.lines) + "\n"
        given = (
            f"\n\ndef arguments():\n    array = np.array\n    return ({', '.join(self.given)},)\n"
        )
        named = ", ".join(f"{name!r}: {text}" for name, text in self.named.items())
        given += f"\n\ndef keywords():\n    array = np.array\n    return {{{named}}}\n"
        return _HEAD + body + given

    # ------------------------------------------------------------------ values

    def number(self) -> str:
        return f"{self.random.uniform(0.3, 1.2):.4f}"

    def leaf(self) -> _Tree:
        kind = self.pick("number", "number", "array", "array", "other", "matrix")
        a, b, c = self.number(), self.number(), self.number()
        text = {
            "number": self.pick(a, a, f"np.float64({a})"),
            "array": self.pick(f"array([{a}, {b}, {c}])", f"array([{a}, {b}])"),
            "matrix": f"array([[{a}, {b}], [{c}, 0.5]])",
            "other": self.pick("'text'", "None", "3", "True", "()", "[]", "{}"),
        }[kind]
        return _Tree("array" if kind == "matrix" else kind, text)

    def tree(self, depth: int) -> _Tree:
        if depth == 0 or self.chance(0.2):
            return self.leaf()
        kind = self.pick("tuple", "list", "dict", *_CLASSES, "numbers", "arrays")
        if kind in ("numbers", "arrays"):
            leaf = "array([{}, {}, 0.7])" if kind == "arrays" else "{}"
            parts = [leaf.format(self.number(), self.number()) for _ in range(3)]
            named = {f"[{i}]": _Tree(kind[:-1], text) for i, text in enumerate(parts)}
            return _Tree(kind, f"[{', '.join(parts)}]", named)
        parts = [self.tree(depth - 1) for _ in range(self.random.randint(1, 3))]
        texts = [part.text for part in parts]
        match kind:
            case "tuple":
                text, steps = f"({', '.join(texts)},)", [f"[{i}]" for i in range(3)]
            case "list":
                text, steps = f"[{', '.join(texts)}]", [f"[{i}]" for i in range(3)]
            case "dict":
                pairs = (f"{key!r}: {t}" for key, t in zip(_KEYS, texts, strict=False))
                text, steps = f"{{{', '.join(pairs)}}}", [f"[{key!r}]" for key in _KEYS]
            case _:
                texts = texts[:2]
                text, steps = f"{kind}({', '.join(texts)})", [".a", ".b"]
        return _Tree(kind, text, dict(zip(steps, parts, strict=False)))

    def parameters(self) -> None:
        """Write the parameters, and what is given for them."""
        first, k = self.tree(self.random.randint(1, 3)), self.number()
        self.given, self.named = [first.text], {}
        self.signature = ["c"]
        self.roots: list[tuple[str, _Tree]] = [("c", first)]
        if self.chance(0.5):
            x = self.leaf() if self.chance(0.5) else self.tree(1)
            self.roots.append(("x", x))
            self.signature.append("x")
            self.given.append(x.text)
        if self.chance(0.25):
            self.signature.append("k=0.8")
            if self.chance(0.5):
                self.given.append(k)
        elif self.chance(0.3):
            self.signature.append("*rest")
            for i in range(self.random.randint(0, 3)):
                item = self.tree(1)
                self.given.append(item.text)
                self.roots.append((f"rest[{i}]", item))
            self.signature.append("k=0.5")
            if self.chance(0.6):
                self.named["k"] = k
        elif self.chance(0.4):
            self.signature += ["*", "k"]
            self.named["k"] = k
        else:
            self.signature.append("k")
            self.given.append(k)
        if self.chance(0.3):
            self.signature.append("**options")
            for name in ("wide", "deep")[: self.random.randint(0, 2)]:
                item = self.tree(1)
                self.named[name] = item.text
                self.roots.append((f'options["{name}"]', item))

    # ------------------------------------------------------------------ expressions

    def paths(self, *kinds: str) -> list[tuple[str, _Tree]]:
        """Return the parts of the arguments that are of some kinds."""
        every = [found for path, tree in self.roots for found in tree.walk(path)]
        return [(path, tree) for path, tree in every if not kinds or tree.kind in kinds]

    def path(self, *kinds: str) -> str:
        """Return the path of a part of some kinds, or another number."""
        found = self.paths(*kinds)
        return self.random.choice(found)[0] if found else "k"

    def scalar(self) -> str:
        a, n = self.path("array"), self.path("number")
        whole = self.random.choice(self.roots)[0]
        sizes = [f"len({path}) * k" for path, _ in self.paths("list", "dict", "tuple", "numbers")]
        return self.pick(
            "k", n, f"np.sum({a})", f"np.sum({a} * {a})", f"np.sin({n}) * k", f"total({whole})",
            f"total({self.path()})", f"np.sum({a} * {n})", *sizes[:1],
        )  # fmt: skip

    def squeezed(self) -> str:
        return f"np.tanh({self.scalar()})"

    def condition(self) -> str:
        p = self.path()
        return self.pick(
            f"{self.scalar()} > {self.random.uniform(0, 1):.4f}", f"isinstance({p}, (list, tuple))",
            f"{p} is None", f"isinstance({p}, float)", f"type({p}) is Both",
        )  # fmt: skip

    def result(self) -> str:
        a, n, p = self.path("array"), self.path("number"), self.path()
        if self.chance(0.4):
            return self.pick("s", "np.sum(s)", f"s + {self.scalar()}")
        return self.pick(
            f"s, {a}", f"[s, k, {n}]", f"{{'s': s, 'v': {a} * k}}", f"Pair(s, {p})", f"{p}, s",
            f"Both(s, [{a}, k])", f"Fixed(({n}, s))", "s, None, 'name'", "(s,)", f"np.sin({a}) * s",
            f"Slim(s, {{'n': {n}}})", f"[[s, k], [{n}]]", f"({p}, {{'s': s}})", "s, 3",
        )  # fmt: skip

    # ------------------------------------------------------------------ statements

    def kinds(self) -> list[str]:
        kinds = ["number"] * 3 + ["call", "call", "parts", "parts", "made", "write"]
        return kinds if self.indent > 2 else [*kinds, "branch", "loop"]

    def do_number(self) -> None:
        self.any_line(f"s = s + {self.squeezed()}", f"k = {self.squeezed()} + 0.3",
                      f"s = s * {self.squeezed()} + k")  # fmt: skip

    def do_call(self) -> None:
        a, b = self.path(), self.path()
        ways = [f"stars({a}, {b}, scale=k)", f"stars({a}, {b}, {a}, wide={b})", f"stars({a})",
                f"stars(*[{a}, {b}], **{{'w': k, 'scale': s}})",
                f"total(({a}, [{b}]))", f"(lambda *v, t=k: total(v) * t)({a}, {b})"]  # fmt: skip
        if "*rest" in self.signature:
            ways += ["stars(*rest, k)", "total(rest)", "stars(k, *rest[:1])", "len(rest) * k"]
        if "**options" in self.signature:
            ways += ["stars(k, **options)", "total(options)", "options.get('wide', k)",
                     "total(list(options.values()))"]  # fmt: skip
        self.line(f"s = s + total({self.random.choice(ways)})")

    def do_parts(self) -> None:
        """Take one container apart."""
        found = self.paths("tuple", "list", "dict", "numbers", "arrays", *_CLASSES)
        if not found:
            self.do_number()
            return
        path, tree = self.random.choice(found)
        ways = _PARTS.get(tree.kind, _FIELDS)
        self.line(self.random.choice(ways).format(p=path, n=self.fresh("n")))

    def do_made(self) -> None:
        a, b, n = self.path(), self.path(), self.fresh("m")
        self.any_line(
            f"{n} = Both({a}, {b}); s = s + total({n}._replace(a=k))",
            f"{n} = Pair({a}, [{b}, k]); {n}.a = k; s = s + {n}.dot()",
            f"{n} = {{'a': {a}, 'b': {b}}}; {n}['c'] = k; s = s + total({n})",
            f"{n} = [{a}]; {n}.append({b}); {n}[0] = k; s = s + total({n})",
            f"{n} = Fixed({a}); s = s + total({n}.a)",
            f"{n} = copy.deepcopy({a}); s = s + total({n})",
        )

    def do_write(self) -> None:
        """Write into an argument, its arrays or its lists."""
        arrays = self.paths("array")[: self.chance(0.3)]
        ways = [f"{path}[1:] *= {self.squeezed()}" for path, _ in arrays]
        for path, tree in self.paths("numbers", "dict", "Pair", "Slim"):
            step = self.random.choice(list(tree.parts))
            if tree.parts[step].kind == "number":
                ways.append(f"{path}{step} = {self.squeezed()}")
        self.line(self.random.choice(ways) if ways else "s = s * 0.9")

    def do_loop(self) -> None:
        with self.deeper(f"for i in range({self.pick('2', '3', '1')}):"):
            self.block(self.random.randint(1, 2))
            self.line("s = np.tanh(s)")


def argument_program(seed: int) -> tuple[Callable[..., Any], str]:
    """Return a random function with its arguments, and their source."""
    source = _Writer(seed).source()
    return compiled("arguments", seed, source), source


def arguments(seed: int) -> tuple[Any, ...]:
    """Return nothing: the source of a program defines its arguments."""
    return ()
