"""Random programs about memory: views of views, kept in containers and written through.

The writer knows the shape of each array, so that programs of any views stay valid; arrays without
axes, masks, `out=`, and NumPy's functions that write (`put`, `place`, `copyto`) are among them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from program_writer import ProgramWriter, compiled

Shape = tuple[int, ...]

_HEAD = """import numpy as np


def half(v):
    return v[: max(len(v) // 2, 1)]


def soften(v, c):
    v *= np.tanh(c) * 0.5 + 0.5
    return v


"""


class Writer(ProgramWriter):
    head = _HEAD
    names = ("a", "m", "z", "t", "s", "total", "views", "by", "w")
    scoped = ("arrays", "readonly", "kept")
    lengths = 4, 7

    def start(self) -> None:
        self.line("total = 0.0")
        self.any_line("a = x.copy()", "a = np.sin(x)", "a = x * k", "a = np.array(x)")
        self.any_line(
            "m = np.outer(x[:3], x) + k",
            "m = np.zeros((3, 4)) + x * k",
            "m = np.asfortranarray(np.outer(x[:3], x))",
            "m = np.tile(x, (3, 1))",
        )
        self.any_line(
            "z = np.array(k)",
            "z = np.full((), k)",
            "z = np.asarray(x[0] * k)",
            "z = np.zeros(())",
            "z = np.sum(x * k, keepdims=True).reshape(())",
        )
        self.any_line("t = np.ones((2, 2, 3)) * k", "t = np.multiply.outer(m[:2, :2], x[:3])")
        self.arrays: dict[str, Shape] = {"a": (4,), "m": (3, 4), "z": (), "t": (2, 2, 3)}
        self.readonly: set[str] = set()
        self.kept: dict[str, Shape] = {}  # expressions: views in containers
        self.line("views, by = [a, m[1]], {}")
        self.kept = {"views[0]": (4,), "views[1]": (4,)}

    def end(self) -> str:
        self.line("s = k + total")
        for i, name in enumerate(self.arrays):
            self.any_line(
                f"s = s + np.sum({name}) * {i + 1}",
                f"s = s + np.sum({name} * {name})",
                f"s = s + np.sum(np.sin({name}) * {0.5 + i})",
            )
        self.line("s = s + sum(np.sum(v) for v in views) + sum(np.sum(v * v) for v in by.values())")
        return "s"

    # ------------------------------------------------------------------ expressions

    def any_array(self, ndim: int | None = None, written: bool = False) -> tuple[str, Shape]:
        """Return an array and its shape."""
        known = [*self.arrays.items(), *self.kept.items()]
        if not written:
            known += [("x", (4,)), ("(x + k)", (4,)), ("np.cos(m)", (3, 4))]
        found = [
            (text, shape)
            for text, shape in known
            if (ndim is None or len(shape) >= ndim) and not (written and text in self.readonly)
        ]
        return self.random.choice(found)

    def view(self, text: str, shape: Shape, written: bool = False) -> tuple[str, Shape]:
        """Return a view of an array and its shape."""
        ways: list[tuple[str, Shape]] = [
            (f"{text}[...]", shape),
            (f"{text}[None]", (1, *shape)),
            (f"{text}[..., None]", (*shape, 1)),
            (f"{text}.T", shape[::-1]),
            (f"{text}.reshape(-1)", (int(np.prod(shape)),)),
            (f"np.atleast_1d({text})", shape or (1,)),
            (f"np.squeeze({text})", tuple(n for n in shape if n != 1)),
            (f"np.asarray({text})", shape),
            (f"np.real({text})", shape),
            (f"np.expand_dims({text}, 0)", (1, *shape)),
        ]
        if not written:
            ways += [
                (f"np.broadcast_to({text}, {(2, *shape)})", (2, *shape)),
                (f"{text}.copy()", shape),
                (f"np.ravel({text})", (int(np.prod(shape)),)),
                (f"{text}[()]", shape),
            ]
        if shape and shape[0] > 1:
            n, rest = shape[0], shape[1:]
            slices = [("1:", n - 1), (":-1", n - 1), ("::-1", n), ("::2", (n + 1) // 2), (":2", 2)]
            ways += [(f"{text}[{part}]", (size, *rest)) for part, size in slices]
            ways += [(f"{text}[{i}]", rest) for i in ("0", "-1", *self.loops) if rest]
            ways += [(f"np.flip({text})", shape), (f"half({text})", (n // 2, *rest))]
        if len(shape) >= 2:
            *front, p, q = shape
            ways += [
                (f"{text}[..., 0]", (*front, p)),
                (f"{text}[:, -1]", (shape[0], *shape[2:])),
                (f"{text}[:, ::-1]", shape),
                (f"{text}[:, None]", (shape[0], 1, *shape[1:])),
                (f"np.swapaxes({text}, -1, -2)", (*front, q, p)),
                (f"{text}.transpose()", shape[::-1]),
                (f"np.moveaxis({text}, 0, -1)", (*shape[1:], shape[0])),
                (f"{text}.reshape({shape[0]}, -1)", (shape[0], int(np.prod(shape[1:])))),
                (f"{text}[..., 1:]", (*front, p, q - 1)),
            ]
            if not written:
                ways += [(f"np.diagonal({text})", (*shape[2:], min(shape[:2])))]
        return self.random.choice([way for way in ways if 0 not in way[1] and len(way[1]) < 5])

    def any_view(self, written: bool = False) -> tuple[str, Shape]:
        found = self.any_array(written=written)
        for _ in range(self.random.randint(0, 2)):
            found = self.view(*found, written=written)
        return found

    def scalar(self) -> str:
        text, shape = self.any_array()
        item = text if not shape else f"{text}[{', '.join(self.place(n) for n in shape)}]"
        return self.pick("k", "0.3", item, item, f"np.sum({text})", f"np.mean({text})", "z * k")

    def place(self, size: int) -> str:
        counters = [i for i in self.loops if size > 1]
        return self.pick("0", "-1", str(size // 2), *counters)

    def squeezed(self) -> str:
        return f"np.tanh({self.scalar()})"

    def fitting(self, shape: Shape) -> str:
        """Return a value that can be stored to a part of a shape."""
        same = [t for t, s in (*self.arrays.items(), *self.kept.items(), ("x", (4,))) if s == shape]
        rows = [t for t, s in self.arrays.items() if len(s) == 1 and s == shape[-1:]]
        texts = [f"np.tanh({t})" for t in same] + [f"{t} * 0.5" for t in same + rows] + same
        return self.pick(*texts, self.squeezed(), f"np.full({shape}, k)")

    def condition(self) -> str:
        return f"{self.scalar()} > {self.random.uniform(0, 1):.4f}"

    # ------------------------------------------------------------------ statements

    def kinds(self) -> list[str]:
        kinds = ["store"] * 4 + ["view"] * 3 + ["function"] * 3 + ["out", "out", "mask", "mask"]
        kinds += ["keep", "keep", "number", "take", "call", "item"]
        if len(self.loops) + self.indent < 4:
            kinds += ["loop", "rows", "branch", "branch"]
        return kinds

    def do_view(self) -> None:
        """Bind a new name to a view."""
        written = self.chance(0.7)
        text, shape = self.any_view(written)
        name = self.fresh("v")
        self.line(f"{name} = {text}")
        self.arrays[name] = shape
        if not written:
            self.readonly.add(name)

    def do_store(self) -> None:
        text, shape = self.any_array(written=True)
        way = self.random.randint(0, 3)
        if way == 0 or not shape:
            target, shape = self.view(text, shape, written=True)
            whole = "" if target.endswith("]") else "[...]"
            self.line(f"{target}{whole} {self.pick('=', '+=', '*=')} {self.fitting(shape)}")
        elif way == 1:
            places = ", ".join(self.place(n) for n in shape)
            self.line(f"{text}[{places}] {self.pick('=', '+=', '*=')} {self.squeezed()}")
        elif way == 2:
            self.line(f"{text} {self.pick('+=', '*=', '-=')} {self.fitting(shape)}")
        else:
            rest = shape[1:]
            place = self.place(shape[0])
            self.line(f"{text}[{place}] = {self.fitting(rest) if rest else self.squeezed()}")

    def do_function(self) -> None:
        text, shape = self.any_array(written=True)
        v, limit = self.squeezed(), f"{self.random.uniform(0, 1):.4f}"
        ways = [
            f"np.put({text}, [0, -1], [{v}, k])",
            f"np.put({text}, 0, {v})",
            f"{text}.put([0], {v})",
            f"np.place({text}, {text} > {limit}, [{v}, k * 0.5])",
            f"np.copyto({text}, {self.fitting(shape)})",
            f"np.copyto({text}, {self.fitting(shape)}, where={text} > {limit})",
            f"np.putmask({text}, {text} > {limit}, {v})",
            f"np.putmask({text}, {text} < {limit}, {text} * 0.5)",
            f"{text}.fill({v})",
            f"{text}.flat[0] = {v}",
            f"{text}[...] = {self.fitting(shape)}",
            f"soften({text}, {v})",
        ]
        if shape:
            ways += [
                f"np.add.at({text}, {self.place(shape[0])}, {v})",
                f"{text}.sort()",
                f"{text}[[0, -1]] = {v}",
                f"{text}[[0, 0]] += {v}",
                f"np.put_along_axis({text}, np.argsort({text}, axis=-1)[..., :1], {v}, axis=-1)",
            ]
        if len(shape) == 2:
            ways.append(f"np.fill_diagonal({text}, {v})")
        self.line(self.random.choice(ways))

    def do_out(self) -> None:
        text, shape = self.any_array(written=True)
        v = self.fitting(shape)
        ways = [
            f"np.multiply({text}, {v}, out={text})",
            f"np.add({text}, {self.squeezed()}, out={text})",
            f"np.sin({text}, out={text})",
            f"np.sin({text}, {text})",
            f"np.clip({text}, 0.1, 0.8, out={text})",
            f"{text}.clip(0.1, 0.8, out={text})",
            f"np.maximum({text}, {self.squeezed()}, out={text})",
            f"np.multiply({text}, 0.5, out={text}, where={text} > 0.4123)",
            f"np.subtract({v}, {text}, out={text})",
            f"{self.fresh('w')} = np.tanh({text}, out={text})",
        ]
        if len(shape) == 1:
            ways += [
                f"np.cumsum({text}, out={text})",
                f"np.add({text}[1:], {text}[:-1], out={text}[1:])",
            ]
        if "m" in self.arrays and shape == (4,):
            ways += [f"np.sum(m, axis=0, out={text})", f"np.dot(m.T, m[:, 0], out={text})"]
        self.line(self.random.choice(ways))

    def do_mask(self) -> None:
        text, shape = self.any_array(1, written=True)
        limit, w = f"{self.random.uniform(0.2, 0.9):.4f}", self.fresh("w")
        self.line(f"{w} = {text} {self.pick('>', '<')} {limit}")
        self.any_line(
            f"{text}[{w}] = {self.squeezed()}",
            f"{text}[{w}] *= {self.squeezed()}",
            f"{text}[{w}] += {text}[{w}] * k",
            f"{text}[~{w}] = np.sin({text}[~{w}])",
            f"total = total + np.sum({text}[{w}])",
            f"total = total + np.sum({text}[{w} & ({text} != 0)] ** 2)",
            f"{text}[...] = np.where({w}, {text} * k, {text})",
            f"{text}[np.nonzero({w})] = {self.squeezed()}",
            f"total = total + np.sum({text}, where={w})",
            f"{text}[np.array([True] + [False] * {shape[0] - 1})] = k",
        )

    def do_keep(self) -> None:
        """Put a view into a container, or write through one that is there."""
        text, shape = self.any_view(written=True)
        way = self.random.randint(0, 3) if self.indent == 1 else 3
        if way == 0:
            self.line(f"views = [{text}, *views[:2]]")
            kept = [self.kept.get(f"views[{i}]") for i in range(2)]
            for i, old in enumerate((shape, *kept)):
                if old is not None:
                    self.kept[f"views[{i}]"] = old
        elif way == 1:
            key = self.pick('"u"', '"v"')
            self.line(f"by[{key}] = {text}")
            self.kept[f"by[{key}]"] = shape
        elif way == 2:
            self.line(f"views[0] = {text}")
            self.kept["views[0]"] = shape
        else:
            self.line(f"for w in [{text}, {self.any_view(written=True)[0]}]:")
            self.any_line("    w *= 0.9", "    w[...] = np.sin(w)", "    w += k * 0.2",
                          "    soften(w, k)")  # fmt: skip

    def do_item(self) -> None:
        """Work on an array without axes."""
        v = self.squeezed()
        self.any_line(
            f"z[...] = {v}", f"z[()] = {v}", f"z += {v}", f"z *= {v}", f"np.add(z, {v}, out=z)",
            f"np.copyto(z, {v})", "total = total + z", "total = total + z[()] * k",
            f"z.fill({v})", "total = total + float(z)", f"z = z * {v} + np.zeros(())[...]",
            "k = np.tanh(k * z.item())", f"z = np.asarray({v})",
        )  # fmt: skip

    def do_take(self) -> None:
        text, shape = self.any_array(1)
        name = self.fresh("c")
        ways = [
            (f"{text}[[0, -1]]", (2, *shape[1:])),
            (f"{text} * 1.0", shape),
            (f"np.sort({text}, axis=0)", shape),
            (f"np.concatenate([{text}, {text}])", (2 * shape[0], *shape[1:])),
            (f"np.stack([{text}, {text} * k])", (2, *shape)),
            (f"np.where({text} > 0.5132, {text}, k)", shape),
            (f"np.roll({text}, 1, axis=0)", shape),
            (f"np.take({text}, [0, 0, -1], axis=0)", (3, *shape[1:])),
        ]
        value, made = self.random.choice(ways)
        if len(made) < 5:
            self.line(f"{name} = {value}")
            self.arrays[name] = made

    def do_call(self) -> None:
        text, shape = self.any_array(written=True)
        name = self.fresh("w")
        self.line(f"{name} = soften({text}, {self.squeezed()})")
        if self.chance(0.5):
            self.line(f"{name}[...] = {self.fitting(shape)}")

    def do_number(self) -> None:
        self.any_line(f"k = {self.squeezed()} + 0.4", f"total = total + {self.squeezed()}")

    # ------------------------------------------------------------------ loops

    def do_loop(self) -> None:
        i = "ij"[len(self.loops) % 2]
        with self.deeper(f"for {i} in range({self.pick('2', '1, 2', 'min(len(x), 2)', '0')}):"):
            self.loops.append(i)
            self.block(self.random.randint(1, 3))
            self.loops.pop()

    def do_rows(self) -> None:
        text, shape = self.any_array(2, written=True)
        row = self.fresh("r")
        with self.deeper(f"for {row} in {text}:"):
            before = self.scope()
            self.arrays[row] = shape[1:]
            self.any_line(f"{row} *= k", f"{row}[...] = np.sin({row})", f"{row}[0] = k", "pass")
            self.block(1)
            vars(self).update(before)


def array_program(seed: int) -> tuple[Callable[..., Any], str]:
    """Return a random function ``program(x, k)`` and its source."""
    source = Writer(seed).source()
    return compiled("arrays", seed, source), source


def arguments(seed: int) -> tuple[np.ndarray[Any, Any], float]:
    """Return arguments for a random program."""
    return np.random.default_rng(seed).uniform(0.3, 1.2, 4), 0.7
