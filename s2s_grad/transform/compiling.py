"""From the arguments of a call to a compiled function: one for each pattern of arguments."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from s2s_grad.errors import ArgumentError, NoSource, UnsupportedSyntax
from s2s_grad.ir.guards import is_array
from s2s_grad.ir.trees import leaves
from s2s_grad.ir.types import Scalar, Static, Type
from s2s_grad.transform.argument_types import (
    Sizes,
    exact_key,
    type_of_argument,
    why_no_derivative,
)
from s2s_grad.transform.asked import Asked
from s2s_grad.transform.callables import name_of
from s2s_grad.transform.kinds import Kind
from s2s_grad.transform.overlap import with_separate_arguments
from s2s_grad.transform.program_cache import (
    Compiled,
    Programs,
    Recent,
    primals_of,
    programs_of,
)
from s2s_grad.transform.report import History, Row, place_of

if TYPE_CHECKING:
    from s2s_grad.ir.nodes import Function

__all__ = ["Compiling", "check_differentiable"]

Run = Callable[..., Any]
_MOST_ITEMS = 32  # of arguments whose sizes a refused program is compiled for
Guard = Callable[[Run, "Function"], Run]


class Compiling:
    """The compiled functions of a derivative.

    Parameters
    ----------
    asked : Asked
        Which derivative of which function.
    kind : Kind
        What is done around compiled code.
    mode : str
        "auto": calls that cannot be compiled may run on the tape; "static": they may not.
    history : History
        Is told what was compiled.
    shares : bool
        Whether other derivatives of the same function may run what was compiled.
    """

    def __init__(
        self, asked: Asked, kind: Kind, mode: str, history: History, *, shares: bool
    ) -> None:
        self.asked = asked
        self.kind = kind
        self.history = history
        self.last: Run | None = None  # what ran, or was made to run
        self._recent = Recent()
        self.find_recent = self._recent.find
        self._calls_on_tape = mode == "auto" and kind.reverse
        alone = asked.variable or not shares
        self._programs = Programs() if alone else programs_of(asked.primal, asked.request)
        self._primals = primals_of(asked.primal)
        self._own = Programs()  # those that no other derivative may run
        self._static = self._programs.static  # what is part of the key by its value

    def function_for(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], bound: dict[str, Any], guard: Guard
    ) -> Run:
        """Return the compiled function for arguments, which are given by name as well.

        `guard` returns what is called instead of a program some of whose calls run on the tape.
        """
        with self._programs.lock:
            types = self.types_of(bound)
            key = tuple(types.items())
            compiled = self._programs.find(key) or self._own.find(key)
            if compiled is None:
                compiled, own = self._build(types, bound, guard)
                programs = self._own if own else self._programs
                programs.add(tuple(self.types_of(bound).items()), compiled)
                self.history.rows += compiled.rows
            elif compiled.rows[0] not in self.history.rows:  # another derivative compiled it
                self.history.rows += compiled.rows
            self.last = compiled.run
            if not kwargs and not any(name in self._static for name in bound):
                self._recent.add(tuple([exact_key(arg) for arg in args]), compiled)
        return compiled.run

    def key_of(self, bound: dict[str, Any]) -> Any:
        """Return what tells this derivative at such arguments from others in a history."""
        return self.asked.request.wrt, tuple(self.types_of(bound).items())

    def types_of(self, bound: dict[str, Any]) -> dict[str, Type]:
        """Return what is compiled for: a type for each argument that is given.

        Raises
        ------
        ArgumentError
            Where one that is differentiated has no derivative.
        """
        wrt = self.asked.request.wrt
        sizes = Sizes()
        for name in self._static & bound.keys():
            sizes.fix(bound[name])
        types: dict[str, Type] = {}
        for name, value in bound.items():
            types[name] = type_of_argument(value, sizes, name)
            if name in self._static and name not in wrt and isinstance(value, int):
                types[name] = Static(value)
            if name in wrt:
                check_differentiable(self.asked, name, types[name])
        return types

    def program_for(
        self, types: Mapping[str, Type], *, tape: bool = False, whole: bool = True
    ) -> Function:
        """Return the derivative as a program, to be printed or differentiated again."""
        from s2s_grad.pipeline import derive_simplified, lower_primal, simplified

        request = self.asked.request
        active = {name: _as_real(t) if name in request.wrt else t for name, t in types.items()}
        key = (tape, *active.items())
        primal = self._primals.find(key)
        if primal is None:
            primal = simplified(lower_primal(self.asked.primal, active, tape=tape))
            self._primals.add(key, primal)
        program = derive_simplified(primal, request, whole=whole)
        return dataclasses.replace(
            program,
            contiguous=primal.contiguous,
            apart=primal.apart,
            callees=primal.callees,
            reads=primal.reads,
        )

    def _build(
        self, types: dict[str, Type], bound: dict[str, Any], guard: Guard
    ) -> tuple[Compiled, bool]:
        """Return a program, and whether it belongs to this object: calls in it run on the tape."""
        from s2s_grad.pipeline import load, print_program

        primal = self.asked.primal
        program = self._program_for_values(types, bound)
        emitted = print_program(program, self.asked.request)
        shown = ", ".join(f"{name}: {t}" for name, t in types.items())
        rows = [Row(f"{emitted.name}({shown})", "compiled", place_of(primal))]
        rows += [Row.of_callee(callee) for callee in program.callees]
        run = load(emitted)
        own = any(callee.refused is not None for callee in program.callees)
        if own:
            run = guard(run, program)
        run = self.kind.adapt(self.asked, run, types, bound)
        if program.apart or program.contiguous:
            run = with_separate_arguments(run, program, name_of(primal), self.asked.names)
        return Compiled(run, program.reads, tuple(rows)), own

    def _program_for_values(self, types: dict[str, Type], bound: dict[str, Any]) -> Function:
        """Derive; what decides the shape of the program joins the types.

        That is the value of an int, and of an array its sizes: where they are asked for, and where
        a program is refused that they, being small, may serve. In the end single calls may run on
        the tape.
        """
        before = set(self._static)
        try:
            return self._program_as_asked(types, bound)
        except (UnsupportedSyntax, NoSource) as error:
            refused = error
        small = {name for name, value in bound.items() if _is_small(value)} - self._static
        if small and isinstance(refused, UnsupportedSyntax):
            self._static.update(small)
            sized = self.types_of(bound)
            try:
                program = self._program_as_asked(sized, bound)
            except (UnsupportedSyntax, NoSource):
                self._static.clear()
                self._static.update(before)
            else:
                types.update(sized)
                return program
        if self._calls_on_tape:
            return self._program_as_asked(types, bound, tape=True)
        raise refused

    def _program_as_asked(
        self, types: dict[str, Type], bound: dict[str, Any], *, tape: bool = False
    ) -> Function:
        from s2s_grad.lower import NeedsStatic

        while True:
            try:
                return self.program_for(types, tape=tape)
            except NeedsStatic as need:
                asked = [name for name in need.parameters if name not in self._static]
                if not asked:
                    raise
                self._static.update(asked)
                types.update(self.types_of(bound))


def check_differentiable(asked: Asked, name: str, t: Type) -> None:
    """Refuse to differentiate with respect to what has no derivative."""
    problem = why_no_derivative(t)
    if problem is not None:
        raise ArgumentError(
            f"`{name}` of `{name_of(asked.primal)}` is {problem}, which has no derivative",
            "convert it to float, or leave it out of wrt",
        )


def _is_small(value: Any) -> bool:
    """Return whether an argument has a size or count, small enough to write out what it decides."""
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) <= _MOST_ITEMS
    sizes = [leaf.size for leaf in leaves(value) if is_array(leaf) and leaf.ndim]
    return bool(sizes) and sum(sizes) <= _MOST_ITEMS


def _as_real(t: Type) -> Type:
    """Return the type of an argument that is differentiated: Python ints count as reals."""
    return Scalar("float") if isinstance(t, Scalar) and t.kind == "int" else t
