"""Indices of views: one index that does what two do, one after the other."""

from __future__ import annotations

from s2s_grad.analysis.indexing import index_items
from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.ir.types import Scalar
from s2s_grad.lower.terms.values import NONE

__all__ = ["compose", "is_none"]


def compose(outer: Operand, inner: Operand) -> Operand | None:
    """Return the one index that does what ``x[outer][inner]`` does; None if there is none."""
    first, second = index_items(outer), list(index_items(inner))
    if not (_is_plain(first) and _is_plain(tuple(second))):
        return None
    items: list[Operand] = []
    for item in first:
        if type_of(item) == Scalar("int") or isinstance(type_of(item), Scalar):
            items.append(item)
        elif not _is_full(item):
            return None
        else:
            items.append(second.pop(0) if second else item)
    items += second
    return items[0] if len(items) == 1 else Pack(tuple, tuple(items))


def _is_plain(items: tuple[Operand, ...]) -> bool:
    """Return whether an index is made of integers and slices alone."""
    return all(
        (isinstance(item, Pack) and item.kind is slice)
        or (isinstance(item, Const) and isinstance(item.value, slice))
        or (isinstance(type_of(item), Scalar) and type_of(item) != Scalar("bool"))
        for item in items
    )


def _is_full(item: Operand) -> bool:
    if isinstance(item, Const):
        return item.value == slice(None)
    return isinstance(item, Pack) and all(is_none(bound) for bound in item.items)


def is_none(operand: Operand) -> bool:
    """Return whether an operand is None."""
    return operand is NONE or (isinstance(operand, Const) and operand.value is None)
