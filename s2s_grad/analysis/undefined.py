"""Which variables may have no value when the program runs: one path alone gives them one."""

from __future__ import annotations

from s2s_grad.ir.nodes import UNDEFINED, Block, If, Loop, Operand, Var
from s2s_grad.ir.walk import blocks_of, results_of

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
            entries = zip(
                (*statement.elements, *statement.carried),
                (*statement.seqs, *statement.inits),
                strict=True,
            )
            found.update(param for param, given in entries if missing(given))
        for inner in blocks_of(statement):
            _search(inner, found)
        ways: tuple[tuple[Operand, ...], ...] = ()
        if isinstance(statement, If):
            ways = (statement.then.results, statement.orelse.results)
        elif isinstance(statement, Loop):
            ways = (statement.inits, statement.yields)
        for way in ways:
            pairs = zip(results_of(statement), way, strict=False)
            found.update(result for result, operand in pairs if missing(operand))
        if isinstance(statement, Loop):
            pairs = zip(statement.collected, statement.appended, strict=True)
            found.update(out for out, item in pairs if missing(item))
