"""Each function of NumPy that has a rule, differentiated as it is: as through a lambda."""

from __future__ import annotations

import copy
import inspect

import numpy as np
import pytest
from checker import fill_all

from s2s_grad import vjp
from s2s_grad.errors import S2SError
from s2s_grad.rules.rule import table


def numbers(value):
    if isinstance(value, (tuple, list)):
        return [n for item in value for n in numbers(item)]
    return list(np.ravel(np.asarray(value)))


def ones_like(value):
    if isinstance(value, (tuple, list)):
        items = [ones_like(item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    return np.cos(np.arange(np.size(value), dtype=float)).reshape(np.shape(value))[()]


def calls():
    """Yield each function with the calls of its cases, and options by name instead of by place."""
    for fn, rule in table.items():
        module = getattr(fn, "__module__", None) or "numpy"
        if isinstance(fn, np.ufunc) or not module.startswith("numpy"):
            continue
        try:
            names = list(inspect.signature(fn).parameters.values())
        except (TypeError, ValueError):
            continue
        for place, case in enumerate(rule.cases):
            random = np.random.default_rng(0)
            args = tuple(fill_all(arg, random) for arg in case.args)
            kwargs = {name: fill_all(value, random) for name, value in case.kwargs}
            if not args or not isinstance(args[0], np.ndarray) or args[0].dtype.kind != "f":
                continue
            title = f"{module}.{fn.__name__}-{place}"
            yield pytest.param(fn, args, kwargs, id=title)
            plain = [p for p in names if p.kind is p.POSITIONAL_OR_KEYWORD]
            if len(plain) >= len(args) > 1 and names[: len(args)] == plain[: len(args)]:
                named = {p.name: a for p, a in zip(plain[1:], args[1:], strict=False)}
                yield pytest.param(fn, args[:1], {**named, **kwargs}, id=f"{title}-by-name")


@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize(("fn", "args", "kwargs"), list(calls()))
def test_a_function_is_called_directly_and_through_a_lambda(fn, args, kwargs, mode):
    def through(x):
        return fn(x, *args[1:], **kwargs)

    expected = fn(*copy.deepcopy(args), **kwargs)
    try:
        value, pullback = vjp(through, mode=mode)(args[0])
    except S2SError as error:
        with pytest.raises(type(error)):
            vjp(fn, mode=mode)(*args, **kwargs)
        return
    direct, direct_pullback = vjp(fn, mode=mode)(*args, **kwargs)
    np.testing.assert_allclose(numbers(direct), numbers(expected), rtol=1e-12)
    seed = ones_like(value)
    found = direct_pullback(seed)
    np.testing.assert_allclose(numbers(found), numbers(pullback(seed)), rtol=1e-10, atol=1e-12)
