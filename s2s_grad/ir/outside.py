"""What a program was compiled from besides its source: values that can be others at the next call.

Names of modules, cells of closures, attributes of objects and defaults of parameters are constants
of a program. It holds as long as all of them are what they were.
"""

from __future__ import annotations

import collections
import functools
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from s2s_grad.ir.guards import class_of, is_array, is_dict

__all__ = ["ABSENT", "Read", "is_settled", "unchanged"]

ABSENT: Any = object()  # where there is nothing of that name
_CHANGING: Any = object()  # no value that is read
_SMALL = 64  # items of an array that may be printed as a literal, and are compared
_SCALARS = (bool, int, float, complex, str, bytes, type(None), np.generic, np.dtype)
_ITEMS = (list, tuple, set, frozenset, collections.deque)
Same = Callable[[Any], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """A value that was found outside of a function.

    `again` finds what stands there now, `same` says whether a value is as good as the one found;
    the object `value` itself is, where it cannot change in itself.
    """

    again: Callable[[], Any]
    value: Any
    same: Same

    @classmethod
    def of(cls, again: Callable[[], Any], value: Any) -> Read:
        """Return the reading of a value."""
        return cls(again, value if is_settled(value) else _CHANGING, snapshot(value))


def unchanged(reads: Iterable[Read]) -> bool:
    """Return whether everything that was read is what it was."""
    for read in reads:
        try:
            now = read.again()
        except Exception:
            return False
        if now is not read.value and not read.same(now):
            return False
    return True


def is_settled(value: Any) -> bool:
    """Return whether an object that is still the same object is still the same value."""
    if isinstance(value, tuple):
        return all(map(is_settled, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    changing = (*_ITEMS, dict, np.ndarray, types.MethodType, functools.partial)
    return not isinstance(value, changing)


def snapshot(value: Any, inside: frozenset[int] = frozenset()) -> Same:
    """Return the question whether a value is as good as this one is now.

    Functions and objects of users' classes are compared by identity: what is read of them is noted
    by itself. `inside` are the containers around the value.
    """
    if isinstance(value, _SCALARS):
        return functools.partial(_is_equal, value, repr(cast(object, value)))
    if id(value) in inside:
        return functools.partial(_is_identical, value)
    inside = inside | {id(value)}
    if is_array(value):
        content = value.tobytes() if value.size <= _SMALL else None
        return functools.partial(_is_array, value, value.dtype, value.shape, content)
    if is_dict(value):
        inner = [(key, snapshot(item, inside)) for key, item in value.items()]
        return functools.partial(_has_pairs, class_of(value), inner)
    if isinstance(value, _ITEMS):
        items: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType]
        return functools.partial(
            _has_items, class_of(value), items, [snapshot(item, inside) for item in items]
        )
    return functools.partial(*_of_callable(value, inside))


def _of_callable(value: Any, inside: frozenset[int]) -> tuple[Any, ...]:
    if isinstance(value, types.MethodType):
        return (_is_method, value.__self__, snapshot(value.__func__, inside))
    if isinstance(value, functools.partial):
        parts: Any = (value.func, value.args, value.keywords)
        return (_is_partial, *(snapshot(part, inside) for part in parts))
    return (_is_identical, value)


def _is_identical(value: Any, now: Any) -> bool:
    return now is value


def _is_equal(value: Any, text: str, now: Any) -> bool:
    # The text tells 0.0 from -0.0, and one nan from no other.
    return now is value or (type(now) is type(value) and repr(now) == text)


def _is_array(
    array: Any, dtype: np.dtype[Any], shape: tuple[int, ...], content: bytes | None, now: Any
) -> bool:
    """Compare arrays: the small ones by content, since that may be part of the program."""
    if not is_array(now) or now.shape != shape or now.dtype != dtype:
        return False
    return now is array if content is None else now.tobytes() == content


def _has_items(kind: type, items: list[Any], inner: list[Same], now: Any) -> bool:
    if class_of(now) is not kind or len(now) != len(items):
        return False
    if kind is set or kind is frozenset:
        return all(item in now for item in items)
    return all(same(item) for same, item in zip(inner, now, strict=True))


def _has_pairs(kind: type, inner: list[tuple[Any, Same]], now: Any) -> bool:
    if class_of(now) is not kind or not is_dict(now) or len(now) != len(inner):
        return False
    return all(
        key == other and same(item)
        for (key, same), (other, item) in zip(inner, now.items(), strict=True)
    )


def _is_method(receiver: Any, function: Same, now: Any) -> bool:
    return isinstance(now, types.MethodType) and now.__self__ is receiver and function(now.__func__)


def _is_partial(function: Same, args: Same, keywords: Same, now: Any) -> bool:
    given: Any = now
    if not isinstance(now, functools.partial):
        return False
    return function(given.func) and args(given.args) and keywords(given.keywords)
