"""Bind the arguments of a call to the parameters of a function."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import libcst as cst
import numpy as np

from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.terms.local_functions import LocalFunction

__all__ = ["Parameters", "bind", "parameters_of"]


def bind(
    low: Lowerer,
    name: str,
    params: cst.Parameters,
    defaults: dict[str, Operand],
    args: tuple[Operand, ...],
    kwargs: dict[str, Operand],
) -> dict[str, Operand]:
    """Return the value of each parameter."""
    by_position = [p.name.value for p in (*params.posonly_params, *params.params)]
    only_position = {p.name.value for p in params.posonly_params}
    by_name = {*by_position[len(only_position) :], *(p.name.value for p in params.kwonly_params)}
    bound = dict(zip(by_position, args, strict=False))
    rest = args[len(by_position) :]
    if isinstance(params.star_arg, cst.Param):
        bound[params.star_arg.name.value] = Pack(tuple, rest)
    elif rest:
        low.refuse(f"`{name}` takes {len(by_position)} arguments, {len(args)} were given.")
    extra: dict[str, Operand] = {}
    for key, value in kwargs.items():
        if key in by_name:
            if key in bound:
                low.refuse(f"`{name}` was given two values for `{key}`.")
            bound[key] = value
        elif params.star_kwarg is not None:
            extra[key] = value
        else:
            low.refuse(f"`{name}` has no parameter `{key}`.")
    for key in (*by_position, *(p.name.value for p in params.kwonly_params)):
        if key not in bound:
            if key not in defaults:
                low.refuse(
                    f"`{name}` was not given a value for `{key}`.", "Give one, or a default."
                )
            bound[key] = defaults[key]
    if params.star_kwarg is not None:
        bound[params.star_kwarg.name.value] = Pack(dict, tuple(extra.values()), tuple(extra))
    return bound


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """What can be passed to a callable, by name; a `variadic` one takes more than that."""

    names: tuple[str, ...]
    positional: tuple[str, ...]
    defaults: dict[str, Operand]
    variadic: bool

    def arguments(self, args: tuple[Operand, ...], kwargs: Iterable[str]) -> dict[str, Operand]:
        """Return positional arguments by the names of their parameters."""
        taken = {*self.names, *kwargs}
        known = self.positional
        more = (n for i in itertools.count() if (n := f"x{i}") not in taken)
        names = [*known, *itertools.islice(more, max(0, len(args) - len(known)))]
        return dict(zip(names, args, strict=False))


def parameters_of(fn: Any) -> Parameters:
    """Return the parameters of a callable."""
    if isinstance(fn, LocalFunction):
        params = fn.node.params
        known = tuple(p.name.value for p in (*params.posonly_params, *params.params))
        names = (*known, *(p.name.value for p in params.kwonly_params))
        variadic = isinstance(params.star_arg, cst.Param) or params.star_kwarg is not None
        return Parameters(names, known, fn.defaults, variadic)
    if isinstance(fn, np.ufunc):
        names = ("x",) if fn.nin == 1 else tuple(f"x{i}" for i in range(1, fn.nin + 1))
        return Parameters(names, names, {}, False)
    try:
        found = inspect.signature(fn).parameters.values()
    except (TypeError, ValueError):
        return Parameters((), (), {}, True)
    stars = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    plain = [p for p in found if p.kind not in stars]
    only = inspect.Parameter.KEYWORD_ONLY
    defaults: dict[str, Operand] = {
        p.name: Const(p.default) for p in plain if p.default is not inspect.Parameter.empty
    }
    return Parameters(
        tuple(p.name for p in plain),
        tuple(p.name for p in plain if p.kind is not only),
        defaults,
        len(plain) < len(found),
    )
