"""Undo: an adjoint takes an array back through its updates instead of keeping what was read.

A loop that overwrites parts of an array destroys what its adjoint needs to read. Where each version
of the array is made from the one before by updates alone, ``y1 = set_item(y0, i, v)``, one part is
enough to go back: ``y0 = set_item(y1, i, old)`` with ``old = y0[i]``. So the reversed loop carries
the array, from what it was behind the loop to what it was before, and reads it as the primal did.

What is taken back is decided once, at the outermost loop (`choose_undone`): its adjoint is built,
and what that would keep of an array is compared with the parts that are overwritten. Then the
adjoint is built again. Each region that updates a chosen array hands out its first version, as it
hands out cotangents (`take_back` does one block); so branches and inner loops need no plan of their
own. All of this is ordinary IR: it holds for any order of statements, and can be differentiated
again. The order is chosen such that updates can be in place: an update is undone as late as
possible, after the reads of the later version.

What cannot be read where it is used, since a region in between has not been reversed yet, is kept
like anything else.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from s2s_grad.analysis.chains import Chain, chain_of, is_copy, is_update
from s2s_grad.analysis.infer import infer
from s2s_grad.analysis.memory import is_view
from s2s_grad.ir.nodes import NOWHERE, Apply, Block, Operand, Phase, Statement, Var
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.rewrite import substitute, substitute_in
from s2s_grad.ir.types import Array, Scalar
from s2s_grad.ir.walk import blocks_of, free_vars, operands_of, results_of, same_operand, vars_of
from s2s_grad.runtime import set_item

__all__ = ["TakenBack", "Undo", "Undone", "take_back"]


@dataclass(frozen=True, slots=True, eq=False)
class Undone:
    """The versions of the arrays that a loop and its adjoint take back; `unseen` are those that
    are as good as what they were made from, since nothing reads what is different."""

    versions: frozenset[Var] = frozenset()
    unseen: frozenset[Var] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Undo:
    """What the adjoint of a block takes back.

    `lasts` are the last versions and what the adjoint has for each, `firsts` the versions that it
    hands out, `restored` those that a region inside of it hands out; `undone` is what was chosen.
    """

    lasts: tuple[tuple[Var, Operand], ...] = ()
    firsts: tuple[Var, ...] = ()
    restored: Mapping[Var, Var] = field(default_factory=dict[Var, Var])
    undone: Undone = field(default_factory=Undone)


@dataclass(frozen=True, slots=True, eq=False)
class TakenBack:
    """A block that computes what its adjoint needs for taking arrays back, and that adjoint.

    `kept` are the overwritten parts; the results of the adjoint end with the first versions.
    """

    primal: Block
    adjoint: Block
    kept: frozenset[Var] = frozenset()


def take_back(primal: Block, adjoint: Block, undo: Undo) -> TakenBack:
    """Undo the updates of a block in its adjoint, and read the arrays there."""
    if not undo.undone.versions:
        return TakenBack(primal, adjoint)
    return _Rewinder(primal, adjoint, undo).run()


@dataclass(slots=True)
class _Place:
    """How far an array has been taken back: the place in its chain, and the chain."""

    chain: Chain
    at: int = 0


class _Rewinder:
    def __init__(self, primal: Block, adjoint: Block, undo: Undo) -> None:
        self.primal = primal
        self.adjoint = adjoint
        self.firsts = undo.firsts
        self.unseen = undo.undone.unseen
        self.definitions = {s.result: s for s in primal.body if isinstance(s, Apply)}
        self.versions: dict[Var, tuple[_Place, int]] = {}
        self.values: dict[Var, Operand] = {}
        for last, value in undo.lasts:
            chain = chain_of(primal, last, undo.undone.versions)
            assert chain is not None, "only arrays with a chain are chosen"
            place = _Place(chain)
            self.versions |= {v: (place, k) for k, v in enumerate(chain.versions)}
            self.values[last] = value
        for version in free_vars(primal):
            if version in undo.undone.versions and version not in self.versions:
                self.versions[version] = (_Place(Chain((version,), ())), 0)
                self.values[version] = version  # the block around has it
        self.made = {made: v for v, made in undo.restored.items() if v in self.versions}
        self.olds: dict[Apply, Var] = {}
        self.body: list[Statement] = []
        self.origin = NOWHERE
        self.reads = [_reads(s) for s in adjoint.body]
        self.reads.append({v: None for r in adjoint.results for v in vars_of(r)})
        read = {var for reads in self.reads for var in reads}
        parts = {var: self.version_of(var) for var in self.definitions if var in read}
        self.pending = {var: place for var, place in parts.items() if place is not None}
        self.direct = [self.versions[var] for var in read if var in self.versions]

    def run(self) -> TakenBack:
        for statement, reads in zip(self.adjoint.body, self.reads, strict=False):
            self.origin = statement.origin
            for var in reads:
                self.provide(var)
            handed_out = [self.made[v] for v in results_of(statement) if v in self.made]
            for version in handed_out:
                self.read_up_to(version)
            self.body.append(substitute_in(statement, self.values))
            for made in results_of(statement):
                if made in self.made:
                    self.arrive(self.made[made], made)
        for var in self.reads[-1]:
            self.provide(var)
        for first in self.firsts:
            self.provide(first)
        handed_out = (*self.adjoint.results, *self.firsts)
        results = substitute(Block((), (), handed_out), self.values).results
        adjoint = replace(self.adjoint, body=tuple(self.body), results=results)
        return TakenBack(self.with_olds(), adjoint, frozenset(self.olds.values()))

    # ------------------------------------------------------------------------------------- reading

    def version_of(self, var: Operand) -> tuple[_Place, int] | None:
        """Return the version that a variable is, is a copy of or is a part of."""
        if not isinstance(var, Var):
            return None
        if var in self.versions:
            return self.versions[var]
        made = self.definitions.get(var)
        if made is None or not isinstance(var.type, (Array, Scalar)):
            return None
        return self.version_of(made.args[0]) if is_copy(made) or is_view(made) else None

    def provide(self, var: Var) -> bool:
        """Make a variable of the primal available, if it is a version or a part of one."""
        if var in self.values:
            return True
        found = self.version_of(var)
        self.pending.pop(var, None)
        if found is None or not self.descend(*found):
            return False
        if var not in self.versions and var not in self.values and var not in self.olds.values():
            self.read(var)
        return True

    def read(self, var: Var) -> None:
        """Read a part of a version again."""
        made = self.definitions[var]
        base = made.args[0]
        assert isinstance(base, Var)
        if base not in self.values:
            self.read(base)
        if is_copy(made):
            self.values[var] = self.values[base]
            return
        result = var.like()
        args = (self.values[base], *made.args[1:])
        self.body.append(replace(made, result=result, args=args, origin=self.origin))
        self.values[var] = result

    def read_up_to(self, version: Var) -> None:
        """Read what will be needed of later versions, before a region overwrites them."""
        place, end = self.versions[version]
        for var, (chain, at) in list(self.pending.items()):
            if var in self.pending and chain is place and place.at <= at < end:
                self.provide(var)

    # ------------------------------------------------------------------------------------- undoing

    def arrive(self, version: Var, made: Var) -> None:
        place, at = self.versions[version]
        self.values[version] = made
        place.at = at

    def descend(self, place: _Place, end: int) -> bool:
        """Take an array back to a version; return whether no region is in the way."""
        versions, steps = place.chain.versions, place.chain.steps
        if versions[end] in self.values:
            return True
        if not all(isinstance(s, Apply) for s in steps[place.at : end]):
            return False
        while place.at < end:
            wanted = {k for p, k in (*self.pending.values(), *self.direct) if p is place}
            target = next(k for k in range(place.at + 1, end + 1) if k == end or k in wanted)
            self.read_up_to(versions[place.at + 1])
            self.undo(place, target)
        return True

    def undo(self, place: _Place, target: int) -> None:
        """Undo updates, but for those of a part that an earlier one overwrites as well, and those
        that nobody sees."""
        versions, steps = place.chain.versions, place.chain.steps
        value = self.values[versions[place.at]]
        updates = [s for s in steps[place.at : target] if isinstance(s, Apply) and is_update(s)]
        for k, update in enumerate(updates):
            after = update.result
            if any(same_operand(update.args[1], other.args[1]) for other in updates[k + 1 :]):
                continue
            if after in self.unseen:
                continue
            result = after.like()
            at = self.behind_its_line(update, value)
            apart = at == len(self.body) and at and self.body[-1].origin.line is self.origin.line
            origin = self.origin if apart else replace(update.origin, phase=Phase.REVERSE)
            args = (value, update.args[1], self.old(update))
            step = Apply(result, set_item, args, (), replace(origin, expression=None))
            self.body.insert(at, step)
            value = result
        self.values[versions[target]] = value
        place.at = target

    def behind_its_line(self, update: Apply, value: Operand) -> int:
        """Return where an update is undone: with what else is the adjoint of the user's line."""
        place, _ = self.versions[update.result]
        parts = {value}
        for var, part in self.values.items():
            found = self.version_of(var)
            if found is not None and found[0] is place:
                parts.add(part)
        for at in range(len(self.body), 0, -1):
            before = self.body[at - 1]
            if before.origin.line is update.origin.line:
                return at
            if isinstance(before, Apply) and primitive(before.fn).only_shape:
                continue
            if parts & {*_reads(before), *results_of(before)}:
                break
        return len(self.body)

    def old(self, update: Apply) -> Var:
        """Return what an update overwrites: a variable of the primal, which is kept."""
        if update not in self.olds:
            self.olds[update] = self.known_old(update) or _new_old(update)
        return self.olds[update]

    def known_old(self, update: Apply) -> Var | None:
        for s in self.definitions.values():
            if s.fn is operator.getitem and s.args[0] is update.args[0]:
                if same_operand(s.args[1], update.args[1]) and s.result not in self.values:
                    return s.result
        return None

    def with_olds(self) -> Block:
        body: list[Statement] = []
        for s in self.primal.body:
            old = self.olds.get(s) if isinstance(s, Apply) else None
            if old is not None and old not in self.definitions:
                assert isinstance(s, Apply)
                origin = replace(s.origin, expression=None)
                body.append(Apply(old, operator.getitem, s.args[:2], (), origin))
            body.append(s)
        return replace(self.primal, body=tuple(body))


def _new_old(update: Apply) -> Var:
    base, index = update.args[:2]
    return Var("", infer(operator.getitem, (base, index), {}))


def _reads(statement: Statement) -> dict[Var, None]:
    read = {var: None for operand in operands_of(statement) for var in vars_of(operand)}
    for block in blocks_of(statement):
        read |= free_vars(block)
    return read
