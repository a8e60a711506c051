"""Functions that only move items: reshape, transpose, flip, repeat, pad, copies and casts."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.errors import UnsupportedOption
from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import constant, general, linear
from s2s_grad.runtime import (
    add_at,
    cast_like,
    check_scalar,
    check_vector,
    dispatching,
    match_kind,
    sum_to,
)

np_arange, np_pad, np_repeat, np_zeros = map(dispatching, (np.arange, np.pad, np.repeat, np.zeros))


def _reshape_back(ct: Any, a_shape: Any) -> Any:
    return np.reshape(ct, a_shape)


linear(
    np.reshape,
    parameters="a shape",
    a=_reshape_back,
    cases=[case(A(2, 3), (3, 2)), case(A(2, 3), -1), case(A(6), (2, 3)), case(A(), (1,))],
)
linear(np.ravel, parameters="a", a=_reshape_back, cases=[case(A(2, 3)), case(A()), case(A(4))])


def _squeeze_back(ct: Any, a_shape: Any, axis: Any = None) -> Any:
    return np.reshape(ct, a_shape)


linear(
    np.squeeze,
    a=_squeeze_back,
    cases=[case(A(1, 3)), case(A(1, 3, 1), axis=-1), case(A(1, 3, 1), axis=(0, 2))],
)
linear(
    np.expand_dims,
    a=lambda ct, axis: np.squeeze(ct, axis),
    cases=[case(A(3), 0), case(A(2, 3), 1), case(A(3), (0, 2)), case(A(3), -1)],
)
for _atleast in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
    linear(_atleast, parameters="a", a=_reshape_back, cases=[case(A()), case(A(3)), case(A(2, 3))])


def transpose_back(ct: Any, axes: Any = None) -> Any:
    """The inverse permutation."""
    if axes is None:
        return np.transpose(ct)
    count = len(axes)
    places = [i % count for i in axes]
    return np.transpose(ct, tuple(places.index(i) for i in range(count)))


linear(
    np.transpose,
    a=transpose_back,
    cases=[
        case(A(2, 3)),
        case(A(3)),
        case(A(2, 3, 4), (1, 2, 0)),
        case(A(2, 3, 4), axes=(2, 0, 1)),
    ],
)
for _transpose in (np.matrix_transpose, np.linalg.matrix_transpose):
    linear(
        _transpose,
        parameters="x",
        x=lambda ct: np.matrix_transpose(ct),
        cases=[case(A(2, 3)), case(A(4, 2, 3))],
    )
linear(
    np.swapaxes,
    parameters="a axis1 axis2",
    a=lambda ct, axis1, axis2: np.swapaxes(ct, axis1, axis2),
    cases=[case(A(2, 3), 0, 1), case(A(2, 3, 4), 0, -1)],
)
linear(
    np.moveaxis,
    a=lambda ct, source, destination: np.moveaxis(ct, destination, source),
    cases=[case(A(2, 3, 4), 0, -1), case(A(2, 3, 4), (0, 1), (1, 2))],
)
linear(
    np.broadcast_to,
    parameters="array shape",
    array=lambda ct, array_shape: sum_to(ct, array_shape),
    cases=[case(A(3), (2, 3)), case(A(2, 1), (2, 3)), case(A(), (2, 2)), case(A(1), (4,))],
)
linear(
    sum_to,
    parameters="value shape",
    value=lambda ct, value_shape: np.broadcast_to(ct, value_shape),
    cases=[case(A(2, 3), (3,)), case(A(2, 3), (2, 1)), case(A(2, 3), ())],
)
linear(
    np.flip,
    m=lambda ct, axis=None: np.flip(ct, axis),
    cases=[case(A(3)), case(A(2, 3)), case(A(2, 3), 0), case(A(2, 3, 4), axis=(0, 2))],
)
linear(np.fliplr, m=lambda ct: np.fliplr(ct), cases=[case(A(2, 3))])
linear(np.flipud, m=lambda ct: np.flipud(ct), cases=[case(A(2, 3))])
linear(
    np.rot90,
    m=lambda ct, k=1, axes=(0, 1): np.rot90(ct, -k, axes),
    cases=[case(A(2, 3)), case(A(2, 3), 2), case(A(2, 3, 4), k=3, axes=(1, 2))],
)


def roll_back(ct: Any, shift: Any, axis: Any = None) -> Any:
    """Roll the other way."""
    if isinstance(shift, tuple):
        return np.roll(ct, tuple(-s for s in shift), axis)
    return np.roll(ct, -shift, axis)


linear(
    np.roll,
    a=roll_back,
    cases=[case(A(4), 1), case(A(2, 3), 2), case(A(2, 3), (1, 2), axis=(0, 1)), case(A(4), -1, 0)],
)


def rollaxis_back(ct: Any, axis: Any, start: Any = 0) -> Any:
    """Move the axis back."""
    rank = np.ndim(ct)
    here, there = axis % rank, start + rank if start < 0 else start
    return np.moveaxis(ct, there - 1 if here < there else there, here)


linear(
    np.rollaxis,
    a=rollaxis_back,
    cases=[case(A(2, 3, 4), 2), case(A(2, 3, 4), 0, 2), case(A(2, 3, 4), 0, 3), case(A(2, 3), 1)],
)


def diagflat_back(ct: Any, v_shape: Any, k: Any = 0) -> Any:
    """The diagonal."""
    return np.reshape(np.diagonal(ct, k), v_shape)


linear(np.diagflat, v=diagflat_back, cases=[case(A(3)), case(A(2, 2), 1), case(A(2), -1)])


linear(
    np.fft.fftshift,
    parameters="x axes",
    x=lambda ct, axes=None: np.fft.ifftshift(ct, axes),
    cases=[case(A(5)), case(A(2, 3)), case(A(2, 3), 1)],
)
linear(
    np.fft.ifftshift,
    parameters="x axes",
    x=lambda ct, axes=None: np.fft.fftshift(ct, axes),
    cases=[case(A(5)), case(A(2, 3)), case(A(2, 3), axes=(0,))],
)


def repeat_back(ct: Any, a_shape: Any, a_size: Any, repeats: Any, axis: Any = None) -> Any:
    """Sum the copies of each item."""
    if not isinstance(repeats, int):
        return _repeat_each_back(ct, a_shape, repeats, axis)
    if axis is None:
        return np.reshape(np.sum(np.reshape(ct, (a_size, repeats)), axis=1), a_shape)
    if len(a_shape) == 1:
        return np.sum(np.reshape(ct, (a_size, repeats)), axis=1)
    axis = axis % len(a_shape)
    sizes = tuple(a_shape[i] for i in range(len(a_shape)))
    split = np.reshape(ct, (*sizes[: axis + 1], repeats, *sizes[axis + 1 :]))
    return np.sum(split, axis=axis + 1)


def _repeat_each_back(ct: Any, a_shape: Any, repeats: Any, axis: Any) -> Any:
    """Add each copy to its item; an item may have none."""
    zeros = cast_like(np_zeros(a_shape), ct)
    if axis is None:
        flat = np.ravel(zeros)
        return np.reshape(add_at(flat, np_repeat(np_arange(np.size(flat)), repeats), ct), a_shape)
    origin = np_repeat(np_arange(a_shape[axis]), repeats)
    return np.moveaxis(
        add_at(np.moveaxis(zeros, axis, 0), origin, np.moveaxis(ct, axis, 0)), 0, axis
    )


linear(
    np.repeat,
    parameters="a repeats axis",
    a=repeat_back,
    cases=[
        case(A(3), 2),
        case(A(2, 3), 2),
        case(A(2, 3), 3, axis=0),
        case(A(2, 3), 2, axis=-1),
        case(A(3), np.array([2, 0, 1])),
        case(A(2, 3), np.array([1, 2, 0]), axis=1),
        case(A(2, 2), [1, 0, 3, 1]),
    ],
)


def tile_back(ct: Any, A_shape: Any, reps: Any) -> Any:
    """Sum the tiles."""
    several = isinstance(reps, (tuple, list)) or np.ndim(reps) != 0
    counts: tuple[Any, ...] = tuple(reps) if several else (reps,)
    rank = max(len(counts), len(A_shape))
    sizes = (1,) * (rank - len(A_shape)) + tuple(A_shape[i] for i in range(len(A_shape)))
    counts = (1,) * (rank - len(counts)) + counts
    split = np.reshape(ct, tuple(n for pair in zip(counts, sizes, strict=True) for n in pair))
    return np.reshape(np.sum(split, axis=tuple(range(0, 2 * rank, 2))), A_shape)


linear(
    np.tile,
    A=tile_back,
    cases=[case(A(3), 2), case(A(2, 3), (2, 1)), case(A(2), (3, 2)), case(A(2, 3), 2)],
)


def pad_back(
    ct: Any, array_shape: Any, pad_width: Any, mode: Any = "constant", constant_values: Any = 0
) -> Any:
    """Cut the padding off; where it repeats items, add it to them."""
    widths = _pad_widths(pad_width, len(array_shape))
    if mode in ("edge", "reflect", "symmetric", "wrap"):
        for axis, (before, after) in enumerate(widths):
            ct = _unpad_copies(ct, array_shape[axis], axis, before, after, mode)
        return ct
    _check_pad_mode(mode)
    cut = tuple(
        slice(before, None if after == 0 else -after)
        if isinstance(after, int)
        else slice(before, before + array_shape[i])
        for i, (before, after) in enumerate(widths)
    )
    return ct[cut[0] if len(cut) == 1 else cut]


def _unpad_copies(ct: Any, size: Any, axis: int, before: Any, after: Any, mode: Any) -> Any:
    """Add each item along an axis to the one that it was copied from."""
    origin = np_pad(np_arange(size), (before, after), mode)
    rest = np.moveaxis(ct, axis, 0)
    inner = rest[before : before + size]
    return np.moveaxis(add_at(np.zeros_like(inner), origin, rest), 0, axis)


def _check_pad_mode(mode: Any) -> None:
    if mode != "constant":
        raise UnsupportedOption(
            f"the derivative of `np.pad` with mode={mode!r} is not known",
            "pad with mode='constant', or join the edges with `np.concatenate`",
        )


def pad_pushforward(
    array_dot: Any, pad_width: Any, mode: Any = "constant", constant_values: Any = 0
) -> Any:
    """The padded tangent; constants have none."""
    if mode in ("edge", "reflect", "symmetric", "wrap"):
        return np.pad(array_dot, pad_width, mode)
    _check_pad_mode(mode)
    return np.pad(array_dot, pad_width)


def _pad_widths(pad_width: Any, rank: int) -> list[tuple[Any, Any]]:
    if not isinstance(pad_width, (tuple, list)):
        return [(pad_width, pad_width)] * rank
    pairs = [p if isinstance(p, (tuple, list)) else None for p in pad_width]
    if all(p is None for p in pairs):
        first = pad_width[0]
        return [(first, pad_width[1] if len(pad_width) > 1 else first)] * rank
    found = [(p[0], p[-1]) for p in pairs if p is not None]
    return found * rank if len(found) == 1 else found


general(
    np.pad,
    holomorphic=True,
    parameters="array pad_width mode",
    array=pad_back,
    pushforward=pad_pushforward,
    cases=[
        case(A(3), 1),
        case(A(2, 3), ((1, 0), (2, 1))),
        case(A(2, 3), (1, 2)),
        case(A(2, 3), 1),
        case(A(2, 3), 1, constant_values=5.0),
        case(A(4), 2, "edge"),
        case(A(4), (2, 1), "reflect"),
        case(A(4), (2, 1), mode="symmetric"),
        case(A(3, 4), 2, mode="wrap"),
        case(A(3, 4), ((1, 0), (0, 2)), mode="edge"),
    ],
)


# -------------------------------------------------------------------------- copies and casts


def _identity(ct: Any) -> Any:
    return ct


linear(np.copy, parameters="a", a=_identity, cases=[case(A(3))])
for _convert in (
    np.asarray,
    np.ascontiguousarray,
    np.asfortranarray,
    np.asanyarray,
    np.asarray_chkfinite,
    np.require,
):
    linear(_convert, parameters="a", a=_identity, cases=[case(A(3))])
# It drops an imaginary part that is small.
linear(np.real_if_close, holomorphic=False, parameters="a", a=_identity, cases=[case(A(3))])


def array_back(ct: Any, object_shape: Any, dtype: Any = None) -> Any:
    """Hand each item of a nested sequence its part of the cotangent."""
    return _unnest(ct, object_shape)


def _unnest(ct: Any, shape: Any) -> Any:
    if isinstance(shape, list):
        return [_unnest(ct[i], inner) for i, inner in enumerate(shape)]
    return ct


linear(
    np.array,
    parameters="object dtype",
    nested={"object": 2},
    object=array_back,
    cases=[case(A(3)), case([A(), A()]), case([[A(), A()], [A(), A()]]), case([A(2), A(2)])],
)


linear(np.astype, parameters="x dtype", x=lambda ct, dtype: ct, cases=[case(A(3), np.float64)])
for _like in (cast_like, match_kind):
    linear(
        _like,
        parameters="value like",
        still="like",
        value=_identity,
        cases=[case(A(3), np.zeros(3))],
    )
constant(check_scalar)
constant(check_vector)
