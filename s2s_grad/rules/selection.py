"""Choosing between values, and putting them in order."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import elementwise, general, linear
from s2s_grad.rules.reductions import expand
from s2s_grad.runtime import sum_to

_MASK = np.array([[True, False, True], [False, False, True]])


def where_back_x(ct: Any, condition: Any, x_shape: Any) -> Any:
    """The cotangent where the first value was chosen."""
    return sum_to(np.where(condition, ct, 0.0), x_shape)


def where_back_y(ct: Any, condition: Any, y_shape: Any) -> Any:
    """The cotangent where the second value was chosen."""
    return sum_to(np.where(condition, 0.0, ct), y_shape)


def _holds(condition: Any) -> Any:
    """Return a condition as booleans."""
    if hasattr(condition, "dtype") and condition.dtype.kind == "b":
        return condition
    return np.not_equal(condition, 0)


linear(
    np.where,
    parameters="condition x y",
    x=where_back_x,
    y=where_back_y,
    still="condition",
    masks={"x": _holds, "y": lambda condition: np.logical_not(condition)},
    cases=[
        case(_MASK, A(2, 3), A(2, 3)),
        case(_MASK, A(3), A(2, 1)),
        case(np.array([True, False]), A(2), A(1)),
        case(_MASK, A(), A(2, 3)),
    ],
)


elementwise(
    np.maximum,
    x1=lambda ct, x1, x2: _half(ct, x1 > x2, x1 == x2),
    x2=lambda ct, x1, x2: _half(ct, x2 > x1, x1 == x2),
)
elementwise(
    np.minimum,
    x1=lambda ct, x1, x2: _half(ct, x1 < x2, x1 == x2),
    x2=lambda ct, x1, x2: _half(ct, x2 < x1, x1 == x2),
)
# These two take the number where the other value is not one.
elementwise(
    np.fmax,
    x1=lambda ct, x1, x2: _half(ct, (x1 > x2) | np.isnan(x2), x1 == x2),
    x2=lambda ct, x1, x2: _half(ct, (x2 > x1) | np.isnan(x1), x1 == x2),
)
elementwise(
    np.fmin,
    x1=lambda ct, x1, x2: _half(ct, (x1 < x2) | np.isnan(x2), x1 == x2),
    x2=lambda ct, x1, x2: _half(ct, (x2 < x1) | np.isnan(x1), x1 == x2),
)


def _half(ct: Any, chosen: Any, tied: Any) -> Any:
    """The cotangent where a value was chosen, half of it at ties."""
    return np.where(chosen, ct, np.where(tied, 0.5 * ct, 0.0))


def _inside(a: Any, a_min: Any, a_max: Any) -> Any:
    """Return where neither bound is active."""
    if a_min is None and a_max is None:
        return None
    if a_min is None:
        return a < a_max
    if a_max is None:
        return a > a_min
    return (a > a_min) & (a < a_max)


def _below(a: Any, a_min: Any, a_max: Any) -> Any:
    """Return where the result is the lower bound; the upper one wins where they cross."""
    return a <= a_min if a_max is None else (a <= a_min) & (a_min <= a_max)


def _above(a: Any, a_min: Any, a_max: Any) -> Any:
    """Return where the result is the upper bound, and not the lower one."""
    return a >= a_max if a_min is None else (a_min > a_max) | ((a >= a_max) & (a > a_min))


def clip_back(ct: Any, a: Any, a_min: Any = None, a_max: Any = None) -> Any:
    """The cotangent inside the bounds; at a bound the least subgradient, 0."""
    inside = _inside(a, a_min, a_max)
    return ct if inside is None else np.where(inside, ct, 0.0)


def clip_back_min(ct: Any, a: Any, a_min: Any = None, a_max: Any = None) -> Any:
    """The cotangent at the lower bound."""
    return np.where(_below(a, a_min, a_max), ct, 0.0)


def clip_back_max(ct: Any, a: Any, a_min: Any = None, a_max: Any = None) -> Any:
    """The cotangent at the upper bound."""
    return np.where(_above(a, a_min, a_max), ct, 0.0)


elementwise(
    np.clip,
    parameters="a a_min a_max",
    a=clip_back,
    a_min=clip_back_min,
    a_max=clip_back_max,
    cases=[
        case(A(2, 3), -0.5, 0.7),
        case(A(2, 3), 0.1, None),
        case(A(3), None, np.array([0.1, 0.2, 0.3])),
        case(A(4), a_min=-0.5, a_max=0.5),
        case(A(2, 3), A(3, domain=(-1.5, -0.5)), A(domain=(0.5, 1.5))),
        case(A(4), A(4), A(4)),
        case(A(2, 3), A(3), None),
    ],
)


# --------------------------------------------------------------------------------------- ordering


def sort_pullback(ct: Any, a: Any, axis: Any = -1) -> Any:
    """Send each cotangent back to where its value came from."""
    if axis is None:
        return np.reshape(sort_pullback(ct, np.ravel(a), 0), np.shape(a))
    inverse = np.argsort(np.argsort(a, axis=axis, kind="stable"), axis=axis)
    return np.take_along_axis(ct, inverse, axis)


def sort_pushforward(a: Any, a_dot: Any, axis: Any = -1) -> Any:
    """Put the tangents in the order of the values."""
    if axis is None:
        return sort_pushforward(np.ravel(a), np.ravel(a_dot), 0)
    return np.take_along_axis(a_dot, np.argsort(a, axis=axis, kind="stable"), axis)


general(
    np.sort,
    holomorphic=True,
    parameters="a axis",
    a=sort_pullback,
    pushforward=sort_pushforward,
    cases=[
        case(A(5, kind="distinct")),
        case(A(2, 3, kind="distinct"), axis=0),
        case(A(2, 3, kind="distinct")),
        case(A(2, 3, kind="distinct"), axis=None),
    ],
)


def median_pullback(ct: Any, a: Any, a_shape: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Half to each of the two middle items, or all to the one."""
    if axis is None:
        low, high = _middle(np.ravel(a), 0)
        ct = np.sum(ct) if keepdims else ct
        return np.reshape(0.5 * ct * low + 0.5 * ct * high, a_shape)
    low, high = _middle(a, axis)
    half = 0.5 * expand(ct, axis, keepdims)
    return half * low + half * high


def median_pushforward(
    a: Any, a_dot: Any, result_shape: Any, axis: Any = None, keepdims: bool = False
) -> Any:
    """The mean of the tangents of the middle items."""
    if axis is None:
        a, a_dot, axis = np.ravel(a), np.ravel(a_dot), 0
    low, high = _middle(a, axis)
    total = np.sum(a_dot * low, axis=axis) + np.sum(a_dot * high, axis=axis)
    return np.reshape(0.5 * total, result_shape) if keepdims else 0.5 * total


def _middle(a: Any, axis: int) -> tuple[Any, Any]:
    """Return where the two middle items along an axis are; they may be one."""
    rank = np.argsort(np.argsort(a, axis=axis), axis=axis)
    count = np.shape(a)[axis]
    return rank == (count - 1) // 2, rank == count // 2


general(
    np.median,
    holomorphic=True,
    parameters="a axis",
    a=median_pullback,
    pushforward=median_pushforward,
    cases=[
        case(A(5, kind="distinct")),
        case(A(2, 4, kind="distinct"), axis=1),
        case(A(2, 4, kind="distinct"), axis=1, keepdims=True),
        case(A(2, 4, kind="distinct"), keepdims=True),
        case(A(2, 3, kind="distinct")),
    ],
)


# ----------------------------------------------------------------------------------- many choices


def select_back(ct: Any, condlist: Any, choicelist_shape: Any) -> Any:
    """The cotangent where each choice is the first whose condition holds."""
    found: list[Any] = []
    left = ct
    for condition, shape in zip(condlist, choicelist_shape, strict=True):
        found.append(sum_to(np.where(condition, left, 0.0), shape))
        left = np.where(condition, 0.0, left)
    return found


def select_back_default(ct: Any, condlist: Any, default_shape: Any) -> Any:
    """The cotangent where no condition holds."""
    for condition in condlist:
        ct = np.where(condition, 0.0, ct)
    return sum_to(ct, default_shape)


linear(
    np.select,
    nested={"condlist": 1, "choicelist": 1},
    parameters="condlist choicelist default",
    still="condlist",
    choicelist=select_back,
    default=lambda ct, condlist, default_shape, default=0: select_back_default(
        ct, condlist, default_shape
    ),
    cases=[
        case([_MASK, ~_MASK[::-1]], [A(2, 3), A(2, 3)], A(2, 3)),
        case([_MASK, ~_MASK[::-1]], [A(2, 3), A(3)]),
        case([_MASK], [A(2, 3)], A()),
    ],
)


def choose_back(ct: Any, a: Any, choices_shape: Any) -> Any:
    """The cotangent where each choice was taken."""
    if isinstance(choices_shape, list):
        return [
            sum_to(np.where(np.equal(a, i), ct, 0.0), shape)
            for i, shape in enumerate(choices_shape)
        ]
    rows = [
        sum_to(np.where(np.equal(a, i), ct, 0.0), choices_shape[1:])
        for i in range(choices_shape[0])
    ]
    return np.stack(rows)


linear(
    np.choose,
    nested={"choices": 1},
    parameters="a choices",
    still="a",
    choices=choose_back,
    cases=[
        case(np.array([0, 1, 1]), [A(3), A(3)]),
        case(np.array([[0, 1, 2], [2, 1, 0]]), [A(3), A(), A(2, 3)]),
    ],
)


def partition_pullback(ct: Any, a: Any, result: Any, axis: Any = -1) -> Any:
    """Through the sorted order, which both the items and the result have in common."""
    along = 0 if axis is None else axis
    in_order = np.take_along_axis(ct, np.argsort(result, axis=along, kind="stable"), along)
    return sort_pullback(in_order, a, axis)


def partition_pushforward(a: Any, a_dot: Any, result: Any, axis: Any = -1) -> Any:
    """The sorted tangents, in the order of the result."""
    in_order = sort_pushforward(a, a_dot, axis)
    along = 0 if axis is None else axis
    place = np.argsort(np.argsort(result, axis=along, kind="stable"), axis=along)
    return np.take_along_axis(in_order, place, along)


general(
    np.partition,
    holomorphic=True,
    parameters="a kth axis",
    a=partition_pullback,
    pushforward=partition_pushforward,
    cases=[
        case(A(5, kind="distinct"), 2),
        case(A(4, 3, kind="distinct"), 1, axis=0),
        case(A(2, 3, kind="distinct"), 1, axis=None),
    ],
)
