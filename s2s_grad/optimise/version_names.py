"""Give every version of an array the name that the user gave to the array."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from s2s_grad.ir.nodes import Apply, Block, Function, If, Loop, Operand, Role, Var
from s2s_grad.ir.walk import blocks_of, rename
from s2s_grad.runtime import add_at, set_item

__all__ = ["name_versions"]


def name_versions(function: Function) -> Function:
    """Return the program with names for updates of a named array and for what loops carry of it."""
    names: dict[Var, Var] = {}
    _block(function.block, names)
    return replace(function, block=rename(function.block, names)) if names else function


def _block(block: Block, names: dict[Var, Var]) -> None:
    for s in block.body:
        if isinstance(s, Loop):
            for init, param, result in zip(s.inits, s.carried, s.results, strict=True):
                _name(param, init, names)
                _name(result, init, names)
        for inner in blocks_of(s):
            _block(inner, names)
        if isinstance(s, Apply) and s.fn in (set_item, add_at, np.copy):
            _name(s.result, s.args[0], names)
        elif isinstance(s, If):
            values = zip(s.results, s.then.results, s.orelse.results, strict=True)
            for result, then, orelse in values:
                hints = {names.get(v, v).hint for v in (then, orelse) if isinstance(v, Var)}
                if len(hints) == 1:
                    _name(result, then if isinstance(then, Var) else orelse, names)


def _name(var: Var, like: Operand, names: dict[Var, Var]) -> None:
    if not isinstance(like, Var):
        return
    like = names.get(like, like)
    if not var.hint and like.hint and like.role is Role.USER:
        names[var] = Var(like.hint, var.type, like.role)
