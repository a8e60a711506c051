"""Give every version of an array the name that the user gave to the array."""

from __future__ import annotations

import numpy as np

from s2s_grad.ir.nodes import Apply, Block, Function, If, Loop, Operand, Role, Statement, Var
from s2s_grad.ir.rewrite import rename, with_block
from s2s_grad.ir.walk import visit
from s2s_grad.runtime import add_at, set_item

__all__ = ["name_versions"]


def name_versions(function: Function) -> Function:
    """Return the program with names for updates of a named array and for what loops carry of it."""
    names = _find(function.block)
    return with_block(function, rename(function.block, names)) if names else function


def _find(block: Block) -> dict[Var, Var]:
    names: dict[Var, Var] = {}

    def enter(s: Statement) -> None:
        for carry in s.carried if isinstance(s, Loop) else ():
            _name(carry.parameter, carry.init, names)
            _name(carry.result, carry.init, names)

    def leave(s: Statement) -> None:
        if isinstance(s, Apply) and s.fn in (set_item, add_at, np.copy):
            _name(s.result, s.args[0], names)
        for merge in s.merged if isinstance(s, If) else ():
            ways = [way for way in (merge.then, merge.orelse) if isinstance(way, Var)]
            if len({names.get(way, way).hint for way in ways}) == 1:
                _name(merge.result, ways[0], names)

    visit(block, enter=enter, leave=leave)
    return names


def _name(var: Var, like: Operand, names: dict[Var, Var]) -> None:
    if not isinstance(like, Var):
        return
    like = names.get(like, like)
    if not var.hint and like.hint and like.role is Role.USER:
        names[var] = Var(like.hint, var.type, like.role)
