"""Long runs of random programs: compiled against the tape and against differences.

Run as ``python tests/programs/fuzz.py FIRST LAST``; a program that disagrees is printed with its
seed. The test suite draws a few fresh ones in each run. Every fourth program is also run without
optimisation, twice, forward, and differentiated again.
"""

from __future__ import annotations

import copy
import inspect
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import effects
import generator
import list_programs
import numpy as np
import writing_programs
from oracle import check_unoptimised, flat, numeric, rebuild

from s2s_grad import hvp, jvp, value_and_grad
from s2s_grad.errors import S2SError, TranslationError


def complex_program(seed: int) -> tuple[Any, str]:
    """Return a program that writes, of which the complex result is weighted."""
    f, source = writing_programs.writing_program(seed)

    def weighted(x: Any, k: Any) -> Any:
        result = f(x, k)
        return np.abs(result) + result.real * result.imag

    return weighted, source


def complex_arguments(seed: int) -> tuple[Any, ...]:
    """Return a complex vector and a real number."""
    x, k = writing_programs.arguments(seed)
    return x + 0.5j * np.roll(x, 1), k


KINDS: dict[str, tuple[Callable[[int], Any], Callable[[int], tuple[Any, ...]]]] = {
    "complex": (complex_program, complex_arguments),
    "effects": (effects.effects_program, effects.arguments),
    "language": (generator.random_program, generator.arguments),
    "lists": (list_programs.list_program, list_programs.arguments),
    "writes": (writing_programs.writing_program, writing_programs.arguments),
}


def outcome(kind: str, seed: int) -> str:
    """Return what became of one program: "ok", what was skipped, or what went wrong."""
    make, arguments = KINDS[kind]
    f, _ = make(seed)
    args = arguments(seed)
    places = tuple(range(len(args)))
    try:
        expected = f(*copy.deepcopy(args))
    except Exception as error:
        return f"skipped: the program raises {type(error).__name__}"
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        slopes = [np.concatenate([numeric(f, args, p, h)[0] for p in places]) for h in (1e-6, 3e-6)]
        recorded = value_and_grad(f, places, mode="tape")(*args)
        try:
            value, gradients = value_and_grad(f, places, mode="static")(*args)
        except TranslationError:
            raise
        except S2SError as error:
            return f"refused: {getattr(error, 'reason', error)}"
    if any(not np.array_equal(a, b) for a, b in zip(args, arguments(seed), strict=True)):
        return "wrong: an argument was changed"
    if not np.allclose(value, expected, rtol=1e-10):
        return f"wrong: the value is {value}, not {expected}"
    if not np.allclose(flat(gradients), flat(recorded[1]), rtol=1e-6, atol=1e-8, equal_nan=True):
        return "wrong: compiled and recorded gradients differ"
    smooth = np.allclose(*slopes, rtol=1e-4, atol=1e-5)
    if smooth and not np.allclose(flat(gradients), slopes[0], rtol=1e-4, atol=1e-5):
        return f"wrong: the gradient is {flat(gradients)}, not {slopes[0]}"
    if seed % 4 == 0 and np.isfinite(flat(gradients)).all():
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return other_transforms(f, args, places, gradients)
    return "ok"


def other_transforms(
    f: Callable[..., Any], args: tuple[Any, ...], places: tuple[int, ...], gradients: Any
) -> str:
    """Compare what the other transforms give with a gradient that is known to be right."""
    names = list(inspect.signature(f).parameters)
    random = np.random.default_rng(0)
    first = value_and_grad(f, places, mode="static")
    if any(not np.array_equal(flat(first(*args)[1]), flat(gradients)) for _ in range(2)):
        return "wrong: the gradient is another one when it is asked for again"
    check_unoptimised(f, args, names, places, gradients)
    tangents = tuple(rebuild(a, random.normal(size=flat(a).size)) for a in args)
    try:
        _, tangent = jvp(f, places, mode="static")(args, tangents)
    except TranslationError:
        raise
    except S2SError as error:
        return f"refused: forward, {getattr(error, 'reason', error)}"
    if not np.isclose(tangent, flat(gradients) @ flat(tangents), rtol=1e-7, atol=1e-8):
        return f"wrong: the tangent is {tangent}, not {flat(gradients) @ flat(tangents)}"

    def slope(*point: Any) -> Any:
        return first(*point)[1][0]

    hessians = [numeric(slope, args, 0, h) for h in (1e-5, 3e-5)]
    try:
        product = flat(hvp(f, places[0], mode="static")(*args, tangents[0]))
    except TranslationError:
        raise
    except S2SError as error:
        return f"refused: second order, {getattr(error, 'reason', error)}"
    expected = hessians[0] @ flat(tangents[0])
    smooth = np.allclose(*hessians, rtol=1e-4, atol=1e-4)
    if smooth and not np.allclose(product, expected, rtol=1e-3, atol=1e-3):
        return f"wrong: the Hessian times a vector is {product}, not {expected}"
    return "ok"


def main() -> None:
    """Check the programs with the seeds given on the command line."""
    first, last = map(int, sys.argv[1:3])
    counts: Counter[str] = Counter()
    for seed in range(first, last):
        for kind in sys.argv[3:] or KINDS:
            try:
                found = outcome(kind, seed)
            except Exception as error:
                found = f"wrong: {type(error).__name__}: {error}"
            counts[f"{kind}: {found.split(':')[0]}"] += 1
            if found.startswith("wrong"):
                print(f"{kind} {seed}: {found}", flush=True)
    print(dict(counts))


if __name__ == "__main__":
    main()
