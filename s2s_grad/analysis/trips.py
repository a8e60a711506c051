"""How often a loop runs, where its sequences say it."""

from __future__ import annotations

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Loop
from s2s_grad.ir.types import Array, ListOf, Range, Size

__all__ = ["trips_of"]


def trips_of(loop: Loop) -> Size | None:
    """Return how often a loop runs if nothing ends it early; None where that is not known."""
    for each in loop.each:
        match type_of(each.sequence):
            case Array(shape=(first, *_)):
                return first
            case ListOf(length=length) | Range(length=length) if length is not None:
                return length
            case _:
                pass
    return None
