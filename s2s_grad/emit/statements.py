"""Print statements as lines of Python, with the user's comments and those that explain a sweep."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import assert_never

from s2s_grad.emit.comments import reverse_comment
from s2s_grad.emit.expressions import Printer
from s2s_grad.emit.updates import augmented, update, written
from s2s_grad.ir.effects import assert_, is_draw, raise_
from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Const,
    Define,
    Effect,
    If,
    Loop,
    Operand,
    Origin,
    Phase,
    Statement,
    Var,
)
from s2s_grad.ir.sources import Line
from s2s_grad.ir.walk import bound_vars, free_vars, results_of, vars_of

__all__ = ["Writer"]

_COMMENT = 72
_TOGETHER = 4


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
            self.write(reverse_comment(line.text))

    def assign(self, var: Var, text: str, origin: Origin) -> None:
        name = self.printer.names[var]
        if name == text:
            return
        self.write(f"{name} = {text}{self.trailing(origin)}")

    # ----------------------------------------------------------------------------- statements

    def block(self, block: Block, appends: dict[Var, list[str]] | None = None) -> None:
        appends = appends or {}
        # A walk of its own: there is text in front of blocks, between them and behind them.
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
        text = update(printer, statement) if statement.inplace else None
        text = text or augmented(printer, statement)
        if text is not None:
            self.write(text + self.trailing(statement.origin))
            return
        text = printer.verbatim(statement) or printer.expression(statement)[0]
        self.assign(statement.result, text, statement.origin)

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
        if is_draw(statement.fn) and getattr(statement.fn, "__self__", None) is None:
            name = f"{printer.text(call.args[0])}.{statement.fn.__name__}"
            text = printer.call(name, replace(call, args=call.args[1:]))
        else:
            text = printer.expression(call)[0]
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
        cond = statement.cond
        inner = self.printer.folded.get(cond) if orelse and isinstance(cond, Var) else None
        if (
            isinstance(inner, Apply)
            and _is_not(inner)
            and statement.origin.phase is not Phase.PRIMAL
        ):
            self.write(f"if {self.negated(statement.cond)}:")
            self.lines.extend(orelse)
            self.write("else:")
            self.lines.extend(then)
            return
        self.write(f"if {written(self.printer, statement.cond)}:")
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
        self.moves(list(zip(results, block.results, strict=True)))
        self.indent -= 1
        lines, self.lines = self.lines, outer
        self.group = (group[0], None) if group[0] is Phase.PRIMAL else group
        return lines

    def negated(self, cond: Operand) -> str:
        inner = self.printer.folded.get(cond) if isinstance(cond, Var) else None
        if isinstance(inner, Apply) and _is_not(inner):
            return self.printer.text(inner.args[0])
        return f"not {self.printer.text(cond, 4)}"

    def moves(self, values: list[tuple[Var, Operand]]) -> None:
        """Assign several variables at once, where their names differ from the values'."""
        pairs = [
            (self.printer.names[target], self.printer.text(value), value)
            for target, value in values
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
        self.moves([(carry.parameter, carry.init) for carry in loop.carried])
        names = self.printer.names
        lists = [names[collect.result] for collect in loop.collected]
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
        if all(not line.strip() or line.lstrip().startswith("#") for line in self.lines[start:]):
            self.write("pass")
        self.indent -= 1
        self.group = group
        if loop.reverse:
            for name in lists:
                self.write(f"{name}.reverse()")

    def head(self, loop: Loop) -> None:
        """Write ``for ... in ...:`` or ``while ...:``."""
        printer = self.printer
        if loop.cond is not None:
            self.while_head(loop.cond)
            return
        used = set(free_vars(Block((), loop.statements, loop.body.results)))
        targets = [printer.names[e] if e in used else "_" for e in loop.elements]
        seqs = [printer.text(each.sequence) for each in loop.each]
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
        if len(loop.each) != 2:
            return None
        first, second = (each.sequence for each in loop.each)
        inner = self.printer.folded.get(first) if isinstance(first, Var) else None
        if not (isinstance(inner, Apply) and inner.fn is range and len(inner.args) == 1):
            return None
        length = inner.args[0]
        asked = self.printer.folded.get(length) if isinstance(length, Var) else None
        if isinstance(asked, Apply) and asked.fn is len and asked.args[0] is second:
            return True
        return None

    def while_head(self, cond: Block) -> None:
        if all(isinstance(s, Apply) and s.result in self.printer.folded for s in cond.body):
            self.write(f"while {written(self.printer, cond.results[0])}:")
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
        defined = {var for s in loop.statements for var in results_of(s)}
        for collect in loop.collected:
            item = collect.item
            text = f"{printer.names[collect.result]}.append({printer.text(item)})"
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
        flag = loop.stop
        moves = [(carry.parameter, carry.next) for carry in loop.carried]
        if flag is not None and self.has_moves(loop) and not isinstance(flag, Const):
            self.write(f"stop = {written(self.printer, flag)}")
            self.moves(moves)
            self.write("if stop:")
        else:
            self.moves(moves)
            if flag is None or (isinstance(flag, Const) and not flag.value):
                return
            if isinstance(flag, Const):
                self.write("break")
                return
            self.write(f"if {written(self.printer, flag)}:")
        self.indent += 1
        self.write("break")
        self.indent -= 1

    def has_moves(self, loop: Loop) -> bool:
        names = self.printer.names
        return any(
            names[carry.parameter] != self.printer.text(carry.next) for carry in loop.carried
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


def _is_not(statement: Apply) -> bool:
    return statement.fn is operator.not_
