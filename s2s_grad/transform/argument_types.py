"""The types of arguments: what a compiled function is specialised to.

Of an array the dtype, the rank and which sizes are equal or 1 count, not the sizes themselves: code
compiled for one call serves every call with the same pattern.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.errors import other_array
from s2s_grad.ir.guards import (
    class_of,
    is_array,
    is_generator,
    is_numeric,
    is_other_array,
)
from s2s_grad.ir.trees import fields_of, is_dataclass_object, is_named_tuple, leaves
from s2s_grad.ir.types import (
    NOTHING,
    Array,
    Dict,
    Dim,
    Random,
    Scalar,
    Sequence,
    Size,
    Static,
    Type,
)

__all__ = ["Sizes", "exact_key", "type_of_argument", "why_no_derivative"]


class Sizes:
    """Gives equal sizes of one call the same symbol."""

    def __init__(self) -> None:
        self.symbols: dict[int, Dim] = {}
        self.fixed: set[int] = {1}

    def fix(self, value: Any) -> None:
        """Take the sizes of the arrays in an argument as they are."""
        for leaf in leaves(value):
            if is_array(leaf):
                self.fixed.update(leaf.shape)

    def of(self, size: int) -> Size:
        if size in self.fixed:
            return size
        if not size:
            return NOTHING
        if size not in self.symbols:
            self.symbols[size] = Dim(f"n{len(self.symbols)}", 0, True)
        return self.symbols[size]


def type_of_argument(value: Any, sizes: Sizes, name: str = "") -> Type:
    """Return the type that code is compiled for, given one argument.

    Parameters
    ----------
    value : object
        The argument.
    sizes : Sizes
        Shared by all arguments of a call.
    name : str, optional
        The parameter's name, the symbol of an int's value.
    """
    if is_other_array(value):
        raise other_array(name, value)
    if is_array(value):
        return Array(value.dtype, tuple(sizes.of(n) for n in value.shape))
    kind = class_of(value)
    if kind is bool or value is None:
        return Static(value)
    if is_numeric(value):
        return Array(value.dtype, ())
    if issubclass(kind, int):
        return Scalar("int", Dim(f"int {name}") if name else None)
    if issubclass(kind, float):
        return Scalar("float")
    if issubclass(kind, complex):
        return Scalar("complex")
    if type(value) in (tuple, list) or is_named_tuple(value):
        return Sequence(class_of(value), tuple(type_of_argument(item, sizes) for item in value))
    if is_dataclass_object(value):
        pairs = fields_of(value)
        items = tuple(type_of_argument(item, sizes) for item in pairs.values())
        return Dict(tuple(pairs), items, class_of(value))
    if class_of(value) is dict:
        items = tuple(type_of_argument(item, sizes) for item in value.values())
        return Dict(tuple(value), items)
    if is_generator(value):
        return Random(class_of(value))
    return Static(value)


def exact_key(value: Any) -> Any:
    """Return a quick key of an argument: equal keys imply equal types."""
    # `class_of` would be one more call in each call of compiled code.
    kind = type(value)  # pyright: ignore[reportUnknownVariableType]
    if kind is float or kind is int or kind is complex:
        return kind
    if kind is np.ndarray:
        return (value.dtype, value.shape)
    if issubclass(kind, np.generic):
        return value.dtype  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if kind is tuple or kind is list or is_named_tuple(value):
        return (kind, tuple([exact_key(item) for item in value]))
    if kind is dict:
        return (dict, tuple(value), tuple([exact_key(item) for item in value.values()]))
    if kind is bool or value is None or kind is str:
        return (kind, value)
    if is_dataclass_object(value):
        return (kind, tuple([exact_key(item) for item in fields_of(value).values()]))
    return class_of(value) if is_generator(value) else (kind, id(value))


def why_no_derivative(t: Type) -> str | None:
    """Return what an argument is that cannot be differentiated; None if it can."""
    if isinstance(t, Array) and t.dtype is not None and t.dtype.kind not in "fc":
        return f"an array of dtype {t.dtype}"
    if isinstance(t, Static):
        return f"{t.value!r}"
    if isinstance(t, Random):
        return f"a {t}"
    if isinstance(t, (Sequence, Dict)) and t.items and not _holds_reals(t):
        return "a container without a float in it"
    return None


def _holds_reals(t: Type) -> bool:
    """Return whether there is something differentiable in an argument."""
    match t:
        case Sequence() | Dict():
            return any(_holds_reals(item) for item in t.items)
        case Array():
            return t.dtype is None or t.dtype.kind in "fc"
        case Scalar():
            return t.kind in ("float", "complex")
        case _:
            return False
