"""Examines one program: compiled and recorded derivatives against the program and its differences.

A program that raises is right where its derivatives raise the same, or are refused.
"""

from __future__ import annotations

import copy
import inspect
import re
import warnings
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from judge import TooSlow, at_most, moved, numbers, own_error
from oracle import check_unoptimised

from s2s_grad import grad, hvp, jvp, value_and_grad
from s2s_grad.errors import S2SError, TranslationError

What = Literal["ok", "raises", "refused", "wrong", "crashed"]
Program = Callable[..., Any]
_SECONDS = 30
_NAMED = re.compile(r"`[^`]*`|'[^']*'|\b\d+(\.\d+)?\b|<[^>]*>")


class Found(NamedTuple):
    """What became of one program; the reason says why it is not "ok"."""

    what: What
    reason: str = ""

    @property
    def fault(self) -> bool:
        """Whether it must not be."""
        return self.what in ("wrong", "crashed")

    @property
    def group(self) -> str:
        """The reason without the names and the numbers in it, to count it with others like it."""
        return _NAMED.sub("_", self.reason.partition("\n")[0])[:110]


class Wrong(Exception):
    """A number that is not right."""


def examine(f: Program, args: tuple[Any, ...], thorough: bool = False) -> Found:
    """Return what became of a program; a thorough look takes other transforms as well."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), at_most(_SECONDS):
            warnings.simplefilter("ignore")
            return _examine(f, args, thorough)
    except TooSlow:
        return Found("crashed", f"no answer in {_SECONDS} s")
    except (Wrong, TranslationError) as wrong:
        return Found("wrong", str(wrong))
    except Exception as error:
        return Found("crashed", f"{type(error).__name__}: {error}")


def _examine(f: Program, args: tuple[Any, ...], thorough: bool) -> Found:
    places = tuple(i for i, a in enumerate(args) if numbers(a).size)
    expected, error = own_error(f, args)
    if error is not None:
        for mode in ("static", "tape"):
            for transform in (grad, value_and_grad):
                _raises(error, transform(f, places, mode=mode), args)
        return Found("raises", type(error).__name__)
    slopes = _Slopes(f, args, places)
    recorded, no_tape = _result(f, args, places, "tape", expected, slopes)
    compiled, refusal = _result(f, args, places, "static", expected, slopes)
    if refusal is not None:
        _, everywhere = _result(f, args, places, "auto", expected, slopes)
        return Found("refused", refusal if everywhere is None else f"by all: {refusal}")
    if recorded is not None and not _close(numbers(compiled), numbers(recorded), 1e-6, 1e-8):
        raise Wrong(f"compiled and recorded gradients differ: {compiled} and {recorded}")
    if thorough and np.isfinite(numbers(compiled)).all():
        refusal = _other_transforms(f, args, places, compiled)
        if refusal:
            return Found("refused", refusal)
    return Found("ok") if no_tape is None else Found("refused", f"on the tape: {no_tape}")


def _raises(error: Exception, derivative: Program, args: tuple[Any, ...]) -> None:
    """Raise unless a derivative raises as its function does; NumPy's own classes are Python's."""
    same = next(c for c in type(error).__mro__ if c.__module__ == "builtins")
    try:
        result = derivative(*copy.deepcopy(args))
    except (S2SError, same):
        return
    except Exception as other:
        raise Wrong(f"the derivative raises {other!r}, the function {error!r}") from other
    raise Wrong(f"the derivative gives {result}, the function raises {error!r}")


def _result(
    f: Program,
    args: tuple[Any, ...],
    places: tuple[int, ...],
    mode: str,
    expected: Any,
    slopes: Any,
) -> tuple[Any, str | None]:
    """Return the gradient in a mode, or the reason why it is refused."""
    given = copy.deepcopy(args)
    try:
        value, gradient = value_and_grad(f, places, mode=mode)(*given)
    except TranslationError:
        raise
    except S2SError as error:
        return None, error.reason
    except Exception as error:
        raise type(error)(f"[{mode}] {error}").with_traceback(error.__traceback__) from error
    if not np.array_equal(numbers(given), numbers(args), equal_nan=True):
        raise Wrong(f"[{mode}] an argument was changed")
    if not _close(np.asarray(value), np.asarray(expected), 1e-10, 1e-14):
        raise Wrong(f"[{mode}] the value is {value}, not {expected}")
    for place, found in zip(places, gradient, strict=True):
        if np.shape(found) != np.shape(args[place]) and not hasattr(found, "__dict__"):
            raise Wrong(f"[{mode}] the gradient has another shape than argument {place}: {found}")
    slopes.compare(gradient, mode)
    return gradient, None


class _Slopes:
    """Derivatives of a program along two directions, by differences."""

    def __init__(self, f: Program, args: tuple[Any, ...], places: tuple[int, ...]) -> None:
        random = np.random.default_rng(0)
        size = sum(numbers(args[p]).size for p in places)
        self.directions = random.normal(size=(2, size))
        self.known = [
            [_slope(f, args, places, d, h) for h in (1e-6, 3e-6)] for d in self.directions
        ]

    def compare(self, gradient: Any, mode: str) -> None:
        found = numbers(gradient)
        for direction, (slope, check) in zip(self.directions, self.known, strict=True):
            if found.size != direction.size:
                raise Wrong(f"[{mode}] the gradient has {found.size} numbers: {gradient}")
            smooth = _close(slope, check, 1e-4, 1e-5)
            if smooth and not _close(found @ direction, slope, 1e-4, 1e-5):
                along = f"{found @ direction} along a direction, not {slope}"
                raise Wrong(f"[{mode}] the gradient is {found}: {along}")


def _slope(
    f: Program, args: tuple[Any, ...], places: tuple[int, ...], direction: Any, step: float
) -> Any:
    """Return the derivative of all numbers that a program returns along a direction."""
    ends = [numbers(f(*_moved(args, places, direction, h))) for h in (step, -step)]
    return np.squeeze((ends[0] - ends[1]) / (2 * step))


def _moved(
    args: tuple[Any, ...], places: tuple[int, ...], direction: Any, step: float
) -> tuple[Any, ...]:
    """Return copies of the arguments, those at the places moved."""
    changed = list(copy.deepcopy(args))
    for place in places:
        size = numbers(args[place]).size
        changed[place] = moved(args[place], direction[:size], step)
        direction = direction[size:]
    return tuple(changed)


def _other_transforms(
    f: Program, args: tuple[Any, ...], places: tuple[int, ...], gradient: Any
) -> str:
    """Compare what the other transforms give with a gradient that is known to be right."""
    first = value_and_grad(f, places, mode="static")
    for _ in range(2):
        again = numbers(first(*copy.deepcopy(args))[1])
        if not np.array_equal(again, numbers(gradient)):
            raise Wrong(f"the gradient is {again} when it is asked for again, not {gradient}")
    if all(isinstance(a, (float, np.ndarray)) for a in args):
        check_unoptimised(f, args, list(inspect.signature(f).parameters), places, gradient)
    direction = np.random.default_rng(0).normal(size=numbers(gradient).size)
    zero = _moved(args, places, numbers([args[p] for p in places]), -1.0)
    tangents = _moved(zero, places, direction, 1.0)
    chosen = tuple(tangents[p] for p in places)
    try:
        tangent = jvp(f, places, mode="static")(copy.deepcopy(args), chosen)[1]
    except TranslationError:
        raise
    except S2SError as error:
        return f"forward: {error.reason}"
    if not _close(tangent, numbers(gradient) @ direction, 1e-7, 1e-8):
        raise Wrong(f"the tangent is {tangent}, not {numbers(gradient) @ direction}")
    place = places[0]
    along = direction[: numbers(args[place]).size]

    def slope(*point: Any) -> Any:
        return first(*point)[1][0]

    steps = [_slope(slope, args, (place,), along, h) for h in (1e-5, 3e-5)]
    try:
        product = numbers(hvp(f, place, mode="static")(*copy.deepcopy(args), chosen[0]))
    except TranslationError:
        raise
    except S2SError as error:
        return f"second order: {error.reason}"
    smooth = _close(steps[0], steps[1], 1e-4, 1e-4)
    if smooth and not _close(product, np.ravel(steps[0]), 1e-3, 1e-3):
        raise Wrong(f"the Hessian times a vector is {product}, not {steps[0]}")
    return ""


def _close(a: Any, b: Any, rtol: float, atol: float) -> bool:
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol, atol, equal_nan=True)
