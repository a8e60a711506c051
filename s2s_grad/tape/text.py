"""How tensors print."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.tape.core import Tensor
from s2s_grad.tape.number import Number

__all__ = ["Text", "describe", "formatted"]


class Text(str):
    """A text that was made of a value that is differentiated.

    Attributes
    ----------
    source : Tensor or None
        The number that the whole text is; None where it was rounded.
    """

    __slots__ = ("source",)
    source: Tensor | None

    def __new__(cls, text: str, source: Tensor | None) -> Text:
        """Make the text."""
        made = super().__new__(cls, text)
        made.source = source
        return made


def formatted(tensor: Tensor, spec: str) -> str:
    """Return the text of a tensor in a function that is differentiated as NumPy code.

    What is differentiated is not written as a number: none must be read from the text unnoticed.
    """
    value: Any = tensor._value
    if type(value) is Number:
        value = float(value)
    if not tensor.requires_grad:
        return format(value, spec)
    if spec:
        return Text(format(value, spec), None)
    return Text(describe(tensor), tensor if tensor.size == 1 else None)


def describe(tensor: Tensor) -> str:
    """Return ``tensor([1., 2.], requires_grad=True)`` and its like."""
    values = np.array2string(
        np.asarray(tensor._value), separator=", ", prefix="tensor(", precision=4
    )
    parts = [values]
    if tensor.dtype not in (np.dtype(float), np.dtype(int), np.dtype(bool), np.dtype(complex)):
        parts.append(f"dtype={tensor.dtype}")
    node = tensor.grad_fn
    if node is not None:
        parts.append(f"grad_fn=<{node.name()}>")
    elif tensor.requires_grad:
        parts.append("requires_grad=True")
    return f"tensor({', '.join(parts)})"
