"""What code objects tell: their names, and the places and few kinds of their instructions.

What depends on the version of the interpreter is asked here alone.
"""

from __future__ import annotations

import functools
import itertools
import opcode
from collections.abc import Iterator
from types import CodeType

__all__ = [
    "Span",
    "codes",
    "global_names",
    "only_called",
    "operations",
    "operators",
    "outer_names",
    "renamed",
    "span",
    "spans",
    "stores_item",
]

Span = tuple[int, int, int, int]  # line, column, end line, end column; columns count bytes
_OPERATORS = {
    opcode.opmap[name]
    for name in ("BINARY_OP", "COMPARE_OP", "UNARY_NEGATIVE", "UNARY_INVERT")
    if name in opcode.opmap
}
_LOAD_GLOBAL = opcode.opmap["LOAD_GLOBAL"]
_ITEM_STORES = {"STORE_SUBSCR", "STORE_SLICE"}


def codes(code: CodeType) -> Iterator[CodeType]:
    """Yield a function's code, then that of the functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def global_names(code: CodeType) -> list[str]:
    """Return the globals and attributes that a function, or one inside it, names, in order."""
    return [name for inner in codes(code) for name in inner.co_names]


@functools.lru_cache(maxsize=1024)
def outer_names(code: CodeType) -> frozenset[str]:
    """Return the names that a function, or one inside it, takes from outside, and attributes."""
    return frozenset(
        name for inner in codes(code) for name in (*inner.co_names, *inner.co_freevars)
    )


def spans(code: CodeType) -> Iterator[Span]:
    """Yield the places of the instructions that have a true one."""
    for line, end_line, column, end_column in code.co_positions():
        if line is None or end_line is None or column is None or end_column is None:
            continue
        if (line, column) != (end_line, end_column):
            yield line, column, end_line, end_column


def span(code: CodeType, offset: int) -> tuple[int | None, int | None, int | None, int | None]:
    """Return line, column, end line and end column of the instruction at an offset."""
    found = next(itertools.islice(code.co_positions(), offset // 2, None), None)
    line, end_line, column, end_column = found or (None, None, None, None)
    return line, column, end_line, end_column


def stores_item(code: CodeType, offset: int) -> bool:
    """Return whether the instruction at an offset is ``a[i] = value``."""
    return opcode.opname[code.co_code[offset]] in _ITEM_STORES


def operations(code: CodeType) -> frozenset[str]:
    """Return the names of the instructions of a function and of those inside it."""
    return frozenset(opcode.opname[op] for inner in codes(code) for op in inner.co_code[::2])


def only_called(code: CodeType, name: str) -> bool:
    """Return whether a global is used in calls alone, as ``float(x)`` does, and is at all."""
    uses = [
        bool(argument & 1)
        for inner in codes(code)
        for operation, argument in _instructions(inner)
        if operation == _LOAD_GLOBAL and inner.co_names[argument >> 1] == name
    ]
    return bool(uses) and all(uses)


def _instructions(code: CodeType) -> Iterator[tuple[int, int]]:
    """Yield the operations with their arguments, which may have more than one byte."""
    argument = 0
    for operation, low in zip(code.co_code[::2], code.co_code[1::2], strict=True):
        argument = argument << 8 | low
        if operation != opcode.EXTENDED_ARG:
            yield operation, argument
            argument = 0


def renamed(code: CodeType, old: str, new: str) -> CodeType:
    """Return code, with that of the functions inside it, in which a global has another name."""
    return code.replace(
        co_names=tuple(new if name == old else name for name in code.co_names),
        co_consts=tuple(
            renamed(item, old, new) if isinstance(item, CodeType) else item
            for item in code.co_consts
        ),
    )


def operators(code: CodeType) -> list[tuple[int, int]]:
    """Return the operators of a function, in the order of its instructions."""
    return [found for found in _instructions(code) if found[0] in _OPERATORS]
