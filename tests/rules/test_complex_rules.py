"""Every rule that holds for complex numbers, on its cases with complex operands."""

from __future__ import annotations

import numpy as np
import pytest
from checker import check, takes_complex

from s2s_grad.rules import COMPLEX_RULES, Case, Rule, find_rule, table

RULES = [
    rule
    for primal in {**table, **COMPLEX_RULES}
    if (rule := find_rule(primal, of_complex=True)) is not None and rule.family != "constant"
]
CASES = [
    pytest.param(
        rule, c, id=f"{getattr(rule.primal, '__module__', 'np')}.{rule.primal.__name__}-{i}"
    )
    for rule in RULES
    for i, c in enumerate(rule.cases)
]


@pytest.mark.parametrize(("rule", "c"), CASES)
def test_both_modes_of_complex_operands(rule: Rule, c: Case) -> None:
    if not takes_complex(rule, c):
        pytest.skip("for real numbers only")
    with np.errstate(all="ignore"):
        check(rule, c, turned=True)
