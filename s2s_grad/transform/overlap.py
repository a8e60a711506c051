"""Arguments of functions that write into them: they must not share memory with one another."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from s2s_grad.errors import ArgumentError
from s2s_grad.ir.guards import is_array, overlap
from s2s_grad.ir.trees import leaves

if TYPE_CHECKING:
    from s2s_grad.ir.nodes import Function

__all__ = ["with_separate_arguments"]


def with_separate_arguments(
    compiled: Callable[..., Any], program: Function, name: str, names: Collection[str]
) -> Callable[..., Any]:
    """Return a compiled function that checks its arguments first.

    The program was compiled as if each argument had memory of its own. That matters for those that
    the primal writes into: if one overlaps with another, the primal sees the change in both.
    `names` are the arguments of the primal: it does not see directions.
    """
    signature = inspect.signature(compiled)

    @functools.wraps(compiled)
    def checked(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs).arguments
        arrays = [
            (key, array)
            for key, value in bound.items()
            if key in names
            for array in leaves(value)
            if is_array(array)
        ]
        for place, (key, array) in enumerate(arrays):
            if key not in program.writes:
                continue
            for i, (other, candidate) in enumerate(arrays):
                if i != place and overlap(array, candidate):
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
