"""A function that computes a derivative: compiled when it is first called with new types."""

from __future__ import annotations

import copy
import functools
import importlib
import inspect
import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from s2s_grad.errors import (
    ArgumentError,
    MissingRule,
    NotSeparable,
    S2SError,
    UnsupportedOption,
    UnsupportedSyntax,
)
from s2s_grad.ir.outside import unchanged
from s2s_grad.ir.tensors import holds_tensor, reads_tensor
from s2s_grad.ir.trees import holds_itself
from s2s_grad.ir.types import Type
from s2s_grad.transform.argument_types import exact_key
from s2s_grad.transform.asked import Asked, Wrt, asked_of, items_of
from s2s_grad.transform.callables import name_of, source_of, unwrapped
from s2s_grad.transform.check.when import checked_when
from s2s_grad.transform.compiling import Compiling
from s2s_grad.transform.emitted_errors import add_place, as_user_sees, is_for_tape
from s2s_grad.transform.fallback import (
    internal_error,
    is_refusal,
    reason_text,
    run_on_tape,
    warn_of_arguments,
    warn_of_call,
    warn_of_function,
)
from s2s_grad.transform.kinds import KINDS, Given, Kind
from s2s_grad.transform.report import History, Row, place_of, reason_of

if TYPE_CHECKING:
    from s2s_grad.ir.nodes import Function

__all__ = ["Transform"]

Run = Callable[..., Any]


class Transform:
    """The derivative of a function, as a function.

    Attributes
    ----------
    primal : callable
        The function that was given.
    kind : Kind
        Which derivative.
    wrt : int, str, tuple of them or None
        As it was given.
    has_aux : bool
        Whether the function returns a value and something else.
    mode : str
        "auto": compiled, and on the tape what the compiler refuses; "static": compiled; "tape".
    check : str or None
        When a result is checked against the function.
    """

    def __init__(
        self,
        fn: Run,
        kind: Kind,
        wrt: Wrt | None = 0,
        has_aux: bool = False,
        mode: str = "auto",
        check: str | None = None,
        *,
        shares: bool = True,
        history: History | None = None,
    ) -> None:
        self.primal = fn
        self.kind = kind
        self.wrt = wrt
        self.has_aux = has_aux
        self.mode = mode
        self._asked = asked_of(fn, kind.name, kind.wrt(wrt, None), has_aux, valued=kind.valued)
        self.check = checked_when(check)
        self._history = history or History()
        self._compiling = Compiling(self._asked, kind, mode, self._history, shares=shares)
        self._last = self._compiling  # which compiled code ran last
        self._others: dict[Any, Transform] = {}  # for other ways of calling the function
        self._is_plain = kind.is_called_as_primal and self.check is None
        functools.update_wrapper(self, unwrapped(fn), updated=())

    @property
    def asked(self) -> Asked:
        """Which derivative of which function it is."""
        return self._asked

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return self._asked.names

    @property
    def names_of_wrt(self) -> tuple[str, ...]:
        """The names of the parameters differentiated."""
        return self._asked.request.wrt

    # ------------------------------------------------------------------------------- calling

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the derivative at the arguments of the primal, and vectors where it takes them."""
        try:
            return self._call(args, kwargs)
        except RecursionError:
            if holds_itself((args, kwargs)):
                raise ArgumentError(
                    f"an argument of {self._asked.title} holds itself, so its parts have no end",
                    "pass containers of arrays and numbers",
                ) from None
            raise

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self._is_plain and not kwargs:
            compiled = self._compiling.find_recent(tuple([exact_key(arg) for arg in args]))
            if compiled is not None:
                try:
                    return compiled.run(*args)
                except Exception as error:
                    if self.mode == "static" or not is_for_tape(error):
                        add_place(error, self.primal, self._asked.title)
                        raise as_user_sees(error) from error.__cause__
        from s2s_grad.transform.ways import needs_way, way_of_call

        given = self.kind.separate(*args, **kwargs)
        wrt = self.kind.wrt(self.wrt, given)
        if self._asked.variable or needs_way(self.primal, given.args, given.kwargs):
            way = way_of_call(self.primal, items_of(wrt), given.args, given.kwargs)
            single = self._asked.request.single and len(way.wrt) == 1
            given = Given(way.positional, way.named, given.vectors)
            return self._by_other(way.key, way.function, way.wrt[0] if single else way.wrt, given)
        if self.wrt is None and items_of(wrt) != (0,):
            return self._by_other(wrt, self.primal, wrt, given)
        bound = self._asked.bind(given.args, given.kwargs)
        vectors = self.kind.fit(self._asked, bound, given.vectors)
        return self._checked(given, bound, vectors)

    def _by_other(self, key: Any, function: Run, wrt: Wrt, given: Given) -> Any:
        """Return what the derivative of the function in another way of calling it gives."""
        if key not in self._others:
            self._others[key] = Transform(
                function,
                self.kind,
                wrt,
                self.has_aux,
                self.mode,
                self.check,
                history=self._history,
            )
        other = self._others[key]
        args, kwargs = self.kind.join(given)
        try:
            return other(*args, **kwargs)
        finally:
            self._last = other._last

    def _checked(self, given: Given, bound: dict[str, Any], vectors: tuple[Any, ...]) -> Any:
        """Run for the arguments, and check what comes of it where that is asked for."""
        if self.check is None or not self._has_to_check(given, bound):
            return self._result(given, bound, vectors)
        from s2s_grad.transform.check.translation import prepare, verify

        prepared = prepare(self._asked, bound, vectors)
        key = self._compiling.key_of(bound)
        result = self._result(given, bound, vectors)
        if isinstance(prepared, str):
            self._history.found[key] = prepared
            return result
        value = None if self.kind.valued else self._value_of(prepared.given)
        self._history.found[key] = verify(prepared, result, value)
        return result

    def _has_to_check(self, given: Given, bound: dict[str, Any]) -> bool:
        from s2s_grad.transform.check.translation import is_checking

        if is_checking() or self._meets_tensor(given):
            return False
        return self.check == "always" or self._compiling.key_of(bound) not in self._history.found

    def _meets_tensor(self, given: Given) -> bool:
        passed = (given.args, given.kwargs, given.vectors)
        return holds_tensor(passed) or reads_tensor(self.primal)

    def _value_of(self, bound: dict[str, Any]) -> Callable[[], Any]:
        """Return what gives the value that this derivative computes with, but does not return."""
        valued = KINDS["value_and_grad"]
        other = Transform(self.primal, valued, self.wrt, self.has_aux, self.mode, shares=False)
        call = inspect.BoundArguments(self._asked.signature, copy.deepcopy(bound))  # pyright: ignore[reportArgumentType]
        return lambda: other(*call.args, **call.kwargs)[0]

    def _result(self, given: Given, bound: dict[str, Any], vectors: tuple[Any, ...]) -> Any:
        """Compile for the arguments and call what comes of it, or run on the tape."""
        if self._is_on_tape(given, bound):
            return self._on_tape(bound, vectors)
        try:
            run = self._compiled(given.args, given.kwargs, bound)
        except Exception as error:
            if self.mode == "static" or not is_refusal(error):
                if isinstance(error, (S2SError, Warning)):
                    raise
                raise UnsupportedSyntax(internal_error(error), "use mode='tape'") from error
            refusal = error
        else:
            try:
                return self.kind.run(self._asked, run, given, bound, vectors)
            except Exception as error:
                if self.mode == "auto" and is_for_tape(error):
                    result = self._on_tape(bound, vectors)
                    warn_of_arguments(self._asked, error)
                    return result
                add_place(error, self.primal, self._asked.title)
                raise as_user_sees(error) from error.__cause__
        return self._instead(refusal, bound, vectors)

    def _compiled(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], bound: dict[str, Any]
    ) -> Run:
        run = self._compiling.function_for(args, kwargs, bound, self._with_calls_on_tape)
        self._last = self._compiling
        return run

    def _is_on_tape(self, given: Given, bound: dict[str, Any]) -> bool:
        if self.mode == "tape" or self._meets_tensor(given):
            return True
        refused = self._history.refused
        return bool(refused) and self._compiling.key_of(bound) in refused

    def _on_tape(self, bound: dict[str, Any], vectors: tuple[Any, ...]) -> Any:
        self._last, self._compiling.last = self._compiling, None
        return run_on_tape(self._asked, self.kind, bound, vectors)

    def _instead(self, error: Exception, bound: dict[str, Any], vectors: tuple[Any, ...]) -> Any:
        """Run on the tape what the compiler refused, with a warning that says why.

        The tape has the same rules: where one is missing there too, the compiler's error is raised.
        """
        key = self._compiling.key_of(bound)
        if not isinstance(error, (MissingRule, UnsupportedOption)):
            self._note_refusal(error, key)
            return self._on_tape(bound, vectors)
        try:
            result = self._on_tape(bound, vectors)
        except (MissingRule, UnsupportedOption):
            raise error from None
        self._note_refusal(error, key)
        return result

    def _note_refusal(self, error: Exception, key: Any) -> None:
        warn_of_function(self._asked, error)  # if that is an error, the next call raises it again
        self._history.refused[key] = error
        reason = reason_of(error, reason_text(error))
        row = Row(name_of(self.primal), "on the tape", place_of(self.primal), reason)
        self._history.rows.append(row)

    def _with_calls_on_tape(self, compiled: Run, program: Function) -> Run:
        """Return a function that runs on the tape as a whole if a call turns out to need that."""
        refused = [callee.refused for callee in program.callees if callee.refused is not None]
        for error in {str(error): error for error in refused}.values():
            warn_of_call(self._asked, error)

        @functools.wraps(compiled)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            try:
                result = compiled(*args, **kwargs)
            except NotSeparable as error:
                return self._instead(error, self._asked.bind(args, kwargs), ())
            if not unchanged(program.reads):
                raise UnsupportedSyntax(
                    f"a call in `{name_of(self.primal)}`, which ran on the tape, changed what the "
                    "compiled code around it had read",
                    "use mode='tape'",
                )
            return result

        return guarded

    # ----------------------------------------------------------------------- as an object

    def specialize(self, *args: Any, **kwargs: Any) -> Run:
        """Return the compiled function for arguments of these types, without dispatch."""
        if self._asked.variable:
            raise ArgumentError(
                f"`{name_of(self.primal)}` takes any number of arguments, and wrt={self.wrt!r} is "
                "one of them",
                "specialize a function with parameters that calls it",
            )
        return self._compiled(args, kwargs, self._asked.bind(args, kwargs))

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Bind to an instance, as a method does."""
        return self if instance is None else functools.partial(self, instance)

    @property
    def source(self) -> str:
        """The emitted module that ran last; compiled from annotations if none ran.

        Of a function that runs on the tape it is a comment that says why.
        """
        title, last, refused = self._asked.title, self._last.last, self._history.refused
        if self.mode == "tape":
            return f"# {title} runs on the tape (mode='tape').\n"
        if last is not None:
            return source_of(last)
        if refused:
            reason = str(list(refused.values())[-1]).replace("\n", "\n#     ")
            return f"# {title} runs on the tape:\n#     {reason}\n"
        from s2s_grad.pipeline import print_program

        return print_program(self._compiling.program_for({}), self._asked.request).source

    def explain(self) -> str:
        """Return what was compiled for which types of arguments, and what runs on the tape and why.

        It is a table with a line for each program, and below it the functions that it contains.
        """
        head = f"{self._asked.title} with respect to {self._shown()}"
        if self.mode == "tape":
            return f"{head}: runs on the tape (mode='tape'){self._history.notes()}"
        return f"{head}: {self._history.explanation()}"

    def _shown(self) -> str:
        return ", ".join(self.names_of_wrt) or repr(self.wrt)

    # ----------------------------------------------------------------------- composition

    def __s2s_program__(self, types: Mapping[str, Type]) -> Function:
        """Return the derivative as a program, to be differentiated again."""
        if self._asked.variable:
            raise UnsupportedSyntax(
                f"{self._asked.title} is by what `*` or `**` takes.",
                "Differentiate a function with parameters that calls it.",
            )
        if self.mode == "tape":
            raise UnsupportedSyntax(
                f"{self._asked.title} was asked to run on the tape (mode='tape'), so it has no "
                "program.",
                "Leave mode='tape' out.",
            )
        return self._compiling.program_for(types, whole=False)

    def __s2s_lower__(self, lowerer: Any, args: Any, kwargs: Any) -> Any:
        """Compile a call of the derivative inside a function that is being compiled."""
        from s2s_grad.transform.nested import NestedDerivative

        if self.mode == "tape":
            lowerer.refuse(f"this {self.kind.name} runs on the tape (mode='tape').")
        nested = NestedDerivative(self.primal, self.kind.name, self.wrt, self.has_aux)
        return nested.__s2s_lower__(lowerer, args, kwargs)

    def __reduce__(self) -> Any:
        module = getattr(self.primal, "__module__", None)
        name = getattr(self.primal, "__qualname__", "")
        if module and "<" not in name:
            try:
                found: Any = operator.attrgetter(name)(importlib.import_module(module))
            except (ImportError, AttributeError):
                found = None
            if found is self:
                return name
        asked = (self.primal, self.kind.name, self.wrt, self.has_aux, self.mode, self.check)
        return _of_kind, asked

    def __repr__(self) -> str:
        return f"<{self.kind.name} of {name_of(self.primal)} with respect to {self._shown()}>"


def _of_kind(fn: Run, kind: str, *options: Any) -> Transform:
    return Transform(fn, KINDS[kind], *options)
