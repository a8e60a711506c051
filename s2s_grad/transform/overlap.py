"""Arguments of which the program needs that they are separate objects, or contiguous."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from s2s_grad.errors import SharedArguments, UnlikeLayout
from s2s_grad.ir.guards import is_array, is_tuple, overlap
from s2s_grad.ir.trees import leaves, parts_of

if TYPE_CHECKING:
    from s2s_grad.ir.nodes import Function, Place
    from s2s_grad.ir.outside import Read

__all__ = ["with_separate_arguments"]


def with_separate_arguments(
    compiled: Callable[..., Any], program: Function, name: str, names: Collection[str]
) -> Callable[..., Any]:
    """Return a compiled function that checks its arguments first.

    The program was compiled as if each array, list, dict and object in the arguments were another
    one, and none were known outside. That matters for those that the primal changes, or asks
    whether they are one: what it does to one is then seen in another place.
    `names` are the arguments of the primal: it does not see directions.
    """
    signature = inspect.signature(compiled)

    @functools.wraps(compiled)
    def checked(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs).arguments
        given = {key: value for key, value in bound.items() if key in names}
        found = [(f"`{place[0]}`", place, value) for place, value in _objects(given) if place]
        found += [("an object outside of it", (), value) for value in _outside(program.reads)]
        for where in program.apart:
            key, one = f"`{where[0]}`", _at(given, where)
            for other, place, candidate in found:
                if place != where and _are_shared(one, candidate):
                    what = f"{key} and {other} share memory"
                    if other == key:
                        what = f"one object is found twice in {key}"
                    raise SharedArguments(
                        f"{what}, and `{name}` writes into it, or asks whether they are one",
                        "pass a copy of one of them",
                    )
        for key in program.contiguous:
            if not all(a.flags.c_contiguous for a in leaves(given[key]) if is_array(a)):
                raise UnlikeLayout(
                    f"what `{name}` does (writing to a view or to a copy, or the order of items) "
                    f"depends on how `{key}` is laid out, and `{key}` is not contiguous",
                    f"pass np.ascontiguousarray({key})",
                )
        return compiled(*args, **kwargs)

    return checked


def _at(given: Mapping[str, Any], place: Place) -> Any:
    found: Any = given
    for key in place:
        found = (parts_of(found) or {})[key]
    return found


def _objects(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield each array and each container that has an identity, with the way to it."""
    parts = parts_of(value)
    if parts is None:
        if is_array(value):
            yield place, value
        return
    if not is_tuple(value):
        yield place, value
    for key, item in parts.items():
        yield from _objects(item, (*place, key))


def _outside(reads: Iterable[Read]) -> Iterator[Any]:
    for read in reads:
        for _, value in _objects(read.again()):
            yield value


def _are_shared(one: Any, other: Any) -> bool:
    if is_array(one) and is_array(other):
        return overlap(one, other)
    return one is other
