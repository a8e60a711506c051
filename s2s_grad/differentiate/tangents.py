"""The tangents of the variables of a program, and how one application pushes them forward."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from s2s_grad.analysis.error_places import location_of
from s2s_grad.analysis.infer import type_of
from s2s_grad.differentiate.cotangents import zeros_of
from s2s_grad.differentiate.formulas import (
    bind,
    is_active,
    look_up,
    missing_rule,
    numbers_of,
    stage_cotangent,
)
from s2s_grad.differentiate.list_cotangents import LIST_FUNCTIONS
from s2s_grad.differentiate.singular import guard, introduces_zeros, is_number, mask_of, zero_unless
from s2s_grad.differentiate.staging import NeedsRuntimeValue, stage, unstage
from s2s_grad.errors import MissingRule
from s2s_grad.ir.builder import Builder
from s2s_grad.ir.nodes import UNDEFINED, Apply, Const, Effect, Operand, Pack, Undefined, Var
from s2s_grad.ir.types import Dict, ListOf, Scalar, Sequence
from s2s_grad.ir.walk import vars_of
from s2s_grad.rules import Lookup, Rule, find_rule, is_multilinear, pushforward
from s2s_grad.runtime import split_like, with_item

__all__ = ["Tangents", "push_forward"]


@dataclass(slots=True)
class Tangents:
    """The tangents known so far, in all scopes: names are unique, so one table serves.

    `zeros` are the variables whose tangent is zero at places by construction, `opaque` the results
    that no rule differentiates; `poles` says whether tangents may be infinite.
    """

    builder: Builder
    active: set[Var]
    definitions: Mapping[Var, Apply]
    with_complex: bool
    poles: bool
    values: dict[Var, Operand]
    zeros: set[Var] = field(default_factory=set[Var])
    opaque: dict[Var, Effect] = field(default_factory=dict[Var, Effect])

    def of(self, operand: Operand) -> Operand:
        """Return the tangent of an operand, real zeros where it is inactive."""
        match operand:
            case Pack():
                items = tuple(self.of(item) for item in operand.items)
                return Pack(operand.kind, items, operand.keys)
            case Var() if operand in self.values:
                return self.values[operand]
            case Var() if operand in self.opaque:
                raise missing_rule(self.opaque[operand])
            case Const(value=Undefined()):
                return UNDEFINED
            case _:
                return zeros_of(self.builder, operand)

    def has_zeros(self, operand: Operand) -> bool:
        """Return whether the tangent of an operand is zero at places by construction."""
        given = vars_of(operand) if isinstance(operand, (Var, Pack)) else ()
        return any(var in self.zeros for var in given)

    def vanishes(self, operand: Operand) -> bool:
        """Return whether the tangent of an operand is zero, or is at places by construction."""
        return not is_active(operand, self.active) or self.has_zeros(operand)


def push_forward(statement: Apply, tangents: Tangents) -> Operand | None:
    """Append the tangent of ``result = fn(...)`` and return it; None where it is zero."""
    if statement.result not in tangents.active:
        return None
    if any(map(tangents.has_zeros, statement.args)):
        tangents.zeros.add(statement.result)
    if statement.fn is operator.getitem:
        base, index = statement.args[0], statement.args[1]
        if isinstance(type_of(base), (Sequence, Dict, ListOf)):
            return tangents.builder.apply(operator.getitem, tangents.of(base), index)
    if statement.fn in LIST_FUNCTIONS:
        return _push_list(statement, tangents)
    if find_rule(statement.fn) is None and is_multilinear(statement.fn):
        return _push_transpose(statement, tangents)
    return _push_by_rule(statement, tangents)


def _push_list(statement: Apply, tangents: Tangents) -> Operand:
    still = {split_like: (1, 2), with_item: (1,)}.get(statement.fn, ())
    times = statement.fn is operator.mul
    dots = [
        arg if i in still or (times and isinstance(type_of(arg), Scalar)) else tangents.of(arg)
        for i, arg in enumerate(statement.args)
    ]
    return tangents.builder.apply(statement.fn, *dots, type=statement.result.type)


def _push_by_rule(statement: Apply, tangents: Tangents) -> Operand | None:
    builder = tangents.builder
    rule, bound = bind(statement, tangents.with_complex)
    names = [n for n in rule.operands if n in bound and is_active(bound[n], tangents.active)]
    if not names:
        return None
    given = [bound[name] for name in rule.operands if name in bound]
    if introduces_zeros(statement, given, tangents.active, tangents.definitions):
        tangents.zeros.add(statement.result)
    extra: dict[str, Callable[[], Any]] = {
        f"{name}_dot": (lambda name=name: stage_cotangent(builder, tangents.of(bound[name])))
        for name in rule.operands
        if name in bound
    }
    for name in names:
        operand = bound[name]
        if isinstance(operand, Var) and isinstance(operand.type, ListOf):
            kwargs: dict[str, Any] = dict(statement.kwargs)
            return builder.apply(statement.fn, tangents.of(operand), *statement.args[1:], **kwargs)
        extra[f"{name}_zeros"] = lambda operand=operand: stage(builder, zeros_of(builder, operand))
    lookup = look_up(builder, bound, statement.result, extra)
    try:
        if rule.regular is not None and _meets_zeros(statement, names, bound, tangents):
            return _push_guarded(statement, rule, names, bound, lookup, tangents)
        with numbers_of(statement.result, builder):
            return unstage(pushforward(rule, lookup, tuple(names)))
    except NeedsRuntimeValue as need:
        if rule.family == "general" and rule.pushforward is not None:
            return _call_pushforward(rule, rule.pushforward, lookup, names, builder)
        raise MissingRule(
            f"the tangent of `{getattr(statement.fn, '__name__', statement.fn)}` needs {need}, "
            "which is not known at compile time",
            "give the types of the arguments",
            location_of(statement.origin),
        ) from need


def _meets_zeros(
    statement: Apply, names: list[str], bound: dict[str, Any], tangents: Tangents
) -> bool:
    """Return whether a zero may meet an infinity, in the tangents or in the factors of them."""
    if statement.fn is np.multiply and tangents.poles:
        return True
    return any(tangents.has_zeros(bound[name]) for name in names)


def _push_guarded(
    statement: Apply,
    rule: Rule,
    names: list[str],
    bound: dict[str, Any],
    lookup: Lookup,
    tangents: Tangents,
) -> Operand:
    """Append a sum of products with derivatives, each zero where its tangent is zero."""
    builder = tangents.builder
    total: Any = None
    for name in names:
        dot = tangents.of(bound[name])
        test: Operand | None = None
        if tangents.poles:
            test = mask_of(statement, bound[name], tangents.definitions, builder)
        if test is None and tangents.has_zeros(bound[name]):
            test = guard(rule, statement, dot, lookup, tangents.definitions, builder)
        with builder.nested() as body, numbers_of(statement.result, builder):
            term = unstage(pushforward(rule, lookup, (name,)))
        if test is not None and is_number(type_of(term)):
            term = zero_unless(test, body, term, builder)
        else:
            builder.statements.extend(body)
            if test is not None:
                term = builder.apply(np.where, test, term, Const(0.0))
        total = stage(builder, term) if total is None else total + stage(builder, term)
    return unstage(total)


def _push_transpose(statement: Apply, tangents: Tangents) -> Operand:
    """Append the tangent of a transpose that is called, one term for each argument that moves."""
    builder = tangents.builder
    total: Operand | None = None
    for place, arg in enumerate(statement.args):
        if not is_active(arg, tangents.active):
            continue
        args = (*statement.args[:place], tangents.of(arg), *statement.args[place + 1 :])
        term = builder.apply(statement.fn, *args, type=statement.result.type)
        total = term if total is None else builder.apply(np.add, total, term)
    assert total is not None
    return total


def _call_pushforward(
    rule: Rule,
    formula: Callable[..., Any],
    lookup: Lookup,
    active: list[str],
    builder: Builder,
) -> Operand:
    """Append a call of a pushforward itself, which decides at run time."""
    args: list[Operand] = []
    for need in inspect.signature(formula).parameters:
        moves = not need.endswith("_dot") or need[:-4] in active
        args.append(unstage(lookup(need if moves else f"{need[:-4]}_zeros")))
    return builder.apply(formula, *args)
