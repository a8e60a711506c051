"""Containers of arrays: tuples, lists, dicts, named tuples and dataclasses, nested."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from s2s_grad.ir.guards import class_of, is_dict, is_items

__all__ = ["is_container", "leaves", "map_tree"]


def is_container(value: Any) -> bool:
    """Return whether a value is a container whose items are differentiated."""
    if isinstance(value, (tuple, list, dict)):
        return True
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def map_tree(fn: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """Return the container with each leaf replaced by ``fn(leaf, leaf of other, ...)``.

    Examples
    --------
    >>> map_tree(lambda x, y: x + y, {"a": (1, 2)}, {"a": (3, 4)})
    {'a': (4, 6)}
    """
    if not is_container(tree):
        return fn(tree, *others)
    if is_dict(tree):
        return {
            key: map_tree(fn, item, *(other[key] for other in others)) for key, item in tree.items()
        }
    if is_items(tree):
        items = [map_tree(fn, *row) for row in zip(tree, *others, strict=True)]
        kind = class_of(tree)
        return kind(*items) if hasattr(kind, "_fields") else kind(items)
    names = [field.name for field in dataclasses.fields(tree) if field.init]
    found = {
        name: map_tree(fn, getattr(tree, name), *(getattr(other, name) for other in others))
        for name in names
    }
    return dataclasses.replace(tree, **found)


def leaves(tree: Any) -> Iterator[Any]:
    """Yield the leaves of a container.

    Examples
    --------
    >>> list(leaves({"a": (1, [2]), "b": 3}))
    [1, 2, 3]
    """
    if not is_container(tree):
        yield tree
        return
    if is_dict(tree):
        items: Any = tree.values()
    elif is_items(tree):
        items = tree
    else:
        items = [getattr(tree, field.name) for field in dataclasses.fields(tree) if field.init]
    for item in items:
        yield from leaves(item)
