"""The rule record, the one table of rules, and how a formula is called.

A formula's parameter names are its residual set. It may name: an operand or option of the primal;
``ct``, the cotangent of the result; ``result``; ``x_dot``, the tangent of operand ``x``; and the
facts ``x_shape``, ``x_size``, ``result_shape`` and ``x_zeros`` (zeros like ``x``, to which the
formula adds).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from s2s_grad.errors import UnsupportedOption
from s2s_grad.rules.cases import Case

__all__ = [
    "COMPLEX_RULES",
    "Formula",
    "Lookup",
    "Rule",
    "call_formula",
    "parameters_of",
    "register",
    "table",
]

Formula = complex | Callable[..., Any]
Lookup = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """How to differentiate one primitive.

    `formulas` gives a formula per differentiable operand; `masks` the boolean mask outside which
    an operand's cotangent is zero by construction; `regular` says at which items the derivative of
    an elementwise primitive is finite, if not at all. With `partial`, formulas of a function with
    several results take None for the cotangent of a result that nobody uses. `nested` says how deep
    the lists are that an operand is in, where it is no array. A `holomorphic` rule holds for
    complex numbers, too.
    """

    primal: Callable[..., Any]
    family: str
    parameters: tuple[str, ...]
    defaults: Mapping[str, Any]
    formulas: Mapping[str, Formula]
    pushforward: Callable[..., Any] | None = None
    masks: Mapping[str, Callable[..., Any]] = field(default_factory=dict[str, Callable[..., Any]])
    cases: tuple[Case, ...] = ()
    ignored: Mapping[str, Any] = field(
        default_factory=dict[str, Any]
    )  # options with no effect here
    still: frozenset[str] = frozenset()  # operands with a derivative of zero
    regular: Callable[..., Any] | None = None
    partial: bool = False
    nested: Mapping[str, int] = field(default_factory=dict[str, int])
    holomorphic: bool = False

    @property
    def operands(self) -> tuple[str, ...]:
        return tuple(self.formulas)

    def needs(self, operand: str) -> tuple[str, ...]:
        """Return the names that the formula of an operand asks for."""
        formula = self.formulas[operand]
        return tuple(parameters_of(formula)) if callable(formula) else ()

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of each parameter, defaults included, for one call.

        Raises
        ------
        UnsupportedOption
            For an option that no formula handles and that differs from its default.
        """
        variadic = self.parameters[-1:] and self.parameters[-1].startswith("*")
        names = self.parameters[:-1] if variadic else self.parameters
        if len(args) > len(names) and not variadic:
            raise UnsupportedOption(
                f"`{_name(self.primal)}` was called with more arguments than its rule knows",
                f"the rule handles {', '.join(names)}",
            )
        bound = dict(zip(names, args, strict=False))
        if variadic:
            bound[self.parameters[-1][1:]] = tuple(args[len(names) :])
        known = {*names, *self.defaults}
        for name, value in kwargs.items():
            if name not in known:
                raise UnsupportedOption(
                    f"the derivative rule of `{_name(self.primal)}` does not handle `{name}=`",
                    "leave the option out, or compute its effect with other functions",
                )
            bound[name] = value
        for name, default in self.ignored.items():
            if name in bound:
                self._refuse_unless(name, bound.pop(name), default)
        for name, default in self.defaults.items():
            bound.setdefault(name, default)
        return bound

    def _refuse_unless(self, name: str, value: Any, default: Any) -> None:
        """Refuse an option that no formula handles; a compiler's constant is its value."""
        plain = getattr(value, "value", value)
        if plain is default or (isinstance(plain, (bool, int, str)) and plain == default):
            return
        raise UnsupportedOption(
            f"the derivative rule of `{_name(self.primal)}` does not handle `{name}=`",
            "leave the option out, or compute its effect with other functions",
        )

    def nesting(self, operand: str) -> int | None:
        """Return how deep an operand is nested: 0 for an array.

        None is returned for an operand that stands for no array, such as an axis.
        """
        if operand not in self.formulas and operand not in self.still:
            return None
        return self.nested.get(operand, 0)

    def mask(self, operand: str, lookup: Lookup) -> Any:
        """Return the mask outside which the operand's cotangent is zero, or None."""
        formula = self.masks.get(operand)
        return None if formula is None else call_formula(formula, lookup)


@functools.cache
def parameters_of(formula: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    """Return the parameters of a formula by name: what it needs."""
    return inspect.signature(formula).parameters


def call_formula(formula: Callable[..., Any], lookup: Lookup) -> Any:
    """Call a formula with each of its parameters looked up by name."""
    return formula(**{name: lookup(name) for name in parameters_of(formula)})


def _name(fn: Callable[..., Any]) -> str:
    return getattr(fn, "__name__", repr(fn))


table: dict[Callable[..., Any], Rule] = {}
COMPLEX_RULES: dict[Callable[..., Any], Rule] = {}  # where complex numbers need other formulas


def register(rule: Rule) -> Rule:
    """Add a rule to the table; a later rule for the same primal replaces the earlier one."""
    table[rule.primal] = rule
    return rule
