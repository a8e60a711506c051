"""What a function on the tape may not do: its caller gives it copies, or expects plain results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from s2s_grad.emulate.identity import Origins
from s2s_grad.emulate.tensor_arguments import pairs
from s2s_grad.errors import ArgumentError, ArgumentWritten, NotSeparable
from s2s_grad.ir.guards import overlap
from s2s_grad.ir.trees import parts_of
from s2s_grad.tape.core import Tensor
from s2s_grad.tape.value_tests import is_array, is_tuple

__all__ = ["Given", "check_plain", "check_structure", "check_untouched"]


def check_structure(fn: Callable[..., Any], before: Sequence[Any], now: Sequence[Any]) -> None:
    """Raise where the lists and dicts among the arguments hold other things than before."""
    if len(before) != len(now) or any(a is not b for a, b in zip(before, now, strict=True)):
        raise _written(fn)


def _written(fn: Callable[..., Any]) -> ArgumentWritten:
    return ArgumentWritten(
        f"`{getattr(fn, '__name__', repr(fn))}` writes into its argument, which a call on its own "
        "cannot show",
        "let it return a new array",
    )


def check_untouched(fn: Callable[..., Any], given: Sequence[Any]) -> None:
    """Raise where an argument was written into."""
    for item, copy in given:
        tensor = isinstance(item, Tensor) and item.version > 0
        array = copy is not None and not np.array_equal(item, copy, equal_nan=False)  # pyright: ignore
        if tensor or array:
            raise _written(fn)


def check_plain(fn: Callable[..., Any], result: Any, items: int | None) -> None:
    """Raise where a result has parts that the code around does not know of."""
    several = items is not None and is_tuple(result) and len(result) == items
    parts: Any = result if several else (result,)
    plain = (Tensor, np.ndarray, np.generic, int, float, complex, str, bytes, type(None))
    for part in parts:
        if not isinstance(part, plain):
            raise NotSeparable(
                f"`{getattr(fn, '__name__', repr(fn))}` returns a {type(part).__name__}, and the "
                "code around its call was compiled for arrays and numbers",
                "return an array, a number or a tuple of them",
            )


_OUTSIDE = "an object outside of it"


class Given:
    """The arguments of a run and the copies that it got, with all that is in them.

    Parameters
    ----------
    arguments : mapping
        The arguments by name.
    copies : mapping
        Their copies.
    """

    def __init__(self, arguments: Mapping[str, Any], copies: Mapping[str, Any]) -> None:
        self.pairs = [
            (name, given, passed)
            for name, copy in copies.items()
            for given, passed in pairs(arguments[name], copy)
        ]
        self._items = [(_items(given), _items(passed)) for _, given, passed in self.pairs]

    def check_separate(
        self, fn: Callable[..., Any], outside: Sequence[tuple[Any, Any]], origins: Origins
    ) -> None:
        """Raise where what was written is reached in two ways: the run had a copy for each.

        Parameters
        ----------
        fn : callable
            The function.
        outside : sequence of (array or container, what stands for it)
            What it read outside.
        origins : Origins
            What the values of the run, and of those around it, stand for.
        """
        original = origins.original
        found = [
            (f"`{name}`", original(given), _is_written(given, passed, *items))
            for (name, given, passed), items in zip(self.pairs, self._items, strict=True)
        ]
        found += [
            (_OUTSIDE, original(array), _is_written(array, tensor, None, None))
            for array, tensor in outside
        ]
        for place, (name, one, is_written) in enumerate(found):
            for other, two, _ in found[:place] + found[place + 1 :] if is_written else ():
                if _share(one, two) and not (other == name == _OUTSIDE):
                    called = getattr(fn, "__name__", repr(fn))
                    what = f"{name} and {other} share memory"
                    if other == name:
                        what = f"one object is found twice in {name}"
                    raise ArgumentError(
                        f"{what}, and `{called}` writes into it",
                        "pass a copy of one of them",
                    )


def _items(value: Any) -> list[Any] | None:
    parts = parts_of(value)
    return None if parts is None else list(parts.values())


def _is_written(given: Any, passed: Any, items: list[Any] | None, copied: list[Any] | None) -> bool:
    """Return whether a function wrote into something, or into its copy; both held these items."""
    if isinstance(passed, Tensor):
        return not passed.is_inference() and passed.version > 0
    if is_array(passed):
        return not np.array_equal(passed, given)
    return _differ(items, _items(given)) or _differ(copied, _items(passed))


def _differ(before: list[Any] | None, now: list[Any] | None) -> bool:
    if before is None or now is None:
        return False
    return len(now) != len(before) or any(a is not b for a, b in zip(now, before, strict=True))


def _share(one: Any, two: Any) -> bool:
    """Return whether a write to one of two values is seen in the other."""
    arrays = [v._value if isinstance(v, Tensor) else v for v in (one, two)]
    if all(map(is_array, arrays)):
        return overlap(*arrays)
    return one is two and parts_of(one) is not None
