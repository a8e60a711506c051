"""Generator functions: run to their end when they are called, where that gives the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from s2s_grad.analysis.liveness import has_effect
from s2s_grad.ir.nodes import Const, Operand, Pack, Var
from s2s_grad.ir.types import ListOf
from s2s_grad.lower.containers import append
from s2s_grad.lower.iterate import Iteration, RunTime, Static, first_element
from s2s_grad.lower.unpack import items_of
from s2s_grad.lower.values import NONE

if TYPE_CHECKING:
    from s2s_grad.lower.lowerer import Lowerer

__all__ = ["GENERATORS", "check_generator", "run_generator"]

YIELDED = "<yielded>"


def run_generator(low: Lowerer, name: str, body: Callable[[], Operand]) -> Operand:
    """Lower the body of a generator function and return the iterator over what it gives."""
    given = Pack(list, ())
    low.here.env[YIELDED] = given
    start = len(low.builder.statements)
    time = low.memory.tick()
    with low.memory.watching(set()) as used:
        body()
    if any(has_effect(statement) for statement in low.builder.statements[start:]):
        low.refuse(f"`{name}` is a generator that does more than giving values.", "Return a list.")
    whole = low.memory.shallow(given)
    reads = frozenset(var for var in used if low.memory.born_before(var, time))
    stream: Static | RunTime
    if isinstance(whole, Pack):
        stream = Static(whole.items)
    elif isinstance(whole, Var) and isinstance(whole.type, ListOf):
        stream = RunTime((whole,), first_element)
    else:
        low.refuse(f"how many values `{name}` gives is only known when the program runs.")
    return Const(Iteration(name, stream, reads=reads, made=low.memory.tick()))


def check_generator(low: Lowerer, iterable: Operand, node: cst.CSTNode) -> None:
    """Refuse a loop over a generator that would have seen what the loop writes."""
    if not isinstance(iterable, Const) or not isinstance(iterable.value, Iteration):
        return
    iteration = iterable.value
    if any(low.memory.written_since(var, iteration.made) for var in iteration.reads):
        low.refuse(
            f"the loop writes to an array that the generator `{iteration.name}` reads.",
            "Make a list of what it gives first.",
            node,
        )


def _yield(low: Lowerer, node: cst.Yield) -> Operand:
    inner = node.value
    if isinstance(inner, cst.From):
        values = items_of(low, low.expression(inner.item), node=inner.item)
    else:
        values = (NONE if inner is None else low.expression(inner),)
    for value in values:
        append(low, low.memory.shallow(low.here.env[YIELDED]), value)
    return NONE


GENERATORS: dict[type[cst.CSTNode], Callable[[Lowerer, Any], Operand]] = {cst.Yield: _yield}
