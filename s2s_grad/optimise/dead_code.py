"""Drop statements, results, carried values and collected lists that nobody reads.

What may raise stays, without its result, unless its derivative raises where it does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.liveness import has_effect
from s2s_grad.analysis.may_raise import Raising, has_one_truth
from s2s_grad.ir.nodes import (
    NOWHERE,
    Apply,
    Block,
    Define,
    Effect,
    Function,
    If,
    Loop,
    Operand,
    Phase,
    Statement,
    Var,
)
from s2s_grad.ir.walk import (
    blocks_of,
    free_vars,
    operands_of,
    results_of,
    statements_of,
    substitute_block,
    vars_of,
)

__all__ = ["remove_dead_code"]


def remove_dead_code(function: Function) -> Function:
    """Return the program without what its result and its effects do not need."""
    block = _Remover(Raising(function.block)).block(function.block)
    return function if block is function.block else replace(function, block=block)


class _Remover:
    def __init__(self, raising: Raising) -> None:
        self.raising = raising

    def block(self, block: Block) -> Block:
        live: set[Var] = {var for operand in block.results for var in vars_of(operand)}
        kept: list[Statement] = []
        for statement in reversed(block.body):
            needed = has_effect(statement) or any(v in live for v in results_of(statement))
            slim = (self.statement(statement, live),) if needed else self.check(statement)
            kept.extend(reversed(slim))
            for part in slim:
                live.update(var for operand in operands_of(part) for var in vars_of(operand))
                for inner in blocks_of(part):
                    live.update(free_vars(inner))
        body = tuple(reversed(kept))
        same = len(body) == len(block.body) and all(
            a is b for a, b in zip(body, block.body, strict=True)
        )
        return block if same else replace(block, body=body)

    def check(self, statement: Statement) -> tuple[Statement, ...]:
        """Return what is left of a statement whose results nobody reads: where it may raise."""
        match statement:
            case Apply():
                return self.raising.as_check(statement) if self.may_raise(statement) else ()
            case If() | Loop():
                slim = self.statement(statement, set())
                # What one round of a loop hands to the next is read, and yet by nobody.
                inner = (s for block in blocks_of(slim) for s in statements_of(block))
                if has_effect(slim) or any(self.may_raise(s) for s in inner):
                    return (slim,)
                if isinstance(slim, If) and not has_one_truth(type_of(slim.cond)):
                    if slim.origin.phase is Phase.PRIMAL:
                        return (Effect(None, bool, (slim.cond,), (), slim.origin),)
                return ()
            case _:
                return ()

    def may_raise(self, statement: Statement) -> bool:
        """Return whether the user's statement may raise where its derivative does not."""
        if not isinstance(statement, Apply) or statement.covered:
            return False
        made = statement.origin
        own = made.phase is Phase.PRIMAL and made is not NOWHERE
        return own and self.raising.may_raise(statement)

    def statement(self, statement: Statement, live: set[Var]) -> Statement:
        match statement:
            case Apply():
                return statement
            case Effect(result=result):
                unused = result is not None and result not in live
                return replace(statement, result=None) if unused else statement
            case Define():
                block = self.block(statement.block)
                return statement if block is statement.block else replace(statement, block=block)
            case If():
                return self.branch(statement, live)
            case Loop():
                return self.loop(statement, live)
            case _:
                assert_never(statement)

    def branch(self, statement: If, live: set[Var]) -> If:
        places = [i for i, result in enumerate(statement.results) if result in live]
        then, orelse = (
            self.block(
                block
                if len(places) == len(block.results)
                else replace(block, results=tuple(block.results[i] for i in places))
            )
            for block in (statement.then, statement.orelse)
        )
        if then is statement.then and orelse is statement.orelse:
            return statement
        results = tuple(statement.results[i] for i in places)
        return replace(statement, results=results, then=then, orelse=orelse)

    def loop(self, loop: Loop, live: set[Var]) -> Loop:
        loop = _invariant_carries(loop)
        lists = [k for k, out in enumerate(loop.collected) if out in live]
        slots = self.needed_slots(loop, live, lists)
        count = len(loop.inits)
        if len(slots) < count or len(lists) < len(loop.collected):
            flag = loop.body.results[-1:] if loop.stop else ()
            results = (
                *(loop.yields[j] for j in slots),
                *(loop.appended[k] for k in lists),
                *flag,
            )
            params = (*loop.elements, *(loop.carried[j] for j in slots))
            cond = loop.cond
            if cond is not None:
                cond = replace(cond, params=tuple(cond.params[j] for j in slots))
            loop = replace(
                loop,
                inits=tuple(loop.inits[j] for j in slots),
                results=tuple(loop.results[j] for j in slots),
                collected=tuple(loop.collected[k] for k in lists),
                body=replace(loop.body, params=params, results=results),
                cond=cond,
            )
        body = self.block(loop.body)
        cond = None if loop.cond is None else self.block(loop.cond)
        if body is not loop.body or cond is not loop.cond:
            loop = replace(loop, body=body, cond=cond)
        return _needed_seqs(loop)

    def needed_slots(self, loop: Loop, live: set[Var], lists: list[int]) -> list[int]:
        """Return the carried values that the results, lists, condition or effects depend on."""
        params = {param: j for j, param in enumerate(loop.carried)}
        needed = {j for j, result in enumerate(loop.results) if result in live}
        roots: list[Operand] = [loop.appended[k] for k in lists]
        if loop.stop:
            roots.append(loop.body.results[-1])
        if loop.cond is not None:
            read = free_vars(replace(loop.cond, params=()))
            needed |= {j for j, param in enumerate(loop.cond.params) if param in read}
        while True:
            results = (*roots, *(loop.yields[j] for j in sorted(needed)))
            slim = self.block(replace(loop.body, params=(), results=results))
            found = needed | {params[var] for var in free_vars(slim) if var in params}
            if found == needed:
                return sorted(needed)
            needed = found


def _invariant_carries(loop: Loop) -> Loop:
    """Replace a carried value that every iteration passes on unchanged by its initial value."""
    values: dict[Var, Operand] = {}
    for init, param, value in zip(loop.inits, loop.carried, loop.yields, strict=True):
        if value is param:
            values[param] = init
    if not values:
        return loop
    if loop.cond is not None:
        pairs = zip(loop.cond.params, loop.carried, strict=True)
        cond_values = {c: values[p] for c, p in pairs if p in values}
        loop = replace(loop, cond=substitute_block(loop.cond, cond_values))
    # The slot itself stays for its result and goes when nobody reads that.
    body = substitute_block(loop.body, values)
    keep = tuple(
        param if param in values else result
        for param, result in zip(loop.carried, body.results, strict=False)
    )
    return replace(loop, body=replace(body, results=(*keep, *body.results[len(keep) :])))


def _needed_seqs(loop: Loop) -> Loop:
    """Drop sequences whose elements are not read; one stays to count the iterations."""
    if len(loop.seqs) <= 1:
        return loop
    read = free_vars(replace(loop.body, params=()))
    places = [i for i, element in enumerate(loop.elements) if element in read]
    places = places or [0]
    if len(places) == len(loop.seqs):
        return loop
    params = (*(loop.elements[i] for i in places), *loop.carried)
    seqs = tuple(loop.seqs[i] for i in places)
    return replace(loop, seqs=seqs, body=replace(loop.body, params=params))
