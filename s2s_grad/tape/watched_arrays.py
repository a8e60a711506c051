"""Arrays that are no tensors but that a backward pass needs: nobody counts the writes to them.

A small one is copied. Of a large one a fingerprint is taken, which is checked before it is used.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.tape.errors import InPlaceError

__all__ = ["Watched", "keep"]

_SMALL = 1 << 16


class Watched:
    """A large array with the fingerprint that it had."""

    __slots__ = ("array", "mark")

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self.array = array
        self.mark = _fingerprint(array)

    def check(self) -> Any:
        """Return the array; raise where it was changed."""
        if _fingerprint(self.array) != self.mark:
            raise InPlaceError(
                f"an array of shape {self.array.shape}, an operand of a recorded operation, was "
                "changed before backward()",
                "write to a copy, or make it a tensor: then the error names the line of the write",
            )
        return self.array


def keep(value: Any) -> Any:
    """Return what a node saves of a value that is no tensor."""
    if type(value) is not np.ndarray or not value.flags.writeable:
        return value
    if value.nbytes <= _SMALL or not (value.flags.c_contiguous or value.flags.f_contiguous):
        return value.copy()
    if value.dtype.hasobject or value.nbytes % 8:
        return value.copy()
    return Watched(value)


def _fingerprint(array: np.ndarray[Any, Any]) -> tuple[int, int]:
    words = array.ravel(order="K").view(np.uint64)
    return int(np.add.reduce(words)), int(np.bitwise_xor.reduce(words))
