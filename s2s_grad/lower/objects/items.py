"""The items that iterating over a value gives, where their number is known."""

from __future__ import annotations

import operator

import libcst as cst
import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.guards import class_of
from s2s_grad.ir.nodes import Const, Operand
from s2s_grad.ir.types import Array
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.iterate import static_items
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.terms.refuse import NeedsStatic
from s2s_grad.lower.terms.values import Internal, acts_at_run_time
from s2s_grad.runtime import check_length

__all__ = ["items_of"]


def items_of(
    low: Lowerer, operand: Operand, count: int | None = None, node: cst.CSTNode | None = None
) -> tuple[Operand, ...]:
    """Return what iterating over an operand gives; `count` is how many there have to be.

    An array or list whose length is not known is read item by item where `count` is given.
    """
    if isinstance(operand, Const) and isinstance(operand.value, Internal):
        return static_items(low, operand, node)
    packed = expand(low, operand)
    if packed is not None:
        if packed.kind is dict:
            return tuple(Const(key) for key in packed.keys)
        if issubclass(packed.kind, (tuple, list)):
            return packed.items
        return static_items(low, packed, node)
    t = type_of(operand)
    if isinstance(operand, Const) and not isinstance(operand.value, (np.ndarray, np.generic)):
        if acts_at_run_time(operand.value):
            name = class_of(operand.value).__name__
            low.refuse(
                f"the items of an object of the class `{name}` are only known when the program "
                "runs.",
                "Make a tuple of them outside of the function.",
                node,
            )
        try:
            return tuple(Const(item) for item in operand.value)
        except TypeError:
            low.refuse(f"`{operand.value!r}` has no items.", node=node)
    first = t.shape[0] if isinstance(t, Array) and t.shape else None
    if isinstance(first, int):
        count = first
    elif count is not None:
        low.effect(check_length, operand, Const(count))
    if count is None:
        raise NeedsStatic.of(
            low,
            operand,
            "how many items this has is only known when the program runs.",
            "Use a tuple or list of a fixed length.",
        )
    return tuple(low.apply(operator.getitem, operand, Const(place)) for place in range(count))
