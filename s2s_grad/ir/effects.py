"""Primitives that are run for their effect, in order."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["assert_", "raise_"]


def assert_(condition: Any, *message: Any) -> None:
    """``assert condition, message``."""
    if not condition:
        raise AssertionError(*message)


def raise_(*exception: Any) -> NoReturn:
    """``raise exception``, or ``raise exception from cause``."""
    if len(exception) == 2:
        raise exception[0] from exception[1]
    raise exception[0]
