"""Every rule of the table, on every case that it declares."""

from __future__ import annotations

import math

import numpy as np
import pytest
from checker import Bound, check, like

from s2s_grad.rules import A, Case, Rule, case, pullback, scipy_special, table
from s2s_grad.rules.families import sum_to
from s2s_grad.rules.rule import Lookup

scipy_special.load()
RULES = [rule for rule in table.values() if rule.family != "constant"]
CASES = [
    pytest.param(
        rule, c, id=f"{getattr(rule.primal, '__module__', 'np')}.{rule.primal.__name__}-{i}"
    )
    for rule in RULES
    for i, c in enumerate(rule.cases)
]


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.primal.__name__)
def test_a_rule_declares_cases(rule: Rule) -> None:
    assert rule.cases


@pytest.mark.parametrize(("rule", "c"), CASES)
def test_both_modes(rule: Rule, c: Case) -> None:
    with np.errstate(all="ignore"):
        check(rule, c)


_NO_FLOAT32 = {np.astype, np.float_power, np.linspace}


@pytest.mark.parametrize(("rule", "c"), CASES)
def test_float32_stays_float32(rule: Rule, c: Case) -> None:
    if rule.primal in _NO_FLOAT32 or getattr(rule.primal, "__module__", "") in ("math", "builtins"):
        return
    with np.errstate(all="ignore"):
        call = Bound(rule, c, dtype=np.float32)
        result = call.run()
        if getattr(result, "dtype", None) != np.float32:
            return
        ct = np.asarray(like(result, call.random), np.float32)[()]
        for name in call.active:
            pulled = pullback(rule, name, call.lookup(ct=ct))
            if isinstance(pulled, list):
                continue
            assert np.real(pulled).dtype == np.float32, name


@pytest.mark.parametrize(("rule", "c"), CASES)
def test_operands_are_left_alone(rule: Rule, c: Case) -> None:
    with np.errstate(all="ignore"):
        call = Bound(rule, c)
        before = {
            n: np.array(v, copy=True) for n, v in call.bound.items() if isinstance(v, np.ndarray)
        }
        ct = like(call.run(), call.random)
        for name in call.active:
            pullback(rule, name, call.lookup(ct=ct))
        for name, value in before.items():
            np.testing.assert_array_equal(call.bound[name], value)


ADDING = [(r, name) for r in RULES for name in r.operands if f"{name}_zeros" in r.needs(name)]


def _with(lookup: Lookup, name: str, value: object) -> Lookup:
    return lambda asked: value if asked == name else lookup(asked)


@pytest.mark.parametrize(("rule", "name"), ADDING, ids=lambda v: getattr(v, "primal", v))
def test_a_formula_that_is_given_zeros_adds_to_them(rule: Rule, name: str) -> None:
    """What it is given in their place is the cotangent so far."""
    for c in rule.cases:
        call = Bound(rule, c)
        given = call.bound[name]
        if isinstance(given, (list, tuple)):
            continue
        with np.errstate(all="ignore"):
            ct = like(call.run(), call.random)
            lookup = call.lookup(ct=ct)
            alone = pullback(rule, name, lookup)
            so_far = like(given, call.random)
            added = pullback(rule, name, _with(lookup, f"{name}_zeros", np.copy(so_far)))
        np.testing.assert_allclose(added, so_far + alone, atol=1e-12)


def _rule(primal: object, **formulas: object) -> Rule:
    good = table[primal]  # type: ignore[index]
    return Rule(
        good.primal,
        good.family,
        good.parameters,
        good.defaults,
        {**good.formulas, **formulas},  # type: ignore[dict-item]
        good.pushforward,
        good.masks,
        good.cases,
        good.ignored,
    )


BROKEN = {
    "sign": (_rule(np.sin, x=lambda x: -np.cos(x)), case(A(3))),
    "one mode only": (_rule(np.matmul, x1=lambda ct, x2: -ct @ x2.T), case(A(2, 3), A(3, 4))),
    "no sum over broadcast axes": (
        _rule(np.where, x=lambda ct, condition: np.where(condition, ct, 0.0)),
        case(np.ones((2, 3), bool), A(3), A(2, 3)),
    ),
    "wrong axis": (
        _rule(np.sum, a=lambda ct, a_shape, axis=None: np.broadcast_to(ct, a_shape)),
        case(A(3, 3), axis=1),
    ),
    "pieces swapped": (
        _rule(np.concatenate, arrays=lambda ct: [ct[2:], ct[:2]]),
        case([A(2), A(2)]),
    ),
    "no transpose": (_rule(np.matmul, x2=lambda ct, x1: x1 @ ct), case(A(3, 3), A(3, 3))),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_rules_are_caught(name: str) -> None:
    rule, c = BROKEN[name]
    with pytest.raises((AssertionError, ValueError)):
        check(rule, c)


def test_repeated_indices_add_up() -> None:
    import operator

    def assign(ct: np.ndarray, a_zeros: np.ndarray, index: object) -> np.ndarray:
        a_zeros[index] = ct
        return a_zeros

    with pytest.raises(AssertionError):
        check(_rule(operator.getitem, a=assign), case(A(4), np.array([0, 0, 2])))


def test_sum_to_is_exact() -> None:
    assert sum_to(np.ones((2, 3)), (3,)).tolist() == [2.0, 2.0, 2.0]
    assert math.isclose(sum_to(np.ones((2, 3)), ()), 6.0)
