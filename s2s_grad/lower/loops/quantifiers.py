"""The builtins `any` and `all`, which stop at the first item that decides."""

from __future__ import annotations

import builtins
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.may_raise import Raising
from s2s_grad.ir.nodes import Apply, Block, Operand, Origin, Pack, Statement
from s2s_grad.ir.types import Array, Scalar
from s2s_grad.ir.walk import statements_of
from s2s_grad.lower.control import branches as control
from s2s_grad.lower.control.operations import cannot_fail
from s2s_grad.lower.control.places import place_of_branch
from s2s_grad.lower.control.side_effects import Before
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.iterate import RunTime, iterate, one_by_one
from s2s_grad.lower.objects.iterators import Static
from s2s_grad.lower.objects.records import asked
from s2s_grad.lower.terms.frames import is_cell
from s2s_grad.lower.terms.refuse import NeedsStatic
from s2s_grad.lower.terms.static import truth
from s2s_grad.lower.terms.values import FALSE, TRUE, Args, Kwargs, is_false, is_true

__all__ = ["quantifier"]

_STOPS = (
    "where this stops is only known when the program runs, and what it runs over has effects or "
    "may raise."
)
_MOST_BRANCHES = 32  # one inside of another


@dataclass(frozen=True, slots=True)
class _Quantifier:
    """``any`` (`join` is `any_of`) or ``all``; `array_form` is the one for arrays of one axis."""

    fn: Callable[..., Any]
    join: Callable[..., Any]
    array_form: Callable[..., Any]

    @property
    def decides(self) -> bool:
        """The truth of an item at which it stops."""
        return self.fn is builtins.any

    def __call__(self, low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        (operand,) = args
        t = type_of(operand)
        if isinstance(t, Array):
            one_axis = t.shape is not None and len(t.shape) == 1
            return low.apply(self.array_form if one_axis else self.fn, operand, origin=origin)
        stream = iterate(low, operand)
        known = one_by_one(low, stream)
        if known is None:
            assert isinstance(stream, RunTime)
            return self._of_all(low, stream, origin)
        result = self._rest(low, known)
        if is_false(result) or is_true(result) or type_of(result) == Scalar("bool"):
            return result
        return low.apply(builtins.bool, result, origin=origin)

    def _of_all(self, low: Lowerer, stream: RunTime, origin: Origin) -> Operand:
        """Lower it for a stream of run-time length, where it makes no difference to go on."""
        before, start = Before.now(low), len(low.builder.statements)
        whole = low.collect(stream)
        since = low.builder.statements[start:]
        if before.is_changed(low, since) or _may_raise(since):
            raise NeedsStatic.of(low, Pack(tuple, stream.seqs), _STOPS, "Write the loop out.")
        return low.apply(self.fn, whole, origin=origin)

    def _rest(self, low: Lowerer, stream: Static, depth: int = 0) -> Operand:
        """Lower what is left of the items, inside of as many branches as `depth` says."""
        if depth > _MOST_BRANCHES:
            low.refuse(_STOPS, "Write the loop out.")
        while (item := stream.pull()) is not None:
            item = low.tested(asked(low, item))
            known = truth(item)
            if known is self.decides:
                break
            if known is None:
                return self._from(low, stream, item, depth)
        else:
            return FALSE if self.decides else TRUE
        return TRUE if self.decides else FALSE

    def _from(self, low: Lowerer, stream: Static, item: Operand, depth: int) -> Operand:
        """Lower what is left after an item whose truth is only known when the program runs."""
        with place_of_branch(low, item) as holds:
            if holds is None:
                return self._merged(low, stream, item, depth)
            if holds is not self.decides:
                return self._rest(low, stream, depth)
            return TRUE if holds else FALSE

    def _merged(self, low: Lowerer, stream: Static, item: Operand, depth: int) -> Operand:
        """Lower an item and what is left, as a branch if more than a truth is found there."""
        before = Before.now(low)
        with low.attempt() as attempt, low.builder.nested() as statements:
            later = self._rest(low, stream, depth)
            if all(map(cannot_fail, statements)) and not before.is_changed(
                low, statements, cells=False
            ):
                attempt.keep()
        if attempt.kept:
            for name, held in before.env.items():
                if is_cell(name):
                    low.here.env[name] = control.elsewhere(held, low.here.env[name])
            for statement in statements:
                low.builder.append(statement)
            if is_true(later) or is_false(later):
                return later if is_true(later) is self.decides else item
            return low.apply(self.join, item, later)
        more = functools.partial(self._rest, low, stream, depth + 1)
        if self.decides:
            return control.select(low, item, lambda: TRUE, more, None)
        return control.select(low, item, more, lambda: FALSE, None)


def _may_raise(statements: list[Statement]) -> bool:
    block = Block((), tuple(statements), ())
    raising = Raising(block)
    inner = (s for s in statements_of(block) if isinstance(s, Apply))
    return any(map(raising.may_raise, inner))


def quantifier(
    fn: Callable[..., Any], join: Callable[..., Any], array_form: Callable[..., Any]
) -> Callable[[Lowerer, Args, Kwargs, Origin], Operand]:
    """Return what lowers ``any`` or ``all``."""
    return _Quantifier(fn, join, array_form)
