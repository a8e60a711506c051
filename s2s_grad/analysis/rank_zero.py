"""Which variables of rank 0 may be arrays: an augmented assignment would overwrite those.

NumPy's arithmetic and its reductions return numbers, which nobody can overwrite; but an argument
may be an array of rank 0, and so may what `np.zeros(())` or ``x[...]`` returns.
"""

from __future__ import annotations

import operator
from typing import assert_never

import numpy as np

from s2s_grad.analysis.indexing import index_items, index_kind
from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import (
    Apply,
    Const,
    Define,
    Effect,
    Function,
    If,
    Loop,
    Operand,
    Statement,
    Var,
)
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.types import Array, Range
from s2s_grad.ir.walk import leaving, statements_of

__all__ = ["find_arrays_of_rank_zero"]


def find_arrays_of_rank_zero(function: Function) -> set[Var]:
    """Return the variables that may be arrays of rank 0."""
    found = {param.var for param in function.params}
    statements = list(statements_of(function.block))
    for s in statements:
        if isinstance(s, Define):
            found.update(s.block.params)
    while True:
        before = len(found)
        for s in statements:
            _learn(s, found)
        if len(found) == before:
            return found


def _learn(s: Statement, found: set[Var]) -> None:
    match s:
        case Apply():
            if not _makes_number(s):
                found.add(s.result)
        case Effect():
            if s.result is not None:
                found.add(s.result)
        case If():
            found.update(result for result, way in leaving(s) if _is_in(way, found))
        case Loop():
            for each in s.each:
                if not isinstance(type_of(each.sequence), (Array, Range)):
                    found.add(each.element)
            for carry in s.carried:
                if _is_in(carry.init, found) or _is_in(carry.next, found):
                    found.update((carry.parameter, carry.result))
        case Define():
            pass
        case _:
            assert_never(s)


def _is_in(operand: Operand, found: set[Var]) -> bool:
    if isinstance(operand, Const):
        return isinstance(operand.value, np.ndarray)
    return operand in found


def _makes_number(s: Apply) -> bool:
    """Return whether a result of rank 0 is a number."""
    if s.fn is operator.getitem:
        base = type_of(s.args[0])
        whole = any(isinstance(i, Const) and i.value is Ellipsis for i in index_items(s.args[1]))
        kind = index_kind(s.args[1], type_of)
        return isinstance(base, Array) and base.shape != () and kind.scalar and not whole
    return primitive(s.fn).gives_numbers
