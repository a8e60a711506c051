"""Where a cotangent that is zero by construction meets a derivative that may be infinite.

A selection (an index, a store, a triangle, a maximum) leaves exact zeros in the cotangent of what
it selects from. The product of such a zero with an infinite derivative, that of the square root at
0 for one, is NaN in floating point, and zero in truth.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from s2s_grad.analysis.indexing import index_items
from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.builder import Builder
from s2s_grad.ir.nodes import Apply, Const, Operand, Pack, Var
from s2s_grad.ir.operators import any_of
from s2s_grad.ir.types import Array, Scalar, Type
from s2s_grad.runtime import set_item

__all__ = ["EVEN", "POLES", "RESULT", "guard", "is_number", "selects"]

_SELECTIONS: set[Callable[..., Any]] = {
    np.where, np.take, np.take_along_axis, np.compress, np.extract, np.choose, np.select,
    np.diagonal, np.trace, np.triu, np.tril, np.delete, np.max, np.min, np.amax, np.amin,
    np.nanmax, np.nanmin, np.nansum, np.nanmean, np.maximum, np.minimum, np.fmax, np.fmin, np.clip,
    np.median, np.quantile, np.percentile, np.nan_to_num,
}  # fmt: skip


def selects(statement: Apply, operand: Operand) -> bool:
    """Return whether the cotangent of an array is zero at places, whatever that of the result."""
    if is_number(type_of(operand)):
        return False
    if statement.fn is operator.getitem:
        return not all(map(_is_whole, index_items(statement.args[1])))
    if statement.fn is set_item:
        return operand is statement.args[0]
    if statement.fn is np.multiply:
        return any(map(_is_mask, statement.args))
    return statement.fn in _SELECTIONS


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


def _is_mask(operand: Operand) -> bool:
    if isinstance(operand, Const):
        value: Any = operand.value
        return isinstance(value, np.ndarray) and not np.all(value)  # pyright: ignore[reportUnknownArgumentType]
    t = type_of(operand)
    return isinstance(t, Array) and t.dtype is not None and t.dtype.kind == "b"


# ------------------------------------------------------------------------------------ derivatives

# Where a partial derivative has its pole: an operand (or the result) and its value there.
RESULT = -1
POLES: dict[Callable[..., Any], tuple[int, float]] = {
    **dict.fromkeys((np.sqrt, np.cbrt, np.hypot, math.sqrt, math.cbrt, math.hypot), (RESULT, 0)),
    **dict.fromkeys((np.log, np.log2, np.log10, math.log, math.log2, math.log10), (0, 0)),
    **dict.fromkeys((np.power, np.float_power, np.reciprocal, math.pow), (0, 0)),
    **dict.fromkeys((np.log1p, math.log1p), (0, -1)),
    **dict.fromkeys((np.arcsin, np.arccos, np.arctanh), (0, 1)),
    **dict.fromkeys((math.asin, math.acos, math.atanh), (0, 1)),
    **dict.fromkeys((np.arccosh, math.acosh), (0, 1)),
    np.divide: (1, 0),
}
EVEN: set[Callable[..., Any]] = {
    np.arcsin, np.arccos, np.arctanh, math.asin, math.acos, math.atanh,
}  # fmt: skip
_DEPTH = 12


def guard(
    statement: Apply, incoming: Operand, definitions: Mapping[Var, Apply], builder: Builder
) -> Operand | None:
    """Return the test that a product with the partial derivative is to be formed at all.

    It fails where a zero cotangent meets the pole, and nowhere else: a cotangent that happens to be
    zero has derivatives of its own. None stands for a derivative that is finite.
    """
    pole = POLES.get(statement.fn)
    if pole is None or _is_finite(statement, definitions) or not isinstance(incoming, Var):
        return None
    t = incoming.type
    if not isinstance(t, Scalar) and not (isinstance(t, Array) and t.shape is not None):
        return None
    place, value = pole
    at: Operand = statement.result if place == RESULT else statement.args[place]
    if statement.fn in EVEN:
        at = builder.apply(np.absolute, at)
    moves = builder.apply(np.not_equal, incoming, Const(0))
    either = any_of if is_number(t) else np.bitwise_or
    return builder.apply(either, moves, builder.apply(np.not_equal, at, Const(value)))


def is_number(t: Type) -> bool:
    """Return whether a type is that of one number."""
    return isinstance(t, Scalar) or (isinstance(t, Array) and t.shape == ())


def _is_finite(statement: Apply, definitions: Mapping[Var, Apply]) -> bool:
    """Return whether what a function divides by is seen not to be zero."""
    if statement.fn is np.power:
        exponent = statement.args[1].value if isinstance(statement.args[1], Const) else None
        return isinstance(exponent, (int, float)) and exponent >= 1
    if statement.fn is np.divide:
        by = statement.args[1]
        # Python's own division by zero has raised.
        plain = isinstance(by, Const) or isinstance(type_of(by), Scalar)
        return plain or _is_positive(by, definitions, _DEPTH)
    return False


_KEEP_SIGN: set[Callable[..., Any]] = {
    np.sum, np.mean, np.max, np.min, np.prod, np.sqrt, np.expand_dims, np.reshape, np.transpose,
    np.broadcast_to, np.multiply, np.divide, np.copy, np.maximum, operator.getitem,
}  # fmt: skip
_POSITIVE: set[Callable[..., Any]] = {np.exp, np.exp2, np.cosh, math.exp, math.cosh}
_NOT_NEGATIVE: set[Callable[..., Any]] = {np.square, np.absolute, np.sqrt, np.hypot}


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
    if made.fn in _POSITIVE:
        return 2
    signs = [_sign(arg, definitions, depth - 1) for arg in made.args[:2]]
    if made.fn is np.add:
        return min(sum(signs), 2) if all(signs) else 0
    if made.fn is np.multiply and made.args[0] is made.args[1]:
        return max(signs[0], 1)
    if made.fn in (np.multiply, np.divide, np.maximum):
        return min(signs) if made.fn is not np.maximum else max(signs)
    if made.fn in _KEEP_SIGN:
        return signs[0]
    if made.fn is np.power:
        exponent = made.args[1].value if isinstance(made.args[1], Const) else None
        even = 1 if isinstance(exponent, int) and exponent % 2 == 0 else 0
        return max(signs[0], even)
    return 1 if made.fn in _NOT_NEGATIVE else 0
