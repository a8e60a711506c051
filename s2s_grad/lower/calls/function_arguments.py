"""Arguments that are functions: an object with a method ``__call__`` is one."""

from __future__ import annotations

import builtins
import functools
import itertools
from typing import Any

from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.records import callable_of, is_record

__all__ = ["with_functions"]

Args = tuple[Operand, ...]
Kwargs = dict[str, Operand]

# Where functions are that these call, by place and by name.
_CALLED_ARGUMENTS: dict[Any, tuple[int, str]] = {
    **dict.fromkeys((builtins.map, builtins.filter, functools.reduce, functools.partial), (0, "")),
    **dict.fromkeys((builtins.sorted, builtins.max, builtins.min), (-1, "key")),
    itertools.accumulate: (1, "func"),
    **dict.fromkeys((itertools.filterfalse, itertools.starmap), (0, "")),
    **dict.fromkeys((itertools.takewhile, itertools.dropwhile), (0, "")),
}


def with_functions(low: Lowerer, fn: Any, args: Args, kwargs: Kwargs) -> tuple[Args, Kwargs]:
    """Return arguments with the method of an object in its place where it is to be called."""
    if fn not in _CALLED_ARGUMENTS:
        return args, kwargs
    place, name = _CALLED_ARGUMENTS[fn]

    def method(operand: Operand) -> Operand:
        if isinstance(operand, Pack) and is_record(operand):
            return callable_of(low, operand)
        if not isinstance(operand, Const):
            low.refuse("which function is called is only known when the program runs.",
                       "Call it inside each branch.")  # fmt: skip
        return operand

    args = tuple(method(arg) if i == place else arg for i, arg in enumerate(args))
    return args, {key: method(arg) if key == name else arg for key, arg in kwargs.items()}
