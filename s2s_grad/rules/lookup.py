"""Which rule a function has; those of SciPy are loaded when a program that imported it asks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from s2s_grad.rules.rule import COMPLEX_RULES, Rule, table

__all__ = ["find_rule", "find_transposed", "is_multilinear"]


def is_multilinear(formula: Callable[..., Any]) -> bool:
    """Return whether a function is a transpose: linear in the cotangent and in each operand."""
    return any(
        rule.family in ("linear", "bilinear") and formula in rule.formulas.values()
        for rule in table.values()
    )


def find_transposed(formula: Callable[..., Any]) -> tuple[Rule, str] | None:
    """Return the linear rule, and its operand, of which a function is the transpose."""
    for rule in table.values():
        if rule.family == "linear":
            for name, own in rule.formulas.items():
                if own is formula:
                    return rule, name
    return None


def find_rule(fn: Callable[..., Any], *, of_complex: bool = False) -> Rule | None:
    """Return the rule of a primitive, for complex numbers or for real ones; None without one."""
    rule = _find(fn)
    if not of_complex:
        return rule
    found = None if rule is None else COMPLEX_RULES.get(fn, rule)
    return found if found is not None and found.holomorphic else None


def _find(fn: Callable[..., Any]) -> Rule | None:
    try:
        rule = table.get(fn)
    except TypeError:  # not hashable: no primitive
        return None
    if rule is None and "scipy.special" in sys.modules:
        from s2s_grad.rules import scipy_special

        return scipy_special.load().get(fn)
    return rule
