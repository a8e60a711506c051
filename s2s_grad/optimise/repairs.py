"""Remove a conflict of updates in place: by another order, or by the smallest copy that does it.

A view that would see an update is copied where it is made, which costs what reading it costs. Only
where the whole array is still needed as it was, it is copied before the update.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.memory import is_view
from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Carry,
    Collect,
    Const,
    Define,
    Function,
    If,
    Loop,
    Operand,
    Origin,
    Pack,
    Statement,
    Undefined,
    Var,
)
from s2s_grad.ir.rewrite import map_blocks, rewrite, with_block
from s2s_grad.ir.types import Array, Scalar, Sequence
from s2s_grad.ir.walk import blocks_of, free_vars, operands_of, results_of, statements_of, vars_of
from s2s_grad.optimise.conflicts import Conflict

__all__ = ["repair"]


def repair(function: Function, conflict: Conflict, moved: set[Var]) -> Function:
    """Return the program without a conflict.

    Parameters
    ----------
    function : Function
        A program.
    conflict : Conflict
        What `find_conflict` found in it.
    moved : set of Var
        The results of updates that were moved before and may not be moved again; grows.
    """
    target = conflict.statement
    definitions = {var: s for s in statements_of(function.block) for var in results_of(s)}
    if conflict.kind == "list":
        assert isinstance(target, Loop)
        assert isinstance(conflict.value, Collect)
        return _copy_item(function, target, conflict.value, definitions)
    parts = _Search(definitions)
    cheap = all(parts.offender(var) for var in conflict.offenders) and bool(parts.views)
    if conflict.kind == "base":
        assert isinstance(target, Apply)
        if conflict.offenders and target.result not in moved:
            moved.add(target.result)
            sunk = _sink(function, target, conflict.offenders, anywhere=not cheap)
            if sunk is not None:
                return sunk
    if cheap:
        return _copy_views(function, parts.views)
    return _copy_whole(function, conflict, definitions)


# ------------------------------------------------------------------------------------ copying less


def _view(var: Var, definitions: dict[Var, Statement]) -> Apply | None:
    """Return the statement that makes a view, if that is what a variable is."""
    statement = definitions.get(var)
    if not isinstance(statement, Apply) or not is_view(statement):
        return None
    if isinstance(statement.result.type, Sequence):
        return None  # the pieces of a split: a list, which `np.copy` would make an array
    if statement.fn is np.broadcast_to:
        base = statement.args[0]
        return _view(base, definitions) if isinstance(base, Var) else None
    return statement


def _copy_views(function: Function, views: set[Apply]) -> Function:
    """Copy views where they are made; those that read them read the copy."""

    def edit(s: Statement) -> Iterable[Statement] | None:
        if not isinstance(s, Apply) or s not in views:
            return None
        view = Var("", s.result.type)
        copy = Apply(s.result, np.copy, (view,), (), replace(s.origin, expression=None))
        return [replace(s, result=view), copy]

    return with_block(function, rewrite(function.block, edit))


def _copy_item(
    function: Function, loop: Loop, collect: Collect, definitions: dict[Var, Statement]
) -> Function:
    """Copy what a loop collects: at its definition, inside of the lists that it is in."""
    search = _Search(definitions)
    search.collected(loop, collect.result)
    if search.views:
        return _copy_views(function, search.views)
    assert search.whole, "a collected value that shares a buffer has a definition"
    return _copy_wholes(function, search.whole)


@dataclass(slots=True)
class _Search:
    """Finds what a collected value is made of: views, and whole arrays with the block results
    (a statement, which of its blocks, which result) that have to be copies of them."""

    definitions: dict[Var, Statement]
    views: set[Apply] = field(default_factory=set[Apply])
    whole: list[tuple[Statement, int, int]] = field(
        default_factory=list[tuple[Statement, int, int]]
    )

    def offender(self, var: Var) -> bool:
        """Add what an offender is made of; return False if it is the array itself."""
        view = _view(var, self.definitions)
        if view is not None:
            self.views.add(view)
            return True
        made = self.definitions.get(var)
        return isinstance(made, Loop) and self.collected(made, var)

    def collected(self, loop: Loop, result: Var) -> bool:
        """Add what an item of a list is made of; return False if it is no list of the loop."""
        found = loop.list_of(result)
        if found is not None:
            place, collect = found
            self.item(collect.item, loop, place)
        return found is not None

    def item(self, item: Operand, owner: Statement, result: int, block: int = -1) -> None:
        if not isinstance(item, Var):
            if not _is_undefined(item):
                self.whole.append((owner, block, result))
            return
        view = _view(item, self.definitions)
        if view is not None:
            self.views.add(view)
            return
        made = self.definitions.get(item)
        if isinstance(made, Loop) and self.collected(made, item):
            return
        if isinstance(made, If) and self.separate(made, item, owner):
            at = made.results.index(item)
            for side, branch in enumerate((made.then, made.orelse)):
                self.item(branch.results[at], made, at, side)
        else:
            self.whole.append((owner, block, result))

    def separate(self, made: If, item: Var, owner: Statement) -> bool:
        """Return whether a result of an `If` is best copied in its branches: it exists in one of
        them alone, or is a view; and it is nothing that an iteration hands on."""
        if isinstance(owner, Loop) and any(item is carry.next for carry in owner.carried):
            return False
        merge = made.merge_of(item)
        branches = [merge.then, merge.orelse]
        return any(_is_undefined(b) for b in branches) or all(
            isinstance(b, Var) and _view(b, self.definitions) is not None for b in branches
        )


def _is_undefined(operand: Operand) -> bool:
    return isinstance(operand, Const) and isinstance(operand.value, Undefined)


def _copy_wholes(function: Function, places: list[tuple[Statement, int, int]]) -> Function:
    """Let results of blocks be copies, made right behind the definition of the original."""

    def edit(s: Statement) -> Iterable[Statement] | None:
        mine = [(block, at) for owner, block, at in places if owner is s]
        if not mine:
            return None
        new = s
        for side, at in mine:
            body = blocks_of(new)[side]
            slim = _with_copy(body, at, s.origin)
            new = map_blocks(new, lambda b, old=body, slim=slim: slim if b is old else b)
        return (map_blocks(new, lambda b: rewrite(b, edit)),)

    return with_block(function, rewrite(function.block, edit))


def _with_copy(block: Block, at: int, origin: Origin) -> Block:
    """Return the block with one of its results copied, right behind its definition."""
    item = block.results[at]
    statement, copy = _copy_of(item, origin)
    results = (*block.results[:at], copy, *block.results[at + 1 :])
    defined = [place for place, s in enumerate(block.body) if item in results_of(s)]
    after = defined[0] + 1 if defined else 0
    if isinstance(item, Pack):
        after = len(block.body)
    body = (*block.body[:after], statement, *block.body[after:])
    return replace(block, body=body, results=results)


# ------------------------------------------------------------------------------------ other orders


def _sink(
    function: Function, update: Apply, offenders: frozenset[Var], *, anywhere: bool
) -> Function | None:
    """Move an update behind the last statement that reads the old version, if nothing before
    that reads the new one; `anywhere`: also out of the user's line that it belongs to."""

    def block(b: Block) -> Block:
        if update not in b.body:
            return rewrite(b, lambda s: (map_blocks(s, block),))
        at = b.body.index(update)
        behind = _behind(b, at, update, offenders)
        if behind is None:
            return b
        if not anywhere and any(
            s.origin.line is not update.origin.line for s in b.body[at + 1 : behind + 1]
        ):
            return b
        order = (*b.body[:at], *b.body[at + 1 : behind + 1], update, *b.body[behind + 1 :])
        return replace(b, body=order)

    new = block(function.block)
    return None if new is function.block else replace(function, block=new)


def _behind(block: Block, at: int, update: Apply, offenders: frozenset[Var]) -> int | None:
    """Return the place of the last reader of the offenders, if the new version is read later."""
    own = {*block.params, *(var for s in block.body for var in results_of(s))}
    handed_on = {var for result in block.results for var in vars_of(result)}
    if not offenders <= own or offenders & handed_on:
        return None
    last = None
    for place in range(at + 1, len(block.body)):
        read = _reads(block.body[place])
        if update.result in read:
            later = block.body[place:]
            return None if any(offenders & _reads(s) for s in later) else last
        if offenders & read:
            if isinstance(block.body[place], Define):
                return None  # what a local function reads has to last
            last = place
    return last


def _reads(statement: Statement) -> set[Var]:
    found = {var for operand in operands_of(statement) for var in vars_of(operand)}
    for inner in blocks_of(statement):
        found.update(free_vars(inner))
    return found


# ---------------------------------------------------------------------------------- copying it all


def _copy_of(operand: Operand, origin: Origin, named: Var | None = None) -> tuple[Apply, Var]:
    """Return the statement that copies an operand, and the copy: called as `named` is."""
    var = Var("")
    if isinstance(operand, Var):
        like = operand if named is None or not named.hint else named
        var = like.like(operand.type)
    return Apply(var, np.copy, (operand,), (), replace(origin, expression=None)), var


def _copy_whole(
    function: Function, conflict: Conflict, definitions: dict[Var, Statement]
) -> Function:
    """Copy the array before it is overwritten."""
    target, value = conflict.statement, conflict.value

    def copy_of(operand: Operand, origin: Origin, named: Var) -> tuple[Apply, Var]:
        copy, var = _copy_of(operand, origin, named)
        made = definitions.get(operand) if isinstance(operand, Var) else None
        if isinstance(made, Apply) and made.fn is np.broadcast_to and _is_number(made.args[0]):
            value, shape = made.args
            one = isinstance(value, Const) and type(value.value) is float and value.value == 1.0
            fn, args = (np.ones, (shape,)) if one else (np.full, (shape, value))
            return replace(copy, fn=fn, args=args), var
        return copy, var

    def edit(s: Statement) -> Iterable[Statement] | None:
        if s is not target:
            return None
        if conflict.kind == "base":
            assert isinstance(s, Apply)
            copy, var = copy_of(s.args[0], s.origin, s.result)
            return [copy, replace(s, args=(var, *s.args[1:]))]
        assert isinstance(s, Loop)
        assert isinstance(value, Carry)
        first = conflict.kind == "init"
        old = value.init if first else value.next
        copy, var = copy_of(old, s.origin, value.parameter)
        new = replace(value, init=var) if first else replace(value, next=var)
        s = replace(s, carried=tuple(new if c is value else c for c in s.carried))
        return [copy, s] if first else [replace(s, statements=(*s.statements, copy))]

    return with_block(function, rewrite(function.block, edit))


def _is_number(operand: Operand) -> bool:
    t = type_of(operand)
    return isinstance(t, Scalar) or (isinstance(t, Array) and t.shape == ())
