"""``copy.copy`` and ``copy.deepcopy``."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Const, Operand, Origin, Pack
from s2s_grad.ir.types import Array, Dict, ListOf, Range, Scalar, Sequence
from s2s_grad.lower.calls.builtin_calls import Args, Kwargs
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.terms.values import (
    is_simple,
)

__all__ = ["copy_of", "deep_copy_of"]


def copy_of(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """``copy.copy(x)``: a container of the same items, an array of its own."""
    (operand,) = map(low.memory.shallow, args)
    if isinstance(operand, Const):
        return _copy_of_constant(low, operand)
    if isinstance(operand, Pack):
        if issubclass(operand.kind, (tuple, slice)):
            return operand
        _refuse_own_copy(low, operand.kind)
        return Pack(operand.kind, operand.items, operand.keys)
    return _copy_of_variable(low, operand, origin)


def deep_copy_of(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """``copy.deepcopy(x)``: all that `x` holds is copied, once what it holds twice."""
    if len(args) != 1 or kwargs:
        low.refuse("`deepcopy` with a memo of its own.", "Leave it out.")
    copies: dict[Operand, Operand] = {}

    def copied(operand: Operand) -> Operand:
        root = low.memory.root(operand)
        if root not in copies:
            copies[root] = again(low.memory.shallow(operand))
        return copies[root]

    def again(operand: Operand) -> Operand:
        if isinstance(operand, Const):
            packed = expand(low, operand)
            return _copy_of_constant(low, operand) if packed is None else again(packed)
        if isinstance(operand, Pack):
            _refuse_own_copy(low, operand.kind)
            return Pack(operand.kind, tuple(map(copied, operand.items)), operand.keys)
        t = type_of(operand)
        packed = expand(low, operand)
        if packed is not None:
            return again(packed)
        if isinstance(t, ListOf) and not isinstance(t.item, Scalar):
            low.refuse("`deepcopy` of a list whose length is only known when the program runs.",
                       "Copy its items in a loop.")  # fmt: skip
        return _copy_of_variable(low, operand, origin)

    (operand,) = args
    return copied(operand)


def _copy_of_constant(low: Lowerer, operand: Const) -> Operand:
    value = operand.value
    if isinstance(value, np.ndarray):
        return low.apply(np.copy, operand)
    packed = expand(low, operand)
    if packed is not None:
        return packed
    if is_simple(value) or callable(value):
        return operand
    low.refuse(
        "a copy of an object that the function did not make.", "Copy it outside of the function."
    )


def _copy_of_variable(low: Lowerer, operand: Operand, origin: Origin) -> Operand:
    match type_of(operand):
        case Scalar() | Range():
            return operand
        case ListOf():
            return low.apply(list, operand, origin=origin)
        case Array():
            return low.apply(np.copy, operand, origin=origin)
        case Dict() | Sequence():
            return expand(low, operand) or operand
        case _:
            low.refuse("a copy of what is only known when the program runs.", "Use `x.copy()`.")


def _refuse_own_copy(low: Lowerer, kind: type[Any]) -> None:
    """Raise where a class of the user's says itself how its objects are copied."""
    for base in kind.__mro__:
        if base.__module__ != "builtins" and any(name in vars(base) for name in _OWN_COPIES):
            low.refuse(f"`{kind.__name__}` says itself how it is copied.", "Copy its attributes.")


_OWN_COPIES = ("__copy__", "__deepcopy__", "__reduce__", "__reduce_ex__", "__getstate__")
