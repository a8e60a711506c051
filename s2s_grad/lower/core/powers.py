"""Powers of Python numbers that may be complex: a negative number to a fractional power."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Block, Const, Effect, Operand, Statement, Var
from s2s_grad.ir.primitives import Sign, primitive
from s2s_grad.ir.rewrite import rewrite
from s2s_grad.ir.types import Scalar
from s2s_grad.ir.walk import count_uses
from s2s_grad.runtime import check_real

__all__ = ["drop_unread_checks", "may_be_complex"]

_DEPTH = 12


Made = Mapping[Var, tuple[Callable[..., Any], tuple[Operand, ...]]]


def may_be_complex(base: Operand, exponent: Operand, made: Made) -> bool:
    """Return whether a power of Python numbers may be complex, of which derivatives know nothing.

    `made` says what the variables are computed by.
    """
    kinds = [t.kind if isinstance(t, Scalar) else None for t in map(type_of, (base, exponent))]
    if kinds[0] not in ("int", "float") or kinds[1] != "float":
        return False
    whole = isinstance(exponent, Const) and float(exponent.value).is_integer()
    return not whole and not _cannot_be_negative(base, made, _DEPTH)


def drop_unread_checks(block: Block) -> Block:
    """Return the block without the checks of powers that nothing else reads."""
    uses = count_uses(block)

    def edit(s: Statement) -> tuple[Statement, ...] | None:
        unread = isinstance(s, Effect) and s.fn is check_real and uses[_power_of(s)] == 1
        return () if unread else None

    return rewrite(block, edit)


def _power_of(check: Effect) -> Var:
    result = check.args[0]
    assert isinstance(result, Var)
    return result


def _cannot_be_negative(operand: Operand, known: Made, depth: int) -> bool:
    if isinstance(operand, Const):
        return isinstance(operand.value, (int, float)) and operand.value >= 0
    made = known.get(operand) if isinstance(operand, Var) else None
    if made is None or not depth:
        return False
    fn, args = made
    if fn is np.multiply and args[0] is args[1]:
        return True
    if fn is np.power:
        even = isinstance(args[1], Const) and args[1].value % 2 == 0
        return even or _cannot_be_negative(args[0], known, depth - 1)
    sign = primitive(fn).sign
    if sign is Sign.KEPT:
        return all(_cannot_be_negative(arg, known, depth - 1) for arg in args)
    return sign is not Sign.UNKNOWN
