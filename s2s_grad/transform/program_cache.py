"""The compiled programs of a derivative, found again by the types of arguments.

A program holds for what it read outside of the function: names of modules, closures, attributes.
Where one of these has changed, there may be another program for the same types. The derivatives of
a function share its own program, which they are made of.
"""

from __future__ import annotations

import threading
import types
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from s2s_grad.ir.outside import Read, unchanged
from s2s_grad.transform.report import Row

if TYPE_CHECKING:
    from s2s_grad.ir.nodes import Function

__all__ = ["Compiled", "Primals", "Programs", "Recent", "primals_of", "programs_of"]

_NAME = "__s2s_programs__"
_MOST_KEYS = 512
_MOST_VARIANTS = 8
_MOST_PRIMALS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A compiled function, what it was compiled from besides its source, and its explanation."""

    run: Callable[..., Any]
    reads: tuple[Read, ...]
    rows: tuple[Row, ...]

    def holds(self) -> bool:
        """Return whether everything that was read outside is what it was."""
        return unchanged(self.reads)


class Programs:
    """Compiled functions by the types of their arguments, the latest first.

    `static` are the ints whose value is part of the types.
    """

    def __init__(self) -> None:
        self.static: set[str] = set()
        self.lock = threading.RLock()
        self._by_types: dict[Any, tuple[Compiled, ...]] = {}

    def find(self, types: Any) -> Compiled | None:
        """Return a program for arguments of these types that holds."""
        return next((each for each in self._by_types.get(types, ()) if each.holds()), None)

    def add(self, types: Any, compiled: Compiled) -> None:
        """Keep a program."""
        known = self._by_types.get(types, ())
        self._by_types[types] = (compiled, *known[: _MOST_VARIANTS - 1])


class Primals:
    """The simplified programs of a function itself, by the types of its arguments: the latest."""

    def __init__(self) -> None:
        self._by_types: dict[Any, Function] = {}

    def find(self, types: Any) -> Function | None:
        """Return the program for arguments of these types, if it still holds."""
        program = self._by_types.get(types)
        return program if program is not None and unchanged(program.reads) else None

    def add(self, types: Any, program: Function) -> None:
        """Keep a program, and the few before it."""
        latest = [*self._by_types.items()][1 - _MOST_PRIMALS :]
        self._by_types = {**dict(latest), types: program}


class Recent:
    """The programs that ran last, by a quick key of the arguments."""

    def __init__(self) -> None:
        self._by_arguments: dict[Any, Compiled] = {}

    def find(self, key: Any) -> Compiled | None:
        """Return the program that ran last for arguments of a quick key, if it still holds."""
        compiled = self._by_arguments.get(key)
        return compiled if compiled is not None and unchanged(compiled.reads) else None

    def add(self, key: Any, compiled: Compiled) -> None:
        """Let a program be found by a quick key."""
        if len(self._by_arguments) >= _MOST_KEYS:
            self._by_arguments.clear()
        self._by_arguments[key] = compiled


class _Kept:
    """The programs of a function, kept with it: they refer to it, and go when it goes.

    A wrapper gets a copy of the attributes of what it wraps, and pickling takes them along: neither
    has these programs.
    """

    def __init__(self, of: Any = None) -> None:
        self.of = None if of is None else weakref.ref(of)
        self.programs: dict[Any, Programs] = {}
        self.primals = Primals()

    def __reduce__(self) -> Any:
        return (_Kept, ())


def programs_of(fn: Callable[..., Any], key: Any) -> Programs:
    """Return the programs of a derivative, which `key` names, of a function."""
    return _kept_of(fn).programs.setdefault(key, Programs())


def primals_of(fn: Callable[..., Any]) -> Primals:
    """Return the programs of a function itself."""
    return _kept_of(fn).primals


def _kept_of(fn: Callable[..., Any]) -> _Kept:
    """Return what is kept with a function; nothing is with other callables."""
    if not isinstance(fn, types.FunctionType):
        return _Kept()
    kept = fn.__dict__.get(_NAME)
    if not isinstance(kept, _Kept) or kept.of is None or kept.of() is not fn:
        kept = fn.__dict__[_NAME] = _Kept(fn)
    return kept
