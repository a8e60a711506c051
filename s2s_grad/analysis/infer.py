"""The type of an application: what NumPy would return, found without the values.

Elementwise functions broadcast and promote by rule; indexing, shapes and Python's own functions
have rules here; every other NumPy function is run on two small sets of arrays, of different sizes,
and the sizes of the results are mapped back to symbols.
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from s2s_grad.analysis.by_value import infer_by_value
from s2s_grad.analysis.dummies import infer_by_running
from s2s_grad.analysis.elementwise import as_array, elementwise, power, python_operator
from s2s_grad.analysis.indexing import infer_getitem
from s2s_grad.analysis.operand_types import released, row_type, type_of, type_of_value, widen
from s2s_grad.analysis.result_counts import result_names, several_results
from s2s_grad.analysis.sequence_types import SEQUENCE_TYPES
from s2s_grad.analysis.sizes import broadcast_shapes, fresh_dim
from s2s_grad.ir.nodes import Const, Operand
from s2s_grad.ir.operators import all_of, any_of, fstring, in_, is_, is_not_, not_in
from s2s_grad.ir.primitives import INFIX, PREFIX, primitive
from s2s_grad.ir.types import (
    UNKNOWN,
    Array,
    Dim,
    Kind,
    ListOf,
    Range,
    Scalar,
    Sequence,
    Size,
    Type,
    join,
    never_zero,
)
from s2s_grad.runtime import (
    add_at,
    cast_like,
    cofactor_change,
    cofactors,
    log_det_slopes,
    match_kind,
    set_item,
    sum_to,
    take_last,
)

__all__ = ["infer", "released", "row_type", "type_of", "type_of_value", "widen"]


def infer(fn: Callable[..., Any], args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    """Return the type of ``fn(*args, **kwargs)``; `Unknown` where nothing can be proven."""
    rule = _RULES.get(fn)
    if rule is not None:
        return rule(args, kwargs)
    types = tuple(type_of(arg) for arg in args)
    if isinstance(fn, np.ufunc) and not kwargs:
        if fn in INFIX or fn in PREFIX:
            scalar = python_operator(fn, args, types)
            if scalar is not None:
                return scalar
        if fn.signature is None and fn.nout == 1:
            return elementwise(fn, types)
    if getattr(fn, "__module__", None) == "math":
        return Scalar(primitive(fn).number or "float")
    result = infer_by_running(fn, args, kwargs, type_of)
    if result is None:
        result = several_results(fn, args, kwargs)
    if isinstance(result, Sequence):
        return replace(result, names=result_names(fn))
    if result is not None:
        return result
    alone = "axis" not in kwargs and "keepdims" not in kwargs and len(args) == 1
    if alone and primitive(fn).reduces:
        first = types[0]
        dtype = first.dtype if isinstance(first, Array) else None
        keeps = dtype is not None and dtype.kind in "fc"
        return Array(dtype if keeps else None, ())
    from_numpy = (getattr(fn, "__module__", None) or "").partition(".")[0] == "numpy"
    return Array() if from_numpy or isinstance(fn, np.ufunc) else UNKNOWN


# ------------------------------------------------------------------ functions with their own rule


def _shape(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    t = type_of(args[0])
    if isinstance(t, Scalar):
        return Sequence(tuple, ())
    array = t if isinstance(t, Array) else as_array(t)
    if array is None or array.shape is None:
        return UNKNOWN
    return Sequence(tuple, tuple(Scalar("int", size) for size in array.shape))


def _size(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    t = type_of(args[0])
    if len(args) == 1 and not kwargs:
        if isinstance(t, Scalar):
            return Scalar("int", 1)
        if isinstance(t, Array) and t.shape is not None:
            if all(isinstance(size, int) for size in t.shape):
                return Scalar("int", math.prod(s for s in t.shape if isinstance(s, int)))
            if len(t.shape) == 1:
                return Scalar("int", t.shape[0])
            if all(map(never_zero, t.shape)):
                return Scalar("int", Dim("*".join(sorted(map(str, t.shape))), 0, True))
    return Scalar("int")


def _ndim(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    t = type_of(args[0])
    if isinstance(t, Scalar):
        return Scalar("int", 0)
    shape = t.shape if isinstance(t, Array) else None
    return Scalar("int", None if shape is None else len(shape))


def _same_as_first(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    t = type_of(args[0])
    return t if isinstance(t, Array) else Array()


def _cast_like(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    value, like = type_of(args[0]), type_of(args[1])
    shape = value.shape if isinstance(value, Array) else () if isinstance(value, Scalar) else None
    match like:
        case Array():
            return Array(like.dtype, shape)
        case Scalar():
            return Array(np.dtype(complex if like.kind == "complex" else float), shape)
        case _:
            return Array(None, shape)


def _match_kind(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    value = type_of(args[0])
    shape = value.shape if isinstance(value, Array) else () if isinstance(value, Scalar) else None
    return Array(None, shape)


def _part(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    """Return the type of the real or the imaginary part."""
    t = type_of(args[0])
    if isinstance(t, Scalar):
        return Array(np.dtype(float), ()) if t.kind in ("float", "complex") else Array(None, ())
    if not isinstance(t, Array):
        return Array()
    parts = {"c16": np.dtype(np.float64), "c8": np.dtype(np.float32)}
    known = None if t.dtype is None else parts.get(t.dtype.str[1:], t.dtype)
    return Array(known, t.shape)


def _sum_to(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    value, shape = type_of(args[0]), type_of(args[1])
    dtype = value.dtype if isinstance(value, Array) else None
    return Array(dtype, _sizes_in(shape))


def _sizes_in(shape: Type) -> tuple[Size, ...] | None:
    """Return the sizes that a shape argument (an int or a sequence of ints) stands for."""
    if isinstance(shape, Scalar):
        shape = Sequence(tuple, (shape,))
    if not isinstance(shape, Sequence):
        return None
    sizes: list[Size] = []
    for item in shape.items:
        known = item.size if isinstance(item, Scalar) else None
        usable = known is not None and not (isinstance(known, int) and known < 0)
        sizes.append(known if usable and known is not None else fresh_dim())
    return tuple(sizes)


def _reshape(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    t = type_of(args[0])
    target = args[1] if len(args) > 1 else kwargs.get("shape", kwargs.get("newshape"))
    dtype = t.dtype if isinstance(t, Array) else None
    if target is None:
        return Array(dtype)
    ask = type_of(target)
    asked = ask.items if isinstance(ask, Sequence) else (ask,)
    sizes = _sizes_in(ask)
    left = [i for i, item in enumerate(asked) if isinstance(item, Scalar) and item.size == -1]
    if sizes is not None and len(left) == 1 and isinstance(t, Array) and t.shape is not None:
        rest = _left_over(t.shape, sizes[: left[0]] + sizes[left[0] + 1 :])
        if rest is not None:
            sizes = (*sizes[: left[0]], rest, *sizes[left[0] + 1 :])
    return Array(dtype, sizes)


def _left_over(shape: tuple[Size, ...], others: tuple[Size, ...]) -> Size | None:
    """Return the size that -1 stands for beside other sizes, where it is known."""
    if len(shape) == 1 and not others:
        return shape[0]
    total = [size for size in shape if isinstance(size, int)]
    known = [size for size in others if isinstance(size, int)]
    if len(total) < len(shape) or len(known) < len(others):
        return None
    whole, part = math.prod(total), math.prod(known)
    return whole // part if part and whole % part == 0 else None


def _like(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    t = type_of(args[0])
    if "shape" in kwargs:
        return Array()
    dtype: np.dtype[Any] | None = None
    if isinstance(t, Scalar):
        t = Array(np.dtype(t.kind if t.kind != "int" else int), ())
    if isinstance(t, Array):
        dtype = t.dtype
        asked = kwargs.get("dtype")
        if asked is not None:
            known = asked.value if isinstance(asked, Const) else None
            dtype = None if known is None else np.dtype(known)
        return Array(dtype, t.shape)
    return Array()


def _scalar(kind: Kind) -> Callable[[tuple[Operand, ...], dict[str, Operand]], Type]:
    return lambda args, kwargs: Scalar(kind)


def _abs(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    t = type_of(args[0])
    if isinstance(t, Scalar):
        return Scalar("int" if t.kind == "bool" else "float" if t.kind == "complex" else t.kind)
    return elementwise(np.absolute, (t,))


def _round(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    t = type_of(args[0])
    if isinstance(t, Scalar):
        digits = len(args) > 1 or bool(kwargs)
        return Scalar("float" if digits and t.kind == "float" else "int")
    return t if isinstance(t, Array) and len(args) > 1 else UNKNOWN


def _extreme(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    types: list[Type] = [type_of(arg) for arg in args]
    if len(types) == 1:
        match types[0]:
            case Sequence(items=items):
                types = list(items)
            case Array(dtype=dtype, shape=(_,)):
                return Array(dtype, ())
            case ListOf(item=item):
                return item
            case Range():
                return Scalar("int")
            case _:
                return UNKNOWN
    joined = types[0]
    for t in types[1:]:
        joined = join(joined, t)
    return Scalar(joined.kind) if isinstance(joined, Scalar) else joined


def _logical(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    joined = join(type_of(args[0]), type_of(args[1]))
    return joined if isinstance(joined, Scalar) else UNKNOWN


def _astype(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    t = type_of(args[0])
    dtype = args[1] if len(args) > 1 else kwargs.get("dtype")
    known = np.dtype(dtype.value) if isinstance(dtype, Const) else None
    return Array(known, t.shape if isinstance(t, Array) else None)


def _where(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Type:
    if len(args) != 3:
        return infer_by_value(np.where, args, kwargs, type_of) or UNKNOWN
    types = tuple(type_of(arg) for arg in args)
    shapes = [
        () if isinstance(t, Scalar) else t.shape if isinstance(t, Array) else None for t in types
    ]
    # Promotion is that of a sum, but for booleans, which a sum would count.
    chosen = elementwise(np.add, types[1:])
    dtype = chosen.dtype if isinstance(chosen, Array) else None
    numbers = dtype is not None and dtype.kind in "fc"
    return Array(dtype if numbers else None, broadcast_shapes(*shapes))


_RULES: dict[Any, Callable[[tuple[Operand, ...], dict[str, Operand]], Type]] = {
    **SEQUENCE_TYPES,
    np.shape: _shape,
    np.size: _size,
    np.ndim: _ndim,
    np.reshape: _reshape,
    np.zeros_like: _like,
    np.ones_like: _like,
    np.empty_like: _like,
    np.full_like: _like,
    np.copy: _like,
    np.astype: _astype,
    np.where: _where,
    np.power: lambda args, kwargs: power(args),
    sum_to: _sum_to,
    np.linalg.cholesky: _same_as_first,  # the arrays that it would be tried on have no root
    add_at: _same_as_first,
    set_item: _same_as_first,
    **dict.fromkeys((cofactors, cofactor_change, log_det_slopes), _same_as_first),
    cast_like: _cast_like,
    match_kind: _match_kind,
    np.real: _part,
    np.real_if_close: lambda args, kwargs: Array(),  # its dtype follows from the values
    np.imag: _part,
    operator.getitem: lambda args, kwargs: infer_getitem(type_of(args[0]), args[1], type_of),
    take_last: lambda args, kwargs: infer_getitem(type_of(args[0]), args[1], type_of),
    operator.not_: _scalar("bool"),
    is_: _scalar("bool"),
    is_not_: _scalar("bool"),
    in_: _scalar("bool"),
    not_in: _scalar("bool"),
    all_of: _logical,
    any_of: _logical,
    fstring: lambda args, kwargs: UNKNOWN,
    builtins.float: _scalar("float"),
    builtins.int: _scalar("int"),
    builtins.bool: _scalar("bool"),
    builtins.complex: _scalar("complex"),
    builtins.abs: _abs,
    builtins.round: _round,
    builtins.min: _extreme,
    builtins.max: _extreme,
}
