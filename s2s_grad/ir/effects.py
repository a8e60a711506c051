"""Primitives that are run for their effect, in order."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["assert_", "is_draw", "raise_"]


def assert_(condition: Any, *message: Any) -> None:
    """``assert condition, message``."""
    if not condition:
        raise AssertionError(*message)


def raise_(*exception: Any) -> NoReturn:
    """``raise exception``, or ``raise exception from cause``."""
    if len(exception) == 2:
        raise exception[0] from exception[1]
    raise exception[0]


def is_draw(fn: Any) -> bool:
    """Return whether a function is a method of a generator of random numbers."""
    if isinstance(fn, type):
        return False
    owner = getattr(fn, "__qualname__", "").partition(".")[0]
    return owner in ("Generator", "RandomState") and fn.__module__.startswith("numpy.random")
