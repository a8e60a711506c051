"""Arithmetic, comparisons, and what Python evaluates only in part: ``and``, ``or``, ``if else``."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import libcst as cst
import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Apply, Const, Operand, Origin, Pack, Statement
from s2s_grad.ir.operators import all_of, any_of, in_, is_, is_not_, not_in
from s2s_grad.ir.primitives import INFIX, PREFIX, Cost, Raises, primitive
from s2s_grad.ir.types import Array, Scalar
from s2s_grad.lower.control import branches as control
from s2s_grad.lower.control.slots import is_list
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.identity import identity, membership, same_records
from s2s_grad.lower.objects.iterate import as_array
from s2s_grad.lower.objects.records import asked, condition, is_record, special
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.terms.static import classes_of, truth
from s2s_grad.lower.terms.values import FALSE, TRUE, DictView, static_value

__all__ = ["BINARY", "OPERATIONS", "binary", "cannot_fail", "compare", "invert"]

BINARY: dict[type[cst.CSTNode], Callable[..., Any]] = {
    getattr(cst, spelled.node + end): fn
    for fn, spelled in INFIX.items()
    for end in ("", "Assign")
    if isinstance(fn, np.ufunc) and not primitive(fn).compares
}
_COMPARISONS: dict[type[cst.CSTNode], Callable[..., Any]] = {
    getattr(cst, spelled.node): fn for fn, spelled in INFIX.items() if primitive(fn).compares
}
_UNARY: dict[type[cst.CSTNode], Callable[..., Any]] = {
    getattr(cst, spelled.node): fn for fn, spelled in PREFIX.items() if isinstance(fn, np.ufunc)
}


def _spelled(low: Lowerer, operand: Operand, node: cst.BaseExpression) -> Operand:
    """Give a folded value the user's spelling, if it names nothing local."""
    if not isinstance(operand, Const) or operand.text:
        return operand
    if isinstance(operand.value, (int, float, complex)) and not isinstance(operand.value, bool):
        names = low.here.names.free(node)
        if names is not None and all(low.here.lookup(name) is None for name in names):
            return Const(operand.value, low.source.text_of(node))
    return operand


def _binary(low: Lowerer, node: cst.BinaryOperation) -> Operand:
    left = low.expression(node.left)
    right = low.expression(node.right)
    with low.at(node):
        result = binary(low, BINARY[type(node.operator)], left, right, low.origin(node))
    return _spelled(low, result, node)


def binary(
    low: Lowerer, fn: Callable[..., Any], left: Operand, right: Operand, origin: Origin
) -> Operand:
    """Lower an infix operation; on containers it joins or repeats them."""
    left, right = low.latest(left), low.latest(right)
    own = special(low, fn, (left, right), origin)
    if own is not None:
        return own
    if _is_container(left) or _is_container(right):
        joined = _join(low, fn, left, right)
        if joined is not None:
            return joined
        if fn is np.add and is_list(left) and is_list(right):
            return low.apply(operator.concat, left, right, origin=origin)
        times = right if isinstance(left, Pack) else left
        count = type_of(times)
        if fn is np.multiply and isinstance(count, Scalar):
            if count.kind not in ("int", "bool"):
                low.refuse("a list is repeated by what is no whole number.", "Make it an int.")
            return low.apply(operator.mul, left, right, origin=origin)
        if isinstance(type_of(left), Array) or isinstance(type_of(right), Array):
            left, right = as_array(low, left), as_array(low, right)
    if isinstance(left, Const) and isinstance(left.value, str) and fn is np.remainder:
        return low.apply(operator.mod, left, right, origin=origin)
    return low.apply(fn, left, right, origin=origin)


def _is_container(operand: Operand) -> bool:
    if isinstance(operand, Pack):
        return operand.kind is not slice and not is_record(operand)
    if isinstance(operand, Const):
        return isinstance(operand.value, (tuple, list, dict))
    classes = classes_of(operand.type)
    return classes is not None and issubclass(classes[0], (tuple, list, dict))


def _join(low: Lowerer, fn: Callable[..., Any], left: Operand, right: Operand) -> Operand | None:
    a, b = expand(low, left), expand(low, right)
    if a is not None and b is not None:
        if fn is np.add and a.kind is b.kind and a.kind in (tuple, list):
            return Pack(a.kind, (*a.items, *b.items))
        if fn is np.bitwise_or and a.kind is dict and b.kind is dict:
            merged = dict(zip(a.keys, a.items, strict=True))
            merged.update(zip(b.keys, b.items, strict=True))
            return Pack(dict, tuple(merged.values()), tuple(merged))
        return None
    container, times = (a, static_value(right)) if a is not None else (b, static_value(left))
    if fn is np.multiply and container is not None and isinstance(times, int):
        return Pack(container.kind, container.items * times)
    return None


def _unary(low: Lowerer, node: cst.UnaryOperation) -> Operand:
    operand = low.expression(node.expression)
    if isinstance(node.operator, cst.Not):
        return invert(low, operand, low.origin(node))
    fn = _UNARY[type(node.operator)]
    own = special(low, fn, (operand,), low.origin(node))
    if own is not None:
        return own
    result = low.apply(fn, operand, origin=low.origin(node))
    return _spelled(low, result, node)


def invert(low: Lowerer, operand: Operand, origin: Origin | None = None) -> Operand:
    """Lower ``not operand``."""
    operand = asked(low, operand)
    known = truth(operand)
    if known is not None:
        return FALSE if known else TRUE
    return low.apply(operator.not_, operand, origin=origin)


def _comparison(low: Lowerer, node: cst.Comparison) -> Operand:
    left = low.expression(node.left)
    first, *rest = node.comparisons
    right = low.expression(first.comparator)
    if not rest:
        return _compared(low, first, left, right, low.origin(node))
    return _chain(low, _compared(low, first, left, right, None), right, rest)


def _chain(
    low: Lowerer, so_far: Operand, left: Operand, targets: list[cst.ComparisonTarget]
) -> Operand:
    """Lower ``so_far and left < ...``, whose operands are evaluated once and only as needed."""
    if not targets:
        return so_far
    first, *rest = targets

    def next_one() -> Operand:
        right = low.expression(first.comparator)
        return _chain(low, _compared(low, first, left, right, None), right, rest)

    return _either(low, so_far, next_one, stops_at=False, origin=None)


def _compared(
    low: Lowerer, target: cst.ComparisonTarget, left: Operand, right: Operand, origin: Any
) -> Operand:
    return compare(low, _COMPARISONS[type(target.operator)], left, right, origin)


def compare(
    low: Lowerer, fn: Callable[..., Any], left: Operand, right: Operand, origin: Any
) -> Operand:
    """Lower a comparison of two operands."""
    left, right = low.latest(left), low.latest(right)
    known = None
    if fn in (is_, is_not_):
        known = identity(low, fn, left, right)
    own = special(low, fn, (left, right), low.builder.origin) if known is None else known
    if own is not None:
        return own
    if fn in (in_, not_in):
        if isinstance(right, Const) and isinstance(right.value, DictView):
            right = expand(low, right) or right
        own = membership(low, fn, left, right, compare)
        return low.apply(fn, left, right, origin=origin) if own is None else own
    if fn in (np.equal, np.not_equal):
        same = same_records(low, left, right, compare, origin)
        if same is not None:
            return same if fn is np.equal else invert(low, same, origin)
    if fn in (np.equal, np.not_equal) and (_is_container(left) and _is_container(right)):
        a, b = expand(low, left), expand(low, right)
        if a is not None and b is not None:
            return _same_containers(low, fn is np.equal, a, b, origin)
    return low.apply(fn, left, right, origin=origin)


def _same_containers(low: Lowerer, wanted: bool, a: Pack, b: Pack, origin: Any) -> Operand:
    """Lower ``==`` of two containers of known structure, item by item."""
    if a.kind is dict and set(a.keys) == set(b.keys):
        b = Pack(dict, tuple(b.items[b.keys.index(key)] for key in a.keys), a.keys)
    alike = len(a.items) == len(b.items) and a.keys == b.keys
    result: Operand = TRUE if alike and issubclass(a.kind, b.kind) else FALSE
    if result is TRUE:
        for x, y in zip(a.items, b.items, strict=True):
            same = compare(low, np.equal, low.memory.shallow(x), low.memory.shallow(y), None)
            known = truth(same)
            if known is False:
                result = FALSE
                break
            if known is None:
                result = same if result is TRUE else low.apply(all_of, result, same)
    return result if wanted else invert(low, result, origin)


def _boolean(low: Lowerer, node: cst.BooleanOperation) -> Operand:
    left = low.expression(node.left)
    stops_at = isinstance(node.operator, cst.Or)
    return _either(
        low, left, lambda: low.expression(node.right), stops_at=stops_at, origin=low.origin(node)
    )


def _either(
    low: Lowerer,
    left: Operand,
    right: Callable[[], Operand],
    *,
    stops_at: bool,
    origin: Origin | None,
) -> Operand:
    """Lower ``left or right`` (`stops_at` True) or ``left and right``."""
    cond = asked(low, left)
    known = truth(cond)
    if known is not None:
        return left if known is stops_at else right()
    plain, cond = cond is left, low.tested(cond)
    then = control.capture(low, right)
    if plain and not then.changed and all(cannot_fail(statement) for statement in then.statements):
        low.builder.statements.extend(then.statements)
        if then.result is TRUE or then.result is FALSE:
            # ``a and True`` is a's truth only where a is a bool.
            if then.result is (FALSE if stops_at else TRUE) and _is_bool(left):
                return left
            if _is_bool(left):
                return then.result
        return low.apply(any_of if stops_at else all_of, left, then.result, origin=origin)

    def again() -> Operand:
        if then.changed:
            return right()
        low.builder.statements.extend(then.statements)
        return then.result

    if stops_at:
        return control.select(low, cond, lambda: left, again, origin)
    return control.select(low, cond, again, lambda: left, origin)


def _is_bool(operand: Operand) -> bool:
    return type_of(operand) == Scalar("bool")


def cannot_fail(statement: Statement) -> bool:
    """Return whether a statement may be run where Python would not have run it."""
    if not isinstance(statement, Apply):
        return False
    record = primitive(statement.fn)
    if statement.fn in (is_, is_not_, isinstance) or (record.fact and statement.fn is not len):
        return True
    safe = record.cost is Cost.CHEAP and record.raises in (Raises.SHAPES, Raises.TRUTH)
    return safe and all(_is_number(arg) for arg in statement.args)


def _is_number(operand: Operand) -> bool:
    t = type_of(operand)
    return isinstance(t, Scalar) or (isinstance(t, Array) and t.shape == ())


def _conditional(low: Lowerer, node: cst.IfExp) -> Operand:
    cond = condition(low, node.test)
    known = truth(cond)
    if known is not None:
        return low.expression(node.body if known else node.orelse)
    return control.select(
        low,
        cond,
        lambda: low.expression(node.body),
        lambda: low.expression(node.orelse),
        low.origin(node),
    )


OPERATIONS: dict[type[cst.CSTNode], Callable[[Lowerer, Any], Operand]] = {
    cst.BinaryOperation: _binary,
    cst.UnaryOperation: _unary,
    cst.Comparison: _comparison,
    cst.BooleanOperation: _boolean,
    cst.IfExp: _conditional,
}
