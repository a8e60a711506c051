"""Constructs that are refused, each with its reason and what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import libcst as cst

from s2s_grad.errors import UnsupportedSyntax
from s2s_grad.ir.nodes import Operand, Var
from s2s_grad.ir.types import Scalar
from s2s_grad.ir.walk import vars_of

if TYPE_CHECKING:
    from s2s_grad.lower.lowerer import Lowerer

__all__ = ["REFUSED_EXPRESSIONS", "REFUSED_STATEMENTS", "NeedsList", "NeedsStatic"]


_REMEDY = "Index with a literal, loop over the items themselves, or stack them to an array."


class NeedsStatic(UnsupportedSyntax):
    """A value decides the shape of the program and is not known; `operand` is that value.

    It is computed from the `parameters` of the function; compiling for the values of these numbers,
    or the sizes of these arrays, helps.
    """

    operand: Operand | None = None
    parameters: tuple[str, ...] = ()

    @property
    def parameter(self) -> str:
        """The first of them, or nothing."""
        return self.parameters[0] if self.parameters else ""

    @classmethod
    def of(
        cls, low: Lowerer, operand: Operand, what: str = "", remedy: str = _REMEDY
    ) -> NeedsStatic:
        """Return the error for a value that picks one of several unlike items."""
        reason = what or "which item this subscript picks is only known when the program runs."
        error = cls(reason, remedy, low.location())
        error.operand = operand
        error.about = (operand,)
        error.parameters = tuple(_parameters_in(low, operand))
        return error


class NeedsList(NeedsStatic):
    """A list is used in a loop in a way that only a list of run-time length serves; `key` is it."""

    key: str = ""

    @classmethod
    def at(cls, low: Lowerer, key: str, reason: str, remedy: str) -> NeedsList:
        """Return the error, for the object with this key."""
        error = cls(reason, remedy, low.location())
        error.key = key
        root = low.memory.by_key[key].root
        error.about = (root, low.here.env.get(key, root))
        return error


def _parameters_in(low: Lowerer, operand: Operand) -> dict[str, None]:
    """Return the integer parameters that an operand is computed from; without any, the others."""
    found: dict[str, None] = {}
    arrays: dict[str, None] = {}
    waiting = list(vars_of(operand))
    seen: set[Var] = set()
    while waiting:
        var = waiting.pop()
        if var in seen:
            continue
        seen.add(var)
        if var in low.parameters and isinstance(var.type, Scalar):
            if var.type.kind == "int":
                found[low.parameters[var]] = None
        elif var in low.parameters:
            arrays[low.parameters[var]] = None
        for inner in low.defined.get(var, ()):
            waiting.extend(vars_of(inner))
    return found or arrays


def _refuse(reason: str, remedy: str) -> Callable[[Lowerer, Any], NoReturn]:
    def refuse(low: Lowerer, node: Any) -> NoReturn:
        low.refuse(reason, remedy, node)

    return refuse


REFUSED_EXPRESSIONS: dict[type[cst.CSTNode], Callable[[Lowerer, Any], NoReturn]] = {
    cst.Await: _refuse("`await` is not supported.", "Call a function that is not async."),
}

REFUSED_STATEMENTS: dict[type[cst.CSTNode], Callable[[Lowerer, Any], NoReturn]] = {
    cst.Try: _refuse(
        "`try` is not supported: which path runs depends on an exception.",
        "Test for the condition with `if` before it fails.",
    ),
    cst.TryStar: _refuse("`try` is not supported.", "Test for the condition with `if`."),
    cst.ClassDef: _refuse(
        "a class defined inside the function is not supported.", "Define it outside."
    ),
    cst.TypeAlias: _refuse("`type` is not supported here.", "Put it outside the function."),
}
