"""Turn functional updates into updates in place, with a copy where the old buffer is still needed.

An update may overwrite the buffer of its base if the program owns that buffer and nothing that is
live afterwards refers to it. Updates of items always end in place, after a copy if need be; a sum
``x + y`` becomes ``x += y`` only where that costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

import numpy as np

from s2s_grad.analysis.buffers import Buffers, find_buffers
from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Define,
    Effect,
    Function,
    If,
    Loop,
    Operand,
    Statement,
    Var,
)
from s2s_grad.ir.types import Array
from s2s_grad.ir.walk import (
    blocks_of,
    free_vars,
    map_blocks,
    operands_of,
    results_of,
    statements_of,
    vars_of,
)
from s2s_grad.runtime import add_at, set_item

__all__ = ["update_in_place"]

_SUMS = {np.add, np.subtract}
_MOST_REPAIRS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class _Violation:
    """A place where overwriting would be seen: an update, or an operand of a loop."""

    statement: Statement
    place: tuple[str, int]
    culprits: frozenset[Var]  # the optional updates that could be given up instead


def update_in_place(function: Function) -> Function:
    """Return the program with updates marked in place, and the copies that this needs."""
    function = _order_sums(function)
    updates = [s for s in statements_of(function.block) if isinstance(s, Apply)]
    needed = {s.result for s in updates if s.fn in (set_item, add_at)}
    wished = _wished(function, updates)
    if not needed and not wished:
        return function
    for _ in range(_MOST_REPAIRS):
        marked = needed | wished
        checker = _Checker(function, marked, wished)
        violation = checker.first()
        if violation is None:
            return _mark(function, marked)
        if violation.culprits:
            wished -= violation.culprits
        else:
            function = _repair(function, violation)
    raise AssertionError("copies do not end")


def _wished(function: Function, updates: list[Apply]) -> set[Var]:
    """Return the sums that accumulate: onto a carried value, a loop's result or an update."""
    bases: set[Var] = set()
    for s in statements_of(function.block):
        if isinstance(s, Loop):
            bases.update((*s.carried, *s.results))
        elif isinstance(s, Apply) and s.fn in (set_item, add_at, np.zeros_like):
            bases.add(s.result)
    wished: set[Var] = set()
    for s in updates:
        if s.fn in _SUMS and s.args[0] in bases and _same_array(s):
            wished.add(s.result)
            bases.add(s.result)
    return wished


def _order_sums(function: Function) -> Function:
    """Write ``t + x`` as ``x + t`` where x is carried by the loop around it."""

    def block(b: Block, carried: frozenset[Var]) -> Block:
        body: list[Statement] = []
        for s in b.body:
            if isinstance(s, Apply) and s.fn is np.add and len(s.args) == 2:
                first, second = s.args
                if second in carried and first not in carried:
                    s = replace(s, args=(second, first))
            elif isinstance(s, Loop):
                s = replace(s, body=block(s.body, carried | frozenset(s.carried)))
            elif isinstance(s, If):
                s = replace(s, then=block(s.then, carried), orelse=block(s.orelse, carried))
            body.append(s)
        return replace(b, body=tuple(body))

    return replace(function, block=block(function.block, frozenset()))


def _same_array(statement: Apply) -> bool:
    """Return whether a sum has the dtype and shape of its first operand, an array."""
    first = statement.args[0]
    t = first.type if isinstance(first, Var) else None
    r = statement.result.type
    if statement.origin.phase.value == "primal":
        return False
    return (
        isinstance(t, Array)
        and isinstance(r, Array)
        and t.shape not in (None, ())
        and t.dtype is not None
        and t == r
    )


class _Checker:
    """Finds the first place where updating in place would change the meaning."""

    def __init__(self, function: Function, marked: set[Var], wished: set[Var]) -> None:
        self.function = function
        self.marked = marked
        self.wished = wished
        self.buffers: Buffers = find_buffers(function, marked)
        self.found: _Violation | None = None

    def first(self) -> _Violation | None:
        live = {var for result in self.function.block.results for var in vars_of(result)}
        self.block(self.function.block, live)
        return self.found

    def block(self, block: Block, live: set[Var]) -> None:
        """Check a block, given what is live behind it."""
        live = set(live)
        for statement in reversed(block.body):
            if self.found is not None:
                return
            self.statement(statement, live)
            live.difference_update(results_of(statement))
            for operand in operands_of(statement):
                live.update(vars_of(operand))
            for inner in blocks_of(statement):
                live.update(free_vars(inner))

    def statement(self, statement: Statement, live: set[Var]) -> None:
        match statement:
            case Apply():
                if statement.result in self.marked:
                    self.update(statement, live)
            case If():
                for inner in (statement.then, statement.orelse):
                    results = {var for r in inner.results for var in vars_of(r)}
                    self.block(inner, (live - set(statement.results)) | results)
            case Loop():
                self.loop(statement, live)
            case Define():
                results = {var for r in statement.block.results for var in vars_of(r)}
                self.block(statement.block, live | set(free_vars(statement.block)) | results)
            case Effect():
                pass
            case _:
                assert_never(statement)

    def update(self, statement: Apply, live: set[Var]) -> None:
        ids = self.buffers.operand(statement.args[0])
        owned = bool(ids) and ids <= self.buffers.owned
        shared = any(
            var is not statement.result and self.buffers.of.get(var, ids) & ids for var in live
        )
        if not owned or shared:
            culprits = {statement.result} & self.wished
            self.found = _Violation(statement, ("base", 0), frozenset(culprits))

    def loop(self, loop: Loop, live: set[Var]) -> None:
        mutated = self.buffers.mutated.get(loop, set())
        free = set(free_vars(loop.body))
        if loop.cond is not None:
            free |= set(free_vars(loop.cond))
        seqs = {var for seq in loop.seqs for var in vars_of(seq)}
        outside = (live - set(results_of(loop))) | free | seqs
        for j in sorted(mutated):
            ids = self.buffers.operand(loop.inits[j])
            others: set[Var] = set()
            for i, init in enumerate(loop.inits):
                if i != j:
                    others |= self.buffers.operand(init)
            shared = any(self.buffers.of.get(var, frozenset()) & ids for var in outside)
            if not ids or not ids <= self.buffers.owned or shared or ids & others:
                self.found = _Violation(loop, ("init", j), self.culprits(loop, j))
                return
        inside = self.inside(loop)
        params = set(loop.carried)
        yielded = [self.buffers.operand(value) for value in loop.yields]
        for j in sorted(mutated):
            others = set[Var]().union(*(ids for i, ids in enumerate(yielded) if i != j))
            if (
                not yielded[j] <= (inside & self.buffers.owned) | params
                or yielded[j] & others
                or not yielded[j]
            ):
                self.found = _Violation(loop, ("yield", j), self.culprits(loop, j))
                return
        dangerous = {loop.carried[j] for j in mutated}
        dangerous |= set[Var]().union(*(yielded[j] for j in mutated))
        for k, item in enumerate(loop.appended):
            if self.buffers.operand(item) & dangerous:
                self.found = _Violation(loop, ("list", k), self.all_culprits(loop))
                return
        results = {var for r in loop.body.results for var in vars_of(r)}
        self.block(loop.body, outside | results)

    def inside(self, loop: Loop) -> set[Var]:
        return {var for s in statements_of(loop.body) for var in results_of(s)}

    def culprits(self, loop: Loop, slot: int) -> frozenset[Var]:
        """Return the optional updates that overwrite a carried value, if no other does."""
        return self._only_wished(loop, {loop.carried[slot]})

    def all_culprits(self, loop: Loop) -> frozenset[Var]:
        mutated = self.buffers.mutated.get(loop, set())
        return self._only_wished(loop, {loop.carried[j] for j in mutated})

    def _only_wished(self, loop: Loop, params: set[Var]) -> frozenset[Var]:
        found: set[Var] = set()
        related = set(params)
        for j, value in enumerate(loop.yields):
            if self.buffers.operand(value) & related:
                related.add(loop.carried[j])
        for statement in statements_of(loop.body):
            if isinstance(statement, Apply) and statement.result in self.marked:
                found.add(statement.result)
        direct = {
            s.result
            for s in statements_of(loop.body)
            if isinstance(s, Apply)
            and s.result in found
            and self.buffers.operand(s.args[0]) & related
        }
        direct = direct or found
        return frozenset(direct & self.wished) if direct <= self.wished else frozenset()


def _copy_of(operand: Operand, origin: Apply | Loop) -> tuple[Apply, Var]:
    t = operand.type if isinstance(operand, Var) else None
    hint = operand.hint if isinstance(operand, Var) else ""
    role = operand.role if isinstance(operand, Var) else None
    var = Var(hint, t, role) if t is not None and role is not None else Var("")
    return Apply(var, np.copy, (operand,), (), replace(origin.origin, expression=None)), var


def _repair(function: Function, violation: _Violation) -> Function:
    """Insert the copy that removes a violation."""
    target = violation.statement
    kind, at = violation.place

    def block(b: Block) -> Block:
        body: list[Statement] = []
        for s in b.body:
            if s is not target:
                body.append(_inner(s))
                continue
            if kind == "base":
                assert isinstance(s, Apply)
                copy, var = _copy_of(s.args[0], s)
                body += [copy, replace(s, args=(var, *s.args[1:]))]
                continue
            assert isinstance(s, Loop)
            if kind == "init":
                copy, var = _copy_of(s.inits[at], s)
                inits = (*s.inits[:at], var, *s.inits[at + 1 :])
                body += [copy, replace(s, inits=inits)]
                continue
            place = at if kind == "yield" else len(s.inits) + at
            copy, var = _copy_of(s.body.results[place], s)
            results = (*s.body.results[:place], var, *s.body.results[place + 1 :])
            new = replace(s.body, body=(*s.body.body, copy), results=results)
            body.append(replace(s, body=new))
        return replace(b, body=tuple(body))

    def _inner(s: Statement) -> Statement:

        return map_blocks(s, block)

    return replace(function, block=block(function.block))


def _mark(function: Function, marked: set[Var]) -> Function:

    def block(b: Block) -> Block:
        body = tuple(
            replace(s, inplace=True)
            if isinstance(s, Apply) and s.result in marked
            else map_blocks(s, block)
            for s in b.body
        )
        return replace(b, body=body)

    return replace(function, block=block(function.block))
