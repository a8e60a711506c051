"""Give derivatives buffers of their own: never the caller's arrays, one another's, or a view."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field, replace

import numpy as np

from s2s_grad.analysis.buffers import Buffers, find_buffers
from s2s_grad.analysis.infer import infer, type_of
from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Collect,
    Const,
    Define,
    Each,
    For,
    Function,
    Loop,
    Operand,
    Origin,
    Pack,
    Phase,
    Statement,
    Var,
)
from s2s_grad.ir.types import Array, ListOf, Scalar, Sequence, Unknown
from s2s_grad.ir.walk import results_of, statements_of
from s2s_grad.runtime import owned

__all__ = ["own_results"]


@dataclass(slots=True, eq=False)
class _Scope:
    """A block whose results are to be arrays of their own.

    Numbers that are stretched to arrays are owned as well: they are `filled` where a result needs
    that.
    """

    definitions: dict[Var, Apply]
    stretched: dict[Var, Apply]
    owned: set[Var]
    filled: set[Var] = field(default_factory=set[Var])
    copies: list[Statement] = field(default_factory=list[Statement])

    @classmethod
    def of(cls, block: Block, buffers: Buffers) -> _Scope:
        definitions = {s.result: s for s in block.body if isinstance(s, Apply)}
        stretched = {
            var: s
            for var, s in definitions.items()
            if s.fn is np.broadcast_to and _is_scalar(s.args[0]) and s.origin.phase is Phase.REVERSE
        }
        inside = {var for s in statements_of(block) for var in results_of(s)}
        return cls(definitions, stretched, (buffers.owned & inside) | stretched.keys())

    def is_stretched_array(self, var: Var) -> bool:
        """Return whether a variable is a broadcast that cannot be filled."""
        made = self.definitions.get(var)
        return made is not None and made.fn is np.broadcast_to and var not in self.stretched

    def finished(self, block: Block, result: Operand) -> Block:
        if not self.copies and not self.filled:
            return block
        body = [
            _fill(s) if isinstance(s, Apply) and s.result in self.filled else s for s in block.body
        ]
        return replace(block, body=(*body, *self.copies), results=(result,))


def _fill(s: Apply) -> Apply:
    """Return the array of its own that a stretched number stands for."""
    value, shape = s.args
    one = isinstance(value, Const) and type(value.value) is float and value.value == 1.0
    fn, args = (np.ones, (shape,)) if one else (np.full, (shape, value))
    return replace(s, fn=fn, args=args)


def own_results(function: Function, places: tuple[int, ...] | None = None) -> Function:
    """Return the program with results copied where they would share a buffer.

    Parameters
    ----------
    function : Function
        The program of a derivative.
    places : tuple of int, optional
        Which items of a tuple result are derivatives; all by default.
    """
    marked = {s.result for s in statements_of(function.block) if isinstance(s, Apply) and s.inplace}
    buffers = find_buffers(function, marked)
    seen: set[Var] = set()

    def own(operand: Operand, scope: _Scope) -> Operand:
        if isinstance(operand, Pack):
            return replace(operand, items=tuple(own(item, scope) for item in operand.items))
        if not isinstance(operand, Var) or _is_scalar(operand):
            return operand
        ids = buffers.of.get(operand, frozenset())
        fresh = ids and ids <= scope.owned and not ids & seen
        seen.update(ids)
        if fresh and not scope.is_stretched_array(operand):
            scope.filled.update(ids & scope.stretched.keys())
            return operand
        return copied(operand, scope)

    def copied(operand: Var, scope: _Scope) -> Operand:
        origin = Origin(None, Phase.REVERSE)
        match operand.type:
            case Sequence(kind=kind):
                items = _items_of(operand, operand.type, origin)
                scope.copies += items
                return Pack(kind, tuple(own(item.result, scope) for item in items))
            case ListOf():
                loop = _copies_of(operand, operand.type, origin)
                scope.copies.append(loop)
                return loop.collected[0].result
            case Unknown():
                result = operand.like(operand.type)
                scope.copies.append(Apply(result, owned, (operand,), (), origin))
                return result
            case _:
                result = operand.like(infer(np.copy, (operand,), {}))
                scope.copies.append(Apply(result, np.copy, (operand,), (), origin))
                return result

    def block(b: Block, chosen: tuple[int, ...] | None) -> Block:
        scope = _Scope.of(b, buffers)
        result = b.results[0]
        if chosen is None:
            new: Operand = own(result, scope)
        else:
            assert isinstance(result, Pack)
            items = list(result.items)
            for place in chosen:
                items[place] = own(items[place], scope)
            new = replace(result, items=tuple(items))
        return scope.finished(b, new)

    body = tuple(
        replace(s, block=block(s.block, None)) if isinstance(s, Define) else s
        for s in function.block.body
    )
    whole = replace(function.block, body=body)
    if places != ():
        whole = block(whole, places)
    return replace(function, block=whole)


def _items_of(operand: Var, t: Sequence, origin: Origin) -> list[Apply]:
    """Return statements that take the items out of a tuple or list."""
    return [
        Apply(Var("", item), operator.getitem, (operand, Const(place)), (), origin)
        for place, item in enumerate(t.items)
    ]


def _copies_of(operand: Var, t: ListOf, origin: Origin) -> Loop:
    """Return the loop that makes a list of copies."""
    element, copy = Var("", t.item), Var("", t.item)
    body = (Apply(copy, np.copy, (element,), (), origin),)
    copies = Collect(copy, operand.like(t))
    return Loop(For((Each(operand, element),)), (), body, (copies,), origin=origin)


def _is_scalar(operand: Operand) -> bool:
    t = type_of(operand)
    return isinstance(t, Scalar) or (isinstance(t, Array) and t.shape == ())
