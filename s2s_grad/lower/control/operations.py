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
from s2s_grad.ir.types import Array, Scalar, Unknown
from s2s_grad.lower.control import branches as control
from s2s_grad.lower.control.slots import is_list
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.identity import identity, membership, same_records
from s2s_grad.lower.objects.list_arrays import as_array
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
        times = right if _is_container(left) else left
        if fn is np.multiply and _is_number(low, times) and not _is_dict(left, right):
            if not _is_whole(times):
                low.refuse("a list is repeated by what is no whole number.", "Make it an int.")
            return low.apply(operator.mul, left, right, origin=origin)
        if any(isinstance(type_of(x), (Array, Unknown)) for x in (left, right)):
            left, right = as_array(low, left), as_array(low, right)
        elif not (isinstance(left, Const) and isinstance(left.value, str)):
            low.refuse(
                f"`{INFIX[fn].symbol}` is not defined for {_called(left)} and {_called(right)}.",
                "Make arrays of them.",
            )
    if isinstance(left, Const) and isinstance(left.value, str) and fn is np.remainder:
        return low.apply(operator.mod, left, right, origin=origin)
    return low.apply(fn, left, right, origin=origin)


def _is_number(low: Lowerer, operand: Operand) -> bool:
    """Return whether an operand is a number, Python's or NumPy's, and no array without axes."""
    t = type_of(operand)
    return isinstance(t, Scalar) or (
        isinstance(t, Array) and t.shape == () and not low.aliases.of(operand)
    )


def _is_whole(operand: Operand) -> bool:
    t = type_of(operand)
    if isinstance(t, Array):
        return t.dtype is not None and t.dtype.kind in "iu"
    return isinstance(t, Scalar) and t.kind in ("int", "bool")


def _is_dict(*operands: Operand) -> bool:
    kinds = ((x.kind,) if isinstance(x, Pack) else classes_of(type_of(x)) for x in operands)
    return any(kind is not None and issubclass(kind[0], dict) for kind in kinds)


def _called(operand: Operand) -> str:
    classes = (operand.kind,) if isinstance(operand, Pack) else classes_of(type_of(operand))
    return "this" if classes is None else f"a {classes[0].__name__}"


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
        base = _base(a.kind)
        if fn is np.add and base in (tuple, list) and base is _base(b.kind):
            return Pack(base, (*a.items, *b.items))
        if fn is np.bitwise_or and a.kind is dict and b.kind is dict:
            merged = dict(zip(a.keys, a.items, strict=True))
            merged.update(zip(b.keys, b.items, strict=True))
            return Pack(dict, tuple(merged.values()), tuple(merged))
        return None
    container, times = (a, static_value(right)) if a is not None else (b, static_value(left))
    if fn is np.multiply and container is not None and isinstance(times, int):
        base = _base(container.kind)
        return Pack(base, container.items * times) if base in (tuple, list) else None
    return None


def _base(kind: type[Any]) -> type[Any]:
    """Return the class of what is joined from containers of a class: of named tuples, a tuple."""
    if issubclass(kind, tuple):
        return tuple
    return list if issubclass(kind, list) else kind


def _unary(low: Lowerer, node: cst.UnaryOperation) -> Operand:
    operand = low.expression(node.expression)
    if isinstance(node.operator, cst.Not):
        return invert(low, operand, low.origin(node))
    fn = _UNARY[type(node.operator)]
    own = special(low, fn, (operand,), low.origin(node))
    if own is not None:
        return own
    if _is_container(low.latest(operand)):
        low.refuse(f"`{PREFIX[fn].symbol}` is not defined for {_called(operand)}.", node=node)
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
    found = _of_containers(low, fn, left, right, origin)
    return low.apply(fn, left, right, origin=origin) if found is None else found


def _of_containers(
    low: Lowerer, fn: Callable[..., Any], left: Operand, right: Operand, origin: Any
) -> Operand | None:
    """Lower a comparison of containers; None where there are none, or NumPy compares items."""
    contained = [_is_container(left), _is_container(right)]
    if not any(contained) or fn in (is_, is_not_):
        return None
    same = fn in (np.equal, np.not_equal)
    if not all(contained):
        other = left if contained[1] else right
        if isinstance(type_of(other), (Array, Unknown)):
            return None
        if not same:
            low.refuse(
                f"`{INFIX[fn].symbol}` is not defined for {_called(left)} and {_called(right)}."
            )
        return FALSE if fn is np.equal else TRUE
    if not same:
        both = _is_sequence(left) and _is_sequence(right)
        return _in_order(low, fn, left, right) if both else None
    a, b = expand(low, left), expand(low, right)
    if a is not None and b is not None:
        return _same_containers(low, fn is np.equal, a, b, origin)
    equal = low.apply(operator.eq, left, right, type=Scalar("bool"), origin=origin)
    return equal if fn is np.equal else invert(low, equal)


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


def _is_sequence(operand: Operand) -> bool:
    return _is_container(operand) and not _is_dict(operand)


def _in_order(low: Lowerer, fn: Callable[..., Any], left: Operand, right: Operand) -> Operand:
    """Lower ``<`` and the like of two tuples or lists: the first items that differ decide."""
    a, b = expand(low, left), expand(low, right)
    if a is None or b is None:
        low.refuse("the order of lists of a length that is only known when the program runs.",
                   "Compare their items.")  # fmt: skip
    if _base(a.kind) is not _base(b.kind):
        low.refuse(f"`{INFIX[fn].symbol}` is not defined for {_called(a)} and {_called(b)}.")
    return _in_order_from(low, fn, a.items, b.items)


def _in_order_from(
    low: Lowerer, fn: Callable[..., Any], a: tuple[Operand, ...], b: tuple[Operand, ...]
) -> Operand:
    if not a or not b:
        return TRUE if INFIX[fn].function(len(a), len(b)) else FALSE
    x, y = low.memory.shallow(a[0]), low.memory.shallow(b[0])

    def decide() -> Operand:
        return compare(low, fn, x, y, None)

    def go_on() -> Operand:
        return _in_order_from(low, fn, a[1:], b[1:])

    same = compare(low, np.equal, x, y, None)
    known = truth(same)
    if known is not None:
        return go_on() if known else decide()
    return control.select(low, low.tested(same), go_on, decide, None)


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
    types = [type_of(arg) for arg in statement.args]
    return safe and all(
        isinstance(t, Scalar) or (isinstance(t, Array) and t.shape == ()) for t in types
    )


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
