"""The state of a lowering, and what every part of it does through it: append, call, refuse."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import libcst as cst
import numpy as np

from s2s_grad.analysis.infer import infer as default_infer
from s2s_grad.analysis.infer import type_of
from s2s_grad.errors import Location, UnsupportedSyntax, other_array
from s2s_grad.ir.builder import Builder, Infer
from s2s_grad.ir.effects import raise_
from s2s_grad.ir.guards import is_other_array
from s2s_grad.ir.nodes import Apply, Block, Const, Effect, Operand, Origin, Var
from s2s_grad.ir.sources import Callee, Line
from s2s_grad.ir.types import NEVER, UNKNOWN, Type
from s2s_grad.lower.core.object_arrays import takes_objects
from s2s_grad.lower.core.powers import may_be_complex
from s2s_grad.lower.memory.aliases import Aliases
from s2s_grad.lower.memory.heap import Memory, is_conflict
from s2s_grad.lower.terms.choices import Choices, End, TooLarge
from s2s_grad.lower.terms.frames import Frame, shared_in
from s2s_grad.lower.terms.given import Given
from s2s_grad.lower.terms.locate import origin_of
from s2s_grad.lower.terms.outside import Outside
from s2s_grad.lower.terms.refuse import NeedsList, NeedsStatic
from s2s_grad.lower.terms.static import fold, known_result
from s2s_grad.lower.terms.values import Collecting, Conflict, contains_internal
from s2s_grad.read.source import Source
from s2s_grad.runtime import check_real

__all__ = ["Attempt", "Handlers", "Lowerer"]

_REMEDY = "With mode='tape' it runs as it is written, and Python says if it is wrong."


@dataclass(frozen=True, slots=True)
class Handlers:
    """How each kind of syntax and each call is lowered: joined above all who do it."""

    expressions: Mapping[type[cst.CSTNode], Callable[[Lowerer, Any], Operand]]
    suite: Callable[[Lowerer, cst.BaseSuite], None]
    body: Callable[[Lowerer, cst.FunctionDef], Operand]
    call: Callable[[Lowerer, Any, tuple[Operand, ...], dict[str, Operand], Origin], Operand]
    branch: Callable[[Lowerer, Operand, Callable[[], None], Callable[[], None]], None]
    collect: Callable[[Lowerer, Any], Operand]


@dataclass(slots=True, eq=False)
class Attempt:
    """Whether to keep what is lowered inside of ``with low.attempt() as attempt:``."""

    kept: bool = False

    def keep(self) -> None:
        """Let what was lowered stand."""
        self.kept = True


class Lowerer:
    """Lowers expressions, statements and calls into `builder`, in the frame of one function.

    Attributes
    ----------
    handlers
        What each kind of syntax, and each call, is lowered by.
    builder
        Where statements go.
    frame
        The function whose body is being lowered; None before the first call.
    stack
        The functions being inlined, outermost first.
    node
        The piece of syntax being lowered, for errors.
    previous
        The line of the last statement that was lowered.
    defined
        What each variable is computed from.
    yielded
        When generators gave these values.
    given
        Where in the arguments things are, and what must be found there once.
    outside
        What was read that is no part of the functions' source.
    bound_by
        The types of the numbers that each loop was found to bind.
    tape
        Whether calls of functions that cannot be compiled may run on the tape.
    choices
        Where the program could go on in another way.
    callees
        The functions that are part of the program or called by it.
    """

    def __init__(
        self,
        handlers: Handlers,
        infer: Infer = default_infer,
        *,
        tape: bool = False,
        choices: Choices | None = None,
    ) -> None:
        self.handlers = handlers
        self.choices = choices or Choices({}, active=False)
        self.builder = Builder(infer)
        self.aliases = Aliases()
        self.memory = Memory(self)
        self.tape = tape
        self.callees: dict[Any, Callee] = {}
        self.frame: Frame | None = None
        self.parameters: dict[Var, str] = {}
        self.given = Given()
        self.frames: list[Frame] = []
        self.stack: list[object] = []
        self.deep_calls = 0  # how many calls inside of calls were lowered
        self.node: cst.CSTNode | None = None
        self.line: Line | None = None
        self.previous: Line | None = None
        self.defined: dict[Var, tuple[Operand, ...]] = {}
        self.made: dict[Var, tuple[Callable[..., Any], tuple[Operand, ...]]] = {}
        self.outside = Outside()
        self.bound_by: dict[cst.CSTNode, dict[str, Type]] = {}
        self.yielded: dict[Operand, int] = {}  # when generators gave these

    # ------------------------------------------------------------------ lowering

    @property
    def here(self) -> Frame:
        """The frame: syntax, writes and branches lie in one."""
        if self.frame is None:
            self.refuse("a function that writes is differentiated by itself.", "Call it in one.")
        return self.frame

    @property
    def source(self) -> Source:
        """The source of the function whose body is being lowered."""
        return self.here.source

    def expression(self, node: cst.BaseExpression) -> Operand:
        """Lower an expression and return its value."""
        handler = self.handlers.expressions.get(type(node))
        if handler is None:
            self.refuse(f"`{type(node).__name__}` is not supported.", node=node)
        found = handler(self, node)
        now = self.memory.shallow(found)
        if now is not found and is_conflict(now):
            known = self.memory.objects.get(found)
            self._refuse_conflict(now, node, found, "" if known is None else known.key)
        return now

    def tested(self, operand: Operand) -> Operand:
        """Return what an operand is when it is tested: an array or list changes later."""
        return self.current(operand) if isinstance(operand, Var) else operand

    def call(
        self,
        fn: Any,
        args: tuple[Operand, ...] = (),
        kwargs: dict[str, Operand] | None = None,
        origin: Origin | None = None,
    ) -> Operand:
        """Lower a call of a callable known at compile time and return its result.

        Python functions are inlined; functions with a rule, of NumPy and of `math` are applied;
        an object with a method ``__s2s_lower__(lowerer, args, kwargs)`` decides for itself; what
        cannot be read becomes an effect.
        """
        result = self.handlers.call(self, fn, args, kwargs or {}, origin or self.builder.origin)
        self.memory.stamp(result)
        return result

    def body(self, node: cst.FunctionDef | cst.Lambda) -> Operand:
        """Lower the body of the function that was entered and return what it returns."""
        if isinstance(node, cst.Lambda):
            return self.expression(node.body)
        return self.handlers.body(self, node)

    def statements(self, suite: cst.BaseSuite) -> None:
        """Lower the statements of a block."""
        self.handlers.suite(self, suite)

    def branch(self, cond: Operand, then: Callable[[], None], orelse: Callable[[], None]) -> None:
        """Lower ``if cond: then() else: orelse()``."""
        self.handlers.branch(self, cond, then, orelse)

    def collect(self, stream: Any) -> Operand:
        """Return the list that a loop over what is known at run time only fills."""
        return self.handlers.collect(self, stream)

    # ------------------------------------------------------------------ appending

    def apply(
        self,
        fn: Callable[..., Any],
        *args: Operand,
        kwargs: dict[str, Operand] | None = None,
        origin: Origin | None = None,
        type: Type | None = None,
        hint: str = "",
    ) -> Operand:
        """Append ``fn(*args, **kwargs)``, unless its value is known already."""
        options = kwargs or {}
        folded = fold(fn, args, options)
        if folded is not None:
            return folded
        refs = (*args, *options.values())
        args = tuple(self.current(arg) for arg in args)
        options = {name: self.current(value) for name, value in options.items()}
        operands = (*args, *options.values())
        self._keep_out(fn, operands)
        if takes_objects(fn, args, options):
            self.refuse(
                "an array of objects, records or text has no derivative.",
                "Use an array of floats, or a list.",
            )
        if type is None:
            nothing = any(type_of(arg) == NEVER for arg in args if isinstance(arg, Var))
            type = NEVER if nothing else self.builder.infer(fn, args, options)
            known = known_result(fn, type)
            if known is not None:
                return known
        result = Var(hint, type)
        where = self.builder.origin if origin is None else origin
        self.builder.append(Apply(result, fn, args, tuple(options.items()), where))
        self.aliases.note(result, fn, operands, options, refs)
        self.memory.note(result, fn, refs, args, options)
        self.defined[result] = operands
        self.made[result] = fn, args
        if len(self.made) > self.choices.most:
            raise TooLarge
        if fn is np.power and may_be_complex(args[0], args[1], self.made):
            self.effect(check_real, result)
        return result

    def effect(
        self,
        fn: Callable[..., Any],
        *args: Operand,
        kwargs: dict[str, Operand] | None = None,
        result: bool = False,
        type: Type = UNKNOWN,
        origin: Origin | None = None,
    ) -> Operand:
        """Append a call that is kept in order; `result` asks for what it returns."""
        args = tuple(self.current(arg) for arg in args)
        options = {name: self.current(value) for name, value in (kwargs or {}).items()}
        operands = (*args, *options.values())
        self._keep_out(fn, operands)
        var = Var("", type) if result else None
        where = self.builder.origin if origin is None else origin
        self.builder.append(Effect(var, fn, args, tuple(options.items()), where))
        if var is None:
            return Const(None)
        self.aliases.note(var, fn, operands)
        self.memory.stamp(var)
        return var

    def current(self, operand: Operand) -> Operand:
        """Return the value that an operand has now, after all that was written so far."""
        now = self.memory.value(operand)
        if is_conflict(now):
            self._refuse_conflict(now, None, operand)
        return now

    def latest(self, operand: Operand) -> Operand:
        """Return a container as it is now, after what was evaluated since it was read."""
        now = self.memory.shallow(operand)
        if now is not operand and is_conflict(now):
            self._refuse_conflict(now, None, operand)
        return now

    def _refuse_conflict(
        self, operand: Operand, node: cst.CSTNode | None, of: Operand, key: str = ""
    ) -> NoReturn:
        """Raise that an operand is not known, which is what `of` is now."""
        assert isinstance(operand, Const)
        conflict: Conflict = operand.value
        if key and conflict.structure:
            raise self._needs_list(key, f"a list {conflict.reason}.", conflict.remedy)
        kind = NeedsStatic if conflict.static else UnsupportedSyntax
        what = "a value that is used here" if node is None else f"`{self.source.text_of(node)}`"
        about = (of, operand, *self.memory.objects)
        self.refuse(f"{what} {conflict.reason}.", conflict.remedy, node, kind, about)

    def _keep_out(self, fn: Any, operands: tuple[Operand, ...]) -> None:
        for operand in operands:
            inner = contains_internal(operand)
            if isinstance(inner, Collecting):
                self.refuse_collecting(operand)
            if inner is not None:
                name = getattr(fn, "__name__", repr(fn))
                self.refuse(
                    f"`{name}` is given {inner.what}, which it cannot take here.",
                    "Call it on arrays and numbers, or write the loop out.",
                )

    def refuse_collecting(self, operand: Operand) -> NoReturn:
        """Raise that a list is used while a loop fills it, so that it needs a run-time length."""
        found = self.memory.objects.get(operand)
        reason = "a list is read while a loop whose length is only known at run time fills it."
        remedy = "Fill an array of the final size, or read the list after the loop."
        if found is None:
            self.refuse(reason, remedy)
        raise self._needs_list(found.key, reason, remedy)

    def _needs_list(self, key: str, reason: str, remedy: str) -> NeedsList:
        """Return the error that the object with this key has to be a list of run-time length."""
        error = NeedsList(reason, remedy, self.location())
        root = self.memory.by_key[key].root
        error.key, error.about = key, (root, self.here.env.get(key, root))
        return error

    # ------------------------------------------------------------------ attempts

    @contextlib.contextmanager
    def attempt(self) -> Generator[Attempt]:
        """Lower inside for trial: unless it is kept, nothing of it has happened.

        What stays known are facts about variables that nothing refers to any more.
        """
        undo = self._undo()
        made = Attempt()
        try:
            yield made
        finally:
            if not made.kept:
                undo()

    def _undo(self) -> Callable[[], None]:
        """Return what brings the state back to what it is now."""
        envs = [(frame, frame.env, dict(frame.env)) for frame in self.frames]
        statements, count = self.builder.statements, len(self.builder.statements)
        time, callees, given = self.memory.tick(), dict(self.callees), self.given.snapshot()
        place = self.node, self.line, self.previous, self.builder.origin

        def undo() -> None:
            for frame, env, held in envs:
                frame.env = env
                env.clear()
                env.update(held)
            del statements[count:]
            self.memory.rewind(time)
            self.given.restore(given)
            self.callees = callees
            self.node, self.line, self.previous, self.builder.origin = place

        return undo

    # ------------------------------------------------------------------ places

    def origin(self, node: cst.BaseExpression) -> Origin:
        """Return the origin of an application that computes an expression."""
        if self.here.caller is not None:
            return self.builder.origin
        return origin_of(self.here, self.line, node)

    @contextlib.contextmanager
    def at(self, node: cst.CSTNode, line: Line | None = None) -> Generator[None]:
        """Lower a piece of syntax inside; with `line`, it is a statement."""
        if self.frame is not None and self.frame.caller is not None:
            yield  # its place is that of the call
            return
        node_before, line_before, origin_before = self.node, self.line, self.builder.origin
        self.node = node
        if line is not None:
            self.line = line
            self.builder.origin = Origin(line)
        try:
            yield
        finally:
            self.node, self.line, self.builder.origin = node_before, line_before, origin_before
            self.previous = line or self.previous

    @contextlib.contextmanager
    def entered(self, frame: Frame, key: object) -> Generator[None]:
        """Lower the body of a function inside."""
        outer = self.frame
        if outer is not None:
            frame.env.update(shared_in(outer.env))
            outer.left = self.builder.statements
        self.frame = frame
        self.stack.append(key)
        self.frames.append(frame)
        try:
            with self.at(frame.node):
                yield
            if outer is not None:
                outer.env.update(shared_in(frame.env))
        finally:
            self.frame, frame.left = outer, self.builder.statements
            self.stack.pop()
            if not frame.captured:
                self.frames.remove(frame)

    def refuse(
        self,
        reason: str,
        remedy: str = "",
        node: cst.CSTNode | None = None,
        kind: type[UnsupportedSyntax] = UnsupportedSyntax,
        about: tuple[Operand, ...] = (),
    ) -> NoReturn:
        """Raise the error that a construct is not supported, with its place."""
        error = kind(reason, remedy or _REMEDY, self.location(node))
        error.about = about
        raise error

    def fail(
        self, error: Exception, reason: str, remedy: str = "", node: cst.CSTNode | None = None
    ) -> NoReturn:
        """Refuse what certainly raises an error; on one way of several, raise it there."""
        if not (self.choices.passed and self.at_top):
            self.refuse(reason, remedy, node)
        self.effect(raise_, self.apply(type(error), *map(Const, error.args)))
        raise End

    @property
    def at_top(self) -> bool:
        """Whether what is lowered now lies outside of all branches and loops."""
        choices = self.choices
        return choices.active and choices.inside is None and self.builder.depth == 1

    def known(self, value: Any, text: str, node: cst.CSTNode) -> Const:
        """Return a value that was found outside of the function, as it is spelled."""
        if is_other_array(value):
            raise other_array(self.source.text_of(node), value, self.location(node))
        return Const(value, text)

    def location(self, node: cst.CSTNode | None = None) -> Location | None:
        """Return the place of a node, by default of what is being lowered."""
        frame = self.frame
        if node is None or (frame is not None and frame.caller is not None):
            node = self.node
        while frame is not None and frame.caller is not None:
            frame = frame.caller
        if frame is None or node is None:
            return None
        return frame.source.location(node)

    def block(self, params: tuple[Var, ...], lower: Callable[[], tuple[Operand, ...]]) -> Block:
        """Return a block of what `lower` appends, with the results that it returns."""
        with self.builder.nested() as statements:
            results = lower()
        return Block(params, tuple(statements), results)
