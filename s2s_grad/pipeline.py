"""The compiler as a table of contents: read and lower, differentiate, optimise, emit, load."""

from __future__ import annotations

import itertools
import linecache
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from s2s_grad.analysis.error_places import located
from s2s_grad.analysis.may_raise import SUBSCRIPTS
from s2s_grad.analysis.wording import label_temporaries
from s2s_grad.differentiate import (
    gradient,
    hessian_vector_product,
    pullback_program,
    pushforward_program,
)
from s2s_grad.emit import Emitted, emit
from s2s_grad.ir.nodes import Function
from s2s_grad.ir.request import Request
from s2s_grad.ir.types import Type
from s2s_grad.ir.watch import told
from s2s_grad.lower import lower
from s2s_grad.optimise import CLEANUPS, Pass, finish, simplify

__all__ = [
    "Request",
    "compile_source",
    "derive",
    "derive_simplified",
    "load",
    "lower_primal",
    "print_program",
    "simplified",
]

_NUMBERS = itertools.count(1)


def lower_primal(
    fn: Callable[..., Any], types: Mapping[str, Type], *, tape: bool = False
) -> Function:
    """Return the program of a function, or of a derivative that is a function itself.

    With `tape`, calls of functions that cannot be compiled run on the tape.
    """
    program = getattr(fn, "__s2s_program__", None)
    if program is not None:
        return program(types)
    return told("lowered", lower(fn, types, tape=tape))


def derive(
    primal: Function, request: Request, *, optimise: bool = True, whole: bool = True
) -> Function:
    """Return the program of a derivative, simplified; it can be differentiated again.

    `whole` says that its results are read: what it computes may be relied on to raise.
    """
    passes = CLEANUPS if optimise else CLEANUPS[:1]
    return derive_simplified(simplified(primal, passes), request, passes, whole=whole)


def simplified(primal: Function, passes: tuple[Pass, ...] = CLEANUPS) -> Function:
    """Return the program of a function as each of its derivatives begins with it."""
    return label_temporaries(simplify(primal, passes))


def derive_simplified(
    primal: Function, request: Request, passes: tuple[Pass, ...] = CLEANUPS, *, whole: bool = True
) -> Function:
    """Return what `derive` does, of a program that is simplified already."""
    with located(primal):
        derivative = _differentiate(primal, request, passes, whole)
        derivative = replace(derivative, outer=primal.outer)
        return simplify(told("differentiated", derivative), passes)


def _differentiate(
    primal: Function, request: Request, passes: tuple[Pass, ...], whole: bool
) -> Function:
    names = [param.name for param in primal.params]
    wrt = [names.index(name) for name in request.wrt]
    single = request.single
    covers = None if whole else ()
    match request.kind:
        case "grad" | "value_and_grad":
            with_value = request.kind == "value_and_grad"
            return gradient(
                primal,
                wrt,
                single=single,
                with_value=with_value,
                has_aux=request.has_aux,
                covers=covers,
            )
        case "vjp":
            return pullback_program(primal, wrt, single=single, covers=covers)
        case "jvp":
            return pushforward_program(primal, wrt)
        case "hvp":
            again = SUBSCRIPTS if whole else ()  # its own value is not computed in the end
            grad = gradient(primal, wrt, single=single, with_value=False, covers=again)
            grad = simplified(replace(grad, outer=primal.outer), passes)
            return hessian_vector_product(primal, grad, wrt, single=single)
        case _:
            raise ValueError(f"unknown kind {request.kind!r}")


def print_program(program: Function, request: Request) -> Emitted:
    """Return the Python module of a derivative."""
    # The results of a pullback are made later; where it is called, its value is copied.
    return emit(finish(program, () if request.kind == "vjp" else None))


def load(emitted: Emitted) -> Callable[..., Any]:
    """Return the function of an emitted module, with its source known to tracebacks and pdb."""
    filename = f"<s2s_grad {emitted.name} {next(_NUMBERS)}>"
    lines = emitted.source.splitlines(keepends=True)
    linecache.cache[filename] = (len(emitted.source), None, lines, filename)
    namespace: dict[str, Any] = {"__name__": "s2s_grad.emitted", **emitted.bindings}
    exec(compile(emitted.source, filename, "exec"), namespace)
    function = namespace[emitted.name]
    weakref.finalize(function, linecache.cache.pop, filename, None)
    return function


def compile_source(
    fn: Callable[..., Any],
    types: Mapping[str, Type] | None,
    wrt: Sequence[str],
    kind: str,
    *,
    single: bool | None = None,
) -> str:
    """Return the module text of a derivative of a function.

    Parameters
    ----------
    fn : callable
        The function to differentiate.
    types : mapping of str to Type, optional
        What is known of its parameters; a parameter without an entry is of unknown type.
    wrt : sequence of str
        The parameters to differentiate with respect to.
    kind : str
        One of grad, value_and_grad, vjp, jvp and hvp.
    single : bool, optional
        Whether the derivative is no tuple; by default where one parameter is named.
    """
    only = len(wrt) == 1 if single is None else single
    request = Request(kind, tuple(wrt), only)
    program = derive(lower_primal(fn, types or {}), request)
    return print_program(program, request).source
