"""Print statements as lines of Python, with the user's comments and those that explain a sweep."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any, assert_never

import numpy as np

from s2s_grad.analysis.indexing import index_kind
from s2s_grad.analysis.infer import type_of
from s2s_grad.emit.expressions import Printer
from s2s_grad.ir.effects import assert_, raise_
from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Const,
    Define,
    Effect,
    If,
    Line,
    Loop,
    Operand,
    Origin,
    Phase,
    Statement,
    Var,
)
from s2s_grad.ir.types import Array, Scalar
from s2s_grad.ir.walk import bound_vars, free_vars, results_of, vars_of
from s2s_grad.runtime import add_at, set_item

__all__ = ["Writer"]

_COMMENT = 72
_TOGETHER = 4
_AUGMENTED: dict[Callable[..., Any], str] = {
    np.add: "+=",
    np.subtract: "-=",
    np.multiply: "*=",
    np.divide: "/=",
}


class Writer:
    """Writes the lines of a function's body."""

    def __init__(self, printer: Printer) -> None:
        self.printer = printer
        self.lines: list[str] = []
        self.indent = 1
        self.group: tuple[Phase, Line | None] = (Phase.PRIMAL, None)
        self.seen: set[Line] = set()
        self.commented: set[Line] = set()

    # -------------------------------------------------------------------------------- lines

    def write(self, text: str) -> None:
        self.lines.append("    " * self.indent + text if text else "")

    def blank(self) -> None:
        if self.lines and self.lines[-1] and not self.lines[-1].rstrip().endswith(":"):
            self.write("")

    def comment(self, origin: Origin) -> None:
        """Write what stands above a statement: the user's comments, or what it reverses."""
        line = origin.line
        if origin.phase is Phase.PRIMAL:
            if line is None or line in self.seen:
                return
            self.seen.add(line)
            self.group = (Phase.PRIMAL, line)
            for text in line.leading:
                if text:
                    self.write(text)
                else:
                    self.blank()
            return
        if origin.phase is Phase.TANGENT or (origin.phase, line) == self.group:
            return
        if self.group[0] is Phase.PRIMAL and self.indent == 1:
            self.blank()
        self.group = (origin.phase, line)
        if line is not None:
            text = line.text if len(line.text) <= _COMMENT else line.text[: _COMMENT - 3] + "..."
            self.write(f"# reverse of: {text}")

    def assign(self, var: Var, text: str, origin: Origin) -> None:
        name = self.printer.names[var]
        if name == text:
            return
        self.write(f"{name} = {text}{self.trailing(origin)}")

    # ----------------------------------------------------------------------------- statements

    def block(self, block: Block, appends: dict[Var, list[str]] | None = None) -> None:
        appends = appends or {}
        for statement in block.body:
            self.statement(statement)
            for var in results_of(statement) if appends else ():
                for text in appends.pop(var, []):
                    self.write(text)

    def statement(self, statement: Statement) -> None:
        match statement:
            case Apply():
                if statement.result in self.printer.folded:
                    return
                self.comment(statement.origin)
                self.apply(statement)
            case Effect():
                self.comment(statement.origin)
                self.effect(statement)
            case If():
                if len(statement.results) == 1 and statement.results[0] in self.printer.folded:
                    return
                self.comment(statement.origin)
                self.branch(statement)
            case Loop():
                self.comment(statement.origin)
                self.loop(statement)
            case Define():
                self.local(statement)
            case _:
                assert_never(statement)

    def apply(self, statement: Apply) -> None:
        printer = self.printer
        if statement.inplace and self.update(statement):
            return
        text = printer.verbatim(statement) or printer.expression(statement)[0]
        augmented = self.augmented(statement)
        if augmented is not None:
            self.write(augmented)
            return
        self.assign(statement.result, text, statement.origin)

    def augmented(self, statement: Apply) -> str | None:
        """Return ``x += y`` for ``x = x + y`` where the two mean the same."""
        symbol = _AUGMENTED.get(statement.fn)
        if symbol is None or len(statement.args) != 2:
            return None
        first, second = statement.args
        name = self.printer.names[statement.result]
        if not isinstance(first, Var) or self.printer.names.get(first) != name:
            if statement.fn is np.add and isinstance(second, Var):
                first, second = second, first
            if not isinstance(first, Var) or self.printer.names.get(first) != name:
                return None
        small = isinstance(first.type, Scalar) and isinstance(statement.result.type, Scalar)
        rank0 = isinstance(first.type, Array) and first.type.shape == ()
        result = statement.result.type
        rank0 = rank0 and isinstance(result, Array) and result.shape == ()
        if not (statement.inplace or small or rank0):
            return None
        end = self.trailing(statement.origin)
        if symbol == "+=":
            return f"{name} {self.signed(second)}{end}"
        return f"{name} {symbol} {self.written(second)}{end}"

    def update(self, statement: Apply) -> bool:
        """Write an update in place; return False where it is no update."""
        printer = self.printer
        if statement.fn not in (set_item, add_at):
            return False
        base, index, value = statement.args
        target = f"{printer.text(base, 20)}[{printer.index(index)}]"
        if statement.fn is set_item:
            inner = printer.folded.get(value) if isinstance(value, Var) else None
            symbol = _AUGMENTED.get(inner.fn) if isinstance(inner, Apply) else None
            if symbol is not None and isinstance(inner, Apply) and len(inner.args) == 2:
                first, second = inner.args
                if isinstance(first, Var) and self.reads_item(first, base, index, target):
                    self.write(
                        f"{target} {symbol} {self.written(second)}{self.trailing(statement.origin)}"
                    )
                    return True
            self.write(f"{target} = {self.written(value)}{self.trailing(statement.origin)}")
            return True
        if index_kind(index, type_of).repeats:
            np_add = printer.references.function(np.add)
            where = f"{printer.text(base, 20)}, {printer.text(index)}"
            self.write(f"{np_add}.at({where}, {printer.text(value)})")
        else:
            self.write(f"{target} {self.signed(value)}{self.trailing(statement.origin)}")
        return True

    def reads_item(self, var: Var, base: Operand, index: Operand, target: str) -> bool:
        """Return whether a folded expression is the item that an update writes."""
        inner = self.printer.folded.get(var)
        if not isinstance(inner, Apply) or inner.fn is not operator.getitem:
            return False
        kind = index_kind(index, type_of)
        same = inner.args[0] is base and self.printer.text(var) == target
        return same and (kind.basic or kind.mask)

    def written(self, value: Operand) -> str:
        """Return the text of a value, as the user wrote it where that still holds."""
        inner = self.printer.folded.get(value) if isinstance(value, Var) else None
        text = self.printer.verbatim(inner) if isinstance(inner, Apply) else None
        return text or self.printer.bare(value)

    def signed(self, value: Operand) -> str:
        """Return ``+= value``, or ``-= value`` where a minus sign can be taken from the value."""
        inner = self.printer.folded.get(value) if isinstance(value, Var) else None
        if isinstance(inner, Apply) and inner.fn is np.negative:
            return f"-= {self.written(inner.args[0])}"
        if isinstance(inner, Apply) and inner.fn in (np.multiply, np.divide):
            factor, other = inner.args
            number: object = factor.value if isinstance(factor, Const) else None
            if isinstance(number, (int, float)) and number < 0:
                positive = replace(inner, args=(Const(-number), other))
                return f"-= {self.printer.expression(positive)[0]}"
        return f"+= {self.written(value)}"

    def trailing(self, origin: Origin) -> str:
        """Return the user's comment behind a statement, the first time that it is written."""
        line = origin.line
        if line is None or not line.trailing or origin.phase is not Phase.PRIMAL:
            return ""
        if line in self.commented:
            return ""
        self.commented.add(line)
        return f"  {line.trailing}"

    def effect(self, statement: Effect) -> None:
        printer = self.printer
        if statement.fn is assert_:
            self.write("assert " + ", ".join(printer.text(arg) for arg in statement.args))
            return
        if statement.fn is raise_:
            parts = [printer.text(arg) for arg in statement.args]
            self.write("raise " + " from ".join(parts))
            return
        call = Apply(Var(""), statement.fn, statement.args, statement.kwargs, statement.origin)
        text = printer.call(printer.references.function(statement.fn), call)
        if statement.result is None:
            self.write(text)
        else:
            self.assign(statement.result, text, statement.origin)

    # -------------------------------------------------------------------------------- regions

    def branch(self, statement: If) -> None:
        """Write an `if`; a branch with nothing to do is left out."""
        then = self.branch_lines(statement.then, statement.results)
        orelse = self.branch_lines(statement.orelse, statement.results)
        if not then and not orelse:
            return
        if not then:
            self.write(f"if {self.negated(statement.cond)}:")
            self.lines.extend(orelse)
            return
        self.write(f"if {self.written(statement.cond)}:")
        self.lines.extend(then)
        if not orelse:
            return
        only = [line for line in orelse if line.strip()]
        pad = "    " * (self.indent + 1)
        nested = [line for line in only if line.startswith(pad) and not line.startswith(pad + " ")]
        if (
            only[0].startswith(pad + "if ")
            and all(line[len(pad) :].startswith(("if ", "elif ", "else:")) for line in nested)
            and sum(line[len(pad) :].startswith("if ") for line in nested) == 1
        ):
            shifted = [line[4:] for line in orelse]
            shifted[orelse.index(only[0])] = "    " * self.indent + "el" + only[0].strip()
            self.lines.extend(shifted)
            return
        self.write("else:")
        self.lines.extend(orelse)

    def branch_lines(self, block: Block, results: tuple[Var, ...]) -> list[str]:
        outer, self.lines = self.lines, []
        group = self.group
        self.indent += 1
        self.block(block)
        self.moves(results, block.results)
        self.indent -= 1
        lines, self.lines = self.lines, outer
        self.group = (group[0], None) if group[0] is Phase.PRIMAL else group
        return lines

    def negated(self, cond: Operand) -> str:
        inner = self.printer.folded.get(cond) if isinstance(cond, Var) else None
        if isinstance(inner, Apply) and getattr(inner.fn, "__name__", "") == "not_":
            return self.printer.text(inner.args[0])
        return f"not {self.printer.text(cond, 4)}"

    def moves(self, targets: tuple[Var, ...], values: tuple[Operand, ...]) -> None:
        """Assign several variables at once, where their names differ from the values'."""
        pairs = [
            (self.printer.names[target], self.printer.text(value), value)
            for target, value in zip(targets, values, strict=True)
            if self.printer.names.get(target) is not None
        ]
        pairs = [(name, text, value) for name, text, value in pairs if name != text]
        if not pairs:
            return
        names = {name for name, _, _ in pairs}
        reads = {self.printer.names.get(var) for _, _, value in pairs for var in self.leaves(value)}
        if len(pairs) == 1 or not names & reads:
            for name, text, _ in pairs:
                self.write(f"{name} = {text}")
            return
        left = ", ".join(name for name, _, _ in pairs)
        self.write(f"{left} = {', '.join(text for _, text, _ in pairs)}")

    def leaves(self, operand: Operand) -> list[Var]:
        found: list[Var] = []
        for var in vars_of(operand):
            inner = self.printer.folded.get(var)
            if isinstance(inner, Apply):
                for arg in (*inner.args, *(value for _, value in inner.kwargs)):
                    found.extend(self.leaves(arg))
            else:
                found.append(var)
        return found

    def loop(self, loop: Loop) -> None:
        self.moves(loop.carried, loop.inits)
        names = self.printer.names
        lists = [names[out] for out in loop.collected]
        together = f"{', '.join(lists)} = {', '.join(['[]'] * len(lists))}"
        if 1 < len(lists) <= _TOGETHER and len(together) <= _COMMENT:
            self.write(together)
        else:
            for name in lists:
                self.write(f"{name} = []")
        self.head(loop)
        start = len(self.lines)
        group = self.group
        self.indent += 1
        self.body(loop)
        if len(self.lines) == start:
            self.write("pass")
        self.indent -= 1
        self.group = group
        if loop.reverse:
            for out in loop.collected:
                self.write(f"{names[out]}.reverse()")

    def head(self, loop: Loop) -> None:
        """Write ``for ... in ...:`` or ``while ...:``."""
        printer = self.printer
        if loop.cond is not None:
            self.while_head(loop.cond)
            return
        used = set(free_vars(Block((), loop.body.body, loop.body.results)))
        targets = [printer.names[e] if e in used else "_" for e in loop.elements]
        seqs = [printer.text(seq) for seq in loop.seqs]
        counted = self.enumerated(loop)
        if counted is not None and not loop.reverse:
            self.write(f"for {targets[0]}, {targets[1]} in enumerate({seqs[1]}):")
            return
        if loop.reverse:
            seqs = [f"reversed({seq})" for seq in seqs]
        if len(seqs) == 1:
            self.write(f"for {targets[0]} in {seqs[0]}:")
        else:
            self.write(f"for {', '.join(targets)} in zip({', '.join(seqs)}):")

    def enumerated(self, loop: Loop) -> bool | None:
        """Return whether a loop runs over ``range(len(x))`` and ``x``."""
        if len(loop.seqs) != 2:
            return None
        first = loop.seqs[0]
        inner = self.printer.folded.get(first) if isinstance(first, Var) else None
        if not (isinstance(inner, Apply) and inner.fn is range and len(inner.args) == 1):
            return None
        length = inner.args[0]
        asked = self.printer.folded.get(length) if isinstance(length, Var) else None
        if isinstance(asked, Apply) and asked.fn is len and asked.args[0] is loop.seqs[1]:
            return True
        return None

    def while_head(self, cond: Block) -> None:
        if all(isinstance(s, Apply) and s.result in self.printer.folded for s in cond.body):
            self.write(f"while {self.written(cond.results[0])}:")
            return
        self.write("while True:")
        self.indent += 1
        self.block(cond)
        self.write(f"if {self.negated(cond.results[0])}:")
        self.indent += 1
        self.write("break")
        self.indent -= 2

    def body(self, loop: Loop) -> None:
        printer = self.printer
        appends: dict[Var, list[str]] = {}
        late: list[str] = []
        inside = set(bound_vars(loop.body)) - set(loop.body.params)
        direct = set(loop.body.body)
        defined = {var for s in direct for var in results_of(s)}
        for item, out in zip(loop.appended, loop.collected, strict=True):
            text = f"{printer.names[out]}.append({printer.text(item)})"
            if isinstance(item, Var) and item in loop.body.params:
                self.write(text)
            elif isinstance(item, Var) and item in inside and item in defined:
                if item in printer.folded:
                    late.append(text)
                else:
                    appends.setdefault(item, []).append(text)
            else:
                late.append(text)
        self.block(loop.body, appends)
        for texts in appends.values():
            late.extend(texts)
        for text in late:
            self.write(text)
        flag = loop.body.results[-1] if loop.stop else None
        if flag is not None and self.has_moves(loop) and not isinstance(flag, Const):
            self.write(f"stop = {self.written(flag)}")
            self.moves(loop.carried, loop.yields)
            self.write("if stop:")
        else:
            self.moves(loop.carried, loop.yields)
            if flag is None or (isinstance(flag, Const) and not flag.value):
                return
            if isinstance(flag, Const):
                self.write("break")
                return
            self.write(f"if {self.written(flag)}:")
        self.indent += 1
        self.write("break")
        self.indent -= 1

    def has_moves(self, loop: Loop) -> bool:
        names = self.printer.names
        return any(
            names[param] != self.printer.text(value)
            for param, value in zip(loop.carried, loop.yields, strict=True)
        )

    def local(self, statement: Define) -> None:
        printer = self.printer
        params = ", ".join(printer.names[param] for param in statement.block.params)
        self.blank()
        self.write(f"def {printer.names[statement.result]}({params}):")
        self.indent += 1
        self.group = (Phase.REVERSE, None)
        self.block(statement.block)
        self.results(statement.block.results[0])
        self.indent -= 1
        self.blank()

    def results(self, result: Operand) -> None:
        text = self.as_returned(result) or self.printer.bare(result)
        self.write(f"return {text}")

    def as_returned(self, result: Operand) -> str | None:
        inner = self.printer.folded.get(result) if isinstance(result, Var) else None
        return self.printer.verbatim(inner) if isinstance(inner, Apply) else None
