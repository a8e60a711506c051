"""Polynomials by their coefficients, from the highest power down."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.errors import UnsupportedOption
from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import general, linear
from s2s_grad.runtime import cast_like, dispatching


def _powers(count_like: Any) -> Any:
    """Return the powers n, n - 1, ..., 1 for a vector of n items."""
    return np.flip(np.cumsum(np.ones_like(count_like)))


def polyder_transpose(ct: Any, m: Any = 1) -> Any:
    """Each coefficient times its power; the last one is lost."""
    if m != 1:
        raise UnsupportedOption(
            f"the derivative of `np.polyder` with m={m!r} is not known", "call it m times"
        )
    return np.pad(ct * _powers(ct), (0, 1))


linear(np.polyder, p=polyder_transpose, cases=[case(A(4)), case(A(2))])


np_vander = dispatching(np.vander)


def polyval_pullback_p(ct: Any, p: Any, x: Any, p_shape: Any) -> Any:
    """The sum of the cotangent times each power."""
    powers = np_vander(np.ravel(x), p_shape[0])
    return cast_like(np.transpose(powers) @ np.ravel(ct), p)


def polyval_pullback_x(ct: Any, p: Any, x: Any) -> Any:
    """The derivative polynomial."""
    return cast_like(ct * np.polyval(np.polyder(p), x), x)


def polyval_pushforward(p: Any, x: Any, p_dot: Any, x_dot: Any) -> Any:
    """The polynomial of the coefficients' tangents, and the slope times the point's."""
    return np.polyval(p_dot, x) + np.polyval(np.polyder(p), x) * x_dot


general(
    np.polyval,
    holomorphic=True,
    p=polyval_pullback_p,
    x=polyval_pullback_x,
    pushforward=polyval_pushforward,
    cases=[case(A(4), A(3)), case(A(4), A()), case(A(3), A(2, 2)), case(A(4), 0.3)],
)


def _slopes_of_powers(x: Any, columns: Any, increasing: bool) -> Any:
    """Return the derivative of each column of a Vandermonde matrix: k x**(k - 1)."""
    lower = np_vander(x, columns - 1, increasing=True)
    slopes = lower * np.cumsum(np.ones_like(lower), axis=1)
    whole = np.pad(slopes, [(0, 0), (1, 0)])
    return whole if increasing else np.flip(whole, 1)


def vander_pullback(
    ct: Any, x: Any, result_shape: Any, N: Any = None, increasing: Any = False
) -> Any:
    """The sum over the columns of k x**(k - 1)."""
    return np.sum(ct * _slopes_of_powers(x, result_shape[1], increasing), axis=1)


def vander_pushforward(x: Any, x_dot: Any, result_shape: Any, increasing: Any = False) -> Any:
    """The columns k x**(k - 1) times the tangent."""
    return np.expand_dims(x_dot, 1) * _slopes_of_powers(x, result_shape[1], increasing)


general(
    np.vander,
    holomorphic=True,
    x=vander_pullback,
    pushforward=vander_pushforward,
    parameters="x N increasing",
    cases=[case(A(3)), case(A(3), 4), case(A(3), 4, increasing=True), case(A(4), 2, True)],
)


def polyfit_pullback_y(ct: Any, x: Any, deg: Any) -> Any:
    """Through the pseudo-inverse of the powers."""
    return np.transpose(np.linalg.pinv(np_vander(x, deg + 1))) @ ct


def polyfit_pullback_x(ct: Any, x: Any, y: Any, deg: Any, result: Any) -> Any:
    """Through the powers: by the normal equations of the fit."""
    powers = np_vander(x, deg + 1)
    inverse = np.linalg.pinv(powers)
    rest = y - powers @ result
    slope = np.polyval(np.polyder(result), x)
    by_rest = vander_pullback(
        np.outer(rest, inverse @ (np.transpose(inverse) @ ct)), x, (0, deg + 1)
    )
    return by_rest - slope * (np.transpose(inverse) @ ct)


def polyfit_pushforward(x: Any, y: Any, deg: Any, result: Any, x_dot: Any, y_dot: Any) -> Any:
    """The fit of what moves, and of the residual by the powers that move."""
    powers = np_vander(x, deg + 1)
    inverse = np.linalg.pinv(powers)
    turned = np.transpose(vander_pushforward(x, x_dot, (0, deg + 1))) @ (y - powers @ result)
    slope = np.polyval(np.polyder(result), x)
    return inverse @ (y_dot - slope * x_dot) + inverse @ (np.transpose(inverse) @ turned)


general(
    np.polyfit,
    parameters="x y deg",
    x=polyfit_pullback_x,
    y=polyfit_pullback_y,
    pushforward=polyfit_pushforward,
    cases=[case(A(5, kind="increasing"), A(5), 2), case(A(4, kind="increasing"), A(4), deg=1)],
)
