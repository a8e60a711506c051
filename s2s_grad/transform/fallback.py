"""When the tape takes over, how, and what is said about it."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

from s2s_grad.errors import (
    ArgumentError,
    FallbackWarning,
    MissingRule,
    NoSource,
    S2SError,
    TooDeep,
    UnsupportedOption,
    UnsupportedSyntax,
    outer_level,
)
from s2s_grad.ir.tensors import holds_tensor
from s2s_grad.ir.types import Static, is_complex
from s2s_grad.transform.argument_types import Sizes, type_of_argument
from s2s_grad.transform.asked import Asked
from s2s_grad.transform.callables import name_of
from s2s_grad.transform.compiling import check_differentiable
from s2s_grad.transform.kinds import Kind

__all__ = [
    "internal_error",
    "is_refusal",
    "reason_text",
    "run_on_tape",
    "warn_of_arguments",
    "warn_of_call",
    "warn_of_function",
]

_REFUSALS = (UnsupportedSyntax, NoSource, MissingRule, UnsupportedOption)


def is_refusal(error: Exception) -> bool:
    """Return whether an error says that code can not be compiled, not that a call is wrong.

    An error of the compiler itself counts as one: the tape does not need what failed. A warning
    that the user wants to be an error is the user's.
    """
    return isinstance(error, _REFUSALS) or not isinstance(error, (S2SError, Warning))


def internal_error(error: Exception) -> str:
    """Return the text for an error that the compiler should not have raised."""
    import traceback

    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" at {os.path.basename(last[0].filename)}:{last[0].lineno}" if last else ""
    return (
        f"an error inside of the compiler{place}: {type(error).__name__}: {error}\n"
        "  please report it"
    )


def reason_text(error: Exception) -> str:
    """Return why the compiler refused."""
    return str(error) if isinstance(error, S2SError) else internal_error(error)


def warn_of_function(asked: Asked, error: Exception) -> None:
    """Warn that a derivative runs on the tape."""
    warnings.warn(
        f"{asked.title} runs on the tape, because the compiler refused it\n{reason_text(error)}",
        FallbackWarning,
        stacklevel=outer_level(),
    )


def warn_of_call(asked: Asked, error: Exception) -> None:
    """Warn that a call in a function that is compiled runs on the tape."""
    warnings.warn(
        f"a call in `{name_of(asked.primal)}` runs on the tape, because the compiler refused "
        f"the function\n{error}",
        FallbackWarning,
        stacklevel=outer_level(),
    )


def warn_of_arguments(asked: Asked, error: Exception) -> None:
    """Warn that a call runs on the tape, as compiled code is not for its arguments."""
    reason = error.reason if isinstance(error, S2SError) else f"in compiled code {error}"
    warnings.warn(
        f"{asked.title} runs on the tape for these arguments, because {reason}",
        FallbackWarning,
        stacklevel=outer_level(),
    )


def run_on_tape(asked: Asked, kind: Kind, bound: dict[str, Any], vectors: tuple[Any, ...]) -> Any:
    """Return the derivative at arguments, which are given by name, computed on the tape."""
    from s2s_grad.emulate import run

    _check_values(asked, kind, bound)
    try:
        result = run(asked.primal, asked.signature, bound, asked.request, vectors)
    except RecursionError as error:
        if isinstance(error, S2SError):
            raise
        raise TooDeep(
            f"`{name_of(asked.primal)}`, or a function that it calls, calls itself deeper than "
            f"Python's stack ({sys.getrecursionlimit()} calls)",
            "let the recursion end earlier, write it as a loop, or raise the limit with "
            "sys.setrecursionlimit",
        ) from None
    return kind.recorded(asked, result)


def _check_values(asked: Asked, kind: Kind, bound: dict[str, Any]) -> None:
    """Refuse to differentiate with respect to what has no derivative; ints count as reals."""
    types = {name: type_of_argument(value, Sizes(), name) for name, value in bound.items()}
    for name in asked.request.wrt:
        value = bound.get(name)
        t = types.get(name, Static(None))
        if is_complex(t) and not kind.reverse:
            raise ArgumentError(
                f"`{name}` of `{name_of(asked.primal)}` is complex, and the tape has "
                f"no {kind.name} with respect to complex values",
                "write it by its real and imaginary part",
            )
        if not holds_tensor(value):
            check_differentiable(asked, name, t)
        if type(value) is int:
            bound[name] = float(value)
