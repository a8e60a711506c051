"""How many results a NumPy function with several of them has, where their shapes are not known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from s2s_grad.ir.guards import is_items
from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.ir.primitives import OPERANDS, PIECES, Results, primitive
from s2s_grad.ir.types import Array, Sequence

__all__ = ["result_names", "several_results"]

_Operands = tuple[Operand, ...]


def several_results(
    fn: Callable[..., Any], args: _Operands, kwargs: dict[str, Operand]
) -> Sequence | None:
    """Return the type of a tuple or list of arrays; None for a function with one result."""
    results = primitive(fn).results
    count = None if results is None else _count(results, args, kwargs)
    return None if results is None or count is None else Sequence(results.kind, (Array(),) * count)


def result_names(fn: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of the results of a NumPy function, where they have names.

    Examples
    --------
    >>> import numpy as np
    >>> result_names(np.linalg.eigh)
    ('eigenvalues', 'eigenvectors')
    """
    results = primitive(fn).results
    return () if results is None else results.names


def _count(results: Results, args: _Operands, kwargs: dict[str, Operand]) -> int | None:
    if results.count == OPERANDS:
        return len(args)
    if results.count == PIECES:
        return _pieces(args, kwargs)
    if not results.option:
        return results.count
    default = Const(results.values[0])
    named = kwargs.get(results.option, default)
    given = args[results.place] if len(args) > results.place else named
    value = given.value if isinstance(given, Const) else None
    known = isinstance(value, (bool, str)) and value in results.values
    return results.count if known else None


def _pieces(args: _Operands, kwargs: dict[str, Operand]) -> int | None:
    """Return into how many pieces an array is split."""
    sections = args[1] if len(args) > 1 else kwargs.get("indices_or_sections")
    if isinstance(sections, Pack) and sections.kind in (tuple, list):
        return len(sections.items) + 1
    value = sections.value if isinstance(sections, Const) else None
    if is_items(value):
        return len(value) + 1
    return value if isinstance(value, int) else None
