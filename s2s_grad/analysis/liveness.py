"""Which statements of a list are needed for given results."""

from __future__ import annotations

from collections.abc import Iterable

from s2s_grad.ir.nodes import Apply, Block, Define, Effect, Operand, Statement, Var
from s2s_grad.ir.taped import taped, taped_vjp
from s2s_grad.ir.walk import blocks_of, free_vars, operands_of, results_of, statements_of, vars_of

__all__ = ["needed"]


def needed(statements: Iterable[Statement], results: Iterable[Operand]) -> tuple[Statement, ...]:
    """Return the statements that `results` depend on, or that have an effect."""
    live: set[Var] = {var for operand in results for var in vars_of(operand)}
    kept: list[Statement] = []
    for statement in reversed(tuple(statements)):
        if not has_effect(statement) and not any(var in live for var in results_of(statement)):
            continue
        kept.append(statement)
        for operand in operands_of(statement):
            live.update(vars_of(operand))
        for block in blocks_of(statement):
            live.update(free_vars(block))
    return tuple(reversed(kept))


def has_effect(statement: Statement) -> bool:
    """Return whether running a statement can be seen besides its results."""
    if isinstance(statement, Define):
        return False
    inside = (s for block in blocks_of(statement) for s in statements_of(block))
    return _acts(statement) or any(map(_acts, inside))


def _acts(statement: Statement) -> bool:
    tape = isinstance(statement, Apply) and statement.fn in (taped, taped_vjp)
    return tape or isinstance(statement, Effect)


def needed_block(block: Block) -> Block:
    """Return the block without statements that its results do not need."""
    body = needed(block.body, block.results)
    return block if len(body) == len(block.body) else Block(block.params, body, block.results)
