"""Rewriting of programs: one rewriter, one substitution.

Every function returns the object that it was given where nothing changes; so passes that find
nothing to do cost no memory, and whoever runs them sees that they are done.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar, assert_never, cast

from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Const,
    Define,
    Effect,
    For,
    Function,
    If,
    Loop,
    Operand,
    Pack,
    Statement,
    Var,
)
from s2s_grad.ir.walk import blocks_of, operands_of, results_of, same_items

__all__ = [
    "Edit",
    "copy_block",
    "map_blocks",
    "map_operand",
    "map_operands",
    "map_results",
    "rename",
    "rewrite",
    "substitute",
    "substitute_in",
    "with_block",
]

Edit = Callable[[Statement], Iterable[Statement] | None]
_S = TypeVar("_S", bound=Statement)


def rewrite(block: Block, edit: Edit, values: dict[Var, Operand] | None = None) -> Block:
    """Return the block with what `edit` gives instead of each statement, first to last.

    Parameters
    ----------
    block : Block
        What is rewritten.
    edit : callable
        Takes a statement and returns those that take its place; None keeps it, and rewrites the
        blocks inside of it.
    values : dict of Var to Operand, optional
        What is put in for variables that are read, before `edit` sees them; it may add to them.
    """
    known = {} if values is None else values

    def now(var: Var) -> Operand:
        return known.get(var, var)

    body: list[Statement] = []
    for old in block.body:
        statement = map_operands(old, now) if known else old
        instead = edit(statement)
        if instead is None:
            body.append(map_blocks(statement, lambda inner: rewrite(inner, edit, values)))
        else:
            body += instead
    results = tuple(map_operand(r, now) for r in block.results) if known else block.results
    if same_items(body, block.body) and same_items(results, block.results):
        return block
    return replace(block, body=tuple(body), results=results)


def substitute(block: Block, values: dict[Var, Operand]) -> Block:
    """Return the block with variables that it reads replaced."""
    return rewrite(block, lambda _: None, values)


def substitute_in(statement: _S, values: dict[Var, Operand]) -> _S:
    """Return the statement with variables replaced, also inside its blocks."""
    here = map_operands(statement, lambda var: values.get(var, var))
    return map_blocks(here, lambda block: substitute(block, values))


def copy_block(block: Block, values: dict[Var, Operand]) -> Block:
    """Return a copy of the block with fresh variables, its free ones replaced by `values`."""
    values = dict(values)

    def fresh(var: Var) -> Var:
        copy = dataclasses.replace(var)
        values[var] = copy
        return copy

    return _assigned_anew(block, fresh, values)


def rename(block: Block, new: dict[Var, Var]) -> Block:
    """Return the block with variables replaced where they are assigned and where they are read."""
    values: dict[Var, Operand] = {**new}
    return _assigned_anew(block, lambda var: new.get(var, var), values)


def _assigned_anew(block: Block, f: Callable[[Var], Var], values: dict[Var, Operand]) -> Block:
    """Return the block with `f` applied to what it assigns, and `values` put in for variables."""
    params = tuple(map(f, block.params))

    def edit(statement: Statement) -> Iterable[Statement]:
        inside = map_blocks(statement, lambda inner: _assigned_anew(inner, f, values))
        return (map_results(inside, f),)

    new = rewrite(block, edit, values)
    return new if same_items(params, block.params) else replace(new, params=params)


def with_block(function: Function, block: Block) -> Function:
    """Return the function with another block."""
    return function if block is function.block else replace(function, block=block)


def map_operand(operand: Operand, f: Callable[[Var], Operand]) -> Operand:
    """Return the operand with `f` applied to each variable in it."""
    match operand:
        case Var():
            return f(operand)
        case Const():
            return operand
        case Pack():
            items = tuple(map_operand(item, f) for item in operand.items)
            return operand if same_items(items, operand.items) else replace(operand, items=items)
        case _:
            assert_never(operand)


def map_operands(statement: _S, f: Callable[[Var], Operand]) -> _S:
    """Return the statement with `f` applied to each variable that it reads itself."""

    def each(operands: tuple[Operand, ...]) -> tuple[Operand, ...]:
        return tuple(map_operand(operand, f) for operand in operands)

    if all(map_operand(operand, f) is operand for operand in operands_of(statement)):
        return statement
    match statement:
        case Apply() | Effect():
            kwargs = tuple((name, map_operand(operand, f)) for name, operand in statement.kwargs)
            mapped = replace(statement, args=each(statement.args), kwargs=kwargs)
        case If():
            mapped = replace(statement, cond=map_operand(statement.cond, f))
        case Loop():
            mapped = _map_loop(statement, f)
        case _:
            raise AssertionError("a statement without operands")
    return cast(_S, mapped)


def _map_loop(loop: Loop, f: Callable[[Var], Operand]) -> Loop:
    head = loop.head
    if isinstance(head, For):
        each = (replace(e, sequence=map_operand(e.sequence, f)) for e in head.each)
        head = For(tuple(each), head.reverse)
    carried = tuple(replace(c, init=map_operand(c.init, f)) for c in loop.carried)
    return replace(loop, head=head, carried=carried)


def map_results(statement: _S, f: Callable[[Var], Var]) -> _S:
    """Return the statement with `f` applied to each variable that it assigns in its own scope."""
    new = {var: f(var) for var in results_of(statement)}
    if all(var is old for old, var in new.items()):
        return statement
    match statement:
        case If():
            merged = tuple(replace(m, result=new[m.result]) for m in statement.merged)
            mapped = replace(statement, merged=merged)
        case Loop():
            carried = tuple(replace(c, result=new[c.result]) for c in statement.carried)
            collected = tuple(replace(c, result=new[c.result]) for c in statement.collected)
            mapped = replace(statement, carried=carried, collected=collected)
        case Apply() | Effect() | Define():
            (result,) = new.values()
            mapped = replace(statement, result=result)
        case _:
            assert_never(statement)
    return cast(_S, mapped)


def map_blocks(statement: _S, f: Callable[[Block], Block]) -> _S:
    """Return the statement with `f` applied to each block directly inside it."""
    old = blocks_of(statement)
    new = [f(block) for block in old]
    if not old or same_items(new, old):
        return statement
    match statement:
        case If():
            mapped = If.of(statement.results, statement.cond, *new, origin=statement.origin)
        case Loop():
            mapped = statement.with_blocks(None if statement.cond is None else new[0], new[-1])
        case Define():
            mapped = replace(statement, block=new[0])
        case _:
            raise AssertionError("a statement without blocks")
    return cast(_S, mapped)
