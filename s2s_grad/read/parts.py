"""Take apart callables that only pass arguments on to another function."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Parts", "callable_parts"]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """``function(*args, *more, **{**kwargs, **more_kwargs})`` is what a call does."""

    function: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict[str, Any])
    called: tuple[type[Any], ...] = ()  # the classes whose ``__call__`` was taken


def callable_parts(fn: Callable[..., Any]) -> Parts:
    """Unwrap partial applications, bound methods, callable objects and C-level wrappers.

    A function, a ufunc or a builtin is its own single part. A Python function that carries
    ``__wrapped__`` is left alone: what it does is in its own body.
    """
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}
    called: tuple[type[Any], ...] = ()
    seen: set[int] = set()
    while id(fn) not in seen:
        seen.add(id(fn))
        if isinstance(fn, functools.partial):
            args = (*fn.args, *args)
            kwargs = {**fn.keywords, **kwargs}
            fn = fn.func
        elif isinstance(fn, types.MethodType):
            args = (fn.__self__, *args)
            fn = fn.__func__
        elif isinstance(fn, (types.FunctionType, types.BuiltinFunctionType, type)):
            break
        elif hasattr(fn, "__wrapped__"):
            wrapper: Any = fn
            fn = wrapper.__wrapped__
        elif isinstance(getattr(type(fn), "__call__", None), types.FunctionType):  # noqa: B004
            args = (fn, *args)
            called = (*called, type(fn))
            fn = type(fn).__call__
    return Parts(fn, args, kwargs, called)
