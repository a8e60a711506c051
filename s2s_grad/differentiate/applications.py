"""The adjoint of one application: its rule's formulas, run on staged operands."""

from __future__ import annotations

import operator
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.differentiate.cotangents import Cotangents, Masked, same_shape
from s2s_grad.differentiate.facts import Facts
from s2s_grad.differentiate.formulas import (
    bind,
    is_active,
    look_up,
    missing_rule,
    numbers_of,
    stage_bound,
    stage_cotangent,
)
from s2s_grad.differentiate.list_cotangents import pull_back_to_list
from s2s_grad.differentiate.singular import guard, is_number, mask_of, selects, zero_unless
from s2s_grad.differentiate.staging import NeedsRuntimeValue, stage, unstage
from s2s_grad.ir.builder import Builder
from s2s_grad.ir.nodes import Apply, Const, Operand, Pack, Var
from s2s_grad.ir.operators import all_of
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.types import Array, Dict, ListOf, Sequence
from s2s_grad.ir.walk import item_at
from s2s_grad.rules import Lookup, Rule, call_primal, find_rule, find_transposed, pullback
from s2s_grad.runtime import sum_to

__all__ = ["pull_back"]


def pull_back(statement: Apply, cotangents: Cotangents, facts: Facts) -> None:
    """Add the contributions of ``result = fn(...)`` to the cotangents of its operands."""
    builder, active = cotangents.builder, facts.active
    if _project_back(statement, cotangents, active):
        return
    if pull_back_to_list(statement, cotangents, active):
        return
    if _pull_back_transpose(statement, cotangents):
        return
    selected = cotangents.has_zeros(statement.result)
    unused = cotangents.unused(statement.result)
    incoming = cotangents.take(statement.result)
    if incoming is None:
        return
    rule, bound = bind(statement, cotangents.with_complex)
    incoming = _without(incoming, unused if rule.partial else frozenset())
    test: Operand | None = None
    if not isinstance(statement.result.type, (Sequence, Dict, ListOf)):
        incoming = _spread(builder, incoming, statement.result)
    if isinstance(incoming, Masked) and rule.family != "elementwise":
        incoming = cotangents.dense(incoming)
        selected = True
    elif rule.family == "elementwise":
        selected = incoming.selected if isinstance(incoming, Masked) else selected
        if selected:
            lookup = look_up(builder, bound, statement.result)
            incoming, test = _guarded(rule, statement, incoming, lookup, facts, builder)
    names = [n for n in rule.operands if n in bound and is_active(bound[n], active)]
    assert names, f"no active operand of {statement.fn}"
    for name in names:
        cotangents.mark = len(builder.statements)
        operand: Operand = bound[name]
        if isinstance(type_of(operand), ListOf):
            raise missing_rule(statement)
        sparse = selected or selects(statement, operand, facts.definitions)
        kept, needed = _where_factor(statement, operand, incoming, test, cotangents, facts)
        with builder.nested() if needed is not None else nullcontext() as body:
            contribution = _pull_operand(rule, name, bound, statement.result, kept, cotangents)
        if needed is not None and body is not None:
            contribution = zero_unless(needed, body, cotangents.dense(contribution), builder)
        if isinstance(operand, Var) and _accumulates(rule, name, operand, cotangents):
            cotangents.replace(operand, contribution, selected=sparse)
            continue
        if name in rule.masks:
            contribution = _mask(rule, name, bound, statement.result, contribution, builder)
        contribution = _marked(contribution, statement, incoming, selected)
        cotangents.add(operand, contribution, selected=sparse)


def _marked(
    contribution: Operand | Masked, statement: Apply, incoming: Operand | Masked, selected: bool
) -> Operand | Masked:
    """Note in a masked contribution whether it has zeros that its mask does not tell of."""
    if not isinstance(contribution, Masked):
        return contribution
    told = statement.fn is np.where and not isinstance(incoming, Masked)
    more = selected or (primitive(statement.fn).selects and not told)
    return replace(contribution, selected=more)


def _guarded(
    rule: Rule,
    statement: Apply,
    incoming: Operand | Masked,
    lookup: Lookup,
    facts: Facts,
    builder: Builder,
) -> tuple[Operand | Masked, Operand | None]:
    """Return a cotangent with zeros by construction, and of a number the test that it counts."""
    value = incoming.value if isinstance(incoming, Masked) else incoming
    test = guard(rule, statement, value, lookup, facts.definitions, builder)
    if test is None:
        return incoming, None
    if isinstance(incoming, Masked):
        both = builder.apply(np.bitwise_and, incoming.mask, test)
        return Masked(value, both, selected=True), None
    return (incoming, test) if is_number(type_of(value)) else (Masked(value, test, True), None)


def _without(incoming: Operand | Masked, unused: frozenset[int]) -> Operand | Masked:
    """Return the cotangent of a tuple with None for what nobody uses."""
    if not isinstance(incoming, Pack) or not unused:
        return incoming
    parts = [Const(None) if i in unused else item for i, item in enumerate(incoming.items)]
    return Pack(incoming.kind, tuple(parts))


def _where_factor(
    statement: Apply,
    operand: Operand,
    incoming: Operand | Masked,
    test: Operand | None,
    cotangents: Cotangents,
    facts: Facts,
) -> tuple[Operand | Masked, Operand | None]:
    """Return a cotangent, and the test that it counts, where the other factor is not zero."""
    builder = cotangents.builder
    mask = mask_of(statement, operand, facts.definitions, builder) if facts.poles else None
    if mask is None:
        return incoming, test
    if isinstance(incoming, Masked):
        both = builder.apply(np.bitwise_and, incoming.mask, mask)
        return Masked(incoming.value, both), test
    if not is_number(type_of(incoming)):
        return Masked(incoming, mask), test
    return incoming, mask if test is None else builder.apply(all_of, test, mask)


def _pull_back_transpose(statement: Apply, cotangents: Cotangents) -> bool:
    """Handle the transpose of a linear function that is called: its own transpose is the function.

    False where it is no such call, or where the function needs an option that its transpose does
    not take.
    """
    found = None if find_rule(statement.fn) is not None else find_transposed(statement.fn)
    if found is None:
        return False
    rule, operand = found
    builder = cotangents.builder
    given = dict(zip(rule.needs(operand), statement.args, strict=True))
    others = [name for name in rule.parameters if name != operand]
    if any(name not in given and name not in rule.defaults for name in others):
        return False
    incoming = cotangents.take(statement.result)
    if incoming is not None:
        bound: dict[str, Any] = {**rule.defaults, **given, operand: cotangents.dense(incoming)}
        value = call_primal(rule, lambda name: stage_bound(builder, bound[name]), ())
        cotangents.mark = len(builder.statements)
        cotangents.add(given["ct"], unstage(value))
    return True


def _spread(builder: Builder, incoming: Operand | Masked, result: Var) -> Operand | Masked:
    """Give a cotangent the shape of its primal where it is a scalar that stands for all items."""
    if isinstance(incoming, Masked):
        value = _spread(builder, incoming.value, result)
        assert not isinstance(value, Masked)
        return replace(incoming, value=value)
    if isinstance(incoming, Pack):
        return incoming
    t, want = type_of(incoming), result.type
    rank = t.rank if isinstance(t, Array) else 0
    if rank == 0 and isinstance(want, Array) and want.shape not in (None, ()):
        shape = builder.apply(np.shape, result)
        return builder.apply(np.broadcast_to, incoming, shape)
    return incoming


def _project_back(statement: Apply, cotangents: Cotangents, active: set[Var]) -> bool:
    """Handle items taken from containers: the cotangent belongs to the item."""
    if statement.fn is not operator.getitem:
        return False
    base, index = statement.args[0], statement.args[1]
    if is_number(type_of(base)):  # to which an index can only add axes
        selected = cotangents.has_zeros(statement.result)
        incoming = cotangents.dense_value(statement.result)
        cotangents.take(statement.result)
        if incoming is not None and not is_number(type_of(incoming)):
            incoming = cotangents.builder.apply(np.reshape, incoming, Const(()))
        cotangents.add(base, incoming, selected=selected)
        return True
    if not isinstance(type_of(base), (Sequence, Dict)) or not isinstance(index, Const):
        return False
    selected = cotangents.has_zeros(statement.result)
    incoming = cotangents.take(statement.result)
    key, t = index.value, type_of(base)
    if incoming is not None and isinstance(base, Pack):
        cotangents.add(item_at(base, key), incoming, selected=selected)
    elif incoming is not None and isinstance(base, Var) and base in active:
        if isinstance(t, Sequence) and isinstance(key, int) and key < 0:
            key += len(t.items)
        cotangents.mark = len(cotangents.builder.statements)
        cotangents.add_part(base, key, incoming, selected=selected)
    return True


def _pull_operand(
    rule: Rule,
    name: str,
    bound: dict[str, Any],
    result: Var,
    incoming: Operand | Masked,
    cotangents: Cotangents,
) -> Operand | Masked:
    builder = cotangents.builder
    operand = bound[name]
    masked = isinstance(incoming, Masked)
    value = incoming.value if isinstance(incoming, Masked) else incoming
    extra: dict[str, Callable[[], Any]] = {"ct": lambda: stage_cotangent(builder, value)}
    if isinstance(operand, Var):
        extra[f"{name}_zeros"] = lambda: stage(builder, _accumulator(operand, cotangents))
    summed = masked and not same_shape(operand, result)
    if summed and callable(rule.formulas[name]):
        # Products are selected before the sum that undoes broadcasting meets them.
        extra[f"{name}_shape"] = lambda: np.shape(stage(builder, result))
    elif summed:
        value = cotangents.dense(incoming)
        masked = False
    lookup = look_up(builder, bound, result, extra)
    before = list(builder.statements)
    try:
        with numbers_of(result, builder):
            pulled = unstage(pullback(rule, name, lookup))
    except NeedsRuntimeValue:
        builder.statements[:] = before
        pulled = _call_formula(rule, name, lookup, builder)
    if not masked or not isinstance(incoming, Masked):
        return pulled
    found = Masked(pulled, incoming.mask)
    if not summed:
        return found
    shape = np.shape(stage_bound(builder, operand))
    return unstage(sum_to(stage(builder, cotangents.dense(found)), shape))


def _call_formula(rule: Rule, name: str, lookup: Lookup, builder: Builder) -> Operand:
    """Append a call of the formula itself, which decides at run time."""
    formula = rule.formulas[name]
    assert callable(formula)
    needs = rule.needs(name)
    args = tuple(unstage(lookup(need)) for need in needs)
    value = stage(builder, builder.apply(formula, *args))
    if rule.family == "elementwise":
        if "ct" not in needs:
            value = lookup("ct") * value
        value = sum_to(value, lookup(f"{name}_shape"))
    return unstage(value)


def _accumulator(operand: Var, cotangents: Cotangents) -> Operand:
    existing = cotangents.dense_value(operand)
    if existing is not None and not isinstance(existing, Const):
        return existing
    return cotangents.builder.apply(np.zeros_like, operand)


def _accumulates(rule: Rule, name: str, operand: Var, cotangents: Cotangents) -> bool:
    """Return whether the contribution was added to the cotangent so far by the formula itself."""
    if operand not in cotangents:
        return False
    existing = cotangents.values.get(operand)
    return f"{name}_zeros" in rule.needs(name) and not isinstance(existing, Const)


def _mask(
    rule: Rule,
    name: str,
    bound: dict[str, Any],
    result: Var,
    contribution: Operand | Masked,
    builder: Builder,
) -> Operand | Masked:
    """Mark a contribution as zero outside the mask that the rule knows of."""
    if isinstance(contribution, Masked):
        return contribution
    selected = _selected(builder, contribution)
    try:
        mask = rule.mask(name, look_up(builder, bound, result))
    except NeedsRuntimeValue:
        return contribution
    if mask is None:
        return contribution
    if selected is not None:
        builder.statements.remove(selected[0])
        return Masked(selected[1], unstage(mask))
    return (
        Masked(contribution, unstage(mask))
        if same_shape(unstage(mask), bound[name])
        else (contribution)
    )


def _selected(builder: Builder, value: Operand) -> tuple[Apply, Operand] | None:
    """Return the `np.where` with a zero branch that has just made a value, and its other branch."""
    last = builder.statements[-1] if builder.statements else None
    if not (isinstance(last, Apply) and last.fn is np.where and last.result is value):
        return None
    branches = [arg for arg in last.args[1:] if not (isinstance(arg, Const) and arg.value == 0.0)]
    return (last, branches[0]) if len(branches) == 1 else None
