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

NOT_YET: dict[str, str] = {
    "elimination with pivots into its arguments": "assignment to an item is not supported",
    "jacobi rotations into its argument": "assignment to an item is not supported",
    "rows into its argument": "`row *= ...` may change an array that belongs to the caller in pla",
    "flat view into its argument": "assignment to an item is not supported",
    "masks into its argument": "assignment to an item is not supported",
    "messages on a graph into its argument": "`add.at` changes an array in place",
    "chosen buffer into its arguments": "assignment to an item is not supported",
    "same array twice": "`y += ...` may change an array that belongs to the caller in place",
    "ring of states": "assignment to an item is not supported",
    "fields by name into its arguments": "assignment to an item is not supported",
    "ufuncs with out": "`out=` writes to an array in place",
    "frames into its argument": "`x *= ...` may change an array that belongs to the caller in pla",
    "border": "assignment to an item is not supported",
    "running state": "assignment to an item is not supported",
    "floyd-warshall into its argument": "assignment to an item is not supported",
    "floyd-warshall by loops": "assignment to an item is not supported",
    "nussinov": "assignment to an item is not supported",
    "soft dynamic time warping": "assignment to an item is not supported",
    "edit distance": "assignment to an item is not supported",
    "knapsack": "assignment to an item is not supported",
    "hidden markov forward": "assignment to an item is not supported",
    "viterbi": "assignment to an item is not supported",
    "cholesky into its argument": "assignment to an item is not supported",
    "lu": "assignment to an item is not supported",
    "ludcmp": "assignment to an item is not supported",
    "trisolv": "assignment to an item is not supported",
    "back substitution into its argument": "assignment to an item is not supported",
    "gramschmidt": "assignment to an item is not supported",
    "householder least squares": "assignment to an item is not supported",
    "durbin": "assignment to an item is not supported",
    "levinson-durbin": "assignment to an item is not supported",
    "cavity flow": "assignment to an item is not supported",
    "channel flow into its argument": "assignment to an item is not supported",
    "burgers into its argument": "assignment to an item is not supported",
    "shallow water into its arguments": "`out=` writes to an array in place",
    "runge-kutta into its argument": "creating an object of the class `Lorenz` is not supported",
    "runge-kutta of a dataclass": "creating an object of the class `Lorenz` is not supported",
    "adaptive steps": "`path` has another structure on each path, and which one is only known at",
    "pendulum": "assignment to an item is not supported",
    "adams-bashforth into its argument": "assignment to an item is not supported",
    "logistic populations": "assignment to an item is not supported",
    "gemm": "assignment to an item is not supported",
    "gemm into its argument": "assignment to an item is not supported",
    "2mm": "assignment to an item is not supported",
    "atax": "assignment to an item is not supported",
    "bicg": "assignment to an item is not supported",
    "mvt into its arguments": "`x1 += ...` may change an array that belongs to the caller in plac",
    "gesummv": "assignment to an item is not supported",
    "syrk into its argument": "assignment to an item is not supported",
    "trmm": "assignment to an item is not supported",
    "covariance into its argument": "assignment to an item is not supported",
    "correlation": "assignment to an item is not supported",
    "conv2d": "assignment to an item is not supported",
    "lenet": "assignment to an item is not supported",
    "softmax": "`out=` writes to an array in place",
    "mlp": "`out=` writes to an array in place",
    "batch norm into its argument": "assignment to an item is not supported",
    "lstm into its arguments": "`c *= ...` may change an array that belongs to the caller in plac",
    "unrolled training": "creating an object of the class `Dense` is not supported",
    "n-body into its arguments": "assignment to an item is not supported",
    "sph density": "assignment to an item is not supported",
    "azimuthal integration": "`add.at` changes an array in place",
    "ray march": "assignment to an item is not supported",
    "escape times": "assignment to an item is not supported",
    "lattice springs into its arguments": "`.fill` changes the array in place, which is not suppo",
    "stockham": "assignment to an item is not supported",
    "low-pass filter": "creating an object of the class `LowPass` is not supported",
    "kalman into its argument": "creating an object of the class `Kalman` is not supported",
    "prefix sums into its argument": "assignment to an item is not supported",
    "overlapping sums into its argument": "assignment to an item is not supported",
    "order statistics into its argument": "`.sort` changes the array in place, which is not suppo",
    "insertion sort into its argument": "assignment to an item is not supported",
    "bubble sort into its arguments": "assignment to an item is not supported",
    "soft histogram": "assignment to an item is not supported",
    "median despike": "assignment to an item is not supported",
    "recurrence": "assignment to an item is not supported",
    "thomas into its arguments": "assignment to an item is not supported",
    "successive over-relaxation": "assignment to an item is not supported",
    "multigrid": "assignment to an item is not supported",
    "k-means into its argument": "assignment to an item is not supported",
    "adam into its argument": "assignment to an item is not supported",
    "pagerank": "assignment to an item is not supported",
    "jacobi-1d into its arguments": "assignment to an item is not supported",
    "jacobi-2d": "assignment to an item is not supported",
    "seidel-2d": "assignment to an item is not supported",
    "heat-3d": "assignment to an item is not supported",
    "fdtd-2d into its arguments": "assignment to an item is not supported",
    "adi into its argument": "assignment to an item is not supported",
    "deriche": "assignment to an item is not supported",
    "views of a grid into its argument": "`centre += ...` may change an array that belongs to the",
    "crank-nicolson into its argument": "assignment to an item is not supported",
    "limited advection": "`q -= ...` changes in place what `q` may also be",
    "horizontal diffusion": "assignment to an item is not supported",
    "vertical advection into its argument": "assignment to an item is not supported",
    "saturation adjustment into its arguments": "assignment to an item is not supported",
}
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
        [] if reason is None else [pytest.mark.xfail(strict=True, raises=S2SError, reason=reason)]
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
