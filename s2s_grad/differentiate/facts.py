"""What is known of a primal before it is differentiated."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from s2s_grad.analysis.activity import find_active
from s2s_grad.analysis.complex_values import has_complex
from s2s_grad.analysis.preserved import find_preserved
from s2s_grad.analysis.shapes import Shapes, find_shapes
from s2s_grad.analysis.undefined import find_undefined
from s2s_grad.analysis.versions import find_costly_reads
from s2s_grad.differentiate.singular import has_pole
from s2s_grad.differentiate.undo import Undone
from s2s_grad.ir.nodes import Apply, Block, Loop, Var
from s2s_grad.ir.walk import statements_of

__all__ = ["Covers", "Facts", "find_facts"]

Covers = Collection[Callable[..., Any]] | None


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Facts about the variables of a block.

    `active` have a cotangent, `costly` are subscripts to keep rather than to read again,
    `preserved` are subscripts that the array behind the loop still answers, `shapes` says whose
    shape may be asked instead, `undefined` have a value on some paths only, `with_complex` says
    whether there are complex numbers, `poles` whether cotangents may be infinite. `outside` are the
    applications outside of regions; `undone` says what is taken back, None where that has not been
    decided yet. `covers` are the functions whose errors the adjoint may be left to raise: all where
    it is None.
    """

    active: set[Var]
    costly: frozenset[Var]
    preserved: dict[Var, Apply]
    shapes: Shapes
    undefined: frozenset[Var]
    with_complex: bool
    outside: dict[Var, Apply]
    definitions: dict[Var, Apply]
    poles: bool
    undone: Undone | None = None
    covers: Covers = None


def find_facts(
    block: Block, wrt: Sequence[Var], active: set[Var] | None = None, *, covers: Covers = None
) -> Facts:
    """Return the facts about a block that is differentiated with respect to `wrt`."""
    if active is None:
        active = find_active(block, wrt)
    definitions = {s.result: s for s in block.body if isinstance(s, Apply)}
    preserved: dict[Var, Apply] = {}
    for s in block.body:
        if isinstance(s, Loop):
            preserved |= find_preserved(s, definitions)
    shapes, undefined = find_shapes(block), find_undefined(block)
    costly = find_costly_reads(block)
    with_complex = has_complex(block)
    inside = {s.result: s for s in statements_of(block) if isinstance(s, Apply)}
    return Facts(
        active,
        costly,
        preserved,
        shapes,
        undefined,
        with_complex,
        outside={s.result: s for s in block.body if isinstance(s, Apply)},
        definitions=inside,
        poles=any(has_pole(s, inside) for s in inside.values()),
        covers=covers,
    )
