"""Whether there are tensors of the tape in a value or in what a function refers to.

Where the tape was not imported there are none, and it is not imported to ask.
"""

from __future__ import annotations

import functools
import sys
import types
from typing import Any

import numpy as np

from s2s_grad.ir.trees import parts_of

__all__ = ["holds_tensor", "reads_tensor"]

_LEAVES = (np.ndarray, np.generic, int, float, complex, str, bytes, type(None))
_HOPS = 6  # from a function to what it holds, and on to what that holds


def holds_tensor(value: Any) -> bool:
    """Return whether a value is or contains a tensor of the tape."""
    core = sys.modules.get("s2s_grad.tape.core")
    return core is not None and _holds(value, core.Tensor, set())


def reads_tensor(fn: Any) -> bool:
    """Return whether a function holds a tensor: in a closure, a default, or what it is bound to."""
    core = sys.modules.get("s2s_grad.tape.core")
    return core is not None and _holds((fn,), core.Tensor, set(), _HOPS)


def _holds(value: Any, kind: type, seen: set[int], hops: int = 0) -> bool:
    if isinstance(value, kind):
        return True
    if isinstance(value, _LEAVES) or id(value) in seen:
        return False
    seen.add(id(value))
    parts = parts_of(value)
    held: Any = []
    if parts is not None:
        held = list(parts.values())
    elif hops:
        held, hops = _held_by(value), hops - 1
    return any(_holds(item, kind, seen, hops) for item in held)


def _held_by(value: Any) -> list[Any]:
    """Return what a function, or an object of a class of the user's, refers to."""
    if isinstance(value, types.FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or () if _is_filled(cell)]
        return [*cells, *(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
    if isinstance(value, types.MethodType):
        return [value.__self__, value.__func__]
    if isinstance(value, functools.partial):
        return [value.func, *value.args, *value.keywords.values()]
    if isinstance(value, (type, types.ModuleType)):
        return []
    if hasattr(value, "__s2s_program__"):
        return [value.primal]
    return list(getattr(value, "__dict__", {}).values())


def _is_filled(cell: types.CellType) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:
        return False
