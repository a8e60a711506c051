"""Drop zeros that a loop stores into rows that nobody reads again: ``y_bar[i] = 0.0``.

The adjoint of an overwritten item takes its cotangent and sets it to zero. Where all reads follow
the counter of the loop away from the row, the zero is never seen.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from s2s_grad.analysis.affine import Counter, Row, counter_of, row_of
from s2s_grad.analysis.indexing import index_items
from s2s_grad.ir.nodes import Apply, Const, Function, Loop, Operand, Phase, Statement, Var
from s2s_grad.ir.rewrite import map_blocks, rewrite, with_block
from s2s_grad.ir.walk import blocks_of, operands_of, statements_of, vars_of
from s2s_grad.runtime import add_at, set_item

__all__ = ["drop_dead_stores"]

_FOLLOW: set[Callable[..., Any]] = {operator.getitem, set_item, add_at}
_Readers = dict[Var, list[Statement | None]]


def drop_dead_stores(function: Function) -> Function:
    """Return the program without zeros that are stored and never read."""
    definitions = {s.result: s for s in statements_of(function.block) if isinstance(s, Apply)}
    readers = _find_readers(function)

    def edit(s: Statement) -> Iterable[Statement] | None:
        if not isinstance(s, Loop):
            return None
        inside = map_blocks(s, lambda block: rewrite(block, edit))
        return (_loop(s, inside, definitions, readers),)

    return with_block(function, rewrite(function.block, edit))


def _find_readers(function: Function) -> _Readers:
    """Return the statements that read each variable; None stands for the results of a block."""
    readers: _Readers = {}

    def read(operands: tuple[Operand, ...], reader: Statement | None) -> None:
        for operand in operands:
            for var in vars_of(operand):
                readers.setdefault(var, []).append(reader)

    read(function.block.results, None)
    for s in statements_of(function.block):
        read(operands_of(s), s)
        for inner in blocks_of(s):
            read(inner.results, None)
    return readers


def _loop(old: Loop, new: Loop, definitions: dict[Var, Apply], readers: _Readers) -> Loop:
    """Drop stores of the loop `new`, of which `old` is the original that facts are about."""
    counter = counter_of(old, definitions)
    if counter is None:
        return new
    dropped: set[Var] = set()
    for carry in old.carried:
        chain = _chain(old, carry.parameter, counter, definitions, readers)
        if chain is None or carry.next not in chain.versions:
            continue
        for place, row, store in chain.zeros:
            if all(_unseen(row, place, *read, counter) for read in chain.reads):
                if _unseen_behind(row, counter, readers.get(carry.result, [])):
                    dropped.add(store.result)
    if not dropped:
        return new
    values: dict[Var, Operand] = {}

    def edit(s: Statement) -> Iterable[Statement] | None:
        if not isinstance(s, Apply) or s.result not in dropped:
            return None
        values[s.result] = s.args[0]
        return ()

    return map_blocks(new, lambda block: rewrite(block, edit, values))


@dataclass(slots=True)
class _Chain:
    """The versions of a carried array in a loop's body, and what is read and set to zero."""

    versions: set[Var]
    reads: list[tuple[int, Row]]
    zeros: list[tuple[int, Row, Apply]]


def _chain(
    loop: Loop,
    param: Var,
    counter: Counter,
    definitions: dict[Var, Apply],
    readers: _Readers,
) -> _Chain | None:
    """Follow the updates of a carried array; None where something else reads a version."""
    chain = _Chain({param}, [], [])
    direct: set[Statement | None] = set(loop.statements)
    for place, s in enumerate(loop.statements):
        if not isinstance(s, Apply) or not s.args or s.args[0] not in chain.versions:
            continue
        if s.fn is operator.getitem:
            row = row_of(s.args[1], counter, definitions)
            if row is None:
                return None
            chain.reads.append((place, row))
        elif s.fn in (set_item, add_at):
            chain.versions.add(s.result)
            row = row_of(s.args[1], counter, definitions)
            value = s.args[2]
            zero = isinstance(value, Const) and type(value.value) is float and value.value == 0.0
            if s.fn is set_item and zero and row is not None and _in_reverse(s):
                chain.zeros.append((place, row, s))
    for version in chain.versions:
        for reader in readers.get(version, []):
            if reader is None:
                continue
            follows = isinstance(reader, Apply) and reader.fn in (
                operator.getitem,
                set_item,
                add_at,
            )
            if reader not in direct or not follows or version not in operands_of(reader)[:1]:
                return None
            if sum(1 for operand in operands_of(reader) if version in vars_of(operand)) > 1:
                return None
    handed = [r for r in loop.body.results if isinstance(r, Var) and r in chain.versions]
    return chain if len(handed) == 1 else None


def _in_reverse(statement: Apply) -> bool:
    return statement.origin.phase is Phase.REVERSE


def _unseen(row: Row, place: int, read_at: int, read: Row, counter: Counter) -> bool:
    """Return whether a read, in this iteration or later ones, is never of the row."""
    if read.axis != row.axis:
        return False
    ahead = (row.offset - read.offset) * counter.direction
    return ahead < 0 or (ahead == 0 and read_at < place)


def _unseen_behind(row: Row, counter: Counter, readers: list[Statement | None]) -> bool:
    """Return whether what is read of the array behind the loop are rows below those of the loop."""
    for reader in readers:
        if not isinstance(reader, Apply) or reader.fn is not operator.getitem or row.axis != 0:
            return False
        first = index_items(reader.args[1])[:1]
        value = first[0].value if first and isinstance(first[0], Const) else None
        if type(value) is not int or not 0 <= value < counter.least + row.offset:
            return False
    return True
