"""The compiled programs of a derivative: one for each pattern of arguments."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from s2s_grad.errors import ArgumentError
from s2s_grad.ir.guards import is_array, is_items
from s2s_grad.ir.types import Scalar, Static, Type
from s2s_grad.transform.argument_types import Sizes, exact_key, type_of_argument, why_no_derivative
from s2s_grad.transform.callables import name_of, signature_of
from s2s_grad.transform.overlap import with_separate_arguments
from s2s_grad.transform.program_cache import Compiled, Programs, Recent, programs_of
from s2s_grad.transform.report import Row, place_of
from s2s_grad.transform.structure import with_arrays
from s2s_grad.transform.ways import is_variable

if TYPE_CHECKING:
    from s2s_grad.ir.nodes import Function
    from s2s_grad.pipeline import Request

__all__ = ["Compiling", "Wrt"]

Wrt = int | str | tuple[int | str, ...]
_REVERSE = ("grad", "value_and_grad", "vjp")
_GRADIENTS = ("grad", "value_and_grad")


class Compiling:
    """A derivative that is compiled when it is asked for with new types.

    Attributes
    ----------
    primal : callable
        The function that was given.
    how : str
        "auto": compiled, and on the tape what the compiler refuses; "static": compiled; "tape".
    """

    shares: ClassVar[bool] = True  # with other derivatives of the same function

    def __init__(
        self,
        fn: Callable[..., Any],
        mode: str,
        wrt: Wrt,
        has_aux: bool = False,
        how: str = "auto",
    ) -> None:
        if not callable(fn):
            raise ArgumentError(
                f"`{mode}` needs a function, not {type(fn).__name__}",
                f"call it as {mode}(f), or use it as a decorator",
            )
        if (
            inspect.iscoroutinefunction(fn)
            or inspect.isgeneratorfunction(fn)
            or (inspect.isasyncgenfunction(fn))
        ):
            raise ArgumentError(
                f"`{name_of(fn)}` is a generator or async: calling it computes nothing yet",
                "differentiate a plain function that returns a value",
            )
        self.primal = fn
        self.mode = mode
        self.wrt = wrt
        self.has_aux = has_aux
        self.how = how
        self._recent = Recent()
        self._last: Callable[..., Any] | None = None
        self._log: list[Row] = []
        self._signature = signature_of(fn)
        self._names = tuple(self._signature.parameters)
        asked: tuple[Any, ...] = tuple(wrt) if is_items(wrt) else (wrt,)
        self._variable = is_variable(self._signature, asked)
        self._wrt, self._single = ((), not is_items(wrt)) if self._variable else self._resolve(wrt)
        key = (type(self), mode, self._wrt, self._single, has_aux, how)
        alone = self._variable or not self.shares
        self._programs = Programs() if alone else programs_of(fn, key)
        self._own = Programs()  # those that no other derivative may run
        self._static = self._programs.static  # ints whose value is part of the key

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return self._names

    @property
    def names_of_wrt(self) -> tuple[str, ...]:
        """The names of the parameters differentiated."""
        return self._wrt

    def specialize(self, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """Return the compiled function for arguments of these types, without dispatch."""
        if self._variable:
            raise ArgumentError(
                f"`{name_of(self.primal)}` takes any number of arguments, and wrt={self.wrt!r} is "
                "one of them",
                "specialize a function with parameters that calls it",
            )
        return self._compile(args, kwargs, self._bind(args, kwargs))

    def _request(self) -> Request:
        from s2s_grad.pipeline import Request

        return Request(self.mode, self._wrt, self._single, self.has_aux)

    def _resolve(self, wrt: Any) -> tuple[tuple[str, ...], bool]:
        """Return the names of the parameters in `wrt`, and whether it is one, not a tuple."""
        single = not is_items(wrt)
        asked: tuple[int | str, ...] = (wrt,) if single else tuple(wrt)
        names: list[str] = []
        for item in asked:
            name = self._parameter(item)
            if name is None:
                raise ArgumentError(
                    f"wrt={item!r} is no parameter of `{name_of(self.primal)}`",
                    f"its parameters are {', '.join(self._names) or 'none'}",
                )
            names.append(name)
        # Without a parameter there may be a value, but nothing that is a derivative.
        nothing = not names and self.mode in ("grad", "hvp")
        if nothing or len(set(names)) < len(names):
            raise ArgumentError(
                f"wrt={wrt!r} names {'a parameter twice' if names else 'no parameter'}",
                "name each parameter to differentiate with respect to once",
            )
        return tuple(names), single

    def _parameter(self, item: Any) -> str | None:
        """Return the name of a parameter that is given by name or position."""
        if isinstance(item, str):
            return item if item in self._names else None
        if isinstance(item, bool) or not hasattr(item, "__index__"):
            return None
        place = operator.index(item)
        return self._names[place] if -len(self._names) <= place < len(self._names) else None

    def _shown(self) -> str:
        return ", ".join(self._wrt) or repr(self.wrt)

    def _derive(self, types: Mapping[str, Type], *, tape: bool = False) -> Function:
        from s2s_grad.pipeline import derive, lower_primal

        request = self._request()
        active = {name: _as_real(t) if name in request.wrt else t for name, t in types.items()}
        primal = lower_primal(self.primal, active, tape=tape)
        program = derive(primal, request)
        return dataclasses.replace(
            program,
            writes=primal.writes,
            contiguous=primal.contiguous,
            callees=primal.callees,
            reads=primal.reads,
        )

    def _compile(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], bound: dict[str, Any]
    ) -> Callable[..., Any]:
        """Return the compiled function for arguments, which are given by name as well."""
        with self._programs.lock:
            types = self._types(bound)
            key = tuple(types.items())
            compiled = self._programs.find(key) or self._own.find(key)
            if compiled is None:
                compiled, own = self._build(types, bound)
                programs = self._own if own else self._programs
                programs.add(tuple(self._types(bound).items()), compiled)
                self._log += compiled.rows
            elif compiled.rows[0] not in self._log:  # another derivative compiled it
                self._log += compiled.rows
            self._last = compiled.run
            if not kwargs and not any(name in self._static for name in bound):
                self._recent.add(tuple([exact_key(arg) for arg in args]), compiled)
        return compiled.run

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        try:
            bound = dict(self._signature.bind(*args, **kwargs).arguments)
        except TypeError as error:
            raise ArgumentError(
                f"`{name_of(self.primal)}` cannot be called with these arguments: {error}",
                f"its signature is {name_of(self.primal)}{self._signature}",
            ) from None
        for name in self._wrt:
            default = self._signature.parameters[name].default
            if name not in bound and default is not inspect.Parameter.empty:
                bound[name] = default
        return bound

    def _types(self, bound: dict[str, Any]) -> dict[str, Type]:
        sizes = Sizes()
        for name in self._static & bound.keys():
            sizes.fix(bound[name])
        types: dict[str, Type] = {}
        for name, value in bound.items():
            types[name] = type_of_argument(value, sizes, name)
            if name in self._static and name not in self._wrt and isinstance(value, int):
                types[name] = Static(value)
            if name in self._wrt:
                self._check(name, types[name])
        return types

    def _check(self, name: str, t: Type) -> None:
        """Refuse to differentiate with respect to what has no derivative."""
        problem = why_no_derivative(t)
        if problem is not None:
            raise ArgumentError(
                f"`{name}` of `{name_of(self.primal)}` is {problem}, which has no derivative",
                "convert it to float, or leave it out of wrt",
            )

    def _build(self, types: dict[str, Type], bound: dict[str, Any]) -> tuple[Compiled, bool]:
        """Return a program, and whether it belongs to this object: calls in it run on the tape."""
        from s2s_grad.pipeline import load, print_program

        request = self._request()
        program = self._derive_for_values(types, bound)
        emitted = print_program(program, request)
        shown = ", ".join(f"{name}: {t}" for name, t in types.items())
        rows = [Row(f"{emitted.name}({shown})", "compiled", place_of(self.primal))]
        rows += [Row.of_callee(callee) for callee in program.callees]
        compiled = load(emitted)
        own = any(callee.refused is not None for callee in program.callees)
        if own:
            compiled = self._with_calls_on_tape(compiled, program)
        compiled = self._adapt(compiled, types, bound)
        if program.writes:
            name = name_of(self.primal)
            compiled = with_separate_arguments(compiled, program, name, self._names)
        return Compiled(compiled, program.reads, tuple(rows)), own

    def _with_calls_on_tape(
        self, compiled: Callable[..., Any], program: Function
    ) -> Callable[..., Any]:
        """Return what is called instead of a program some of whose calls run on the tape."""
        return compiled

    def _derive_for_values(self, types: dict[str, Type], bound: dict[str, Any]) -> Function:
        """Derive; what decides the shape of the program joins the types.

        That is the value of an int, and of an array its sizes.
        """
        from s2s_grad.lower import NeedsStatic

        while True:
            try:
                return self._derive(types, tape=self.how == "auto" and self.mode in _REVERSE)
            except NeedsStatic as need:
                asked = [name for name in need.parameters if name not in self._static]
                if not asked:
                    raise
                self._static.update(asked)
                types.update(self._types(bound))

    def _adapt(
        self, compiled: Callable[..., Any], types: dict[str, Type], bound: dict[str, Any]
    ) -> Callable[..., Any]:
        """Convert what compiled code leaves open: ints as reals, and 0-d arrays as results."""
        ints = [
            name
            for name in self._wrt
            if isinstance(types.get(name), Scalar) and isinstance(bound[name], int)
        ]
        points = self._points(bound)
        arrays = any(points) and self.mode in _GRADIENTS
        if not ints and not arrays:
            return compiled
        signature = self._signature

        @functools.wraps(compiled)
        def adapted(*args: Any, **kwargs: Any) -> Any:
            if ints:
                call = signature.bind(*args, **kwargs)
                for name in ints:
                    call.arguments[name] = float(call.arguments[name])
                args, kwargs = call.args, call.kwargs
            result = compiled(*args, **kwargs)
            if not arrays:
                return result
            if self.mode == "value_and_grad":
                return result[0], with_arrays(result[1], points, self._single)
            if self.has_aux:
                return with_arrays(result[0], points, self._single), result[1]
            return with_arrays(result, points, self._single)

        return adapted

    def _points(self, bound: dict[str, Any]) -> list[bool]:
        """Return, for each argument differentiated, whether it is a 0-d array."""
        return [is_array(bound.get(name)) and bound[name].ndim == 0 for name in self._wrt]


def _as_real(t: Type) -> Type:
    """Return the type of an argument that is differentiated: Python ints count as reals."""
    return Scalar("float") if isinstance(t, Scalar) and t.kind == "int" else t
