"""Containers of the user's: mapped, flattened and rebuilt in one place."""

from __future__ import annotations

import ast
from collections import OrderedDict
from dataclasses import FrozenInstanceError, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import s2s_grad
from s2s_grad.ir.trees import (
    NO_DEFAULT,
    class_fields,
    is_container,
    is_dataclass_object,
    is_named_tuple,
    leaves,
    map_tree,
    named_fields,
    parts_of,
    rebuilt,
    sequence_of,
)


class Pair(NamedTuple):
    a: Any
    b: Any = 2.0


class Empty(NamedTuple):
    pass


@dataclass(frozen=True, slots=True)
class Layer:
    w: Any
    b: Any = 0.0
    names: list[str] = field(default_factory=list, kw_only=True)


@dataclass
class Counted:
    x: float
    calls: int = field(default=0, init=False)


CONTAINERS = [
    (1.0, 2.0),
    [1.0, 2.0],
    {"a": 1.0, "b": 2.0},
    OrderedDict(a=1.0, b=2.0),
    Pair(1.0, 2.0),
    Layer(1.0, 2.0, names=[]),
]


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda c: type(c).__name__)
def test_a_container_is_rebuilt_of_its_parts(container: Any) -> None:
    parts = parts_of(container)
    assert parts is not None
    again = rebuilt(container, parts)
    assert again == container
    assert again is not container or isinstance(container, tuple)
    doubled = map_tree(lambda leaf: 2.0 * leaf, container)
    assert list(leaves(doubled)) == [2.0, 4.0]


def test_trees_are_mapped_together_and_have_to_be_alike() -> None:
    tree = {"p": Pair([1.0], Layer(2.0)), "q": (3.0,)}
    total = map_tree(lambda a, b: a + b, tree, tree)
    assert total == {"p": Pair([2.0], Layer(4.0)), "q": (6.0,)}
    with pytest.raises(ValueError, match="different structures"):
        map_tree(lambda a, b: a, (1.0, 2.0), (1.0,))


@pytest.mark.parametrize("leaf", [1.0, "text", None, np.ones(2), range(3), {1, 2}, Layer])
def test_leaves_are_no_containers(leaf: Any) -> None:
    assert parts_of(leaf) is None
    assert not is_container(leaf)
    assert next(leaves(leaf)) is leaf


def test_what_the_class_of_a_container_is_made_of() -> None:
    w, b, names = class_fields(Layer)
    assert (w.name, w.init, w.keyword, w.default) == ("w", True, False, NO_DEFAULT)
    assert (b.default, b.factory) == (0.0, NO_DEFAULT)
    assert (names.keyword, names.factory) == (True, list)
    assert class_fields(dict) == ()
    assert named_fields(Pair) == ("a", "b")
    assert named_fields(Empty) == ()
    assert named_fields(tuple) is None
    assert named_fields(Layer) is None
    with pytest.raises(FrozenInstanceError):
        w.name = "other"  # type: ignore[misc]


def test_what_is_a_named_tuple_and_what_an_object_of_its_fields() -> None:
    assert is_named_tuple(Pair(1, 2))
    assert not is_named_tuple((1, 2))
    assert is_dataclass_object(Layer(1.0))
    assert not is_dataclass_object(Layer)
    assert not is_dataclass_object(Counted(1.0))  # it has more than it is made with
    assert sequence_of(Pair, (1, 2)) == Pair(1, 2)
    assert sequence_of(list, iter((1, 2))) == [1, 2]


def test_nobody_else_knows_what_classes_are_made_of() -> None:
    package = Path(s2s_grad.__file__).parent
    known = {"fields", "is_dataclass", "MISSING"}
    found: set[str] = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            of_module = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            if of_module and node.value.id == "dataclasses" and node.attr in known:
                found.add(path.name)
            if isinstance(node, ast.Attribute) and node.attr in ("_fields", "__dataclass_fields__"):
                found.add(path.name)
    # The names in a tree of syntax are found by the fields of libcst's own classes.
    assert found - {"names.py", "syntax_names.py"} == {"trees.py"}
