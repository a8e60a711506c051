"""The compiler's first and second derivative of a program that is one call of a primitive."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from checker import _is_symmetric, flat, like, takes_complex
from programs import program_of

from s2s_grad import grad, hvp
from s2s_grad.rules import (
    COMPLEX_RULES,
    Case,
    Rule,
    find_rule,
    scipy_special,
    table,
)

scipy_special.load()
_STEP = 1e-5
# How many results these have is not known when they are compiled: their formulas are called when
# the program runs, and cannot be differentiated again.
NOT_COMPILED = {np.array_split, getattr(np, "unstack", None)}


# Which of the shapes that elementwise rules are tried on differ in their broadcasting.
_GENERATED = {1: (1, 0, 0), 2: (0, 1, 1, 1, 0, 0), 3: ()}


def _distinct_cases(rule: Rule) -> tuple[Case, ...]:
    """Return the cases; of an elementwise rule those that differ to the compiler."""
    if rule.family != "elementwise" or len(rule.cases) != len(_GENERATED[len(rule.parameters)]):
        return rule.cases
    return tuple(
        rule.cases[i] for i, wanted in enumerate(_GENERATED[len(rule.parameters)]) if wanted
    )


CASES = [
    pytest.param(
        rule, c, id=f"{getattr(rule.primal, '__module__', 'np')}.{rule.primal.__name__}-{i}"
    )
    for rule in table.values()
    if rule.family != "constant" and rule.primal not in NOT_COMPILED
    for i, c in enumerate(_distinct_cases(rule))
]


COMPLEX_CASES = [
    pytest.param(rule, c, id=f"{getattr(primal, '__module__', 'np')}.{primal.__name__}-{i}")
    for primal in {**table, **COMPLEX_RULES}
    if (rule := find_rule(primal, of_complex=True)) is not None
    and rule.family != "constant"
    and primal not in NOT_COMPILED
    for i, c in enumerate(_distinct_cases(rule))
    if takes_complex(rule, c)
]


@pytest.mark.parametrize(("rule", "c"), CASES)
def test_hessian_vector_product(rule: Rule, c: Case) -> None:
    check_second_order(*program_of(rule, c))


@pytest.mark.parametrize(("rule", "c"), COMPLEX_CASES)
def test_hessian_vector_product_of_complex_operands(rule: Rule, c: Case) -> None:
    check_second_order(*program_of(rule, c, turned=True))


def check_second_order(function: Any, operands: list[Any], specs: Any) -> None:
    random = np.random.default_rng(1)
    tangents = [
        like(x, random, symmetric=_is_symmetric(spec))
        for x, spec in zip(operands, specs, strict=True)
    ]
    wrt = tuple(range(len(operands)))
    gradient = grad(function, wrt=wrt, mode="static")

    def moved(step: float) -> list[Any]:
        return [x + step * t for x, t in zip(operands, tangents, strict=True)]

    with np.errstate(all="ignore"):
        found = gradient(*operands)
        slope = flat(found) @ flat(tangents)
        ends = [function(*moved(s)) for s in (_STEP, -_STEP)]
        np.testing.assert_allclose(slope, (ends[0] - ends[1]) / (2 * _STEP), rtol=1e-6, atol=1e-7)
        product = hvp(function, wrt=wrt, mode="static")(*operands, tuple(tangents))
        grads = [gradient(*moved(s)) for s in (_STEP, -_STEP)]
        numeric = (flat(grads[0]) - flat(grads[1])) / (2 * _STEP)
    np.testing.assert_allclose(flat(product), numeric, rtol=1e-5, atol=1e-6)
