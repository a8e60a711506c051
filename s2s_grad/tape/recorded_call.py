"""The call of a function that was written for NumPy: run as a copy on tensors, and recorded."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

__all__ = ["vjp"]


def vjp(
    fn: Callable[..., Any], *args: Any, items: int | None = None
) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return ``(value, pullback)`` of a call, recorded; the pullback gives one item per argument.

    It is what emitted code calls where a function could not be compiled.

    Parameters
    ----------
    fn : callable
        The function.
    *args : object
        Its arguments, which it must not write into.
    items : int, optional
        The length of its result, if that is a tuple.

    Raises
    ------
    NotSeparable
        If the function does more than return an array or a number, or a tuple of `items` of them.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> value, pullback = tape.vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> value, pullback(1.0)
    (6.0, (3.0, 2.0))
    """
    # By name: the engine knows nothing of what runs users' functions on it.
    return importlib.import_module("s2s_grad.emulate").vjp(fn, args, items)
