"""Dispatch for functions of our own, in the manner of NumPy's protocols.

NumPy hands a call to an operand that overrides it; so does a function marked with `operation`.
Rules that call one work on arrays, on staged operands and on tape tensors alike.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

__all__ = ["dispatching", "operation"]

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


def dispatching(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of another library with dispatch: the call goes over under its own name.

    NumPy's functions that only take sizes (`np.eye`) do not dispatch, nor do those of `math`.

    Examples
    --------
    >>> import math
    >>> dispatching(math.floor)(2.5)
    2
    """

    def dispatch(*args: Any, **kwargs: Any) -> Any:
        handler = _handler((*args, *kwargs.values()))
        return function(*args, **kwargs) if handler is None else handler(function, args, kwargs)

    dispatch.__wrapped__ = function  # pyright: ignore[reportFunctionMemberAccess]
    return dispatch


def _handler(values: Any) -> Callable[..., Any] | None:
    """Return the method of the first operand, at any depth, that takes calls over."""
    for value in values:
        found: Any = getattr(value, "__s2s_call__", None)
        if found is None and isinstance(value, (tuple, list)):
            found = _handler(value)
        if found is not None:
            return found
    return None
