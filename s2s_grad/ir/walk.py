"""What is in a program: operands, results, blocks, statements in order, free variables."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import assert_never

from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Const,
    Define,
    Effect,
    If,
    Loop,
    Operand,
    Pack,
    Statement,
    Var,
)
from s2s_grad.ir.types import same_static

__all__ = [
    "blocks_in",
    "blocks_of",
    "bound_vars",
    "count_uses",
    "entering",
    "free_vars",
    "item_at",
    "leaving",
    "operands_in",
    "operands_of",
    "results_of",
    "same_items",
    "same_operand",
    "statements_of",
    "vars_of",
    "visit",
]


def vars_of(operand: Operand) -> Iterator[Var]:
    """Yield the variables in an operand, left to right."""
    match operand:
        case Var():
            yield operand
        case Const():
            pass
        case Pack():
            for item in operand.items:
                yield from vars_of(item)
        case _:
            assert_never(operand)


def same_operand(a: Operand, b: Operand) -> bool:
    """Return whether two operands are one value."""
    if a is b:
        return True
    if isinstance(a, Const) and isinstance(b, Const):
        return same_static(a.value, b.value)
    if isinstance(a, Pack) and isinstance(b, Pack):
        alike = a.kind is b.kind and a.keys == b.keys and len(a.items) == len(b.items)
        return alike and all(same_operand(x, y) for x, y in zip(a.items, b.items, strict=True))
    return False


def same_items(a: Sequence[object], b: Sequence[object]) -> bool:
    """Return whether two sequences hold the same objects."""
    return len(a) == len(b) and all(map(operator.is_, a, b))


def item_at(pack: Pack, key: object) -> Operand:
    """Return the item of a container at an index or key."""
    if pack.keys:
        return pack.items[pack.keys.index(key)]
    assert isinstance(key, int)
    return pack.items[key]


def operands_of(statement: Statement) -> tuple[Operand, ...]:
    """Return the operands that a statement reads itself, outside its blocks."""
    match statement:
        case Apply() | Effect():
            return (*statement.args, *(operand for _, operand in statement.kwargs))
        case If():
            return (statement.cond,)
        case Loop():
            sequences = (each.sequence for each in statement.each)
            return (*sequences, *(carry.init for carry in statement.carried))
        case Define():
            return ()
        case _:
            assert_never(statement)


def results_of(statement: Statement) -> tuple[Var, ...]:
    """Return the variables that a statement assigns in its own scope."""
    match statement:
        case Apply() | Define():
            return (statement.result,)
        case Effect():
            return () if statement.result is None else (statement.result,)
        case If():
            return statement.results
        case Loop():
            return tuple(made.result for made in (*statement.carried, *statement.collected))
        case _:
            assert_never(statement)


def blocks_of(statement: Statement) -> tuple[Block, ...]:
    """Return the blocks inside a statement."""
    match statement:
        case Apply() | Effect():
            return ()
        case If():
            return (statement.then, statement.orelse)
        case Loop():
            return (statement.body,) if statement.cond is None else (statement.cond, statement.body)
        case Define():
            return (statement.block,)
        case _:
            assert_never(statement)


def statements_of(block: Block) -> Iterator[Statement]:
    """Yield every statement of a block and of the blocks inside it, outer before inner."""
    for statement in block.body:
        yield statement
        for inner in blocks_of(statement):
            yield from statements_of(inner)


def visit(
    block: Block,
    *,
    enter: Callable[[Statement], bool | None] | None = None,
    leave: Callable[[Statement], object] | None = None,
    begin: Callable[[Block], object] | None = None,
    end: Callable[[Block], object] | None = None,
    backwards: bool = False,
) -> None:
    """Call functions with every statement and block.

    `enter` is called before the blocks of a statement are visited, which it may prevent by
    returning False, and `leave` behind them; `begin` and `end` before and behind the statements of
    a block. With `backwards`, the last statement and the last block come first.
    """

    def inside(block: Block) -> None:
        if begin is not None:
            begin(block)
        for statement in reversed(block.body) if backwards else block.body:
            if enter is None or enter(statement) is not False:
                inner = blocks_of(statement)
                for each in reversed(inner) if backwards else inner:
                    inside(each)
            if leave is not None:
                leave(statement)
        if end is not None:
            end(block)

    inside(block)


def blocks_in(block: Block) -> Iterator[Block]:
    """Yield a block and those inside it."""
    yield block
    for statement in statements_of(block):
        yield from blocks_of(statement)


def operands_in(block: Block) -> Iterator[Operand]:
    """Yield every operand that is read in a block and in those inside it, in order."""
    for statement in block.body:
        yield from operands_of(statement)
        for inner in blocks_of(statement):
            yield from operands_in(inner)
    yield from block.results


def free_vars(block: Block) -> dict[Var, None]:
    """Return the variables that a block reads and does not define, in order of first reading."""
    read = {var: None for operand in operands_in(block) for var in vars_of(operand)}
    for var in bound_vars(block):
        read.pop(var, None)
    return read


def entering(loop: Loop) -> list[tuple[Var, Operand]]:
    """Return what the variables of a loop's body are in its first iteration."""
    elements = [(each.element, each.sequence) for each in loop.each]
    return elements + [(carry.parameter, carry.init) for carry in loop.carried]


def leaving(region: If | Loop) -> list[tuple[Var, Operand]]:
    """Return what each result of a region may be of what is inside of it."""
    if isinstance(region, If):
        return [(m.result, way) for m in region.merged for way in (m.then, m.orelse)]
    carried: list[tuple[Var, Operand]] = [(c.result, c.parameter) for c in region.carried]
    return carried + [(collect.result, collect.item) for collect in region.collected]


def bound_vars(block: Block) -> Iterator[Var]:
    """Yield every variable that is defined in a block or in the blocks inside it."""
    yield from block.params
    for statement in statements_of(block):
        yield from results_of(statement)
        for inner in blocks_of(statement):
            yield from inner.params


def count_uses(block: Block) -> dict[Var, int]:
    """Return how often each variable is read, anywhere in a block."""
    return Counter(var for operand in operands_in(block) for var in vars_of(operand))
