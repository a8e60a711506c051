"""Map and fold over programs: operands, free variables, substitution, fresh copies."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar, assert_never, cast

from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Const,
    Define,
    Effect,
    For,
    If,
    Loop,
    Operand,
    Pack,
    Statement,
    Var,
)
from s2s_grad.ir.types import same_static

__all__ = [
    "blocks_of",
    "bound_vars",
    "copy_block",
    "count_uses",
    "entering",
    "free_vars",
    "item_at",
    "leaving",
    "map_blocks",
    "map_operands",
    "map_results",
    "operands_of",
    "rename",
    "results_of",
    "same_items",
    "same_operand",
    "statements_of",
    "substitute",
    "substitute_block",
    "vars_of",
]

S = TypeVar("S", bound=Statement)


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


def free_vars(block: Block) -> dict[Var, None]:
    """Return the variables that a block reads and does not define, in order of first reading."""
    free: dict[Var, None] = {}
    defined: set[Var] = set(block.params)

    def read(operands: Iterable[Operand]) -> None:
        for operand in operands:
            for var in vars_of(operand):
                if var not in defined:
                    free.setdefault(var)

    for statement in block.body:
        read(operands_of(statement))
        for inner in blocks_of(statement):
            read(free_vars(inner))
        defined.update(results_of(statement))
    read(block.results)
    return free


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
    for statement in block.body:
        yield from results_of(statement)
        for inner in blocks_of(statement):
            yield from bound_vars(inner)


def count_uses(block: Block) -> dict[Var, int]:
    """Return how often each variable is read, anywhere in a block."""
    counts: dict[Var, int] = {}

    def read(operands: Iterable[Operand]) -> None:
        for operand in operands:
            for var in vars_of(operand):
                counts[var] = counts.get(var, 0) + 1

    read(block.results)
    for statement in statements_of(block):
        read(operands_of(statement))
        for inner in blocks_of(statement):
            read(inner.results)
    return counts


def map_operand(operand: Operand, f: Callable[[Var], Operand]) -> Operand:
    match operand:
        case Var():
            return f(operand)
        case Const():
            return operand
        case Pack():
            items = tuple(map_operand(item, f) for item in operand.items)
            same = all(new is old for new, old in zip(items, operand.items, strict=True))
            return operand if same else replace(operand, items=items)
        case _:
            assert_never(operand)


def map_operands(statement: Statement, f: Callable[[Var], Operand]) -> Statement:
    """Return the statement with `f` applied to each variable that it reads itself."""

    def each(operands: tuple[Operand, ...]) -> tuple[Operand, ...]:
        return tuple(map_operand(operand, f) for operand in operands)

    old = operands_of(statement)
    if all(new is o for new, o in zip(each(old), old, strict=True)):
        return statement
    match statement:
        case Apply() | Effect():
            kwargs = tuple((name, map_operand(operand, f)) for name, operand in statement.kwargs)
            return replace(statement, args=each(statement.args), kwargs=kwargs)
        case If():
            return replace(statement, cond=map_operand(statement.cond, f))
        case Loop():
            return _map_loop(statement, f)
        case Define():
            return statement
        case _:
            assert_never(statement)


def _map_loop(loop: Loop, f: Callable[[Var], Operand]) -> Loop:
    head = loop.head
    if isinstance(head, For):
        each = (replace(e, sequence=map_operand(e.sequence, f)) for e in head.each)
        head = For(tuple(each), head.reverse)
    carried = tuple(replace(c, init=map_operand(c.init, f)) for c in loop.carried)
    return replace(loop, head=head, carried=carried)


def map_results(statement: Statement, f: Callable[[Var], Var]) -> Statement:
    """Return the statement with `f` applied to each variable that it assigns in its own scope."""
    match statement:
        case Apply() | Define():
            return replace(statement, result=f(statement.result))
        case Effect():
            result = statement.result
            return statement if result is None else replace(statement, result=f(result))
        case If():
            return replace(statement, results=tuple(map(f, statement.results)))
        case Loop():
            carried = tuple(replace(c, result=f(c.result)) for c in statement.carried)
            collected = tuple(replace(c, result=f(c.result)) for c in statement.collected)
            return replace(statement, carried=carried, collected=collected)
        case _:
            assert_never(statement)


def map_blocks(statement: S, f: Callable[[Block], Block]) -> S:
    """Return the statement with `f` applied to each block directly inside it."""
    old = blocks_of(statement)
    new = tuple(f(block) for block in old)
    if all(n is o for n, o in zip(new, old, strict=True)):
        return statement
    match statement:
        case If():
            mapped = replace(statement, then=new[0], orelse=new[1])
        case Loop():
            mapped = statement.with_blocks(None if statement.cond is None else new[0], new[-1])
        case Define():
            mapped = replace(statement, block=new[0])
        case _:
            raise AssertionError("a statement without blocks")
    return cast(S, mapped)


def substitute(statement: Statement, values: dict[Var, Operand]) -> Statement:
    """Return the statement with variables replaced, also inside its blocks."""
    statement = map_operands(statement, lambda var: values.get(var, var))
    return map_blocks(statement, lambda block: substitute_block(block, values))


def substitute_block(block: Block, values: dict[Var, Operand]) -> Block:
    """Return the block with variables that it reads replaced."""
    body = tuple(substitute(statement, values) for statement in block.body)
    results = tuple(map_operand(r, lambda var: values.get(var, var)) for r in block.results)
    same = all(n is o for n, o in zip(body, block.body, strict=True))
    if same and all(n is o for n, o in zip(results, block.results, strict=True)):
        return block
    return replace(block, body=body, results=results)


def copy_block(block: Block, values: dict[Var, Operand]) -> Block:
    """Return a copy of the block with fresh variables, its free ones replaced by `values`."""
    values = dict(values)

    def fresh(var: Var) -> Var:
        copy = dataclasses.replace(var)
        values[var] = copy
        return copy

    def now(var: Var) -> Operand:
        return values.get(var, var)

    params = tuple(map(fresh, block.params))
    body: list[Statement] = []
    for statement in block.body:
        copied = map_blocks(map_operands(statement, now), lambda inner: copy_block(inner, values))
        body.append(map_results(copied, fresh))
    results = tuple(map_operand(result, now) for result in block.results)
    return Block(params, tuple(body), results)


def rename(block: Block, new: dict[Var, Var]) -> Block:
    """Return the block with variables replaced where they are assigned and where they are read."""

    def now(var: Var) -> Var:
        return new.get(var, var)

    body: list[Statement] = []
    for old in block.body:
        statement = map_blocks(map_operands(old, now), lambda inner: rename(inner, new))
        known = any(var in new for var in results_of(statement))
        body.append(map_results(statement, now) if known else statement)
    results = tuple(map_operand(result, now) for result in block.results)
    return Block(tuple(map(now, block.params)), tuple(body), results)
