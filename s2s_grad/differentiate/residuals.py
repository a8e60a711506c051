"""How the adjoint of a loop gets at what its body computed: iterate, recompute, undo or collect."""

from __future__ import annotations

from dataclasses import dataclass, replace

from s2s_grad.analysis.trips import trips_of
from s2s_grad.differentiate.facts import Facts
from s2s_grad.differentiate.recompute import Again, ask_for_shapes, copy_again
from s2s_grad.differentiate.undo import Undo, take_back
from s2s_grad.ir.nodes import Apply, Block, Collect, Each, Loop, Operand, Var, While
from s2s_grad.ir.rewrite import substitute
from s2s_grad.ir.types import ListOf
from s2s_grad.ir.walk import free_vars

__all__ = ["Residuals", "plan_residuals"]


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """What the adjoint body of a loop needs from outside of itself.

    `each` is iterated with the reversed loop; `primal` is the loop with its new
    collected lists; `body` is the adjoint body with residuals replaced and recomputed.
    """

    primal: Loop
    each: tuple[Each, ...]
    body: Block


def plan_residuals(
    loop: Loop, adjoint: Block, facts: Facts, undo: Undo, *, iterable: bool
) -> Residuals:
    """Decide for each variable of the loop's body that the adjoint body reads how to provide it.

    `iterable` says that the adjoint can run over the loop's own sequences: the loop is a `for`
    without an early exit. The results of the adjoint body end with the arrays taken back.
    """
    elements = {e.element: e.sequence for e in loop.each} if iterable else {}
    body, adjoint = ask_for_shapes(loop.body, adjoint, facts, elements)
    back = take_back(body, adjoint, undo)
    body, adjoint = back.primal, back.adjoint
    loop = loop.with_blocks(loop.cond, body)
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
    own = {each.element: each.sequence for each in loop.each}
    length = None if loop.stop is not None or isinstance(loop.head, While) else trips_of(loop)
    known: dict[Operand, Var] = {collect.item: collect.result for collect in loop.collected}
    lists = [Collect(v, v.like(ListOf(v.type, length))) for v in collected if v not in known]
    known |= {collect.item: collect.result for collect in lists}
    each = {var: Each(own[var], var.like()) for var in iterated}
    each |= {var: Each(known[var], var.like()) for var in collected}
    values: dict[Var, Operand] = {var: made.element for var, made in each.items()}
    copies = copy_again(again, values)
    mapped = substitute(adjoint, values)
    primal = replace(loop, collected=(*loop.collected, *lists))
    block = Block(adjoint.params, (*copies, *mapped.body), mapped.results)
    return Residuals(primal, tuple(each.values()), block)
