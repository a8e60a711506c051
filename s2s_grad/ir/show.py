"""A program as text, for tests and debugging.

``python -m s2s_grad.ir.show file.py:f`` prints what each step of the compiler makes of a function.
"""

from __future__ import annotations

from typing import Any

from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Const,
    Define,
    Effect,
    Function,
    If,
    Loop,
    Operand,
    Role,
    Var,
)

__all__ = ["show"]


def show(function: Function) -> str:
    """Return a compact text of a program; names are made unique by number."""
    shower = _Shower()
    params = ", ".join(shower.name(param.var) for param in function.params)
    lines = [f"{function.name}({params}):"]
    shower.block(function.block, lines, 1)
    lines.append(f"  return {shower.text(function.block.results[0])}")
    return "\n".join(lines)


class _Shower:
    def __init__(self) -> None:
        self.names: dict[Var, str] = {}
        self.counts: dict[str, int] = {}

    def name(self, var: Var) -> str:
        if var not in self.names:
            suffix = {Role.COTANGENT: "_bar", Role.TANGENT: "_dot"}.get(var.role, "")
            base = f"{var.hint or 't'}{suffix}"
            number = self.counts.get(base, 0)
            self.counts[base] = number + 1
            self.names[var] = f"%{base}" if number == 0 else f"%{base}.{number}"
        return self.names[var]

    def text(self, operand: Operand) -> str:
        if isinstance(operand, Var):
            return self.name(operand)
        if isinstance(operand, Const):
            return getattr(operand.value, "__name__", repr(operand.value))
        inner = ", ".join(self.text(item) for item in operand.items)
        return f"{operand.kind.__name__}({inner})"

    def all(self, operands: Any) -> str:
        return ", ".join(self.text(operand) for operand in operands)

    def block(self, block: Block, lines: list[str], depth: int) -> None:
        pad = "  " * depth
        # A walk of its own, as there is text between the blocks of a statement.
        for s in block.body:
            match s:
                case Apply() | Effect():
                    parts = [self.text(arg) for arg in s.args]
                    parts += [f"{key}={self.text(value)}" for key, value in s.kwargs]
                    call = f"{getattr(s.fn, '__name__', s.fn)}({', '.join(parts)})"
                    mark = " (in place)" if isinstance(s, Apply) and s.inplace else ""
                    target = "" if s.result is None else f"{self.name(s.result)} = "
                    lines.append(f"{pad}{target}{call}{mark}")
                case If():
                    lines.append(f"{pad}if {self.text(s.cond)}:")
                    self.block(s.then, lines, depth + 1)
                    lines.append(f"{pad}  yield {self.all(s.then.results)}")
                    lines.append(f"{pad}else:")
                    self.block(s.orelse, lines, depth + 1)
                    lines.append(f"{pad}  yield {self.all(s.orelse.results)}")
                    lines.append(f"{pad}-> {self.all(s.results)}")
                case Loop():
                    self.loop(s, lines, depth)
                case Define():
                    lines.append(f"{pad}def {self.name(s.result)}({self.all(s.block.params)}):")
                    self.block(s.block, lines, depth + 1)
                    lines.append(f"{pad}  return {self.all(s.block.results)}")

    def loop(self, loop: Loop, lines: list[str], depth: int) -> None:
        pad = "  " * depth
        order = " reversed" if loop.reverse else ""
        carried = loop.carried
        elements = f"{self.all(loop.elements)} in {self.all(e.sequence for e in loop.each)}"
        params, inits = self.all(c.parameter for c in carried), self.all(c.init for c in carried)
        lines.append(f"{pad}loop{order} {elements} carry {params} = {inits}:")
        if loop.cond is not None:
            self.block(loop.cond, lines, depth + 1)
            params = self.all(loop.cond.params)
            lines.append(f"{pad}  while ({params}) {self.all(loop.cond.results)}")
        self.block(loop.body, lines, depth + 1)
        items = self.all(c.item for c in loop.collected)
        lines.append(f"{pad}  yield {self.all(c.next for c in carried)} collect {items}")
        if loop.stop is not None:
            lines.append(f"{pad}  stop {self.text(loop.stop)}")
        lists = self.all(c.result for c in loop.collected)
        lines.append(f"{pad}-> {self.all(c.result for c in carried)}; {lists}")


if __name__ == "__main__":
    from s2s_grad.cli.steps import main

    main()
