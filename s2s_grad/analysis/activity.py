"""Activity: which variables depend differentiably on the variables differentiated.

Carried values of a loop are active together: initial value, parameter, yield and result.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable, Iterable
from typing import Any, Protocol, assert_never

from s2s_grad.analysis.complex_values import has_complex, rule_of
from s2s_grad.analysis.error_places import location_of
from s2s_grad.errors import S2SError, UnsupportedOption
from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Define,
    Effect,
    If,
    Loop,
    Operand,
    Pack,
    Statement,
    Var,
)
from s2s_grad.ir.types import (
    Array,
    Dict,
    ListOf,
    Random,
    Range,
    Scalar,
    Sequence,
    Static,
    Type,
)
from s2s_grad.ir.walk import entering, leaving, operands_of, vars_of, visit
from s2s_grad.rules import Rule

__all__ = ["active_operands", "can_be_active", "dependencies", "find_active"]


def can_be_active(t: Type) -> bool:
    """Return whether a value of this type has a tangent space: it may hold a float."""
    match t:
        case Scalar():
            return t.kind in ("float", "complex")
        case Array():
            return t.dtype is None or t.dtype.kind in "fcO"
        case Sequence() | Dict():
            return any(can_be_active(item) for item in t.items)
        case ListOf():
            return can_be_active(t.item)
        case Range() | Static() | Random():
            return False
        case _:
            return True


def _operand_values(statement: Apply, rule: Rule) -> dict[str, Operand]:
    """Return the operands that may carry a derivative, by the rule's names."""
    if rule.family == "constant":
        return {}
    try:
        bound = rule.bind(statement.args, dict(statement.kwargs))
    except S2SError as error:
        if error.location is None:
            error.location = location_of(statement.origin)
        raise
    return {name: bound[name] for name in rule.operands if name in bound}


def active_operands(statement: Apply, rule: Rule, active: set[Var]) -> list[str]:
    """Return the names of the rule's operands that hold an active variable."""
    values = _operand_values(statement, rule)
    return [name for name, value in values.items() if _holds(value, active)]


def _holds(value: Any, active: set[Var]) -> bool:
    if isinstance(value, (tuple, list)):
        return any(_holds(item, active) for item in value)  # pyright: ignore[reportUnknownVariableType]
    return isinstance(value, (Var, Pack)) and any(var in active for var in vars_of(value))


def _reads_active(statement: Apply, active: set[Var], with_complex: bool) -> bool:
    if not can_be_active(statement.result.type):
        return False
    if statement.fn is operator.getitem:
        return _holds(statement.args[0], active)
    rule = rule_of(statement, with_complex)
    if rule is not None:
        values = _operand_values(statement, rule)
        _refuse_other_operands(statement, rule, values, active)
        return any(_holds(value, active) for value in values.values())
    if statement.fn in _NEVER_ACTIVE:
        return False
    # Without a rule: active, so that a derivative through it is an error and not a zero.
    everything = (*statement.args, *(operand for _, operand in statement.kwargs))
    return any(_holds(value, active) for value in everything)


def _refuse_other_operands(
    statement: Apply, rule: Rule, values: dict[str, Operand], active: set[Var]
) -> None:
    """Raise where an active value is an operand that the rule has no formula for."""
    if rule.family == "constant":
        return
    bound = rule.bind(statement.args, dict(statement.kwargs))
    for name, value in bound.items():
        if name not in values and name not in rule.still and _holds(value, active):
            raise UnsupportedOption(
                f"`{name}` of `{rule.primal.__name__}` is differentiated, but its rule has no "
                "formula for it",
                "keep it constant, or compute its effect with other functions",
                location_of(statement.origin),
            )


# Their other operand gives a shape or a dtype only.
_NEVER_ACTIVE: set[Callable[..., Any]] = {builtins.len, builtins.range, builtins.isinstance}


def find_active(block: Block, seeds: Iterable[Var]) -> set[Var]:
    """Return the variables of a block, and of those inside it, that depend on `seeds`."""
    finder = _Activity(set(seeds), has_complex(block))
    settle(finder, block)
    return finder.active


class _Search(Protocol):
    """A search through a block in which iterations hand on what the one before them found."""

    again: bool

    def enter(self, statement: Statement) -> bool | None: ...
    def leave(self, statement: Statement) -> None: ...


def settle(search: _Search, block: Block) -> None:
    """Go through a block until its loops hand on nothing new.

    All of them together, not each for itself: that would take a time exponential in their depth.
    """
    search.again = True
    while search.again:
        search.again = False
        visit(block, enter=search.enter, leave=search.leave)


class _Activity:
    def __init__(self, active: set[Var], with_complex: bool) -> None:
        self.active = active
        self.with_complex = with_complex
        self.again = False

    def enter(self, statement: Statement) -> bool | None:
        """Add what a loop begins with."""
        if isinstance(statement, Loop):
            self.spread(entering(statement))
        return not isinstance(statement, Define)

    def leave(self, statement: Statement) -> None:
        """Add what a statement computes from active variables."""
        match statement:
            case Apply(result=result):
                if result not in self.active and _reads_active(
                    statement, self.active, self.with_complex
                ):
                    self.active.add(result)
            case If():
                self.spread(leaving(statement))
            case Loop():
                before = len(self.active)
                self.spread([(carry.parameter, carry.next) for carry in statement.carried])
                self.again |= len(self.active) > before
                self.spread(leaving(statement))
            case Effect(result=result):
                if result is not None:
                    self.spread([(result, operand) for operand in operands_of(statement)])
            case Define():
                pass
            case _:
                assert_never(statement)

    def spread(self, values: Iterable[tuple[Var, Operand]]) -> None:
        """Add the variables that have the value of an operand which holds an active one."""
        for var, operand in values:
            if var not in self.active and _holds(operand, self.active):
                if can_be_active(var.type):
                    self.active.add(var)


def dependencies(block: Block, active: set[Var]) -> Callable[[Operand], set[Var]]:
    """Return a function that returns what an operand inside of a block depends on: the active
    parameters and free variables of the block.

    The relation is conservative: all active operands of a statement count.
    """
    found = _Dependencies(active)
    settle(found, block)
    return found.of


class _Dependencies:
    """What each variable depends on, of those that are active."""

    def __init__(self, active: set[Var]) -> None:
        self.active = active
        self.again = False
        self.sources: dict[Var, set[Var]] = {}

    def of(self, operand: Operand) -> set[Var]:
        """Return what an operand depends on."""
        active = (var for var in vars_of(operand) if var in self.active)
        return set[Var]().union(*(self.sources.get(var, {var}) for var in active))

    def enter(self, statement: Statement) -> bool | None:
        """Take in what a loop begins with."""
        if isinstance(statement, Loop):
            self._add(entering(statement))
        return not isinstance(statement, Define)

    def leave(self, statement: Statement) -> None:
        """Take in what a statement computes."""
        match statement:
            case Apply():
                if statement.result in self.active:
                    operands = map(self.of, operands_of(statement))
                    self.sources[statement.result] = set[Var]().union(*operands)
            case If():
                self._add(leaving(statement))
            case Loop():
                params = [carry.parameter for carry in statement.carried]
                before = [len(self.sources[param]) for param in params]
                self._add((carry.parameter, carry.next) for carry in statement.carried)
                self.again |= before != [len(self.sources[param]) for param in params]
                self._add(leaving(statement))
            case Effect() | Define():
                pass
            case _:
                assert_never(statement)

    def _add(self, values: Iterable[tuple[Var, Operand]]) -> None:
        for var, operand in values:
            self.sources[var] = self.sources.get(var, set()) | self.of(operand)
