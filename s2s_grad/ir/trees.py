"""Containers of the user's: tuples, lists, dicts, named tuples and dataclasses, nested.

What their classes are made of is known here alone. A dataclass may have slots and may be frozen.
What is no container is a leaf; a string, None or any other leaf that is no number has no
derivative, and stands in one as it is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from s2s_grad.ir.guards import class_of, is_dict, is_items, is_tuple

__all__ = [
    "NO_DEFAULT",
    "Field",
    "class_fields",
    "fields_of",
    "holds_itself",
    "is_container",
    "is_dataclass",
    "is_dataclass_object",
    "is_named_tuple",
    "is_numeric_leaf",
    "leaves",
    "map_tree",
    "named_fields",
    "parts_of",
    "rebuilt",
    "sequence_of",
]

NO_DEFAULT = dataclasses.MISSING


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a dataclass; `init` says that it is given when an object is made."""

    name: str
    annotation: Any
    init: bool
    keyword: bool  # given by its name only
    default: Any = NO_DEFAULT
    factory: Any = NO_DEFAULT


def class_fields(kind: type[Any]) -> tuple[Field, ...]:
    """Return the fields of a dataclass; none of another class.

    Examples
    --------
    >>> [field.name for field in class_fields(Field)][:3]
    ['name', 'annotation', 'init']
    """
    if not dataclasses.is_dataclass(kind):
        return ()
    return tuple(
        Field(
            each.name, each.type, each.init, bool(each.kw_only), each.default, each.default_factory
        )
        for each in dataclasses.fields(kind)
    )


def is_dataclass(kind: type[Any]) -> bool:
    """Return whether a class is a dataclass."""
    return dataclasses.is_dataclass(kind)


def named_fields(kind: Any) -> tuple[str, ...] | None:
    """Return the names of the items of a class of named tuples; None of another class."""
    fields: Any = getattr(kind, "_fields", None)
    return fields if issubclass(kind, tuple) else None


def is_named_tuple(value: Any) -> bool:
    """Return whether a value is a named tuple."""
    return is_tuple(value) and hasattr(value, "_fields")


def sequence_of(kind: type[Any], items: Iterable[Any]) -> Any:
    """Return a tuple, list or named tuple of a class with these items.

    Examples
    --------
    >>> sequence_of(list, (1, 2))
    [1, 2]
    """
    return kind(*items) if hasattr(kind, "_fields") else kind(items)


def is_dataclass_object(value: Any) -> bool:
    """Return whether a value is an object of a dataclass, whose fields make it."""
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return False
    return all(field.init for field in dataclasses.fields(value))


def is_container(value: Any) -> bool:
    """Return whether a value is a container whose items are differentiated."""
    if isinstance(value, (tuple, list, dict)):
        return True
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def fields_of(value: Any) -> dict[str, Any]:
    """Return what an object of a dataclass is made with."""
    fields = (field.name for field in dataclasses.fields(value) if field.init)
    return {name: getattr(value, name) for name in fields}


def parts_of(value: Any) -> Mapping[Any, Any] | None:
    """Return the items of a container by index, key or field; None of a leaf.

    Examples
    --------
    >>> parts_of((1, "a")), parts_of(2.0)
    ({0: 1, 1: 'a'}, None)
    """
    if is_items(value):
        return dict(enumerate(value))
    if is_dict(value):
        return value
    return fields_of(value) if is_container(value) else None


def rebuilt(like: Any, parts: Mapping[Any, Any]) -> Any:
    """Return a container like another one, with these items.

    Examples
    --------
    >>> rebuilt([1, 2], {0: 3, 1: 4})
    [3, 4]
    """
    if is_dict(like):
        return dict(parts)
    if is_items(like):
        return sequence_of(class_of(like), parts.values())
    return dataclasses.replace(like, **parts)


def map_tree(fn: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """Return the container with each leaf replaced by ``fn(leaf, leaf of other, ...)``.

    Examples
    --------
    >>> map_tree(lambda x, y: x + y, {"a": (1, 2)}, {"a": (3, 4)})
    {'a': (4, 6)}
    """
    parts = parts_of(tree)
    if parts is None:
        return fn(tree, *others)
    rest = [parts_of(other) or {} for other in others]
    if any(len(other) != len(parts) for other in rest):
        raise ValueError("the containers have different structures")
    items = {
        key: map_tree(fn, item, *(other[key] for other in rest)) for key, item in parts.items()
    }
    return rebuilt(tree, items)


def leaves(tree: Any) -> Iterator[Any]:
    """Yield the leaves of a container.

    Examples
    --------
    >>> list(leaves({"a": (1, [2]), "b": 3}))
    [1, 2, 3]
    """
    parts = parts_of(tree)
    if parts is None:
        yield tree
        return
    for item in parts.values():
        yield from leaves(item)


def holds_itself(tree: Any, around: tuple[Any, ...] = ()) -> bool:
    """Return whether a container is found inside of itself.

    Examples
    --------
    >>> items = [1.0]
    >>> items.append(items)
    >>> holds_itself((items, 2.0)), holds_itself([[1.0], [2.0]])
    (True, False)
    """
    if any(tree is each for each in around):
        return True
    inside = (*around, tree)
    return any(holds_itself(item, inside) for item in (parts_of(tree) or {}).values())


def is_numeric_leaf(leaf: Any) -> bool:
    """Return whether a leaf is a number or an array, so that it has a derivative or none: 0.0."""
    return isinstance(leaf, (int, float, complex)) or hasattr(leaf, "dtype")
