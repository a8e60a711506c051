"""The spelling of primitives that Python writes as operators, and what they compute.

One primitive has one identity in the IR (`np.multiply`), however it was spelled. Applied to Python
scalars, an infix primitive means Python's operator, not NumPy's function.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = [
    "INFIX",
    "PREFIX",
    "Operator",
    "all_of",
    "any_of",
    "fstring",
    "in_",
    "is_",
    "is_not_",
    "not_in",
]


@dataclass(frozen=True, slots=True)
class Operator:
    """How an operator is printed; a higher `precedence` binds tighter."""

    symbol: str
    function: Callable[..., Any]
    precedence: int


def all_of(a: Any, b: Any) -> Any:
    """``a and b`` of two values that are safe to evaluate both."""
    return a and b


def any_of(a: Any, b: Any) -> Any:
    """``a or b`` of two values that are safe to evaluate both."""
    return a or b


def is_(a: Any, b: Any) -> bool:
    """``a is b``."""
    return a is b


def is_not_(a: Any, b: Any) -> bool:
    """``a is not b``."""
    return a is not b


def in_(a: Any, b: Any) -> bool:
    """``a in b``."""
    return a in b


def not_in(a: Any, b: Any) -> bool:
    """``a not in b``."""
    return a not in b


def fstring(*parts: Any) -> str:
    """Join an f-string's parts: a str, or a tuple (value, conversion, format specification)."""
    texts: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        else:
            value, conversion, spec = part
            convert = {"r": repr, "s": str, "a": ascii}.get(conversion)
            texts.append(format(convert(value) if convert else value, spec or ""))
    return "".join(texts)


# Typed by hand: the stubs of `operator` leave the operands of these functions without a type.
_python: Any = operator

INFIX: dict[Callable[..., Any], Operator] = {
    any_of: Operator("or", any_of, 1),
    all_of: Operator("and", all_of, 2),
    is_: Operator("is", is_, 4),
    is_not_: Operator("is not", is_not_, 4),
    in_: Operator("in", in_, 4),
    not_in: Operator("not in", not_in, 4),
    np.less: Operator("<", operator.lt, 4),
    np.less_equal: Operator("<=", operator.le, 4),
    np.greater: Operator(">", operator.gt, 4),
    np.greater_equal: Operator(">=", operator.ge, 4),
    np.equal: Operator("==", operator.eq, 4),
    np.not_equal: Operator("!=", operator.ne, 4),
    np.bitwise_or: Operator("|", _python.or_, 5),
    np.bitwise_xor: Operator("^", _python.xor, 6),
    np.bitwise_and: Operator("&", _python.and_, 7),
    np.left_shift: Operator("<<", _python.lshift, 8),
    np.right_shift: Operator(">>", _python.rshift, 8),
    np.add: Operator("+", operator.add, 9),
    operator.concat: Operator("+", operator.concat, 9),
    np.subtract: Operator("-", operator.sub, 9),
    np.multiply: Operator("*", operator.mul, 10),
    operator.mul: Operator("*", operator.mul, 10),
    np.matmul: Operator("@", _python.matmul, 10),
    np.divide: Operator("/", _python.truediv, 10),
    np.floor_divide: Operator("//", _python.floordiv, 10),
    np.remainder: Operator("%", operator.mod, 10),
    np.power: Operator("**", _python.pow, 12),
}

PREFIX: dict[Callable[..., Any], Operator] = {
    operator.not_: Operator("not ", operator.not_, 3),
    np.negative: Operator("-", operator.neg, 11),
    np.positive: Operator("+", operator.pos, 11),
    np.invert: Operator("~", operator.invert, 11),
}
