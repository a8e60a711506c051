"""Comprehensions, written out or as loops; generator expressions, which run when they are asked."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import libcst as cst

from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.lower.control.branches import branch
from s2s_grad.lower.control.side_effects import Before
from s2s_grad.lower.core.lending import can_lend, lent
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.core.readings import reading_during
from s2s_grad.lower.loops.for_loops import for_each
from s2s_grad.lower.memory.heap import is_conflict
from s2s_grad.lower.objects.containers import append
from s2s_grad.lower.objects.iterate import (
    RunTime,
    begun_later,
    first_element,
    iterate,
    iteration,
    needs_known,
    one_by_one,
)
from s2s_grad.lower.objects.iterators import END, Cell, Static, over_known
from s2s_grad.lower.objects.records import condition
from s2s_grad.lower.terms.frames import COLLECTED, Env, Frame, own_in, shared_in
from s2s_grad.lower.terms.read_ahead import Reading
from s2s_grad.lower.terms.refuse import NeedsStatic
from s2s_grad.lower.terms.static import truth
from s2s_grad.lower.terms.syntax_names import target_names
from s2s_grad.lower.terms.values import MISSING, static_value
from s2s_grad.lower.writes.assign import assign

__all__ = ["COMPREHENSIONS"]


def _list(low: Lowerer, node: cst.ListComp) -> Operand:
    found = _collected(low, node, lambda: low.expression(node.elt))
    return Pack(list, tuple(found)) if isinstance(found, list) else found


def _generator(low: Lowerer, node: cst.GeneratorExp) -> Operand:
    """Return the iterator of a generator expression: its first iterable is evaluated now."""
    scope = _Scope(low, node)
    clauses = scope.clauses
    first = iterate(low, low.expression(clauses[0].iter), clauses[0].iter)
    low.here.captured = True  # its names are read when the iterator is asked

    def give() -> Operand:
        return low.expression(node.elt)

    if isinstance(first, Static):
        return iteration(low, _GENERATOR, stepwise(low, scope, first, give))
    simple = len(clauses) == 1 and not clauses[0].ifs and not scope.assigned

    def element(elements: tuple[Operand, ...]) -> Operand:
        with scope.entered(low):
            assign(low, clauses[0].target, first.element(elements))
            return give()

    if simple:
        return iteration(low, _GENERATOR, replace(first, element=element))

    def begin(whole: bool) -> Static | RunTime:
        if one_by_one(low, first) is not None and not whole:
            return stepwise(low, scope, needs_known(low, first, "", ""), give)
        found: list[list[Operand] | Operand] = []
        before, start = Before.now(low), len(low.builder.statements)
        reading = reading_during(
            low, _GENERATOR, lambda: found.append(_collect(low, scope, first, give))
        )
        if whole:
            reads: tuple[Reading, ...] = ()
        else:
            if before.is_changed(low, low.builder.statements[start:]):
                raise NeedsStatic.of(low, Pack(tuple, first.seqs), _DOES_MORE, _WRITE_OUT)
            reads = (reading,)
        items = found[0]
        if isinstance(items, list):
            return over_known(low, items)
        return RunTime((items,), first_element, reads=reads)

    return begun_later(low, _GENERATOR, begin)


_DOES_MORE = (
    "a generator expression does more than giving values, and how far it is run is only known when "
    "the program runs."
)
_WRITE_OUT = "Write the loop out."
_GENERATOR = "a generator expression"


def _set(low: Lowerer, node: cst.SetComp) -> Operand:
    found = _collected(low, node, lambda: low.expression(node.elt))
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
    pairs = _collected(low, node, pair)
    if not isinstance(pairs, list):
        low.refuse("a dict whose keys are only known when the program runs.", "Use an array.")
    for item in pairs:
        assert isinstance(item, Pack)
        assert isinstance(item.items[0], Const)
        items[item.items[0].value] = item.items[1]
    return Pack(dict, tuple(items.values()), tuple(items))


class _Scope:
    """The scope of a comprehension, in the function around it."""

    def __init__(self, low: Lowerer, node: cst.BaseComp) -> None:
        self.node = node
        self.clauses: list[cst.CompFor] = []
        clause: cst.CompFor | None = node.for_in  # pyright: ignore[reportAttributeAccessIssue]
        while clause is not None:
            self.clauses.append(clause)
            clause = clause.inner_for_in
        outer = low.here
        self.targets = frozenset(n for c in self.clauses for n in target_names(c.target))
        self.assigned = outer.names.assigned(node)  # by `:=`, in the function around it
        names = outer.names
        self.rebound = names.rebound(outer.node) - self.targets - frozenset(self.assigned)
        self.outer = outer
        self.frame = Frame(outer.source, outer.node, self.targets, names, outer, comprehension=True)

    @contextmanager
    def entered(self, low: Lowerer) -> Generator[None]:
        """Lower in this scope inside; the names that `:=` binds are the function's."""
        frame, before, outer = self.frame, low.here, self.outer
        frame.env = own_in(frame.env) | shared_in(before.env)
        taken = [name for name in sorted(self.rebound) if can_lend(low, outer, name)]
        with lent(low, outer, frame, (*self.assigned, *taken)):
            before.left, low.frame = low.builder.statements, frame
            low.frames.append(frame)
            try:
                yield
                before.env.update(shared_in(frame.env))
            finally:
                low.frame = before
                low.frames.remove(frame)
                outer.captured = outer.captured or frame.captured


def stepwise(low: Lowerer, scope: _Scope, first: Static, give: Callable[[], Operand]) -> Static:
    """Return an iterator over a comprehension, which is lowered as far as it is asked."""
    clauses = scope.clauses
    begin = _Suspended((first,), {})
    cell = Cell(low, begin)

    def pull() -> Operand | None:
        state = cell.get()
        if state == END:
            return None
        streams, frame = list(state.streams), scope.frame
        frame.env.update(state.names)
        with scope.entered(low):
            while streams:
                item = streams[-1].pull()
                if item is None:
                    streams.pop()
                    continue
                clause = clauses[len(streams) - 1]
                assign(low, clause.target, item)
                if not all(_known_truth(low, test.test) for test in clause.ifs):
                    continue
                if len(streams) < len(clauses):
                    inner = clauses[len(streams)]
                    streams.append(_known_stream(low, low.expression(inner.iter), inner.iter))
                    continue
                found = give()
                names = {n: frame.env[n] for n in scope.targets if n in frame.env}
                cell.set(_Suspended(tuple(streams), names))
                frame.env.update(shared_in(low.here.env))
                return found
            cell.set(END)
        return None

    return Static(pull, first.holds)


@dataclass(frozen=True, slots=True, eq=False)
class _Suspended:
    """Where a generator expression stands: the iterators of its clauses and their targets."""

    streams: tuple[Static, ...]
    names: Env


def _known_stream(low: Lowerer, operand: Operand, node: cst.CSTNode) -> Static:
    reason = "how many items this has is only known when the program runs."
    return needs_known(low, iterate(low, operand, node), reason, "Write the loop out.")


def _known_truth(low: Lowerer, test: cst.BaseExpression) -> bool:
    known = truth(condition(low, test))
    if known is None:
        low.refuse(
            "how many items this comprehension has depends on data.",
            "Use a loop, or a mask.",
            test,
        )
    return known


def _collected(
    low: Lowerer, node: cst.BaseComp, item: Callable[[], Operand]
) -> list[Operand] | Operand:
    """Lower `item` for each round of a comprehension that is run to its end at once.

    Without a known number of rounds, return the list that a loop fills.
    """
    scope = _Scope(low, node)
    clause = scope.clauses[0]
    first = iterate(low, low.expression(clause.iter), clause.iter, whole=False)
    return _collect(low, scope, first, item)


def _collect(
    low: Lowerer, scope: _Scope, first: Static | RunTime, item: Callable[[], Operand]
) -> list[Operand] | Operand:
    clauses = scope.clauses
    whole = Pack(list, ())

    def so_far() -> Operand:
        found = low.memory.shallow(whole)
        if is_conflict(found):
            low.refuse(
                "how many items this comprehension has depends on data.",
                "Use a loop, or a mask.",
                scope.node,
            )
        return found

    def run(depth: int) -> None:
        if depth == len(clauses):
            append(low, so_far(), item())
            return
        clause = clauses[depth]
        iterable = None if depth == 0 else low.expression(clause.iter)
        stream = first if iterable is None else iterate(low, iterable, clause.iter)

        def one(element: Operand) -> None:
            assign(low, clause.target, element)
            _where(low, list(clause.ifs), lambda: run(depth + 1))

        known = one_by_one(low, stream)
        if known is None:
            assert isinstance(stream, RunTime)
            for_each(low, stream, one, scope.assigned)
        else:
            while (value := known.pull()) is not None:
                one(value)

    with scope.entered(low):
        low.here.env[COLLECTED] = whole
        run(0)
        found = so_far()
    return list(found.items) if isinstance(found, Pack) else found


def _where(low: Lowerer, conditions: list[cst.CompIf], then: Callable[[], None]) -> None:
    """Lower `then` where all conditions hold."""
    if not conditions:
        then()
        return
    cond = condition(low, conditions[0].test)
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
