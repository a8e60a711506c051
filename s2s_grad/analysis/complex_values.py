"""Complex numbers: which values may be complex, and which rule a statement has.

In a program without a complex number a value of unknown dtype is real. In one with complex numbers
it may be complex, and has the rules that are right for both.
"""

from __future__ import annotations

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Apply, Block, Operand, Statement
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.types import (
    UNKNOWN,
    Array,
    Dict,
    ListOf,
    Scalar,
    Sequence,
    Type,
    is_complex,
)
from s2s_grad.ir.walk import operands_of, results_of, statements_of
from s2s_grad.rules import Rule, find_rule

__all__ = ["has_complex", "is_real", "may_be_complex", "rule_of"]


def has_complex(block: Block) -> bool:
    """Return whether a value of a program is known to be complex."""
    params = (param.type for param in block.params)
    return any(map(_holds_complex, params)) or any(
        _makes_complex(statement)
        or any(
            _holds_complex(type_of(operand))
            for operand in (*results_of(statement), *operands_of(statement))
        )
        for statement in statements_of(block)
    )


def _makes_complex(statement: Statement) -> bool:
    """Return whether a function gives complex numbers, whatever its operands are."""
    if not isinstance(statement, Apply):
        return False
    return primitive(statement.fn).gives_complex


def _holds_complex(t: Type) -> bool:
    match t:
        case Sequence() | Dict():
            return any(_holds_complex(item) for item in t.items)
        case ListOf():
            return _holds_complex(t.item)
        case _:
            return is_complex(t)


def is_real(t: Type) -> bool:
    """Return whether a number or array is known to be real."""
    if isinstance(t, Scalar):
        return t.kind != "complex"
    return isinstance(t, Array) and t.dtype is not None and t.dtype.kind != "c"


def may_be_complex(t: Type) -> bool:
    """Return whether a value may be, or hold, a complex number."""
    match t:
        case Sequence() | Dict():
            return any(may_be_complex(item) for item in t.items)
        case ListOf():
            return may_be_complex(t.item)
        case Scalar() | Array():
            return not is_real(t)
        case _:
            return t == UNKNOWN


def rule_of(statement: Apply, with_complex: bool) -> Rule | None:
    """Return the derivative rule of a statement, in a program with complex numbers or without."""
    if with_complex:
        operands: tuple[Operand, ...] = (statement.result, *operands_of(statement))
        if any(may_be_complex(type_of(operand)) for operand in operands):
            return find_rule(statement.fn, of_complex=True)
    return find_rule(statement.fn)
