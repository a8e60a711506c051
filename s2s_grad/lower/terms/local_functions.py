"""Functions that are defined in the code being lowered."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from s2s_grad.ir.nodes import Operand
from s2s_grad.lower.terms.frames import Frame
from s2s_grad.lower.terms.values import Internal

__all__ = ["LocalFunction"]


@dataclass(frozen=True, slots=True, eq=False)
class LocalFunction(Internal):
    """A function or lambda defined in the code being lowered; sees the names of `frame`."""

    name: str
    node: cst.FunctionDef | cst.Lambda
    frame: Frame
    defaults: dict[str, Operand]

    @property
    def __name__(self) -> str:  # as any function has
        return self.name

    @property
    def held(self) -> tuple[Operand, ...]:
        """The defaults of its parameters."""
        return tuple(self.defaults.values())

    def is_seen_from(self, frame: Frame | None) -> bool:
        """Return whether the names that it sees are those of a function or of one around it."""
        while frame is not None:
            if frame is self.frame:
                return True
            frame = frame.parent
        return False
