"""Bind the arguments of a call to the parameters of a function."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import libcst as cst
import numpy as np

from s2s_grad.ir.nodes import Operand, Pack
from s2s_grad.lower.values import LocalFunction

if TYPE_CHECKING:
    from s2s_grad.lower.lowerer import Lowerer

__all__ = ["bind", "parameter_names"]


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


def parameter_names(fn: Any, count: int) -> list[str]:
    """Return a name for each of `count` positional arguments of a callable."""
    if isinstance(fn, LocalFunction):
        params = fn.node.params
        known = [p.name.value for p in (*params.posonly_params, *params.params)]
    else:
        known = _names_of_signature(fn)
    return [known[i] if i < len(known) else f"x{i}" for i in range(count)]


def _names_of_signature(fn: Any) -> list[str]:
    if isinstance(fn, np.ufunc):
        return ["x"] if fn.nin == 1 else [f"x{i}" for i in range(1, fn.nin + 1)]
    try:
        signature = inspect.signature(fn)
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in signature.parameters.values() if p.kind in kinds]
