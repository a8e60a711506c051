"""Reverse mode: a block of statements becomes an augmented block and the statements of its adjoint.

The adjoint is built by one walk from the last statement to the first. It may read every variable of
the primal that is in its scope; regions hand out what their adjoints need of their inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from s2s_grad.analysis.complex_values import is_real
from s2s_grad.analysis.error_places import located, location_of
from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.may_raise import raises_again
from s2s_grad.differentiate.applications import pull_back
from s2s_grad.differentiate.conform import conjugate
from s2s_grad.differentiate.cotangents import Cotangents, Masked
from s2s_grad.differentiate.facts import Covers, Facts, find_facts
from s2s_grad.differentiate.formulas import missing_rule
from s2s_grad.differentiate.reverse_branch import reverse_branch
from s2s_grad.differentiate.reverse_loop import reverse_loop
from s2s_grad.differentiate.taped import pull_back_call
from s2s_grad.errors import S2SError
from s2s_grad.ir.builder import Builder
from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Define,
    Effect,
    If,
    Loop,
    Operand,
    Phase,
    Statement,
    Var,
)
from s2s_grad.ir.taped import taped

__all__ = ["Adjoint", "reverse"]


@dataclass(frozen=True, slots=True, eq=False)
class Adjoint:
    """The parts of a reverse program.

    `primal` is the block's own statements, with what the adjoint needs handed out of regions;
    `statements` come after them; `cotangents` has one operand per variable differentiated, None
    where it is zero.
    """

    primal: tuple[Statement, ...]
    statements: tuple[Statement, ...]
    cotangents: tuple[Operand | None, ...]


def reverse(
    block: Block,
    wrt: Sequence[Var],
    seed: Operand,
    builder: Builder,
    active: set[Var] | None = None,
    *,
    covers: Covers = None,
) -> Adjoint:
    """Return the adjoint of a block with one result, for the cotangent `seed` of that result.

    Of complex values it takes and gives directions of steepest ascent: conjugates of cotangents.
    The adjoint statements are appended to a list of their own; `builder` only makes them.
    """
    facts = find_facts(block, wrt, active, covers=covers)

    def turned(value: Operand) -> Operand:
        if not facts.with_complex:
            return value
        with builder.at(replace(builder.origin, phase=Phase.REVERSE)):
            return conjugate(builder, value)

    with builder.nested() as statements:
        cotangents = Cotangents(builder, facts.with_complex)
        cotangents.add(block.results[0], turned(seed))
        primal = walk_back(block.body, cotangents, facts)
        values = [cotangents.dense_value(var) for var in wrt]
        found = tuple(
            value if value is None or is_real(var.type) else turned(value)
            for var, value in zip(wrt, values, strict=True)
        )
        tail = tuple(statements)
    return Adjoint(primal, tail, found)


def _raises_again(statement: Apply, cotangents: Cotangents, facts: Facts) -> bool:
    """Return whether what is about to be appended raises where the statement does."""
    if facts.covers is not None and statement.fn not in facts.covers:
        return False
    value = cotangents.values.get(statement.result)
    incoming = None if value is None or isinstance(value, Masked) else type_of(value)
    return raises_again(statement, incoming, facts.active)


def walk_back(
    statements: tuple[Statement, ...], cotangents: Cotangents, facts: Facts
) -> tuple[Statement, ...]:
    """Append the adjoint of statements, last first; return the augmented statements."""
    augmented: list[Statement] = []
    builder = cotangents.builder
    # A walk of its own: regions are built twice and more, with other cotangents.
    for statement in reversed(statements):
        with builder.at(replace(statement.origin, phase=Phase.REVERSE, expression=None)):
            match statement:
                case Apply():
                    if statement.fn is taped and statement.result in cotangents:
                        augmented += pull_back_call(statement, cotangents, facts.active)
                        continue
                    if statement.result in cotangents:
                        if statement.result in facts.active:
                            covered = _raises_again(statement, cotangents, facts)
                            with located(statement.origin):
                                pull_back(statement, cotangents, facts)
                            statement = replace(statement, covered=covered)
                        else:
                            cotangents.take(statement.result)
                    augmented.append(statement)
                case If():
                    augmented.append(reverse_branch(statement, cotangents, facts, walk_back))
                case Loop():
                    augmented.append(reverse_loop(statement, cotangents, facts, walk_back))
                case Effect(result=result):
                    if result is not None and result in cotangents:
                        if result in facts.active:
                            raise missing_rule(statement)
                        cotangents.take(result)
                    augmented.append(statement)
                case Define():
                    raise S2SError(
                        "a program that defines a local function cannot be differentiated",
                        location=location_of(statement.origin),
                    )
    return tuple(reversed(augmented))
