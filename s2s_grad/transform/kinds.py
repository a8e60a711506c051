"""The kinds of derivatives: `grad`, `value_and_grad`, `vjp`, `jvp` and `hvp`, a record for each.

A kind says how its derivative is called, and what is done before and after compiled code runs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from s2s_grad.errors import ArgumentError
from s2s_grad.ir.guards import is_array, is_items
from s2s_grad.ir.trees import map_tree
from s2s_grad.ir.types import Scalar, Type
from s2s_grad.transform.asked import Asked, Wrt
from s2s_grad.transform.callables import call_with, name_of, signature_of_compiled
from s2s_grad.transform.structure import check_structure, fitted, in_kind

__all__ = ["GRAD", "HVP", "JVP", "KINDS", "VALUE_AND_GRAD", "VJP", "Given", "Kind"]

Bound = Mapping[str, Any]
Types = Mapping[str, Type]
Run = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments of one call: those of the function, and the vectors that come with them."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    vectors: tuple[Any, ...] = ()


def _plainly(*args: Any, **kwargs: Any) -> Given:
    return Given(args, kwargs)


def _as_given(given: Given) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return given.args, given.kwargs


def _as_asked(wrt: Any, given: Given | None) -> Wrt:
    return wrt


def _no_vectors(asked: Asked, bound: Bound, vectors: tuple[Any, ...]) -> tuple[Any, ...]:
    return ()


def _run_plainly(
    asked: Asked, run: Run, given: Given, bound: Bound, vectors: tuple[Any, ...]
) -> Any:
    if len(bound) > len(given.args) + len(given.kwargs):  # a default is differentiated
        return call_with(run, dict(bound))
    return run(*given.args, **given.kwargs)


def _unchanged(asked: Asked, run: Run, types: Types, bound: Bound) -> Run:
    return run


def _as_it_is(asked: Asked, result: Any) -> Any:
    return result


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of derivative.

    Attributes
    ----------
    name : str
        The transform.
    valued : bool
        Whether its result has the value of the function.
    reverse : bool
        Whether it is by reverse mode alone: then calls in the function may run on the tape.
    vectors : str
        What comes with the arguments: "tangents", a "vector", or nothing.
    order : int
        Of which order the derivative is.
    scalar : bool
        Whether the function has to return one number.
    pulls : bool
        Whether what is returned is the derivative as a function of a cotangent.
    separate : callable
        Takes the arguments of a call of the derivative apart.
    join : callable
        Puts them together again.
    wrt : callable
        By what a call differentiates, if nothing was asked for; without a call, what it may be.
    fit : callable
        Checks the vectors of a call, and gives one for each parameter in `wrt`.
    run : callable
        Calls a compiled function.
    adapt : callable
        Does around a compiled function what is not compiled.
    recorded : callable
        Adapts what the tape returned.
    """

    name: str
    valued: bool = True
    reverse: bool = True
    vectors: Literal["", "tangents", "vector"] = ""
    order: int = 1
    scalar: bool = True
    pulls: bool = False
    separate: Callable[..., Given] = _plainly
    join: Callable[[Given], tuple[tuple[Any, ...], dict[str, Any]]] = _as_given
    wrt: Callable[[Wrt | None, Given | None], Wrt] = _as_asked
    fit: Callable[[Asked, Bound, tuple[Any, ...]], tuple[Any, ...]] = _no_vectors
    run: Callable[[Asked, Run, Given, Bound, tuple[Any, ...]], Any] = _run_plainly
    adapt: Callable[[Asked, Run, Types, Bound], Run] = _unchanged
    recorded: Callable[[Asked, Any], Any] = _as_it_is

    @property
    def is_called_as_primal(self) -> bool:
        """Whether the arguments of the derivative are those of the function."""
        return self.separate is _plainly


# ---------------------------------------------------------------------------------- gradients


def _run_gradient(
    asked: Asked, run: Run, given: Given, bound: Bound, vectors: tuple[Any, ...]
) -> Any:
    result = _run_plainly(asked, run, given, bound, vectors)
    if asked.request.kind == "value_and_grad":
        return result[0], _in_kind(asked, result[1], bound)
    if asked.request.has_aux:
        return _in_kind(asked, result[0], bound), result[1]
    return _in_kind(asked, result, bound)


def _in_kind(asked: Asked, gradients: Any, bound: Bound) -> Any:
    """Return gradients as what the arguments of this call are: NumPy computes numbers."""
    given = tuple(bound.get(name) for name in asked.request.wrt)
    if asked.request.single:
        return in_kind(gradients, given[0])
    return tuple(in_kind(g, value) for g, value in zip(gradients, given, strict=True))


def _with_reals(asked: Asked, run: Run, types: Types, bound: Bound) -> Run:
    """Give ints that are differentiated as the reals that they count as."""
    ints = [
        name
        for name in asked.request.wrt
        if isinstance(types.get(name), Scalar) and isinstance(bound[name], int)
    ]
    if not ints:
        return run
    signature = asked.signature

    @functools.wraps(run)
    def with_reals(*args: Any, **kwargs: Any) -> Any:
        call = signature.bind(*args, **kwargs)
        for name in ints:
            call.arguments[name] = float(call.arguments[name])
        return run(*call.args, **call.kwargs)

    return with_reals


GRAD = Kind("grad", valued=False, run=_run_gradient, adapt=_with_reals)
VALUE_AND_GRAD = Kind("value_and_grad", run=_run_gradient, adapt=_with_reals)


# ---------------------------------------------------------------------------------- pullbacks


def _pulling(asked: Asked, run: Run, types: Types, bound: Bound) -> Run:
    """Let the pullback check its cotangent."""
    run = _with_reals(asked, run, types, bound)
    signature = asked.signature

    @functools.wraps(run)
    def checked(*args: Any, **kwargs: Any) -> Any:
        # The pullback reads arguments and results later: they may be written to until then.
        own, options = map_tree(_copied, args), map_tree(_copied, kwargs)
        value, pullback = run(*own, **options)
        given = signature.bind(*args, **kwargs).arguments
        return map_tree(_copied, value), _checked(asked, value, pullback, given)

    return checked


def _recorded_pullback(asked: Asked, result: Any) -> Any:
    value, pullback = result
    return value, _checked(asked, value, pullback, None)


def _checked(
    asked: Asked, value: Any, pullback: Callable[[Any], Any], bound: Bound | None
) -> Callable[[Any], Any]:
    """Return a pullback that checks its cotangent against the value."""
    name = name_of(asked.primal)

    def pull(*cotangents: Any) -> Any:
        if len(cotangents) != 1:
            raise ArgumentError(
                f"the pullback of `{name}` takes one cotangent, not {len(cotangents)}",
                "give a tuple of cotangents where the result is a tuple",
            )
        check_structure(value, cotangents[0], "cotangent", "result")
        cotangent = fitted(value, cotangents[0])
        gradients = pullback(cotangent)
        return gradients if bound is None else _in_kind(asked, gradients, bound)

    pull.__doc__ = f"Return the gradient of `{name}` for a cotangent."
    return pull


def _copied(leaf: Any) -> Any:
    return leaf.copy(order="K") if is_array(leaf) else leaf


VJP = Kind("vjp", scalar=False, pulls=True, adapt=_pulling, recorded=_recorded_pullback)


# ----------------------------------------------------------------------------------- tangents


def _with_tangents(primals: Any = None, tangents: Any = None, *more: Any, **others: Any) -> Given:
    if not is_items(primals) or not is_items(tangents) or more or others:
        raise ArgumentError(
            "jvp(f) is called with a tuple of arguments and a tuple of tangents",
            "write jvp(f)((x,), (x_dot,))",
        )
    return Given(tuple(primals), {}, tuple(tangents))


def _beside_tangents(given: Given) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return (given.args, given.vectors), {}


def _all_with_tangents(wrt: Wrt | None, given: Given | None) -> Wrt:
    """Every argument is differentiated where there is a tangent for each of them."""
    if wrt is not None:
        return wrt
    every = given is not None and len(given.vectors) == len(given.args) > 1
    return tuple(range(len(given.args))) if given is not None and every else 0


def _fit_tangents(asked: Asked, bound: Bound, vectors: tuple[Any, ...]) -> tuple[Any, ...]:
    names = asked.request.wrt
    if len(vectors) != len(names):
        raise ArgumentError(
            f"{asked.title} got {len(vectors)} tangents for "
            f"{len(names)} differentiated arguments ({', '.join(names)})",
            "give one tangent per argument in wrt",
        )
    return _fit(asked, bound, vectors, "tangent")


def _fit(asked: Asked, bound: Bound, vectors: Any, what: str) -> tuple[Any, ...]:
    """Return vectors as what they belong to: of its structure and shape, of floats."""
    pairs = list(zip(asked.request.wrt, vectors, strict=True))
    for name, vector in pairs:
        check_structure(bound[name], vector, what, f"argument `{name}`")
    return tuple(fitted(bound[name], vector) for name, vector in pairs)


def _run_with_tangents(
    asked: Asked, run: Run, given: Given, bound: Bound, vectors: tuple[Any, ...]
) -> Any:
    dots = {f"{name}_dot": v for name, v in zip(asked.request.wrt, vectors, strict=True)}
    return call_with(run, {**bound, **dots})


JVP = Kind(
    "jvp",
    reverse=False,
    vectors="tangents",
    scalar=False,
    separate=_with_tangents,
    join=_beside_tangents,
    wrt=_all_with_tangents,
    fit=_fit_tangents,
    run=_run_with_tangents,
)


# ----------------------------------------------------------------------------------- Hessians


def _with_vector(*args: Any, **kwargs: Any) -> Given:
    if not args:
        raise ArgumentError("hvp(f) needs the arguments of f and a vector", "write hvp(f)(x, v)")
    return Given(args[:-1], kwargs, args[-1:])


def _before_vector(given: Given) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return (*given.args, *given.vectors), given.kwargs


def _fit_vector(asked: Asked, bound: Bound, vectors: tuple[Any, ...]) -> tuple[Any, ...]:
    names, v = asked.request.wrt, vectors[0]
    if not asked.request.single and (not is_items(v) or len(v) != len(names)):
        raise ArgumentError(
            f"the vector of the {asked.title} has to be a tuple of {len(names)} items, one for "
            f"each of {', '.join(names)}",
            "give one vector per argument in wrt",
        )
    return _fit(asked, bound, (v,) if asked.request.single else v, "vector")


def _run_with_vector(
    asked: Asked, run: Run, given: Given, bound: Bound, vectors: tuple[Any, ...]
) -> Any:
    name = next(name for name in signature_of_compiled(run).parameters if name not in asked.names)
    reals = {n: float(bound[n]) for n in asked.request.wrt if type(bound.get(n)) is int}
    vector = vectors[0] if asked.request.single else vectors
    return _in_kind(asked, call_with(run, {**bound, **reals, name: vector}), bound)


HVP = Kind(
    "hvp",
    valued=False,
    reverse=False,
    vectors="vector",
    order=2,
    separate=_with_vector,
    join=_before_vector,
    fit=_fit_vector,
    run=_run_with_vector,
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in (GRAD, VALUE_AND_GRAD, VJP, JVP, HVP)}
