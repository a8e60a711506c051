"""PyTorch's names of a few functions of NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.tape.dispatch import apply_function

__all__ = ["cat", "exp", "log", "matmul", "stack", "where"]


def matmul(a: Any, b: Any) -> Any:
    """Return the matrix product.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.matmul(tape.ones(2), tape.ones(2))
    tensor(2.)
    """
    return apply_function(np.matmul, (a, b), {})


def stack(tensors: Any, axis: int = 0) -> Any:
    """Join along a new axis.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.stack([tape.ones(2), tape.zeros(2)]).shape
    (2, 2)
    """
    return apply_function(np.stack, (list(tensors),), {"axis": axis})


def cat(tensors: Any, axis: int = 0) -> Any:
    """Join along an axis.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.cat([tape.ones(2), tape.zeros(1)])
    tensor([1., 1., 0.])
    """
    return apply_function(np.concatenate, (list(tensors),), {"axis": axis})


def where(condition: Any, x: Any, y: Any) -> Any:
    """Choose by a condition.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> x = tape.tensor([1.0, -1.0])
    >>> tape.where(x > 0, x, 0.0)
    tensor([1., 0.])
    """
    return apply_function(np.where, (condition, x, y), {})


def exp(x: Any) -> Any:
    """Return the exponential.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.exp(tape.zeros(1))
    tensor([1.])
    """
    return apply_function(np.exp, (x,), {})


def log(x: Any) -> Any:
    """Return the logarithm.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.log(tape.ones(1))
    tensor([0.])
    """
    return apply_function(np.log, (x,), {})
