"""The formulas of a rule, ready to run on staged operands."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from s2s_grad.analysis.complex_values import rule_of
from s2s_grad.analysis.error_places import location_of
from s2s_grad.analysis.infer import type_of
from s2s_grad.differentiate.cotangents import zeros_of
from s2s_grad.differentiate.staging import Staged, stage, unstage
from s2s_grad.errors import MissingRule, S2SError, public_path
from s2s_grad.ir.builder import Builder
from s2s_grad.ir.effects import is_draw
from s2s_grad.ir.guards import is_items
from s2s_grad.ir.nodes import Apply, Const, Effect, Operand, Pack, Var
from s2s_grad.ir.types import Array, Scalar
from s2s_grad.ir.walk import vars_of
from s2s_grad.rules import Lookup, Rule, find_rule
from s2s_grad.runtime import divided

__all__ = [
    "bind",
    "is_active",
    "look_up",
    "missing_rule",
    "numbers_of",
    "stage_bound",
    "stage_cotangent",
]


def bind(statement: Apply, with_complex: bool) -> tuple[Rule, dict[str, Any]]:
    """Return the rule of an application, and what each of its parameters stands for."""
    args: tuple[Operand, ...] = statement.args
    if statement.fn is np.multiply and args[0] is args[1]:
        args = args[:1]
        statement = replace(statement, fn=np.square, args=args)
    if statement.fn is np.divide and isinstance(statement.result.type, Array):
        statement = replace(statement, fn=divided)
    rule = rule_of(statement, with_complex)
    if rule is None:
        raise missing_rule(statement)
    try:
        bound = rule.bind(args, dict(statement.kwargs))
    except S2SError as error:
        if error.location is None:
            error.location = location_of(statement.origin)
        raise
    # Starred operands are bound as a tuple; a default may be one too, of plain values.
    starred = {p[1:] for p in rule.parameters if p.startswith("*")}
    return rule, {
        name: Pack(tuple, value) if name in starred else _as_array(rule, name, value)
        for name, value in bound.items()
    }


def _as_array(rule: Rule, name: str, value: Any) -> Any:
    """Return a list of constants that stands for an array as one."""
    known = _constant(value)
    if is_items(known) and rule.nesting(name) == 0:
        return Const(np.array(known))
    return value


def _constant(value: Any) -> Any:
    """Return the value of an operand that is made of constants, else None."""
    if isinstance(value, Const):
        return value.value
    if not isinstance(value, Pack) or value.kind not in (tuple, list):
        return None
    items = [_constant(item) for item in value.items]
    return None if any(item is None for item in items) else items


def missing_rule(statement: Apply | Effect) -> MissingRule:
    """Return the error for a function that has no derivative rule."""
    fn = statement.fn
    if isinstance(statement, Effect) and is_draw(fn):
        return MissingRule(
            f"what `{fn.__name__}` draws depends on parameters that are differentiated",
            "draw with fixed parameters, then shift and scale what was drawn",
            location_of(statement.origin),
        )
    name = getattr(fn, "__qualname__", None) or getattr(fn, "__name__", repr(fn))
    path = public_path(getattr(fn, "__module__", None), name)
    if find_rule(fn) is not None:
        return MissingRule(
            f"the derivative rule of `{path}` is for real numbers, and a value is complex",
            "write it with the real and the imaginary part",
            location_of(statement.origin),
        )
    return MissingRule(
        f"`{path}` has no derivative rule, and its argument is differentiated",
        f"declare one with s2s_grad.rules, for example "
        f"`elementwise({path}, x=lambda x: ...)`, or keep the value out of what is differentiated",
        location_of(statement.origin),
    )


def look_up(
    builder: Builder,
    bound: dict[str, Any],
    result: Var,
    extra: Mapping[str, Callable[[], Any]] = MappingProxyType({}),
) -> Lookup:
    """Return what gives formulas the values that their parameters name, staged."""

    def look(name: str) -> Any:
        if name in extra:
            return extra[name]()
        if name in bound:
            return stage_bound(builder, bound[name])
        if name == "result":
            return stage(builder, result)
        base, _, fact = name.rpartition("_")
        value = stage(builder, result) if base == "result" else stage_bound(builder, bound[base])
        return _fact(builder, value, fact)

    return look


@contextlib.contextmanager
def numbers_of(result: Var, builder: Builder) -> Generator[None]:
    """Divide inside as NumPy does where a formula is that of a function of NumPy's.

    Such a function has a value where Python's division raises, if it was given a Python float.
    """
    since = len(builder.statements)
    yield
    if not isinstance(result.type, Array):
        return
    for place, made in enumerate(builder.statements[since:], since):
        if isinstance(made, Apply) and made.fn is np.divide and _may_raise(made.args):
            builder.statements[place] = replace(made, fn=divided)


def _may_raise(args: tuple[Operand, ...]) -> bool:
    """Return whether a division is Python's, and by a float that may be zero."""
    above, by = (type_of(arg) for arg in args)
    if not (isinstance(above, Scalar) and isinstance(by, Scalar)):
        return False
    known = isinstance(args[1], Const) and bool(args[1].value)
    return by.kind in ("float", "complex") and not known


def stage_bound(builder: Builder, value: Any) -> Any:
    """Stage what a parameter stands for, item by item where that is a container."""
    if isinstance(value, (Var, Const, Pack)):
        return stage(builder, value)
    if isinstance(value, tuple):
        return tuple(stage_bound(builder, item) for item in value)  # pyright: ignore[reportUnknownVariableType]
    return value


def _fact(builder: Builder, value: Any, fact: str) -> Any:
    if is_items(value) and fact in ("shape", "zeros", "size"):
        return [_fact(builder, item, fact) for item in value]
    match fact:
        case "shape":
            return np.shape(value)
        case "size":
            return np.size(value)
        case "zeros":
            return stage(builder, zeros_of(builder, unstage(value)))
        case "ndim":
            return np.ndim(value)
        case _:
            raise LookupError(fact)


def stage_cotangent(builder: Builder, value: Operand) -> Any:
    """Stage a cotangent, a known number too: formulas call functions on it that must dispatch."""
    return Staged(builder, value) if isinstance(value, Const) else stage(builder, value)


def is_active(value: Any, active: set[Var]) -> bool:
    """Return whether an active variable is in what a parameter stands for."""
    return isinstance(value, (Var, Pack)) and any(var in active for var in vars_of(value))
