"""Published kernels as people write them: values, gradients, and what is left of the arguments."""

from __future__ import annotations

import copy
import importlib
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kernel import Kernel

from s2s_grad import value_and_grad
from s2s_grad.errors import S2SError

STEP = 1e-4
KERNELS: list[Kernel] = [
    kernel
    for path in sorted(Path(__file__).parent.glob("*.py"))
    if path.stem not in ("conftest", "kernel", "test_kernels")
    for kernel in importlib.import_module(path.stem).KERNELS
]

NOT_YET: dict[str, str] = {}
NAMES = [kernel.name for kernel in KERNELS]


def drawn(kernel: Kernel) -> tuple[Any, ...]:
    return kernel.arguments(np.random.default_rng(zlib.crc32(kernel.name.encode())))


def primal(kernel: Kernel, args: tuple[Any, ...]) -> float:
    return float(kernel.objective(*copy.deepcopy(args)))


def moved(args: tuple[Any, ...], place: int, direction: Any, step: float) -> tuple[Any, ...]:
    return (*args[:place], args[place] + step * direction, *args[place + 1 :])


def central(kernel: Kernel, args: tuple[Any, ...], place: int, direction: Any, step: float) -> Any:
    """Return a directional derivative by central differences, of fourth order in the step."""

    def difference(h: float) -> float:
        ahead = primal(kernel, moved(args, place, direction, h))
        return (ahead - primal(kernel, moved(args, place, direction, -h))) / (2 * h)

    return (4 * difference(step / 2) - difference(step)) / 3


def directions(args: tuple[Any, ...], place: int) -> list[Any]:
    """Return three random directions, and every coordinate of a small argument."""
    value = args[place]
    if isinstance(value, float):
        return [1.0]
    rng = np.random.default_rng(place)
    found = [rng.normal(size=value.shape) for _ in range(3)]
    found = [d / np.linalg.norm(d) for d in found]
    if value.size <= 12:
        found += [*np.eye(value.size).reshape(-1, *value.shape)]
    return found


def marked(kernel: Kernel) -> Any:
    reason = NOT_YET.get(kernel.name)
    marks = (
        []
        if reason is None
        else [pytest.mark.xfail(strict=True, raises=(S2SError, ValueError), reason=reason)]
    )
    return pytest.param(kernel, id=kernel.name, marks=marks)


def test_registry() -> None:
    assert len(NAMES) >= 45
    assert len(set(NAMES)) == len(NAMES)
    assert set(NOT_YET) <= set(NAMES)


@pytest.mark.parametrize("kernel", KERNELS, ids=NAMES)
def test_objective_is_smooth(kernel: Kernel) -> None:
    args = drawn(kernel)
    assert kernel.wrt
    value = primal(kernel, args)
    assert np.isfinite(value)
    assert value == primal(kernel, args)
    for place in kernel.wrt:
        assert isinstance(args[place], float) or args[place].dtype == np.float64
        slopes = []
        for direction in directions(args, place):
            coarse = central(kernel, args, place, direction, 2 * STEP)
            fine = central(kernel, args, place, direction, STEP)
            np.testing.assert_allclose(coarse, fine, rtol=1e-7, atol=1e-8 * (1 + abs(value)))
            slopes.append(fine)
        assert np.any(np.abs(slopes) > 1e-6), f"argument {place} does not matter"


@pytest.mark.parametrize("kernel", [marked(kernel) for kernel in KERNELS])
def test_gradient(kernel: Kernel) -> None:
    args = drawn(kernel)
    given = copy.deepcopy(args)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, gradients = value_and_grad(kernel.objective, kernel.wrt, mode="static")(*given)
    for before, after in zip(args, given, strict=True):
        assert type(before) is type(after)
        if isinstance(before, np.ndarray):
            assert before.tobytes() == after.tobytes()
    np.testing.assert_allclose(float(value), primal(kernel, args), rtol=1e-12)
    assert len(gradients) == len(kernel.wrt)
    for place, gradient in zip(kernel.wrt, gradients, strict=True):
        assert np.shape(gradient) == np.shape(args[place])
        scale = float(np.linalg.norm(gradient))
        for direction in directions(args, place):
            expected = central(kernel, args, place, direction, STEP)
            np.testing.assert_allclose(
                np.sum(gradient * direction), expected, rtol=1e-6, atol=1e-8 * (1 + scale)
            )
