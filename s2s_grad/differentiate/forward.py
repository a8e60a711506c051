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
from s2s_grad.differentiate.conform import conform
from s2s_grad.differentiate.singular import has_pole, is_number
from s2s_grad.differentiate.tangents import Tangents, push_forward
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
    Role,
    Statement,
    Var,
)
from s2s_grad.ir.types import ListOf, Type, join
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
            value = builder.named(value, statement.result, Role.TANGENT, before)
            self.tangents.values[statement.result] = value

    def branch(self, statement: If) -> None:
        builder = self.builder
        places = [i for i, result in enumerate(statement.results) if result in self.active]
        blocks: list[Block] = []
        for block in (statement.then, statement.orelse):
            with builder.nested() as body:
                self.walk(block.body)
                extra = [self.tangents.of(block.results[i]) for i in places]
                blocks.append(Block((), tuple(body), (*block.results, *extra)))
        at = len(statement.results)
        dots: list[Var] = []
        for k, i in enumerate(places):
            t = join(
                type_of(blocks[0].results[at + k]), type_of(blocks[1].results[at + k]), fresh_dim
            )
            dots.append(statement.results[i].like(t, Role.TANGENT))
            self.tangents.values[statement.results[i]] = dots[-1]
            if any(self.tangents.vanishes(block.results[i]) for block in blocks):
                self.tangents.zeros.add(statement.results[i])
        then, orelse = blocks
        results = (*statement.results, *dots)
        builder.append(replace(statement, results=results, then=then, orelse=orelse))

    def loop(self, loop: Loop) -> None:
        builder = self.builder
        slots = [j for j, param in enumerate(loop.carried) if param in self.active]
        seqs = [i for i, element in enumerate(loop.elements) if element in self.active]
        lists = [k for k, out in enumerate(loop.collected) if out in self.active]
        with builder.at(replace(loop.origin, phase=Phase.TANGENT, expression=None)):
            seq_dots = [self.tangents.of(loop.seqs[i]) for i in seqs]
            starts = [self.tangents.of(loop.inits[j]) for j in slots]
        self._note_zeros(loop, slots, seqs)
        types = [type_of(start) for start in starts]
        while True:
            body, params = self._body(loop, slots, seqs, lists, seq_dots, types)
            at = len(loop.inits)
            yields = body.results[at : at + len(slots)]
            widened = [widen(t, type_of(y)) for t, y in zip(types, yields, strict=True)]
            if widened == types and not self._note_zeros_again(loop, slots):
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
            self.tangents.values[out] = outs[-1]
            self._hand_on_zeros(loop.appended[k], out)
        for j, result in zip(slots, results, strict=True):
            self.tangents.values[loop.results[j]] = result
            self._hand_on_zeros(loop.carried[j], loop.results[j])
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

    def _hand_on_zeros(self, value: Operand, name: Var) -> bool:
        """Note that a name has zeros in its tangent if a value has; return whether that is new."""
        if name in self.tangents.zeros or not self.tangents.has_zeros(value):
            return False
        self.tangents.zeros.add(name)
        return True

    def _note_zeros(self, loop: Loop, slots: list[int], seqs: list[int]) -> None:
        """Note where the tangents that a loop starts from are zero by construction."""
        for i in seqs:
            self._hand_on_zeros(loop.seqs[i], loop.elements[i])
        for j in slots:
            if not is_number(loop.carried[j].type) and self.tangents.vanishes(loop.inits[j]):
                self.tangents.zeros.add(loop.carried[j])

    def _note_zeros_again(self, loop: Loop, slots: list[int]) -> bool:
        """Note what the body of a loop hands on to the next step; return whether that is new."""
        return any(self._hand_on_zeros(loop.yields[j], loop.carried[j]) for j in slots)

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
            self.tangents.values[loop.elements[i]] = dot
        for j, dot in zip(slots, params, strict=True):
            self.tangents.values[loop.carried[j]] = dot
        with builder.nested() as statements:
            self.walk(loop.body.body)
            yields = [self.tangents.of(loop.yields[j]) for j in slots]
            outs = [self.tangents.of(loop.appended[k]) for k in lists]
        flag = loop.body.results[-1:] if loop.stop else ()
        block = Block(
            (*loop.elements, *elements, *loop.carried, *params),
            tuple(statements),
            (*loop.yields, *yields, *loop.appended, *outs, *flag),
        )
        return block, params
