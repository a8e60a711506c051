"""Ufuncs of one or two operands: the commonest operations, recorded by a short way."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.rules import COMPLEX_RULES, Rule, find_rule, table
from s2s_grad.tape.complex import complex_rule, involves_complex, make_complex
from s2s_grad.tape.core import Tensor, wrap
from s2s_grad.tape.graph import Node, mark_lazy
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.new_node import new_node
from s2s_grad.tape.number import number
from s2s_grad.tape.object_arrays import as_objects
from s2s_grad.tape.plans import Plan, is_simple, make_plan
from s2s_grad.tape.recording import call, guard, inference_error, require_formula
from s2s_grad.tape.value_tests import kind_of
from s2s_grad.tape.watched_arrays import Watched, keep

__all__ = ["elementwise", "unary"]

_new_tensor: Any = Tensor.__new__
_tensor = Tensor
_DOUBLE = np.dtype(float)


class Op:
    """A ufunc of one or two operands with its plans, by the operands that require grad."""

    __slots__ = ("plans", "rule", "simple")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.simple = is_simple(rule)
        self.plans: dict[int, tuple[Plan, bool, bool, bool]] = {}

    def plan(self, mask: int) -> tuple[Plan, bool, bool, bool]:
        """Return a plan, and whether it saves the first operand, the second and the result."""
        found = self.plans.get(mask)
        if found is None:
            names = self.rule.parameters
            active = tuple(name for i, name in enumerate(names) if mask >> i & 1)
            for name in active:
                require_formula(self.rule, name)
            plan = make_plan(self.rule, active, (None,) * len(active))
            needs = plan.needed
            found = (plan, names[0] in needs, names[-1] in needs, "result" in needs)
            self.plans[mask] = found
        return found


_OPS: dict[Any, Op] = {}


def find_op(fn: Any) -> Op | None:
    """Return a ufunc's plans; None where it has no elementwise rule."""
    op = _OPS.get(fn)
    if op is not None and table.get(fn) is op.rule:
        return op if op.simple else None
    rule = find_rule(fn)
    if rule is None:
        return None
    op = _OPS[fn] = Op(rule)
    return op if op.simple else None


def elementwise(fn: Any, x: Any, y: Any, compute: Any = None) -> Tensor:
    """Return ``fn(x, y)`` of a binary ufunc; one of the operands is a tensor.

    `compute` is what computes the value in its place: Python's operator, for Python's numbers.
    """
    active = 0
    counter_x = counter_y = None
    kind_x = kind_of(x)
    kind_y = kind_of(y)
    if kind_x is not _tensor and isinstance(x, _tensor):  # of a subclass
        kind_x = _tensor
    if kind_y is not _tensor and isinstance(y, _tensor):
        kind_y = _tensor
    if kind_x is _tensor:
        if x._view is not None:
            x._view.refresh(x)
        a = x._value
        counter_x = x._counter
        if x._requires:
            active = 1
    else:
        a = x if kind_x is not list else np.asarray(x)
    if kind_y is _tensor:
        if y._view is not None:
            y._view.refresh(y)
        b = y._value
        counter_y = y._counter
        if y._requires:
            active += 2
    else:
        b = y if kind_y is not list else np.asarray(y)
    value = fn(a, b) if compute is None else number(compute(a, b))
    state = STATE
    if state.strict and value.dtype is not _DOUBLE and value.dtype.kind not in "fc":
        # A comparison is in a user's function what it is without a tape.
        return fn(as_objects(x), as_objects(y)) if value.dtype == object else value
    result = _new_tensor(_tensor)
    result._value = value
    result._grad = result._view = result._extra = None
    if not active or not state.enabled:
        result._node = None
        result._requires = False
        result._counter = None if state.inference else [0]
        return result
    op = _OPS.get(fn)
    if op is None or table.get(fn) is not op.rule or not op.simple or not op.rule.operands:
        op = find_op(fn)
        if op is None or not op.rule.operands:  # no ufunc with derivatives
            found = call(fn, (x, y), {})
            return found if compute is None else wrap(value)
    plan, keep_a, keep_b, keep_result = op.plans.get(active) or op.plan(active)
    version = [0]
    guards: Any = ()
    if keep_a:
        if kind_x is _tensor:
            if counter_x is None:
                raise inference_error(x)
            guards = ((counter_x, counter_x[0], plan.slots[0]),)
        elif type(a) is not float:
            a = keep(a)
    else:
        a = None
    if keep_b:
        if kind_y is _tensor:
            if counter_y is None:
                raise inference_error(y)
            guards += ((counter_y, counter_y[0], plan.slots[1]),)
        elif type(b) is not float:
            b = keep(b)
    else:
        b = None
    if keep_result:
        guards += ((version, 0, "result"),)
    shape = value.shape
    kept = value if keep_result else None
    if active != 3:
        source = x if active == 1 else y
        s = source._value.shape
        edges = (source._node or source,)
        saved: Any = (a, b, kept, None if s == shape else s)
    else:
        s = x._value.shape
        t = y._value.shape
        edges = (x._node or x, y._node or y)
        saved = (a, b, kept, None if s == shape else s, None if t == shape else t)
    dtype = value.dtype
    node = new_node(Node, plan, edges, saved, guards, value, dtype, shape, 3)
    if type(a) is Watched or type(b) is Watched or dtype is not _DOUBLE:
        _uncommon(node, op.rule)
    result._node = node
    result._requires = True
    result._counter = version
    return result


def unary(fn: Any, x: Tensor, compute: Any = None) -> Tensor:
    """Return ``fn(x)`` of a unary ufunc."""
    if x._view is not None:
        x._view.refresh(x)
    a = x._value
    value = fn(a) if compute is None else number(compute(a))
    state = STATE
    if state.strict and value.dtype is not _DOUBLE and value.dtype.kind not in "fc":
        return value
    result = _new_tensor(_tensor)
    result._value = value
    result._grad = result._view = result._extra = None
    if not x._requires or not state.enabled:
        result._node = None
        result._requires = False
        result._counter = None if state.inference else [0]
        return result
    op = _OPS.get(fn)
    if op is None or table.get(fn) is not op.rule or not op.simple:
        op = find_op(fn)
        if op is None:
            return call(fn, (x,), {})
    version = [0]
    result._counter = version
    if not op.rule.operands:
        if fn in COMPLEX_RULES and involves_complex(value, (a,)):
            return call(fn, (x,), {})
        result._node = None
        result._requires = False
        return result
    plan, keep_a, _, keep_result = op.plans.get(1) or op.plan(1)
    if keep_a:
        guards: Any = (guard(x, x._counter, plan.slots[0]),)
        saved: Any = (a, None)
        if keep_result:
            guards += ((version, 0, "result"),)
            saved = (a, value)
    elif keep_result:
        guards = ((version, 0, "result"),)
        saved = (None, value)
    else:
        guards = ()
        saved = (None, None)
    dtype = value.dtype
    edges = (x._node or x,)
    node = new_node(Node, plan, edges, saved, guards, value, dtype, value.shape, 3)
    if dtype is not _DOUBLE or a.dtype is not _DOUBLE:
        if involves_complex(value, (a,)):
            if complex_rule(op.rule) is not op.rule:
                return call(fn, (x,), {})
            make_complex(node)
    result._node = node
    result._requires = True
    return result


def _uncommon(node: Any, rule: Rule) -> None:
    """Finish a node with a large constant or with complex numbers."""
    mark_lazy(node)
    if node.dtype.kind == "c":
        complex_rule(rule)
        make_complex(node)
