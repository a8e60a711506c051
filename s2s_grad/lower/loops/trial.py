"""One attempt at the body of a loop."""

from __future__ import annotations

from dataclasses import dataclass, field

from s2s_grad.ir.nodes import Operand, Statement, Var
from s2s_grad.lower.control.regions import Region
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.terms.frames import (
    Env,
)
from s2s_grad.lower.terms.values import FALSE, TRUE

__all__ = ["Trial"]


@dataclass(slots=True, eq=False)
class Trial:
    """One attempt at a loop's body."""

    region: Region
    elements: tuple[Var, ...] = ()
    params: list[Var] = field(default_factory=list[Var])
    cond: Operand = TRUE
    cond_params: list[Var] = field(default_factory=list[Var])
    cond_statements: list[Statement] = field(default_factory=list[Statement])
    cond_acts: bool = False  # it does more than giving a value
    stop: Operand = FALSE
    start: int = 0  # the time at which it began
    containers: frozenset[Operand] = frozenset()  # those that names refer to when it began

    cells: Env = field(default_factory=dict[str, Operand])  # where iterators stood then

    def is_outside(self, low: Lowerer, root: Operand) -> bool:
        """Return whether an array or container was made before the body."""
        if isinstance(root, Var):
            return low.memory.born_before(root, self.start)
        return root in self.containers
