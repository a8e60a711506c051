"""Every error that a user can cause: where it is, what is wrong, and what to do about it."""

from __future__ import annotations

import inspect
import os
from dataclasses import dataclass
from typing import Any

__all__ = [
    "ArgumentError",
    "ArgumentWritten",
    "FallbackWarning",
    "Location",
    "MissingRule",
    "NoSource",
    "NotSeparable",
    "OutputError",
    "S2SError",
    "SharedArguments",
    "TooDeep",
    "TranslationError",
    "UnlikeLayout",
    "UnsupportedOption",
    "UnsupportedSyntax",
    "ZeroGradientWarning",
    "other_array",
    "outer_level",
    "public_path",
]

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


@dataclass(frozen=True, slots=True)
class Location:
    """A place in the user's source; `column` counts from 0."""

    file: str
    line: int
    column: int = 0
    text: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column + 1}"
        if not self.text:
            return place
        stripped = self.text.lstrip()
        caret = " " * max(0, self.column - (len(self.text) - len(stripped))) + "^"
        return f"{place}\n    {stripped.rstrip()}\n    {caret}"


class S2SError(Exception):
    """An error with its location, its reason and a remedy."""

    def __init__(self, reason: str, remedy: str = "", location: Location | None = None) -> None:
        super().__init__(reason, remedy, location)
        self.reason = reason
        self.remedy = remedy
        self.location = location

    def __str__(self) -> str:
        parts = [] if self.location is None else [str(self.location)]
        parts.append(self.reason if not self.remedy else f"{self.reason}\n  {self.remedy}")
        return "\n".join(parts)


class UnsupportedSyntax(S2SError):
    """A construct that the compiler refuses; `about` are the values of the program at fault."""

    about: tuple[Any, ...] = ()


class MissingRule(S2SError):
    """A function without a derivative rule, called with an active value."""


class UnsupportedOption(S2SError):
    """An option that a derivative rule does not handle."""


class NoSource(S2SError):
    """A function whose source cannot be read."""


class ArgumentError(S2SError, TypeError, ValueError):
    """An argument, `wrt`, tangent or cotangent that does not fit."""


class SharedArguments(ArgumentError):
    """Compiled code was given one object in two places, of which it needs that they are two."""


class UnlikeLayout(ArgumentError):
    """An array that is laid out unlike what a program was compiled for."""


class NotSeparable(S2SError, RuntimeError):
    """A call cannot run on the tape by itself, while the code around it is compiled."""


class ArgumentWritten(NotSeparable):
    """A call that runs on the tape wrote into its argument, which the code around does not see."""


def other_array(name: str, value: object, location: Location | None = None) -> ArgumentError:
    """Return the error for an array of a class whose operations are others than NumPy's."""
    return ArgumentError(
        f"`{name}` is a {type(value).__name__}, a subclass of NumPy's array, whose operations may "
        "be others",
        f"pass np.asarray({name}) if those of plain arrays are meant",
        location,
    )


class TooDeep(S2SError, RecursionError):
    """A function that calls itself without end, or deeper than Python's stack."""


class TranslationError(S2SError):
    """A derivative that the check of its translation found to be wrong."""


class OutputError(S2SError, TypeError):
    """A result that cannot be differentiated as asked."""


class FallbackWarning(UserWarning):
    """Code that could not be compiled runs on the tape."""


class ZeroGradientWarning(UserWarning):
    """The result does not depend on what it is differentiated with respect to."""


def public_path(module: str | None, name: str) -> str:
    """Return the path by which people know a function, without the files where it is kept.

    Examples
    --------
    >>> public_path("scipy.linalg._matfuncs", "expm")
    'scipy.linalg.expm'
    """
    if module in (None, "", "builtins"):
        return name
    parts = [part for part in str(module).split(".") if not part.startswith("_")]
    return ".".join([*parts, name])


def outer_level() -> int:
    """Return the stack level of the first caller outside of this package, for a warning."""
    here = inspect.currentframe()
    frame = None if here is None else here.f_back
    level = 1
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
        level += 1
    return level
