"""Which object of the user's something in a run stands for: what `is` and `id` are asked of.

A function that runs on tensors gets copies of its arguments and of what it reads outside. Two of
them are one object where what they were made of is.
"""

from __future__ import annotations

from typing import Any

from s2s_grad.emulate.stands import Stand

__all__ = ["Origins"]


class Origins:
    """What the values of a run stand for."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, Any]] = {}  # by id; the value is kept alive

    def note(self, value: Any, original: Any) -> None:
        """Remember what a value stands for."""
        if value is not original:
            self._known[id(value)] = (value, original)

    def original(self, value: Any) -> Any:
        """Return the object of the user's that a value stands for."""
        while id(value) in self._known:
            value = self._known[id(value)][1]
        return value._target if issubclass(type(value), Stand) else value

    def same(self, a: Any, b: Any) -> bool:
        """Return ``a is b``."""
        return a is b or self.original(a) is self.original(b)

    def identity(self, value: Any) -> int:
        """Return ``id(value)``."""
        return id(self.original(value))
