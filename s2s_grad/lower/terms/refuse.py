"""The errors that say what would have to be known, so that another attempt can know it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from s2s_grad.errors import Location, UnsupportedSyntax
from s2s_grad.ir.nodes import Operand, Var
from s2s_grad.ir.types import Scalar
from s2s_grad.ir.walk import vars_of

__all__ = ["NeedsList", "NeedsStatic"]


_REMEDY = "Index with a literal, loop over the items themselves, or stack them to an array."


class Traced(Protocol):
    """What a lowering knows about where its values come from."""

    @property
    def parameters(self) -> Mapping[Var, str]: ...

    @property
    def defined(self) -> Mapping[Var, tuple[Operand, ...]]: ...

    def location(self) -> Location | None: ...


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
        cls, low: Traced, operand: Operand, what: str = "", remedy: str = _REMEDY
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


def _parameters_in(low: Traced, operand: Operand) -> dict[str, None]:
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
