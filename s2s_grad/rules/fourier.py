"""Discrete Fourier transforms: linear maps, and their own transposes but for the scaling.

A transform is y_k = scale * sum_j exp(-2 pi i j k / n) x_j, with a symmetric matrix. Those of real
signals keep half of the result; the other half is its mirror image.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import linear
from s2s_grad.runtime import cast_like, dispatching

__all__: list[str] = []

np_arange = dispatching(np.arange)


def _fit(ct: Any, shape: Any) -> Any:
    """Crop an array to a shape, and fill up with zeros where it is smaller."""
    for axis, size in enumerate(shape):
        have = np.shape(ct)[axis]
        if have > size:
            ct = ct[(slice(None),) * axis + (slice(None, size),)]
        elif have < size:
            ct = np.pad(ct, [(0, size - have if i == axis else 0) for i in range(len(shape))])
    return ct


def _axes(s: Any, axes: Any, rank: int) -> tuple[int, ...]:
    """Return the axes of an n-dimensional transform, counted from the front."""
    if axes is None:
        return tuple(range(0 if s is None else rank - len(s), rank))
    return tuple(axis % rank for axis in axes)


# Formulas may be printed into an emitted module, so that each is a function of its own.


def fft_transpose(ct: Any, a_shape: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    """The same transform."""
    moved = np.fft.fft(ct, None, axis, norm)
    return moved if n is None else _fit(moved, a_shape)


def ifft_transpose(ct: Any, a_shape: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    """The same transform."""
    moved = np.fft.ifft(ct, None, axis, norm)
    return moved if n is None else _fit(moved, a_shape)


def fftn_transpose(ct: Any, a_shape: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    """The same transform."""
    if s is None:
        return np.fft.fftn(ct, None, axes, norm)
    return _fit(np.fft.fftn(ct, None, _axes(s, axes, len(a_shape)), norm), a_shape)


def ifftn_transpose(
    ct: Any, a_shape: Any, s: Any = None, axes: Any = None, norm: Any = None
) -> Any:
    """The same transform."""
    if s is None:
        return np.fft.ifftn(ct, None, axes, norm)
    return _fit(np.fft.ifftn(ct, None, _axes(s, axes, len(a_shape)), norm), a_shape)


def fft2_transpose(
    ct: Any, a_shape: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None
) -> Any:
    """The same transform."""
    moved = np.fft.fft2(ct, None, axes, norm)
    return moved if s is None else _fit(moved, a_shape)


def ifft2_transpose(
    ct: Any, a_shape: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None
) -> Any:
    """The same transform."""
    moved = np.fft.ifft2(ct, None, axes, norm)
    return moved if s is None else _fit(moved, a_shape)


_LINES = [case(A(4)), case(A(5)), case(A(2, 4)), case(A(3, 2), axis=0), case(A(4), norm="ortho")]
_SIZED = [case(A(4), 6), case(A(5), 3), case(A(2, 4), n=3, axis=0)]
_PLANES = [
    case(A(3, 4)),
    case(A(2, 3, 4)),
    case(A(3, 4), norm="ortho"),
    case(A(3, 4), s=(4, 3), axes=(0, 1)),
]
_BOXES = [*_PLANES, case(A(2, 3, 4), axes=(0, 2))]
linear(np.fft.fft, parameters="a n axis norm", a=fft_transpose, cases=[*_LINES, *_SIZED])
linear(np.fft.ifft, parameters="a n axis norm", a=ifft_transpose, cases=[*_LINES, *_SIZED])
linear(np.fft.fft2, parameters="a s axes norm", a=fft2_transpose, cases=_PLANES)
linear(np.fft.ifft2, parameters="a s axes norm", a=ifft2_transpose, cases=_PLANES)
linear(np.fft.fftn, parameters="a s axes norm", a=fftn_transpose, cases=_BOXES)
linear(np.fft.ifftn, parameters="a s axes norm", a=ifftn_transpose, cases=_BOXES)


# --------------------------------------------------------------------------------- real signals

# The result of a transform of a real signal is the half of a whole one.


def _opposite(norm: Any) -> Any:
    """Return the scaling of the inverse transform."""
    if norm is None or norm == "backward":
        return "forward"
    return "backward" if norm == "forward" else norm


def _half(ct: Any, length: Any, axis: int, norm: Any) -> Any:
    """Return the half of the inverse transform, where items with a mirror image count twice."""
    rank = np.ndim(ct)
    places = np_arange(length // 2 + 1)
    counts = cast_like(np.where((places == 0) | (2 * places == length), 1.0, 2.0), ct)
    others = tuple(i for i in range(rank) if i != axis % rank)
    half = np.conjugate(np.fft.rfft(ct, axis=axis, norm=_opposite(norm)))
    return half * (np.expand_dims(counts, others) if others else counts)


def rfft_transpose(ct: Any, a_shape: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    """The real part of the whole transform, of the half that there is."""
    moved = np.real(np.fft.fft(ct, a_shape[axis] if n is None else n, axis, norm))
    return moved if n is None else _fit(moved, a_shape)


def irfft_transpose(
    ct: Any, a_shape: Any, result_shape: Any, n: Any = None, axis: Any = -1, norm: Any = None
) -> Any:
    """The half of the inverse transform; an item counts twice where its mirror image is another."""
    moved = _half(ct, result_shape[axis], axis, norm)
    return moved if n is None else _fit(moved, a_shape)


def rfftn_transpose(
    ct: Any, a_shape: Any, s: Any = None, axes: Any = None, norm: Any = None
) -> Any:
    """The same along the last axis; along the others the transform."""
    *others, last = _axes(s, axes, len(a_shape))
    moved = np.fft.fft(ct, a_shape[last] if s is None else s[-1], last, norm)
    moved = np.real(np.fft.fftn(moved, axes=others, norm=norm) if others else moved)
    return moved if s is None else _fit(moved, a_shape)


def irfftn_transpose(
    ct: Any, a_shape: Any, result_shape: Any, s: Any = None, axes: Any = None, norm: Any = None
) -> Any:
    """The same along the last axis; along the others the transform."""
    *others, last = _axes(s, axes, len(a_shape))
    moved = _half(ct, result_shape[last], last, norm)
    moved = np.fft.ifftn(moved, axes=others, norm=norm) if others else moved
    return moved if s is None else _fit(moved, a_shape)


def rfft2_transpose(
    ct: Any, a_shape: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None
) -> Any:
    """The same along two axes."""
    return rfftn_transpose(ct, a_shape, s, axes, norm)


def irfft2_transpose(
    ct: Any, a_shape: Any, result_shape: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None
) -> Any:
    """The same along two axes."""
    return irfftn_transpose(ct, a_shape, result_shape, s, axes, norm)


linear(np.fft.rfft, parameters="a n axis norm", a=rfft_transpose, cases=[*_LINES, *_SIZED])
linear(
    np.fft.irfft,
    parameters="a n axis norm",
    a=irfft_transpose,
    cases=[*_LINES, *_SIZED, case(A(3), 5), case(A(3, 2), 3, 0, "forward")],
)
linear(np.fft.rfft2, parameters="a s axes norm", a=rfft2_transpose, cases=_PLANES)
linear(np.fft.irfft2, parameters="a s axes norm", a=irfft2_transpose, cases=_PLANES)
linear(np.fft.rfftn, parameters="a s axes norm", a=rfftn_transpose, cases=_BOXES)
linear(np.fft.irfftn, parameters="a s axes norm", a=irfftn_transpose, cases=[*_BOXES, case(A(3))])
