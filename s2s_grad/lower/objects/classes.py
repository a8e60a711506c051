"""Which class a value may have when the program runs.

The type of a number says what it is computed with, not always what it is: what is a float on one
path and an int on another counts as a float. So it is asked how the number was made.
"""

from __future__ import annotations

import builtins
import operator

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.guards import class_of
from s2s_grad.ir.nodes import Const, Operand, Pack, Var
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.types import Array, Dict, Scalar, Sequence
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.terms.static import classes_of

__all__ = ["possible_classes"]

_PYTHON: tuple[type, ...] = (bool, int, float, complex)
_OF_DTYPE = {"b": bool, "i": int, "u": int, "f": float, "c": complex}


def possible_classes(low: Lowerer, operand: Operand) -> tuple[type, ...] | None:
    """Return the classes that a value may have; None where that is open."""
    if isinstance(operand, Pack):
        return (operand.kind,)
    if isinstance(operand, Const):
        return (class_of(operand.value),)
    known = classes_of(operand.type)
    if known is None or _is_sure(low, operand):
        return known
    if isinstance(operand.type, Scalar):
        return _PYTHON[: _PYTHON.index(known[0]) + 1]
    t = operand.type
    if isinstance(t, Array) and t.shape == ():
        return (*known, *(_PYTHON if t.dtype is None else (_OF_DTYPE.get(t.dtype.kind, float),)))
    return known


def _is_sure(low: Lowerer, operand: Operand) -> bool:
    """Return whether a number is certainly of the class that its type is named after."""
    if not isinstance(operand, Var) or operand in low.parameters:
        return True
    t = operand.type
    made = low.made.get(operand)
    if made is None:
        return not isinstance(t, (Scalar, Sequence, Dict)) and not _is_single(operand)
    fn, args = made
    if fn is operator.getitem:
        whole = type_of(args[0])
        return isinstance(whole, (Array, Sequence, Dict)) and _is_sure(low, args[0])
    if not isinstance(t, Scalar):
        return primitive(fn).gives_numbers or not _is_single(operand)
    record = primitive(fn)
    if record.compares or fn in (builtins.float, builtins.int, builtins.len):
        return True
    if record.infix or record.prefix or fn is builtins.abs:
        # Of whole numbers, sums and products are such numbers; a quotient is a float.
        whole = record.arithmetic and t.kind == "int"
        kinds = [type_of(arg) for arg in args]
        return (
            whole
            or (fn is np.divide and t.kind == "float")
            or any(
                isinstance(kind, Scalar) and kind.kind == t.kind and _is_sure(low, arg)
                for kind, arg in zip(kinds, args, strict=True)
            )
        )
    return getattr(fn, "__module__", None) == "math"


def _is_single(var: Var) -> bool:
    return isinstance(var.type, Array) and var.type.shape in ((), None)
