"""Rules made ready for the tape: which values a node saves, and one function that pulls back.

The formulas are those of the rule table. A plan only fixes, once for each rule and each choice of
operands that require grad, in which order they get their values; what `rules.pullback` finds out by
inspection at each call is written into a small generated function.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from s2s_grad.rules import Rule
from s2s_grad.runtime import sum_to
from s2s_grad.tape.core import wrap
from s2s_grad.tape.graph import Freed, Node, attached
from s2s_grad.tape.lazy import masked
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.value_tests import is_list, is_numeric, is_sequence

__all__ = ["Plan", "Zeros", "is_simple", "make_plan"]

_FACTS = ("shape", "size", "zeros")


@dataclass(frozen=True, slots=True)
class Zeros:
    """Zeros that are made when a formula asks for them."""

    shape: tuple[int, ...]
    dtype: Any

    def make(self) -> Any:
        """Return the array."""
        return np.zeros(self.shape, self.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How nodes of one kind run backward.

    Attributes
    ----------
    name : str
        The name of such nodes.
    slots : tuple of str
        The names of the saved values, as the formulas spell them.
    run : callable
        ``run(cotangent, saved)`` returns the cotangents of the edges.
    frees : bool
        Whether there are values among the residuals, not just shapes and options.
    paths : tuple
        For each active operand the places of its active items; None where it is no sequence.
    needed : frozenset of str
        The slots that `run` reads.
    """

    name: str
    slots: tuple[str, ...]
    run: Callable[[Any, Any], Any]
    frees: bool
    active: tuple[str, ...]
    paths: tuple[tuple[tuple[int, ...], ...] | None, ...]
    elementwise: bool = False
    rule: Rule | None = None
    needed: frozenset[str] = frozenset()

    def operands(self, node: Node) -> list[Any]:
        """Return the edges with a None for each operand that is constant."""
        if self.rule is None:
            return list(node.edges)
        edges = iter(node.edges)
        found: list[Any] = []
        for name in self.rule.operands:
            if name not in self.active:
                found.append(None)
                continue
            paths = self.paths[self.active.index(name)]
            found.extend(next(edges) for _ in paths or (None,))
        return found

    def slot(self, node: Node, name: str) -> Any:
        """Return a saved value by name, None where it was freed or not saved."""
        if type(node.saved) is Freed or name not in self.slots:
            return None
        return node.saved[self.slots.index(name)]

    def rebuild(self, node: Node) -> tuple[Any, ...]:
        """Return the saved values as tensors of the graph, for a backward pass that is recorded."""
        values = list(node.saved)
        place = 0
        for name, paths in zip(self.active, self.paths, strict=True):
            edges = node.edges[place : place + (1 if paths is None else len(paths))]
            place += len(edges)
            if name not in self.slots:
                continue
            at = self.slots.index(name)
            if paths is None:
                values[at] = attached(values[at], edges[0], _counter_of(node, name))
            else:
                for path, edge in zip(paths, edges, strict=True):
                    values[at] = _replaced(values[at], path, edge)
        if "result" in self.slots:
            at = self.slots.index("result")
            values[at] = result_of(node, values[at])
        return tuple(values)

    def saved_value(self, node: Node, name: str) -> Any:
        """Return what ``node._saved_<name>`` shows."""
        operands = {"self": 0, "other": 1}
        if name in operands and name not in self.slots and self.rule is not None:
            name = self.rule.parameters[operands[name]]
        if name not in self.slots:
            raise AttributeError(f"{self.name} saved no {name!r}, only {', '.join(self.slots)}")
        value = self.rebuild(node)[self.slots.index(name)]
        return wrap(value) if is_numeric(value) else value


def _counter_of(node: Node, name: str) -> list[Any] | None:
    return next((counter for counter, _, guarded in node.guards if guarded == name), None)


def _replaced(value: Any, path: tuple[int, ...], edge: Any) -> Any:
    if not path:
        return attached(value, edge)
    items = list(value)
    items[path[0]] = _replaced(items[path[0]], path[1:], edge)
    return items if is_list(value) else tuple(items)


def result_of(node: Node, value: Any) -> Any:
    """Return the result of a node as a tensor of the graph."""
    if is_sequence(value):
        from s2s_grad.tape.recording import pick

        items = [pick(node, i, item) for i, item in enumerate(value)]
        return items if is_list(value) else tuple(items)
    return attached(value, node, _counter_of(node, "result"))


_NAMES = {
    "subtract": "Sub",
    "multiply": "Mul",
    "divide": "Div",
    "power": "Pow",
    "negative": "Neg",
    "absolute": "Abs",
    "transpose": "T",
    "getitem": "Index",
    "set_item": "CopySlices",
    "add_at": "IndexAdd",
    "concatenate": "Cat",
    "broadcast_to": "Expand",
    "cast_like": "ToCopy",
    "astype": "ToCopy",
    "sum_to": "SumTo",
    "copy": "Clone",
}


def node_name(primal: Any) -> str:
    """Return the name of the nodes of a primitive."""
    name = getattr(primal, "__name__", type(primal).__name__)
    short = _NAMES.get(name)
    if short is None:
        short = "".join(part[:1].upper() + part[1:] for part in name.split("_"))
    return f"{short}Backward0" if short != "CopySlices" else short


def is_simple(rule: Rule) -> bool:
    """Return whether operands and result are all that formulas ask for, as of most ufuncs.

    The recording of ufuncs knows these residuals by place.
    """
    known = {*rule.parameters, "result", "ct"}
    return (
        rule.family == "elementwise"
        and len(rule.parameters) <= 2
        and all(n in known for o in rule.operands for n in rule.needs(o))
    )


# Formulas that read the operands in place of the result, which the user may write, as in PyTorch.
_BY_OPERANDS: dict[Any, dict[str, Any]] = {
    np.divide: {"x2": lambda ct, x1, x2: -ct * (x1 / x2) / x2}  # pyright: ignore
}


def make_plan(
    rule: Rule, active: tuple[str, ...], paths: tuple[tuple[tuple[int, ...], ...] | None, ...]
) -> Plan:
    """Return the plan of a rule for the operands that require grad."""
    if rule.primal in _BY_OPERANDS:
        rule = replace(rule, formulas={**rule.formulas, **_BY_OPERANDS[rule.primal]})
    elementwise = rule.family == "elementwise"
    slots: list[str] = []
    for name in active:
        slots += [n for n in rule.needs(name) if n != "ct" and n not in slots]
        if name in rule.masks:
            needs = inspect.signature(rule.masks[name]).parameters
            slots += [n for n in needs if n not in slots]
    several = elementwise and len(rule.parameters) > 1
    if is_simple(rule):
        slots = [*rule.parameters, "result"]
    if several:
        slots += [f"{name}_shape" for name in active if f"{name}_shape" not in slots]
    helpers = (sum_to, items_at, masked, zero_kept, product_kept)
    values: dict[str, Any] = {helper.__name__: helper for helper in helpers}
    parts: list[str] = []
    for i, (name, at) in enumerate(zip(active, paths, strict=True)):
        text = _expression(rule, name, slots, values, i)
        if rule.primal is np.multiply:
            (factor,) = rule.needs(name)
            text = f"product_kept({text}, ct, {_argument(factor, slots)}, {factor not in active})"
        elif rule.regular is not None and is_simple(rule):
            values["regular"] = rule.regular
            needs = inspect.signature(rule.regular).parameters
            text = (
                f"zero_kept({text}, ct, regular, {', '.join(_argument(n, slots) for n in needs)})"
            )
        if several:
            shape = f"s[{slots.index(f'{name}_shape')}]"
            text = f"({text} if {shape} is None else sum_to({text}, {shape}))"
        if name in rule.masks and at is None:
            values[f"m_{i}"] = rule.masks[name]
            needs = inspect.signature(rule.masks[name]).parameters
            text = f"masked({text}, m_{i}({', '.join(_argument(n, slots) for n in needs)}))"
        values[f"paths_{i}"] = at
        parts.append(text if at is None else f"*items_at({text}, paths_{i})")
    run = eval(f"lambda ct, s: ({', '.join(parts)},)", values)
    return Plan(
        node_name(rule.primal),
        tuple(slots),
        run,
        any(_is_value(name, rule) for i in active for name in rule.needs(i)),
        active,
        paths,
        elementwise,
        rule,
        frozenset(name for name in slots if f"s[{slots.index(name)}]" in "".join(parts)),
    )


def _is_value(name: str, rule: Rule) -> bool:
    """Return whether a residual is an operand or the result, not a fact or an option."""
    if name == "result":
        return True
    return name in rule.operands


def _expression(
    rule: Rule, operand: str, slots: list[str], values: dict[str, Any], place: int
) -> str:
    """Return the text of what `rules.pullback` computes."""
    formula = rule.formulas[operand]
    if not callable(formula):
        return "ct" if formula == 1 else "-ct" if formula == -1 else f"{formula!r} * ct"
    values[f"f_{place}"] = formula
    named = inspect.signature(formula).parameters
    arguments = ", ".join(f"{n}={_argument(n, slots)}" for n in named)
    if all(p.kind is p.POSITIONAL_OR_KEYWORD for p in named.values()):
        arguments = ", ".join(_argument(n, slots) for n in named)
    text = f"f_{place}({arguments})"
    if rule.family == "elementwise" and "ct" not in named:
        return f"ct * {text}"
    return text


def _argument(name: str, slots: list[str]) -> str:
    if name == "ct":
        return "ct"
    text = f"s[{slots.index(name)}]"
    return f"{text}.make()" if name.endswith("_zeros") else text


def zero_kept(value: Any, ct: Any, is_regular: Callable[..., Any], *operands: Any) -> Any:
    """Return a product with a derivative, zero where a zero cotangent meets one that is infinite.

    That is what the transforms ask for; a graph that the user makes has torch's NaN there.
    """
    if not STATE.selective:
        return value
    regular = is_regular(*operands)
    if np.all(regular):
        return value
    return np.where(regular | (ct != 0), value, 0.0)


def product_kept(value: Any, ct: Any, factor: Any, is_constant: bool) -> Any:
    """Return a product, zero where a zero cotangent or a constant that is zero meets an infinity.

    What does not depend on an operand does not, whatever is computed of it.
    """
    if not STATE.selective or np.all(finite := np.isfinite(value)):
        return value
    counts = (ct != 0) & (factor != 0) if is_constant else ct != 0
    return np.where(finite | counts, value, 0.0)


def items_at(value: Any, paths: tuple[tuple[int, ...], ...]) -> list[Any]:
    """Return the items of a nested sequence at these places."""
    found: list[Any] = []
    for path in paths:
        item = value
        for i in path:
            item = item[i]
        found.append(item)
    return found
