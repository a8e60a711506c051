"""When derivatives are checked against the function that they belong to."""

from __future__ import annotations

import os

from s2s_grad.errors import ArgumentError

__all__ = ["checked_when"]

_WHEN = ("first", "always")
_VARIABLE = "S2S_GRAD_CHECK"


def checked_when(check: str | None) -> str | None:
    """Return when a derivative is checked: as asked, or as the environment says.

    Examples
    --------
    >>> checked_when("first")
    'first'
    """
    asked = check or os.environ.get(_VARIABLE) or None
    if asked is None or asked == "off":
        return None
    if asked not in _WHEN:
        raise ArgumentError(
            f"check={asked!r} is not known", f"use one of {', '.join(_WHEN)} and off"
        )
    return asked
