"""After a run on tensors, what the user can still reach holds plain values again.

A function may store what it computed: in a list of its module, an attribute, a default argument.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterator
from types import FunctionType
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
        if _may_be_new(value):
            return
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
        rebuild = _rebuilder(kind)

        def walk(item: Any) -> Any:
            return self._walk(item, found, seen)

        if rebuild is not None:
            value = rebuild(value, walk)
        elif is_named_tuple(value):
            items = [walk(item) for item in value]
            return sequence_of(kind, items) if _differ(items, value) else value
        if is_array(value) and value.dtype.kind == "O":
            _items(value.flat, walk)
        elif kind is FunctionType and _may_be_new(value):
            _function(value, walk)
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
            _set_item(values, place, new)
    return values


def _set_item(values: Any, place: Any, new: Any) -> None:
    """Set an item of a container, also of one whose class has another way of setting them."""
    base: Any = next((base for base in _CONTAINERS if isinstance(values, base)), kind_of(values))
    base.__setitem__(values, place, new)


def _may_be_new(value: Any) -> bool:
    """Return whether a function that is called may be one that the run made."""
    if kind_of(value) is FunctionType:
        return kind_of(value.__globals__) is not dict
    return kind_of(value) is functools.partial


def _function(fn: Any, walk: Callable[[Any], Any]) -> None:
    """Take the tensors out of what a function keeps that was made in the run."""
    for cell in fn.__closure__ or ():
        try:
            cell.cell_contents = walk(cell.cell_contents)
        except ValueError:  # not assigned yet
            continue
    fn.__defaults__ = walk(fn.__defaults__)


def _partial(value: Any, walk: Callable[[Any], Any]) -> Any:
    args, keywords = walk(value.args), {name: walk(v) for name, v in value.keywords.items()}
    if not _differ((args, *keywords.values()), (value.args, *value.keywords.values())):
        return value
    return functools.partial(value.func, *args, **keywords)


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
    for (key, item), (_, old) in zip(new, pairs, strict=True):
        if item is not old or key not in values:
            _set_item(values, key, item)
    return values


_REBUILDERS: dict[Any, Callable[..., Any]] = {
    list: _items,
    deque: _items,
    tuple: _tuple,
    set: _set,
    dict: _dict,
    functools.partial: _partial,
}
_CONTAINERS = (list, deque, set, dict)


@functools.lru_cache(maxsize=1024)
def _rebuilder(kind: type) -> Callable[..., Any] | None:
    """Return what takes the tensors out of a container; None where its class is none."""
    found = (_REBUILDERS[base] for base in _CONTAINERS if issubclass(kind, base))
    return _REBUILDERS.get(kind) or next(found, None)


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
