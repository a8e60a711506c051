"""Special functions of SciPy; loaded when a program that has imported SciPy is compiled."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from s2s_grad.rules.cases import POSITIVE
from s2s_grad.rules.families import elementwise
from s2s_grad.rules.rule import Rule, table


def xlogy_by_factor(x: Any, y: Any) -> Any:
    """log(y); 0 where x and y are 0, as for x from above."""
    return np.log(np.where((x == 0) & (y <= 0), 1.0, y))


@functools.cache
def load() -> dict[Any, Rule]:
    """Declare the rules of `scipy.special` and return the table of all rules."""
    from scipy import special  # pyright: ignore

    root = float(2 / np.sqrt(np.pi))
    elementwise(special.expit, x=lambda result: result * (1 - result))
    elementwise(special.logit, x=lambda ct, x: ct / (x * (1 - x)), domain=(0.1, 0.9))
    elementwise(special.log_expit, x=lambda x: special.expit(-x))
    elementwise(special.erf, x=lambda x: root * np.exp(-x * x))
    elementwise(special.erfc, x=lambda x: -root * np.exp(-x * x))
    elementwise(special.gammaln, x=lambda x: special.psi(x), domain=POSITIVE)
    elementwise(special.gamma, x=lambda x, result: result * special.psi(x), domain=POSITIVE)
    elementwise(special.psi, x=lambda x: special.zeta(2.0, x), domain=POSITIVE)
    elementwise(special.j0, x=lambda x: -special.j1(x))
    elementwise(special.xlogy, x=xlogy_by_factor, y=lambda ct, x, y: ct * x / y, domain=POSITIVE)
    elementwise(special.log1p, x=lambda ct, x: ct / (1 + x), domain=POSITIVE)
    elementwise(special.expm1, x=lambda result: result + 1)
    elementwise(special.exp2, x=lambda result: float(np.log(2.0)) * result)
    elementwise(special.cbrt, x=lambda ct, result: ct / (3 * result * result), domain=POSITIVE)
    return table
