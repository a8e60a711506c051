"""Methods of tensors: those of NumPy's arrays, and PyTorch's names for the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.tape.core import Tensor, array_of, attach, wrap
from s2s_grad.tape.dispatch import apply_function
from s2s_grad.tape.errors import TapeError
from s2s_grad.tape.object_arrays import as_objects
from s2s_grad.tape.shaping import sizes_of
from s2s_grad.tape.ufuncs import elementwise, unary
from s2s_grad.tape.user_lines import here, location
from s2s_grad.tape.value_tests import is_array

__all__: list[str] = []


def _numpy(fn: Any) -> Callable[..., Any]:
    """Return the method that NumPy has as a function too."""

    def method(tensor: Tensor, *args: Any, **kwargs: Any) -> Any:
        out = kwargs.pop("out", None)
        if out is not None:
            return fn(tensor, *args, out=out, **kwargs)
        return apply_function(fn, (tensor, *args), kwargs)

    return method


_SAME = [
    "sum",
    "mean",
    "prod",
    "max",
    "min",
    "std",
    "var",
    "squeeze",
    "swapaxes",
    "dot",
    "clip",
    "cumsum",
    "cumprod",
    "diagonal",
    "trace",
    "repeat",
    "take",
    "argmax",
    "argmin",
    "argsort",
    "argpartition",
    "any",
    "all",
    "nonzero",
    "round",
    "ravel",
    "searchsorted",
    "moveaxis",
    "diff",
    "flip",
    "roll",
    "tile",
    "median",
    "expand_dims",
    "count_nonzero",
    "inner",
    "outer",
]
for _name in _SAME:
    attach(_name)(_numpy(getattr(np, _name)))


def _unary(fn: Any) -> Callable[[Tensor], Tensor]:
    return lambda tensor: unary(fn, tensor)


def _binary(fn: Any) -> Callable[[Tensor, Any], Any]:
    return lambda tensor, other: elementwise(fn, tensor, other)


_UFUNCS = [
    "exp",
    "log",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "square",
    "reciprocal",
    "log1p",
    "expm1",
    "exp2",
    "log2",
    "log10",
    "sign",
    "floor",
    "ceil",
    "trunc",
    "isnan",
    "isinf",
    "isfinite",
]
for _name in _UFUNCS:
    attach(_name)(_unary(getattr(np, _name)))
for _name, _fn in {
    "abs": np.absolute,
    "neg": np.negative,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
}.items():
    attach(_name)(_unary(_fn))


@attach("conj")
@attach("conjugate")
def conjugate(tensor: Tensor) -> Tensor:
    """Return the complex conjugate; that of a real tensor is the tensor itself."""
    return unary(np.conjugate, tensor) if np.iscomplexobj(tensor._value) else tensor


for _name, _fn in {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "pow": np.power,
    "matmul": np.matmul,
    "mm": np.matmul,
    "mv": np.matmul,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "remainder": np.remainder,
    "fmod": np.fmod,
    "atan2": np.arctan2,
    "hypot": np.hypot,
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}.items():
    attach(_name)(_binary(_fn))


@attach("clone")
def clone(tensor: Tensor) -> Any:
    """Return a copy that gradients flow through."""
    return apply_function(np.copy, (tensor,), {})


@attach("copy")
def copy(tensor: Tensor, order: str = "C") -> Any:
    """Return a copy that gradients flow through, as NumPy's method does: in row order."""
    result = clone(tensor)
    if is_array(result._value):
        result._value = np.asarray(result._value, order="F" if order == "F" else "C")
    return result


@attach("__copy__")
def _copy(tensor: Tensor) -> Any:
    return clone(tensor)


@attach("contiguous")
def contiguous(tensor: Tensor) -> Any:
    """Return the tensor itself, or a copy in row order."""
    return tensor if array_of(tensor).flags.c_contiguous else clone(tensor)


@attach("astype")
def astype(tensor: Tensor, dtype: Any, copy: bool = True) -> Any:
    """Return the tensor with another dtype; gradients come back in this one."""
    kind = np.dtype(dtype)
    if not copy and kind == tensor.dtype:
        return tensor
    if kind.kind == "O":
        return as_objects(tensor)
    if kind.kind not in "fciub" and tensor.requires_grad:
        raise TapeError(
            f"a value that requires grad was put into an array of {kind}: its gradient would be "
            "lost",
            "use an array of floats",
            location(here()),
        )
    return apply_function(np.astype, (tensor, kind), {})


@attach("float")
def float_(tensor: Tensor) -> Any:
    """Return the tensor in single precision."""
    return astype(tensor, np.float32)


@attach("double")
def double(tensor: Tensor) -> Any:
    """Return the tensor in double precision."""
    return astype(tensor, np.float64)


@attach("clamp")
def clamp(tensor: Tensor, min: Any = None, max: Any = None) -> Any:
    """Limit the values."""
    return apply_function(np.clip, (tensor, min, max), {})


@attach("amax")
def amax(tensor: Tensor, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the largest value; ties share the gradient."""
    return apply_function(np.max, (tensor,), {"axis": axis, "keepdims": keepdims})


@attach("amin")
def amin(tensor: Tensor, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the smallest value; ties share the gradient."""
    return apply_function(np.min, (tensor,), {"axis": axis, "keepdims": keepdims})


@attach("norm")
def norm(tensor: Tensor, *args: Any, **kwargs: Any) -> Any:
    """Return the norm."""
    return apply_function(np.linalg.norm, (tensor, *args), kwargs)


@attach("sigmoid")
def sigmoid(tensor: Tensor) -> Any:
    """Return ``1 / (1 + exp(-t))``."""
    from s2s_grad.tape.nn import functional

    return functional.sigmoid(tensor)


@attach("relu")
def relu(tensor: Tensor) -> Any:
    """Return the positive part."""
    from s2s_grad.tape.nn import functional

    return functional.relu(tensor)


@attach("softmax")
def softmax(tensor: Tensor, axis: int = -1) -> Any:
    """Return the softmax along an axis."""
    from s2s_grad.tape.nn import functional

    return functional.softmax(tensor, axis)


@attach("dim")
def dim(tensor: Tensor) -> int:
    """Return the number of axes."""
    return tensor.ndim


@attach("numel")
def numel(tensor: Tensor) -> int:
    """Return the number of items."""
    return tensor.size


@attach("is_floating_point")
def is_floating_point(tensor: Tensor) -> bool:
    """Return whether the dtype is a real floating one."""
    return tensor.dtype.kind == "f"


@attach("is_complex")
def is_complex(tensor: Tensor) -> bool:
    """Return whether the dtype is complex."""
    return tensor.dtype.kind == "c"


@attach("data_ptr")
def data_ptr(tensor: Tensor) -> int:
    """Return the address of the first item."""
    return array_of(tensor).__array_interface__["data"][0]


def _part(fn: Any) -> Any:
    """Return a property for the real or the imaginary part, a view that can be assigned to."""

    def read(tensor: Tensor) -> Any:
        return apply_function(fn, (tensor,), {})

    def write(tensor: Tensor, value: Any) -> None:
        view = read(tensor)
        # After ``x.imag *= 2`` Python assigns the view, which has its new value by then.
        if not (isinstance(value, Tensor) and np.shares_memory(view._value, value._value)):
            view[...] = value

    return property(read, write)


attach("real")(_part(np.real))
attach("imag")(_part(np.imag))
attach("data")(property(lambda tensor: tensor.detach()))


@attach("new_zeros")
def new_zeros(tensor: Tensor, *shape: Any, requires_grad: bool = False) -> Tensor:
    """Return zeros of the same dtype."""
    result = wrap(np.zeros(sizes_of(shape), tensor.dtype))
    return result.requires_grad_(requires_grad)


@attach("new_ones")
def new_ones(tensor: Tensor, *shape: Any, requires_grad: bool = False) -> Tensor:
    """Return ones of the same dtype."""
    result = wrap(np.ones(sizes_of(shape), tensor.dtype))
    return result.requires_grad_(requires_grad)
