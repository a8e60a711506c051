"""How the adjoint of a loop gets at what its body computed: iterate, recompute or collect."""

from __future__ import annotations

import builtins
import operator
from dataclasses import dataclass, replace

import numpy as np

from s2s_grad.analysis.indexing import index_items
from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Apply, Block, Loop, Operand, Statement, Var
from s2s_grad.ir.operators import all_of, any_of
from s2s_grad.ir.types import Array, ListOf, Range, Scalar, Sequence, Size, Type
from s2s_grad.ir.walk import (
    bound_vars,
    free_vars,
    operands_of,
    substitute,
    substitute_block,
    vars_of,
)

__all__ = ["Residuals", "plan_residuals"]

# Cheaper to do again than to keep and read back, on Python and NumPy scalars.
_CHEAP = {
    np.add,
    np.subtract,
    np.multiply,
    np.divide,
    np.negative,
    np.floor_divide,
    np.remainder,
    np.less,
    np.less_equal,
    np.greater,
    np.greater_equal,
    np.equal,
    np.not_equal,
    operator.not_,
    all_of,
    any_of,
}
# Free for arrays too: they make a view or ask for a fact.
_FREE = {
    np.shape,
    np.size,
    np.ndim,
    np.transpose,
    np.matrix_transpose,
    builtins.len,
    builtins.range,
}


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """What the adjoint body of a loop needs from outside of itself.

    `seqs` and `elements` are iterated with the reversed loop; `primal` is the loop with its new
    collected lists; `body` is the adjoint body with residuals replaced and recomputed.
    """

    primal: Loop
    seqs: tuple[Operand, ...]
    elements: tuple[Var, ...]
    body: Block


def plan_residuals(loop: Loop, adjoint: Block, *, iterable: bool) -> Residuals:
    """Decide for each variable of the loop's body that the adjoint body reads how to provide it.

    `iterable` says that the adjoint can run over the loop's own sequences: the loop is a `for`
    without an early exit.
    """
    own = set(bound_vars(loop.body))
    wanted = [var for var in free_vars(adjoint) if var in own]
    order = {var: place for place, var in enumerate(bound_vars(loop.body))}
    wanted.sort(key=lambda var: order[var])
    definitions = {s.result: s for s in loop.body.body if isinstance(s, Apply)}
    elements = dict(zip(loop.elements, loop.seqs, strict=True)) if iterable else {}

    collected: dict[Var, None] = {}
    recomputed: dict[Var, Apply] = {}
    iterated: dict[Var, None] = {}

    def plan_again(var: Var, chosen: dict[Var, Apply]) -> bool:
        """Extend `chosen` with what computes `var` again, if that is possible and cheap."""
        if var not in own or var in elements or var in collected:
            return True
        if var in recomputed or var in chosen:
            return True
        statement = definitions.get(var)
        if statement is None or not _is_cheap(statement):
            return False
        for operand in operands_of(statement):
            for inner in vars_of(operand):
                if not plan_again(inner, chosen):
                    return False
        chosen[var] = statement
        return True

    for var in wanted:
        if var in elements:
            continue
        chosen: dict[Var, Apply] = {}
        if plan_again(var, chosen):
            recomputed.update(chosen)
        else:
            collected[var] = None

    again: list[Statement] = sorted(recomputed.values(), key=lambda s: order[s.result])  # pyright: ignore
    read = {var for s in again for operand in operands_of(s) for var in vars_of(operand)}
    for var in elements:
        if var in wanted or var in read:
            iterated[var] = None
    return _assemble(loop, adjoint, again, list(iterated), list(collected))


def _assemble(
    loop: Loop,
    adjoint: Block,
    again: list[Statement],
    iterated: list[Var],
    collected: list[Var],
) -> Residuals:
    values: dict[Var, Operand] = {}
    seqs: list[Operand] = []
    elements: list[Var] = []
    own_seqs = dict(zip(loop.elements, loop.seqs, strict=True))
    for var in iterated:
        element = Var(var.hint, var.type, var.role)
        values[var] = element
        seqs.append(own_seqs[var])
        elements.append(element)
    lists: list[Var] = []
    length = _length(loop)
    known = dict(zip(loop.appended, loop.collected, strict=True))
    for var in collected:
        element = Var(var.hint, var.type, var.role)
        values[var] = element
        if var in known:
            seqs.append(known[var])
        else:
            out = Var(var.hint, ListOf(var.type, length), var.role)
            lists.append(out)
            seqs.append(out)
        elements.append(element)
    new = [item for item in collected if item not in known]
    copies: list[Statement] = []
    for statement in again:
        assert isinstance(statement, Apply)
        copied = substitute(statement, values)
        assert isinstance(copied, Apply)
        result = Var(statement.result.hint, statement.result.type, statement.result.role)
        values[statement.result] = result
        copies.append(
            replace(copied, result=result, origin=replace(copied.origin, expression=None))
        )
    body = tuple(substitute(statement, values) for statement in adjoint.body)
    mapped = substitute_block(Block((), (), adjoint.results), values).results
    end = len(loop.inits) + len(loop.collected)
    results = (*loop.body.results[:end], *new, *loop.body.results[end:])
    primal = replace(
        loop,
        body=replace(loop.body, results=results),
        collected=(*loop.collected, *lists),
    )
    block = Block(adjoint.params, (*copies, *body), mapped)
    return Residuals(primal, tuple(seqs), tuple(elements), block)


def _length(loop: Loop) -> Size | None:
    """Return the length of what the loop collects: that of its sequences, if it runs over all."""
    if loop.stop or loop.cond is not None:
        return None
    for seq in loop.seqs:
        match type_of(seq):
            case Array(shape=(first, *_)):
                return first
            case ListOf(length=length) | Range(length=length) if length is not None:
                return length
            case _:
                pass
    return None


def _is_cheap(statement: Apply) -> bool:
    if statement.fn in _FREE:
        return True
    if statement.fn is operator.getitem:
        return _is_cheap_read(statement)
    return statement.fn in _CHEAP and all(
        _is_small(type_of(operand)) for operand in (statement.result, *operands_of(statement))
    )


def _is_small(t: Type) -> bool:
    return isinstance(t, Scalar) or (isinstance(t, Array) and t.shape == ())


def _is_cheap_read(statement: Apply) -> bool:
    """Return whether a subscript reads one item or makes a view."""
    if isinstance(type_of(statement.args[0]), (Sequence, ListOf)):
        return True
    for item in index_items(statement.args[1]):
        t = type_of(item)
        if isinstance(t, Array) and t.shape != ():
            return False
    return True
