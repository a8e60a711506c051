"""Errors that a program raises and its derivative might not run into; emitted code calls these."""

from __future__ import annotations

from typing import Any

__all__ = ["check_bound", "check_length", "check_real"]


def check_bound(is_bound: Any, name: str) -> None:
    """Raise as Python does where a local name is read that this run has not assigned."""
    if not is_bound:
        raise UnboundLocalError(
            f"cannot access local variable {name!r} where it is not associated with a value"
        )


def check_length(items: Any, count: int) -> None:
    """Raise as Python does unless `items` can be unpacked to `count` names."""
    if len(items) != count:
        much = "too many" if len(items) > count else "not enough"
        raise ValueError(f"{much} values to unpack (expected {count}, got {len(items)})")


def check_real(value: Any) -> None:
    """Raise where a power of a negative number is complex, as Python has it."""
    if isinstance(value, complex):
        raise TypeError(
            f"a negative number to a fractional power is complex ({value}), and its derivative is "
            "that of real numbers: pass a NumPy float for NaN, or a complex argument"
        )
