"""Forward mode: each statement is followed by its tangent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from s2s_grad.analysis.activity import find_active
from s2s_grad.analysis.complex_values import has_complex
from s2s_grad.analysis.error_places import located, location_of
from s2s_grad.analysis.infer import released, row_type, type_of, widen
from s2s_grad.analysis.sizes import fresh_dim
from s2s_grad.differentiate.conform import conform, in_precision
from s2s_grad.differentiate.singular import has_pole, is_number
from s2s_grad.differentiate.tangents import Tangents, push_forward
from s2s_grad.errors import S2SError
from s2s_grad.ir.builder import Builder
from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Carry,
    Collect,
    Define,
    Each,
    Effect,
    For,
    If,
    Loop,
    Merge,
    Operand,
    Phase,
    Role,
    Statement,
    Var,
)
from s2s_grad.ir.types import ListOf, join
from s2s_grad.ir.walk import statements_of

__all__ = ["forward"]


def forward(
    block: Block, tangents: Mapping[Var, Operand], builder: Builder
) -> tuple[tuple[Statement, ...], Operand]:
    """Return the statements of a block, each followed by its tangent, and the result's tangent.

    `tangents` gives the tangent of each variable differentiated.
    """
    definitions = {s.result: s for s in statements_of(block) if isinstance(s, Apply)}
    active = find_active(block, tangents)
    poles = any(has_pole(s, definitions) for s in definitions.values())
    known = Tangents(builder, active, definitions, has_complex(block), poles, dict(tangents))
    with builder.nested() as statements:
        _Pusher(known).walk(block.body)
        tangent = known.of(block.results[0])
        return tuple(statements), tangent


class _Pusher:
    """Walks the statements of a program and appends them with their tangents."""

    def __init__(self, tangents: Tangents) -> None:
        self.tangents = tangents
        self.builder = tangents.builder
        self.active = tangents.active

    def walk(self, statements: tuple[Statement, ...]) -> None:
        # A walk of its own: the bodies of loops are built until the types of tangents settle.
        for statement in statements:
            match statement:
                case Apply():
                    self.apply(statement)
                case If():
                    self.branch(statement)
                case Loop():
                    self.loop(statement)
                case Effect(result=result):
                    if result is not None and result in self.active:
                        self.tangents.opaque[result] = statement
                    self.builder.append(statement)
                case Define():
                    raise S2SError(
                        "a program that defines a local function cannot be differentiated",
                        location=location_of(statement.origin),
                    )
                case _:
                    assert_never(statement)

    def apply(self, statement: Apply) -> None:
        builder = self.builder
        builder.append(statement)
        origin = replace(statement.origin, phase=Phase.TANGENT, expression=None)
        with builder.at(origin), located(statement.origin):
            before = len(builder.statements)
            value = push_forward(statement, self.tangents)
            if value is None:
                return
            if self.tangents.with_complex:
                value = conform(builder, value, statement.result)
            value = in_precision(builder, value, statement.result)
            value = builder.named(value, statement.result, Role.TANGENT, before)
            self.tangents.values[statement.result] = value

    def branch(self, statement: If) -> None:
        builder = self.builder
        active = [merge for merge in statement.merged if merge.result in self.active]
        with builder.nested() as then:
            self.walk(statement.then_body)
            then_dots = [self.tangents.of(merge.then) for merge in active]
        with builder.nested() as orelse:
            self.walk(statement.else_body)
            else_dots = [self.tangents.of(merge.orelse) for merge in active]
        dots: list[Merge] = []
        for merge, *ways in zip(active, then_dots, else_dots, strict=True):
            t = join(type_of(ways[0]), type_of(ways[1]), fresh_dim)
            dots.append(Merge(merge.result.like(t, Role.TANGENT), ways[0], ways[1]))
            self.tangents.values[merge.result] = dots[-1].result
            if self.tangents.vanishes(merge.then) or self.tangents.vanishes(merge.orelse):
                self.tangents.zeros.add(merge.result)
        merged = (*statement.merged, *dots)
        builder.append(If(statement.cond, merged, tuple(then), tuple(orelse), statement.origin))

    def loop(self, loop: Loop) -> None:
        builder, active, tangents = self.builder, self.active, self.tangents
        each = [e for e in loop.each if e.element in active]
        carried = [carry for carry in loop.carried if carry.parameter in active]
        collected = [collect for collect in loop.collected if collect.result in active]
        with builder.at(replace(loop.origin, phase=Phase.TANGENT, expression=None)):
            seq_dots = [tangents.of(e.sequence) for e in each]
            starts = [tangents.of(carry.init) for carry in carried]
        self._note_zeros(each, carried)
        dots = [
            Each(dot, e.element.like(row_type(dot), Role.TANGENT))
            for e, dot in zip(each, seq_dots, strict=True)
        ]
        tangents.values |= {e.element: dot.element for e, dot in zip(each, dots, strict=True)}
        types = [type_of(start) for start in starts]
        while True:
            params = [
                carry.parameter.like(t, Role.TANGENT)
                for carry, t in zip(carried, types, strict=True)
            ]
            tangents.values |= {c.parameter: p for c, p in zip(carried, params, strict=True)}
            with builder.nested() as statements:
                self.walk(loop.statements)
                nexts = [tangents.of(carry.next) for carry in carried]
                items = [tangents.of(collect.item) for collect in collected]
            widened = [widen(t, type_of(y)) for t, y in zip(types, nexts, strict=True)]
            if widened == types and not self._note_zeros_again(carried):
                break
            types = widened
        lists = [_list_of(c, item) for c, item in zip(collected, items, strict=True)]
        for collect, made in zip(collected, lists, strict=True):
            tangents.values[collect.result] = made.result
            self._hand_on_zeros(collect.item, collect.result)
        carries: list[Carry] = []
        for carry, start, param, following in zip(carried, starts, params, nexts, strict=True):
            carries.append(_carry_of(carry, start, param, following))
            tangents.values[carry.result] = carries[-1].result
            self._hand_on_zeros(carry.parameter, carry.result)
        head = loop.head
        if isinstance(head, For):
            head = For((*head.each, *dots), head.reverse)
        builder.append(
            replace(
                loop,
                head=head,
                carried=(*loop.carried, *carries),
                statements=tuple(statements),
                collected=(*loop.collected, *lists),
            )
        )

    def _hand_on_zeros(self, value: Operand, name: Var) -> bool:
        """Note that a name has zeros in its tangent if a value has; return whether that is new."""
        if name in self.tangents.zeros or not self.tangents.has_zeros(value):
            return False
        self.tangents.zeros.add(name)
        return True

    def _note_zeros(self, each: list[Each], carried: list[Carry]) -> None:
        """Note where the tangents that a loop starts from are zero by construction."""
        for e in each:
            self._hand_on_zeros(e.sequence, e.element)
        for carry in carried:
            if not is_number(carry.parameter.type) and self.tangents.vanishes(carry.init):
                self.tangents.zeros.add(carry.parameter)

    def _note_zeros_again(self, carried: list[Carry]) -> bool:
        """Note what the body of a loop hands on to the next step; return whether that is new."""
        return any(self._hand_on_zeros(carry.next, carry.parameter) for carry in carried)


def _list_of(collect: Collect, item: Operand) -> Collect:
    """Return the list of the tangents of what is collected."""
    t = collect.result.type
    made = ListOf(type_of(item), t.length if isinstance(t, ListOf) else None)
    return Collect(item, collect.result.like(made, Role.TANGENT))


def _carry_of(carry: Carry, start: Operand, param: Var, following: Operand) -> Carry:
    """Return what is carried for the tangent of a carried value."""
    result = carry.result.like(released(param.type), Role.TANGENT)
    tested = None if carry.tested is None else param.like(role=Role.TANGENT)
    return Carry(start, param, following, result, tested)
