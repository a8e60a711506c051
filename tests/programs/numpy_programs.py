"""Random direct derivatives of NumPy's functions: every option, by name and by position.

The program takes a derivative of the function itself, not of a lambda around it, at arguments of
its own, and the options are given at the call.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
from program_writer import compiled

# The function, its operands, and its options, each of which may be left out or given by position.
_REDUCTIONS = (
    ("np.sum", ("axis", "dtype", "keepdims", "initial")),
    ("np.mean", ("axis", "keepdims")),
    ("np.std", ("axis", "ddof", "keepdims")),
    ("np.var", ("axis", "ddof", "keepdims")),
    ("np.prod", ("axis", "keepdims")),
    ("np.max", ("axis", "keepdims", "initial")),
    ("np.min", ("axis", "keepdims")),
    ("np.nansum", ("axis", "keepdims")),
    ("np.linalg.norm", ("ord", "axis", "keepdims")),
    ("np.cumsum", ("axis",)),
    ("np.cumprod", ("axis",)),
    ("np.median", ("axis", "keepdims")),
    ("np.average", ("axis", "weights")),
    ("np.trace", ("offset",)),
    ("np.diagonal", ("offset",)),
    ("np.diff", ("n", "axis")),
    ("np.sort", ("axis",)),
    ("np.flip", ("axis",)),
    ("np.roll", ("shift", "axis")),
    ("np.repeat", ("repeats", "axis")),
    ("np.tile", ("reps",)),
    ("np.triu", ("k",)),
    ("np.tril", ("k",)),
    ("np.transpose", ("axes",)),
    ("np.expand_dims", ("axis1",)),
    ("np.clip", ("a_min", "a_max")),
    ("np.gradient", ("axis",)),
    ("np.take", ("indices", "axis")),
    ("np.pad", ("pad_width",)),
    ("np.rot90", ("k",)),
    ("np.moveaxis", ("source", "destination")),
    ("np.quantile", ("q", "axis")),
    ("np.vander", ("N",)),
)
_BINARY = (
    "np.add", "np.subtract", "np.multiply", "np.divide", "np.arctan2", "np.maximum", "np.minimum",
    "np.hypot", "np.logaddexp", "np.power", "np.dot", "np.matmul", "np.inner", "np.outer",
    "np.kron", "np.tensordot", "np.linalg.solve",
)  # fmt: skip
_UNARY = (
    "np.sin", "np.exp", "np.tanh", "np.log1p", "np.sqrt", "np.square", "np.abs", "np.linalg.inv",
    "np.linalg.det", "np.reciprocal", "np.cbrt", "np.sinc", "np.ravel", "np.copy", "np.arctan",
    "np.expm1", "np.log", "np.cosh", "np.negative", "np.positive", "np.atleast_2d", "np.real",
)  # fmt: skip
_VALUES: dict[str, tuple[str, ...]] = {
    "axis": ("0", "1", "-1", "0"),
    "axis1": ("0", "1", "2", "-1"),
    "keepdims": ("True", "False"),
    "dtype": ("float", "None"),
    "initial": ("0.3", "1.0"),
    "ddof": ("0", "1"),
    "ord": ("None", "2", "1"),
    "weights": ("w",),
    "offset": ("0", "1", "-1"),
    "n": ("1", "2"),
    "shift": ("1", "-2"),
    "repeats": ("2", "3"),
    "reps": ("2", "(2, 1)"),
    "k": ("0", "1", "-1"),
    "axes": ("(1, 0)", "None"),
    "a_min": ("0.5",),
    "a_max": ("1.1", "None"),
    "indices": ("[0, 2]", "1"),
    "pad_width": ("1", "((0, 1), (2, 0))"),
    "source": ("0",),
    "destination": ("1", "-1"),
    "q": ("0.4", "0.75"),
    "N": ("3",),
}
_NEEDED = {
    "shift", "repeats", "reps", "axis1", "a_min", "a_max", "indices", "pad_width", "source",
    "destination", "q",
}  # fmt: skip
_POSITIONAL = {
    "np.sum", "np.mean", "np.linalg.norm", "np.cumsum", "np.diff", "np.roll", "np.repeat",
    "np.triu", "np.tril", "np.trace", "np.transpose", "np.tile", "np.clip", "np.take",
    "np.moveaxis", "np.pad", "np.expand_dims", "np.quantile", "np.rot90",
}  # fmt: skip


class _Writer:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def options(self, name: str, options: tuple[str, ...]) -> str:
        """Return options of a call: some by position, some by name, in any order."""
        r = self.random
        chosen = [o for o in options if o in _NEEDED or r.random() < 0.5]
        if name == "np.average" and "weights" in chosen and "axis" not in chosen:
            chosen.remove("weights")
        texts: list[str] = []
        by_position = name in _POSITIONAL and r.random() < 0.5
        for place, option in enumerate(chosen):
            value = r.choice(_VALUES[option])
            if option == "weights":
                value = "w[:, 0]" if "axis=0" in texts else "w[0]"
            if option == "axes" and value == "None":
                value = "(0, 1)"
            by_position = by_position and option == options[place]
            spelled = option.rstrip("1") if option == "axis1" else option
            texts.append(value if by_position else f"{spelled}={value}")
        named = [t for t in texts if "=" in t]
        r.shuffle(named)
        return "".join(f", {t}" for t in [t for t in texts if "=" not in t] + named)

    def call(self) -> tuple[str, str, int]:
        """Return a function, its arguments after the operands, and how many operands it has."""
        r = self.random
        pick = r.random()
        if pick < 0.6:
            name, options = r.choice(_REDUCTIONS)
            return name, self.options(name, options), 1
        if pick < 0.8:
            name = r.choice(_BINARY)
            return name, r.choice(["", "", ", 1"]) if name == "np.tensordot" else "", 2
        return r.choice(_UNARY), "", 1

    def source(self) -> str:
        r = self.random
        name, options, count = self.call()
        operands = ", ".join(["a", "b"][:count])
        value = f"{name}({operands}{options})"
        wrt = r.choice(["0", "(0, 1)", "1"]) if count == 2 else r.choice(["0", "(0,)"])
        both = "parts = g if isinstance(g, tuple) else (g,)"
        total = "total = total + sum(np.sum(np.sin(p) * w0) for p, w0 in zip(parts, weights))"
        ways = {
            "vjp": [
                f"v, pullback = vjp({name}, {wrt})({operands}{options})",
                "g = pullback(np.cos(v))",
                both,
            ],
            "jvp": [
                f"v, t = jvp(lambda {operands}: {value}, {wrt})(({operands},), {self.tangent(wrt)})"
                if options
                else f"v, t = jvp({name}, {wrt})(({operands},), {self.tangent(wrt)})",
                "parts = (t, v)",
            ],
            "value_and_grad": [
                f"total_of = lambda {operands}: np.sum(np.cos({value}))",
                f"v, g = value_and_grad(total_of, {wrt})({operands})",
                both,
            ],
            "plain": [f"parts = ({value}, {name}({operands}{options}))"],
        }
        way = r.choice(list(ways))
        lines = [
            f"a = np.abs(x) * {r.choice(['1.0', 'k', 'np.cosh(k)'])} + 0.2",
            "b = x[::-1] * 0.3 + np.eye(3) * 2.0",
            *r.choice([[], ["a[0] = a[0] * k"], ["b[:, 1] += a[0]"], ["a, b = b, a"]]),
            "w = np.arange(9.0).reshape(3, 3) + 1.0",
            "weights = (0.3, 1.7)",
            "total = 0.0",
        ]
        inner = [*ways[way], total]
        if r.random() < 0.25:
            lines += ["for i in range(2):", *(f"    {line}" for line in inner), "    a = a * 0.7"]
        else:
            lines += inner
        lines.append("return np.sum(total) + np.sum(a) * k")
        head = "import numpy as np\n\nfrom s2s_grad import jvp, value_and_grad, vjp\n\n\n"
        return head + "def program(x, k):\n" + "".join(f"    {line}\n" for line in lines)

    def tangent(self, wrt: str) -> str:
        return {"0": "(w * a,)", "(0,)": "(w * a,)", "1": "(b * w,)", "(0, 1)": "(w, a * w)"}[wrt]


def numpy_program(seed: int) -> tuple[Callable[..., Any], str]:
    """Return a random function ``program(x, k)`` and its source."""
    source = _Writer(seed).source()
    return compiled("numpy", seed, source), source


def arguments(seed: int) -> tuple[np.ndarray[Any, Any], float]:
    """Return arguments for a random program."""
    return np.random.default_rng(seed).uniform(0.3, 1.2, (3, 3)), 0.7
