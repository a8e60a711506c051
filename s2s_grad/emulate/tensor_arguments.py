"""The arguments of a function that runs on the tape: copies, with tensors for their numbers."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from s2s_grad.ir.trees import is_container, map_tree, parts_of
from s2s_grad.tape.core import Tensor, wrap
from s2s_grad.tape.number import Number
from s2s_grad.tape.recording import is_active
from s2s_grad.tape.ufuncs import unary
from s2s_grad.tape.value_tests import is_array, is_numeric

__all__ = ["argument", "constants", "pairs", "point_of"]


def pairs(given: Any, passed: Any) -> Iterator[tuple[Any, Any]]:
    """Yield a value and its copy, then so for each of their items."""
    yield given, passed
    items, copies = parts_of(given), parts_of(passed)
    for key, item in (items or {}).items():
        yield from pairs(item, (copies or {})[key])


def point_of(value: Any) -> Any:
    """Return the tensor that a leaf of an argument is differentiated by."""
    if isinstance(value, Tensor):
        return _same(value) if is_active(value) else value.detach().requires_grad_()
    if isinstance(value, bool) or value is None:
        return value
    if type(value) is float:
        return wrap(Number(value)).requires_grad_()
    if type(value) is complex:
        return wrap(np.complex128(value)).requires_grad_()
    if is_numeric(value) and value.dtype.kind in "fc":
        return wrap(value).requires_grad_()
    return value


def argument(point: Any) -> Any:
    """Return what the primal gets: a copy, that it may write to."""
    if not isinstance(point, Tensor):
        return point
    if type(point._value) is np.ndarray:
        copied = point.clone()
        copied._value = _in_layout(copied._value, point._value)
        return copied
    return _same(point)


def _same(tensor: Tensor) -> Any:
    """Return another tensor with the value of a tensor, a float of Python's as one."""
    return unary(np.positive, tensor, operator.pos if is_number(tensor._value) else None)


def is_number(value: Any) -> bool:
    """Return whether a tensor's value is a float of Python's."""
    return type(value) is Number


def _in_layout(copied: Any, like: Any) -> Any:
    """Return a copy with the strides of an array: what is a view of it depends on them."""
    step = like.itemsize
    if copied.strides == like.strides or any(s == 0 or s % step for s in like.strides):
        return copied
    strides = [abs(s) for s in like.strides]
    extent = sum((n - 1) * s // step for n, s in zip(like.shape, strides, strict=True)) + 1
    if not like.size or extent > 16 * like.size:
        return copied
    strided = np.lib.stride_tricks.as_strided(np.zeros(extent, like.dtype), like.shape, strides)[
        tuple([slice(None, None, -1 if s < 0 else 1) for s in like.strides])
    ]
    strided[...] = copied
    return strided


def constants(value: Any) -> Any:
    """Return what the primal gets of an argument by which nothing is differentiated: a copy."""
    if not is_container(value):
        return _constant(value)
    return map_tree(_constant, value)


def _constant(value: Any) -> Any:
    if is_array(value):
        copied = _in_layout(np.copy(value), value)
        return wrap(copied) if value.dtype.kind in "fc" else copied
    if isinstance(value, Tensor):
        return argument(value)
    return value
