"""When the tape takes over: which errors of the compiler are refusals."""

from __future__ import annotations

import os
import traceback

from s2s_grad.errors import (
    MissingRule,
    NoSource,
    S2SError,
    UnsupportedOption,
    UnsupportedSyntax,
)

__all__ = ["internal_error", "is_refusal"]

_REFUSALS = (UnsupportedSyntax, NoSource, MissingRule, UnsupportedOption)


def is_refusal(error: Exception) -> bool:
    """Return whether an error says that code can not be compiled, not that a call is wrong.

    An error of the compiler itself counts as one: the tape does not need what failed. A warning
    that the user wants to be an error is the user's.
    """
    return isinstance(error, _REFUSALS) or not isinstance(error, (S2SError, Warning))


def internal_error(error: Exception) -> str:
    """Return the text for an error that the compiler should not have raised."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" at {os.path.basename(last[0].filename)}:{last[0].lineno}" if last else ""
    return (
        f"an error inside of the compiler{place}: {type(error).__name__}: {error}\n"
        "  please report it"
    )
