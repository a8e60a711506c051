"""What an adjoint computes again instead of keeping it, and whose shape it asks."""

from __future__ import annotations

import operator
from collections.abc import Collection, Container
from dataclasses import dataclass, field, replace

import numpy as np

from s2s_grad.analysis.extents import same_extents
from s2s_grad.analysis.indexing import index_items
from s2s_grad.analysis.infer import infer, type_of
from s2s_grad.analysis.undefined import find_undefined
from s2s_grad.differentiate.facts import Facts
from s2s_grad.ir.nodes import Apply, Block, Const, Operand, Statement, Var
from s2s_grad.ir.primitives import Cost, primitive
from s2s_grad.ir.rewrite import rewrite, substitute, substitute_in
from s2s_grad.ir.types import Array, ListOf, Scalar, Sequence, Type
from s2s_grad.ir.walk import bound_vars, free_vars, operands_of, statements_of, vars_of
from s2s_grad.runtime import sum_to

__all__ = ["Again", "ask_for_shapes", "copy_again"]


@dataclass(slots=True)
class Again:
    """Decides which variables of a block its adjoint computes again.

    `block` is the primal's block; `given` are variables of it that the adjoint has anyway.
    """

    block: Block
    facts: Facts
    given: Collection[Var]
    chosen: dict[Var, Apply] = field(default_factory=dict[Var, Apply])
    own: set[Var] = field(init=False)
    definitions: dict[Var, Apply] = field(init=False)
    order: dict[Var, int] = field(init=False)

    def __post_init__(self) -> None:
        self.own = set(bound_vars(self.block))
        self.order = {var: place for place, var in enumerate(bound_vars(self.block))}
        self.definitions = {
            s.result: _redirect(s, self.own, self.facts)
            for s in self.block.body
            if isinstance(s, Apply)
        }
        for var in self.definitions.keys() & self.facts.preserved.keys():
            self.definitions[var] = self.facts.preserved[var]

    def can(self, var: Var, kept: Collection[Var]) -> bool:
        """Choose a variable and what it depends on, if that is possible and cheap."""
        chosen: dict[Var, Apply] = {}
        if not self._extend(var, kept, chosen):
            return False
        self.chosen.update(chosen)
        return True

    def _extend(self, var: Var, kept: Collection[Var], chosen: dict[Var, Apply]) -> bool:
        if var not in self.own or var in self.given or var in kept:
            return True
        if var in self.chosen or var in chosen:
            return True
        statement = self.definitions.get(var)
        if statement is None or not self._is_cheap(statement, kept):
            return False
        for operand in operands_of(statement):
            for inner in vars_of(operand):
                if not self._extend(inner, kept, chosen):
                    return False
        chosen[var] = statement
        return True

    def statements(self) -> list[Apply]:
        """Return what was chosen, in order."""
        return sorted(self.chosen.values(), key=lambda s: self.order[s.result])

    def reads(self) -> set[Var]:
        """Return the variables that what was chosen reads."""
        return {
            var
            for s in self.chosen.values()
            for operand in operands_of(s)
            for var in vars_of(operand)
        }

    def _is_cheap(self, statement: Apply, kept: Collection[Var]) -> bool:
        cost = primitive(statement.fn).cost
        if cost is Cost.FREE or statement.result in self.facts.preserved:
            return True
        if statement.fn is operator.getitem:
            costly = statement.result in self.facts.costly and statement.args[0] not in kept
            return not costly and _is_cheap_read(statement)
        if cost is not Cost.CHEAP:
            return False
        if statement.fn is np.power and not isinstance(statement.args[1], Const):
            return False
        if self._is_shift(statement, kept):
            return True
        return all(
            _is_small(type_of(operand)) for operand in (statement.result, *operands_of(statement))
        )

    def _is_shift(self, statement: Apply, kept: Collection[Var]) -> bool:
        """Return whether a number is added to what the adjoint has anyway: ``1 - z``."""
        if statement.fn not in (np.add, np.subtract) or len(statement.args) != 2:
            return False
        numbers = [arg for arg in statement.args if isinstance(arg, Const)]
        others = [arg for arg in statement.args if arg in kept or arg in self.given]
        return len(numbers) == len(others) == 1


def _is_small(t: Type) -> bool:
    return isinstance(t, Scalar) or (isinstance(t, Array) and t.shape == ())


def _is_cheap_read(statement: Apply) -> bool:
    """Return whether a subscript reads one item or makes a view."""
    if isinstance(type_of(statement.args[0]), (Sequence, ListOf)):
        return True
    for item in index_items(statement.args[1]):
        t = type_of(item)
        if isinstance(t, Array) and t.shape != ():
            return False
    return True


def copy_again(statements: list[Apply], values: dict[Var, Operand]) -> list[Statement]:
    """Return copies of statements for the adjoint; `values` learns the new variables."""
    copies: list[Statement] = []
    for statement in statements:
        copied = substitute_in(statement, values)
        old = statement.result
        result = old.like()
        values[old] = result
        origin = replace(copied.origin, expression=None)
        copies.append(replace(copied, result=result, origin=origin, covered=True))
    return copies


# ------------------------------------------------------------------------------------------ shapes


def ask_for_shapes(
    primal: Block, adjoint: Block, facts: Facts, given: Collection[Var]
) -> tuple[Block, Block]:
    """Return both blocks so that no array of the primal's is read for its shape alone.

    The shape of an older variable is asked where one has it; else the primal asks for the shape.
    """
    own = set(bound_vars(primal))
    adjoint = rewrite(
        _drop_sums(primal, adjoint),
        lambda s: (_redirect(s, own, facts),) if isinstance(s, Apply) else None,
    )
    asked = [
        s
        for s in statements_of(adjoint)
        if isinstance(s, Apply) and primitive(s.fn).fact and s.args[0] in own and not s.kwargs
    ]
    if not asked:
        return primal, adjoint
    results: set[Var] = {s.result for s in asked}
    needed = free_vars(_without(adjoint, results))
    undefined = find_undefined(primal)  # these have no shape on some paths
    again = Again(primal, facts, given)
    made: dict[object, Apply] = {}
    values: dict[Var, Operand] = {}
    for s in asked:
        array = s.args[0]
        assert isinstance(array, Var)
        if array in needed or array in given or again.can(array, needed):
            continue
        if len(s.args) > 1 or array in undefined:
            continue
        known = made.get((s.fn, array))
        if known is None:
            fact = Var(primitive(s.fn).fact, infer(s.fn, (array,), {}))
            known = made[s.fn, array] = Apply(fact, s.fn, (array,))
        values[s.result] = known.result
    if not values:
        return primal, adjoint
    adjoint = substitute(_without(adjoint, values), values)
    return replace(primal, body=(*primal.body, *made.values())), adjoint


def _redirect(statement: Apply, own: set[Var], facts: Facts) -> Apply:
    """Ask a variable of the same shape that is not of the block."""
    record = primitive(statement.fn)
    asks = record.only_shape and (record.fact or not statement.kwargs)
    if not asks or not statement.args:
        return statement
    array = statement.args[0]
    if not isinstance(array, Var) or array not in own or not isinstance(array.type, Array):
        return statement
    source = facts.shapes.outside(array, own, dtype=not record.fact)
    if source is array:
        return statement
    origin = replace(statement.origin, expression=None)
    return replace(statement, args=(source, *statement.args[1:]), origin=origin)


def _drop_sums(primal: Block, adjoint: Block) -> Block:
    """Drop sums that undo a broadcast where the primal's own expressions prove that there is none.

    Here the primal is still at hand; later, what it computed is an item of a list.
    """
    definitions = {
        s.result: s
        for block in (primal, adjoint)
        for s in statements_of(block)
        if isinstance(s, Apply)
    }
    values: dict[Var, Operand] = {}
    for s in statements_of(adjoint):
        if not isinstance(s, Apply) or s.fn is not sum_to or s.kwargs:
            continue
        asked = definitions.get(s.args[1]) if isinstance(s.args[1], Var) else None
        if asked is not None and asked.fn is np.shape and len(asked.args) == 1:
            if same_extents(s.args[0], asked.args[0], definitions):
                value = s.args[0]
                values[s.result] = values.get(value, value) if isinstance(value, Var) else value
    if not values:
        return adjoint
    return substitute(_without(adjoint, values), values)


def _without(block: Block, results: Container[Var]) -> Block:
    """Return the block without the applications that compute `results`."""
    return rewrite(block, lambda s: () if isinstance(s, Apply) and s.result in results else None)
