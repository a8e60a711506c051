"""Tensors made something else: numbers, arrays, lists, copies, texts."""

from __future__ import annotations

import operator
import warnings
from typing import Any

import numpy as np

from s2s_grad.tape.callee import asking, is_stored
from s2s_grad.tape.core import Tensor, array_of, attach
from s2s_grad.tape.dispatch import apply_function
from s2s_grad.tape.errors import ConnectionWarning, TapeError
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.printing import formatted
from s2s_grad.tape.user_lines import here, library_call, location
from s2s_grad.tape.value_tests import is_array

__all__: list[str] = []


@attach("numpy")
def numpy(tensor: Tensor) -> Any:
    """Return the array; it shares memory with the tensor."""
    if tensor.requires_grad:
        raise TapeError(
            "numpy() was called on a tensor that requires grad: what is computed from the "
            "array would not be recorded",
            "call detach().numpy()",
            None,
        )
    return array_of(tensor)


@attach("item")
def item(tensor: Tensor, *place: Any) -> Any:
    """Return the one value as a Python number.

    In a function that is differentiated as NumPy code it stays a tensor, of no axes.
    """
    if len(place) == 1 and not isinstance(place[0], tuple):
        size = tensor._value.size
        if not -size <= place[0] < size:
            raise IndexError(f"index {place[0]} is out of bounds for axis 0 with size {size}")
        return tensor[np.unravel_index(place[0] % size, tensor.shape)].item()
    if place:
        return tensor[place[0] if len(place) == 1 else place].item()
    if tensor._value.size != 1:
        raise ValueError(f"item() needs a tensor of one item, not of shape {tensor.shape}")
    if _stays(tensor):
        return tensor[(0,) * tensor.ndim] if tensor.ndim else tensor
    return tensor._value.item()


@attach("tolist")
def tolist(tensor: Tensor) -> Any:
    """Return the values as nested lists: of tensors where `item` would give one."""
    if not _stays(tensor):
        return tensor._value.tolist()
    return [part.tolist() if part.ndim else part for part in tensor] if tensor.ndim else tensor


def _stays(tensor: Tensor) -> bool:
    return STATE.strict and STATE.enabled and tensor.requires_grad


@attach("__bool__")
def _bool(tensor: Tensor) -> bool:
    return bool(tensor._value)


@attach("__index__")
def _index(tensor: Tensor) -> int:
    return operator.index(tensor._value)


def _number(tensor: Tensor) -> Any:
    """Return the one value of a tensor as a Python number."""
    if tensor.size != 1:
        raise TypeError("only 0-dimensional arrays can be converted to Python scalars")
    return tensor.detach().item()


def _check_single(tensor: Tensor, kind: Any) -> None:
    """Raise where NumPy does not make a number of a class of an array."""
    if STATE.strict and is_array(tensor._value):
        kind(np.zeros(tensor.shape))


@attach("__float__")
def _float(tensor: Tensor) -> float:
    _check_single(tensor, float)
    if tensor.requires_grad and STATE.enabled:
        _warn_cut(tensor, "float")
    return float(_number(tensor))


@attach("__int__")
def _int(tensor: Tensor) -> int:
    _check_single(tensor, int)
    return int(_number(tensor))


@attach("__complex__")
def _complex(tensor: Tensor) -> complex:
    _check_single(tensor, complex)
    if tensor.requires_grad and STATE.enabled:
        _warn_cut(tensor, "complex")
    return complex(_number(tensor))


def _warn_cut(tensor: Tensor, name: str) -> None:
    """Warn that a number leaves the graph; a function of `math` that asked for it is refused."""
    if is_stored():
        raise _not_an_array()
    called = asking()
    if called is not None:
        module, function = called.__module__, called.__name__
        better = {"pow": "power", "fabs": "abs", "asin": "arcsin", "acos": "arccos"}.get(function)
        better = better or {"atan": "arctan", "atan2": "arctan2", "log": "log"}.get(function)
        better = better or (function if hasattr(np, function) else None)
        raise TapeError(
            f"`{module}.{function}` was called with a tensor that requires grad: it would return "
            "a plain number, and the gradient would be lost",
            f"use np.{better}" if better else "use a function of NumPy, or detach() the tensor",
            location(here()),
        )
    if STATE.strict:
        if library_call() is not None:
            raise _not_an_array()
        STATE.refusal = TapeError(
            f"{name}() was called with a value that is differentiated: the result is a plain "
            "number, and its gradient would be lost",
            "leave the conversion out: the value is a number already",
            location(here()),
        )
        raise STATE.refusal
    warnings.warn(
        f"{name}() of a tensor that requires grad is a plain number: the connection to the graph "
        "is cut, no gradient flows through it; use item() or detach() to say that this is meant",
        ConnectionWarning,
        stacklevel=3,
    )


@attach("__round__")
def _round(tensor: Tensor, digits: int | None = None) -> Any:
    if STATE.strict and not is_array(tensor._value):
        return round(tensor._value, digits)  # in steps: a constant
    return apply_function(np.round, (tensor, digits or 0), {})


@attach("__floor__")
def _floor(tensor: Tensor) -> int:
    return int(np.floor(_number(tensor)))


@attach("__ceil__")
def _ceil(tensor: Tensor) -> int:
    return int(np.ceil(_number(tensor)))


@attach("__trunc__")
def _trunc(tensor: Tensor) -> int:
    return int(_number(tensor))


@attach("__format__")
def _format(tensor: Tensor, spec: str) -> str:
    if STATE.strict:
        return formatted(tensor, spec)
    alone = spec and tensor.size == 1
    return format(_number(tensor) if alone else repr(tensor), spec)


@attach("__array__")
def _array(tensor: Tensor, dtype: Any = None, copy: bool | None = None) -> Any:
    if tensor.requires_grad and STATE.enabled:
        raise _not_an_array()
    return np.array(array_of(tensor), dtype=dtype, copy=copy)


def _not_an_array() -> TapeError:
    library = library_call()
    if library is not None:
        STATE.refusal = TapeError(
            f"`{library}` has no rule, and its argument is differentiated",
            "declare one with s2s_grad.rules, write what it computes in NumPy, or detach() the "
            "argument where it is a constant",
            location(here()),
        )
        return STATE.refusal
    STATE.refusal = TapeError(
        "a tensor that requires grad was converted to an array, or written into one: what is "
        "computed from the array would not be recorded",
        "detach() it where that is meant; to fill an array with tensors, make the array a "
        "tensor (tape.zeros, np.zeros_like(tensor)); to join tensors use np.stack or "
        "np.concatenate",
        location(here()),
    )
    return STATE.refusal


@attach("as_integer_ratio")
def _ratio(tensor: Tensor) -> tuple[int, int]:
    """Return the two integers whose quotient a float is; libraries ask for them."""
    if tensor.requires_grad:
        raise TapeError(
            "a value that is differentiated was made a fraction: its gradient would be lost",
            "compute with the value itself",
            location(here()),
        )
    return float(tensor._value).as_integer_ratio()


# ---------------------------------------------------------------------------------- copy and pickle


@attach("__deepcopy__")
def _deepcopy(tensor: Tensor, memo: dict[int, Any]) -> Tensor:
    if STATE.strict:
        return tensor.clone() if is_array(tensor._value) else tensor
    if not tensor.is_leaf:
        raise TapeError(
            "only leaves can be copied with deepcopy: the copy of a result would share its history",
            "use clone() to stay in the graph, or detach() first",
            location(here()),
        )
    import copy

    twin = Tensor(np.array(tensor._value))
    twin._requires = tensor._requires
    memo[id(tensor)] = twin
    twin._grad = copy.deepcopy(tensor._grad, memo)
    return twin


@attach("__reduce_ex__")
def _reduce(tensor: Tensor, protocol: int) -> Any:
    if STATE.strict and tensor.requires_grad:
        raise TapeError(
            "a value that is differentiated was pickled: its gradient would be lost",
            "copy it with .copy() or copy.deepcopy",
            location(here()),
        )
    return (_restore, (np.array(tensor._value), tensor.requires_grad))


def _restore(value: Any, requires_grad: bool) -> Tensor:
    return Tensor(value, requires_grad)
