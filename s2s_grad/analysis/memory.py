"""Whose memory a result is: one vocabulary, for lowering and for updates in place.

Of a function the records of primitives say it; of an application its operands do, too: what is
selected by a mask is new, and so is an array that NumPy makes of a list.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from s2s_grad.analysis.indexing import index_copies, index_kind
from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Apply, Const, Operand, Var
from s2s_grad.ir.primitives import Layout, Memory, primitive
from s2s_grad.ir.types import Array, ListOf, Sequence, is_complex, is_real

__all__ = ["View", "is_view", "layout_sources", "memory_of", "view_kind"]

_Operands = tuple[Operand, ...]
_RESHAPED = (Memory.RESHAPED, Memory.RESHAPED_IF_CONTIGUOUS)
_VIEWS = (Memory.PERMUTED, Memory.RESHAPED, Memory.SELECTION)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """How a variable was read from the value `version` that its `base` had then."""

    base: Var
    version: Operand
    fn: Callable[..., Any]
    args: _Operands
    kwargs: dict[str, Operand]


def memory_of(
    fn: Callable[..., Any], operands: _Operands, options: Mapping[str, Operand] | None = None
) -> Memory:
    """Return whose memory the result of an application is.

    Sound by default: the result of a function that is not known may share memory with any operand.
    """
    if fn is operator.getitem:
        return _subscripted(*operands)
    record = primitive(fn)
    memory = record.memory
    if record.many is not None and len(operands) > record.many[0]:
        return record.many[1]
    if fn is np.diff:
        times = _given(operands[1:2], options, "n", 1)
        return Memory.NEW if times else memory
    if memory is Memory.NEW and options and "copy" in options:
        return Memory.NEW if _given((), options, "copy", None) is True else Memory.ANY
    return Memory.NEW if memory.of_first and _makes_an_array(fn, operands) else memory


def _given(
    operands: _Operands, options: Mapping[str, Operand] | None, name: str, default: Any
) -> Any:
    """Return the value of an option, None where it is not known."""
    option = operands[0] if operands else (options or {}).get(name, Const(default))
    return option.value if isinstance(option, Const) else None


def _subscripted(base: Operand, index: Operand) -> Memory:
    if not isinstance(type_of(base), Array):
        return Memory.SELECTION
    if index_copies(index, type_of):
        return Memory.NEW
    return Memory.SELECTION if index_kind(index, type_of).basic else Memory.PASSED


def _makes_an_array(fn: Callable[..., Any], operands: _Operands) -> bool:
    """Return whether a function of NumPy is given a list, which it copies to an array."""
    from_numpy = (getattr(fn, "__module__", None) or "").partition(".")[0] == "numpy"
    # What is broadcast cannot be written, whatever it is made of.
    if not from_numpy or fn is np.broadcast_to or not operands:
        return False
    return isinstance(type_of(operands[0]), (ListOf, Sequence))


def is_view(statement: Apply) -> bool:
    """Return whether what a statement computes may share the buffer of its first operand alone."""
    return memory_of(statement.fn, statement.args, dict(statement.kwargs)).of_first


def view_kind(result: Var, fn: Callable[..., Any], refs: _Operands) -> bool | None:
    """Return whether the result is a view of an array; None where layouts decide."""
    base, t = type_of(refs[0]), type_of(result)
    if not isinstance(base, Array):
        return False
    memory = memory_of(fn, refs)
    array = isinstance(t, Array) and (t.shape or (t.shape == () and memory in _RESHAPED))
    if not isinstance(t, Array) or (base.shape and not array):
        return memory is Memory.SELECTION and fn is not operator.getitem
    if fn is operator.getitem and not base.shape and not index_kind(refs[1], type_of).basic:
        return False
    if memory is Memory.RESHAPED_IF_CONTIGUOUS:
        return True if fn is np.reshape and base.rank == 1 else None
    if memory is Memory.PASSED and fn is not operator.getitem:
        return None
    if memory is Memory.PART:
        return is_complex(base) or (fn is np.real and is_real(base))
    return memory in _VIEWS


def layout_sources(result: Var, fn: Callable[..., Any], refs: _Operands) -> _Operands | None:
    """Return the arrays that make the result contiguous if they are; None if nothing does."""
    t, record, memory = result.type, primitive(fn), memory_of(fn, refs)
    in_a_row = memory is Memory.NEW and isinstance(t, Array) and t.rank == 1
    if record.layout is Layout.CONTIGUOUS or in_a_row:
        return ()
    if memory is Memory.RESHAPED_IF_CONTIGUOUS:
        return refs[:1]
    if record.layout is Layout.UNKNOWN:
        return None
    if not record.elementwise:
        return refs[:1]
    types = [type_of(ref) for ref in refs]
    if any(isinstance(each, Array) and each.shape is None for each in types):
        return None
    return tuple(
        ref for ref, each in zip(refs, types, strict=True) if isinstance(each, Array) and each.shape
    )
