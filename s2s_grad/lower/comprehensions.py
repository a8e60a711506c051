"""Comprehensions and generator expressions over items known one by one: written out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.lower.assign import assign
from s2s_grad.lower.containers import append
from s2s_grad.lower.control import branch
from s2s_grad.lower.frames import Frame, objects_in
from s2s_grad.lower.iterate import Iteration, RunTime, Static, iterate, known_items
from s2s_grad.lower.loops import for_each
from s2s_grad.lower.memory import is_conflict
from s2s_grad.lower.names import target_names
from s2s_grad.lower.static import truth
from s2s_grad.lower.values import MISSING, static_value

if TYPE_CHECKING:
    from s2s_grad.lower.lowerer import Lowerer

__all__ = ["COMPREHENSIONS"]

COLLECTED = "<collected>"


def _list(low: Lowerer, node: cst.ListComp) -> Operand:
    found = _collect(low, node, lambda: low.expression(node.elt))
    return Pack(list, tuple(found)) if isinstance(found, list) else found


def _generator(low: Lowerer, node: cst.GeneratorExp) -> Operand:
    found = _collect(low, node, lambda: low.expression(node.elt))
    if not isinstance(found, list):
        return found
    return Const(Iteration("a generator expression", Static(tuple(found))))


def _set(low: Lowerer, node: cst.SetComp) -> Operand:
    found = _collect(low, node, lambda: low.expression(node.elt))
    values = [static_value(item) for item in found] if isinstance(found, list) else [MISSING]
    if any(value is MISSING for value in values):
        low.refuse("a set of values that are only known when the program runs.", "Use a list.")
    return Const(set(values))


def _dict(low: Lowerer, node: cst.DictComp) -> Operand:
    def pair() -> Operand:
        key = static_value(low.expression(node.key))
        if key is MISSING:
            low.refuse("a dict key that is only known when the program runs.", "", node.key)
        return Pack(tuple, (Const(key), low.expression(node.value)))

    items: dict[Any, Operand] = {}
    pairs = _collect(low, node, pair)
    if not isinstance(pairs, list):
        low.refuse("a dict whose keys are only known when the program runs.", "Use an array.")
    for item in pairs:
        assert isinstance(item, Pack)
        assert isinstance(item.items[0], Const)
        items[item.items[0].value] = item.items[1]
    return Pack(dict, tuple(items.values()), tuple(items))


def _collect(
    low: Lowerer, node: cst.BaseComp, item: Callable[[], Operand]
) -> list[Operand] | Operand:
    """Lower `item` for each round of a comprehension, which has a scope of its own.

    Without a known number of rounds, return the list that a loop fills.
    """
    outer = low.here
    clauses: list[cst.CompFor] = []
    clause: cst.CompFor | None = node.for_in  # pyright: ignore[reportAttributeAccessIssue]
    while clause is not None:
        clauses.append(clause)
        clause = clause.inner_for_in
    targets = frozenset(name for clause in clauses for name in target_names(clause.target))
    frame = Frame(outer.source, outer.node, targets, outer.names, outer, comprehension=True)
    first = low.expression(clauses[0].iter)
    whole = Pack(list, ())
    frame.env[COLLECTED] = whole
    frame.env.update(objects_in(outer.env))

    def so_far() -> Operand:
        found = low.memory.shallow(whole)
        if is_conflict(found):
            low.refuse(
                "how many items this comprehension has depends on data.",
                "Use a loop, or a mask.",
                node,
            )
        return found

    def run(depth: int) -> None:
        if depth == len(clauses):
            append(low, so_far(), item())
            return
        clause = clauses[depth]
        iterable = first if depth == 0 else low.expression(clause.iter)
        stream = iterate(low, iterable, clause.iter)

        def one(element: Operand) -> None:
            assign(low, clause.target, element)
            _where(low, list(clause.ifs), lambda: run(depth + 1))

        items = known_items(low, stream)
        if items is None:
            assert isinstance(stream, RunTime)
            for_each(low, stream, one)
        else:
            for value in items:
                one(value)

    low.frame = frame
    low.frames.append(frame)
    try:
        run(0)
        found = so_far()
        outer.env.update(objects_in(frame.env))
    finally:
        low.frame = outer
        low.frames.remove(frame)
    outer.captured = outer.captured or frame.captured
    return list(found.items) if isinstance(found, Pack) else found


def _where(low: Lowerer, conditions: list[cst.CompIf], then: Callable[[], None]) -> None:
    """Lower `then` where all conditions hold."""
    if not conditions:
        then()
        return
    cond = low.condition(conditions[0].test)
    known = truth(cond)
    if known is None:
        branch(low, cond, lambda: _where(low, conditions[1:], then), lambda: None)
    elif known:
        _where(low, conditions[1:], then)


COMPREHENSIONS: dict[type[cst.CSTNode], Callable[[Lowerer, Any], Operand]] = {
    cst.ListComp: _list,
    cst.GeneratorExp: _generator,
    cst.DictComp: _dict,
    cst.SetComp: _set,
}
