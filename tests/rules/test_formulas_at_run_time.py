"""Formulas of the user's that are called when the program runs: each is the right one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from s2s_grad.cli.definitions import definitions
from s2s_grad.emit.module import _lambda_as_def
from s2s_grad.errors import S2SError
from s2s_grad.ir.request import Request
from s2s_grad.pipeline import derive, load, lower_primal, print_program
from s2s_grad.rules import general, table


def twice(x: Any) -> Any:
    return 2 * np.sum(x)


def thrice(x: Any) -> Any:
    return 3 * np.sum(x)


def both(x):
    return twice(x) * thrice(x)


def gradient_without_types(f: Any) -> Any:
    request = Request("grad", ("x",), single=True)
    return load(print_program(derive(lower_primal(f, {}), request), request))


@pytest.fixture(autouse=True)
def _same_table_afterwards() -> Iterator[None]:
    before = dict(table)
    yield
    table.clear()
    table.update(before)


def test_of_two_lambdas_on_one_line_each_is_called_for_its_function() -> None:
    def forward(x_dot: Any) -> Any:
        return x_dot

    # fmt: off
    a, b = (lambda ct, x_shape: 2 * ct * np.ones(x_shape * (len(x_shape) > 0))), (lambda ct, x_shape: 3 * ct * np.ones(x_shape * (len(x_shape) > 0)))  # noqa: E501
    # fmt: on
    general(twice, pushforward=forward, x=a)
    general(thrice, pushforward=forward, x=b)
    found = gradient_without_types(both)(np.array([1.0, 2.0]))
    np.testing.assert_allclose(found, 2 * 6 * 3 * np.ones(2))


def test_a_formula_may_read_a_name_of_the_function_around_it() -> None:
    factor = 2.0
    general(
        twice,
        pushforward=lambda x_dot: x_dot,
        x=lambda ct, x_shape: factor * ct * np.ones(x_shape * (len(x_shape) > 0)),
    )
    found = gradient_without_types(lambda x: twice(x))(np.array([1.0, 2.0]))
    np.testing.assert_allclose(found, [2.0, 2.0])


def test_a_formula_may_have_no_source() -> None:
    made = eval("lambda ct, x_shape: 2 * ct * np.ones(x_shape * (len(x_shape) > 0))", {"np": np})
    general(twice, pushforward=lambda x_dot: x_dot, x=made)
    found = gradient_without_types(lambda x: twice(x))(np.array([1.0, 2.0]))
    np.testing.assert_allclose(found, [2.0, 2.0])


def test_of_our_own_lambdas_on_one_line_each_has_its_text() -> None:
    a, b = (lambda x: x * 2.0), (lambda x: x * 3.0)
    assert "x * 2.0" in _lambda_as_def(a)
    assert "x * 3.0" in _lambda_as_def(b)


def test_every_lambda_of_a_rule_has_a_text() -> None:
    formulas = [formula for rule in table.values() for formula in rule.formulas.values()]
    lambdas = [f for f in formulas if getattr(f, "__name__", "") == "<lambda>"]
    assert len(lambdas) > 50
    assert all(_lambda_as_def(f).startswith("def formula(") for f in lambdas)


def test_a_module_cannot_be_written_with_a_lambda() -> None:
    with pytest.raises(S2SError, match="no module has a name for") as caught:
        definitions({"formula": lambda ct: ct}, ())
    assert caught.value.remedy
