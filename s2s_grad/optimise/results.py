"""Give derivatives buffers of their own: never the caller's arrays, one another's, or a view."""

from __future__ import annotations

import operator
from dataclasses import replace

import numpy as np

from s2s_grad.analysis.buffers import find_buffers
from s2s_grad.analysis.infer import infer, type_of
from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Const,
    Define,
    Function,
    Loop,
    Operand,
    Origin,
    Pack,
    Phase,
    Statement,
    Var,
)
from s2s_grad.ir.types import Array, ListOf, Scalar, Sequence
from s2s_grad.ir.walk import results_of, statements_of
from s2s_grad.runtime import add_at, set_item

__all__ = ["own_results"]


def own_results(function: Function, places: tuple[int, ...] | None = None) -> Function:
    """Return the program with results copied where they would share a buffer.

    Parameters
    ----------
    function : Function
        The program of a derivative.
    places : tuple of int, optional
        Which items of a tuple result are derivatives; all by default.
    """
    # Updates are put in place later, so that what loops update are arrays of their own.
    updates = {
        s.result
        for s in statements_of(function.block)
        if isinstance(s, Apply) and s.fn in (set_item, add_at)
    }
    buffers = find_buffers(function, updates)
    seen: set[Var] = set()

    def own(
        operand: Operand, copies: list[Statement], definitions: dict[Var, Apply], scope: set[Var]
    ) -> Operand:
        if isinstance(operand, Pack):
            items = tuple(own(item, copies, definitions, scope) for item in operand.items)
            return replace(operand, items=items)
        if not isinstance(operand, Var):
            return operand
        if (isinstance(operand.type, Array) and operand.type.shape == ()) or isinstance(
            operand.type, Scalar
        ):
            return operand
        definition = definitions.get(operand)
        stretched = definition is not None and definition.fn is np.broadcast_to
        ids = buffers.of.get(operand, frozenset())
        fresh = ids and ids <= (buffers.owned & scope) and not ids & seen
        seen.update(ids)
        if fresh and not stretched:
            return operand
        origin = Origin(None, Phase.REVERSE)
        if stretched and definition is not None and _is_scalar(definition.args[0]):
            args = (definition.args[1], definition.args[0])
            made = Apply(operand.like(), np.full, args, (), origin)
        elif isinstance(operand.type, Sequence):
            items = _items_of(operand, operand.type, origin)
            copies.extend(items)
            copied = [own(item.result, copies, definitions, set()) for item in items]
            return Pack(operand.type.kind, tuple(copied))
        elif isinstance(operand.type, ListOf):
            made = _copies_of(operand, operand.type, origin)
            copies.append(made)
            return made.collected[0]
        else:
            result = operand.like(infer(np.copy, (operand,), {}))
            made = Apply(result, np.copy, (operand,), (), origin)
        copies.append(made)
        return made.result

    def block(b: Block, chosen: tuple[int, ...] | None) -> Block:
        definitions = {s.result: s for s in b.body if isinstance(s, Apply)}
        scope = {var for s in statements_of(b) for var in results_of(s)}
        copies: list[Statement] = []
        result = b.results[0]
        if chosen is None:
            new: Operand = own(result, copies, definitions, scope)
        else:
            assert isinstance(result, Pack)
            items = list(result.items)
            for place in chosen:
                items[place] = own(items[place], copies, definitions, scope)
            new = replace(result, items=tuple(items))
        if not copies:
            return b
        return replace(b, body=(*b.body, *copies), results=(new,))

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
    collected = Var(operand.hint, t, operand.role)
    return Loop((operand,), (), Block((element,), body, (copy,)), (), (collected,), origin=origin)


def _is_scalar(operand: Operand) -> bool:
    t = type_of(operand)
    return isinstance(t, Scalar) or (isinstance(t, Array) and t.shape == ())
