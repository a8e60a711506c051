"""Laws of axes: options that say nothing, axes that broadcasting supplies, transposed products."""

from __future__ import annotations

import operator

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Apply, Const, Operand, Pack, Phase, Var
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.types import Array
from s2s_grad.optimise.number_laws import Context, is_float, shape_of

__all__ = [
    "drop_defaults",
    "drop_leading_axes",
    "negate_after_expanding",
    "size_of_sum",
    "sum_axis_of_broadcast",
    "transpose_of_product",
    "transpose_twice",
]

_DEFAULTS: dict[str, object] = {"axis": None, "keepdims": False, "initial": None}


def drop_defaults(c: Context, s: Apply) -> Operand | None:
    """sum(x, axis=None, keepdims=False) -> sum(x)"""
    kwargs = {
        name: value
        for name, value in s.kwargs
        if not (isinstance(value, Const) and name in _DEFAULTS and value.value is _DEFAULTS[name])
    }
    return None if len(kwargs) == len(s.kwargs) else c.make(s.fn, *s.args, **kwargs)


def drop_leading_axes(c: Context, s: Apply) -> Operand | None:
    """x op sum(y, axis=0, keepdims=True) -> x op sum(y, axis=0),  x op expand_dims(y, 0) -> x op y

    Broadcasting puts the axes in front again, where x has them.
    """
    for place, arg in enumerate(s.args):
        made = c.definitions.get(arg) if isinstance(arg, Var) else None
        if made is None or made.origin.phase is Phase.PRIMAL or made.inplace:
            continue
        if shape_of(s.args[1 - place]) != shape_of(s.result) or shape_of(s.result) is None:
            continue
        bare = _without_leading_axes(c, made)
        if bare is not None:
            return c.make(s.fn, *((bare, s.args[1]) if place == 0 else (s.args[0], bare)))
    return None


def _without_leading_axes(c: Context, made: Apply) -> Operand | None:
    if made.fn is np.expand_dims and not made.kwargs:
        return made.args[0] if _axes(made.args[1]) == (0,) else None
    kwargs = dict(made.kwargs)
    kept = kwargs.pop("keepdims", None)
    if not primitive(made.fn).reduces or not (isinstance(kept, Const) and kept.value is True):
        return None
    rank = len(shape_of(made.args[0]) or ())
    axes = _axes(kwargs["axis"]) if "axis" in kwargs else tuple(range(rank))
    if len(made.args) > 1 or axes is None or sorted(axes) != list(range(len(axes))):
        return None
    if _primal_has(c, made):
        return None  # it stands there already
    return c.make(made.fn, *made.args, **kwargs)


def _axes(axis: Operand) -> tuple[int, ...] | None:
    value: object = axis.value if isinstance(axis, Const) else None
    if isinstance(value, int):
        return (value,)
    if isinstance(value, tuple):
        return tuple(item for item in value if isinstance(item, int))  # pyright: ignore[reportUnknownVariableType]
    return None


def _primal_has(c: Context, made: Apply) -> bool:
    """Return whether the primal computes the same."""
    options = [(name, value.value) for name, value in made.kwargs if isinstance(value, Const)]
    return any(
        s.fn is made.fn
        and s.origin.phase is Phase.PRIMAL
        and s.args == made.args
        and [(n, v.value) for n, v in s.kwargs if isinstance(v, Const)] == options
        for s in c.definitions.values()
    )


def negate_after_expanding(c: Context, s: Apply) -> Operand | None:
    """expand_dims(-x, k) -> -expand_dims(x, k)"""
    inner = c.of(s.args[0], np.negative)
    if inner is None or not c.once(s.args[0]) or not is_float(inner[0]):
        return None
    return c.make(np.negative, c.make(np.expand_dims, inner[0], *s.args[1:], **dict(s.kwargs)))


def sum_axis_of_broadcast(c: Context, s: Apply) -> Operand | None:
    """sum(broadcast(x, y.shape), axis=k) -> broadcast(x * y.shape[k], the other sizes)"""
    inner = c.of(s.args[0], np.broadcast_to)
    axis = dict(s.kwargs).get("axis")
    axes = None if axis is None or len(s.kwargs) != 1 else _axes(axis)
    shape = shape_of(s.args[0])
    if inner is None or axes is None or shape is None or len(s.args) > 1:
        return None
    asked = c.of(inner[1], np.shape)
    if len(axes) != 1 or asked is None or shape_of(inner[0]) != ():
        return None
    place = axes[0] % len(shape)
    sizes = [_size(c, inner[1], k) for k in range(len(shape))]
    rest = Pack(tuple, tuple(size for k, size in enumerate(sizes) if k != place))
    return c.make(np.broadcast_to, c.make(np.multiply, inner[0], sizes[place]), rest)


def _size(c: Context, shape: Operand, axis: int) -> Operand:
    return c.make(operator.getitem, shape, Const(axis))


def size_of_sum(c: Context, s: Apply) -> Operand | None:
    """size(sum(x, axis=1)) -> x.shape[0], for matrices"""
    made = c.definitions.get(s.args[0]) if isinstance(s.args[0], Var) else None
    if made is None or not primitive(made.fn).reduces or len(made.args) != 1 or _has_options(s):
        return None
    axis = dict(made.kwargs).get("axis")
    along = axis.value if isinstance(axis, Const) and len(made.kwargs) == 1 else None
    if along not in (0, 1, -1) or not _is_matrix(made.args[0]):
        return None
    return _size(c, c.make(np.shape, made.args[0]), 1 if along == 0 else 0)


def transpose_twice(c: Context, s: Apply) -> Operand | None:
    """x.T.T -> x"""
    made = c.definitions.get(s.args[0]) if isinstance(s.args[0], Var) else None
    if made is None or not primitive(made.fn).transposes or any(map(_has_options, (made, s))):
        return None
    matrices = len(shape_of(s.result) or ()) == 2
    return made.args[0] if made.fn is s.fn or matrices else None


def _has_options(s: Apply) -> bool:
    return bool(s.kwargs) or len(s.args) != 1


def transpose_of_product(c: Context, s: Apply) -> Operand | None:
    """(a.T @ b).T -> b.T @ a,  (a @ b.T).T -> b @ a.T, for matrices"""
    inner = None if _has_options(s) else c.of(s.args[0], np.matmul)
    if inner is None or not c.once(s.args[0]):
        return None
    made = [c.definitions.get(arg) if isinstance(arg, Var) else None for arg in inner]
    turned = [m is not None and primitive(m.fn).transposes and not _has_options(m) for m in made]
    if not any(turned) or not all(_is_matrix(arg) for arg in inner):
        return None
    a, b = inner
    return c.make(np.matmul, c.make(np.transpose, b), c.make(np.transpose, a))


def _is_matrix(operand: Operand) -> bool:
    t = type_of(operand)
    return isinstance(t, Array) and t.rank == 2
