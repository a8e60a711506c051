"""What a function can change besides its arguments: kept, compared and put back."""

from __future__ import annotations

import collections
import contextlib
import copy
import io
import pickle
import random
import types
from collections.abc import Callable, Generator
from typing import Any, ClassVar

import numpy as np

from s2s_grad.code_objects import global_names
from s2s_grad.ir.guards import class_of, is_array, is_dict, is_items, is_tuple
from s2s_grad.read.parts import callable_parts

__all__ = ["Surroundings", "silent"]

_MOST_OBJECTS = 2000
_MOST_ITEMS = 1_000_000
_LIBRARIES = ("numpy", "scipy", "s2s_grad", "builtins")
_GENERATORS = (np.random.Generator, np.random.RandomState)
_CONSTANTS = (bool, int, float, complex, str, bytes, type(None), np.generic, types.ModuleType)
_Keep = tuple[str, Callable[[], Any], Callable[[Any], None], Any]


@contextlib.contextmanager
def silent() -> Generator[io.StringIO]:
    """Catch what is printed."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        yield text


class Surroundings:
    """The names, containers and objects that a function can reach, and the random generators.

    Containers are followed to their items, functions to their closures and to the names of their
    modules, objects to their attributes; libraries are left out.
    """

    def __init__(self, fn: Callable[..., Any]) -> None:
        self._kept: list[_Keep] = []
        self._seen: dict[int, Any] = {}
        self._keep("the random numbers of NumPy", np.random.get_state, np.random.set_state)
        self._keep(
            "the random numbers of Python",
            lambda: pickle.dumps(random.getstate()),  # compared as a whole, not number by number
            lambda kept: random.setstate(pickle.loads(kept)),
        )
        parts = callable_parts(fn)
        for value in (parts.function, *parts.args, *parts.kwargs.values()):
            self._visit(value, "what it belongs to")

    def change(self) -> str:
        """Return the name of something that is not what it was."""
        changed = (name for name, read, _, before in self._kept if not _equal(read(), before))
        return next(changed, "")

    def restore(self) -> None:
        """Put everything back."""
        for _, read, write, before in self._kept:
            if not _equal(read(), before):
                write(before)

    def _keep(self, name: str, read: Callable[[], Any], write: Callable[[Any], None]) -> None:
        self._kept.append((name, read, write, read()))

    def _visit(self, value: Any, name: str) -> None:
        if id(value) in self._seen or len(self._seen) > _MOST_OBJECTS:
            return
        self._seen[id(value)] = value
        for kinds, visit in self._visits:
            if isinstance(value, kinds):
                visit(self, value, name)
                return
        attributes = getattr(value, "__dict__", None)
        if is_dict(attributes) and not _of_library(class_of(value).__module__):
            self._contents(attributes, name)

    def _function(self, fn: Any, name: str) -> None:
        if _of_library(fn.__module__):
            return
        for cell, free in zip(fn.__closure__ or (), fn.__code__.co_freevars, strict=True):
            self._cell(cell, free)
        for used in global_names(fn.__code__):
            if used in fn.__globals__:
                self._name(fn.__globals__, used)
        self._contents(fn.__dict__, name)
        self._visit(fn.__defaults__, name)
        self._visit(fn.__kwdefaults__, name)

    def _cell(self, cell: types.CellType, name: str) -> None:
        try:
            value = cell.cell_contents
        except ValueError:
            return
        self._keep(
            f"`{name}`",
            lambda: (cell.cell_contents,),
            lambda kept: setattr(cell, "cell_contents", kept[0]),
        )
        self._visit(value, f"`{name}`")

    def _name(self, namespace: dict[str, Any], name: str) -> None:
        self._keep(
            f"`{name}`",
            lambda: (namespace.get(name),),
            lambda kept: namespace.__setitem__(name, kept[0]),
        )
        self._visit(namespace[name], f"`{name}`")

    def _method(self, method: Any, name: str) -> None:
        self._visit(method.__self__, name)
        self._visit(method.__func__, name)

    def _class(self, kind: Any, name: str) -> None:
        if not _of_library(kind.__module__):
            members: dict[str, Any] = kind.__dict__
            for member in list(members.values()):
                self._visit(member, f"`{kind.__name__}`")

    def _sequence(self, value: Any, name: str) -> None:
        items: list[Any] = list(value)
        if not is_tuple(value):
            self._keep(name, lambda: list(value), lambda kept: _refill(value, kept))
        for item in items:
            self._visit(item, name)

    def _set(self, value: Any, name: str) -> None:
        self._keep(name, lambda: set(value), lambda kept: (value.clear(), value.update(kept))[0])

    def _contents(self, value: dict[Any, Any], name: str) -> None:
        self._keep(name, lambda: dict(value), lambda kept: (value.clear(), value.update(kept))[0])
        items: list[Any] = list(value.values())
        for item in items:
            self._visit(item, name)

    def _array(self, value: Any, name: str) -> None:
        if value.size <= _MOST_ITEMS and value.flags.writeable:
            self._keep(name, value.copy, lambda kept: np.copyto(value, kept))

    def _generator(self, value: Any, name: str) -> None:
        if isinstance(value, np.random.Generator):
            bits: Any = value.bit_generator
            self._keep(
                name,
                lambda: copy.deepcopy(bits.state),
                lambda kept: setattr(bits, "state", kept),
            )
        else:
            self._keep(name, value.get_state, value.set_state)

    def _leave(self, value: Any, name: str) -> None:
        """Not followed."""

    _visits: ClassVar[Any] = (
        (_CONSTANTS, _leave),
        (_GENERATORS, _generator),
        (types.FunctionType, _function),
        (types.MethodType, _method),
        (type, _class),
        (np.ndarray, _array),
        ((tuple, list, collections.deque), _sequence),
        (dict, _contents),
        (set, _set),
    )


def _refill(value: Any, kept: list[Any]) -> None:
    value.clear()
    value.extend(kept)


def _of_library(module: str | None) -> bool:
    return (module or "").partition(".")[0] in _LIBRARIES


def _equal(now: Any, before: Any) -> bool:
    """Compare containers by the identity of their items: what is in these is kept by itself."""
    if is_array(before):
        return is_array(now) and now.tobytes() == before.tobytes()
    if is_items(before):
        pairs = zip(now, before, strict=False)
        return len(now) == len(before) and all(a is b or _same(a, b) for a, b in pairs)
    if is_dict(before):
        return list(now) == list(before) and all(
            now[key] is item or _same(now[key], item) for key, item in before.items()
        )
    return bool(now == before)


def _same(now: Any, before: Any) -> bool:
    simple = (int, float, str, dict, np.ndarray, tuple)
    if class_of(now) is not class_of(before) or not isinstance(before, simple):
        return False
    return now is before or _equal(now, before)
