"""Which variables may have no value when the program runs: one path alone gives them one."""

from __future__ import annotations

from s2s_grad.ir.nodes import UNDEFINED, Block, If, Loop, Operand, Statement, Var
from s2s_grad.ir.walk import entering, leaving, visit

__all__ = ["find_undefined"]


def find_undefined(block: Block) -> frozenset[Var]:
    """Return the variables that may be undefined, with the lists that may have such items."""
    found: set[Var] = set()

    def missing(operand: Operand) -> bool:
        return operand is UNDEFINED or (isinstance(operand, Var) and operand in found)

    def enter(s: Statement) -> None:
        if isinstance(s, Loop):
            found.update(var for var, given in entering(s) if missing(given))

    def leave(s: Statement) -> None:
        if isinstance(s, (If, Loop)):
            found.update(result for result, given in leaving(s) if missing(given))
        if isinstance(s, Loop):
            found.update(carry.result for carry in s.carried if missing(carry.next))

    visit(block, enter=enter, leave=leave)
    return frozenset(found)
