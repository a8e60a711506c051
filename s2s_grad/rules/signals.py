"""Convolutions, interpolation, differences and integrals of samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.errors import UnsupportedOption
from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import bilinear, general, linear
from s2s_grad.rules.reductions import diff_transpose, part
from s2s_grad.runtime import add_at

_PERIOD = 2 * np.pi

# --------------------------------------------------------------------------------- convolutions


def _whole(ct: Any, a_shape: Any, v_shape: Any, mode: str) -> Any:
    """Return the cotangent of the full convolution, of which other modes keep the middle."""
    if mode == "full":
        return ct
    short = np.minimum(a_shape[0], v_shape[0])
    front = short - 1 if mode == "valid" else (short - 1) // 2
    return np.pad(ct, (front, a_shape[0] + v_shape[0] - 1 - front - np.size(ct)))


def convolve_transpose_a(ct: Any, v: Any, a_shape: Any, v_shape: Any, mode: str = "full") -> Any:
    """Correlate the cotangent with the other factor."""
    return np.correlate(_whole(ct, a_shape, v_shape, mode), np.conjugate(v), "valid")


def convolve_transpose_v(ct: Any, a: Any, a_shape: Any, v_shape: Any, mode: str = "full") -> Any:
    """Correlate the cotangent with the other factor."""
    return np.correlate(_whole(ct, a_shape, v_shape, mode), np.conjugate(a), "valid")


_SIGNALS = [
    case(A(5), A(3), "full"),
    case(A(3), A(5), "full"),
    case(A(5), A(3), "valid"),
    case(A(6), A(4), "same"),
    case(A(5), A(2), mode="same"),
]
bilinear(
    np.convolve,
    parameters="a v mode",
    a=convolve_transpose_a,
    v=convolve_transpose_v,
    cases=[*_SIGNALS, case(A(3), A(5), "valid"), case(A(2), A(5), "same"), case(A(4), A(3))],
)


def _whole_correlation(ct: Any, a_shape: Any, v_shape: Any, mode: str) -> Any:
    """Return the cotangent of the full correlation.

    NumPy correlates the longer one with the shorter one and reverses the result; of an odd rest,
    mode "same" then drops the other half.
    """
    if mode != "same":
        return _whole(ct, a_shape, v_shape, mode)
    short = np.minimum(a_shape[0], v_shape[0])
    front = np.where(a_shape[0] < v_shape[0], short // 2, (short - 1) // 2)
    return np.pad(ct, (front, short - 1 - front))


def correlate_transpose_a(ct: Any, v: Any, a_shape: Any, v_shape: Any, mode: str = "valid") -> Any:
    """Convolve the cotangent with the other factor: a correlation is a flipped convolution."""
    whole = _whole_correlation(ct, a_shape, v_shape, mode)
    return convolve_transpose_a(whole, np.flip(v), a_shape, v_shape)


def correlate_transpose_v(ct: Any, a: Any, a_shape: Any, v_shape: Any, mode: str = "valid") -> Any:
    """The flipped cotangent of the flipped factor."""
    whole = _whole_correlation(ct, a_shape, v_shape, mode)
    return np.flip(convolve_transpose_v(whole, a, a_shape, v_shape))


bilinear(
    np.correlate,
    holomorphic=False,
    parameters="a v mode",
    a=correlate_transpose_a,
    v=correlate_transpose_v,
    cases=[*_SIGNALS, case(A(4), A(3)), case(A(2), A(4), "same"), case(A(2), A(5), "same")],
)


# -------------------------------------------------------------------------------- interpolation


def _segments(x: Any, xp: Any) -> tuple[Any, Any, Any]:
    """Return the segment that each point is in, its width, and how far in it the point is."""
    place = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, np.size(xp) - 2)
    width = xp[place + 1] - xp[place]
    return place, width, np.clip((x - xp[place]) / width, 0.0, 1.0)


def _slopes(x: Any, xp: Any, fp: Any) -> Any:
    """Return the slope of the segment that each point is in; zero outside of all."""
    place, width, _ = _segments(x, xp)
    return np.where((x >= xp[0]) & (x <= xp[-1]), (fp[place + 1] - fp[place]) / width, 0.0)


def interp_pullback_x(ct: Any, x: Any, xp: Any, fp: Any) -> Any:
    """The slope of the segment, to the right of a knot; zero outside."""
    return ct * _slopes(x, xp, fp)


def interp_pullback_xp(ct: Any, x: Any, xp: Any, fp: Any, xp_zeros: Any) -> Any:
    """Moving a knot tilts its segments."""
    place, _, share = _segments(x, xp)
    pull = -ct * _slopes(x, xp, fp)
    return add_at(add_at(xp_zeros, place, pull * (1 - share)), place + 1, pull * share)


def interp_pullback_fp(ct: Any, x: Any, xp: Any, fp_zeros: Any) -> Any:
    """Each value's share at the points of its segments."""
    place, _, share = _segments(x, xp)
    return add_at(add_at(fp_zeros, place, ct * (1 - share)), place + 1, ct * share)


def interp_pushforward(x: Any, xp: Any, fp: Any, x_dot: Any, xp_dot: Any, fp_dot: Any) -> Any:
    """The interpolated tangents of the values, and the slope times the relative movement."""
    place, _, share = _segments(x, xp)
    knots = (1 - share) * xp_dot[place] + share * xp_dot[place + 1]
    values = (1 - share) * fp_dot[place] + share * fp_dot[place + 1]
    return values + _slopes(x, xp, fp) * (x_dot - knots)


_KNOTS = np.array([-1.5, -0.4, 0.3, 1.2])
general(
    np.interp,
    x=interp_pullback_x,
    xp=interp_pullback_xp,
    fp=interp_pullback_fp,
    pushforward=interp_pushforward,
    cases=[
        case(A(5), _KNOTS, A(4)),
        case(A(2, 3), _KNOTS, A(4)),
        case(A(), _KNOTS, np.array([1.0, 3.0, -1.0, 2.0])),
        case(np.array([-1.0, 0.1, 0.6, 5.0]), A(2, kind="increasing"), A(2)),
    ],
)


# --------------------------------------------------------------------- integrals and differences


def _pad_axis(value: Any, axis: int, front: int, behind: int) -> Any:
    widths = [(0, 0)] * np.ndim(value)
    widths[axis] = (front, behind)
    return np.pad(value, widths)


def _widths(x: Any, dx: Any, rank: int, axis: int) -> Any:
    """Return the widths of the intervals, with the axes of the samples."""
    if x is None:
        return dx
    if np.ndim(x) != 1:
        return np.diff(x, axis=axis)
    others = tuple(i for i in range(rank) if i != axis % rank)
    return np.expand_dims(np.diff(x), others) if others else np.diff(x)


def trapezoid_pullback_y(ct: Any, y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    """Half of the width of each interval to its two ends."""
    half = 0.5 * _widths(x, dx, np.ndim(y), axis) * np.expand_dims(ct, axis)
    cells = half * np.ones_like(part(y, axis, 1, None))
    return _pad_axis(cells, axis, 1, 0) + _pad_axis(cells, axis, 0, 1)


def trapezoid_pullback_x(ct: Any, y: Any, x: Any, x_shape: Any, axis: Any = -1) -> Any:
    """The mean height of each interval, to its right end and from its left end."""
    height = 0.5 * (part(y, axis, 1, None) + part(y, axis, None, -1)) * np.expand_dims(ct, axis)
    moved = _pad_axis(height, axis, 1, 0) - _pad_axis(height, axis, 0, 1)
    if len(x_shape) == np.ndim(y):
        return moved
    return np.sum(moved, axis=tuple(i for i in range(np.ndim(y)) if i != axis % np.ndim(y)))


def trapezoid_pullback_dx(ct: Any, y: Any, axis: Any = -1) -> Any:
    """The integral for intervals of width 1."""
    return np.sum(ct * np.trapezoid(y, axis=axis))


def trapezoid_pushforward(
    y: Any,
    y_dot: Any,
    x_dot: Any,
    dx_dot: Any,
    x: Any = None,
    dx: Any = 1.0,
    axis: Any = -1,
) -> Any:
    """The integral of the tangent, and that of the heights over the intervals' tangents."""
    total = np.trapezoid(y_dot, x, dx, axis)
    if x is None:
        return total + np.trapezoid(y, None, 1.0, axis) * dx_dot
    return total + np.trapezoid(y, x_dot, 1.0, axis)


general(
    np.trapezoid,
    holomorphic=True,
    y=trapezoid_pullback_y,
    x=trapezoid_pullback_x,
    dx=trapezoid_pullback_dx,
    pushforward=trapezoid_pushforward,
    cases=[
        case(A(5)),
        case(A(5), dx=0.3),
        case(A(5), A(5)),
        case(A(2, 5), A(5)),
        case(A(5, 2), A(5), axis=0),
        case(A(2, 5), A(2, 5)),
        case(A(5), None, A()),
    ],
)


def ediff1d_transpose(ct: Any, ary_shape: Any) -> Any:
    """The negative difference of the cotangent with zeros at both ends."""
    return np.reshape(diff_transpose(ct, None), ary_shape)


linear(np.ediff1d, ary=ediff1d_transpose, cases=[case(A(4)), case(A(2, 3))])


def gradient_transpose(ct: Any, f_shape: Any, varargs: Any, axis: Any = None) -> Any:
    """Spread central differences over the neighbours, one-sided ones over the ends."""
    axes = (
        tuple(range(len(f_shape))) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    )
    parts = [ct] if len(axes) == 1 else ct
    total: Any = None
    for i, along in enumerate(axes):
        step = 1.0 if not varargs else varargs[i] if len(varargs) == len(axes) else varargs[0]
        if np.ndim(step) != 0:
            raise UnsupportedOption(
                "the derivative of `np.gradient` is known for evenly spaced samples",
                "give the spacing as one number",
            )
        inner = 0.5 * part(parts[i], along, 1, -1)
        ends = part(parts[i], along, None, 1), part(parts[i], along, -1, None)
        whole = np.concatenate([ends[0], inner, ends[1]], axis=along)
        cells = part(whole, along, None, -1) + part(whole, along, 1, None)
        moved = (_pad_axis(cells, along, 1, 0) - _pad_axis(cells, along, 0, 1)) / step
        total = moved if total is None else total + moved
    return total


linear(
    np.gradient,
    parameters="f *varargs",
    f=gradient_transpose,
    cases=[
        case(A(5)),
        case(A(5), 0.3),
        case(A(3, 4), axis=1),
        case(A(3, 4), 0.5, axis=0),
        case(A(3, 4)),
        case(A(3, 4), 0.5, 2.0),
    ],
)


def unwrap_pullback(ct: Any, discont: Any = None, axis: Any = -1, period: Any = _PERIOD) -> Any:
    """Whole periods are constant."""
    return ct


def unwrap_pushforward(
    p_dot: Any, discont: Any = None, axis: Any = -1, period: Any = _PERIOD
) -> Any:
    """Whole periods are constant."""
    return p_dot


general(
    np.unwrap,
    p=unwrap_pullback,
    pushforward=unwrap_pushforward,
    cases=[
        case(A(6)),
        case(A(6, domain=(-9.0, 9.0))),
        case(A(4, 2, domain=(-9.0, 9.0)), axis=0),
        case(A(2, 4, domain=(-9.0, 9.0)), period=4.0),
    ],
)
