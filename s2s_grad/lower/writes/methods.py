"""Methods and attributes of arrays, as the functions that do the same."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Const, Operand, Origin, Pack
from s2s_grad.ir.types import Array, Scalar
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.terms.values import Args, Kwargs, static_value
from s2s_grad.lower.writes.write_calls import WRITING_METHODS, flat_view

__all__ = ["ARRAY_ATTRIBUTES", "ARRAY_METHODS", "REFUSED_METHODS"]

MethodLowering = Callable[["Lowerer", Operand, Args, Kwargs, Origin], Operand]
AttributeLowering = Callable[["Lowerer", Operand, Origin], Operand]


def _same(fn: Callable[..., Any]) -> MethodLowering:
    """Lower ``x.method(...)`` to ``fn(x, ...)``."""

    def lower(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        return low.call(fn, (x, *args), kwargs, origin)

    return lower


def _packed(fn: Callable[..., Any]) -> MethodLowering:
    """Lower ``x.method(a, b)`` to ``fn(x, (a, b))``."""

    def lower(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        if len(args) == 1 and (fn is np.reshape or _is_sequence(args[0])):
            packed = args
        elif args:
            packed = (Pack(tuple, args),)
        else:
            packed = ()
        return low.call(fn, (x, *packed), kwargs, origin)

    return lower


def _is_sequence(operand: Operand) -> bool:
    value = static_value(operand)
    if isinstance(operand, Pack) or value is None or isinstance(value, (tuple, list)):
        return True
    return not isinstance(type_of(operand), Scalar)


def _flatten(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    return low.call(np.copy, (low.call(np.ravel, (x, *args), kwargs, origin),))


def _conjugate(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    t = type_of(x)
    if isinstance(t, Array) and t.dtype is not None and t.dtype.kind in "biuf":
        return x  # the conjugate of a real array is the array itself
    found = low.call(np.conjugate, (x, *args), kwargs, origin)
    return low.call(_PYTHON[t.kind], (found,), {}, origin) if isinstance(t, Scalar) else found


def _compress(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    condition, *axis = args
    return low.call(np.compress, (condition, x, *axis), kwargs, origin)


def _item(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    t = type_of(x)
    if isinstance(t, Scalar) and not args:
        return x
    dtype = t.dtype if isinstance(t, Array) else None
    if dtype is None:
        low.refuse("`.item()` of an array whose dtype is not known.", "Use `float(x)`.")
    kinds: dict[str, Any] = {"f": builtins.float, "c": builtins.complex, "b": builtins.bool}
    convert = kinds.get(dtype.kind, builtins.int)
    if len(args) == 1 and not isinstance(args[0], Pack):
        x = low.apply(operator.getitem, low.apply(np.ravel, x), args[0])
    elif args:
        index = args[0] if len(args) == 1 else Pack(tuple, args)
        if isinstance(index, Pack) and isinstance(t, Array) and t.rank != len(index.items):
            low.refuse("`.item()` takes one index for each axis.", "Give as many as there are.")
        x = low.apply(operator.getitem, x, index)
    elif isinstance(t, Array) and t.shape != ():
        x = low.apply(np.reshape, x, Pack(tuple, ()))
    return low.call(convert, (x,), {}, origin)


def _copy(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    if not args and not kwargs and not low.aliases.of(x):
        return x  # a NumPy scalar, of which `np.copy` would make an array
    return low.call(np.copy, (x, *args), kwargs, origin)


_PYTHON: dict[str, Any] = {"bool": int, "int": int, "float": float, "complex": complex}


def _astype(low: Lowerer, x: Operand, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    options = {name: value for name, value in kwargs.items() if name in ("dtype", "copy")}
    return low.call(np.astype, (x, *args[:1]), options, origin)


ARRAY_METHODS: dict[str, MethodLowering] = {
    name: _same(getattr(np, name))
    for name in (
        "all", "any", "argmax", "argmin", "argpartition", "argsort", "choose", "clip",
        "cumprod", "cumsum", "diagonal", "dot", "max", "mean", "min", "nonzero", "prod", "ravel",
        "repeat", "round", "searchsorted", "squeeze", "std", "sum", "swapaxes", "take", "trace",
        "var",
    )
} | {
    "reshape": _packed(np.reshape),
    "transpose": _packed(np.transpose),
    "flatten": _flatten,
    "compress": _compress,
    "conj": _conjugate,
    "conjugate": _conjugate,
    "copy": _copy,
    "item": _item,
    "astype": _astype,
    **WRITING_METHODS,
    "__len__": _same(builtins.len),
    "__abs__": _same(builtins.abs),
}  # fmt: skip


def _function(fn: Callable[..., Any]) -> AttributeLowering:
    return lambda low, x, origin: low.call(fn, (x,), {}, origin)


def _dtype(low: Lowerer, x: Operand, origin: Origin) -> Operand:
    t = type_of(x)
    if isinstance(t, Array) and t.dtype is not None:
        return Const(t.dtype)
    return low.apply(np.result_type, x, origin=origin)


def _ndim(low: Lowerer, x: Operand, origin: Origin) -> Operand:
    t = type_of(x)
    if isinstance(t, Array) and t.shape is not None:
        return Const(len(t.shape))
    return low.apply(np.ndim, x, origin=origin)


def _real(low: Lowerer, x: Operand, origin: Origin) -> Operand:
    t = type_of(x)
    if isinstance(t, Array) and t.dtype is not None and t.dtype.kind == "f":
        return x  # the real part of a real array is the array itself
    return low.call(np.real, (x,), {}, origin)


def _flat(low: Lowerer, x: Operand, origin: Origin) -> Operand:
    return flat_view(low, x)


ARRAY_ATTRIBUTES: dict[str, AttributeLowering] = {
    "T": _function(np.transpose),
    "mT": _function(np.matrix_transpose),
    "shape": _function(np.shape),
    "size": _function(np.size),
    "flat": _flat,
    "real": _real,
    "imag": _function(np.imag),
    "dtype": _dtype,
    "ndim": _ndim,
}

_IN_PLACE = "changes the array in place, which is not supported"
REFUSED_METHODS: dict[str, tuple[str, str]] = {
    "resize": (_IN_PLACE, "Use `np.resize(x, shape)`."),
    "itemset": (_IN_PLACE, "Use `np.where`."),
    "setfield": (_IN_PLACE, "Use `np.where`."),
    "tolist": ("gives Python numbers, which is not supported", "Keep the array."),
    "view": ("reinterprets memory, which is not supported", "Use `x.astype(dtype)`."),
    "tobytes": ("gives bytes, which cannot be differentiated", "Keep the array."),
}
