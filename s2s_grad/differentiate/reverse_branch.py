"""The adjoint of `If`: the same condition, and in each branch the adjoint of that branch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from s2s_grad.analysis.chains import chain_of
from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.liveness import needed
from s2s_grad.analysis.sizes import fresh_dim
from s2s_grad.differentiate.cotangents import Cotangents, Masked, zeros_of
from s2s_grad.differentiate.facts import Facts
from s2s_grad.differentiate.recompute import Again, ask_for_shapes, copy_again
from s2s_grad.differentiate.undo import Undo, Undone, take_back
from s2s_grad.ir.nodes import UNDEFINED, Block, If, Merge, Operand, Role, Statement, Var
from s2s_grad.ir.rewrite import substitute
from s2s_grad.ir.types import ListOf, join
from s2s_grad.ir.walk import bound_vars, free_vars

__all__ = ["reverse_branch"]

WalkBack = Callable[[tuple[Statement, ...], Cotangents, Facts], tuple[Statement, ...]]


def reverse_branch(statement: If, cotangents: Cotangents, facts: Facts, walk_back: WalkBack) -> If:
    """Append the adjoint of an `If`; return it with the residuals of its branches as results."""
    builder = cotangents.builder
    seeds = {
        merge: cotangents.dense(value)
        for merge in statement.merged
        if (value := cotangents.take(merge.result)) is not None and merge.result in facts.active
    }
    undone = [merge for merge in statement.merged if merge.result in _versions(facts)]
    if not seeds and not undone:
        return statement
    for var in [var for var, value in cotangents.values.items() if isinstance(value, Masked)]:
        cotangents.values[var] = cotangents.dense(cotangents.values[var])
    for var in list(cotangents.parts):
        whole = cotangents.peek(var)
        cotangents.parts.pop(var)
        assert whole is not None
        cotangents.values[var] = whole
    branches: list[tuple[Block, Cotangents, list[Statement]]] = []
    for branch in (statement.then, statement.orelse):
        with builder.nested() as body:
            inner = Cotangents(builder, cotangents.with_complex, cotangents)
            values = dict(zip(statement.merged, branch.results, strict=True))
            for merge, seed in seeds.items():
                inner.add(values[merge], seed)
            augmented = walk_back(branch.body, inner, facts)
            branches.append((replace(branch, body=augmented), inner, body))
    touched = _touched(cotangents, branches)
    yields: list[list[Operand]] = [[], []]
    selected = {var for var in touched if any(inner.has_zeros(var) for _, inner, _ in branches)}
    for side, (_, inner, body) in enumerate(branches):
        with builder.nested() as tail:
            for var in touched:
                value = inner.dense_value(var)
                listed = isinstance(var.type, ListOf)
                if value is None and listed and var in facts.undefined:
                    # A list of residuals exists on the path that reads it, and only there.
                    value = UNDEFINED
                yields[side].append(zeros_of(builder, var) if value is None else value)
        body.extend(tail)
    blocks = [
        Block((), needed(body, (*values, *inner.restored.values())), tuple(values))
        for (_, inner, body), values in zip(branches, yields, strict=True)
    ]
    undos = [_undo(statement, inner, block, undone, facts) for block, inner, _ in branches]
    primal, blocks = _hand_out(statement, branches, blocks, undos, facts)
    then, orelse = blocks
    ways = zip(then.results, orelse.results, strict=True)
    bars = {
        var: Merge(var.like(join(type_of(a), type_of(b), fresh_dim), Role.COTANGENT), a, b)
        for var, (a, b) in zip(touched, ways, strict=False)
    }
    arrays = [Merge(m.result.like(), a, b) for m, (a, b) in zip(undone, ways, strict=True)]
    merged = (*bars.values(), *arrays)
    if merged:
        builder.append(If(statement.cond, merged, then.body, orelse.body, builder.origin))
    cotangents.values |= {var: bar.result for var, bar in bars.items()}
    cotangents.selected = cotangents.selected.difference(touched) | selected
    cotangents.restored |= zip(undos[0].firsts, (array.result for array in arrays), strict=True)
    return primal


def _versions(facts: Facts) -> frozenset[Var]:
    return frozenset() if facts.undone is None else facts.undone.versions


def _undo(
    statement: If, inner: Cotangents, branch: Block, undone: list[Merge], facts: Facts
) -> Undo:
    """Return what a branch takes back: from the results of the `If` to where both come from."""
    lasts: list[tuple[Var, Operand]] = []
    firsts: list[Var] = []
    values = dict(zip(statement.merged, branch.results, strict=True))
    for merge in undone:
        chain = chain_of(branch, values[merge], _versions(facts))
        assert chain is not None, "only arrays with a chain are chosen"
        lasts.append((chain.versions[0], merge.result))
        firsts.append(chain.first)
    return Undo(tuple(lasts), tuple(firsts), inner.restored, facts.undone or Undone())


def _touched(
    outer: Cotangents, branches: list[tuple[Block, Cotangents, list[Statement]]]
) -> list[Var]:
    """Return the outer variables whose cotangent a branch changes, in a fixed order."""
    found: dict[Var, None] = {}
    for block, inner, _ in branches:
        own = set(bound_vars(block))
        for var in (*inner.values, *inner.parts):
            changed = inner.values.get(var) is not outer.values.get(var) or var in inner.parts
            if changed and var not in own:
                found.setdefault(var)
    return list(found)


def _hand_out(
    statement: If,
    branches: list[tuple[Block, Cotangents, list[Statement]]],
    adjoints: list[Block],
    undos: list[Undo],
    facts: Facts,
) -> tuple[If, list[Block]]:
    """Give the primal `If` a result for each variable of a branch that its adjoint reads."""
    handed: list[Merge] = []
    blocks: list[Block] = []
    augmented: list[Block] = []
    for side, ((primal, *_), adjoint) in enumerate(zip(branches, adjoints, strict=True)):
        primal, adjoint = ask_for_shapes(primal, adjoint, facts, ())
        back = take_back(primal, adjoint, undos[side])
        primal, adjoint = back.primal, back.adjoint
        augmented.append(primal)
        again = Again(primal, facts, ())
        pairs = zip(primal.results, statement.results, strict=True)
        values: dict[Var, Operand] = {a: b for a, b in pairs if isinstance(a, Var)}
        for var in [var for var in free_vars(adjoint) if var in again.own]:
            if var not in values and (var in back.kept or not again.can(var, values)):
                out = var.like()
                handed.append(Merge(out, UNDEFINED, var) if side else Merge(out, var, UNDEFINED))
                values[var] = out
        copies = copy_again(again.statements(), values)
        mapped = substitute(adjoint, values)
        blocks.append(replace(mapped, body=(*copies, *mapped.body)))
    own = If.of(statement.results, statement.cond, *augmented, origin=statement.origin)
    return replace(own, merged=(*own.merged, *handed)), blocks
