"""How tensors print."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.tape.core import Tensor, plain, plain_value
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.recording import any_active

__all__ = ["Text", "describe", "formatted", "modulo", "told"]


class Text(str):
    """A text that was made of a value that is differentiated.

    Attributes
    ----------
    source : Tensor or None
        The number that the whole text is; None where it is not, or was rounded.
    """

    __slots__ = ("source",)
    source: Tensor | None

    def __new__(cls, text: str, source: Tensor | None) -> Text:
        """Make the text."""
        made = super().__new__(cls, text)
        made.source = source
        return made


def formatted(tensor: Tensor, spec: str) -> str:
    """Return the text of a tensor in a function that is differentiated as NumPy code."""
    return told(tensor, format(plain_value(tensor), spec), exact=not spec)


def told(value: Any, text: str, exact: bool = False) -> str:
    """Return a text that tells a value; note it where that is differentiated."""
    if not any_active(value):
        return text
    STATE.texts = True
    return Text(text, value if exact and value.size == 1 else None)


def modulo(text: Any, given: Any) -> Any:
    """Return ``text % given``, a text with these values in it."""
    found = text % plain(given)
    return told(given, found) if isinstance(found, str) else found


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
