"""What a user's function learns about its values: their class, members and text.

A tensor in a function that is differentiated stands for a float, one of NumPy's numbers or an
array. It answers as that would: it has no other members, and its class is that one's.
"""

from __future__ import annotations

import builtins
import logging
from collections.abc import Callable
from types import FunctionType, MethodDescriptorType, MethodType, WrapperDescriptorType
from typing import Any

import numpy as np

from s2s_grad.emulate.reading_text import check_text, checking
from s2s_grad.errors import ArgumentError
from s2s_grad.tape.core import Tensor, plain, seen_class
from s2s_grad.tape.dispatch import apply_function
from s2s_grad.tape.errors import TapeError
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.printing import Text
from s2s_grad.tape.recording import any_active, is_active
from s2s_grad.tape.user_lines import here, location
from s2s_grad.tape.value_tests import is_array, is_list, kind_of

__all__ = ["ASKED", "CALLED", "as_python", "is_posed_as", "member", "telling", "tells", "unbound"]

_NUMPYS = [kind for kind in vars(np).values() if isinstance(kind, type)]
_POSED: set[Any] = {
    float,
    complex,
    *(k for k in _NUMPYS if issubclass(k, (np.ndarray, np.generic))),
}
# What can be told of a value that is differentiated: it changes in steps, if at all.
_FACTS = {"is_integer", "flags", "device"}
_WRITING = {"resize", "setfield", "setflags", "byteswap"}
_LOGGING = {
    "debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log",
}  # fmt: skip
_UNBOUND = (MethodDescriptorType, WrapperDescriptorType)


def is_posed_as(kind: Any) -> bool:
    """Return whether tensors pose as objects of a class, or it makes something of them."""
    return kind in _POSED or kind in CALLED


# ----------------------------------------------------------------------------------------- members


def member(tensor: Tensor, name: str) -> Any:
    """Return ``tensor.name`` as the value that the tensor stands for has it."""
    kind = seen_class(tensor)
    if not hasattr(kind, name):
        raise AttributeError(f"'{kind.__name__}' object has no attribute '{name}'", name=name)
    if name in _MEMBERS:
        return _MEMBERS[name](tensor)
    value = tensor._value
    if name in _FACTS:
        return getattr(value, name)
    if hasattr(Tensor, name):
        return getattr(tensor, name)
    if name in _WRITING or is_active(tensor):
        raise TapeError(
            f"`{name}` of a value that is differentiated was used, which is not recorded: its "
            "gradient would be lost",
            "write it with operators and functions of NumPy",
            location(here()),
        )
    return getattr(float(value) if kind is float else value, name)


def _buffer(tensor: Tensor) -> Any:
    raise TapeError(
        "the memory of a value that is differentiated was asked for, where writes go unseen",
        "use the array itself",
        location(here()),
    )


def _item(tensor: Tensor) -> Callable[..., Any]:
    return lambda *place: as_python(tensor.item(*place))


def _tolist(tensor: Tensor) -> Callable[[], Any]:
    return lambda: as_python(tensor.tolist())


def as_python(value: Any) -> Any:
    """Return numbers that are differentiated as Python's floats, in lists too."""
    if is_list(value):
        return [as_python(item) for item in value]
    return _float(value) if isinstance(value, Tensor) and value.dtype.kind == "f" else value


def _copy(tensor: Tensor) -> Callable[..., Any]:
    return tensor.copy if is_array(tensor._value) else lambda: tensor


def _conjugate(tensor: Tensor) -> Callable[..., Any]:
    return (lambda: tensor) if seen_class(tensor) is float else tensor.conjugate


def _base(tensor: Tensor) -> Any:
    return tensor._value.base if tensor._view is None else tensor._view.base


_MEMBERS: dict[str, Callable[[Tensor], Any]] = {
    "base": _base,
    "data": _buffer,
    "__array_interface__": _buffer,
    "item": _item,
    "tolist": _tolist,
    "copy": _copy,
    "conjugate": _conjugate,
}


def unbound(kind: Any, name: str) -> Any:
    """Return ``kind.name``; a method of floats or arrays as a function that takes tensors."""
    found = getattr(kind, name)
    if not isinstance(found, _UNBOUND):
        return found

    def run(*args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], Tensor) and issubclass(seen_class(args[0]), kind):
            return member(args[0], name)(*args[1:], **kwargs)
        result = found(*args, **kwargs)
        if result is NotImplemented and any_active(args):
            raise TapeError(
                f"`{name}` of a plain number was called with a value that is differentiated",
                "write the operator",
                location(here()),
            )
        return result

    return run


# ------------------------------------------------------------------------------ Python's questions


def _isinstance(value: Any, kinds: Any) -> bool:
    """Stand for `isinstance`: a tensor is what its value is."""
    if isinstance(value, Tensor):
        return issubclass(seen_class(value), kinds)
    return isinstance(value, kinds)


def _hasattr(owner: Any, name: str) -> bool:
    """Stand for `hasattr`."""
    return hasattr(seen_class(owner) if isinstance(owner, Tensor) else owner, name)


def _print(*values: Any, **options: Any) -> None:
    """Stand for `print`, which shows values as they are without a tape."""
    print(*(plain(value) for value in values), **options)


def telling(called: Any) -> Callable[..., Any]:
    """Return a function of `logging` that is given values as they are without a tape.

    The record of an event may be kept, and made a text when the run is over.
    """

    def run(*values: Any, **options: Any) -> Any:
        options["stacklevel"] = options.get("stacklevel", 1) + 1  # this one is not the caller
        return called(*[plain(value) for value in values], **plain(options))

    return run


def tells(called: Any) -> bool:
    """Return whether a function, method or module is one of those that `logging` logs with."""
    if called is logging:
        return True
    return (
        isinstance(called, (FunctionType, MethodType))
        and called.__module__ == "logging"
        and called.__name__ in _LOGGING
    )


ASKED: dict[str, Callable[..., Any]] = {
    "isinstance": _isinstance,
    "hasattr": _hasattr,
    "print": _print,
}


# ------------------------------------------------------------------------- classes that are called


def _type(*given: Any, **options: Any) -> Any:
    """Stand for `type` where it is called."""
    if len(given) == 1 and isinstance(given[0], Tensor):
        return seen_class(given[0])
    return type(*given, **options)


def _float(value: Any = 0.0) -> Any:
    """Stand for `float` where it is called: a number that is differentiated stays one."""
    if kind_of(value) is Text and value.source is not None:
        return _float(value.source)
    check_text(value)
    if not any_active(value) or not isinstance(value, Tensor):
        return float(value)
    if seen_class(value) is float:
        return value
    if value.dtype.kind == "c":
        raise ArgumentError("a complex number is no float", "take its real part")
    float(np.zeros(value.shape))  # an array with axes is none, but in old versions of NumPy
    single = value.reshape(()) if value.ndim else value
    return apply_function(builtins.float, (single,), {})


def _complex(*given: Any, **options: Any) -> Any:
    """Stand for `complex` where it is called."""
    check_text(given)
    if not any_active(given) or options or len(given) > 2:
        return complex(*given, **options)
    STATE.complexes = True
    return sum((part * unit for part, unit in zip(given, (1, 1j), strict=False)), 0j)


def _number(kind: Any) -> Callable[..., Any]:
    """Return what stands for one of NumPy's numbers where it is called."""

    def make(*given: Any) -> Any:
        if len(given) == 1 and isinstance(given[0], (str, bytes)):
            return make(_float(given[0]))
        if len(given) != 1 or not any_active(given):
            return kind(*given)
        (value,) = given
        if not isinstance(value, Tensor):
            value = apply_function(np.array, (list(value),), {})
        return apply_function(np.add, (value, kind(0)), {}).astype(kind)

    return make


CALLED: dict[Any, Callable[..., Any]] = {
    type: _type,
    float: _float,
    complex: _complex,
    int: checking(int),
    **{np.dtype(code).type: _number(np.dtype(code).type) for code in "efdgFDG"},
}
