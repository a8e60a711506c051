"""Special functions of SciPy; loaded when a program that has imported SciPy is compiled.

Derivatives after the NIST Digital Library of Mathematical Functions: chapters 5 (gamma), 6 and 7
(exponential integrals, error functions), 10 (Bessel functions) and 19 (elliptic integrals).
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from s2s_grad.rules.cases import NONZERO, POSITIVE, UNIT, A, case
from s2s_grad.rules.families import elementwise, general
from s2s_grad.rules.reductions import expand
from s2s_grad.rules.rule import Rule, table
from s2s_grad.runtime import cast_like, dispatching

_ROOT = float(2 / np.sqrt(np.pi))
_ROOT_TAU = float(np.sqrt(2 * np.pi))
_LOG2 = float(np.log(2.0))
_LOG10 = float(np.log(10.0))


@functools.cache
def load() -> dict[Any, Rule]:
    """Declare the rules of `scipy.special` and return the table of all rules."""
    from scipy import special  # pyright: ignore

    _declare_elementary(special)
    _declare_error_functions(special)
    _declare_gamma_functions(special)
    _declare_bessel_functions(special)
    _declare_integrals(special)
    _declare_normalising(special)
    return table


def xlogy_by_factor(x: Any, y: Any) -> Any:
    """log(y); 0 where x and y are 0, as for x from above."""
    return np.log(np.where((x == 0) & (y <= 0), 1.0, y))


def xlog1py_by_factor(x: Any, y: Any) -> Any:
    """log(1 + y); 0 where x is 0 and y is -1, as for x from above."""
    return np.log1p(np.where((x == 0) & (y <= -1), 0.0, y))


def _declare_elementary(special: Any) -> None:
    elementwise(special.expit, x=lambda result: result * (1 - result))
    elementwise(
        special.logit,
        x=lambda ct, x: ct / (x * (1 - x)),
        regular=lambda x: x * (1 - x) != 0,
        domain=(0.1, 0.9),
    )
    elementwise(special.log_expit, x=lambda x: special.expit(-x))
    elementwise(
        special.xlogy,
        x=xlogy_by_factor,
        y=lambda ct, x, y: ct * x / y,
        regular=lambda y: y > 0,
        domain=POSITIVE,
    )
    elementwise(
        special.xlog1py,
        x=xlog1py_by_factor,
        y=lambda ct, x, y: ct * x / (1 + y),
        regular=lambda y: y > -1,
        domain=POSITIVE,
    )
    elementwise(special.entr, x=lambda x: -np.log(x) - 1, regular=lambda x: x > 0, domain=POSITIVE)
    elementwise(
        special.rel_entr,
        x=lambda x, y: np.log(x / y) + 1,
        regular=lambda x, y: (x > 0) & (y > 0),
        y=lambda ct, x, y: -ct * x / y,
        domain=POSITIVE,
    )
    elementwise(
        special.kl_div,
        x=lambda x, y: np.log(x / y),
        regular=lambda x, y: (x > 0) & (y > 0),
        y=lambda ct, x, y: ct - ct * x / y,
        domain=POSITIVE,
    )
    elementwise(
        special.log1p, x=lambda ct, x: ct / (1 + x), regular=lambda x: x != -1, domain=POSITIVE
    )
    elementwise(special.expm1, x=lambda result: result + 1)
    elementwise(special.cosm1, x=lambda x: -np.sin(x))
    elementwise(special.exp2, x=lambda result: _LOG2 * result)
    elementwise(special.exp10, x=lambda result: _LOG10 * result)
    elementwise(
        special.cbrt,
        x=lambda ct, result: ct / (3 * result * result),
        regular=lambda result: result != 0,
        domain=POSITIVE,
    )


def _declare_error_functions(special: Any) -> None:
    elementwise(special.erf, x=lambda x: _ROOT * np.exp(-x * x))
    elementwise(special.erfc, x=lambda x: -_ROOT * np.exp(-x * x))
    elementwise(special.erfcx, x=lambda x, result: 2 * x * result - _ROOT)
    elementwise(
        special.erfinv,
        x=lambda result: np.exp(result * result) / _ROOT,
        regular=lambda x: abs(x) < 1,
        domain=UNIT,
    )
    elementwise(
        special.erfcinv, x=lambda result: -np.exp(result * result) / _ROOT, domain=(0.2, 1.8)
    )
    elementwise(special.dawsn, x=lambda x, result: 1 - 2 * x * result)
    elementwise(special.ndtr, x=lambda x: np.exp(-0.5 * x * x) / _ROOT_TAU)
    elementwise(
        special.ndtri, x=lambda result: _ROOT_TAU * np.exp(0.5 * result * result), domain=(0.1, 0.9)
    )
    elementwise(special.log_ndtr, x=lambda x, result: np.exp(-0.5 * x * x - result) / _ROOT_TAU)


def _declare_gamma_functions(special: Any) -> None:
    zeta = dispatching(special.zeta)  # it would hand over the call of a private ufunc
    elementwise(
        special.gammaln,
        x=lambda x: special.psi(x),
        regular=lambda x: (x > 0) | (x % 1 != 0),
        domain=POSITIVE,
    )
    elementwise(
        special.gamma,
        x=lambda x, result: result * special.psi(x),
        regular=lambda x: (x > 0) | (x % 1 != 0),
        domain=POSITIVE,
    )
    elementwise(special.rgamma, x=lambda x, result: -result * special.psi(x), domain=POSITIVE)
    elementwise(
        special.psi,
        x=lambda x: zeta(2.0, x),
        regular=lambda x: (x > 0) | (x % 1 != 0),
        domain=POSITIVE,
    )
    elementwise(
        special.zeta,
        parameters="s a",
        a=lambda s, a: -s * zeta(s + 1.0, a),
        cases=[case(2.0, A(3, domain=POSITIVE)), case(np.array([2.0, 3.5]), A(domain=POSITIVE))],
    )
    elementwise(
        special.beta,
        a=lambda a, b, result: result * (special.psi(a) - special.psi(a + b)),
        b=lambda a, b, result: result * (special.psi(b) - special.psi(a + b)),
        domain=POSITIVE,
    )
    elementwise(
        special.betaln,
        a=lambda a, b: special.psi(a) - special.psi(a + b),
        b=lambda a, b: special.psi(b) - special.psi(a + b),
        domain=POSITIVE,
    )
    elementwise(
        special.gammainc,
        parameters="a x",
        x=lambda a, x: cast_like(np.exp((a - 1) * np.log(x) - x - special.gammaln(a)), x),
        cases=[case(2.5, A(3, domain=POSITIVE))],
    )
    elementwise(
        special.gammaincc,
        parameters="a x",
        x=lambda a, x: cast_like(-np.exp((a - 1) * np.log(x) - x - special.gammaln(a)), x),
        cases=[case(2.5, A(3, domain=POSITIVE))],
    )


def _declare_bessel_functions(special: Any) -> None:
    elementwise(special.j0, x=lambda x: -special.j1(x))
    elementwise(special.j1, x=lambda x, result: special.j0(x) - result / x, domain=NONZERO)
    elementwise(special.y0, x=lambda x: -special.y1(x), regular=lambda x: x > 0, domain=POSITIVE)
    elementwise(special.y1, x=lambda x, result: special.y0(x) - result / x, domain=POSITIVE)
    elementwise(special.i0, x=lambda x: special.i1(x))
    elementwise(special.i1, x=lambda x: 0.5 * (special.i0(x) + special.iv(2.0, x)))
    elementwise(special.i0e, x=lambda x, result: special.i1e(x) - np.sign(x) * result)
    elementwise(
        special.i1e,
        x=lambda x, result: 0.5 * (special.i0e(x) + special.ive(2.0, x)) - np.sign(x) * result,
    )
    elementwise(special.k0, x=lambda x: -special.k1(x), regular=lambda x: x > 0, domain=POSITIVE)
    elementwise(special.k1, x=lambda x, result: -special.k0(x) - result / x, domain=POSITIVE)
    orders = [case(2.0, A(3, domain=POSITIVE)), case(1.5, A(domain=POSITIVE))]
    for bessel in (special.jv, special.yv):
        elementwise(
            bessel,
            parameters="v x",
            x=lambda v, x, bessel=bessel: 0.5 * (bessel(v - 1.0, x) - bessel(v + 1.0, x)),
            cases=orders,
        )
    elementwise(
        special.iv,
        parameters="v x",
        x=lambda v, x: 0.5 * (special.iv(v - 1.0, x) + special.iv(v + 1.0, x)),
        cases=orders,
    )
    elementwise(
        special.ive,
        parameters="v x",
        x=lambda v, x, result: (
            0.5 * (special.ive(v - 1.0, x) + special.ive(v + 1.0, x)) - np.sign(x) * result
        ),
        cases=orders,
    )
    elementwise(
        special.kv,
        parameters="v x",
        x=lambda v, x: -0.5 * (special.kv(v - 1.0, x) + special.kv(v + 1.0, x)),
        cases=orders,
    )


def _declare_integrals(special: Any) -> None:
    elementwise(special.expi, x=lambda x: np.exp(x) / x, domain=POSITIVE)
    elementwise(special.exp1, x=lambda x: -np.exp(-x) / x, regular=lambda x: x > 0, domain=POSITIVE)
    elementwise(special.spence, x=lambda x: np.log(x) / (1 - x), domain=(1.5, 3.0))
    elementwise(
        special.ellipk,
        m=lambda m, result: (special.ellipe(m) / (1 - m) - result) / (2 * m),
        domain=(0.1, 0.9),
    )
    elementwise(
        special.ellipe,
        m=lambda m, result: (result - special.ellipk(m)) / (2 * m),
        domain=(0.1, 0.9),
    )


# ------------------------------------------------------------------- logsumexp and its relatives


def logsumexp_pullback(
    ct: Any, a: Any, result: Any, axis: Any = None, keepdims: bool = False
) -> Any:
    """The softmax."""
    return expand(ct, axis, keepdims) * np.exp(a - expand(result, axis, keepdims))


def logsumexp_pushforward(
    a: Any, a_dot: Any, result: Any, axis: Any = None, keepdims: bool = False
) -> Any:
    """The mean of the tangents, weighted by the softmax."""
    weights = np.exp(a - expand(result, axis, keepdims))
    return np.sum(weights * a_dot, axis=axis, keepdims=keepdims)


def softmax_pullback(ct: Any, result: Any, axis: Any = None) -> Any:
    """p (ct - sum(p ct)): the same map forward and back."""
    return result * (ct - np.sum(result * ct, axis=axis, keepdims=True))


def log_softmax_pullback(ct: Any, result: Any, axis: Any = None) -> Any:
    """ct - p sum(ct)."""
    return ct - np.exp(result) * np.sum(ct, axis=axis, keepdims=True)


def log_softmax_pushforward(x_dot: Any, result: Any, axis: Any = None) -> Any:
    """The tangent less its mean, weighted by the softmax."""
    return x_dot - np.sum(np.exp(result) * x_dot, axis=axis, keepdims=True)


def _declare_normalising(special: Any) -> None:
    general(
        special.logsumexp,
        parameters="a axis",
        a=logsumexp_pullback,
        pushforward=logsumexp_pushforward,
        cases=[
            case(A(4)),
            case(A(2, 3)),
            case(A(2, 3), 1),
            case(A(2, 3), axis=0, keepdims=True),
            case(A(2, 3, 4), axis=(0, 2)),
        ],
    )
    axes = [case(A(4)), case(A(2, 3)), case(A(2, 3), axis=1), case(A(2, 3), 0)]
    general(
        special.softmax,
        parameters="x axis",
        x=softmax_pullback,
        pushforward=lambda x_dot, result, axis=None: softmax_pullback(x_dot, result, axis),
        cases=axes,
    )
    general(
        special.log_softmax,
        parameters="x axis",
        x=log_softmax_pullback,
        pushforward=log_softmax_pushforward,
        cases=axes,
    )
