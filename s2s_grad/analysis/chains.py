"""Which arrays a loop could take back: each version is made from the one before by updates alone.

The chain of an array in a block leads from its last version, which the block hands on, to the
version that came in. Its steps are updates of items, copies, branches of which each leads back to
one and the same version, and loops that carry the array and could take it back themselves. A
loop could take a carried value back if its chain ends at a parameter, and if the values that end
at one another's parameters, as after ``a, b = b, a``, are a permutation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from s2s_grad.ir.nodes import Apply, Block, Carry, If, Loop, Operand, Statement, Var
from s2s_grad.ir.types import Array
from s2s_grad.ir.walk import results_of
from s2s_grad.runtime import add_at, set_item

__all__ = ["Chain", "chain_of", "find_families", "is_copy", "is_update"]


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """The versions of an array in a block, last first; ``steps[k]`` made ``versions[k]`` from
    ``versions[k + 1]``."""

    versions: tuple[Var, ...]
    steps: tuple[Statement, ...]

    @property
    def first(self) -> Var:
        return self.versions[-1]


def is_update(statement: Statement) -> bool:
    """Return whether a statement writes into a part of its first operand."""
    return isinstance(statement, Apply) and statement.fn in (set_item, add_at)


def is_copy(statement: Statement) -> bool:
    """Return whether a statement copies an array."""
    return isinstance(statement, Apply) and statement.fn is np.copy and len(statement.args) == 1


def chain_of(block: Block, last: Operand, among: frozenset[Var] | None = None) -> Chain | None:
    """Return the chain of a block that ends in a version, or None where something else made it.

    `among` are the versions that can be taken back, where that has been decided.
    """
    return _Tracer(among).chain(block, last)


def find_families(loop: Loop) -> list[frozenset[Var]]:
    """Return the versions of the arrays that a loop and the loops in it could take back.

    Arrays that can only be taken back together are one family.
    """
    tracer = _Tracer(None)
    gathered = _Gathered(tracer)
    for carry in tracer.roots(loop):
        gathered.carry(loop, carry)
    return gathered.families()


class _Tracer:
    def __init__(self, among: frozenset[Var] | None) -> None:
        self.among = among
        self.known: dict[Loop, dict[Carry, Carry]] = {}

    def chain(self, block: Block, last: Operand) -> Chain | None:
        if not isinstance(last, Var):
            return None
        made = {var: s for s in block.body for var in results_of(s)}
        versions, steps = [last], list[Statement]()
        while (statement := made.get(versions[-1])) is not None:
            before = self.before(statement, versions[-1])
            if before is None:
                return None
            steps.append(statement)
            versions.append(before)
        return Chain(tuple(versions), tuple(steps))

    def before(self, statement: Statement, version: Var) -> Var | None:
        """Return the version that a statement made another one from."""
        if self.among is not None and version not in self.among:
            return None
        found: Operand | None = None
        if isinstance(statement, Apply):
            if is_update(statement) or is_copy(statement):
                found = statement.args[0]
        elif isinstance(statement, If):
            merge = statement.merge_of(version)
            ways = (statement.then, merge.then), (statement.orelse, merge.orelse)
            chains = [self.chain(*way) for way in ways]
            firsts = {None if chain is None else chain.first for chain in chains}
            found = firsts.pop() if len(firsts) == 1 else None
        elif isinstance(statement, Loop):
            carry = next((c for c in statement.carried if c.result is version), None)
            found = carry.init if carry in self.roots(statement) else None
        return found if isinstance(found, Var) else None

    def roots(self, loop: Loop) -> dict[Carry, Carry]:
        """Return the carried values that could be taken back, each with the one it comes from."""
        if loop not in self.known:
            params = {carry.parameter: carry for carry in loop.carried}
            found: dict[Carry, Carry] = {}
            for carry in loop.carried:
                array = _is_array(carry.parameter)
                chain = self.chain(loop.body, carry.next) if array else None
                if chain is not None and chain.first in params:
                    found[carry] = params[chain.first]
            self.known[loop] = _permutation(found)
        return self.known[loop]


def _is_array(var: Var) -> bool:
    return isinstance(var.type, Array) and bool(var.type.shape)


def _permutation(found: dict[Carry, Carry]) -> dict[Carry, Carry]:
    """Return the largest part of a mapping that maps its keys onto themselves."""
    while True:
        sources = set(found.values())
        kept = {a: b for a, b in found.items() if b in found and a in sources}
        if len(kept) == len(found):
            return kept
        found = kept


@dataclass(slots=True)
class _Gathered:
    """Versions that belong together (a union-find), and the carried values that were passed."""

    tracer: _Tracer
    parent: dict[Var, Var] = field(default_factory=dict[Var, Var])
    passed: dict[Loop, set[Carry]] = field(default_factory=dict[Loop, set[Carry]])

    def find(self, var: Var) -> Var:
        while (up := self.parent.setdefault(var, var)) is not var:
            var = up
        return var

    def join(self, versions: Iterable[Var]) -> None:
        first, *rest = versions
        for var in rest:
            self.parent[self.find(var)] = self.find(first)

    def carry(self, loop: Loop, carry: Carry) -> None:
        """Gather the versions of one carried value."""
        if carry in self.passed.setdefault(loop, set()):
            return
        self.passed[loop].add(carry)
        source = self.tracer.roots(loop)[carry].parameter
        last = self.block(loop.body, carry.next)
        self.join((carry.result, carry.parameter, source, last))

    def block(self, block: Block, last: Operand) -> Var:
        """Gather the versions of one array in a block, and return the last."""
        chain = self.tracer.chain(block, last)
        assert chain is not None, "the values passed are those with a chain"
        self.join(chain.versions)
        for version, statement in zip(chain.versions, chain.steps, strict=False):
            if isinstance(statement, Loop):
                carry = next(c for c in statement.carried if c.result is version)
                self.carry(statement, carry)
                self.join((version, carry.parameter))
            elif isinstance(statement, If):
                merge = statement.merge_of(version)
                for way in ((statement.then, merge.then), (statement.orelse, merge.orelse)):
                    self.join((version, self.block(*way)))
        return chain.versions[0]

    def families(self) -> list[frozenset[Var]]:
        """Return what was gathered, without arrays that swap with others in an inner loop alone."""
        partial = {
            self.find(carry.parameter)
            for loop, passed in self.passed.items()
            for carry in passed
            if self.tracer.roots(loop)[carry] not in passed
        }
        members: dict[Var, list[Var]] = {}
        for var in self.parent:
            members.setdefault(self.find(var), []).append(var)
        return [frozenset(found) for root, found in members.items() if root not in partial]
