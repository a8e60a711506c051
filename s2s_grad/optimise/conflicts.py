"""Find where an update in place would be seen: a buffer that is not owned, or is read afterwards.

An update may overwrite the buffer of its base if the program owns that buffer and nothing that is
live afterwards refers to it. A loop that overwrites a carried value has to own its initial value,
and must not collect or keep what it overwrites. Whoever asks for the shape of an array does not
read it: an update leaves it as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from s2s_grad.analysis.buffers import Buffers, find_buffers
from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Carry,
    Collect,
    Define,
    Effect,
    Function,
    If,
    Loop,
    Var,
)
from s2s_grad.ir.nodes import Statement as Node
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.types import Array
from s2s_grad.ir.walk import (
    blocks_in,
    blocks_of,
    bound_vars,
    operands_of,
    results_of,
    statements_of,
    vars_of,
)

__all__ = ["Conflict", "find_conflict"]


@dataclass(frozen=True, slots=True, eq=False)
class Conflict:
    """A place where overwriting would be seen: an update, or an operand of a loop.

    `kind` is base (of an update), init, next (of a value that the loop carries) or list (that it
    collects); `offenders` are the variables that would see it, none where the buffer is not owned.
    `culprits` are the optional updates that could be given up instead.
    """

    statement: Apply | Loop
    kind: str
    value: Carry | Collect | None
    offenders: frozenset[Var]
    culprits: frozenset[Var]


def find_conflict(function: Function, marked: set[Var], wished: set[Var]) -> Conflict | None:
    """Return a conflict, or None where the updates in `marked` may all happen in place.

    Parameters
    ----------
    function : Function
        A program whose updates are functional.
    marked : set of Var
        The results of the updates that are to overwrite their bases.
    wished : set of Var
        Those of them that can be given up.
    """
    finder = _Finder(function, marked, wished)
    # What is collected comes first: as long as it is a view, all that is behind it is blocked.
    for statement in reversed(list(statements_of(function.block))):
        if isinstance(statement, Loop) and finder.collected(statement):
            return finder.found
    live = {var for result in function.block.results for var in vars_of(result)}
    finder.block(function.block, live)
    return finder.found


class _Finder:
    def __init__(self, function: Function, marked: set[Var], wished: set[Var]) -> None:
        self.marked = marked
        self.wished = wished
        self.buffers: Buffers = find_buffers(function, marked)
        self.found: Conflict | None = None
        self.known: dict[Block, frozenset[Var]] = {}

    def block(self, block: Block, live: set[Var]) -> None:
        """Check a block from its end, given what is live behind it."""
        # A walk of its own: what is live goes down into blocks, and each has another set.
        live = set(live)
        for statement in reversed(block.body):
            if self.found is not None:
                return
            self.statement(statement, live)
            live.difference_update(results_of(statement))
            live.update(self.reads(statement))
            for inner in blocks_of(statement):
                live.update(self.free(inner))

    def reads(self, statement: Node) -> set[Var]:
        """Return the variables whose contents a statement reads, outside its blocks."""
        if isinstance(statement, Apply) and primitive(statement.fn).only_shape:
            if isinstance(type_of(statement.args[0]), Array):
                return {var for operand in operands_of(statement)[1:] for var in vars_of(operand)}
        return {var for operand in operands_of(statement) for var in vars_of(operand)}

    def free(self, block: Block) -> frozenset[Var]:
        """Return the variables from outside of a block whose contents it reads."""
        if block not in self.known:
            read = {v for b in blocks_in(block) for result in b.results for v in vars_of(result)}
            read.update(var for s in statements_of(block) for var in self.reads(s))
            self.known[block] = frozenset(read.difference(bound_vars(block)))
        return self.known[block]

    def statement(self, statement: Node, live: set[Var]) -> None:
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
                self.block(statement.block, live | self.free(statement.block) | results)
            case Effect():
                pass
            case _:
                assert_never(statement)

    def update(self, statement: Apply, live: set[Var]) -> None:
        ids = self.buffers.operand(statement.args[0])
        owned = bool(ids) and ids <= self.buffers.owned
        offenders = frozenset(
            var
            for var in live
            if var is not statement.result and self.buffers.of.get(var, ids) & ids
        )
        if not owned or offenders:
            culprits = frozenset({statement.result} & self.wished)
            seen = offenders if owned else frozenset[Var]()
            self.found = Conflict(statement, "base", None, seen, culprits)

    def loop(self, loop: Loop, live: set[Var]) -> None:
        mutated = self.buffers.mutated.get(loop, set())
        free = set(self.free(loop.body))
        if loop.cond is not None:
            free |= self.free(loop.cond)
        seqs = {var for each in loop.each for var in vars_of(each.sequence)}
        outside = (live - set(results_of(loop))) | free | seqs
        if self.initial(loop, mutated, outside) or self.final(loop, mutated):
            return
        results = {var for r in loop.body.results for var in vars_of(r)}
        self.block(loop.body, outside | results)

    def initial(self, loop: Loop, mutated: set[Carry], outside: set[Var]) -> bool:
        inits = {carry: self.buffers.operand(carry.init) for carry in loop.carried}
        for carry in loop.carried:
            if carry not in mutated:
                continue
            ids = inits[carry]
            others = set[Var]().union(*(held for c, held in inits.items() if c is not carry))
            offenders = frozenset(
                var for var in outside if self.buffers.of.get(var, frozenset()) & ids
            )
            owned = bool(ids) and ids <= self.buffers.owned and not ids & others
            if not owned or offenders:
                seen = offenders if owned else frozenset[Var]()
                self.found = Conflict(loop, "init", carry, seen, self.culprits(loop, {carry}))
                return True
        return False

    def final(self, loop: Loop, mutated: set[Carry]) -> bool:
        """Check what an iteration hands on."""
        inside = {var for s in statements_of(loop.body) for var in results_of(s)}
        params = {carry.parameter for carry in loop.carried}
        handed = {carry: self.buffers.operand(carry.next) for carry in loop.carried}
        for carry in loop.carried:
            if carry not in mutated:
                continue
            ids = handed[carry]
            others = set[Var]().union(*(held for c, held in handed.items() if c is not carry))
            fresh = bool(ids) and ids <= (inside & self.buffers.owned) | params
            if not fresh or ids & others:
                culprits = self.culprits(loop, {carry})
                self.found = Conflict(loop, "next", carry, frozenset(), culprits)
                return True
        return False

    def collected(self, loop: Loop) -> bool:
        """Check that a loop collects nothing that its iterations overwrite."""
        mutated = self.buffers.mutated.get(loop, set())
        dangerous = {carry.parameter for carry in mutated}
        dangerous |= set[Var]().union(*(self.buffers.operand(carry.next) for carry in mutated))
        for collect in loop.collected:
            if self.buffers.operand(collect.item) & dangerous:
                culprits = self.culprits(loop, mutated)
                self.found = Conflict(loop, "list", collect, frozenset(), culprits)
                return True
        return False

    def culprits(self, loop: Loop, overwritten: set[Carry]) -> frozenset[Var]:
        """Return the optional updates that overwrite carried values, if no other does."""
        related = {carry.parameter for carry in overwritten}
        for carry in loop.carried:
            if self.buffers.operand(carry.next) & related:
                related.add(carry.parameter)
        updates = [
            s for s in statements_of(loop.body) if isinstance(s, Apply) and s.result in self.marked
        ]
        direct = {s.result for s in updates if self.buffers.operand(s.args[0]) & related}
        direct = direct or {s.result for s in updates}
        return frozenset(direct) if direct <= self.wished else frozenset()
