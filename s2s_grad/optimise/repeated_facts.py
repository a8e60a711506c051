"""Ask for a shape at each place where it is read: that reads better than a name of its own.

The same goes for the arithmetic of such sizes that only says what a loop runs over.
"""

from __future__ import annotations

import builtins
import operator
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Apply, Block, Const, Function, Loop, Operand, Role, Statement, Var
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.rewrite import map_blocks, map_operand, map_operands, map_results, rewrite
from s2s_grad.ir.types import Array, Scalar
from s2s_grad.ir.walk import blocks_of, operands_of, statements_of, vars_of

__all__ = ["repeat_facts"]


def repeat_facts(function: Function) -> Function:
    """Return the program with shapes, and the ranges made of them, computed where they are read."""
    facts = _find(function)
    if not facts:
        return function
    return replace(function, block=_block(function.block, facts))


def _find(function: Function) -> dict[Var, Apply]:
    """Return the statements to repeat: last those that are made of others."""
    readers = _readers(function)
    heads = Counter(
        each.sequence
        for s in statements_of(function.block)
        if isinstance(s, Loop)
        for each in s.each
        if isinstance(each.sequence, Var)
    )
    facts: dict[Var, Apply] = {}
    for s in statements_of(function.block):
        if isinstance(s, Apply) and _asks(s, facts):
            facts[s.result] = s
    ranges = {
        s.result: s
        for s in statements_of(function.block)
        if isinstance(s, Apply)
        and s.fn is builtins.range
        and not _named(s.result)
        and heads[s.result] == len(readers.get(s.result, ()))
    }
    chosen: set[Statement | None] = set(ranges.values())
    for s in reversed(list(statements_of(function.block))):
        if isinstance(s, Apply) and primitive(s.fn).arithmetic and not _named(s.result):
            small = isinstance(type_of(s.result), Scalar)
            if small and s.result in readers and chosen.issuperset(readers[s.result]):
                chosen.add(s)
    plain = {s.result: s for s in chosen if isinstance(s, Apply)}
    return facts | plain


def _readers(function: Function) -> dict[Var, list[Statement | None]]:
    """Return the statements that read each variable; None for the end of a block."""
    readers: dict[Var, list[Statement | None]] = {}

    def read(operand: Operand, reader: Statement | None) -> None:
        for var in vars_of(operand):
            readers.setdefault(var, []).append(reader)

    for result in function.block.results:
        read(result, None)
    for s in statements_of(function.block):
        for operand in operands_of(s):
            read(operand, s)
        for inner in blocks_of(s):
            for result in inner.results:
                read(result, None)
    return readers


def _asks(statement: Apply, facts: dict[Var, Apply]) -> bool:
    if _named(statement.result) or statement.kwargs:
        return False
    first = statement.args[0] if statement.args else None
    if statement.fn in (np.shape, np.size, builtins.len) and len(statement.args) == 1:
        return isinstance(first, Var) and isinstance(first.type, Array)
    if statement.fn is operator.getitem and isinstance(statement.args[1], Const):
        made = facts.get(first) if isinstance(first, Var) else None
        return made is not None and made.fn is np.shape
    return False


def _named(var: Var) -> bool:
    return var.role is Role.USER and bool(var.hint)


def _block(block: Block, facts: dict[Var, Apply]) -> Block:
    known: dict[Var, Var] = {}  # for the statement at hand
    made: list[Statement] = []

    def again(var: Var) -> Operand:
        """Make what computes a fact and return its new variable."""
        fact = facts.get(var)
        if fact is None:
            return var
        if var not in known:
            copied = map_operands(fact, again)
            known[var] = replace(var)
            made.append(map_results(copied, lambda _: known[var]))
        return known[var]

    def edit(s: Statement) -> Iterable[Statement]:
        if isinstance(s, Apply) and s.result in facts:
            return ()
        known.clear()
        made.clear()
        read = map_operands(s, again)
        return (*made, map_blocks(read, lambda inner: _block(inner, facts)))

    new = rewrite(block, edit)
    known.clear()
    made.clear()
    results = tuple(map_operand(result, again) for result in block.results)
    return replace(new, body=(*new.body, *made), results=results)
