"""Errors that code outside of the user's raised because it was given a tensor."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from s2s_grad.errors import S2SError
from s2s_grad.tape.errors import NotTaken
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.user_lines import location, outside

__all__ = ["refused"]


def refused(error: Exception, is_library: Callable[[str], bool]) -> S2SError | None:
    """Return the error that says what is wrong, for one that only names a consequence.

    NumPy and functions written in C turn the refusal of a tensor to become a plain number into an
    error of theirs, or they complain of the class of the tensor, which the user has never seen.
    """
    cause = error if isinstance(error, S2SError) else _cause(error)
    if cause is not None:
        if cause.location is not None and is_library(cause.location.file):
            cause.location = _place(error, is_library)
        return cause
    if "is not JSON serializable" in str(error):
        return NotTaken(
            "a value that is differentiated was given to `json`, which makes a text of it: its "
            "gradient would be lost",
            "use the value itself, not its text",
            _place(error, is_library),
        )
    if not _speaks_of_tensors(error):
        return None
    return NotTaken(
        f"a value that is differentiated was given to code that takes plain numbers alone: {error}",
        "write it with operators and functions of NumPy",
        _place(error, is_library),
    )


def _speaks_of_tensors(error: Exception) -> bool:
    """Return whether an error complains of what the user has never seen."""
    if isinstance(error, ValueError):
        return str(error).startswith("could not convert") and "tensor(" in str(error)
    return isinstance(error, (TypeError, AttributeError)) and "Tensor" in str(error)


def _cause(error: BaseException) -> S2SError | None:
    """Return the refusal that led to an error; C code may have dropped it."""
    found: BaseException | None = error.__cause__
    while found is not None:
        if isinstance(found, S2SError):
            return found
        found = found.__cause__
    return STATE.refusal if _is_of_c_code(error) else None


def _is_of_c_code(error: BaseException) -> bool:
    """Return whether an error is of a class that an extension module made, as far as one sees."""
    name = type(error).__module__
    if name != "builtins" and name.partition(".")[0] in sys.stdlib_module_names:
        return True  # such as `struct.error`
    module = sys.modules.get(name)  # some name a module that there is not
    return module is None or (getattr(module, "__file__", None) or "").endswith((".so", ".pyd"))


def _place(error: BaseException, is_library: Callable[[str], bool]) -> Any:
    """Return the innermost line of the user's that the error went through."""
    place = None
    step = error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if outside(step.tb_frame) is step.tb_frame and not is_library(file):
            place = (step.tb_frame.f_code, step.tb_lasti)
        step = step.tb_next
    return location(place)
