"""Generator functions that run as far as they are asked, one statement after the other.

Where one stands is a stack of blocks and loops with what its names are; it is kept in a cell, as
the places of all iterators are, so that each path goes on from where it stands there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import libcst as cst

from s2s_grad.ir.nodes import Operand
from s2s_grad.lower.control.places import place_of_branch
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.iterate import iterate, needs_known
from s2s_grad.lower.objects.iterators import END, Cell, Static, check_length
from s2s_grad.lower.objects.records import condition
from s2s_grad.lower.terms.frames import (
    BROKE,
    DEAD,
    FLAGS,
    JUMPED,
    RETURNED,
    VALUE,
    Env,
    Frame,
    own_in,
)
from s2s_grad.lower.terms.locate import header_line, statement_line
from s2s_grad.lower.terms.refuse import NeedsStatic
from s2s_grad.lower.terms.static import truth
from s2s_grad.lower.terms.syntax_names import Names
from s2s_grad.lower.terms.values import FALSE, NONE, is_false, is_true, static_value
from s2s_grad.lower.writes.assign import assign

__all__ = ["can_step", "step"]

Run = Callable[[Callable[[cst.FunctionDef | cst.Lambda], Operand]], Operand]


def can_step(names: Names, node: cst.FunctionDef | cst.Lambda) -> bool:
    """Return whether a generator gives its values by statements, outside of `with` and `try`."""
    return isinstance(node, cst.FunctionDef) and _are_steps(names, node.body)


def _are_steps(names: Names, suite: cst.BaseSuite) -> bool:
    return all(_is_step(names, inner) for inner in _statements(suite))


def _statements(suite: cst.BaseSuite) -> tuple[cst.BaseStatement, ...]:
    if isinstance(suite, cst.SimpleStatementSuite):
        return tuple(cst.SimpleStatementLine((small,)) for small in suite.body)
    assert isinstance(suite, cst.IndentedBlock)
    return tuple(suite.body)


def _is_step(names: Names, node: cst.CSTNode) -> bool:
    if not names.yields(node):
        return True
    match node:
        case cst.For(asynchronous=None) | cst.While() | cst.If():
            after = node.orelse is None or _is_step(names, node.orelse)
            return after and _are_steps(names, node.body)
        case cst.Else():
            return _are_steps(names, node.body)
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Yield() as given)]):
            return given.value is None or not names.yields(given.value)
        case _:
            return False


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Statements that are yet to be run."""

    rest: tuple[cst.BaseStatement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Loop:
    """A loop between two of its rounds; one with a condition has no stream."""

    node: cst.For | cst.While
    stream: Static | None
    rounds: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """Where a generator stands: the last of its blocks and loops is the innermost."""

    stack: tuple[_Block | _Loop | Static, ...]
    env: Env


def step(low: Lowerer, name: str, frame: Frame, bound: Env, run: Run) -> Static:
    """Return the iterator of a generator function, for these arguments.

    `run` enters the function's frame and lowers there what it is given.
    """
    assert isinstance(frame.node, cst.FunctionDef)
    cell = Cell(low, _State((_block(frame.node.body),), bound))

    def pull() -> Operand | None:
        state = cell.get()
        if state == END:
            return None
        if frame.captured and low.builder.depth > 1:
            low.refuse(
                f"`{name}` is a generator that makes functions, and is asked in a branch or loop.",
                "Return a list of what it gives.",
                kind=NeedsStatic,
            )
        frame.env = dict(state.env)
        steps = _Steps(low, name, list(state.stack))

        def body(_: cst.FunctionDef | cst.Lambda) -> Operand:
            return steps.next() or NONE

        item = run(body)
        stack = tuple(steps.stack)
        env = own_in(frame.env) | dict.fromkeys(FLAGS, FALSE)
        cell.set(_State(stack, env) if stack else END)
        return item if stack else None

    return Static(pull)


def _block(suite: cst.BaseSuite) -> _Block:
    return _Block(_statements(suite))


class _Steps:
    """The run of a generator up to its next value; the stack is empty at its end."""

    def __init__(self, low: Lowerer, name: str, stack: list[_Block | _Loop | Static]) -> None:
        self.low = low
        self.name = name
        self.stack = stack

    def next(self) -> Operand | None:
        """Lower what comes before the next value, and return that; None at the end."""
        while self.stack:
            top = self.stack[-1]
            item: Operand | None = None
            match top:
                case Static():
                    item = top.pull()
                    if item is None:
                        self.stack.pop()
                case _Loop():
                    self._round(top)
                case _Block():
                    self.stack[-1:] = [_Block(top.rest[1:])] if top.rest else []
                    item = self._statement(top.rest[0]) if top.rest else None
            if item is not None:
                return item
        return None

    def _round(self, loop: _Loop) -> None:
        """Begin the next round of a loop, or go on after it."""
        low, node = self.low, loop.node
        check_length(low, loop.rounds)
        self.stack[-1] = replace(loop, rounds=loop.rounds + 1)
        if isinstance(node, cst.While):
            goes_on = self._holds(node, node.test, "while")
        else:
            assert loop.stream is not None
            text = f"for {low.source.text_of(node.target)} in {low.source.text_of(node.iter)}"
            with low.at(node, header_line(low.source, node, text)):
                item = loop.stream.pull()
                goes_on = item is not None
                if item is not None:
                    assign(low, node.target, item)
        if not goes_on:
            self.stack.pop()
        follows = node.body if goes_on else None if node.orelse is None else node.orelse.body
        if follows is not None:
            self.stack.append(_block(follows))

    def _holds(self, node: cst.If | cst.While, test: cst.BaseExpression, word: str) -> bool:
        """Return whether a condition holds, on the way that is lowered."""
        low = self.low
        with low.at(node, header_line(low.source, node, f"{word} {low.source.text_of(test)}")):
            cond = condition(low, test)
            known = truth(cond)
            if known is not None:
                return known
            with place_of_branch(low, cond) as holds:
                if holds is None:
                    low.refuse(
                        f"which values `{self.name}` gives is only known when the program runs.",
                        "Return a list of them.",
                        kind=NeedsStatic,
                        about=(cond,),
                    )
                return holds

    def _statement(self, node: cst.BaseStatement) -> Operand | None:
        """Lower a statement; return the value that it gives, if it gives one now."""
        low = self.low
        if not low.here.names.yields(node):
            low.statements(cst.IndentedBlock((node,)))
            self._jump()
            return None
        match node:
            case cst.For():
                reason = "how often this loop runs is only known when the program runs."
                with low.at(node):
                    stream = iterate(low, low.expression(node.iter), node.iter)
                    known = needs_known(low, stream, reason, "Return a list of what it gives.")
                self.stack.append(_Loop(node, known))
            case cst.While():
                self.stack.append(_Loop(node, None))
            case cst.If():
                self._branch(node)
            case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Yield() as given) as whole]):
                with low.at(whole, statement_line(low.source, whole, node, first=True)):
                    return self._given(given)
            case _:
                raise AssertionError(node)
        return None

    def _branch(self, node: cst.If) -> None:
        if self._holds(node, node.test, "if"):
            self.stack.append(_block(node.body))
        elif isinstance(node.orelse, cst.If):
            self.stack.append(_Block((node.orelse,)))
        elif node.orelse is not None:
            self.stack.append(_block(node.orelse.body))

    def _given(self, node: cst.Yield) -> Operand | None:
        low, value = self.low, node.value
        if not isinstance(value, cst.From):
            return NONE if value is None else low.expression(value)
        stream = iterate(low, low.expression(value.item), value.item)
        reason = "how many values this gives is only known when the program runs."
        self.stack.append(needs_known(low, stream, reason, "Return a list of them."))
        return None

    def _jump(self) -> None:
        """Go where the last statement has jumped to."""
        low, env, stack = self.low, self.low.here.env, self.stack
        for flag in FLAGS:
            if not (is_true(env[flag]) or is_false(env[flag])):
                low.refuse(
                    f"how far `{self.name}` runs is only known when the program runs.",
                    "Return a list of what it gives.",
                    kind=NeedsStatic,
                    about=(env[flag],),
                )
        if DEAD in env or is_true(env[RETURNED]):
            if VALUE in env and static_value(env[VALUE]) is not None and DEAD not in env:
                low.refuse(f"`{self.name}` is a generator that returns a value.", "Yield it, too.")
            stack.clear()
        elif is_true(env[JUMPED]):
            while not isinstance(stack[-1], _Loop):
                stack.pop()
            if is_true(env[BROKE]):
                stack.pop()
        env.update(dict.fromkeys(FLAGS, FALSE))
