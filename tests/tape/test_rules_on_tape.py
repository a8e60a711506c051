"""Every rule of the table on the tape: once, and twice."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from checker import Bound, _is_symmetric, flat, like

import s2s_grad.tape.nn.functional  # noqa: F401  (declares rules)
from s2s_grad import MissingRule, tape
from s2s_grad.rules import Case, Rule, pullback, table
from s2s_grad.rules.scipy_special import load
from s2s_grad.tape.core import Tensor, plain

pytest.importorskip("scipy")
load()
RULES = [rule for rule in table.values() if rule.family != "constant"]
CASES = [
    pytest.param(rule, c, id=f"{getattr(rule.primal, '__name__', rule.primal)}-{i}")
    for rule in RULES
    for i, c in enumerate(rule.cases)
]


def tensors(value: Any) -> Any:
    """Return leaves for all floats of a nested value."""
    if isinstance(value, (tuple, list)):
        return type(value)(tensors(item) for item in value)
    return tape.tensor(value, requires_grad=True)


def leaves(value: Any) -> list[Tensor]:
    if isinstance(value, (tuple, list)):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def run(call: Bound, changed: dict[str, Any]) -> Any:
    """Call the primal on tensors, as a user would."""
    from s2s_grad.rules import call_primal

    bound = {**call.bound, **changed}
    return call_primal(call.rule, bound.__getitem__, ())


def total(result: Any, ct: Any) -> Any:
    """Return the product of a result with a constant cotangent."""
    if isinstance(result, (tuple, list)):
        parts = [total(r, c) for r, c in zip(result, ct, strict=True)]
        return sum(parts[1:], parts[0])
    return np.sum(np.real(result * np.asarray(ct)))


@pytest.mark.parametrize(("rule", "c"), CASES)
def test_gradients_are_those_of_the_rule(rule: Rule, c: Case) -> None:
    with np.errstate(all="ignore"):
        call = Bound(rule, c)
        wrapped = {name: tensors(call.bound[name]) for name in call.active}
        result = run(call, wrapped)
        np.testing.assert_array_equal(flat(plain(result)), flat(call.run()))
        ct = like(plain(result), call.random)
        total(result, ct).backward()
        for name in call.active:
            expected = pullback(rule, name, call.lookup(ct=ct))
            found = [leaf.grad for leaf in leaves(wrapped[name])]
            for leaf, grad in zip(leaves(wrapped[name]), found, strict=True):
                assert grad is None or grad.shape == leaf.shape
            parts = [np.ravel(g.numpy()) for g in found if g is not None]
            actual = np.concatenate(parts) if parts else np.zeros(0)
            real = flat(expected)[::2]  # the leaves are real
            np.testing.assert_allclose(actual, real, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(("rule", "c"), CASES)
def test_gradients_can_be_differentiated_again(rule: Rule, c: Case) -> None:
    """The derivative of <gradient, direction> agrees with differences of the gradient."""
    with np.errstate(all="ignore"):
        call = Bound(rule, c)
        wrapped = {name: tensors(call.bound[name]) for name in call.active}
        xs = [leaf for name in call.active for leaf in leaves(wrapped[name])]
        if not any(math.prod(x.shape) for x in xs):
            return
        result = run(call, wrapped)
        ct = like(plain(result), call.random)
        symmetric = any(_is_symmetric(spec) for spec in call.specs.values())
        directions = [like(x.detach().numpy(), call.random, symmetric) for x in xs]
        loss = total(result, ct)
        try:
            first = tape.grad(loss, xs, create_graph=True, materialize_grads=True)
            product = sum((np.sum(g * d) for g, d in zip(first, directions, strict=True)), 0.0)
            if isinstance(product, Tensor) and product.requires_grad:
                second = tape.grad(product, xs, materialize_grads=True)
            else:
                second = [tape.zeros(*x.shape) for x in xs]
        except MissingRule as error:
            pytest.skip(f"refused: {error.reason}")

        def gradient(step: float) -> Any:
            values = [
                tape.tensor(x.detach() + step * np.asarray(d), requires_grad=True)
                for x, d in zip(xs, directions, strict=True)
            ]
            pool = iter(values)
            moved = {name: _like(wrapped[name], pool) for name in call.active}
            out = total(run(call, moved), ct)
            return [g.numpy() for g in tape.grad(out, values, materialize_grads=True)]

        high, low = gradient(1e-5), gradient(-1e-5)
        for s, h, g in zip(second, high, low, strict=True):
            np.testing.assert_allclose(s.numpy(), (h - g) / 2e-5, rtol=2e-4, atol=2e-4)


def _like(value: Any, pool: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return type(value)(_like(item, pool) for item in value)
    return next(pool)


def test_a_function_without_a_rule_names_itself() -> None:
    x = tape.ones(3, requires_grad=True)
    with pytest.raises(MissingRule, match=r"numpy\.i0"):
        np.i0(x)
    assert isinstance(np.i0(x.detach()), Tensor)
