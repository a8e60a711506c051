"""What was read ahead of its time, so that a later change of it would have been seen."""

from __future__ import annotations

from dataclasses import dataclass, field

from s2s_grad.ir.nodes import Operand, Var
from s2s_grad.lower.terms.frames import Frame

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
        default_factory=dict[tuple[int, str], tuple[Frame, Operand | None]]
    )
    gave: Operand | None = None  # what came of it

    def name(self, frame: Frame, name: str) -> None:
        """Note that a name was read in a frame."""
        owner = frame.owner(name)
        if owner is not None and id(owner) in self.frames:
            self.names.setdefault((id(owner), name), (owner, None))
