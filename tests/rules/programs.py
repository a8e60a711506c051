"""A rule's case as the source of a scalar function, so that the compiler differentiates it."""

from __future__ import annotations

import linecache
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from checker import fill, turn

from s2s_grad.rules import Case, Rule, Spec

__all__ = ["program_of"]

_WRITTEN = {operator.getitem: "{0}[{1}]"}


class _Writer:
    """Names for the values of a case: operands become parameters, the rest globals."""

    def __init__(self, seed: int, turned: bool) -> None:
        self.random = np.random.default_rng(seed)
        self.turned = turned
        self.operands: list[Any] = []
        self.specs: list[Spec] = []
        self.globals: dict[str, Any] = {"np": np}

    def text(self, value: Any) -> str:
        if isinstance(value, Spec):
            filled = fill(value, self.random)
            turned = turn(filled, value, self.random) if self.turned else filled
            self.operands.append(turned)
            self.specs.append(value)
            return f"x{len(self.operands) - 1}"
        if isinstance(value, (list, tuple)):
            items = ", ".join(self.text(item) for item in value)
            return f"[{items}]" if isinstance(value, list) else f"({items},)" if value else "()"
        if value is None or isinstance(value, (bool, int, float, str)):
            return f"{value!r}" if value == value and abs_(value) != np.inf else self.bind(value)
        if isinstance(value, slice):
            return self.bind(value)
        return self.bind(value)

    def bind(self, value: Any) -> str:
        name = f"c{len(self.globals)}"
        self.globals[name] = value
        return name


def abs_(value: Any) -> Any:
    return abs(value) if isinstance(value, float) else 0


def program_of(
    rule: Rule, case: Case, seed: int = 0, turned: bool = False
) -> tuple[Callable[..., Any], list[Any], Any]:
    """Return a function of a case's operands that is a weighted sum of the primal's results.

    The operands are complex where `turned` is set.

    Returns
    -------
    function, operands, specifications
    """
    writer = _Writer(seed, turned)
    args = [writer.text(arg) for arg in case.args]
    args += [f"{name}={writer.text(value)}" for name, value in case.kwargs]
    writer.globals["primal"] = rule.primal
    pattern = _WRITTEN.get(rule.primal)
    call = pattern.format(*args) if pattern else f"primal({', '.join(args)})"
    names = ", ".join(f"x{i}" for i in range(len(writer.operands)))
    run: dict[str, Any] = dict(writer.globals)
    exec(f"def plain({names}):\n    return {call}\n", run)
    result = run["plain"](*writer.operands)
    total = _weighted("result", result, writer)
    source = f"def scalar({names}):\n    result = {call}\n    return {total}\n"
    primal = getattr(rule.primal, "__name__", "primal")
    file = f"<case of {primal} {abs(hash(source))}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    exec(compile(source, file, "exec"), writer.globals)
    return writer.globals["scalar"], writer.operands, writer.specs


def _weighted(name: str, result: Any, writer: _Writer) -> str:
    if isinstance(result, (tuple, list)):
        return " + ".join(_weighted(f"{name}[{i}]", item, writer) for i, item in enumerate(result))
    if np.iscomplexobj(result):
        weights = writer.random.normal(size=np.shape(result))
        weights = weights + 1j * writer.random.normal(size=np.shape(result))
        return f"np.sum(np.real({name} * {name} * {writer.bind(weights)}))"
    if np.ndim(result) == 0:
        return f"{name} * {name} * {writer.random.normal()!r}"
    weights = writer.bind(writer.random.normal(size=np.shape(result)))
    return f"np.sum({name} * {name} * {weights})"
