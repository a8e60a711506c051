"""Forward mode: each statement is followed by its tangent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from s2s_grad.analysis.activity import find_active
from s2s_grad.analysis.complex_values import has_complex
from s2s_grad.analysis.infer import released, row_type, type_of, widen
from s2s_grad.analysis.places import located, location_of
from s2s_grad.analysis.sizes import fresh_dim
from s2s_grad.differentiate.applications import missing_rule, push_forward
from s2s_grad.differentiate.conform import conform
from s2s_grad.differentiate.cotangents import zeros_of
from s2s_grad.errors import S2SError
from s2s_grad.ir.builder import Builder
from s2s_grad.ir.nodes import (
    UNDEFINED,
    Apply,
    Block,
    Const,
    Define,
    Effect,
    If,
    Loop,
    Operand,
    Pack,
    Phase,
    Role,
    Statement,
    Undefined,
    Var,
)
from s2s_grad.ir.types import ListOf, Type, join

__all__ = ["forward"]


def forward(
    block: Block, tangents: Mapping[Var, Operand], builder: Builder
) -> tuple[tuple[Statement, ...], Operand]:
    """Return the statements of a block, each followed by its tangent, and the result's tangent.

    `tangents` gives the tangent of each variable differentiated.
    """
    active = find_active(block, tangents)
    pusher = _Pusher(builder, active, dict(tangents), has_complex(block))
    with builder.nested() as statements:
        pusher.walk(block.body)
        tangent = pusher.tangent(block.results[0])
        return tuple(statements), tangent


class _Pusher:
    """The tangents known so far, in all scopes: names are unique, so one table serves."""

    def __init__(
        self,
        builder: Builder,
        active: set[Var],
        tangents: dict[Var, Operand],
        with_complex: bool,
    ) -> None:
        self.builder = builder
        self.with_complex = with_complex
        self.active = active
        self.tangents = tangents
        self.opaque: dict[Var, Effect] = {}  # results that no rule differentiates

    def tangent(self, operand: Operand) -> Operand:
        """Return the tangent of an operand, real zeros where it is inactive."""
        match operand:
            case Pack():
                items = tuple(self.tangent(item) for item in operand.items)
                return Pack(operand.kind, items, operand.keys)
            case Var() if operand in self.tangents:
                return self.tangents[operand]
            case Var() if operand in self.opaque:
                raise missing_rule(self.opaque[operand])
            case Const(value=Undefined()):
                return UNDEFINED
            case _:
                return zeros_of(self.builder, operand)

    def walk(self, statements: tuple[Statement, ...]) -> None:
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
                        self.opaque[result] = statement
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
            value = push_forward(
                statement, self.tangents, self.active, builder, self.tangent, self.with_complex
            )
            if value is None:
                return
            if self.with_complex:
                value = conform(builder, value, statement.result)
            value = builder.named(value, statement.result, Role.TANGENT, before)
            self.tangents[statement.result] = value

    def branch(self, statement: If) -> None:
        builder = self.builder
        places = [i for i, result in enumerate(statement.results) if result in self.active]
        blocks: list[Block] = []
        for block in (statement.then, statement.orelse):
            with builder.nested() as body:
                self.walk(block.body)
                extra = [self.tangent(block.results[i]) for i in places]
                blocks.append(Block((), tuple(body), (*block.results, *extra)))
        at = len(statement.results)
        dots: list[Var] = []
        for k, i in enumerate(places):
            t = join(
                type_of(blocks[0].results[at + k]), type_of(blocks[1].results[at + k]), fresh_dim
            )
            dots.append(statement.results[i].like(t, Role.TANGENT))
            self.tangents[statement.results[i]] = dots[-1]
        then, orelse = blocks
        results = (*statement.results, *dots)
        builder.append(replace(statement, results=results, then=then, orelse=orelse))

    def loop(self, loop: Loop) -> None:
        builder = self.builder
        slots = [j for j, param in enumerate(loop.carried) if param in self.active]
        seqs = [i for i, element in enumerate(loop.elements) if element in self.active]
        lists = [k for k, out in enumerate(loop.collected) if out in self.active]
        with builder.at(replace(loop.origin, phase=Phase.TANGENT, expression=None)):
            seq_dots = [self.tangent(loop.seqs[i]) for i in seqs]
            starts = [self.tangent(loop.inits[j]) for j in slots]
        types = [type_of(start) for start in starts]
        while True:
            body, params = self._body(loop, slots, seqs, lists, seq_dots, types)
            at = len(loop.inits)
            yields = body.results[at : at + len(slots)]
            widened = [widen(t, type_of(y)) for t, y in zip(types, yields, strict=True)]
            if widened == types:
                break
            types = widened
        results = tuple(
            loop.results[j].like(released(params[k].type), Role.TANGENT)
            for k, j in enumerate(slots)
        )
        outs: list[Var] = []
        end = len(body.results) - len(lists) - (1 if loop.stop else 0)
        for place, k in enumerate(lists):
            out = loop.collected[k]
            length = out.type.length if isinstance(out.type, ListOf) else None
            item = type_of(body.results[end + place])
            outs.append(out.like(ListOf(item, length), Role.TANGENT))
            self.tangents[out] = outs[-1]
        for j, result in zip(slots, results, strict=True):
            self.tangents[loop.results[j]] = result
        cond = loop.cond
        if cond is not None:
            unused = tuple(p.like(role=Role.TANGENT) for p in params)
            cond = replace(cond, params=(*cond.params, *unused))
        builder.append(
            replace(
                loop,
                seqs=(*loop.seqs, *seq_dots),
                inits=(*loop.inits, *starts),
                body=body,
                results=(*loop.results, *results),
                collected=(*loop.collected, *outs),
                cond=cond,
            )
        )

    def _body(
        self,
        loop: Loop,
        slots: list[int],
        seqs: list[int],
        lists: list[int],
        seq_dots: list[Operand],
        types: list[Type],
    ) -> tuple[Block, list[Var]]:
        builder = self.builder
        elements = [
            loop.elements[i].like(row_type(dot), Role.TANGENT)
            for i, dot in zip(seqs, seq_dots, strict=True)
        ]
        params = [loop.carried[j].like(t, Role.TANGENT) for j, t in zip(slots, types, strict=True)]
        for i, dot in zip(seqs, elements, strict=True):
            self.tangents[loop.elements[i]] = dot
        for j, dot in zip(slots, params, strict=True):
            self.tangents[loop.carried[j]] = dot
        with builder.nested() as statements:
            self.walk(loop.body.body)
            yields = [self.tangent(loop.yields[j]) for j in slots]
            outs = [self.tangent(loop.appended[k]) for k in lists]
        flag = loop.body.results[-1:] if loop.stop else ()
        block = Block(
            (*loop.elements, *elements, *loop.carried, *params),
            tuple(statements),
            (*loop.yields, *yields, *loop.appended, *outs, *flag),
        )
        return block, params
