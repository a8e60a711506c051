"""Compare every transform of a function with differences and with one another."""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
import os
import warnings
from collections.abc import Generator
from typing import Any
from unittest import mock

import numpy as np

import s2s_grad
from s2s_grad import UnsupportedSyntax, ZeroGradientWarning
from s2s_grad.analysis.verify_types import verify_types
from s2s_grad.ir.evaluate import evaluate
from s2s_grad.ir.request import Request
from s2s_grad.pipeline import derive, lower_primal
from s2s_grad.transform.argument_types import Sizes, type_of_argument

STEP = 1e-6
grad, hvp, jvp, vjp = (
    functools.partial(transform, mode="static")
    for transform in (s2s_grad.grad, s2s_grad.hvp, s2s_grad.jvp, s2s_grad.vjp)
)


def flat(value: Any) -> np.ndarray:
    """Return all numbers in a value; a complex one is its real and its imaginary part."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (tuple, list)):
        return np.concatenate([flat(v) for v in value]) if value else np.zeros(0)
    if np.iscomplexobj(value):
        return np.ravel(np.asarray(value, complex)).view(float)
    return np.ravel(np.asarray(value, float))


def rebuild(like: Any, numbers: np.ndarray) -> Any:
    """Return a value with the structure of `like` and these numbers."""
    values = iter(numbers)

    def build(item: Any) -> Any:
        if isinstance(item, dict):
            return {key: build(v) for key, v in item.items()}
        if isinstance(item, (tuple, list)):
            return type(item)(build(v) for v in item)
        if isinstance(item, np.ndarray):
            return np.array([number(item) for _ in range(item.size)]).reshape(item.shape)
        return number(item)

    def number(item: Any) -> Any:
        if np.iscomplexobj(item):
            return complex(next(values), next(values))
        return float(next(values))

    return build(like)


@contextlib.contextmanager
def unchecked() -> Generator[None]:
    """Leave out the checks of derivatives inside of a function: one call of it has had them."""
    with mock.patch.dict(os.environ, S2S_GRAD_CHECK="off"):
        yield


def numeric(f: Any, args: tuple[Any, ...], place: int, step: float = STEP) -> np.ndarray:
    """Return the derivative of all results of `f` by one argument, by central differences."""
    start = flat(args[place])
    columns: list[np.ndarray] = []
    with unchecked():
        for i in range(start.size):
            ends = []
            for sign in (1, -1):
                moved = start.copy()
                moved[i] += sign * step
                changed = (*args[:place], rebuild(args[place], moved), *args[place + 1 :])
                ends.append(flat(f(*copy.deepcopy(changed))))
            columns.append((ends[0] - ends[1]) / (2 * step))
    return np.array(columns).T if columns else np.zeros((flat(f(*copy.deepcopy(args))).size, 0))


def check(
    f: Any,
    args: tuple[Any, ...],
    places: tuple[int, ...],
    *,
    second: bool = True,
    tape: bool = True,
) -> None:
    """Raise an AssertionError unless all derivatives of a scalar function agree."""
    names = list(inspect.signature(f).parameters)
    untouched = copy.deepcopy(args)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ZeroGradientWarning)
        gradients = grad(f, wrt=places)(*args)
        random = np.random.default_rng(0)
        tangents = tuple(rebuild(args[p], random.normal(size=flat(args[p]).size)) for p in places)
        value, tangent = jvp(f, wrt=places)(args, tangents)
        _, pullback = vjp(f, wrt=places)(*args)
        pulled = pullback(1.0 if np.ndim(value) == 0 else np.ones_like(value))
        taped = s2s_grad.value_and_grad(f, wrt=places, mode="tape") if tape else None
        recorded = (value, gradients) if taped is None else taped(*args)
    np.testing.assert_allclose(flat(value), flat(f(*copy.deepcopy(args))), rtol=1e-12)
    for k, place in enumerate(places):
        expected = numeric(f, args, place)[0]
        np.testing.assert_allclose(flat(gradients[k]), expected, rtol=2e-5, atol=2e-6)
        assert np.shape(gradients[k]) == np.shape(args[place])
    np.testing.assert_allclose(flat(pulled), flat(gradients), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(flat(recorded[0]), flat(value), rtol=1e-12)
    np.testing.assert_allclose(flat(recorded[1]), flat(gradients), rtol=1e-8, atol=1e-10)
    inner = sum(float(flat(g) @ flat(t)) for g, t in zip(gradients, tangents, strict=True))
    np.testing.assert_allclose(float(tangent), inner, rtol=1e-8, atol=1e-10)
    check_unoptimised(f, args, names, places, gradients)
    if second:
        _check_second(f, args, places[0])
    for before, after in zip(untouched, args, strict=True):
        np.testing.assert_array_equal(flat_or(before), flat_or(after))


def flat_or(value: Any) -> Any:
    try:
        return flat(value)
    except (TypeError, ValueError):
        return np.zeros(0)


def check_unoptimised(
    f: Any, args: tuple[Any, ...], names: list[str], places: tuple[int, ...], gradients: Any
) -> None:
    sizes = Sizes()
    bound = inspect.signature(f).bind(*args).arguments
    for parameter in inspect.signature(f).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            bound.setdefault(parameter.name, {})
    types = {n: type_of_argument(a, sizes, n) for n, a in bound.items()}
    for _ in bound:
        try:
            primal = lower_primal(f, types)
            break
        except UnsupportedSyntax as refused:
            for name in getattr(refused, "parameters", ()) or bound:
                sizes.fix(bound[name])
            types = {n: type_of_argument(a, sizes, n) for n, a in bound.items()}
    else:
        primal = lower_primal(f, types)
    request = Request("grad", tuple(names[p] for p in places), False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ZeroGradientWarning)
        program = verify_types(derive(primal, request, optimise=False))
        improved = verify_types(derive(primal, request))
    np.testing.assert_allclose(
        flat(evaluate(program, **bound)), flat(gradients), rtol=1e-8, atol=1e-10
    )
    np.testing.assert_allclose(
        flat(evaluate(improved, **bound)), flat(gradients), rtol=1e-8, atol=1e-10
    )


def _check_second(f: Any, args: tuple[Any, ...], place: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ZeroGradientWarning)
        first = grad(f, wrt=place)
        size = flat(args[place]).size
        vector = np.random.default_rng(1).normal(size=size)
        hessian = numeric(first, args, place, 1e-5)
        product = hvp(f, wrt=place)(*args, rebuild(args[place], vector))
        np.testing.assert_allclose(flat(product), hessian @ vector, rtol=2e-4, atol=2e-4)
        value, pullback = vjp(first, wrt=place)(*args)
        back = pullback(rebuild(value, vector))
        np.testing.assert_allclose(flat(back), flat(product), rtol=1e-7, atol=1e-8)
