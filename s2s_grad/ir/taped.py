"""Calls that are not compiled: they run on the tape, inside a program that is compiled."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["pull", "taped", "taped_vjp"]


def taped(function: Any, *args: Any, items: int | None = None) -> Any:
    """Return ``function(*args)``; `items` is the length of a result that is a tuple."""
    return taped_vjp(function, *args, items=items)[0]


def taped_vjp(function: Any, *args: Any, items: int | None = None) -> Any:
    """Return ``(value, pullback)`` of a call; it is printed as ``tape.vjp``."""
    # By name: the IR knows nothing of the tape, which is loaded by programs that call it.
    return importlib.import_module("s2s_grad.tape").vjp(function, *args, items=items)


def pull(pullback: Any, cotangent: Any) -> Any:
    """Return ``pullback(cotangent)``: one cotangent for each argument of the call."""
    return pullback(cotangent)
