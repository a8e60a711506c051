"""How deep the statements of a program are nested: Python takes so much text, and no more."""

from __future__ import annotations

from s2s_grad.analysis.error_places import location_of
from s2s_grad.errors import UnsupportedSyntax
from s2s_grad.ir.nodes import Block, Loop
from s2s_grad.ir.walk import blocks_of

__all__ = ["check_nesting"]

_MOST_LOOPS = 20
_MOST_BLOCKS = 90  # of 100 levels of indentation


def check_nesting(block: Block, loops: int = 0, blocks: int = 1) -> None:
    """Refuse a program that is nested deeper than Python's compiler takes, calls included."""
    for statement in block.body:
        inner = loops + isinstance(statement, Loop)
        if inner > _MOST_LOOPS or blocks > _MOST_BLOCKS:
            what = "loops" if inner > _MOST_LOOPS else "statements"
            raise UnsupportedSyntax(
                f"with those of the functions that are called, {what} are nested deeper than "
                "Python takes in one function.",
                "Write the inner ones as array operations.",
                location_of(statement.origin),
            )
        for each in blocks_of(statement):
            check_nesting(each, inner, blocks + 1)
