"""Compute each expression once, and keep each collected list once.

What allocates a buffer that may be updated is never shared; neither is the arithmetic of indices,
which is easier to read than to name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from s2s_grad.ir.guards import class_of
from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Const,
    For,
    Function,
    Loop,
    Operand,
    Pack,
    Phase,
    Statement,
    Var,
)
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.rewrite import map_blocks, rewrite, substitute, with_block
from s2s_grad.ir.types import Scalar

__all__ = ["share_common_subexpressions"]

_SIMPLE: tuple[type[Any], ...] = (bool, int, float, complex, str, type(None), tuple)
_NO_INDICES: Mapping[Var, object] = {}


def share_common_subexpressions(function: Function) -> Function:
    """Return the program with repeated expressions computed once."""
    return with_block(function, _block(function.block, {}, {}, {}))


def _block(
    block: Block,
    known: dict[object, Var],
    values: dict[Var, Operand],
    indices: dict[Var, object],
) -> Block:
    known = dict(known)

    def edit(statement: Statement) -> Iterable[Statement] | None:
        if isinstance(statement, Apply):
            key = _key(statement, indices)
            if key is not None:
                same = known.setdefault(key, statement.result)
                if same is not statement.result:
                    values[statement.result] = same
                    return ()
            elif (place := _index_key(statement, indices)) is not None:
                indices[statement.result] = place
            return None
        statement = map_blocks(statement, lambda inner: _block(inner, known, values, indices))
        if isinstance(statement, Loop):
            statement = _share_lists(statement, values)
            for carry in statement.carried:
                if carry.next is carry.parameter or carry.next is carry.init:
                    values[carry.result] = carry.init
        return (statement,)

    return rewrite(block, edit, values)


def _is_index(statement: Apply) -> bool:
    t = statement.result.type
    return isinstance(t, Scalar) and t.kind == "int" and statement.fn in (np.add, np.subtract)


def _index_key(statement: Apply, indices: dict[Var, object]) -> object:
    """Return what makes two sums of ints the same, though each is computed where it is read."""
    if not _is_index(statement) or statement.kwargs:
        return None
    args = tuple(_operand_key(arg, indices) for arg in statement.args)
    return None if None in args else (statement.fn, args)


def _key(statement: Apply, indices: dict[Var, object]) -> object:
    """Return what makes two applications the same; None where they must not be shared."""
    record = primitive(statement.fn)
    if record.creates or statement.inplace or _is_index(statement):
        return None
    # The user's own statements stay as written.
    written = statement.origin.phase is Phase.PRIMAL and statement.origin.expression is not None
    same = _NO_INDICES if written else indices
    args = tuple(_operand_key(arg, same) for arg in statement.args)
    if None in args:
        return None
    kwargs = tuple((name, _operand_key(value)) for name, value in statement.kwargs)
    if any(key is None for _, key in kwargs):
        return None
    if record.commutes:
        args = tuple(sorted(args, key=repr))
    try:
        hash(statement.fn)
    except TypeError:
        return None
    return (statement.fn, args, kwargs)


def _operand_key(operand: Operand, indices: Mapping[Var, object] = _NO_INDICES) -> object:
    match operand:
        case Var():
            return indices.get(operand, ("var", id(operand)))
        case Const():
            value: Any = operand.value
            if isinstance(value, _SIMPLE):
                return ("const", str(class_of(value)), repr(value))
            return ("object", id(value))
        case Pack():
            items = tuple(_operand_key(item, indices) for item in operand.items)
            return None if None in items else (operand.kind, items, operand.keys)


def _share_lists(loop: Loop, values: dict[Var, Operand]) -> Loop:
    """Collect a value once, and iterate a list once."""
    known = _First()
    collected = [c for c in loop.collected if known.first(c.item, c.result, values)]
    known, inner = _First(), dict[Var, Operand]()
    each = [e for e in loop.each if known.first(e.sequence, e.element, inner)]
    if len(collected) == len(loop.collected) and len(each) == len(loop.each):
        return loop
    head = For(tuple(each), loop.reverse) if each else loop.head
    loop = replace(loop, head=head, collected=tuple(collected))
    return map_blocks(loop, lambda body: substitute(body, inner))


class _First:
    """The variable that first stood for each operand."""

    def __init__(self) -> None:
        self.known: dict[object, Var] = {}

    def first(self, operand: Operand, var: Var, values: dict[Var, Operand]) -> bool:
        """Return whether a variable is the first; else note in `values` which one is."""
        key = _operand_key(operand)
        if key is not None and key in self.known:
            values[var] = self.known[key]
            return False
        self.known[key] = var
        return True
