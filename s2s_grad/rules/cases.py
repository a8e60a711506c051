"""Test inputs of rules, as data: shapes and kinds of arrays that a checker fills with values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["ANY", "NONZERO", "POSITIVE", "UNIT", "A", "Case", "Domain", "Spec", "case"]

Domain = tuple[float, float]
Kind = Literal[
    "general", "distinct", "increasing", "integral", "gaps", "regular", "positive-definite"
]
ANY: Domain = (-2.0, 2.0)
POSITIVE: Domain = (0.3, 3.0)
NONZERO: Domain = (0.5, 2.5)
UNIT: Domain = (-0.9, 0.9)


@dataclass(frozen=True, slots=True)
class Spec:
    """An array to be filled: its shape, the interval of its values, and its kind.

    A *distinct* array has no ties, an *increasing* one is in order, an *integral* one has zeros
    and ties, one with *gaps* has NaN items; *regular* and *positive-definite* matrices have an
    inverse.
    """

    shape: tuple[int, ...]
    domain: Domain | None = None
    kind: Kind = "general"


@dataclass(frozen=True, slots=True)
class Case:
    """One call of a primitive; each `Spec` in it is a differentiable array."""

    args: tuple[Any, ...]
    kwargs: tuple[tuple[str, Any], ...] = ()


def A(*shape: int, domain: Domain | None = None, kind: Any = "general") -> Spec:
    """Return the specification of an array operand."""
    return Spec(shape, domain, kind)


def case(*args: Any, **kwargs: Any) -> Case:
    """Return one call of a primitive to be tested."""
    return Case(args, tuple(kwargs.items()))
