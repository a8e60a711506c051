"""Which variables may share memory: needed to tell ``x += y`` from ``x = x + y``.

A buffer is named by the variable that first held it. Operations known to return new memory give
their result a buffer of its own; every other one may return a view of any of its operands.
"""

from __future__ import annotations

import builtins
import operator
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from s2s_grad.analysis.indexing import index_items
from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.memory import memory_of
from s2s_grad.ir.nodes import Const, Operand, Pack, Undefined, Var
from s2s_grad.ir.operators import fstring
from s2s_grad.ir.primitives import Memory, primitive
from s2s_grad.ir.types import Array, Random, Range, Scalar
from s2s_grad.lower.terms.values import Internal

__all__ = ["CONSTANT", "Aliases"]

_IMMUTABLE = (
    bool, int, float, complex, str, bytes, type(None), np.generic, Undefined, types.ModuleType,
)  # fmt: skip

_TEXTS: set[Callable[..., Any]] = {builtins.str, builtins.repr, fstring, operator.mod}

CONSTANT = Var("<constant>")  # the buffer of every array that the function did not make


class Aliases:
    """The buffers that each variable may use."""

    def __init__(self) -> None:
        self._buffers: dict[Var, frozenset[Var]] = {}
        self._unowned: set[Var] = {CONSTANT}
        self._outside: dict[Var, frozenset[Var]] = {}
        self._loops: dict[Var, object] = {}  # which values are carried by one loop

    def note(
        self,
        result: Var,
        fn: Callable[..., Any],
        operands: tuple[Operand, ...],
        options: Mapping[str, Operand] | None = None,
        refs: tuple[Operand, ...] = (),
    ) -> None:
        """Record what the result of an application may share.

        `refs` are what the operands are the values of: a 0-d array has memory, its item has none.
        """
        if fn in _TEXTS or _is_scalar(result, fn, operands):
            self._buffers[result] = frozenset()
            return
        if memory_of(fn, operands, options) is Memory.NEW:
            return
        arrays = (ref for ref in refs if isinstance(ref, Var) and isinstance(ref.type, Array))
        shared = frozenset[Var]().union(*map(self.of, (*operands, *arrays)))
        if shared:
            self._buffers[result] = shared | {result}

    def element(self, element: Var, sequence: Operand) -> None:
        """Record that a variable is an item of a sequence."""
        items = isinstance(type_of(sequence), Array) and _has_no_axes(element)
        self._buffers[element] = frozenset() if items else self.of(sequence)

    def renew(self, var: Var) -> None:
        """Record that a variable has memory of its own."""
        self._buffers.pop(var, None)

    def immutable(self, var: Var) -> None:
        """Record that nothing can change a variable's value."""
        self._buffers[var] = frozenset()

    def keep(self, operand: Operand) -> None:
        """Record that an array lasts beyond the function, which must not write to it."""
        if isinstance(operand, Var):
            self._buffers[operand] = self.of(operand) | {CONSTANT}

    def share(self, result: Var, *operands: Operand) -> None:
        """Record that a variable is one of these operands."""
        self._buffers[result] = frozenset[Var]().union(*(self.of(operand) for operand in operands))

    def carry(self, var: Var, outside: frozenset[Var], loop: object = None) -> None:
        """Record a value that a loop carries: a buffer of its own that stands for one outside.

        What one loop carries is known to be apart, unless `outside` has one of the others.
        """
        self._buffers[var] = frozenset({var})
        self._outside[var] = outside
        self._loops[var] = object() if loop is None else loop

    def reach(self, buffers: frozenset[Var]) -> frozenset[Var]:
        """Return buffers with those that they stand for outside of loops."""
        found = set(buffers)
        waiting = [buffer for buffer in buffers if buffer in self._outside]
        while waiting:
            more = self._outside[waiting.pop()] - found
            found |= more
            waiting.extend(buffer for buffer in more if buffer in self._outside)
        return frozenset(found)

    def may_share(self, a: frozenset[Var], b: frozenset[Var]) -> bool:
        """Return whether two sets of buffers may be one memory."""
        return bool(a & self.reach(b) or self.reach(a) & b)

    def may_meet(self, a: Var, others: frozenset[Var]) -> bool:
        """Return whether a buffer and one of others may stand for one memory outside of loops."""
        mine, theirs = self.reach(frozenset({a})), self.reach(others)
        common = mine & theirs
        if not common or not any(var in self._loops for var in others):
            return bool(common)
        for var in mine & self._loops.keys() - theirs:
            loop = self._loops[var]
            twins = frozenset(twin for twin in theirs if self._loops.get(twin) is loop)
            if twins:
                common -= self.reach(twins | {var})
        return bool(common)

    def disown(self, var: Var) -> None:
        """Record that the caller owns a variable's buffer."""
        self._unowned.add(var)

    def of(self, operand: Operand) -> frozenset[Var]:
        """Return the buffers that an operand may use; immutable values use none."""
        match operand:
            case Var():
                if isinstance(operand.type, (Scalar, Range, Random)):
                    return frozenset()
                return self._buffers.get(operand, frozenset({operand}))
            case Const():
                return self._of_constant(operand.value)
            case Pack():
                return frozenset[Var]().union(*(self.of(item) for item in operand.items))

    def owned(self, operand: Operand) -> bool:
        """Return whether the function made all memory that an operand may use."""
        return not self.reach(self.of(operand)) & self._unowned

    def _of_constant(self, value: Any) -> frozenset[Var]:
        if isinstance(value, Internal):
            return frozenset[Var]().union(*(self.of(item) for item in value.held or ()))
        fixed = isinstance(value, _IMMUTABLE) or callable(value)
        return frozenset() if fixed else frozenset({CONSTANT})


def _is_scalar(result: Var, fn: Callable[..., Any], operands: tuple[Operand, ...]) -> bool:
    """Return whether the result of an application is a NumPy scalar, not an array."""
    if not _has_no_axes(result):
        return False
    if fn is operator.getitem:
        from_array = isinstance(type_of(operands[0]), Array)
        return from_array and not any(
            isinstance(item, Const) and item.value is Ellipsis for item in index_items(operands[1])
        )
    return primitive(fn).gives_numbers


def _has_no_axes(var: Var) -> bool:
    return isinstance(var.type, Array) and var.type.shape == ()
