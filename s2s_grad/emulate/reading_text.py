"""Numbers that are read from texts: an error where a text tells what is differentiated.

What became of such a text cannot be followed: it is joined, cut and handed around. So after the
first one of a run, no number is read from any text; but `float(str(x))` is `x`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

from s2s_grad.ir.primitives import primitive
from s2s_grad.tape.errors import TapeError
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.user_lines import here, location
from s2s_grad.tape.value_tests import is_array, is_dict, is_sequence

__all__ = ["check_text", "checking", "reads_texts"]

_MODULES = {
    "ast", "configparser", "csv", "decimal", "fractions", "json", "locale", "marshal",
    "pandas", "pickle", "struct", "tomllib", "yaml",
    "_csv", "_decimal", "_pickle", "_struct",
}  # fmt: skip


def reads_texts(value: Any) -> bool:
    """Return whether a function, class or module makes values of texts."""
    named = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    return _reads(named) or primitive(value).reads_text


@functools.lru_cache(maxsize=1024)
def _reads(module: Any) -> bool:
    return str(module).partition(".")[0] in _MODULES


def check_text(value: Any) -> Any:
    """Return what is read; raise where it is a text with numbers, and some may be lost."""
    if not STATE.texts or not _has_digits(value):
        return value
    STATE.refusal = TapeError(
        "a number was read from a text, after a value that is differentiated was made a text: its "
        "gradient would be lost",
        "use the value itself, not its text",
        location(here()),
    )
    raise STATE.refusal


def _has_digits(value: Any) -> bool:
    if isinstance(value, (str, bytes, bytearray)):
        return any(chr(c).isdigit() if isinstance(c, int) else c.isdigit() for c in value)
    if is_array(value):
        return value.dtype.kind in "OSUT" and any(map(_has_digits, value.flat))
    if is_dict(value):
        return any(map(_has_digits, value.values()))
    # What a file holds is not known.
    return any(map(_has_digits, value)) if is_sequence(value) else hasattr(value, "read")


def checking(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that reads texts, with a check of what it is given."""

    @functools.wraps(fn, updated=())
    def run(*args: Any, **kwargs: Any) -> Any:
        check_text((*args, *kwargs.values()))
        return fn(*args, **kwargs)

    return run
