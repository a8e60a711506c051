"""What functions are is said in `ir/primitives` alone; elsewhere are ways of treating them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import s2s_grad

PACKAGE = Path(s2s_grad.__file__).parent
# Each maps functions to what one stage does with them.
TREATMENTS = {
    "analysis/by_value.py": {"_RULES"},  # the type of a result whose size is a value
    "analysis/infer.py": {"_RULES"},  # the type of a result that is not tried
    "differentiate/list_cotangents.py": {"_ROWS", "_BACK"},  # cotangents of items of lists
    "differentiate/staging.py": {"_STATIC"},  # what a formula is told when it is staged
    "lower/calls/array_calls.py": {"ARRAY_CALLS"},  # calls that are lowered to others
    "lower/writes/write_calls.py": {"WRITES"},  # calls that write to an argument
    "optimise/algebra.py": {"_LAWS"},  # laws of derivative code
    "tape/dispatch.py": {"_SPECIAL"},  # calls of tensors that are no rules
    "emulate/stands.py": {"_STANDS"},  # what stands for a function in copied code
}


def _is_function(node: ast.AST) -> bool:
    """Return whether an expression names a function of NumPy."""
    if not isinstance(node, ast.Attribute):
        return False
    path = ast.unparse(node).split(".")
    if path[0] not in ("np", "numpy"):
        return False
    value: object = np
    for name in path[1:]:
        value = getattr(value, name, None)
    return callable(value) and not isinstance(value, type)


def _count(nodes: list[ast.expr | None]) -> int:
    named = [inner for node in nodes if node is not None for inner in ast.walk(node)]
    return sum(map(_is_function, named))


def _tables(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield the names of tables of NumPy's functions, and whether they treat these."""
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
            continue
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        for node in ast.walk(statement.value):
            if isinstance(node, ast.Dict) and _count(node.keys) > 1:
                yield ast.unparse(target), True
            elif isinstance(node, (ast.Set, ast.List, ast.Tuple)) and (
                sum(map(_is_function, node.elts)) > 1
            ):
                yield ast.unparse(target), False


FILES = [
    name
    for name in sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
    if not name.startswith(("rules/", "ir/primitives/"))
]


@pytest.mark.parametrize("name", FILES)
def test_facts_of_functions_are_in_their_records(name: str) -> None:
    found = {table for table, treats in _tables(PACKAGE / name) if treats}
    facts = {table for table, treats in _tables(PACKAGE / name) if not treats}
    assert found <= TREATMENTS.get(name, set())
    assert not facts - found


def test_few_tables_of_functions_are_left() -> None:
    assert sum(map(len, TREATMENTS.values())) <= 10
    for name, tables in TREATMENTS.items():
        assert {table for table, _ in _tables(PACKAGE / name)} == tables
