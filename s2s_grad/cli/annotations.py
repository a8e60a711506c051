"""Argument types from a function's annotations, without importing what they name."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.ir.types import Array, Dim, Scalar, Size, Type

__all__ = ["types_of_annotations"]

_SCALARS: dict[str, Type] = {"float": Scalar("float"), "int": Scalar("int"), "bool": Scalar("bool")}
_SHAPED = re.compile(
    r"(Float(?:16|32|64)?|Complex128|Int(?:32|64)?)\[[^,]+, *['\"]([^'\"]*)['\"]\]"
)
_DTYPES = {
    "Float": "f8",
    "Float64": "f8",
    "Float32": "f4",
    "Float16": "f2",
    "Complex128": "c16",
    "Int": "i8",
    "Int64": "i8",
    "Int32": "i4",
}


def types_of_annotations(fn: Callable[..., Any]) -> dict[str, Type]:
    """Return the types of the parameters whose annotation says one.

    Read are ``float``, ``int``, ``bool``, and jaxtyping's shaped forms such as
    ``Float64[np.ndarray, "m n"]``. ``np.ndarray`` alone and numpy.typing's `NDArray` say no rank
    and leave the type open, but for its dtype.
    """
    types: dict[str, Type] = {}
    try:
        parameters = inspect.signature(fn).parameters
    except (TypeError, ValueError):
        return types
    for name, parameter in parameters.items():
        if parameter.annotation is not parameter.empty:
            found = _type_of(parameter.annotation)
            if found is not None:
                types[name] = found
    return types


def _type_of(annotation: Any) -> Type | None:
    if isinstance(annotation, type) and annotation.__name__ in _SCALARS:
        return _SCALARS[annotation.__name__]
    text = annotation if isinstance(annotation, str) else repr(annotation)
    text = text.strip()
    if text in _SCALARS:
        return _SCALARS[text]
    shaped = _SHAPED.search(text)
    if shaped is not None:
        sizes = shaped.group(2).split()
        if any(not (s.isidentifier() or s.isdigit()) for s in sizes):
            return Array(np.dtype(_DTYPES[shaped.group(1)]), None)
        shape: tuple[Size, ...] = tuple(int(s) if s.isdigit() else Dim(s, 0, True) for s in sizes)
        return Array(np.dtype(_DTYPES[shaped.group(1)]), shape)
    if "float64" in text:
        return Array(np.dtype(float), None)
    if "float32" in text:
        return Array(np.dtype(np.float32), None)
    return Array() if text.endswith(("ndarray", "NDArray")) else None
