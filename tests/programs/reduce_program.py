"""Makes a program smaller while what is wrong with it stays: ``python reduce_program.py FILE``.

The file defines `program` and `arguments`; the smaller one is printed.
"""

from __future__ import annotations

import ast
import copy
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from examine import Found, examine
from fuzz_kinds import given_by
from program_writer import compiled


def found_in(source: str, number: int = 0) -> Found:
    """Return what becomes of the program of a source, or nothing wrong where it defines none."""
    try:
        f = compiled("smaller", number, source)
        given = given_by(f)
    except Exception as error:
        return Found("raises", repr(error))
    return examine(f, given)


def reduced(source: str, seconds: float = 60.0) -> str:
    """Return a smaller program with the same fault, found in a limited time."""
    first = found_in(source)
    end = time.monotonic() + seconds
    count = 0

    def same(text: str) -> bool:
        nonlocal count
        count += 1
        found = found_in(text, count)
        return found.what == first.what and _class(found) == _class(first)

    if not first.fault and first.what != "refused":
        return source
    tree = ast.parse(source)
    while time.monotonic() < end:
        for smaller in _smaller(tree):
            if time.monotonic() > end:
                break
            if same(ast.unparse(smaller)):
                tree = ast.parse(ast.unparse(smaller))
                break
        else:
            break
    return ast.unparse(tree) + "\n"


def _class(found: Found) -> str:
    """Return what must stay the same: the kind of error, and the reason of a refusal."""
    if found.what == "refused":
        return found.group
    return found.group[:24]


def _smaller(tree: ast.Module) -> Iterator[ast.Module]:
    """Yield trees with one part left out, the largest parts first."""
    blocks = sum(1 for _ in _blocks(tree))
    for number in range(blocks):
        size = len(list(_blocks(tree))[number])
        for length in dict.fromkeys((size, size // 2, 1)):
            for start in range(0, size, max(length, 1)):
                yield from _changed(tree, number, start, length)
    for number in range(sum(1 for _ in _expressions(tree))):
        for choice in range(4):
            new = copy.deepcopy(tree)
            parent, field, index, node = list(_expressions(new))[number]
            parts = _parts(node)
            if choice < len(parts):
                _put(parent, field, index, parts[choice])
                yield new


def _changed(tree: ast.Module, number: int, start: int, length: int) -> Iterator[ast.Module]:
    """Yield the tree without some statements, and with the body of one in its place."""
    without = copy.deepcopy(tree)
    block = list(_blocks(without))[number]
    del block[start : start + length]
    if not block:
        block.append(ast.Pass())
    if length and not (len(block) == 1 and isinstance(list(_blocks(tree))[number][0], ast.Pass)):
        yield without
    if length == 1:
        opened = copy.deepcopy(tree)
        block = list(_blocks(opened))[number]
        inner = getattr(block[start], "body", None)
        if isinstance(inner, list) and not isinstance(
            block[start], (ast.FunctionDef, ast.ClassDef)
        ):
            block[start : start + 1] = inner + getattr(block[start], "orelse", [])
            yield opened


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for field in ("body", "orelse"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block


def _expressions(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.expr]]:
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, ast.expr) and _parts(value):
                yield parent, field, None, value
            elif isinstance(value, list):
                for index, item in enumerate(value):
                    if isinstance(item, ast.expr) and _parts(item):
                        yield parent, field, index, item


_PARTS: dict[type[ast.expr], Callable[[ast.expr], list[ast.expr]]] = {
    ast.BinOp: lambda e: [e.left, e.right],  # type: ignore[attr-defined]
    ast.IfExp: lambda e: [e.body, e.orelse],  # type: ignore[attr-defined]
    ast.BoolOp: lambda e: e.values,  # type: ignore[attr-defined]
    ast.UnaryOp: lambda e: [e.operand],  # type: ignore[attr-defined]
    ast.Call: lambda e: [a for a in e.args if not isinstance(a, ast.Starred)],  # type: ignore[attr-defined]
    ast.List: lambda e: [ast.List(e.elts[1:]), ast.List(e.elts[:-1])] if e.elts else [],  # type: ignore[attr-defined]
}


def _parts(node: ast.expr) -> list[ast.expr]:
    parts = _PARTS.get(type(node))
    return [] if parts is None else parts(node)


def _put(parent: ast.AST, field: str, index: int | None, node: ast.expr) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


if __name__ == "__main__":
    text = Path(sys.argv[1]).read_text()
    print(found_in(text))
    text = reduced(text, float(sys.argv[2]) if len(sys.argv) > 2 else 60.0)
    print(text, found_in(text), sep="\n")
