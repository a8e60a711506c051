"""Which older variable has the same shape: an update's base, an initial value, an operand.

A shape may be asked of that variable instead, so that nobody keeps an array for its shape alone.
"""

from __future__ import annotations

from typing import assert_never

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Apply, Block, Define, Effect, If, Loop, Operand, Statement, Var
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.types import Array, Size
from s2s_grad.ir.walk import bound_vars, visit
from s2s_grad.runtime import add_at, set_item

__all__ = ["Shapes", "find_shapes"]


class Shapes:
    """For each array the variable that it has its shape from, if that is another one."""

    def __init__(self, updates: bool = False) -> None:
        self.updates = updates
        self.parents: dict[Var, Var] = {}
        self.arguments: dict[tuple[Size, ...], Var] = {}

    def source(self, var: Var) -> Var:
        """Return the oldest variable that has the same shape by where it comes from."""
        while (parent := self.parents.get(var)) is not None:
            var = parent
        return var

    def outside(self, var: Var, own: set[Var], *, dtype: bool) -> Var:
        """Return a variable with the same shape (and dtype, if asked) that is none of `own`.

        Return the variable itself where none is known.
        """
        current: Var | None = var
        while current is not None and current in own:
            current = self.parents.get(current)
        if current is None:
            shape = _known_shape(var)
            current = None if shape is None else self.arguments.get(shape)
        if current is None or (dtype and not _same_dtype(current, var)):
            return var
        return current


def _same_dtype(a: Var, b: Var) -> bool:
    dtypes = [var.type.dtype if isinstance(var.type, Array) else None for var in (a, b)]
    return dtypes[0] is not None and dtypes[0] == dtypes[1]


def find_shapes(block: Block, *, updates: bool = False) -> Shapes:
    """Return what is known of the shapes in a block; its parameters are the oldest variables.

    With `updates`, a variable has its shape from another only where it is an update of it.
    """
    shapes = Shapes(updates)
    for param in block.params:
        shape = _known_shape(param)
        if shape is not None and all(_lasting(size) for size in shape):
            shapes.arguments.setdefault(shape, param)
    visit(
        block,
        enter=lambda s: not isinstance(s, Define),
        leave=lambda s: _learn(s, shapes),
    )
    return shapes


def _lasting(size: Size) -> bool:
    """Return whether a size means the same everywhere: it is a number or one of an argument."""
    return isinstance(size, int) or not size.symbol.startswith(("?", "("))


def _learn(s: Statement, shapes: Shapes) -> None:
    match s:
        case Apply():
            source = _source(s, updates=shapes.updates)
            if source is not None:
                shapes.parents[s.result] = source
        case If():
            for merge in s.merged:
                if isinstance(merge.then, Var) and isinstance(merge.orelse, Var):
                    source = shapes.source(merge.then)
                    if source is shapes.source(merge.orelse) and not _inside(source, s):
                        shapes.parents[merge.result] = source
        case Loop():
            for carry in s.carried:
                if isinstance(carry.next, Var) and isinstance(carry.init, Var):
                    if shapes.source(carry.next) is carry.parameter:
                        shapes.parents[carry.parameter] = carry.init
                        shapes.parents[carry.result] = carry.init
        case Effect() | Define():
            pass
        case _:
            assert_never(s)


def _inside(var: Var, statement: If) -> bool:
    return any(var in bound_vars(branch) for branch in (statement.then, statement.orelse))


def _source(statement: Apply, *, updates: bool) -> Var | None:
    args = statement.args
    if updates and statement.fn not in (set_item, add_at):
        return None
    if primitive(statement.fn).keeps_shape and not statement.kwargs:
        return args[0] if args and isinstance(args[0], Var) else None
    if not isinstance(statement.fn, np.ufunc) or statement.kwargs:
        return None
    shape = _known_shape(statement.result)
    if shape is None:
        return None
    return next((a for a in args if isinstance(a, Var) and _known_shape(a) == shape), None)


def _known_shape(operand: Operand) -> tuple[Size, ...] | None:
    t = type_of(operand)
    if isinstance(t, Array) and t.shape:
        return t.shape
    return None
