"""Ask for the shape of an array under the name that it has at that place.

An array that is updated in place has one name for all its versions. A shape may be asked of any
version; asking the latest one leaves the name to it.
"""

from __future__ import annotations

from dataclasses import replace

from s2s_grad.analysis.shapes import ASK_FOR_SHAPE, Shapes, find_shapes
from s2s_grad.ir.nodes import Apply, Block, Function, Role, Statement, Var
from s2s_grad.ir.types import Array
from s2s_grad.ir.walk import map_blocks, results_of

__all__ = ["ask_latest_for_shapes"]

_Key = tuple[Var, str, Role]


def ask_latest_for_shapes(function: Function) -> Function:
    """Return the program with shapes asked of the latest version of an array in scope."""
    shapes = find_shapes(function.block)
    block = _block(function.block, shapes, {})
    return function if block is function.block else replace(function, block=block)


def _block(block: Block, shapes: Shapes, latest: dict[_Key, Var]) -> Block:
    latest = dict(latest)
    for param in block.params:
        latest[_key(param, shapes)] = param
    body: list[Statement] = []
    for s in block.body:
        if isinstance(s, Apply):
            body.append(_ask(s, shapes, latest))
        else:
            body.append(map_blocks(s, lambda inner: _block(inner, shapes, latest)))
        for var in results_of(s):
            latest[_key(var, shapes)] = var
    same = all(new is old for new, old in zip(body, block.body, strict=True))
    return block if same else replace(block, body=tuple(body))


def _key(var: Var, shapes: Shapes) -> _Key:
    return shapes.source(var), var.hint, var.role


def _ask(statement: Apply, shapes: Shapes, latest: dict[_Key, Var]) -> Apply:
    if statement.fn not in ASK_FOR_SHAPE or not statement.args:
        return statement
    array = statement.args[0]
    if not isinstance(array, Var) or not isinstance(array.type, Array) or not array.hint:
        return statement
    found = latest.get(_key(array, shapes), array)
    if found is array or not isinstance(found.type, Array):
        return statement
    if found.type.dtype is None or found.type.dtype != array.type.dtype:
        return statement
    return replace(statement, args=(found, *statement.args[1:]))
