"""Which buffers a variable may refer to: identities of allocations, seen through views.

An identity is the variable that made the buffer. Parameters of a function, and variables that a
local function captures, refer to buffers that the program does not own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

import numpy as np

from s2s_grad.analysis.memory import memory_of
from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Carry,
    Const,
    Define,
    Effect,
    Function,
    If,
    Loop,
    Operand,
    Statement,
    Var,
)
from s2s_grad.ir.primitives import Memory
from s2s_grad.ir.types import Array, Range, Scalar, Static
from s2s_grad.ir.walk import statements_of, vars_of, visit
from s2s_grad.runtime import add_at, set_item

__all__ = ["Buffers", "find_buffers", "find_buffers_in"]

_NONE: frozenset[Var] = frozenset()


@dataclass(slots=True)
class Buffers:
    """The buffers of each variable, and those that the program may overwrite."""

    of: dict[Var, frozenset[Var]] = field(default_factory=dict[Var, frozenset[Var]])
    owned: set[Var] = field(default_factory=set[Var])
    mutated: dict[Loop, set[Carry]] = field(default_factory=dict[Loop, set[Carry]])

    def operand(self, operand: Operand) -> frozenset[Var]:
        found: frozenset[Var] = _NONE
        for var in vars_of(operand):
            found |= self.of.get(var, frozenset((var,)))
        return found


def find_buffers(function: Function, marked: set[Var]) -> Buffers:
    """Return the buffers of a program in which the updates in `marked` happen in place."""
    return find_buffers_in(function.block, marked)


def find_buffers_in(block: Block, marked: set[Var]) -> Buffers:
    """Return the buffers of a block whose parameters share none."""
    buffers = Buffers()
    for param in block.params:
        buffers.of[param] = frozenset((param,))
    visit(
        block,
        enter=lambda statement: _enter(statement, buffers),
        leave=lambda statement: _leave(statement, buffers, marked),
    )
    return buffers


def _has_buffer(var: Var) -> bool:
    t = var.type
    if isinstance(t, (Scalar, Range, Static)):
        return False
    return not (isinstance(t, Array) and t.shape == ())


def _enter(statement: Statement, buffers: Buffers) -> None:
    """Note the buffers of the variables that the blocks of a statement begin with."""
    if isinstance(statement, Define):
        buffers.of.update((param, frozenset((param,))) for param in statement.block.params)
    if not isinstance(statement, Loop):
        return
    for each in statement.each:
        held = buffers.operand(each.sequence) if _has_buffer(each.element) else _NONE
        buffers.of[each.element] = held
    for carry in statement.carried:
        own = frozenset((carry.parameter,))
        buffers.of[carry.parameter] = own if _has_buffer(carry.parameter) else _NONE
        if carry.tested is not None:
            buffers.of[carry.tested] = _NONE


def _leave(statement: Statement, buffers: Buffers, marked: set[Var]) -> None:
    """Note the buffers of what a statement assigns."""
    match statement:
        case Apply():
            buffers.of[statement.result] = _of_apply(statement, buffers)
        case Effect(result=result):
            if result is not None:
                given = (buffers.operand(arg) for arg in statement.args)
                buffers.of[result] = frozenset((result,)).union(*given)
        case If():
            for merge in statement.merged:
                both = buffers.operand(merge.then) | buffers.operand(merge.orelse)
                buffers.of[merge.result] = both
        case Loop():
            _leave_loop(statement, buffers, marked)
        case Define():
            buffers.of[statement.result] = _NONE
        case _:
            assert_never(statement)


def _of_apply(statement: Apply, buffers: Buffers) -> frozenset[Var]:
    var = statement.result
    if not _has_buffer(var):
        return _NONE
    fn = statement.fn
    if fn in (set_item, add_at) or statement.inplace:
        return buffers.operand(statement.args[0])
    memory = memory_of(fn, statement.args, dict(statement.kwargs))
    if memory.of_first:
        ids = buffers.operand(statement.args[0])
        # A broadcast view cannot be written; it stands for a buffer that nobody owns.
        return ids | {var} if fn is np.broadcast_to else ids
    if memory is Memory.NEW:
        buffers.owned.add(var)
        return frozenset((var,))
    shared = frozenset((var,))
    for arg in (*statement.args, *(operand for _, operand in statement.kwargs)):
        shared |= buffers.operand(arg)
    return shared


def _leave_loop(loop: Loop, buffers: Buffers, marked: set[Var]) -> None:
    mutated = buffers.mutated[loop] = _mutated(loop, buffers, marked)
    buffers.owned.update(carry.parameter for carry in mutated)
    for carry in loop.carried:
        result = carry.result
        if not _has_buffer(result):
            buffers.of[result] = _NONE
        elif carry in mutated:
            buffers.of[result] = frozenset((result,))
            buffers.owned.add(result)
        else:
            buffers.of[result] = _after(loop, buffers, frozenset((carry.parameter,)))
    for collect in loop.collected:
        buffers.of[collect.result] = _after(loop, buffers, buffers.operand(collect.item))


def _after(loop: Loop, buffers: Buffers, ids: frozenset[Var]) -> frozenset[Var]:
    """Return what buffers of a loop's body are after the loop."""
    params = {carry.parameter: carry for carry in loop.carried}
    found: set[Var] = set()
    todo, seen = list(ids), set[Var]()
    while todo:
        var = todo.pop()
        if var in seen:
            continue
        seen.add(var)
        carry = params.get(var)
        if carry is None:
            found.add(var)
        elif carry in buffers.mutated[loop]:
            found.add(carry.result)
        else:
            todo.extend(buffers.operand(carry.init))
            todo.extend(buffers.operand(carry.next))
    return frozenset(found)


def _mutated(loop: Loop, buffers: Buffers, marked: set[Var]) -> set[Carry]:
    """Return the carried values whose buffer an update in the body overwrites."""
    touched = _updated_buffers(loop.body, buffers, marked)
    found: set[Carry] = set()
    while more := {c for c in loop.carried if c.parameter in touched} - found:
        found |= more
        touched = touched.union(*(buffers.operand(carry.next) for carry in more))
    return found


def _updated_buffers(block: Block, buffers: Buffers, marked: set[Var]) -> set[Var]:
    found: set[Var] = set()
    for statement in statements_of(block):
        if isinstance(statement, Apply) and statement.result in marked:
            found |= buffers.operand(_base(statement))
        elif isinstance(statement, Loop):
            for carry in buffers.mutated.get(statement, ()):
                found |= buffers.operand(carry.init)
    return found


def _base(statement: Apply) -> Operand:
    base = statement.args[0]
    return base if not isinstance(base, Const) else Const(None)
