"""The compiled programs of a derivative, found again by the types of arguments.

A program holds for what it read outside of the function: names of modules, closures, attributes.
Where one of these has changed, there may be another program for the same types.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from s2s_grad.ir.outside import Read, unchanged

__all__ = ["Compiled", "Programs"]

_MOST_KEYS = 512
_MOST_VARIANTS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A compiled function, and what it was compiled from besides its source."""

    run: Callable[..., Any]
    reads: tuple[Read, ...]

    def holds(self) -> bool:
        """Return whether everything that was read outside is what it was."""
        return unchanged(self.reads)


class Programs:
    """Compiled functions by the types of their arguments, the latest first."""

    def __init__(self) -> None:
        self._by_types: dict[Any, tuple[Compiled, ...]] = {}
        self._by_arguments: dict[Any, Compiled] = {}  # a quick key, for the last ones

    def quick(self, key: Any) -> Compiled | None:
        """Return the program that ran last for arguments of a quick key, if it still holds."""
        compiled = self._by_arguments.get(key)
        return compiled if compiled is not None and unchanged(compiled.reads) else None

    def remember(self, key: Any, compiled: Compiled) -> None:
        """Let a program be found by a quick key."""
        if len(self._by_arguments) >= _MOST_KEYS:
            self._by_arguments.clear()
        self._by_arguments[key] = compiled

    def find(self, types: Any) -> Compiled | None:
        """Return a program for arguments of these types that holds."""
        return next((each for each in self._by_types.get(types, ()) if each.holds()), None)

    def add(self, types: Any, compiled: Compiled) -> None:
        """Keep a program."""
        known = self._by_types.get(types, ())
        self._by_types[types] = (compiled, *known[: _MOST_VARIANTS - 1])
