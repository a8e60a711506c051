"""After a run on tensors, what the user can still reach holds plain values again.

A function may store what it computed: in a list of its module, an attribute, a default argument.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from s2s_grad.ir.trees import is_named_tuple, sequence_of
from s2s_grad.tape.core import Tensor, plain_value
from s2s_grad.tape.value_tests import is_array, kind_of

__all__ = ["Reached"]


class Reached:
    """What a run reached of the user's values, and the tensors that were in it before.

    Parameters
    ----------
    is_users : callable
        Whether a class is the user's, whose objects may hold anything.
    """

    def __init__(self, is_users: Callable[[Any], bool]) -> None:
        self.is_users = is_users
        self._roots: list[Any] = []
        self._before: dict[int, Tensor] = {}
        self._noted: dict[int, Any] = {}

    def note(self, value: Any) -> None:
        """Remember a value of the user's that the run reaches, before it is used."""
        if id(value) not in self._noted:
            self._roots.append(value)
            self._walk(value, self._remember, self._noted)

    def _remember(self, tensor: Tensor) -> Tensor:
        self._before[id(tensor)] = tensor
        return tensor

    def restore(self) -> None:
        """Replace the tensors that were stored by what they stand for."""
        seen: dict[int, Any] = {}
        for root in self._roots:
            self._walk(root, self._plain, seen)

    def restored(self, value: Any) -> Any:
        """Return a value without tensors."""
        return self._walk(value, self._plain, {})

    def _plain(self, tensor: Tensor) -> Any:
        return tensor if id(tensor) in self._before else plain_value(tensor)

    def _walk(self, value: Any, found: Callable[[Tensor], Any], seen: dict[int, Any]) -> Any:
        """Return a value with what `found` gives for each tensor; containers stay the same."""
        if isinstance(value, Tensor):
            return found(value)
        kind = kind_of(value)
        if kind in _IMMUTABLE or id(value) in seen:
            return value
        seen[id(value)] = value
        rebuild = _REBUILDERS.get(kind)

        def walk(item: Any) -> Any:
            return self._walk(item, found, seen)

        if rebuild is not None:
            return rebuild(value, walk)
        if is_named_tuple(value):
            items = [walk(item) for item in value]
            return sequence_of(kind, items) if _differ(items, value) else value
        if is_array(value) and value.dtype.kind == "O":
            _items(value.flat, walk)
        elif self.is_users(value if issubclass(kind, type) else kind):
            for name, item in list(_attributes(value)):
                new = walk(item)
                if new is not item:
                    _assign(value, name, new)
        return value


_IMMUTABLE: set[Any] = {int, float, complex, bool, str, bytes, type(None), range, slice}


def _differ(new: Any, old: Any) -> bool:
    return any(a is not b for a, b in zip(new, old, strict=True))


def _items(values: Any, walk: Callable[[Any], Any]) -> Any:
    for place, item in enumerate(values):
        new = walk(item)
        if new is not item:
            values[place] = new
    return values


def _tuple(values: Any, walk: Callable[[Any], Any]) -> Any:
    items = tuple([walk(item) for item in values])
    return items if _differ(items, values) else values


def _set(values: Any, walk: Callable[[Any], Any]) -> Any:
    items = list(values)
    new = [walk(item) for item in items]
    if _differ(new, items):
        values.clear()
        values.update(new)
    return values


def _dict(values: Any, walk: Callable[[Any], Any]) -> Any:
    pairs = list(values.items())
    new = [(walk(key), walk(item)) for key, item in pairs]
    if any(a is not c for (a, _), (c, _) in zip(new, pairs, strict=True)):
        values.clear()
        values.update(new)
    else:
        for (key, item), (_, old) in zip(new, pairs, strict=True):
            if item is not old:
                values[key] = item
    return values


_REBUILDERS: dict[Any, Callable[..., Any]] = {
    list: _items,
    deque: _items,
    tuple: _tuple,
    set: _set,
    dict: _dict,
}


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the names and values that are stored in an object or class."""
    yield from getattr(value, "__dict__", {}).items()
    bases: Any = kind_of(value).__mro__
    for base in bases:
        slots: Any = base.__dict__.get("__slots__", ())
        names: Any = (slots,) if isinstance(slots, str) else slots
        for name in names:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                yield name, getattr(value, name)


def _assign(value: Any, name: str, new: Any) -> None:
    if isinstance(value, type):
        setattr(value, name, new)
    else:
        object.__setattr__(value, name, new)  # frozen ones, too
