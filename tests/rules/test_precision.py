"""Cotangents have the dtype of the argument, tangents that of the result, by every rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from checker import fill_all

from s2s_grad import jvp, vjp
from s2s_grad.errors import S2SError
from s2s_grad.rules import Rule, Spec, scipy_special, table

scipy_special.load()
_OF_PYTHON = ("math", "builtins", "_operator")
_SEVERAL = (getattr(np, "unstack", None),)  # of how many arrays is known when it runs
RULES = [
    rule
    for fn, rule in table.items()
    if rule.family != "constant"
    and fn not in _SEVERAL
    and not (getattr(fn, "__module__", None) or "").startswith((*_OF_PYTHON, "s2s_grad"))
]


def narrowed(value: Any, given: Any, dtype: Any) -> Any:
    if isinstance(given, Spec):
        return np.asarray(value, dtype)[()]
    if isinstance(given, (tuple, list)):
        parts = (narrowed(v, g, dtype) for v, g in zip(value, given, strict=True))
        return type(given)(parts)
    return value


def leaves(value: Any) -> list[Any]:
    if isinstance(value, (tuple, list)):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def ones_like(value: Any) -> Any:
    if not isinstance(value, (tuple, list)):
        return np.ones_like(value)
    items = map(ones_like, value)
    return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)


def dtypes(value: Any) -> list[Any]:
    found = [np.asarray(leaf).dtype for leaf in leaves(value)]
    return [dtype if dtype.kind in "fc" else None for dtype in found]


def calls(rule: Rule, dtype: Any):
    """Yield functions of one argument, with it and their value."""
    for case in rule.cases[:2]:
        random = np.random.default_rng(0)
        filled = [fill_all(arg, random) for arg in case.args]
        args = [narrowed(v, g, dtype) for v, g in zip(filled, case.args, strict=True)]
        for place, (x, given) in enumerate(zip(args[:2], case.args, strict=False)):
            if not isinstance(given, Spec):
                continue

            def call(x: Any, args: Any = args, place: Any = place, case: Any = case) -> Any:
                return rule.primal(*args[:place], x, *args[place + 1 :], **dict(case.kwargs))

            try:
                value = call(x)
            except (TypeError, ValueError, np.exceptions.DTypePromotionError):
                continue  # NumPy has no such loop
            if any(found is not None for found in dtypes(value)):
                yield call, x, value


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.primal.__name__)
def test_dtypes_are_kept(rule: Rule, dtype: Any, mode: Any) -> None:
    for call, x, value in calls(rule, dtype):
        try:
            _, pullback = vjp(call, mode=mode)(x)
            gradient = pullback(ones_like(value))
            assert gradient.dtype == x.dtype
            assert np.shape(gradient) == np.shape(x)
        except S2SError:
            continue
        if dtype is np.complex64 and mode == "tape":
            continue
        try:
            _, tangent = jvp(call, mode=mode)((x,), (np.ones_like(x),))
        except S2SError:
            continue
        for found, want in zip(dtypes(tangent), dtypes(value), strict=True):
            assert want is None or found == want


FACTORS = [np.array([1j, 2], np.complex64), np.complex64(2j), np.float32(2), 2.0, 2, 2j]


@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize("factor", FACTORS, ids=repr)
def test_factors(factor: Any, mode: Any) -> None:
    x, direction = np.array([1.0, 3.0], np.float32), np.array([0.5, -1.0], np.float32)

    def scaled(x: Any) -> Any:
        return np.exp(x * factor) * x

    value, tangent = jvp(scaled, mode=mode)((x,), (direction,))
    expected = np.exp(x * factor) * (1 + x * factor) * direction
    assert tangent.dtype == value.dtype == expected.dtype
    np.testing.assert_allclose(tangent, expected, rtol=1e-5)
    _, pullback = vjp(scaled, mode=mode)(x)
    assert pullback(np.ones_like(value)).dtype == np.float32
