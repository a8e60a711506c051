"""Drop statements, results, carried values and collected lists that nobody reads.

What may raise stays, without its result, unless its derivative raises where it does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.liveness import has_effect
from s2s_grad.analysis.marking import Marking
from s2s_grad.analysis.may_raise import Raising, has_one_truth
from s2s_grad.ir.nodes import (
    NOWHERE,
    Apply,
    Block,
    Define,
    Effect,
    For,
    Function,
    If,
    Loop,
    Operand,
    Phase,
    Statement,
    Var,
)
from s2s_grad.ir.rewrite import map_blocks, rewrite, with_block
from s2s_grad.ir.walk import blocks_of, operands_of, visit

__all__ = ["remove_dead_code"]


def remove_dead_code(function: Function) -> Function:
    """Return the program without what its result and its effects do not need."""
    block = _skip_invariant_carries(function.block, {})
    remover = _Remover(Raising(function.block), Marking(block))
    remover.marking.mark(block.results)
    remover.observe(block)
    remover.marking.count_rounds()
    block = remover.block(block)
    return with_block(function, block)


class _Remover:
    def __init__(self, raising: Raising, marking: Marking) -> None:
        self.raising = raising
        self.marking = marking
        self.live = marking.live
        self.checks: dict[Statement, tuple[Statement, ...]] = {}

    # -------------------------------------------------------------------------- what is observed

    def observe(self, block: Block) -> None:
        """Mark what effects and errors need, from the last one to the first."""
        observed: set[Statement] = set()

        def leave(statement: Statement) -> None:
            if self.is_observed(statement, observed):
                observed.add(statement)

        visit(block, enter=self.may_run, leave=leave, backwards=True)

    def may_run(self, statement: Statement) -> bool:
        return not isinstance(statement, Define) or statement.result in self.live

    def is_observed(self, statement: Statement, observed: set[Statement]) -> bool:
        match statement:
            case Apply() | Effect():
                return self.is_call_observed(statement)
            case If() | Loop():
                if any(s in observed for block in blocks_of(statement) for s in block.body):
                    self.marking.keep(statement)
                    return True
                return self.is_truth_asked(statement)
            case Define():
                return False
            case _:
                assert_never(statement)

    def is_call_observed(self, statement: Apply | Effect) -> bool:
        if isinstance(statement, Effect) or has_effect(statement):
            self.marking.mark(operands_of(statement))
            return True
        # What is read stays as it is, and so does the region that it is in.
        if statement.result in self.live or not self.may_raise(statement):
            return False
        self.check(statement, self.raising.as_check(statement))
        return True

    def is_truth_asked(self, region: If | Loop) -> bool:
        """Return whether what does nothing may raise where it asks for a truth."""
        tested = None if self.marking.is_kept(region) else _tested(region)
        primal = region.origin.phase is Phase.PRIMAL
        if tested is None or not primal or has_one_truth(type_of(tested)):
            return False
        if isinstance(region, Loop):
            self.marking.keep(region)
        else:
            self.check(region, (Effect(None, bool, (tested,), (), region.origin),))
        return True

    def check(self, statement: Statement, parts: tuple[Statement, ...]) -> None:
        """Note what is left of a statement if nobody reads its results: where it may raise."""
        self.checks[statement] = parts
        for part in parts:
            self.marking.mark(operands_of(part))

    def may_raise(self, statement: Apply) -> bool:
        """Return whether the user's statement may raise where its derivative does not."""
        if statement.covered:
            return False
        made = statement.origin
        if made.phase is not Phase.PRIMAL or made is NOWHERE:
            return False
        return self.raising.may_raise(statement)

    # ------------------------------------------------------------------------------ what is left

    def block(self, block: Block) -> Block:
        return rewrite(block, self.left_of)

    def left_of(self, statement: Statement) -> tuple[Statement, ...]:
        match statement:
            case Effect(result=result):
                unused = result is not None and result not in self.live
                return (replace(statement, result=None) if unused else statement,)
            case Apply():
                if statement.result in self.live or has_effect(statement):
                    return (statement,)
            case Define():
                if statement.result in self.live:
                    return (map_blocks(statement, self.block),)
            case If():
                if self.marking.is_kept(statement):
                    return (self.branch(statement),)
            case Loop():
                if self.marking.is_kept(statement):
                    return (self.loop(statement),)
            case _:
                assert_never(statement)
        return self.checks.get(statement, ())

    def branch(self, statement: If) -> If:
        merged = tuple(merge for merge in statement.merged if merge.result in self.live)
        if len(merged) < len(statement.merged):
            statement = replace(statement, merged=merged)
        return map_blocks(statement, self.block)

    def loop(self, loop: Loop) -> Loop:
        head = loop.head
        carried = tuple(carry for carry in loop.carried if carry.parameter in self.live)
        collected = tuple(collect for collect in loop.collected if collect.result in self.live)
        if isinstance(head, For):
            each = tuple(e for e in head.each if e.element in self.live) or head.each[:1]
            head = head if len(each) == len(head.each) else For(each, head.reverse)
        kept = (head, len(carried), len(collected))
        if kept != (loop.head, len(loop.carried), len(loop.collected)):
            loop = replace(loop, head=head, carried=carried, collected=collected)
        return map_blocks(loop, self.block)


def _tested(region: If | Loop) -> Operand | None:
    """Return the condition of a branch or of a loop."""
    if isinstance(region, If):
        return region.cond
    return None if region.cond is None else region.cond.results[0]


def _skip_invariant_carries(block: Block, values: dict[Var, Operand]) -> Block:
    """Replace carried values that every iteration passes on unchanged by their initial value.

    The slots themselves stay for their results, and go where nobody reads those.
    """

    def edit(old: Statement) -> Iterable[Statement] | None:
        if not isinstance(old, Loop):
            return None
        passed = [carry.next is carry.parameter for carry in old.carried]
        for carry in old.carried:
            if carry.next is carry.parameter:
                values[carry.parameter] = carry.init
                if carry.tested is not None:
                    values[carry.tested] = carry.init
        new = map_blocks(old, lambda inner: _skip_invariant_carries(inner, values))
        if True not in passed:
            return (new,)
        pairs = zip(new.carried, passed, strict=True)
        carried = tuple(replace(c, next=c.parameter) if same else c for c, same in pairs)
        return (replace(new, carried=carried),)

    return rewrite(block, edit, values)
