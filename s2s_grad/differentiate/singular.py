"""Where a cotangent that is zero by construction meets a derivative that may be infinite.

A selection (an index, a store, a triangle, a maximum) leaves exact zeros in the cotangent of what
it selects from. The product of such a zero with an infinite derivative, that of the square root at
0 for one, is NaN in floating point, and zero in truth.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np

from s2s_grad.analysis.indexing import index_items
from s2s_grad.analysis.infer import type_of
from s2s_grad.differentiate.staging import unstage
from s2s_grad.ir.builder import Builder
from s2s_grad.ir.guards import is_items
from s2s_grad.ir.nodes import Apply, Block, Const, If, Operand, Pack, Statement, Var
from s2s_grad.ir.operators import any_of
from s2s_grad.ir.primitives import Sign, primitive
from s2s_grad.ir.types import Array, Scalar, Type
from s2s_grad.rules import Lookup, Rule, call_formula, find_rule
from s2s_grad.runtime import cast_like, set_item

__all__ = [
    "guard",
    "has_pole",
    "introduces_zeros",
    "is_number",
    "mask_of",
    "selects",
    "zero_unless",
]


def selects(statement: Apply, operand: Operand, definitions: Mapping[Var, Apply]) -> bool:
    """Return whether the cotangent of an array is zero at places, whatever that of the result."""
    if is_number(type_of(operand)):
        return False
    if statement.fn is operator.getitem:
        return not all(map(_is_whole, index_items(statement.args[1])))
    if statement.fn is set_item:
        return operand is statement.args[0]
    record = primitive(statement.fn)
    if record.multiplies:
        others = [arg for arg in statement.args if arg is not operand]
        return any(_is_mask(arg, definitions, _DEPTH) for arg in others) or _reads_diagonal(others)
    return record.selects


def introduces_zeros(
    statement: Apply,
    operands: list[Any],
    active: set[Var],
    definitions: Mapping[Var, Apply],
) -> bool:
    """Return whether the tangent of a result is zero at places, whatever those of the operands.

    `operands` are those that have a tangent if they move.
    """
    if is_number(statement.result.type):
        return False
    record = primitive(statement.fn)
    if record.multiplies:
        return any(_is_mask(arg, definitions, _DEPTH) for arg in statement.args)
    if record.puts_together:
        return any(_rests(operand, active) for operand in operands)
    return record.pads


def _rests(operand: Any, active: set[Var]) -> bool:
    """Return whether a value, or an item of it, has no tangent."""
    if isinstance(operand, Pack):
        return any(_rests(item, active) for item in operand.items)
    return operand not in active


def _is_whole(item: Operand) -> bool:
    """Return whether one item of a subscript leaves out nothing of its axis."""
    if isinstance(item, Const):
        value: Any = item.value
        every = [slice(None, None, step) for step in (None, 1, -1)]
        return value is None or value is Ellipsis or (type(value) is slice and value in every)
    if not (isinstance(item, Pack) and item.kind is slice):
        return False
    start, stop, step = (part.value if isinstance(part, Const) else 0 for part in item.items)
    return start is None and stop is None and step in (None, 1, -1)


def _is_mask(operand: Operand, definitions: Mapping[Var, Apply], depth: int) -> bool:
    """Return whether an array has zeros by construction, as booleans and ``1 - np.eye(n)`` do."""
    if isinstance(operand, Const):
        value: Any = operand.value
        if is_items(value):
            return any(type(item) in _NUMBERS and not item for item in value)
        return isinstance(value, np.ndarray) and not np.all(value)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(operand, Pack):
        return _has_written_zeros(operand)
    if _is_boolean(type_of(operand)):
        return True
    made = definitions.get(operand)
    if made is None or depth == 0:
        return False
    if made.fn in (np.array, np.asarray):
        return _is_mask(made.args[0], definitions, depth - 1)
    record = primitive(made.fn)
    if record.masks:
        return True
    kept = record.arithmetic or record.rearranges or made.fn is cast_like
    return kept and any(_is_mask(arg, definitions, depth - 1) for arg in made.args)


def _has_written_zeros(operand: Operand) -> bool:
    """Return whether one of the numbers that are written in a list is zero."""
    if isinstance(operand, Pack):
        return any(map(_has_written_zeros, operand.items))
    return isinstance(operand, Const) and type(operand.value) in _NUMBERS and not operand.value


def _is_boolean(t: Type) -> bool:
    if isinstance(t, Scalar):
        return t.kind == "bool"
    return isinstance(t, Array) and t.dtype is not None and t.dtype.kind == "b"


def _reads_diagonal(operands: list[Operand]) -> bool:
    """Return whether an axis is named twice in a term of the subscripts of `np.einsum`."""
    text = operands[0].value if operands and isinstance(operands[0], Const) else None
    if not isinstance(text, str):
        return False
    terms = text.partition("->")[0].replace(".", "").replace(" ", "").split(",")
    return any(len(set(term)) < len(term) for term in terms)


# ------------------------------------------------------------------------------------ derivatives

_DEPTH = 12
_NUMBERS = (bool, int, float)


def guard(
    rule: Rule,
    statement: Apply,
    incoming: Operand,
    lookup: Lookup,
    definitions: Mapping[Var, Apply],
    builder: Builder,
) -> Operand | None:
    """Return the test that a product with the partial derivative is to be formed at all.

    It fails where a zero cotangent meets a derivative that is not finite, and nowhere else: a
    cotangent that happens to be zero has derivatives of its own. None stands for a derivative that
    is finite.
    """
    if rule.regular is None or _is_finite(statement, definitions):
        return None
    t = type_of(incoming)
    if not isinstance(incoming, Var) and not isinstance(t, Array):
        return None
    if not isinstance(t, Scalar) and not (isinstance(t, Array) and t.shape is not None):
        return None
    moves = builder.apply(np.not_equal, incoming, Const(0))
    either = any_of if is_number(t) else np.bitwise_or
    return builder.apply(either, moves, unstage(call_formula(rule.regular, lookup)))


def zero_unless(test: Operand, body: list[Statement], value: Operand, builder: Builder) -> Operand:
    """Append the statements that compute a value, to run where it is not zero for sure."""
    result = Var("", type_of(value))
    zero = Block((), (), (Const(0.0),))
    then = Block((), tuple(body), (value,))
    builder.append(If.of((result,), test, then, zero, builder.origin))
    return result


def mask_of(
    statement: Apply, operand: Operand, definitions: Mapping[Var, Apply], builder: Builder
) -> Operand | None:
    """Return where the other factor of a product is not zero, if that is a mask by construction.

    Where it is zero, the product does not depend on the operand, whatever follows from it.
    """
    if statement.fn is not np.multiply:
        return None
    for factor in statement.args:
        if factor is not operand and _is_mask(factor, definitions, _DEPTH):
            if _is_boolean(type_of(factor)):
                return factor
            return builder.apply(np.not_equal, factor, Const(0))
    return None


def has_pole(statement: Apply, definitions: Mapping[Var, Apply]) -> bool:
    """Return whether a function has a derivative that may be infinite."""
    rule = find_rule(statement.fn)
    return rule is not None and rule.regular is not None and not _is_finite(statement, definitions)


def is_number(t: Type) -> bool:
    """Return whether a type is that of one number."""
    return isinstance(t, Scalar) or (isinstance(t, Array) and t.shape == ())


def _is_finite(statement: Apply, definitions: Mapping[Var, Apply]) -> bool:
    """Return whether what a function divides by is seen not to be zero."""
    if statement.fn is np.power:
        exponent = statement.args[1].value if isinstance(statement.args[1], Const) else None
        return isinstance(exponent, (int, float)) and exponent >= 1 and exponent % 1 == 0
    if statement.fn is np.multiply:
        return not any(_may_be_infinite(arg, definitions, _DEPTH) for arg in statement.args)
    if statement.fn is np.divide:
        by = statement.args[1]
        # Python's own division by zero has raised, and loops divide by items of arrays too often.
        plain = isinstance(by, Const) or is_number(type_of(by))
        return plain or _is_positive(by, definitions, _DEPTH)
    return False


def _may_be_infinite(operand: Operand, definitions: Mapping[Var, Apply], depth: int) -> bool:
    """Return whether a value comes of a function with a pole: arguments are taken for finite."""
    made = definitions.get(operand) if isinstance(operand, Var) else None
    if made is None or depth == 0:
        return False
    if primitive(made.fn).has_pole:
        return made.fn not in (np.divide, np.power) or not _is_finite(made, definitions)
    return primitive(made.fn).keeps_infinity and any(
        _may_be_infinite(arg, definitions, depth - 1) for arg in made.args
    )


def _is_positive(operand: Operand, definitions: Mapping[Var, Apply], depth: int) -> bool:
    """Return whether a value is seen to be above zero (up to underflow), as sums of `exp` are."""
    return _sign(operand, definitions, depth) == 2


def _sign(operand: Operand, definitions: Mapping[Var, Apply], depth: int) -> int:
    """Return 2 for what is positive, 1 for what is not negative, 0 for what is not known."""
    if isinstance(operand, Const):
        value: Any = operand.value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return 2 if value > 0 else 1 if value == 0 else 0
        return 0
    made = definitions.get(operand) if isinstance(operand, Var) else None
    if made is None or depth == 0:
        return 0
    sign = primitive(made.fn).sign
    if sign is Sign.POSITIVE:
        return 2
    signs = [_sign(arg, definitions, depth - 1) for arg in made.args[:2]]
    if made.fn is np.add:
        return min(sum(signs), 2) if all(signs) else 0
    if made.fn is np.multiply and made.args[0] is made.args[1]:
        return max(signs[0], 1)
    if made.fn in (np.multiply, np.divide, np.maximum):
        return min(signs) if made.fn is not np.maximum else max(signs)
    if sign is Sign.KEPT:
        return signs[0]
    if made.fn is np.power:
        exponent = made.args[1].value if isinstance(made.args[1], Const) else None
        even = 1 if isinstance(exponent, int) and exponent % 2 == 0 else 0
        return max(signs[0], even)
    return max(signs[0], 1) if sign is Sign.NOT_NEGATIVE else 0
