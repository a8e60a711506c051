"""What a declaration says holds for its cases; a wrong one is an error where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from s2s_grad.errors import ArgumentError
from s2s_grad.rules import (
    COMPLEX_RULES,
    A,
    Rule,
    bilinear,
    case,
    elementwise,
    find_rule,
    general,
    linear,
    table,
)

RULES = [*table.values(), *COMPLEX_RULES.values()]


def depth(value: Any) -> int:
    if not isinstance(value, (tuple, list)):
        return 0
    return 1 + max((depth(item) for item in value), default=0)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.primal.__name__)
def test_operands_are_nested_as_declared(rule: Rule) -> None:
    for operand in (*rule.formulas, *rule.still):
        found = [rule.bind(c.args, dict(c.kwargs)).get(operand) for c in rule.cases]
        assert max(map(depth, found), default=0) == rule.nesting(operand)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.primal.__name__)
def test_cases_change_nothing_but_tests(rule: Rule) -> None:
    fewer = replace(rule, cases=())
    for operand in (*rule.formulas, *rule.still, *rule.parameters):
        assert fewer.nesting(operand) == rule.nesting(operand)


def test_what_is_no_operand_is_not_nested() -> None:
    rule = find_rule(np.stack)
    assert rule is not None
    assert rule.nesting("axis") is None


@pytest.fixture(autouse=True)
def _same_table_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(table)
    monkeypatch.setattr("s2s_grad.rules.families.register", lambda rule: rule)
    yield
    assert table == before


def _f(x: Any, y: Any = None) -> Any:
    return x


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "an operand that is none": (
        lambda: linear(_f, z=lambda ct: ct),
        "there is no operand `z`\n  its parameters are x, y",
    ),
    "a formula that asks for what is not there": (
        lambda: elementwise(_f, x=lambda x, y: y),
        "the formula of `x` asks for `y`, which is none of its operands",
    ),
    "a misspelled fact": (
        lambda: linear(_f, x=lambda ct, x_shapes: ct),
        "asks for `x_shapes`",
    ),
    "a transpose without cotangent": (
        lambda: bilinear(_f, x=lambda y: y, y=lambda ct, x: ct * x),
        "the formula of `x` does not ask for `ct`",
    ),
    "a pullback that asks for a tangent": (
        lambda: general(_f, x=lambda ct, x_dot: ct, pushforward=lambda x_dot: x_dot),
        "asks for `x_dot`",
    ),
    "a pushforward that asks for a cotangent": (
        lambda: general(_f, x=lambda ct: ct, pushforward=lambda ct: ct),
        "the pushforward asks for `ct`",
    ),
    "a number for a transpose": (
        lambda: linear(_f, x=1),
        "the formula of `x` is 1",
    ),
    "text for a partial derivative": (
        lambda: elementwise(_f, x="1"),
        "the formula of `x` is '1'",
    ),
    "a formula of any names": (
        lambda: linear(_f, x=lambda ct, **rest: ct),
        "the formula of `x` takes `\\*\\*rest`",
    ),
    "a mask of an operand without formula": (
        lambda: linear(_f, x=lambda ct: ct, masks={"y": lambda y: y}),
        "`y` has no formula",
    ),
    "a test of what is not there": (
        lambda: elementwise(_f, x=1, regular=lambda z: z > 0),
        "the test `regular` asks for `z`",
    ),
    "a list that is no operand": (
        lambda: linear(_f, x=lambda ct: ct, nested={"xs": 1}),
        "there is no operand `xs`",
    ),
    "an operand that only chooses, and is none": (
        lambda: linear(_f, x=lambda ct: ct, still="index"),
        "there is no operand `index`",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_declaration_is_an_error_where_it_stands(name: str) -> None:
    declare, reason = WRONG[name]
    with pytest.raises(ArgumentError, match=reason) as caught:
        declare()
    place = caught.value.location
    assert place is not None
    assert place.file == __file__
    assert declare.__code__.co_firstlineno <= place.line <= declare.__code__.co_firstlineno + 1
    assert caught.value.remedy


def _scaled(x: Any, by: float = 3.0) -> Any:
    return x * by


@pytest.mark.parametrize("parameters", ["", "x by"])
def test_an_option_that_a_formula_asks_for_has_the_default_of_the_function(parameters: str) -> None:
    rule = linear(_scaled, parameters=parameters, x=lambda ct, by: ct * by)
    assert rule.bind((2.0,), {}) == {"x": 2.0, "by": 3.0}
    assert rule.bind((2.0,), {"by": 5.0}) == {"x": 2.0, "by": 5.0}


def test_cases_are_optional() -> None:
    assert linear(_f, x=lambda ct: ct).cases == ()
    assert general(_f, x=lambda ct: ct, pushforward=lambda x_dot: x_dot).cases == ()
    assert bilinear(_f, x=lambda ct, y: ct * y, y=lambda ct, x: ct * x).cases == ()
    assert case(A(3)).kwargs == ()
