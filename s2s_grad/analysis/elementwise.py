"""The types of operators and of functions that work item by item: by broadcasting and promotion."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from s2s_grad.analysis.operand_types import type_of
from s2s_grad.analysis.sizes import broadcast_shapes, shift
from s2s_grad.ir.nodes import Const, Operand
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.types import UNKNOWN, Array, Kind, Scalar, Sequence, Size, Type, join

__all__ = ["as_array", "elementwise", "power", "python_operator"]

_BOOL = Scalar("bool")
_RANK_KINDS: tuple[Kind, ...] = ("bool", "int", "float", "complex")


def python_operator(fn: Any, args: tuple[Operand, ...], types: tuple[Type, ...]) -> Type | None:
    """Return the type where all operands are Python scalars, so that Python's operator is meant."""
    if not all(isinstance(t, Scalar) for t in types):
        return None
    scalars = [t for t in types if isinstance(t, Scalar)]
    if primitive(fn).compares:
        return _BOOL
    kind = _RANK_KINDS[max(_RANK_KINDS.index(t.kind) for t in scalars)]
    if fn in (np.bitwise_and, np.bitwise_or, np.bitwise_xor) and kind == "bool":
        return _BOOL
    if kind == "bool":
        kind = "int"
    if fn is np.divide and kind == "int":
        return Scalar("float")
    if fn is np.power and kind != "complex":
        exponent = args[1]
        known = isinstance(exponent, Const)
        if kind == "int":
            return Scalar("int") if known and exponent.value >= 0 else UNKNOWN
        if known and float(exponent.value).is_integer():
            return Scalar("float")
        # A negative float to a fractional power is complex in Python.
        return Scalar("float")
    size: Size | None = None
    if kind == "int" and len(scalars) == 2:
        a, b = scalars[0].size, scalars[1].size
        if fn is np.add and isinstance(b, int):
            size = shift(a, b)
        elif fn is np.add and isinstance(a, int):
            size = shift(b, a)
        elif fn is np.subtract and isinstance(b, int):
            size = shift(a, -b)
        elif isinstance(a, int) and isinstance(b, int) and fn is np.multiply:
            size = a * b
    return Scalar(kind, size)


_WEAK = {"int": int, "float": float, "complex": complex, "bool": np.dtype(bool)}


def elementwise(fn: np.ufunc, types: tuple[Type, ...]) -> Type:
    """Return the type of what an elementwise function gives for operands of these types."""
    shapes: list[tuple[Size, ...] | None] = []
    dtypes: list[Any] = []
    for t in types:
        match t:
            case Scalar():
                shapes.append(())
                dtypes.append(_WEAK[t.kind])
            case Array():
                shapes.append(t.shape)
                dtypes.append(t.dtype)
            case _:
                array = as_array(t)
                if array is None:
                    return Array() if isinstance(t, (type(UNKNOWN), Sequence)) else UNKNOWN
                shapes.append(array.shape)
                dtypes.append(array.dtype)
    if primitive(fn).compares:
        return Array(np.dtype(bool), broadcast_shapes(*shapes))
    dtype = None if any(d is None for d in dtypes) else _result_dtype(fn, tuple(dtypes))
    return Array(dtype, broadcast_shapes(*shapes))


def as_array(t: Type) -> Array | None:
    """Return the type of `np.asarray` of a sequence of scalars or equal arrays."""
    if not isinstance(t, Sequence) or not t.items:
        return None
    items = [as_array(item) if isinstance(item, Sequence) else item for item in t.items]
    joined = items[0]
    for item in items[1:]:
        joined = None if joined is None or item is None else join(joined, item)
    if isinstance(joined, Scalar):
        natural = {"float": "float64", "complex": "complex128", "int": "int64", "bool": "bool"}
        return Array(np.dtype(natural[joined.kind]), (len(items),))
    if isinstance(joined, Array) and joined.shape is not None:
        return Array(joined.dtype, (len(items), *joined.shape))
    return None


@lru_cache(maxsize=4096)
def _result_dtype(fn: np.ufunc, dtypes: tuple[Any, ...]) -> np.dtype[Any] | None:
    try:
        return fn.resolve_dtypes((*dtypes, *(None,) * fn.nout))[-1]
    except TypeError:
        pass
    try:
        # Python scalars alone are not resolved as weak ones by every version.
        strong = tuple(np.dtype(d) for d in dtypes)
        return fn.resolve_dtypes((*strong, *(None,) * fn.nout))[-1]
    except TypeError:
        return None


def power(args: tuple[Operand, ...]) -> Type:
    """Return the type of a power, of Python numbers or of arrays."""
    types = tuple(type_of(arg) for arg in args)
    scalar = python_operator(np.power, args, types)
    return elementwise(np.power, types) if scalar is None else scalar
