"""Grids of numbers, which move with their ends and steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.errors import UnsupportedOption
from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import general, linear
from s2s_grad.runtime import cast_like, dispatching, sum_to

np_arange = dispatching(np.arange)
_CLOSE = (1.0, 1.4)


def _weighted(ct: Any, weights: Any, shape: Any) -> Any:
    """Sum over the points, which are along the first axis."""
    if np.ndim(ct) == 1:
        return np.reshape(np.sum(ct * weights), shape)
    return sum_to(np.tensordot(cast_like(weights, ct), ct, 1), shape)


def _check_dtype(dtype: Any) -> None:
    """Refuse a grid that is rounded to integers."""
    if dtype is not None and np.dtype(dtype).kind not in "fc":
        raise UnsupportedOption(
            f"a grid of dtype {np.dtype(dtype)} is rounded, so that it has no derivative",
            "make a grid of floats",
        )


# ------------------------------------------------------------------------------- a number of points


def linspace_back_start(
    ct: Any, start_shape: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None
) -> Any:
    """The weight of the start falls from 1 to 0."""
    _check_dtype(dtype)
    return _weighted(ct, np.linspace(1.0, 0.0, num, endpoint=endpoint), start_shape)


def linspace_back_stop(
    ct: Any, stop_shape: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None
) -> Any:
    """The weight of the end grows from 0 to 1."""
    _check_dtype(dtype)
    return _weighted(ct, np.linspace(0.0, 1.0, num, endpoint=endpoint), stop_shape)


linear(
    np.linspace,
    parameters="start stop num endpoint",
    start=linspace_back_start,
    stop=linspace_back_stop,
    cases=[
        case(A(), A(), 5),
        case(A(), A(), num=3),
        case(A(), A(), 4, False),
        case(A(3), A(3), 3),
        case(A(2, 1), A(3), 4),
        case(A(), A(3), 3),
        case(A(), A(), 4, dtype=float),
    ],
)


def logspace_pullback_start(
    ct: Any, result: Any, start_shape: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0
) -> Any:
    """Through the exponents, a grid of equal steps."""
    pulled = linspace_back_start(ct * result * np.log(base), start_shape, num, endpoint)
    return cast_like(pulled, result)


def logspace_pullback_stop(
    ct: Any, result: Any, stop_shape: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0
) -> Any:
    """Through the exponents, a grid of equal steps."""
    pulled = linspace_back_stop(ct * result * np.log(base), stop_shape, num, endpoint)
    return cast_like(pulled, result)


def logspace_pushforward(
    result: Any,
    start_dot: Any,
    stop_dot: Any,
    num: Any = 50,
    endpoint: bool = True,
    base: Any = 10.0,
) -> Any:
    """The tangent of the exponents, times the slope of the power."""
    return (
        result
        * cast_like(np.log(base), result)
        * np.linspace(start_dot, stop_dot, num, endpoint=endpoint)
    )


general(
    np.logspace,
    parameters="start stop num endpoint base",
    start=logspace_pullback_start,
    stop=logspace_pullback_stop,
    pushforward=logspace_pushforward,
    cases=[case(A(), A(), 5), case(A(), A(), 3, endpoint=False), case(A(), A(), num=4, base=2.0)],
)


def geomspace_pullback_start(
    ct: Any, start: Any, result: Any, start_shape: Any, num: Any = 50, endpoint: bool = True
) -> Any:
    """Through the logarithms, a grid of equal steps."""
    return linspace_back_start(ct * result, start_shape, num, endpoint) / start


def geomspace_pullback_stop(
    ct: Any, stop: Any, result: Any, stop_shape: Any, num: Any = 50, endpoint: bool = True
) -> Any:
    """Through the logarithms, a grid of equal steps."""
    return linspace_back_stop(ct * result, stop_shape, num, endpoint) / stop


def geomspace_pushforward(
    start: Any,
    stop: Any,
    result: Any,
    start_dot: Any,
    stop_dot: Any,
    num: Any = 50,
    endpoint: bool = True,
) -> Any:
    """The tangent of the logarithms, times the points."""
    return result * np.linspace(start_dot / start, stop_dot / stop, num, endpoint=endpoint)


general(
    np.geomspace,
    parameters="start stop num endpoint",
    start=geomspace_pullback_start,
    stop=geomspace_pullback_stop,
    pushforward=geomspace_pushforward,
    cases=[
        case(A(domain=_CLOSE), A(domain=(3.0, 4.0)), 5),
        case(A(domain=_CLOSE), A(domain=(3.0, 4.0)), num=3, endpoint=False),
    ],
)


# ------------------------------------------------------------------------------------ equal steps


def arange_pullback_start(ct: Any, stop: Any = None, dtype: Any = None) -> Any:
    """Every point moves with the start; an only operand is the stop, which moves none."""
    _check_dtype(dtype)
    return 0.0 if stop is None else np.sum(ct)


def arange_pullback_stop(stop: Any = None) -> Any:
    """The stop only decides how many points there are."""
    return 0.0


def arange_pullback_step(ct: Any, step: Any = 1, dtype: Any = None) -> Any:
    """The point after k steps moves by k."""
    _check_dtype(dtype)
    return np.sum(ct * np_arange(np.size(ct)))


def arange_pushforward(
    result_shape: Any,
    start_dot: Any,
    step_dot: Any = 0.0,
    stop: Any = None,
    step: Any = 1,
    dtype: Any = None,
) -> Any:
    """The start's tangent, and that of each step so far."""
    _check_dtype(dtype)
    first = 0.0 if stop is None else start_dot
    return first + step_dot * np_arange(result_shape[0])


general(
    np.arange,
    parameters="start stop step dtype",
    start=arange_pullback_start,
    stop=arange_pullback_stop,
    step=arange_pullback_step,
    pushforward=arange_pushforward,
    cases=[
        case(A(domain=(0.2, 0.8)), 3.0),
        case(A(domain=(0.2, 0.6)), 5.0, A(domain=(1.4, 1.5))),
    ],
)


def fftfreq_pullback(ct: Any, result: Any, d: Any = 1.0) -> Any:
    """The frequencies are inverse to the spacing."""
    return -np.sum(ct * result) / d


def fftfreq_pushforward(result: Any, d_dot: Any, d: Any = 1.0) -> Any:
    """The frequencies are inverse to the spacing."""
    return -result * (d_dot / d)


for _grid in (np.fft.fftfreq, np.fft.rfftfreq):
    general(
        _grid,
        parameters="n d",
        d=fftfreq_pullback,
        pushforward=fftfreq_pushforward,
        cases=[case(6, A(domain=(0.5, 2.0))), case(5, A(domain=(0.5, 2.0)))],
    )
