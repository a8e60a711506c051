"""What a loop carries that has no name: flags, and what a ``return`` inside of it returns."""

from __future__ import annotations

from dataclasses import dataclass

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import (
    UNDEFINED,
    Block,
    Carry,
    Const,
    Operand,
    Var,
)
from s2s_grad.ir.types import Scalar, Type
from s2s_grad.ir.walk import bound_vars
from s2s_grad.lower.control.branches import any_flag
from s2s_grad.lower.control.merge import foreign_function
from s2s_grad.lower.control.slots import LOCAL
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.loops.trial import Trial
from s2s_grad.lower.objects.unpack import leaves, rebuild
from s2s_grad.lower.terms.values import FALSE, is_false, is_made_of

__all__ = ["Carried", "Hidden", "any_flag_inside"]


@dataclass(slots=True, eq=False)
class Carried:
    """One carried value of the loop being built."""

    param: Var
    cond_param: Var
    init: Operand
    yielded: Operand
    result: Var
    wanted: bool  # read after the loop

    def as_carry(self, *, tested: bool) -> Carry:
        """Return it as the IR has it; `tested` says that the loop has a condition."""
        own = self.cond_param
        if own is self.param:
            own = Var(own.hint, own.type, own.role)
        return Carry(self.init, self.param, self.yielded, self.result, own if tested else None)


def any_flag_inside(hidden: Hidden, *flags: Operand) -> Operand:
    """Return whether one of two flags is set, computed inside the body."""
    with hidden.trial.region.within(hidden.low):
        return any_flag(hidden.low, *flags)


class Hidden:
    """Adds carried values that have no name: flags, and what a ``return`` in the loop returns."""

    def __init__(self, low: Lowerer, trial: Trial, carried: list[Carried]) -> None:
        self.low = low
        self.trial = trial
        self._carried = carried
        body = Block((*trial.elements, *trial.params), tuple(trial.region.statements), ())
        self._inside = set(bound_vars(body))

    def flag(self, hint: str, yielded: Operand) -> Operand:
        """Carry a flag that is False before the loop and when an iteration begins."""
        if is_false(yielded):
            return FALSE
        for item in self._carried:
            if item.yielded is yielded and is_false(item.init):
                item.wanted = True
                return item.result
        return self._carry(hint, FALSE, yielded, Scalar("bool"))

    def value(self, operand: Operand) -> Operand:
        """Carry a value that one iteration alone gives."""
        parts = [self._value(leaf) for leaf in leaves(operand)]
        return rebuild(operand, parts)

    def _value(self, leaf: Operand) -> Operand:
        if not is_made_of(leaf, self._inside):
            return foreign_function(self.low, leaf) or leaf
        if isinstance(leaf, Const):
            return Const(LOCAL)
        for item in self._carried:
            if item.yielded is leaf:
                item.wanted = True
                return item.result
        result = self._carry("", UNDEFINED, leaf, type_of(leaf))
        aliases = self.low.aliases
        buffers = aliases.of(leaf)
        if buffers:
            aliases.carry(result, aliases.reach(buffers) - self._inside)
        else:
            aliases.immutable(result)
        self.low.memory.stamp(result)
        return result

    def _carry(self, hint: str, init: Operand, yielded: Operand, t: Type) -> Var:
        param, result = Var(hint, t), Var(hint, t)
        self._carried.append(Carried(param, Var(hint, t), init, yielded, result, True))
        return result
