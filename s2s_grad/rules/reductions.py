"""Sums, means, products, extremes and spreads along axes, and running sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.rules.cases import NONZERO, POSITIVE, A, case
from s2s_grad.rules.families import general, linear
from s2s_grad.runtime import divided

__all__ = ["expand", "part"]


def expand(value: Any, axis: Any, keepdims: bool) -> Any:
    """Give a reduced value back the axes that were reduced, with size 1."""
    if axis is None or keepdims:
        return value
    return np.expand_dims(value, axis)


def part(value: Any, axis: int, start: int | None, stop: int | None) -> Any:
    """Return a slice along one axis."""
    lead = (slice(None),) * (axis % np.ndim(value))
    return value[(*lead, slice(start, stop))] if lead else value[start:stop]


def _count(a_size: Any, a_shape: Any, axis: Any) -> Any:
    """Return how many items were reduced to one."""
    if axis is None:
        return a_size
    count = 1
    for i in axis if isinstance(axis, tuple) else (axis,):
        count = count * a_shape[i]
    return count


REDUCTIONS = [
    case(A(2, 3)),
    case(A(2, 3), axis=1),
    case(A(2, 3), axis=-1, keepdims=True),
    case(A(2, 3, 4), axis=(0, -1)),
    case(A(2, 3, 4), axis=(0, 2), keepdims=True),
    case(A()),
]


def sum_transpose(ct: Any, a_shape: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Spread the cotangent back over the summed axes."""
    return np.broadcast_to(expand(ct, axis, keepdims), a_shape)


linear(np.sum, a=sum_transpose, cases=[*REDUCTIONS, case(A(0, 3), axis=0)])


def mean_transpose(
    ct: Any, a_shape: Any, a_size: Any, axis: Any = None, keepdims: bool = False
) -> Any:
    """Spread the cotangent evenly over the averaged axes."""
    count = _count(a_size, a_shape, axis)
    return np.broadcast_to(expand(divided(ct, count), axis, keepdims), a_shape)


linear(np.mean, a=mean_transpose, cases=REDUCTIONS)


def _others_product(a: Any, axis: Any) -> Any:
    """Return, for each item, the product of all other items, without a division."""
    if axis is None:
        return np.reshape(_others_along(np.ravel(a), 0), np.shape(a))
    if not isinstance(axis, tuple):
        return _others_along(a, axis)
    others = np.ones_like(a)
    for along in axis:
        others = others * _others_along(a, along)
        a = np.prod(a, axis=along, keepdims=True)
    return others


def _others_along(a: Any, axis: int) -> Any:
    """Return the product of what is before each item along an axis and of what is behind it."""
    one = np.ones_like(part(a, axis, None, 1))
    before = np.concatenate([one, part(a, axis, None, -1)], axis=axis)
    behind = np.concatenate([part(a, axis, 1, None), one], axis=axis)
    turned = np.flip(np.cumprod(np.flip(behind, axis), axis=axis), axis)
    return np.cumprod(before, axis=axis) * turned


def prod_pullback(ct: Any, a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Each item's derivative is the product of the others."""
    return expand(ct, axis, keepdims) * _others_product(a, axis)


def prod_pushforward(a: Any, a_dot: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product rule."""
    return np.sum(a_dot * _others_product(a, axis), axis=axis, keepdims=keepdims)


general(
    np.prod,
    holomorphic=True,
    pushforward=prod_pushforward,
    a=prod_pullback,
    cases=[
        case(A(2, 3)),
        case(A(2, 3), axis=1),
        case(A(2, 3, 2), axis=(0, -1), keepdims=True),
        case(A(3, 4, kind="integral"), axis=1),
    ],
)


def _share(a: Any, result: Any, axis: Any, keepdims: bool) -> Any:
    """Return the weight of each item in an extreme: ties share evenly."""
    winners = np.where(a == expand(result, axis, keepdims), np.ones_like(a), 0.0)
    return winners / np.sum(winners, axis=axis, keepdims=True)


def extreme_pullback(ct: Any, a: Any, result: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Hand the cotangent to the item that won; ties share it evenly."""
    return expand(ct, axis, keepdims) * _share(a, result, axis, keepdims)


def extreme_pushforward(
    a: Any, a_dot: Any, result: Any, axis: Any = None, keepdims: bool = False
) -> Any:
    """The tangent of the item that won."""
    weights = _share(a, result, axis, keepdims)
    won = np.where(weights > 0, a_dot * weights, 0.0)
    return np.sum(won, axis=axis, keepdims=keepdims)


_DISTINCT = [
    case(A(2, 3, kind="distinct")),
    case(A(2, 3, kind="distinct"), axis=0),
    case(A(2, 3, 2, kind="distinct"), axis=(0, 2), keepdims=True),
]
for _extreme in (np.max, np.min, np.amax, np.amin):
    general(
        _extreme,
        holomorphic=True,
        pushforward=extreme_pushforward,
        a=extreme_pullback,
        cases=_DISTINCT,
    )


def var_pullback(
    ct: Any,
    a: Any,
    a_size: Any,
    a_shape: Any,
    axis: Any = None,
    ddof: Any = 0,
    keepdims: bool = False,
) -> Any:
    """2 (a - mean) / (n - ddof)."""
    count = _count(a_size, a_shape, axis) - ddof
    centred = a - np.mean(a, axis=axis, keepdims=axis is not None)
    return 2 * expand(ct, axis, keepdims) * centred / count


def var_pushforward(
    a: Any,
    a_dot: Any,
    a_size: Any,
    a_shape: Any,
    axis: Any = None,
    ddof: Any = 0,
    keepdims: bool = False,
) -> Any:
    """The same weights, summed against the tangent."""
    count = _count(a_size, a_shape, axis) - ddof
    centred = a - np.mean(a, axis=axis, keepdims=axis is not None)
    return 2 * np.sum(centred * a_dot, axis=axis, keepdims=keepdims) / count


def std_pullback(
    ct: Any,
    a: Any,
    a_size: Any,
    a_shape: Any,
    result: Any,
    axis: Any = None,
    ddof: Any = 0,
    keepdims: bool = False,
) -> Any:
    """(a - mean) / ((n - ddof) std); 0 where all items are equal."""
    count = _count(a_size, a_shape, axis) - ddof
    centred = a - np.mean(a, axis=axis, keepdims=axis is not None)
    scale = ct / (count * np.where(result == 0, 1.0, result))
    return expand(scale, axis, keepdims) * centred


def std_pushforward(
    a: Any,
    a_dot: Any,
    a_size: Any,
    a_shape: Any,
    result: Any,
    axis: Any = None,
    ddof: Any = 0,
    keepdims: bool = False,
) -> Any:
    """The same weights, summed against the tangent."""
    count = _count(a_size, a_shape, axis) - ddof
    centred = a - np.mean(a, axis=axis, keepdims=axis is not None)
    total = np.sum(centred * a_dot, axis=axis, keepdims=keepdims)
    return total / (count * np.where(result == 0, 1.0, result))


_SPREADS = [*REDUCTIONS[:5], case(A(2, 3), ddof=1), case(A(4, 3), axis=0, ddof=1)]
general(np.var, pushforward=var_pushforward, a=var_pullback, cases=_SPREADS)
general(np.std, pushforward=std_pushforward, a=std_pullback, cases=_SPREADS)


def ptp_pullback(ct: Any, a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest item's share minus the smallest item's."""
    high = _share(a, np.max(a, axis=axis, keepdims=True), axis, True)
    low = _share(a, np.min(a, axis=axis, keepdims=True), axis, True)
    return expand(ct, axis, keepdims) * (high - low)


def ptp_pushforward(a: Any, a_dot: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest item's tangent minus the smallest item's."""
    high = _share(a, np.max(a, axis=axis, keepdims=True), axis, True)
    low = _share(a, np.min(a, axis=axis, keepdims=True), axis, True)
    return np.sum(a_dot * (high - low), axis=axis, keepdims=keepdims)


general(np.ptp, pushforward=ptp_pushforward, a=ptp_pullback, cases=_DISTINCT)


# --------------------------------------------------------------------------------- running sums


def cumsum_transpose(ct: Any, a_shape: Any, axis: Any = None) -> Any:
    """Sum from the other end."""
    if axis is None:
        return np.reshape(np.flip(np.cumsum(np.flip(ct))), a_shape)
    return np.flip(np.cumsum(np.flip(ct, axis), axis=axis), axis)


linear(
    np.cumsum,
    a=cumsum_transpose,
    cases=[case(A(4)), case(A(2, 3)), case(A(2, 3), axis=0), case(A(2, 3), axis=-1)],
)


if hasattr(np, "cumulative_sum"):  # NumPy 2.1
    linear(
        np.cumulative_sum,
        parameters="x",
        x=lambda ct, x_shape, axis=None: cumsum_transpose(ct, x_shape, axis),
        cases=[case(A(4)), case(A(2, 3), axis=1)],
    )


def _skip_zero(a: Any, axis: int, place: int) -> tuple[Any, Any]:
    """Return where the zero with this number along an axis is, and the products without it."""
    zero = a == 0
    skipped = zero & (np.cumsum(zero, axis=axis) == place)
    return skipped, np.cumprod(np.where(skipped, 1.0, a), axis=axis)


def cumprod_pullback(ct: Any, a: Any, result: Any, a_shape: Any, axis: Any = None) -> Any:
    """Sum ct * result from the other end, over a; a zero is left out of its products.

    The derivative of the second zero is zero, but depends on the first; that of others does not
    up to second derivatives.
    """
    if axis is None:
        return np.reshape(cumprod_pullback(ct, np.ravel(a), result, None, 0), a_shape)
    first, without_first = _skip_zero(a, axis, 1)
    second, without_second = _skip_zero(a, axis, 2)
    total = cumsum_transpose(ct * result, None, axis) / np.where(a == 0, 1.0, a)
    at_second = np.where(second, cumsum_transpose(ct * without_second, None, axis), total)
    return np.where(first, cumsum_transpose(ct * without_first, None, axis), at_second)


def cumprod_pushforward(a: Any, a_dot: Any, result: Any, axis: Any = None) -> Any:
    """Each running product times the sum of the relative changes in it."""
    if axis is None:
        a, a_dot, axis = np.ravel(a), np.ravel(a_dot), 0
    first, without_first = _skip_zero(a, axis, 1)
    second, without_second = _skip_zero(a, axis, 2)
    relative = np.where(a == 0, 0.0, a_dot / np.where(a == 0, 1.0, a))
    at_first = np.cumsum(np.where(first, a_dot, 0.0), axis=axis)
    at_second = np.cumsum(np.where(second, a_dot, 0.0), axis=axis)
    moved = result * np.cumsum(relative, axis=axis)
    return moved + without_first * at_first + without_second * at_second


general(
    np.cumprod,
    holomorphic=True,
    pushforward=cumprod_pushforward,
    a=cumprod_pullback,
    cases=[
        case(A(4, domain=NONZERO)),
        case(A(2, 3, domain=POSITIVE), axis=1),
        case(A(2, 3)),
        case(A(5, kind="integral"), axis=0),
    ],
)


if hasattr(np, "cumulative_prod"):  # NumPy 2.1
    general(
        np.cumulative_prod,
        parameters="x",
        x=lambda ct, x, result, x_shape, axis=None: cumprod_pullback(ct, x, result, x_shape, axis),
        pushforward=lambda x, x_dot, result, axis=None: cumprod_pushforward(x, x_dot, result, axis),
        cases=[case(A(4)), case(A(2, 3), axis=1)],
    )


def diff_transpose(ct: Any, a_shape: Any, n: Any = 1, axis: Any = -1) -> Any:
    """The negative difference of the cotangent with zeros at both ends."""
    widths = [(0, 0)] * np.ndim(ct)
    widths[axis] = (1, 1)
    for _ in range(n):
        ct = -np.diff(np.pad(ct, widths), axis=axis)
    return ct


linear(
    np.diff,
    a=diff_transpose,
    cases=[case(A(4)), case(A(2, 3)), case(A(4, 3), axis=0), case(A(5), n=2)],
)
