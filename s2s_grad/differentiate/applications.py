"""The derivative of one application: its rule's formulas, run on staged operands."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import numpy as np

from s2s_grad.analysis.activity import active_operands
from s2s_grad.analysis.complex_values import rule_of
from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.places import location_of
from s2s_grad.differentiate.cotangents import Cotangents, Masked, same_shape, zeros_of
from s2s_grad.differentiate.lists import LIST_FUNCTIONS, pull_back_to_list
from s2s_grad.differentiate.singular import guard, is_number, selects
from s2s_grad.differentiate.staging import NeedsRuntimeValue, Staged, stage, unstage
from s2s_grad.errors import MissingRule, S2SError, public_path
from s2s_grad.ir.builder import Builder
from s2s_grad.ir.effects import is_draw
from s2s_grad.ir.guards import is_items
from s2s_grad.ir.nodes import Apply, Block, Const, Effect, If, Operand, Pack, Statement, Var
from s2s_grad.ir.types import Array, Dict, ListOf, Scalar, Sequence
from s2s_grad.ir.walk import item_at, vars_of
from s2s_grad.rules import (
    Rule,
    call_primal,
    find_rule,
    find_transposed,
    is_multilinear,
    pullback,
    pushforward,
)
from s2s_grad.runtime import split_like, sum_to, with_item

__all__ = ["missing_rule", "pull_back", "push_forward"]

Lookup = Callable[[str], Any]


def _rule_of(statement: Apply, with_complex: bool) -> tuple[Rule, dict[str, Any]]:
    args: tuple[Operand, ...] = statement.args
    if statement.fn is np.multiply and args[0] is args[1]:
        args = args[:1]
        statement = replace(statement, fn=np.square, args=args)
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


def _lookup(
    builder: Builder, bound: dict[str, Any], result: Var, extra: dict[str, Callable[[], Any]]
) -> Lookup:
    def look(name: str) -> Any:
        if name in extra:
            return extra[name]()
        if name in bound:
            return _stage_bound(builder, bound[name])
        if name == "result":
            return stage(builder, result)
        base, _, fact = name.rpartition("_")
        value = stage(builder, result) if base == "result" else _stage_bound(builder, bound[base])
        return _fact(builder, value, fact)

    return look


def _stage_bound(builder: Builder, value: Any) -> Any:
    if isinstance(value, (Var, Const, Pack)):
        return stage(builder, value)
    if isinstance(value, tuple):
        return tuple(_stage_bound(builder, item) for item in value)  # pyright: ignore[reportUnknownVariableType]
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


# --------------------------------------------------------------------------------------- reverse


def pull_back(
    statement: Apply,
    cotangents: Cotangents,
    active: set[Var],
    definitions: Mapping[Var, Apply],
) -> None:
    """Add the contributions of ``result = fn(...)`` to the cotangents of its operands."""
    builder = cotangents.builder
    if _project_back(statement, cotangents, active):
        return
    if pull_back_to_list(statement, cotangents, active):
        return
    if _pull_back_transpose(statement, cotangents):
        return
    selected = cotangents.has_zeros(statement.result)
    incoming = cotangents.take(statement.result)
    if incoming is None:
        return
    rule, bound = _rule_of(statement, cotangents.with_complex)
    test: Operand | None = None
    if not isinstance(statement.result.type, (Sequence, Dict, ListOf)):
        incoming = _spread(builder, incoming, statement.result)
    if isinstance(incoming, Masked) and rule.family != "elementwise":
        incoming = cotangents.dense(incoming)
        selected = True
    elif selected and rule.family == "elementwise" and not isinstance(incoming, Masked):
        lookup = _lookup(builder, bound, statement.result, {})
        test = guard(rule, statement, incoming, lookup, definitions, builder)
        if test is not None and not is_number(type_of(incoming)):
            incoming, test = Masked(incoming, test), None
    names = [n for n in rule.operands if n in bound and _is_active(bound[n], active)]
    assert names, f"no active operand of {statement.fn}"
    for name in names:
        cotangents.mark = len(builder.statements)
        operand: Operand = bound[name]
        if isinstance(type_of(operand), ListOf):
            raise missing_rule(statement)
        sparse = selected or selects(statement, operand, definitions)
        with builder.nested() if test is not None else nullcontext() as body:
            contribution = _pull_operand(rule, name, bound, statement.result, incoming, cotangents)
        if test is not None and body is not None:
            contribution = _zero_unless(test, body, cotangents.dense(contribution), builder)
        if isinstance(operand, Var) and _accumulates(rule, name, operand, cotangents):
            cotangents.replace(operand, contribution, selected=sparse)
            continue
        if name in rule.masks:
            contribution = _mask(rule, name, bound, statement.result, contribution, builder)
        cotangents.add(operand, contribution, selected=sparse)


def _zero_unless(test: Operand, body: list[Statement], value: Operand, builder: Builder) -> Operand:
    """Append the statements that compute a value, to run where it is not zero for sure."""
    result = Var("", type_of(value))
    zero = Block((), (), (Const(0.0),))
    then = Block((), tuple(body), (value,))
    builder.append(If((result,), test, then, zero, builder.origin))
    return result


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
        value = call_primal(rule, lambda name: _stage_bound(builder, bound[name]), ())
        cotangents.mark = len(builder.statements)
        cotangents.add(given["ct"], unstage(value))
    return True


def _is_active(value: Any, active: set[Var]) -> bool:
    return isinstance(value, (Var, Pack)) and any(var in active for var in vars_of(value))


def _spread(builder: Builder, incoming: Operand | Masked, result: Var) -> Operand | Masked:
    """Give a cotangent the shape of its primal where it is a scalar that stands for all items."""
    if isinstance(incoming, (Masked, Pack)):
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
    extra: dict[str, Callable[[], Any]] = {"ct": lambda: _stage_cotangent(builder, value)}
    if isinstance(operand, Var):
        extra[f"{name}_zeros"] = lambda: stage(builder, _accumulator(operand, cotangents))
    summed = masked and not same_shape(operand, result)
    if summed and callable(rule.formulas[name]):
        # Products are selected before the sum that undoes broadcasting meets them.
        extra[f"{name}_shape"] = lambda: np.shape(stage(builder, result))
    elif summed:
        value = cotangents.dense(incoming)
        masked = False
    lookup = _lookup(builder, bound, result, extra)
    before = list(builder.statements)
    try:
        pulled = unstage(pullback(rule, name, lookup))
    except NeedsRuntimeValue:
        builder.statements[:] = before
        pulled = _call_formula(rule, name, lookup, builder)
    if not masked or not isinstance(incoming, Masked):
        return pulled
    found = Masked(pulled, incoming.mask)
    if not summed:
        return found
    shape = np.shape(_stage_bound(builder, operand))
    return unstage(sum_to(stage(builder, cotangents.dense(found)), shape))


def _stage_cotangent(builder: Builder, value: Operand) -> Any:
    """Stage a cotangent, a known number too: formulas call functions on it that must dispatch."""
    return Staged(builder, value) if isinstance(value, Const) else stage(builder, value)


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
        mask = rule.mask(name, _lookup(builder, bound, result, {}))
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


# --------------------------------------------------------------------------------------- forward


def push_forward(
    statement: Apply,
    tangents: dict[Var, Operand],
    active: set[Var],
    builder: Builder,
    tangent_of: Callable[[Operand], Operand],
    with_complex: bool,
) -> Operand | None:
    """Append the tangent of ``result = fn(...)`` and return it; None where it is zero."""
    if statement.result not in active:
        return None
    if statement.fn is operator.getitem:
        base, index = statement.args[0], statement.args[1]
        if isinstance(type_of(base), (Sequence, Dict, ListOf)):
            return builder.apply(operator.getitem, tangent_of(base), index)
    if statement.fn in LIST_FUNCTIONS:
        still = {split_like: (1, 2), with_item: (1,)}.get(statement.fn, ())
        times = statement.fn is operator.mul
        dots = [
            arg if i in still or (times and isinstance(type_of(arg), Scalar)) else tangent_of(arg)
            for i, arg in enumerate(statement.args)
        ]
        return builder.apply(statement.fn, *dots, type=statement.result.type)
    if find_rule(statement.fn) is None and is_multilinear(statement.fn):
        return _push_transpose(statement, active, builder, tangent_of)
    rule, bound = _rule_of(statement, with_complex)
    names = active_operands(statement, rule, active) if rule.primal is statement.fn else ["x"]
    if not names:
        return None
    extra: dict[str, Callable[[], Any]] = {
        f"{name}_dot": (lambda name=name: _stage_cotangent(builder, tangent_of(bound[name])))
        for name in rule.operands
        if name in bound
    }
    for name in names:
        operand = bound[name]
        if isinstance(operand, Var) and isinstance(operand.type, ListOf):
            kwargs: dict[str, Any] = dict(statement.kwargs)
            return builder.apply(statement.fn, tangent_of(operand), *statement.args[1:], **kwargs)
        extra[f"{name}_zeros"] = lambda operand=operand: stage(builder, zeros_of(builder, operand))
    lookup = _lookup(builder, bound, statement.result, extra)
    try:
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


def _push_transpose(
    statement: Apply,
    active: set[Var],
    builder: Builder,
    tangent_of: Callable[[Operand], Operand],
) -> Operand:
    """Append the tangent of a transpose that is called, one term for each argument that moves."""
    total: Operand | None = None
    for place, arg in enumerate(statement.args):
        if not _is_active(arg, active):
            continue
        args = (*statement.args[:place], tangent_of(arg), *statement.args[place + 1 :])
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
