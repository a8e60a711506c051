"""NumPy's own functions that write to an argument."""

from __future__ import annotations

import operator
from typing import Any, cast

import numpy as np

from s2s_grad.errors import ArgumentError, MissingRule
from s2s_grad.tape.core import Tensor, array_of, attach, bump, plain
from s2s_grad.tape.errors import TapeError
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.recording import any_active, call, is_active, qualified
from s2s_grad.tape.user_lines import here, location
from s2s_grad.tape.writes import add_items, as_written, assign, check_write, set_items

__all__ = ["copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask", "ufunc_at"]


def copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    """Run `np.copyto`."""
    if isinstance(dst, Tensor):
        given = np.empty(0, np.asarray(plain(src)).dtype)
        np.copyto(np.empty(0, dst.dtype), given, cast(Any, casting))  # which raises, where it does
    if where is True:
        if isinstance(dst, Tensor):
            set_items(dst, ..., src)
        else:
            assign(dst, src, np.copyto)
        return
    chosen = call(np.where, (plain(where), src, dst), {})
    assign(dst, chosen, np.copyto)


def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """Run `np.fill_diagonal`."""
    target = _target(a, np.fill_diagonal)
    mask = np.zeros(target.shape, bool)
    np.fill_diagonal(mask, True, wrap)  # its errors
    put(target, np.flatnonzero(mask), val)


def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    """Run `np.put`."""
    _put(_target(a, np.put), np.ravel(np.asarray(plain(ind))), v, mode)


@attach("put")
def _method(tensor: Tensor, indices: Any, values: Any, mode: str = "raise") -> None:
    put(tensor, indices, values, mode)


def _put(target: Tensor, at: Any, v: Any, mode: str = "raise") -> None:
    size = target.size
    if mode == "wrap":
        at = at % size
    elif mode == "clip":
        at = np.clip(at, 0, size - 1)
    if at.size == 0 or np.size(plain(v)) == 0:
        return
    outside = at[(at < -size) | (at >= size)]
    if outside.size:
        raise IndexError(f"index {outside[0]} is out of bounds for axis 0 with size {size}")
    flat = cast(Any, np.where(at < 0, at + size, at))
    values = v = as_written(target, v, True)
    if np.ndim(plain(v)):
        values = call(np.take, (v, np.arange(at.size) % np.size(plain(v))), {})
    last = {int(position): i for i, position in enumerate(flat)}  # the last of repeats counts
    kept = np.array(list(last.values()))
    if np.ndim(plain(values)):
        values = values[kept]
    if target.ndim == 0:
        set_items(target, (), values[-1] if np.ndim(plain(values)) else values)
        return
    set_items(target, np.unravel_index(flat[kept], target.shape), values)


def putmask(a: Any, mask: Any, values: Any) -> None:
    """Run `np.putmask`."""
    target = _target(a, np.putmask)
    _check_real(target, values)
    np.putmask(np.empty_like(target._value), plain(mask), plain(values))  # its errors
    chosen = np.flatnonzero(np.asarray(plain(mask)))
    values = as_written(target, values, True)
    count = np.size(plain(values))
    if np.ndim(plain(values)) and count:
        values = call(np.take, (values, chosen % count), {})
    _put(target, chosen, values)


def place(arr: Any, mask: Any, vals: Any) -> None:
    """Run `np.place`."""
    target = _target(arr, np.place)
    _check_real(target, vals)
    np.place(np.empty_like(target._value), plain(mask), plain(vals))  # its errors
    _put(target, np.flatnonzero(np.asarray(plain(mask))), vals)


def put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None = -1) -> None:
    """Run `np.put_along_axis`."""
    target, at = _target(arr, np.put_along_axis), np.asarray(plain(indices))
    np.put_along_axis(np.empty_like(target._value), at, plain(values), axis)  # its errors
    values = as_written(target, values, True)
    if axis is None:
        set_items(target, np.unravel_index(at, target.shape), values)
        return
    place: list[Any] = list(np.ix_(*map(np.arange, target.shape)))
    place[axis] = at
    set_items(target, tuple(place), values)


def _check_real(target: Tensor, values: Any) -> None:
    """Refuse complex values for real ones: of NumPy's functions some take them in lists alone."""
    if target.dtype.kind != "c" and np.iscomplexobj(plain(values)):
        raise ArgumentError(
            f"complex values were written to a tensor of dtype {target.dtype}",
            "take their real part, or make the target complex",
            location(here()),
        )


def _target(a: Any, fn: Any) -> Tensor:
    if isinstance(a, Tensor):
        return a
    raise TapeError(
        f"`{qualified(fn)}` was to write a tensor to an array, where its gradient would be lost",
        "let the target be a tensor (tape.zeros(...)), or detach() the value",
        location(here()),
    )


def ufunc_at(fn: Any, target: Any, index: Any, *values: Any) -> None:
    """Run ``ufunc.at(target, index, value)``."""
    active = STATE.enabled and (is_active(target) or any_active(values))
    if not active:
        if isinstance(target, Tensor):
            check_write(target)
            fn.at(array_of(target), plain(index), *plain(values))
            bump(target)
        else:
            fn.at(target, plain(index), *plain(values))
        return
    tensor = _target(target, fn.at)
    if fn is np.add:
        add_items(tensor, index, values[0])
    elif fn is np.subtract:
        add_items(tensor, index, operator.neg(as_written(tensor, values[0])))
    else:
        raise MissingRule(
            f"`{qualified(fn)}.at` has no derivative rule",
            "only add.at and subtract.at can be recorded",
            location(here()),
        )
