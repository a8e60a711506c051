"""Comprehensions and generator expressions over items known one by one: written out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.lower.assign import assign
from s2s_grad.lower.frames import Frame, objects_in
from s2s_grad.lower.iterate import Iteration, Static, iterate, known_items
from s2s_grad.lower.names import target_names
from s2s_grad.lower.static import truth
from s2s_grad.lower.values import MISSING, static_value

if TYPE_CHECKING:
    from s2s_grad.lower.lowerer import Lowerer

__all__ = ["COMPREHENSIONS"]


def _list(low: Lowerer, node: cst.ListComp) -> Operand:
    return Pack(list, tuple(_collect(low, node, lambda: low.expression(node.elt))))


def _generator(low: Lowerer, node: cst.GeneratorExp) -> Operand:
    items = tuple(_collect(low, node, lambda: low.expression(node.elt)))
    return Const(Iteration("a generator expression", Static(items)))


def _dict(low: Lowerer, node: cst.DictComp) -> Operand:
    def pair() -> Operand:
        key = static_value(low.expression(node.key))
        if key is MISSING:
            low.refuse("a dict key that is only known when the program runs.", "", node.key)
        return Pack(tuple, (Const(key), low.expression(node.value)))

    items: dict[Any, Operand] = {}
    for item in _collect(low, node, pair):
        assert isinstance(item, Pack)
        assert isinstance(item.items[0], Const)
        items[item.items[0].value] = item.items[1]
    return Pack(dict, tuple(items.values()), tuple(items))


def _collect(low: Lowerer, node: cst.BaseComp, item: Callable[[], Operand]) -> list[Operand]:
    """Lower `item` for each round of a comprehension, which has a scope of its own."""
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

    def run(depth: int) -> None:
        if depth == len(clauses):
            collected.append(item())
            return
        clause = clauses[depth]
        iterable = first if depth == 0 else low.expression(clause.iter)
        items = known_items(low, iterate(low, iterable, clause.iter))
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
    low.frame = frame
    low.frames.append(frame)
    try:
        run(0)
        outer.env.update(objects_in(frame.env))
    finally:
        low.frame = outer
        low.frames.remove(frame)
    outer.captured = outer.captured or frame.captured
    return collected


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
}
