"""In-place operators and methods of tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.tape.core import Tensor, array_of, attach, plain
from s2s_grad.tape.errors import InPlaceError
from s2s_grad.tape.operators import BINARY
from s2s_grad.tape.user_lines import here, location
from s2s_grad.tape.writes import apply, check_fits, inplace_ufunc, set_items

__all__ = ["clamp_", "clip_", "copy_", "detach_", "fill", "fill_", "partition", "sort", "zero_"]


def _operator(fn: Any) -> Callable[[Tensor, Any], Any]:
    def run(tensor: Tensor, other: Any) -> Any:
        return inplace_ufunc(fn, tensor, other)

    return run


for _name, _fn in BINARY.items():
    attach(f"__i{_name}__")(_operator(_fn))


@attach("__imatmul__")
def _imatmul(tensor: Tensor, other: Any) -> Any:
    return apply(np.matmul, tensor, other)


def _binary(fn: Any) -> Callable[..., Tensor]:
    def method(tensor: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
        array_of(tensor)
        return apply(fn, tensor, other if alpha == 1 else other * alpha)

    return method


def _unary(fn: Any) -> Callable[..., Tensor]:
    def method(tensor: Tensor) -> Tensor:
        array_of(tensor)
        return apply(fn, tensor)

    return method


for _names, _fn in (
    (("add_",), np.add),
    (("sub_", "subtract_"), np.subtract),
    (("mul_", "multiply_"), np.multiply),
    (("div_", "divide_"), np.divide),
    (("pow_",), np.power),
    (("remainder_",), np.remainder),
):
    for _name in _names:
        attach(_name)(_binary(_fn))
for _name in [
    "abs",
    "exp",
    "log",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "tanh",
    "square",
    "reciprocal",
    "log1p",
    "expm1",
    "floor",
    "ceil",
]:
    attach(f"{_name}_")(_unary({"abs": np.absolute}.get(_name) or getattr(np, _name)))
attach("neg_")(_unary(np.negative))


@attach("sigmoid_")
def _sigmoid(tensor: Tensor) -> Tensor:
    from s2s_grad.tape.nn import functional

    array_of(tensor)
    return apply(functional.sigmoid, tensor)


@attach("relu_")
def _relu(tensor: Tensor) -> Tensor:
    from s2s_grad.tape.nn import functional

    array_of(tensor)
    return apply(functional.relu, tensor)


@attach("clamp_")
def clamp_(tensor: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Limit the values in place."""
    array_of(tensor)
    return apply(np.clip, tensor, min, max)


@attach("clip_")
def clip_(tensor: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Limit the values in place."""
    return clamp_(tensor, min, max)


@attach("fill_")
def fill_(tensor: Tensor, value: Any) -> Tensor:
    """Set every item."""
    array_of(tensor)
    set_items(tensor, ..., value)
    return tensor


@attach("fill")
def fill(tensor: Tensor, value: Any) -> None:
    """Set every item, as NumPy's method does, to one number."""
    if np.ndim(plain(value)):
        raise ValueError("setting an array element with a sequence.")
    fill_(tensor, value)


@attach("zero_")
def zero_(tensor: Tensor) -> Tensor:
    """Set every item to zero."""
    return fill_(tensor, 0)


@attach("copy_")
def copy_(tensor: Tensor, other: Any) -> Tensor:
    """Set the items to those of another tensor, which is broadcast."""
    check_fits(plain(other), tensor._value)
    return fill_(tensor, other)


@attach("sort")
def sort(tensor: Tensor, axis: int = -1, kind: Any = None, *, stable: Any = None) -> None:
    """Sort in place along an axis, as NumPy's method does; how makes no difference to numbers."""
    apply(np.sort, tensor, axis=axis)


@attach("partition")
def partition(tensor: Tensor, kth: Any, axis: int = -1, kind: Any = None) -> None:
    """Order in place around places, as NumPy's method does."""
    apply(np.partition, tensor, kth, axis=axis)


@attach("detach_")
def detach_(tensor: Tensor) -> Tensor:
    """Forget the history of this tensor."""
    if tensor._view is not None:
        raise InPlaceError(
            "detach_() was called on a view: its base would keep the history",
            "use detach(), or call detach_() on the base",
            location(here()),
        )
    tensor._node = None
    tensor._requires = False
    return tensor
