"""How many results a NumPy function with several of them has, where their shapes are not known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.ir.guards import is_items
from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.ir.types import Array, Sequence

__all__ = ["result_names", "several_results"]

Count = Callable[[tuple[Operand, ...], dict[str, Operand]], int | None]


def several_results(
    fn: Callable[..., Any], args: tuple[Operand, ...], kwargs: dict[str, Operand]
) -> Sequence | None:
    """Return the type of a tuple or list of arrays; None for a function with one result."""
    kind, count = _COUNTS.get(fn, (tuple, _one))
    found = count(args, kwargs)
    return None if found is None else Sequence(kind, (Array(),) * found)


_NAMED = (np.linalg.eig, np.linalg.eigh, np.linalg.qr, np.linalg.slogdet, np.linalg.svd)
_NAMES: dict[Any, tuple[str, ...]] = {fn: fn(np.eye(1))._fields for fn in _NAMED}


def result_names(fn: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of the results of a NumPy function, where they have names.

    Examples
    --------
    >>> result_names(np.linalg.eigh)
    ('eigenvalues', 'eigenvectors')
    """
    return _NAMES.get(fn, ())


def _one(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> int | None:
    return None


def _always(count: int) -> Count:
    return lambda args, kwargs: count


def _option(
    args: tuple[Operand, ...], kwargs: dict[str, Operand], place: int, name: str, default: Any
) -> Any:
    given = args[place] if len(args) > place else kwargs.get(name, Const(default))
    return given.value if isinstance(given, Const) else None


def _svd(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> int | None:
    return 3 if _option(args, kwargs, 2, "compute_uv", True) is True else None


def _qr(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> int | None:
    return 2 if _option(args, kwargs, 1, "mode", "reduced") in ("reduced", "complete") else None


def _parts(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> int | None:
    """Return into how many pieces an array is split."""
    sections = args[1] if len(args) > 1 else kwargs.get("indices_or_sections")
    if isinstance(sections, Pack) and sections.kind in (tuple, list):
        return len(sections.items) + 1
    value = sections.value if isinstance(sections, Const) else None
    if is_items(value):
        return len(value) + 1
    return value if isinstance(value, int) else None


def _arguments(args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> int | None:
    return len(args)


_COUNTS: dict[Any, tuple[Any, Count]] = {
    np.linalg.svd: (tuple, _svd),
    np.linalg.qr: (tuple, _qr),
    np.linalg.eigh: (tuple, _always(2)),
    np.linalg.slogdet: (tuple, _always(2)),
    np.linalg.lstsq: (tuple, _always(4)),
    np.meshgrid: (tuple, _arguments),
    np.broadcast_arrays: (tuple, _arguments),
    **dict.fromkeys((np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit), (list, _parts)),
}
