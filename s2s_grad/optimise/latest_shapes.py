"""Ask for the shape of an array under the name that it has at that place.

An array that is updated in place has one name for all its versions. A shape may be asked of any
version; asking the latest one leaves the name to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from s2s_grad.analysis.shapes import Shapes, find_shapes
from s2s_grad.ir.nodes import Apply, Block, Function, Role, Statement, Var
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.types import Array
from s2s_grad.ir.walk import map_blocks, results_of

__all__ = ["ask_latest_for_shapes"]

_Key = tuple[Var, str, Role]


@dataclass(frozen=True, slots=True)
class _Versions:
    """Finds what a variable is a version of: an array of a name, or what updates made of one."""

    shapes: Shapes
    updates: Shapes

    def key(self, var: Var) -> _Key:
        origin = self.shapes if var.hint else self.updates
        derivative = var.role in (Role.COTANGENT, Role.TANGENT)
        return origin.source(var), var.hint, var.role if derivative else Role.USER


def ask_latest_for_shapes(function: Function) -> Function:
    """Return the program with shapes asked of the latest version of an array in scope."""
    versions = _Versions(find_shapes(function.block), find_shapes(function.block, updates=True))
    block = _block(function.block, versions, {})
    return function if block is function.block else replace(function, block=block)


def _block(block: Block, versions: _Versions, latest: dict[_Key, Var]) -> Block:
    latest = dict(latest)
    for param in block.params:
        latest[versions.key(param)] = param
    body: list[Statement] = []
    for s in block.body:
        if isinstance(s, Apply):
            body.append(_ask(s, versions, latest))
        else:
            body.append(map_blocks(s, lambda inner: _block(inner, versions, latest)))
        for var in results_of(s):
            latest[versions.key(var)] = var
    same = all(new is old for new, old in zip(body, block.body, strict=True))
    return block if same else replace(block, body=tuple(body))


def _ask(statement: Apply, versions: _Versions, latest: dict[_Key, Var]) -> Apply:
    if not primitive(statement.fn).only_shape or not statement.args:
        return statement
    array = statement.args[0]
    if not isinstance(array, Var) or not isinstance(array.type, Array):
        return statement
    found = latest.get(versions.key(array), array)
    if found is array or not isinstance(found.type, Array):
        return statement
    if found.type.dtype is None or found.type.dtype != array.type.dtype:
        return statement
    return replace(statement, args=(found, *statement.args[1:]))
