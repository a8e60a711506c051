"""What was read ahead of its time, so that a later change of it would have been seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from s2s_grad.ir.nodes import Operand, Var

if TYPE_CHECKING:
    from s2s_grad.lower.frames import Frame
    from s2s_grad.lower.lowerer import Lowerer

__all__ = ["Reading"]


@dataclass(slots=True, eq=False)
class Reading:
    """The variables, containers and names that were read, with what they were."""

    time: int
    what: str = "an iterator"
    frames: frozenset[int] = frozenset()
    used: set[Var] = field(default_factory=set[Var])
    containers: dict[Operand, Operand] = field(default_factory=dict[Operand, Operand])
    lists: dict[Var, Operand] = field(default_factory=dict[Var, Operand])
    names: dict[tuple[int, str], tuple[Frame, Operand | None]] = field(
        default_factory=dict[tuple[int, str], "tuple[Frame, Operand | None]"]
    )

    @classmethod
    def of(cls, low: Lowerer, operands: Iterable[Operand]) -> Reading:
        """Return the reading of these variables, now."""
        used = {operand for operand in operands if isinstance(operand, Var)}
        lists = {var: low.memory.held(var) for var in used}
        return cls(low.memory.tick(), used=used, lists=lists)

    @classmethod
    def during(cls, low: Lowerer, what: str, run: Callable[[], Any]) -> Reading:
        """Return what is read, of what there was before, while something is lowered."""
        reading = cls(low.memory.tick(), what, frozenset(map(id, low.frames)))
        with low.memory.reading(reading):
            run()
        memory = low.memory
        reading.used = {var for var in reading.used if memory.born_before(var, reading.time)}
        reading.containers = {x: memory.shallow(x) for x in reading.containers}
        reading.names = {k: (f, f.lookup(k[1])) for k, (f, _) in reading.names.items()}
        reading.lists = {var: memory.held(var) for var in reading.used}
        reading.time = memory.tick()
        return reading

    def name(self, frame: Frame, name: str) -> None:
        """Note that a name was read in a frame."""
        owner: Frame | None = frame
        while owner is not None and name not in owner.locals:
            owner = owner.parent
        if owner is not None and id(owner) in self.frames:
            self.names.setdefault((id(owner), name), (owner, None))

    def check(self, low: Lowerer) -> None:
        """Refuse if any of it has changed since."""
        memory = low.memory
        changed = any(memory.written_since(var, self.time) for var in self.used)
        changed = changed or any(memory.held(var) is not y for var, y in self.lists.items())
        changed = changed or any(memory.shallow(x) is not y for x, y in self.containers.items())
        changed = changed or any(f.lookup(k[1]) is not y for k, (f, y) in self.names.items())
        if changed:
            low.refuse(
                f"what {self.what} reads is changed before it has given all of its items.",
                "Make a list of what it gives first.",
            )
