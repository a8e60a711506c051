"""When the tape takes over: which errors of the compiler are refusals."""

from __future__ import annotations

import inspect
import os
import sys
import traceback
from typing import Any

from s2s_grad.errors import (
    MissingRule,
    NoSource,
    S2SError,
    UnsupportedOption,
    UnsupportedSyntax,
)
from s2s_grad.ir.guards import is_dict, is_items

__all__ = ["holds_tensor", "internal_error", "is_refusal", "outer_level"]

_REFUSALS = (UnsupportedSyntax, NoSource, MissingRule, UnsupportedOption)
_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def is_refusal(error: Exception) -> bool:
    """Return whether an error says that code can not be compiled, not that a call is wrong.

    An error of the compiler itself counts as one: the tape does not need what failed.
    """
    return isinstance(error, _REFUSALS) or not isinstance(error, S2SError)


def internal_error(error: Exception) -> str:
    """Return the text for an error that the compiler should not have raised."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" at {os.path.basename(last[0].filename)}:{last[0].lineno}" if last else ""
    return (
        f"an error inside of the compiler{place}: {type(error).__name__}: {error}\n"
        "  please report it"
    )


def outer_level() -> int:
    """Return the stack level of the first caller outside of this package, for a warning."""
    here = inspect.currentframe()
    frame = None if here is None else here.f_back
    level = 1
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
        level += 1
    return level


def holds_tensor(value: Any) -> bool:
    """Return whether a value is or contains a tensor of the tape."""
    core = sys.modules.get("s2s_grad.tape.core")
    return core is not None and _holds(value, core.Tensor)


def _holds(value: Any, kind: type) -> bool:
    if is_items(value):
        return any(_holds(item, kind) for item in value)
    if is_dict(value):
        return any(_holds(item, kind) for item in value.values())
    return isinstance(value, kind)
