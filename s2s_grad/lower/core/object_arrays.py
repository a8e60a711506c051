"""Arrays of objects, records and text: numbers that go through them are lost to derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.ir.guards import is_array
from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.ir.primitives import primitive
from s2s_grad.lower.terms.values import MISSING, static_value
from s2s_grad.rules import find_rule

__all__ = ["takes_objects"]

_NUMBERS = "biufc"


def takes_objects(
    fn: Callable[..., Any], args: tuple[Operand, ...], kwargs: dict[str, Operand]
) -> bool:
    """Return whether a NumPy function makes, or is given, an array of anything but numbers."""
    from_numpy = (getattr(fn, "__module__", None) or "").partition(".")[0] == "numpy"
    if not from_numpy and not isinstance(fn, np.ufunc):
        return False
    for place, operand in enumerate(args):
        if place and _is_other_dtype(operand, named=_takes_dtype(fn, place)):
            return True
        if _is_other_array(operand) or (primitive(fn).makes_array and _holds_objects(operand)):
            return True
    return any(
        _is_other_dtype(operand, named=name == "dtype") or _is_other_array(operand)
        for name, operand in kwargs.items()
    )


def _takes_dtype(fn: Callable[..., Any], place: int) -> bool:
    if primitive(fn).dtype_second:
        return place == 1
    rule = find_rule(fn)
    return rule is not None and rule.parameters[place : place + 1] == ("dtype",)


def _is_other_dtype(operand: Operand, *, named: bool) -> bool:
    """Return whether an operand is the dtype of something else than numbers."""
    value: Any = static_value(operand)
    if value is None or value is MISSING:
        return False
    if not named and not isinstance(value, (type, np.dtype)):
        return False
    try:
        kind: str = np.dtype(value).kind  # pyright: ignore
        return kind not in _NUMBERS
    except (TypeError, ValueError):
        return named  # what is no dtype at all


def _is_other_array(operand: Operand) -> bool:
    value: Any = operand.value if isinstance(operand, Const) else None
    return is_array(value) and value.dtype.kind in "OV"


def _holds_objects(operand: Operand) -> bool:
    match operand:
        case Const(value=value):
            return value is None or isinstance(value, (str, bytes, dict))
        case Pack():
            plain = issubclass(operand.kind, (tuple, list))
            return not plain or any(map(_holds_objects, operand.items))
        case _:
            return False
