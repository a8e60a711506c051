"""What a loop read from an array that it overwrites, and can still be read from the final array.

A loop that goes up and writes only rows ``i + w`` does not touch row ``i + r`` again after
iteration i, if r <= w for each write, and r < w for those that come later in the same iteration.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import replace

from s2s_grad.analysis.affine import Counter, Row, counter_of, row_of
from s2s_grad.ir.nodes import Apply, Carry, Loop, Var
from s2s_grad.ir.walk import blocks_of, free_vars, operands_of, vars_of
from s2s_grad.runtime import add_at, set_item

__all__ = ["find_preserved"]


def find_preserved(loop: Loop, definitions: Mapping[Var, Apply]) -> dict[Var, Apply]:
    """Return, for each read that the final array preserves, that read of the final array.

    Parameters
    ----------
    loop : Loop
        A loop that no other one is around.
    definitions : mapping of Var to Apply
        The applications outside of it.
    """
    counter = counter_of(loop, definitions)
    if counter is None:
        return {}
    inside = {s.result: s for s in loop.statements if isinstance(s, Apply)}
    found: dict[Var, Apply] = {}
    for carry in loop.carried:
        found |= _of_carry(loop, carry, counter, inside)
    return found


def _of_carry(
    loop: Loop, carry: Carry, counter: Counter, inside: Mapping[Var, Apply]
) -> dict[Var, Apply]:
    versions = {carry.parameter}
    writes: list[tuple[int, Row]] = []
    reads: list[tuple[int, Row, Apply]] = []
    for place, s in enumerate(loop.statements):
        if not isinstance(s, Apply):
            inner = {var for operand in operands_of(s) for var in vars_of(operand)}
            inner.update(var for block in blocks_of(s) for var in free_vars(block))
            if inner & versions:
                return {}
            continue
        base = s.args[0] if s.args else None
        if base not in versions:
            continue
        if s.fn in (set_item, add_at):
            row = row_of(s.args[1], counter, inside)
            if row is None:
                return {}
            versions.add(s.result)
            writes.append((place, row))
        elif s.fn is operator.getitem:
            row = row_of(s.args[1], counter, inside)
            if row is not None:
                reads.append((place, row, s))
    if carry.next not in versions or not writes:
        return {}
    found: dict[Var, Apply] = {}
    for place, row, read in reads:
        if all(_keeps(row, place, *write, counter.direction) for write in writes):
            origin = replace(read.origin, expression=None)
            found[read.result] = replace(read, args=(carry.result, *read.args[1:]), origin=origin)
    return found


def _keeps(read: Row, place: int, written_at: int, write: Row, direction: int) -> bool:
    """Return whether no later write touches the row that was read."""
    if read.axis != write.axis:
        return False
    ahead = (write.offset - read.offset) * direction
    return ahead > 0 or (ahead == 0 and written_at < place)
