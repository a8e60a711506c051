"""Fold single-use temporaries back into the expressions that read them.

An expression moves from where it was computed to where it is read only if nothing in between
overwrites what it reads.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable

import numpy as np

from s2s_grad.analysis.buffers import find_buffers
from s2s_grad.analysis.indexing import index_items
from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Const,
    Effect,
    Function,
    If,
    Loop,
    Operand,
    Pack,
    Phase,
    Role,
    Statement,
    Var,
)
from s2s_grad.ir.primitives import INFIX, PREFIX, Cost, primitive
from s2s_grad.ir.types import Scalar
from s2s_grad.ir.walk import blocks_of, count_uses, operands_of, statements_of, vars_of
from s2s_grad.runtime import add_at, set_item

__all__ = ["fold"]

_WIDTH = 64
_COTANGENT_WIDTH = 30
_SHORT_NAME = 6
_FEW = 3


def fold(function: Function) -> dict[Var, Apply | If]:
    """Return the variables that are not assigned, each with the expression printed in its place."""
    folder = _Folder(function)
    folder.block(function.block, function.block.results)
    return folder.folded


class _Folder:
    def __init__(self, function: Function) -> None:
        self.counts = count_uses(function.block)
        self.folded: dict[Var, Apply | If] = {}
        self.updated = {
            s.args[0] for s in statements_of(function.block) if isinstance(s, Apply) and s.inplace
        }
        marked = {
            s.result for s in statements_of(function.block) if isinstance(s, Apply) and s.inplace
        }
        self.heads: dict[Var, int] = {}  # how often a variable is what a loop runs over
        for s in statements_of(function.block):
            for each in s.each if isinstance(s, Loop) else ():
                for var in vars_of(each.sequence):
                    self.heads[var] = self.heads.get(var, 0) + 1
        self.buffers = find_buffers(function, marked)
        self.definitions = {
            s.result: s for s in statements_of(function.block) if isinstance(s, Apply)
        }

    def block(self, block: Block, printed: tuple[Operand, ...]) -> None:
        """Fold inside a block; those of its results in `printed` are expressions at its end."""
        # A walk of its own: what is folded depends on the places of readers in each block.
        readers: dict[Var, int] = {}
        for place, statement in enumerate(block.body):
            for operand in _read_at_once(statement):
                for var in vars_of(operand):
                    readers[var] = place
        for result in printed:
            for var in vars_of(result):
                readers[var] = len(block.body)
        for place, statement in enumerate(block.body):
            for inner in blocks_of(statement):
                self.block(inner, _printed(statement, inner))
            if isinstance(statement, Apply):
                self.consider(statement, place, readers.get(statement.result), block)
            elif isinstance(statement, If) and self.is_expression(statement):
                var = statement.results[0]
                reader = readers.get(var)
                if var.role is Role.TEMP and not var.hint and self.counts.get(var) == 1:
                    if reader is not None and not self.blocked(statement, place, reader, block):
                        self.folded[var] = statement

    def consider(self, statement: Apply, place: int, reader: int | None, block: Block) -> None:
        var = statement.result
        if statement.inplace or var in self.updated or statement.fn in (add_at, set_item):
            return
        if self.keeps_name(statement):
            return
        if self.is_free(statement):
            self.folded[var] = statement
            return
        if reader is None or self.counts.get(var, 0) != 1:
            return
        if self.blocked(statement, place, reader, block):
            return
        width = self.width(var, own=True)
        into = block.body[reader] if reader < len(block.body) else None
        limit = _WIDTH
        if isinstance(into, (Apply, Effect)):
            if _same_line(statement, into):
                self.folded[var] = statement
                return
            width = max(width, self.reader_width(into, var))
        if var.role in (Role.COTANGENT, Role.TANGENT) and var.hint:
            limit = _COTANGENT_WIDTH
        if width <= limit:
            self.folded[var] = statement

    def is_free(self, statement: Apply) -> bool:
        """Return whether asking again is as good: the operand is a variable that stays as it is."""
        if statement.fn is range:
            heads = self.heads.get(statement.result, 0) == self.counts.get(statement.result, 0)
            return heads and all(self.is_plain(arg) for arg in statement.args)
        if statement.fn is operator.getitem:
            base = statement.args[0]
            shape = self.folded.get(base) if isinstance(base, Var) else None
            return isinstance(shape, Apply) and shape.fn is np.shape
        if statement.fn in (np.add, np.subtract):
            return self.is_neighbour(statement)
        record = primitive(statement.fn)
        if record.cost is not Cost.FREE:
            return False
        operand = statement.args[0]
        if statement.kwargs or len(statement.args) > 1 or not isinstance(operand, Var):
            return False
        return operand not in self.folded and (bool(record.fact) or operand not in self.updated)

    def is_neighbour(self, statement: Apply) -> bool:
        """Return whether an int is a place beside a variable: `i - 1` reads better than a name."""
        first, second = statement.args
        t = statement.result.type
        if not (isinstance(t, Scalar) and t.kind == "int" and self.is_named(first)):
            return False
        few = self.counts.get(statement.result, 0) <= _FEW
        return isinstance(second, Const) or (few and (self.is_named(second) or self.is_len(second)))

    def is_named(self, operand: Operand) -> bool:
        return isinstance(operand, Var) and operand not in self.folded and bool(operand.hint)

    def is_len(self, operand: Operand) -> bool:
        made = self.folded.get(operand) if isinstance(operand, Var) else None
        return isinstance(made, Apply) and made.fn is len and self.is_named(made.args[0])

    def is_plain(self, operand: Operand) -> bool:
        """Return whether an int is read or computed in no time: of names, sizes and numbers."""
        if not isinstance(operand, Var):
            return isinstance(operand, Const)
        statement = self.folded.get(operand)
        if statement is None:
            return isinstance(operand.type, Scalar)
        if not isinstance(statement, Apply):
            return False
        if statement.fn in (np.size, len):
            return True
        if statement.fn is operator.getitem:
            return self.is_free(statement)
        return primitive(statement.fn).arithmetic and all(
            self.is_plain(arg) for arg in statement.args
        )

    def keeps_name(self, statement: Apply) -> bool:
        """Return whether a variable keeps the statement that the user gave it."""
        return statement.result.role is Role.USER and bool(statement.result.hint)

    def blocked(self, statement: Apply | If, place: int, reader: int, block: Block) -> bool:
        """Return whether something between a definition and its reader may change its operands."""
        leaves = set(self.leaves(statement))
        read = self.shared(leaves)
        for between in block.body[place + 1 : reader]:
            written = self.written(between)
            if any(var in leaves for var in written) or self.shared(written) & read:
                return True
        return False

    def shared(self, variables: Iterable[Var]) -> set[Var]:
        """Return the buffers that variables may refer to."""
        return {id for var in variables for id in self.buffers.operand(var)}

    def leaves(self, statement: Statement) -> list[Var]:
        found: list[Var] = []
        for operand in operands_of(statement):
            for var in vars_of(operand):
                inner = self.folded.get(var)
                found.extend(self.leaves(inner) if inner is not None else [var])
        return found

    def written(self, statement: Statement) -> list[Var]:
        """Return the variables whose buffers a statement may overwrite."""
        found: list[Var] = []
        for s in (statement, *(s for b in blocks_of(statement) for s in statements_of(b))):
            if isinstance(s, Apply) and s.inplace:
                found.extend(vars_of(s.args[0]))
            elif isinstance(s, Loop) and self.overwrites(s):
                found.extend(var for carry in s.carried for var in vars_of(carry.init))
        return found

    def overwrites(self, loop: Loop) -> bool:
        return any(isinstance(s, Apply) and s.inplace for s in statements_of(loop.body))

    def is_expression(self, statement: If) -> bool:
        """Return whether an `If` came from an expression and can be printed as one."""
        line = statement.origin.line
        if len(statement.results) != 1 or (
            line is not None and line.text.startswith(("if ", "elif "))
        ):
            return False
        for block in (statement.then, statement.orelse):
            own = {s.result for s in block.body if isinstance(s, Apply)}
            for inner in block.body:
                if not isinstance(inner, Apply) or inner.inplace:
                    return False
                if self.counts.get(inner.result) != 1:
                    return False
            if len(own) > 3:
                return False
        for block in (statement.then, statement.orelse):
            for inner in block.body:
                assert isinstance(inner, Apply)
                self.folded[inner.result] = inner
        return True

    # ------------------------------------------------------------------ how wide the text will be

    def width(self, operand: Operand, *, own: bool = False) -> int:
        match operand:
            case Const():
                return len(operand.text or repr(operand.value)) if _is_literal(operand) else 8
            case Pack():
                return 2 + sum(self.width(item) + 2 for item in operand.items)
            case Var():
                statement = self.definitions.get(operand) if own else self.folded.get(operand)
                if isinstance(statement, Apply):
                    return self.apply_width(statement)
                return len(operand.hint) or _SHORT_NAME

    def apply_width(self, statement: Apply) -> int:
        widths = [self.width(operand) for operand in operands_of(statement)]
        if statement.fn in INFIX or statement.fn in PREFIX:
            return sum(widths) + 3 * (len(widths) - 1)
        if statement.fn is operator.getitem:
            return widths[0] + _index_width(statement.args[1], self.width)
        if statement.fn in (np.shape, np.size, np.transpose, np.matrix_transpose):
            return widths[0] + 6
        inner = sum(widths) + 2 * len(widths)
        return inner + len(getattr(statement.fn, "__name__", "function")) + 3

    def reader_width(self, reader: Statement, var: Var) -> int:
        total = 0
        for operand in operands_of(reader):
            for v in vars_of(operand):
                total += self.width(v, own=v is var) + 3
        return total


def _read_at_once(statement: Statement) -> tuple[Operand, ...]:
    """Return what a statement reads where it begins: not what is assigned to names before it."""
    if isinstance(statement, Loop):
        return tuple(each.sequence for each in statement.each)
    return operands_of(statement)


def _printed(statement: Statement, block: Block) -> tuple[Operand, ...]:
    """Return the results of a block that are expressions at its end."""
    if isinstance(statement, Loop) and block is statement.body:
        return () if statement.stop is None else (statement.stop,)
    return () if isinstance(statement, If) else block.results


def _same_line(statement: Apply, reader: Apply | Effect) -> bool:
    """Return whether the user wrote an expression inside of the statement that reads it."""
    own, other = statement.origin, reader.origin
    if own.line is None or own.line is not other.line or own.expression is None:
        return False
    primal = own.phase is Phase.PRIMAL and other.phase is Phase.PRIMAL
    return primal and not statement.result.hint


def _index_width(index: Operand, width: Callable[[Operand], int]) -> int:
    """Return the width of a subscript, with its brackets."""
    total = 2
    for place, item in enumerate(index_items(index)):
        total += 2 if place else 0
        if isinstance(item, Pack) and item.kind is slice:
            parts = [p for p in item.items if not (isinstance(p, Const) and p.value is None)]
            total += 1 + sum(width(part) for part in parts)
        else:
            total += width(item)
    return total


def _is_literal(operand: Const) -> bool:
    return isinstance(operand.value, (bool, int, float, complex, str, type(None), tuple))
