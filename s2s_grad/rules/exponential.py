"""Exponentials and logarithms."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.rules.cases import POSITIVE
from s2s_grad.rules.families import elementwise

_LOG2 = float(np.log(2.0))
_LOG10 = float(np.log(10.0))

elementwise(np.exp, holomorphic=True, x=lambda result: result)
elementwise(np.exp2, holomorphic=True, x=lambda result: _LOG2 * result)
elementwise(np.expm1, holomorphic=True, x=lambda result: result + 1)
elementwise(
    np.log, holomorphic=True, x=lambda ct, x: ct / x, regular=lambda x: x != 0, domain=POSITIVE
)
elementwise(
    np.log2,
    holomorphic=True,
    x=lambda ct, x: ct / (_LOG2 * x),
    regular=lambda x: x != 0,
    domain=POSITIVE,
)
elementwise(
    np.log10,
    holomorphic=True,
    x=lambda ct, x: ct / (_LOG10 * x),
    regular=lambda x: x != 0,
    domain=POSITIVE,
)
elementwise(
    np.log1p,
    holomorphic=True,
    x=lambda ct, x: ct / (1 + x),
    regular=lambda x: x != -1,
    domain=POSITIVE,
)


def log_share(x: Any, other: Any, result: Any) -> Any:
    """Return the logarithm of the share of `x` in a sum, all of it for the only infinity."""
    whole = np.isinf(result) & (x == result) & (x != other)
    return np.where(whole, 0.0, x - result)


elementwise(
    np.logaddexp,
    x1=lambda x1, x2, result: np.exp(log_share(x1, x2, result)),
    x2=lambda x1, x2, result: np.exp(log_share(x2, x1, result)),
)
elementwise(
    np.logaddexp2,
    x1=lambda x1, x2, result: np.exp2(log_share(x1, x2, result)),
    x2=lambda x1, x2, result: np.exp2(log_share(x2, x1, result)),
)
