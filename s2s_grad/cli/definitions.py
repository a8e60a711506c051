"""Names in a file that stand for objects of the user's modules: imported, or written out."""

from __future__ import annotations

import ast
import math
import textwrap
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from s2s_grad.errors import S2SError
from s2s_grad.ir.guards import class_of, is_array, is_dict

__all__ = ["definitions"]

_WRITTEN_OUT = 256  # items of an array


def definitions(bindings: Mapping[str, Any], modules: tuple[ModuleType, ...]) -> list[str]:
    """Return the lines that define names for objects, each as it is found in a module.

    Raises
    ------
    S2SError
        For an object that no module has a name for, and that has no text.
    """
    return [line for name, value in bindings.items() for line in _define(name, value, modules)]


def _define(name: str, value: Any, modules: tuple[ModuleType, ...]) -> list[str]:
    if isinstance(value, ModuleType):
        return [_import(value.__name__, name)]
    for module in modules:
        for path in _paths(module, value):
            root, _, rest = path.partition("|")
            if not rest:
                own = "" if root == name else f" as {name}"
                return [f"from {module.__name__} import {root}{own}"]
            return [f"from {module.__name__} import {root}", f"{name} = {root}{rest}"]
    text = _text(value)
    if text is None:
        raise S2SError(
            f"the code needs a {class_of(value).__name__} that no module has a name for",
            "give it a name in the module of the function, so that the file can import it",
        )
    return [f"{name} = {text}"]


def _import(module: str, name: str) -> str:
    return f"import {module}" if module == name else f"import {module} as {name}"


def _paths(module: ModuleType, value: Any) -> Iterator[str]:
    """Yield where a module has an object: a name, or ``name|.attribute`` or ``name|[key]``."""
    names: dict[str, Any] = module.__dict__
    members = [(name, member) for name, member in names.items() if not name.startswith("__")]
    for name, member in members:
        if member is value:
            yield name
    for name, member in members:
        if isinstance(member, ModuleType):
            continue
        if is_dict(member):
            for key, item in member.items():
                if item is value and isinstance(key, (str, int)):
                    yield f"{name}|[{key!r}]"
        for attribute, item in _attributes(member):
            if item is value:
                yield f"{name}|.{attribute}"


def _attributes(member: Any) -> list[tuple[str, Any]]:
    own: dict[str, Any] = dict(getattr(member, "__dict__", {}))
    kind: Any = member if isinstance(member, type) else type(member)
    inherited: dict[str, Any] = {} if kind.__module__ == "builtins" else dict(kind.__dict__)
    return [pair for pair in (own | inherited).items() if pair[0].isidentifier()]


def _text(value: Any) -> str | None:
    """Return an expression for a small array, or for what Python reads back."""
    if is_array(value) and value.dtype.kind in "fiub" and value.size <= _WRITTEN_OUT:
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            return None
        items = ", ".join(map(repr, value.ravel().tolist()))
        rows = textwrap.fill(items, 92, initial_indent="    ", subsequent_indent="    ")
        kind = value.dtype.str
        return f'np.array([\n{rows}\n], "{kind}").reshape({value.shape!r})'
    text = repr(value)
    try:
        same = ast.literal_eval(text) == value
    except (ValueError, SyntaxError, TypeError, MemoryError):
        return None
    return text if same and not (isinstance(value, float) and math.isnan(value)) else None
