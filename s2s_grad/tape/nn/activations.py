"""Activations, with PyTorch's names and defaults.

Those that need a formula of their own, for accuracy or for a subgradient, are operations with a
rule in the table; the others are NumPy calls.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from s2s_grad.rules import A, case
from s2s_grad.rules.families import elementwise, general
from s2s_grad.runtime import operation

__all__ = ["erf", "gelu", "linear", "log_softmax", "relu", "sigmoid", "softmax", "softplus", "tanh"]


@operation
def sigmoid(x: Any) -> Any:
    """Return ``1 / (1 + exp(-x))``, without overflow.

    Examples
    --------
    >>> from s2s_grad.tape.nn import functional as F
    >>> float(F.sigmoid(-1000.0))
    0.0
    """
    small = np.exp(-np.abs(x))
    return np.where(np.greater_equal(x, 0), 1.0, small)[()] / (1 + small)


@operation
def relu(x: Any) -> Any:
    """Return the positive part; the derivative at 0 is 0.

    Examples
    --------
    >>> import numpy as np
    >>> from s2s_grad.tape.nn import functional as F
    >>> F.relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    return np.maximum(x, 0)


@operation
def erf(x: Any) -> Any:
    """Return the error function.

    Examples
    --------
    >>> from s2s_grad.tape.nn import functional as F
    >>> float(F.erf(0.0))
    0.0
    """
    try:
        from scipy import special
    except ImportError:
        values = np.asarray(x)
        items = [math.erf(item) for item in values.ravel().tolist()]
        return np.array(items, values.dtype).reshape(values.shape)[()]
    return special.erf(x)


@operation
def log_softmax(x: Any, axis: int = -1) -> Any:
    """Return the logarithm of `softmax`, without overflow.

    Examples
    --------
    >>> import numpy as np
    >>> from s2s_grad.tape.nn import functional as F
    >>> F.log_softmax(np.array([1000.0, 1000.0])).round(4)
    array([-0.6931, -0.6931])
    """
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


@operation
def softmax(x: Any, axis: int = -1) -> Any:
    """Return ``exp(x) / sum(exp(x))`` along an axis, without overflow.

    Examples
    --------
    >>> import numpy as np
    >>> from s2s_grad.tape.nn import functional as F
    >>> F.softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    powers = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return powers / np.sum(powers, axis=axis, keepdims=True)


def sigmoid_slope(result: Any) -> Any:
    """The derivative of `sigmoid`."""
    return result * (1 - result)


def relu_back(ct: Any, result: Any) -> Any:
    """The cotangent where the value is positive."""
    return np.where(result > 0, ct, 0.0)


def erf_slope(x: Any) -> Any:
    """The derivative of `erf`."""
    return 2 / math.sqrt(math.pi) * np.exp(-x * x)


elementwise(sigmoid, x=sigmoid_slope)
elementwise(relu, x=relu_back)
elementwise(erf, x=erf_slope)


def log_softmax_pullback(ct: Any, result: Any, axis: int = -1) -> Any:
    """ct - softmax(x) sum(ct)."""
    return ct - np.exp(result) * np.sum(ct, axis=axis, keepdims=True)


def log_softmax_pushforward(result: Any, x_dot: Any, axis: int = -1) -> Any:
    """x_dot - sum(softmax(x) x_dot)."""
    return x_dot - np.sum(np.exp(result) * x_dot, axis=axis, keepdims=True)


def softmax_pullback(ct: Any, result: Any, axis: int = -1) -> Any:
    """softmax(x) (ct - sum(softmax(x) ct))."""
    return result * (ct - np.sum(result * ct, axis=axis, keepdims=True))


def softmax_pushforward(result: Any, x_dot: Any, axis: int = -1) -> Any:
    """The Jacobian is symmetric: the same as the pullback."""
    return softmax_pullback(x_dot, result, axis)


_CASES = [case(A(3)), case(A(2, 3)), case(A(2, 3), 0)]
for _function, _back, _forward in (
    (log_softmax, log_softmax_pullback, log_softmax_pushforward),
    (softmax, softmax_pullback, softmax_pushforward),
):
    general(_function, parameters="x axis", x=_back, pushforward=_forward, cases=_CASES)


def tanh(x: Any) -> Any:
    """Return the hyperbolic tangent.

    Examples
    --------
    >>> from s2s_grad.tape.nn import functional as F
    >>> float(F.tanh(0.0))
    0.0
    """
    return np.tanh(x)


def softplus(x: Any, beta: float = 1.0) -> Any:
    """Return ``log(1 + exp(beta x)) / beta``, without overflow.

    Examples
    --------
    >>> from s2s_grad.tape.nn import functional as F
    >>> float(F.softplus(1000.0))
    1000.0
    """
    return np.logaddexp(0.0, x) if beta == 1 else np.logaddexp(0.0, beta * x) / beta


def gelu(x: Any, approximate: str = "none") -> Any:
    """Return ``x`` times the normal distribution function of ``x``.

    Examples
    --------
    >>> from s2s_grad.tape.nn import functional as F
    >>> round(float(F.gelu(1.0)), 6)
    0.841345
    """
    if approximate == "tanh":
        inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
        return 0.5 * x * (1 + np.tanh(inner))
    return 0.5 * x * (1 + erf(x / math.sqrt(2)))


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """Return ``input @ weight.T + bias``.

    Examples
    --------
    >>> import numpy as np
    >>> from s2s_grad.tape.nn import functional as F
    >>> F.linear(np.ones(2), np.ones((3, 2)))
    array([2., 2., 2.])
    """
    product = input @ weight.T
    return product if bias is None else product + bias
