"""Comprehensions and generator expressions over items known one by one: written out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.lower.assign import assign
from s2s_grad.lower.frames import Frame, objects_in
from s2s_grad.lower.iterate import Iteration, RunTime, Static, iterate, known_items
from s2s_grad.lower.loops import collect
from s2s_grad.lower.names import target_names
from s2s_grad.lower.static import truth
from s2s_grad.lower.values import MISSING, static_value

if TYPE_CHECKING:
    from s2s_grad.lower.lowerer import Lowerer

__all__ = ["COMPREHENSIONS"]


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

    Without a known number of rounds, return the list that a loop collects.
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
    collected: list[Operand] = []

    def at_run_time(stream: RunTime) -> Operand:
        clause = clauses[0]
        if len(clauses) > 1 or clause.ifs:
            low.refuse(
                "a comprehension with a condition or two loops over a sequence whose length is "
                "only known at run time.",
                "Use a loop, a boolean mask, or array operations.",
                clause.iter,
            )

        def one(element: Operand) -> Operand:
            assign(low, clause.target, element)
            return item()

        return collect(low, stream, one)

    def run(depth: int) -> None:
        if depth == len(clauses):
            collected.append(item())
            return
        clause = clauses[depth]
        iterable = first if depth == 0 else low.expression(clause.iter)
        items = known_items(low, stream if depth == 0 else iterate(low, iterable, clause.iter))
        if items is None:
            low.refuse(
                "a comprehension over a sequence whose length is only known at run time.",
                "Use array operations, or a loop that updates a value.",
                clause.iter,
            )
        for value in items:
            assign(low, clause.target, value)
            if _passes(low, clause):
                run(depth + 1)

    frame.env.update(objects_in(outer.env))
    stream = iterate(low, first, clauses[0].iter)
    low.frame = frame
    low.frames.append(frame)
    found: list[Operand] | Operand = collected
    try:
        if isinstance(stream, RunTime) and known_items(low, stream) is None:
            found = at_run_time(stream)
        else:
            run(0)
        outer.env.update(objects_in(frame.env))
    finally:
        low.frame = outer
        low.frames.remove(frame)
    outer.captured = outer.captured or frame.captured
    return found


def _passes(low: Lowerer, clause: cst.CompFor) -> bool:
    for condition in clause.ifs:
        known = truth(low.expression(condition.test))
        if known is None:
            low.refuse(
                "a comprehension that leaves out items by a condition known at run time only.",
                "Use a boolean mask, or a loop.",
                condition.test,
            )
        if not known:
            return False
    return True


COMPREHENSIONS: dict[type[cst.CSTNode], Callable[[Lowerer, Any], Operand]] = {
    cst.ListComp: _list,
    cst.GeneratorExp: _generator,
    cst.DictComp: _dict,
    cst.SetComp: _set,
}
