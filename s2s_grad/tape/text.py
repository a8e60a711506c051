"""How tensors print."""

from __future__ import annotations

import numpy as np

from s2s_grad.tape.core import Tensor

__all__ = ["describe"]


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
