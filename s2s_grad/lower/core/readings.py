"""Note what is read ahead of its time, and refuse where it is changed before it was due."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from s2s_grad.ir.nodes import Operand, Var
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.terms.read_ahead import Reading

__all__ = ["check_reading", "reading_during", "reading_of"]


def reading_of(low: Lowerer, operands: Iterable[Operand]) -> Reading:
    """Return the reading of these variables, now."""
    used = {operand for operand in operands if isinstance(operand, Var)}
    lists = {var: low.memory.held(var) for var in used}
    return Reading(low.memory.tick(), used=used, lists=lists)


def reading_during(low: Lowerer, what: str, run: Callable[[], Any]) -> Reading:
    """Return what is read, of what there was before, while something is lowered."""
    memory = low.memory
    reading = Reading(memory.tick(), what, frozenset(map(id, low.frames)))
    with memory.reading(reading):
        run()
    reading.used = {var for var in reading.used if memory.born_before(var, reading.time)}
    reading.containers = {x: memory.shallow(x) for x in reading.containers}
    reading.names = {k: (f, f.lookup(k[1])) for k, (f, _) in reading.names.items()}
    reading.lists = {var: memory.held(var) for var in reading.used}
    reading.time = memory.tick()
    return reading


def check_reading(low: Lowerer, reading: Reading) -> None:
    """Refuse if any of what was read has changed since."""
    memory = low.memory
    changed = any(memory.written_since(var, reading.time) for var in reading.used)
    changed = changed or any(memory.held(var) is not y for var, y in reading.lists.items())
    changed = changed or any(memory.shallow(x) is not y for x, y in reading.containers.items())
    changed = changed or any(f.lookup(k[1]) is not y for k, (f, y) in reading.names.items())
    if changed:
        low.refuse(
            f"what {reading.what} reads is changed before it has given all of its items.",
            "Make a list of what it gives first.",
            about=() if reading.gave is None else (reading.gave,),
        )
