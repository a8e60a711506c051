"""Judges a program in every mode: the truth is the function itself and its differences.

Where the function raises, an error of the same class or a refusal is right, a number never.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import signal
import warnings
from collections.abc import Callable, Generator
from typing import Any

import numpy as np

from s2s_grad import grad, value_and_grad
from s2s_grad.errors import FallbackWarning, S2SError

MODES = ("auto", "static", "tape")


@dataclasses.dataclass(frozen=True)
class Case:
    """A function with arguments; `static` says that it has to be compiled."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    static: bool

    def __str__(self) -> str:
        return self.function.__name__


CASES: dict[str, Case] = {}


def case(*args: Any, static: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add a function to the cases of its module, with these arguments."""

    def add(f: Callable[..., Any]) -> Callable[..., Any]:
        CASES[f"{f.__module__.rpartition('.')[2]}.{f.__name__}"] = Case(f, args, static)
        return f

    return add


def mapped(change: Callable[[Any], Any], value: Any) -> Any:
    """Return a copy of an argument of which every inexact number and array of them is changed."""
    is_array = isinstance(value, np.ndarray) and value.dtype.kind in "fc"
    if isinstance(value, (float, complex)) or is_array:
        return change(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(mapped(change, v) for v in value))
    if isinstance(value, (list, tuple)):
        return type(value)(mapped(change, v) for v in value)
    if isinstance(value, dict):
        return {k: mapped(change, v) for k, v in value.items()}
    if dataclasses.is_dataclass(value):
        names = [f.name for f in dataclasses.fields(value)]
        made: Any = copy.copy(value)
        for name in names:
            object.__setattr__(made, name, mapped(change, getattr(value, name)))
        return made
    return copy.deepcopy(value)


def numbers(value: Any) -> np.ndarray[Any, Any]:
    """Return the floats in an argument or in its gradient, one after another.

    A complex number is its real and its imaginary part.
    """
    found: list[np.ndarray[Any, Any]] = [np.zeros(0)]

    def add(leaf: Any) -> None:
        kind = complex if np.iscomplexobj(leaf) else float
        found.append(np.array(leaf, kind).ravel().view(float))

    mapped(add, value)
    return np.concatenate(found)


def moved(value: Any, direction: np.ndarray[Any, Any], step: float) -> Any:
    """Return an argument moved along a direction."""
    left = direction * step

    def move(leaf: Any) -> Any:
        nonlocal left
        size = np.size(leaf) * (2 if np.iscomplexobj(leaf) else 1)
        part, left = left[:size], left[size:]
        if np.iscomplexobj(leaf):
            part = np.ascontiguousarray(part).view(complex)
        if isinstance(leaf, np.ndarray):
            offset = np.empty_like(leaf)  # laid out as the array is
            offset[...] = part.reshape(leaf.shape)
            return leaf + offset
        return leaf + part[0].item()

    return mapped(move, value)


def differences(
    f: Callable[..., Any], args: tuple[Any, ...], place: int, step: float = 1e-6
) -> np.ndarray[Any, Any]:
    """Return the gradient by one argument, by central differences."""
    slopes: list[float] = []
    for direction in np.eye(numbers(args[place]).size):
        ends = [
            float(f(*copy.deepcopy((*args[:place], new, *args[place + 1 :]))))
            for new in (moved(args[place], direction, s) for s in (step, -step))
        ]
        slopes.append((ends[0] - ends[1]) / (2 * step))
    return np.array(slopes)


def own_error(f: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, Exception | None]:
    """Return the value of a function, and the error in place of it."""
    try:
        value = f(*copy.deepcopy(args))
    except Exception as error:
        return None, error
    if isinstance(value, complex):
        return None, TypeError("a complex result has no gradient")
    return value, None


def judge(f: Callable[..., Any], args: tuple[Any, ...], mode: str, static: bool = False) -> str:
    """Return what is wrong with the value and the gradient in a mode, or nothing."""
    places = tuple(i for i, a in enumerate(args) if numbers(a).size or isinstance(a, np.ndarray))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        expected, error = own_error(f, args)
        if error is not None:
            return _raises_too(f, args, places, mode, error)
        given = copy.deepcopy(args)
        try:
            with warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always")
                value, gradient = value_and_grad(f, places, mode=mode, check="off")(*given)
        except S2SError as refusal:
            must = mode == "auto" or (static and mode == "static")
            return f"refused: {refusal}" if must else ""
        except Exception as fault:
            return f"raised {type(fault).__name__}: {fault}"
        if static and any(issubclass(w.category, FallbackWarning) for w in seen):
            return "runs on the tape"
        truth = [differences(f, args, p) for p in places]
    return _differs(value, expected, places, gradient, truth, args, given)


def _raises_too(
    f: Callable[..., Any], args: tuple[Any, ...], places: tuple[int, ...], mode: str, error: Any
) -> str:
    for transform in (grad, value_and_grad):
        try:
            found = transform(f, places, mode=mode, check="off")(*copy.deepcopy(args))
        except (S2SError, type(error)):
            continue
        except Exception as other:
            return f"{transform.__name__} raises {other!r}, the function {error!r}"
        return f"{transform.__name__} gives {found}, but the function raises {error!r}"
    return ""


def _differs(
    value: Any,
    expected: Any,
    places: tuple[int, ...],
    gradient: Any,
    truth: list[np.ndarray[Any, Any]],
    args: tuple[Any, ...],
    given: tuple[Any, ...],
) -> str:
    if not np.allclose(float(value), float(expected), rtol=1e-9, equal_nan=True):
        return f"the value is {value}, not {expected}"
    for place, found, slopes in zip(places, gradient, truth, strict=True):
        got, like = numbers(found), args[place]
        if got.shape != slopes.shape or not np.allclose(
            got, slopes, rtol=1e-4, atol=1e-5, equal_nan=True
        ):
            return f"the gradient by argument {place} is {got}, by differences {slopes}"
        if isinstance(like, np.ndarray) and (found.shape, found.dtype) != (like.shape, like.dtype):
            return f"the gradient by argument {place} is of {found.shape} and {found.dtype}"
    if str(numbers(given)) != str(numbers(args)):
        return "an argument was changed"
    return ""


class TooSlow(BaseException):
    """No answer in time; no Exception, so that nobody swallows it."""


@contextlib.contextmanager
def at_most(seconds: int) -> Generator[None]:
    """Raise where what is inside takes more time of the processor, however busy that is."""

    def stop(*_: Any) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
