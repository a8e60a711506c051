"""Exponentials and logarithms."""

from __future__ import annotations

import numpy as np

from s2s_grad.rules.cases import POSITIVE
from s2s_grad.rules.families import elementwise

_LOG2 = float(np.log(2.0))
_LOG10 = float(np.log(10.0))

elementwise(np.exp, x=lambda result: result)
elementwise(np.exp2, x=lambda result: _LOG2 * result)
elementwise(np.expm1, x=lambda result: result + 1)
elementwise(np.log, x=lambda ct, x: ct / x, domain=POSITIVE)
elementwise(np.log2, x=lambda ct, x: ct / (_LOG2 * x), domain=POSITIVE)
elementwise(np.log10, x=lambda ct, x: ct / (_LOG10 * x), domain=POSITIVE)
elementwise(np.log1p, x=lambda ct, x: ct / (1 + x), domain=POSITIVE)
elementwise(
    np.logaddexp,
    x1=lambda x1, result: np.exp(x1 - result),
    x2=lambda x2, result: np.exp(x2 - result),
)
elementwise(
    np.logaddexp2,
    x1=lambda x1, result: np.exp2(x1 - result),
    x2=lambda x2, result: np.exp2(x2 - result),
)
