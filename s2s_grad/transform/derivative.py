"""A function that computes a derivative: compiled when it is first called with new types."""

from __future__ import annotations

import contextlib
import copy
import functools
import importlib
import inspect
import operator
import sys
import warnings
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any

from s2s_grad.errors import (
    ArgumentError,
    FallbackWarning,
    MissingRule,
    NotSeparable,
    S2SError,
    TooDeep,
    UnsupportedOption,
    UnsupportedSyntax,
    outer_level,
)
from s2s_grad.ir.guards import is_items
from s2s_grad.ir.outside import unchanged
from s2s_grad.ir.tensors import holds_tensor, reads_tensor
from s2s_grad.ir.types import Static, Type, is_complex
from s2s_grad.transform.argument_types import Sizes, exact_key, type_of_argument
from s2s_grad.transform.callables import call_with, name_of, source_of, unwrapped
from s2s_grad.transform.check.when import checked_when
from s2s_grad.transform.compiling import Compiling, Wrt
from s2s_grad.transform.emitted_errors import add_place
from s2s_grad.transform.fallback import internal_error, is_refusal
from s2s_grad.transform.report import Row, place_of, reason_of, table
from s2s_grad.transform.ways import Way, needs_way, way_of_call

if TYPE_CHECKING:
    from s2s_grad.ir.nodes import Function

__all__ = ["Transform"]


class Transform(Compiling):
    """The derivative of a function, as a function."""

    def __init__(
        self,
        fn: Callable[..., Any],
        mode: str,
        wrt: Wrt,
        has_aux: bool = False,
        how: str = "auto",
        check: str | None = None,
    ) -> None:
        super().__init__(fn, mode, wrt, has_aux, how)
        self.check = checked_when(check)
        self._found: dict[Any, str] = {}  # what the check had to say, by types
        self._refused: dict[Any, Exception] = {}  # why the tape is used, by types
        self._ways: dict[Any, Any] = {}  # the derivatives of ways of calling
        functools.update_wrapper(self, unwrapped(fn), updated=())

    # ------------------------------------------------------------------------------- calling

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the derivative at the arguments of the primal."""
        if not kwargs and self.check is None:
            compiled = self._recent.find(tuple([exact_key(arg) for arg in args]))
            if compiled is not None:
                try:
                    return compiled.run(*args)
                except Exception as error:
                    add_place(error, self.primal, f"{self.mode} of `{name_of(self.primal)}`")
                    raise
        if self._variable or needs_way(self.primal, args, kwargs):
            way = way_of_call(self.primal, self._asked(), args, kwargs)
            with self._of_way(way) as derivative:
                return derivative(*way.positional, **way.named)
        bound = self._bind(args, kwargs)

        def call(compiled: Callable[..., Any]) -> Any:
            if len(bound) > len(args) + len(kwargs):  # a default is differentiated
                return call_with(compiled, bound)
            return compiled(*args, **kwargs)

        return self._run(args, kwargs, bound, (), call)

    def _asked(self) -> tuple[Any, ...]:
        return tuple(self.wrt) if is_items(self.wrt) else (self.wrt,)

    @contextlib.contextmanager
    def _of_way(self, way: Way) -> Generator[Any]:
        """Give the derivative of the function in the way that it is called."""
        if way.key not in self._ways:
            wrt = way.wrt[0] if self._single and len(way.wrt) == 1 else way.wrt
            made = type(self)(way.function, self.mode, wrt, self.has_aux, self.how, self.check)
            made._log, made._refused, made._found = self._log, self._refused, self._found
            self._ways[way.key] = made
        try:
            yield self._ways[way.key]
        finally:
            self._last = self._ways[way.key]._last

    def _run(
        self,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        bound: dict[str, Any],
        vectors: tuple[Any, ...],
        call: Callable[[Callable[..., Any]], Any],
    ) -> Any:
        """Run for the arguments, and check what comes of it where that is asked for."""
        if self.check is None or not self._has_to_check((args, kwargs, vectors), bound):
            return self._result(args, kwargs, bound, vectors, call)
        from s2s_grad.transform.check.translation import prepare, verify

        request = (self.mode, self._wrt, self._single, self.has_aux)
        prepared = prepare(self.primal, self._signature, request, bound, vectors)
        key = self._key_of(bound)
        result = self._result(args, kwargs, bound, vectors, call)
        if isinstance(prepared, str):
            self._found[key] = prepared
            return result
        value = self._value_of(prepared.given) if self.mode in ("grad", "hvp") else None
        self._found[key] = verify(prepared, result, value)
        return result

    def _has_to_check(self, given: Any, bound: dict[str, Any]) -> bool:
        from s2s_grad.transform.check.translation import is_checking

        if is_checking() or holds_tensor(given) or reads_tensor(self.primal):
            return False
        return self.check == "always" or self._key_of(bound) not in self._found

    def _value_of(self, bound: dict[str, Any]) -> Callable[[], Any]:
        """Return what gives the value that this derivative computes with, but does not return."""
        other = _Alone(self.primal, "value_and_grad", self.wrt, self.has_aux, self.how)
        call = inspect.BoundArguments(self._signature, copy.deepcopy(bound))  # pyright: ignore[reportArgumentType]
        return lambda: other(*call.args, **call.kwargs)[0]

    def _result(
        self,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        bound: dict[str, Any],
        vectors: tuple[Any, ...],
        call: Callable[[Callable[..., Any]], Any],
    ) -> Any:
        """Compile for the arguments and `call` what comes of it, or run on the tape."""
        if self._is_on_tape((args, kwargs, vectors), bound):
            return self._record(bound, vectors)
        try:
            compiled = self._compile(args, kwargs, bound)
        except Exception as error:
            if self.how == "static" or not is_refusal(error):
                raise
            refusal = error
        else:
            try:
                return call(compiled)
            except Exception as error:
                add_place(error, self.primal, f"{self.mode} of `{name_of(self.primal)}`")
                raise
        return self._instead(refusal, bound, vectors)

    def _is_on_tape(self, given: Any, bound: dict[str, Any]) -> bool:
        if self.how == "tape" or holds_tensor(given) or reads_tensor(self.primal):
            return True
        return bool(self._refused) and self._key_of(bound) in self._refused

    def _instead(self, error: Exception, bound: dict[str, Any], vectors: tuple[Any, ...]) -> Any:
        """Run on the tape what the compiler refused, with a warning that says why.

        The tape has the same rules: where one is missing there too, the compiler's error is raised.
        """
        key = self._key_of(bound)
        if not isinstance(error, (MissingRule, UnsupportedOption)):
            self._warn(error, key)
            return self._record(bound, vectors)
        try:
            result = self._record(bound, vectors)
        except (MissingRule, UnsupportedOption):
            raise error from None
        self._warn(error, key)
        return result

    def _key_of(self, bound: dict[str, Any]) -> Any:
        return tuple(self._types(bound).items())

    def _warn(self, error: Exception, key: Any) -> None:
        reason = str(error) if isinstance(error, S2SError) else internal_error(error)
        place = place_of(self.primal)
        warnings.warn(
            f"{self.mode} of `{name_of(self.primal)}` runs on the tape, because the compiler "
            f"refused it\n{reason}",
            FallbackWarning,
            stacklevel=outer_level(),
        )
        # Where the warning is an error, the next call has to raise it again.
        self._refused[key] = error
        self._log.append(Row(name_of(self.primal), "on the tape", place, reason_of(error, reason)))

    def _warn_of_call(self, reason: str) -> None:
        warnings.warn(
            f"a call in `{name_of(self.primal)}` runs on the tape, because the compiler refused "
            f"the function\n{reason}",
            FallbackWarning,
            stacklevel=outer_level(),
        )

    def _with_calls_on_tape(
        self, compiled: Callable[..., Any], program: Function
    ) -> Callable[..., Any]:
        """Return a function that runs on the tape as a whole if a call turns out to need that."""
        refused = [str(callee.refused) for callee in program.callees if callee.refused is not None]
        for reason in dict.fromkeys(refused):
            self._warn_of_call(reason)

        @functools.wraps(compiled)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            try:
                result = compiled(*args, **kwargs)
            except NotSeparable as error:
                return self._instead(error, self._bind(args, kwargs), ())
            if not unchanged(program.reads):
                raise UnsupportedSyntax(
                    f"a call in `{name_of(self.primal)}`, which ran on the tape, changed what the "
                    "compiled code around it had read",
                    "use mode='tape'",
                )
            return result

        return guarded

    def _record(self, bound: dict[str, Any], vectors: tuple[Any, ...]) -> Any:
        """Run the derivative on the tape."""
        from s2s_grad.tape.transforms import Request, run

        self._last = None
        self._check_values(bound)
        request = Request(self.mode, self._wrt, self._single, self.has_aux)
        try:
            return run(self.primal, self._signature, bound, request, vectors)
        except RecursionError as error:
            if isinstance(error, S2SError):
                raise
            raise TooDeep(
                f"`{name_of(self.primal)}`, or a function that it calls, calls itself deeper than "
                f"Python's stack ({sys.getrecursionlimit()} calls)",
                "let the recursion end earlier, write it as a loop, or raise the limit with "
                "sys.setrecursionlimit",
            ) from None

    def _check_values(self, bound: dict[str, Any]) -> None:
        """Refuse to differentiate with respect to what has no derivative."""
        types = {name: type_of_argument(value, Sizes(), name) for name, value in bound.items()}
        for name in self._wrt:
            value = bound.get(name)
            t = types.get(name, Static(None))
            if is_complex(t) and self.mode not in ("grad", "value_and_grad", "vjp"):
                raise ArgumentError(
                    f"`{name}` of `{name_of(self.primal)}` is complex, and the tape has "
                    f"no {self.mode} with respect to complex values",
                    "write it by its real and imaginary part",
                )
            if not holds_tensor(value):
                self._check(name, t)
            if type(value) is int:
                bound[name] = float(value)

    # ----------------------------------------------------------------------- as an object

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Bind to an instance, as a method does."""
        return self if instance is None else functools.partial(self, instance)

    @property
    def source(self) -> str:
        """The emitted module that ran last; compiled from annotations if none ran.

        Of a function that runs on the tape it is a comment that says why.
        """
        if self.how == "tape":
            return f"# {self.mode} of `{name_of(self.primal)}` runs on the tape (mode='tape').\n"
        if self._last is None and self._refused:
            reason = str(list(self._refused.values())[-1]).replace("\n", "\n#     ")
            return f"# {self.mode} of `{name_of(self.primal)}` runs on the tape:\n#     {reason}\n"
        if self._last is None:
            from s2s_grad.pipeline import print_program

            request = self._request()
            return print_program(self._derive({}), request).source
        return source_of(self._last)

    def explain(self) -> str:
        """Return what was compiled for which types of arguments, and what runs on the tape and why.

        It is a table with a line for each program, and below it the functions that it contains.
        """
        head = f"{self.mode} of `{name_of(self.primal)}` with respect to {self._shown()}"
        if self.how == "tape":
            return f"{head}: runs on the tape (mode='tape'){self._found_by_check()}"
        if self._refused:
            return f"{head}: refused by the compiler\n{table(self._log)}{self._found_by_check()}"
        if not self._log:
            return f"{head}: not compiled yet"
        return f"{head}: compiled statically\n{table(self._log)}{self._found_by_check()}"

    def _found_by_check(self) -> str:
        """Return what the check of the translation found, where it was asked for."""
        found = dict.fromkeys(
            note or "checked against the function" for note in self._found.values()
        )
        return "".join(f"\n  {note}" for note in found)

    # ----------------------------------------------------------------------- composition

    def __s2s_program__(self, types: Mapping[str, Type]) -> Function:
        """Return the derivative as a program, to be differentiated again."""
        if self._variable:
            raise UnsupportedSyntax(
                f"{self.mode} of `{name_of(self.primal)}` is by what `*` or `**` takes.",
                "Differentiate a function with parameters that calls it.",
            )
        if self.how == "tape":
            raise UnsupportedSyntax(
                f"{self.mode} of `{name_of(self.primal)}` was asked to run on the tape "
                "(mode='tape'), so it has no program.",
                "Leave mode='tape' out.",
            )
        return self._derive(types)

    def __s2s_lower__(self, lowerer: Any, args: Any, kwargs: Any) -> Any:
        """Compile a call of the derivative inside a function that is being compiled."""
        from s2s_grad.transform.nested import NestedDerivative

        if self.how == "tape":
            lowerer.refuse(f"this {self.mode} runs on the tape (mode='tape').")
        nested = NestedDerivative(self.primal, self.mode, self._given_wrt(), self.has_aux)
        return nested.__s2s_lower__(lowerer, args, kwargs)

    def _given_wrt(self) -> Wrt | None:
        return self.wrt

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
        return (type(self), (self.primal, self.mode, self.wrt, self.has_aux, self.how, self.check))

    def __repr__(self) -> str:
        return f"<{self.mode} of {name_of(self.primal)} with respect to {self._shown()}>"


class _Alone(Transform):
    """A derivative for one check, whose programs are not kept."""

    shares = False
