"""The types of results whose sizes depend on values: their ranks and dtypes are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from s2s_grad.analysis.sizes import fresh_dim, shift
from s2s_grad.ir.nodes import Const, Operand
from s2s_grad.ir.types import Array, Scalar, Sequence, Size, Type

__all__ = ["infer_by_value"]

TypeOf = Callable[[Operand], Type]
Args = tuple[Operand, ...]
Kwargs = dict[str, Operand]
_INDEX = np.dtype(np.intp)
_FLOAT = np.dtype(float)


def infer_by_value(fn: Any, args: Args, kwargs: Kwargs, type_of: TypeOf) -> Type | None:
    """Return the type of such a result; None for any other function, or where it is not known."""
    rule = _RULES.get(fn)
    return None if rule is None else rule(args, kwargs, type_of)


def _vector(dtype: Any) -> Array:
    return Array(dtype, (fresh_dim(),))


def _dtype_of(operand: Operand, type_of: TypeOf) -> Any:
    t = type_of(operand)
    return t.dtype if isinstance(t, Array) else None


def _indices(args: Args, kwargs: Kwargs, type_of: TypeOf) -> Type:
    return _vector(_INDEX)


def _nonzero(args: Args, kwargs: Kwargs, type_of: TypeOf) -> Type | None:
    t = type_of(args[0])
    if not isinstance(t, Array) or t.shape is None or len(args) != 1:
        return None
    found = fresh_dim()
    return Sequence(tuple, tuple(Array(_INDEX, (found,)) for _ in t.shape))


def _argwhere(args: Args, kwargs: Kwargs, type_of: TypeOf) -> Type | None:
    t = type_of(args[0])
    return Array(_INDEX, (fresh_dim(), t.rank)) if isinstance(t, Array) and t.rank else None


def _items(args: Args, kwargs: Kwargs, type_of: TypeOf) -> Type | None:
    """Some of the items of the first operand, in a row."""
    return _vector(_dtype_of(args[0], type_of)) if len(args) == 1 and not kwargs else None


def _set_operation(args: Args, kwargs: Kwargs, type_of: TypeOf) -> Type | None:
    if len(args) != 2 or set(kwargs) - {"assume_unique"}:
        return None
    a, b = (_dtype_of(arg, type_of) for arg in args)
    return _vector(a if a == b else None)


def _chosen(place: int) -> Callable[[Args, Kwargs, TypeOf], Type | None]:
    """Return the rule of a function that keeps items of one of its operands."""

    def infer(args: Args, kwargs: Kwargs, type_of: TypeOf) -> Type | None:
        if len(args) != 2 or kwargs:
            return None
        return _vector(_dtype_of(args[place], type_of))

    return infer


def _arange(args: Args, kwargs: Kwargs, type_of: TypeOf) -> Type | None:
    types = [type_of(arg) for arg in args]
    asked = kwargs.get("dtype", args[3] if len(args) > 3 else None)
    if (
        set(kwargs) - {"dtype"}
        or not types
        or not all(isinstance(t, (Scalar, Array)) for t in types)
    ):
        return None
    dtype = None
    if isinstance(asked, Const) and asked.value is not None:
        dtype = np.dtype(asked.value)
    elif asked is None and all(isinstance(t, Scalar) for t in types):
        whole = all(isinstance(t, Scalar) and t.kind == "int" for t in types)
        dtype = np.dtype(int if whole else float)
    return Array(dtype, (_steps(args[:3], types[:3]),))


def _steps(args: Args, types: list[Type]) -> Size:
    """Return how many steps a range has."""
    values: list[Any] = [arg.value for arg in args if isinstance(arg, Const)]
    if len(values) == len(args):
        return int(np.size(cast(Any, np.arange)(*values)))
    match [t.size if isinstance(t, Scalar) else None for t in types]:
        case [stop]:
            size = stop
        case [int() as start, stop]:
            size = shift(stop, -start)
        case _:
            size = None
    return fresh_dim() if size is None else max(size, 0) if isinstance(size, int) else size


def _bincount(args: Args, kwargs: Kwargs, type_of: TypeOf) -> Type:
    weighted = len(args) > 1 or "weights" in kwargs
    return _vector(_FLOAT if weighted else _INDEX)


def _histogram(args: Args, kwargs: Kwargs, type_of: TypeOf) -> Type:
    bins = args[1] if len(args) > 1 else kwargs.get("bins", Const(10))
    weights = args[4] if len(args) > 4 else kwargs.get("weights")
    density = len(args) > 3 or "density" in kwargs
    t = type_of(bins)
    size: Size = fresh_dim()
    if isinstance(t, Scalar) and t.size is not None:
        size = t.size
    elif isinstance(t, Array) and t.shape is not None and len(t.shape) == 1:
        size = shift(t.shape[0], -1) or size
    edges = shift(size, 1)
    counted = _INDEX if weights is None else _dtype_of(weights, type_of)
    counts = Array(None if density else counted, (size,))
    return Sequence(tuple, (counts, Array(_FLOAT, (edges or fresh_dim(),))))


_RULES: dict[Any, Callable[[Args, Kwargs, TypeOf], Type | None]] = {
    np.nonzero: _nonzero,
    np.where: _nonzero,
    np.flatnonzero: _indices,
    np.argwhere: _argwhere,
    np.unique: _items,
    np.union1d: _set_operation,
    np.intersect1d: _set_operation,
    np.setdiff1d: _chosen(0),
    np.compress: _chosen(1),
    np.extract: _chosen(1),
    np.arange: _arange,
    np.bincount: _bincount,
    np.histogram: _histogram,
}
