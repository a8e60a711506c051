"""Ask for the shape of an array under the name that it has at that place.

An array that is updated in place has one name for all its versions. A shape may be asked of any
version; asking the latest one leaves the name to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from s2s_grad.analysis.shapes import Shapes, find_shapes
from s2s_grad.ir.nodes import Apply, Block, Function, Role, Statement, Var
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.rewrite import map_blocks, rewrite, with_block
from s2s_grad.ir.types import Array
from s2s_grad.ir.walk import results_of

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
    return with_block(function, _block(function.block, versions, {}))


def _block(block: Block, versions: _Versions, latest: dict[_Key, Var]) -> Block:
    latest = dict(latest)
    latest.update((versions.key(param), param) for param in block.params)

    def edit(s: Statement) -> Iterable[Statement]:
        if isinstance(s, Apply):
            s = _ask(s, versions, latest)
        new = map_blocks(s, lambda inner: _block(inner, versions, latest))
        latest.update((versions.key(var), var) for var in results_of(s))
        return (new,)

    return rewrite(block, edit)


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
