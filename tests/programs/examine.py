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
from judge import TooSlow, at_most, mapped, moved, numbers, own_error
from oracle import check_unoptimised

from s2s_grad import grad, hvp, jvp, value_and_grad, vjp
from s2s_grad.errors import S2SError, TranslationError
from s2s_grad.ir.trees import leaves

What = Literal["ok", "raises", "refused", "wrong", "crashed"]
Program = Callable[..., Any]
Vector = np.ndarray[Any, Any]
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


class Given(NamedTuple):
    """The arguments of a program: places are indices and names."""

    args: tuple[Any, ...]
    keywords: dict[str, Any] = {}

    @property
    def places(self) -> tuple[Any, ...]:
        """The places of the arguments with numbers."""
        every = (*range(len(self.args)), *self.keywords)
        return tuple(place for place in every if numbers(self[place]).size)

    def __getitem__(self, place: Any) -> Any:
        return self.keywords[place] if isinstance(place, str) else self.args[place]

    def at(self, places: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the arguments at some places."""
        return tuple(self[place] for place in places)

    def copied(self) -> Given:
        """Return copies of all arguments."""
        return Given(*copy.deepcopy((self.args, self.keywords)))

    def call(self, f: Program) -> Any:
        """Return what a function returns for copies of the arguments."""
        given = self.copied()
        return f(*given.args, **given.keywords)

    def moved(self, places: tuple[Any, ...], direction: Vector, step: float) -> Given:
        """Return copies of the arguments, those at the places moved."""
        args, keywords = list(copy.deepcopy(self.args)), copy.deepcopy(self.keywords)
        for place in places:
            size = numbers(self[place]).size
            target: Any = keywords if isinstance(place, str) else args
            target[place] = moved(self[place], direction[:size], step)
            direction = direction[size:]
        return Given(tuple(args), keywords)


def examine(f: Program, given: Given, thorough: bool = False) -> Found:
    """Return what became of a program; a thorough look takes other transforms as well."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), at_most(_SECONDS):
            warnings.simplefilter("ignore")
            return _Look(f, given).found(thorough)
    except TooSlow:
        return Found("crashed", f"no answer in {_SECONDS} s")
    except (Wrong, TranslationError) as wrong:
        return Found("wrong", str(wrong))
    except Exception as error:
        return Found("crashed", f"{type(error).__name__}: {error}")


class _Look:
    """A look at one program: what it gives by itself is the truth."""

    def __init__(self, f: Program, given: Given) -> None:
        self.f, self.given, self.places = f, given, given.places
        self.weights: Vector | None = None  # of a result that is no number
        self.directions: Any = ()
        self.known: list[list[Vector]] = []

    def found(self, thorough: bool) -> Found:
        expected, error = own_error(lambda: self.given.call(self.f), ())
        if error is not None:
            if not isinstance(error, S2SError):  # of a derivative that the function takes
                self.raises(error)
            return Found("raises", type(error).__name__)
        if not isinstance(expected, (float, int, np.generic)) and not _is_item(expected):
            self.weights = np.random.default_rng(1).normal(size=numbers(expected).size)
        self.differentiate()
        if self.rounding(expected) > 1e-9 * (1.0 + np.max(np.abs(numbers(expected)), initial=0.0)):
            return Found("ok", "rounding decides")
        recorded, no_tape = self.result("tape", expected)
        compiled, refusal = self.result("static", expected)
        if refusal is not None:
            _, everywhere = self.result("auto", expected)
            return Found("refused", refusal if everywhere is None else f"by all: {refusal}")
        if recorded is not None and not _close(numbers(compiled), numbers(recorded), 1e-6, 1e-8):
            raise Wrong(f"compiled and recorded gradients differ: {compiled} and {recorded}")
        if thorough and np.isfinite(numbers(compiled)).all():
            refusal = self.other_transforms(compiled)
            if refusal:
                return Found("refused", refusal)
        return Found("ok") if no_tape is None else Found("refused", f"on the tape: {no_tape}")

    def raises(self, error: Exception) -> None:
        """Raise unless derivatives raise as the function does; NumPy's own classes are Python's."""
        same = next(c for c in type(error).__mro__ if c.__module__ == "builtins")
        for mode in ("static", "tape"):
            for transform in (grad, value_and_grad):
                try:
                    result = self.given.call(transform(self.f, self.places, mode=mode))
                except (S2SError, same):
                    continue
                except Exception as other:
                    raise Wrong(f"[{mode}] raises {other!r}, the function {error!r}") from other
                raise Wrong(f"[{mode}] gives {result}, the function raises {error!r}")

    def differentiate(self) -> None:
        """Note derivatives of the program along two directions, by differences."""
        size = numbers(self.given.at(self.places)).size
        self.directions = np.random.default_rng(0).normal(size=(2, size))
        steps = (1e-6, 3e-6)
        self.known = [[self.slope(self.f, d, h) for h in steps] for d in self.directions]

    def slope(self, f: Program, direction: Vector, step: float, *places: Any) -> Vector:
        """Return the derivative of all numbers that a program returns along a direction."""
        points = [self.given.moved(places or self.places, direction, h) for h in (step, -step)]
        ends = [numbers(point.call(f)) for point in points]
        if ends[0].shape != ends[1].shape:
            return np.full(1, 1.0 / step)  # by each step another one: not smooth
        return (ends[0] - ends[1]) / (2 * step)

    def rounding(self, expected: Any) -> float:
        """Return by how much a few roundings of the arguments change the result."""
        near = [self.given.moved(self.places, d, 1e-15) for d in self.directions]
        ends = [numbers(point.call(self.f)) for point in near]
        return max(float(np.max(np.abs(end - numbers(expected)), initial=0.0)) for end in ends)

    # ------------------------------------------------------------------ gradients

    def derived(self, mode: str, given: Given) -> tuple[Any, Any]:
        """Return the value and the gradient, of a result that is no number with a cotangent."""
        check = "first" if mode == "static" else "off"
        if self.weights is None:
            derivative = value_and_grad(self.f, self.places, mode=mode, check=check)
            return derivative(*given.args, **given.keywords)
        pulled = vjp(self.f, self.places, mode=mode, check=check)
        value, pullback = pulled(*given.args, **given.keywords)
        return value, pullback(_filled(value, self.weights))

    def result(self, mode: str, expected: Any) -> tuple[Any, str | None]:
        """Return the gradient in a mode, or the reason why it is refused."""
        given = self.given.copied()
        try:
            value, gradient = self.derived(mode, given)
        except TranslationError:
            raise
        except S2SError as error:
            return None, error.reason
        except Exception as error:
            raise type(error)(f"[{mode}] {error}").with_traceback(error.__traceback__) from error
        if not np.array_equal(_all_numbers(given), _all_numbers(self.given), equal_nan=True):
            raise Wrong(f"[{mode}] an argument was changed")
        same = _close(numbers(value), numbers(expected), 1e-10, 1e-14)
        if not same or _shapes(value) != _shapes(expected):
            raise Wrong(f"[{mode}] the value is {value}, not {expected}")
        found = self.floats(gradient)
        if _shapes(found) != _shapes(self.floats(self.given.at(self.places))):
            raise Wrong(f"[{mode}] the gradient has another structure: {gradient}")
        self.compare(found, mode)
        return found, None

    def floats(self, gradient: Any) -> list[Any]:
        return _floats(self.given.at(self.places), gradient)

    def compare(self, gradient: Any, mode: str) -> None:
        """Compare a gradient with the slopes that are known."""
        found = numbers(gradient)
        for direction, (slope, check) in zip(self.directions, self.known, strict=True):
            if self.weights is not None and slope.shape == self.weights.shape:
                slope, check = self.weights @ slope, self.weights @ check
            slope, check = np.squeeze(slope), np.squeeze(check)
            smooth = _close(slope, check, 1e-4, 1e-5)
            if smooth and not _close(found @ direction, slope, 1e-4, 1e-5):
                along = f"{found @ direction} along a direction, not {slope}"
                raise Wrong(f"[{mode}] the gradient is {found}: {along}")

    # ------------------------------------------------------------------ other transforms

    def other_transforms(self, gradient: Any) -> str:
        """Compare what the other transforms give with a gradient that is known to be right."""
        for _ in range(2):
            again = numbers(self.floats(self.derived("static", self.given.copied())[1]))
            if not np.array_equal(again, numbers(gradient)):
                raise Wrong(f"the gradient is {again} when it is asked again, not {gradient}")
        f, places, args = self.f, self.places, self.given.args
        if self.given.keywords:
            return ""
        plain = all(isinstance(a, (float, np.ndarray)) for a in args)
        if plain and self.weights is None:
            check_unoptimised(f, args, list(inspect.signature(f).parameters), places, gradient)
        direction = self.directions[0]
        zero = self.given.moved(places, numbers(self.given.at(places)), -1.0)
        tangents = zero.moved(places, direction, 1.0).at(places)
        try:
            pair = jvp(f, places, mode="static")(copy.deepcopy(args), tangents)
        except TranslationError:
            raise
        except S2SError as error:
            return f"forward: {error.reason}"
        tangent = numbers(_floats(*pair))
        weights = np.ones(1) if self.weights is None else self.weights
        if not _close(weights @ tangent, numbers(gradient) @ direction, 1e-7, 1e-8):
            raise Wrong(f"the tangent is {tangent}, not {numbers(gradient) @ direction}")
        return "" if self.weights is not None else self.second_order(tangents[0])

    def second_order(self, tangent: Any) -> str:
        """Compare a Hessian times a vector with differences of gradients."""
        place, first = self.places[0], value_and_grad(self.f, self.places[0], mode="static")
        along = self.directions[0][: numbers(self.given[place]).size]

        def gradient(*point: Any) -> Any:
            return _floats(self.given[place], first(*point)[1])

        steps = [self.slope(gradient, along, h, place) for h in (1e-5, 3e-5)]
        try:
            product = hvp(self.f, place, mode="static")(*self.given.copied().args, tangent)
        except TranslationError:
            raise
        except S2SError as error:
            return f"second order: {error.reason}"
        smooth = _close(steps[0], steps[1], 1e-4, 1e-4)
        product = _floats(self.given[place], product)
        if smooth and not _close(numbers(product), steps[0], 1e-3, 1e-3):
            raise Wrong(f"the Hessian times a vector is {product}, not {steps[0]}")
        return ""


def _is_item(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim == 0


def _all_numbers(given: Given) -> Vector:
    return numbers([given.args, given.keywords])


def _floats(like: Any, value: Any) -> list[Any]:
    """Return what is in a gradient for the floats of an argument; for an integer it is zero."""
    pairs = zip(leaves(like), leaves(value), strict=True)
    return [found for leaf, found in pairs if _shapes(leaf)]


def _filled(like: Any, values: Vector) -> Any:
    """Return a value with the structure of another one and these numbers."""
    zero = moved(like, numbers(like), -1.0)
    return moved(zero, values, 1.0)


def _shapes(value: Any) -> list[Any]:
    """Return the shapes of all numbers in a value."""
    found: list[Any] = []
    mapped(lambda leaf: found.append(np.shape(leaf)), value)
    return found


def _close(a: Any, b: Any, rtol: float, atol: float) -> bool:
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol, atol, equal_nan=True)
