"""Dispatch for functions of our own, in the manner of NumPy's protocols.

NumPy hands a call to an operand that overrides it; so does a function marked with `operation`.
Rules that call one work on arrays, on staged operands and on tape tensors alike.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

__all__ = ["operation"]

P = ParamSpec("P")
R = TypeVar("R")


def operation(function: Callable[P, R]) -> Callable[P, R]:
    """Let operands that define ``__s2s_call__(function, args, kwargs)`` take over a call."""

    @functools.wraps(function)
    def dispatch(*args: P.args, **kwargs: P.kwargs) -> R:
        for arg in (*args, *kwargs.values()):
            handler: Any = getattr(type(arg), "__s2s_call__", None)
            if handler is not None:
                return handler(arg, dispatch, args, kwargs)
        return function(*args, **kwargs)

    return dispatch
