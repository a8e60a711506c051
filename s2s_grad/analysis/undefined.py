"""Which variables may have no value when the program runs: one path alone gives them one."""

from __future__ import annotations

from s2s_grad.ir.nodes import UNDEFINED, Block, If, Loop, Operand, Var
from s2s_grad.ir.walk import blocks_of, entering, leaving

__all__ = ["find_undefined"]


def find_undefined(block: Block) -> frozenset[Var]:
    """Return the variables that may be undefined, with the lists that may have such items."""
    found: set[Var] = set()
    _search(block, found)
    return frozenset(found)


def _search(block: Block, found: set[Var]) -> None:
    def missing(operand: Operand) -> bool:
        return operand is UNDEFINED or (isinstance(operand, Var) and operand in found)

    for statement in block.body:
        if isinstance(statement, Loop):
            found.update(var for var, given in entering(statement) if missing(given))
        for inner in blocks_of(statement):
            _search(inner, found)
        if isinstance(statement, (If, Loop)):
            found.update(result for result, given in leaving(statement) if missing(given))
        if isinstance(statement, Loop):
            found.update(carry.result for carry in statement.carried if missing(carry.next))
