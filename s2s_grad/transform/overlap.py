"""Arguments of functions that write into them: they must not share memory with one another."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.errors import ArgumentError
from s2s_grad.ir.guards import is_array
from s2s_grad.ir.nodes import Function
from s2s_grad.ir.trees import leaves

__all__ = ["with_separate_arguments"]

_MOST_WORK = 10_000


def with_separate_arguments(
    compiled: Callable[..., Any], program: Function, name: str
) -> Callable[..., Any]:
    """Return a compiled function that checks its arguments first.

    The program was compiled as if each argument had memory of its own. That matters for those that
    the primal writes into: if one overlaps with another, the primal sees the change in both.
    """
    signature = inspect.signature(compiled)

    @functools.wraps(compiled)
    def checked(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs).arguments
        arrays = [
            (key, array)
            for key, value in bound.items()
            for array in leaves(value)
            if is_array(array)
        ]
        for place, (key, array) in enumerate(arrays):
            if key not in program.writes:
                continue
            for i, (other, candidate) in enumerate(arrays):
                if i != place and _overlap(array, candidate):
                    raise ArgumentError(
                        f"`{key}` and `{other}` share memory, and `{name}` writes into `{key}`",
                        "pass a copy of one of them",
                    )
            if key in program.contiguous and not array.flags.c_contiguous:
                raise ArgumentError(
                    f"`{name}` writes to `{key}` through a reshaped view, which is a copy here: "
                    f"`{key}` is not contiguous",
                    f"pass np.ascontiguousarray({key})",
                )
        return compiled(*args, **kwargs)

    return checked


def _overlap(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    if not np.may_share_memory(a, b):
        return False
    try:
        # NumPy takes any int; its stub knows two of them.
        return np.shares_memory(a, b, max_work=_MOST_WORK)  # pyright: ignore[reportArgumentType]
    except np.exceptions.TooHardError:
        return True
