"""Values found outside of the functions that are lowered: each is noted when it is read."""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable
from typing import Any

from s2s_grad.ir.guards import class_of
from s2s_grad.ir.outside import ABSENT, Read, is_settled, unchanged
from s2s_grad.read.source import Source

__all__ = ["Outside", "is_of_library"]

_LIBRARIES = {"numpy", "scipy", "s2s_grad", *sys.stdlib_module_names} - {"__main__"}


class Outside:
    """The values that a program was compiled from, besides its source and the types."""

    def __init__(self) -> None:
        self._reads: dict[Any, Read] = {}  # by what was read

    @property
    def reads(self) -> tuple[Read, ...]:
        """What was read, each once."""
        return tuple(self._reads.values())

    def include(self, reads: tuple[Read, ...]) -> None:
        """Add what a program was compiled from that becomes a part of this one."""
        self._reads.update({read: read for read in reads})

    def name(self, source: Source, name: str) -> Any:
        """Return what a name that is not local to a function stands for."""
        value = source.resolve(name)
        cell = source.cell(name)
        if cell is not None:
            self._note((id(cell), ""), functools.partial(getattr, cell, "cell_contents"), value)
            return value
        namespace = source.globals
        found = value if name in namespace else ABSENT
        again = functools.partial(namespace.get, name, ABSENT)
        self._note((id(namespace), name), again, found)
        return value

    def attribute(self, owner: Any, name: str) -> Any:
        """Return an attribute of an object; AttributeError where there is none."""
        found = getattr(owner, name, ABSENT)
        if not _is_lasting(owner):
            self._note((id(owner), name), functools.partial(getattr, owner, name, ABSENT), found)
        return getattr(owner, name) if found is ABSENT else found

    def has_attribute(self, owner: Any, name: str) -> bool:
        """Return whether an object has an attribute."""
        try:
            self.attribute(owner, name)
        except AttributeError:
            return False
        return True

    def function(self, fn: Any) -> None:
        """Note the code and the defaults of a function."""
        for name in ("__code__", "__defaults__", "__kwdefaults__"):
            if getattr(fn, name) is not None:
                self.attribute(fn, name)

    def content(self, value: Any) -> None:
        """Note what is in an object that is known itself, such as an argument."""
        if not is_settled(value):
            self._note((id(value), None), functools.partial(_itself, value), value)

    def _note(self, key: Any, again: Callable[[], Any], value: Any) -> None:
        known = self._reads.get(key)
        if known is None or not unchanged((known,)):
            read = Read.of(again, value)
            self._reads[key if known is None else (key, len(self._reads))] = read


def _itself(value: Any) -> Any:
    return value


def _is_lasting(owner: Any) -> bool:
    """Return whether the attributes of an object do not change: those of libraries and numbers."""
    if isinstance(owner, types.ModuleType):
        return is_of_library(owner.__name__)
    if isinstance(owner, type):
        return is_of_library(owner.__module__)
    known = class_of(owner).__module__ in ("builtins", "numpy")
    return known and not isinstance(owner, types.FunctionType)


def is_of_library(module: str | None) -> bool:
    """Return whether a module is one of Python's or NumPy's, or of this package."""
    return (module or "").partition(".")[0] in _LIBRARIES
