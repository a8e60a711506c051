"""How the adjoint of a loop gets at what its body computed: iterate, recompute, undo or collect."""

from __future__ import annotations

from dataclasses import dataclass, replace

from s2s_grad.analysis.trips import trips_of
from s2s_grad.differentiate.facts import Facts
from s2s_grad.differentiate.recompute import Again, ask_for_shapes, copy_again
from s2s_grad.differentiate.undo import Undo, take_back
from s2s_grad.ir.nodes import Apply, Block, Loop, Operand, Var
from s2s_grad.ir.types import ListOf
from s2s_grad.ir.walk import (
    free_vars,
    substitute,
    substitute_block,
)

__all__ = ["Residuals", "plan_residuals"]


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


def plan_residuals(
    loop: Loop, adjoint: Block, facts: Facts, undo: Undo, *, iterable: bool
) -> Residuals:
    """Decide for each variable of the loop's body that the adjoint body reads how to provide it.

    `iterable` says that the adjoint can run over the loop's own sequences: the loop is a `for`
    without an early exit. The results of the adjoint body end with the arrays taken back.
    """
    elements = dict(zip(loop.elements, loop.seqs, strict=True)) if iterable else {}
    body, adjoint = ask_for_shapes(loop.body, adjoint, facts, elements)
    back = take_back(body, adjoint, undo)
    body, adjoint = back.primal, back.adjoint
    loop = replace(loop, body=body)
    again = Again(body, facts, elements)
    wanted = [var for var in free_vars(adjoint) if var in again.own]
    wanted.sort(key=lambda var: again.order[var])
    collected: dict[Var, None] = {var: None for var in wanted if var in back.kept}
    for var in wanted:
        if var not in elements and var not in collected and not again.can(var, collected):
            collected[var] = None
    read = again.reads()
    iterated = [var for var in elements if var in wanted or var in read]
    in_order = sorted(collected, key=lambda var: again.order[var])
    return _assemble(loop, adjoint, again.statements(), iterated, in_order)


def _assemble(
    loop: Loop,
    adjoint: Block,
    again: list[Apply],
    iterated: list[Var],
    collected: list[Var],
) -> Residuals:
    values: dict[Var, Operand] = {}
    seqs: list[Operand] = []
    elements: list[Var] = []
    own_seqs = dict(zip(loop.elements, loop.seqs, strict=True))
    for var in iterated:
        element = var.like()
        values[var] = element
        seqs.append(own_seqs[var])
        elements.append(element)
    lists: list[Var] = []
    length = None if loop.stop or loop.cond is not None else trips_of(loop)
    known = dict(zip(loop.appended, loop.collected, strict=True))
    for var in collected:
        element = var.like()
        values[var] = element
        if var in known:
            seqs.append(known[var])
        else:
            out = var.like(ListOf(var.type, length))
            lists.append(out)
            seqs.append(out)
        elements.append(element)
    new = [item for item in collected if item not in known]
    copies = copy_again(again, values)
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
