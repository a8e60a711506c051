"""The head of a loop is read when the carried values have their names already.

So a size in it is asked of the carried value, where that is the array that it was asked of.
"""

from __future__ import annotations

from dataclasses import replace

from s2s_grad.analysis.shapes import Shapes, find_shapes
from s2s_grad.ir.nodes import Apply, Block, Function, Loop, Statement, Var
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.rewrite import map_blocks, rewrite
from s2s_grad.ir.walk import operands_of, vars_of

__all__ = ["ask_carried_values"]


def ask_carried_values(function: Function) -> Function:
    """Return the program, for printing alone, with sizes in heads asked of carried values."""
    shapes = find_shapes(function.block)
    return replace(function, block=_block(function.block, shapes))


def _block(block: Block, shapes: Shapes) -> Block:
    places = {s.result: i for i, s in enumerate(block.body) if isinstance(s, Apply)}
    body: list[Statement] = list(block.body)
    for s in block.body:
        if isinstance(s, Loop) and s.carried:
            _head(s, body, places, shapes)
    asked = replace(block, body=tuple(body))
    return rewrite(asked, lambda s: (map_blocks(s, lambda inner: _block(inner, shapes)),))


def _head(loop: Loop, body: list[Statement], places: dict[Var, int], shapes: Shapes) -> None:
    params = {
        carry.init: carry.parameter
        for carry in loop.carried
        if isinstance(carry.init, Var)
        if shapes.source(carry.parameter) is shapes.source(carry.init)
    }
    todo = [var for each in loop.each for var in vars_of(each.sequence)]
    while todo:
        place = places.get(todo.pop())
        made = None if place is None else body[place]
        if place is None or not isinstance(made, Apply) or made.result.hint:
            continue
        array = made.args[0] if made.args else None
        if primitive(made.fn).fact and isinstance(array, Var) and array in params:
            body[place] = replace(made, args=(params[array], *made.args[1:]))
        else:
            todo += [var for operand in operands_of(made) for var in vars_of(operand)]
