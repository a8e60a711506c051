"""Functions whose arguments have no name of their own until they are passed.

Those are what ``*args`` and ``**kwargs`` take, and the options of a library's functions: for each
way of calling there is a function with one parameter for each argument.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from s2s_grad.errors import ArgumentError
from s2s_grad.ir.guards import is_items
from s2s_grad.transform.asked import STARS
from s2s_grad.transform.callables import name_of

__all__ = ["Way", "needs_way", "way_of_call"]

_OPTIONS = (bool, int, str, type(None), np.dtype, type)


def needs_way(fn: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Return whether a function of a library is called with options."""
    from s2s_grad.rules import find_rule

    rule = None if isinstance(fn, np.ufunc) else find_rule(fn)
    module: str = getattr(fn, "__module__", None) or ""
    if rule is None or module.partition(".")[0] not in ("numpy", "scipy"):
        return False
    try:
        kinds = {p.kind for p in inspect.signature(fn).parameters.values()}
    except (TypeError, ValueError):
        return False
    operands = sum(1 for name in rule.parameters if name in rule.operands)
    starred = inspect.Parameter.VAR_POSITIONAL in kinds
    return bool(kwargs) or len(args) > operands or starred


@dataclass(frozen=True, slots=True)
class Way:
    """One way of calling a function: the function with a parameter for each argument.

    The arguments `positional` and `named`, by the names of these parameters, are left to be given.
    """

    function: Callable[..., Any]
    wrt: tuple[str, ...]
    key: Any
    positional: tuple[Any, ...]
    named: dict[str, Any]


def way_of_call(
    fn: Callable[..., Any], wrt: tuple[Any, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Way:
    """Return in which way a function is called.

    Raises
    ------
    ArgumentError
        Where the function cannot be called so, or `wrt` names nothing that is passed.
    """
    from s2s_grad.rules import find_rule

    signature = inspect.signature(fn)
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        raise ArgumentError(
            f"`{name_of(fn)}` cannot be called with these arguments: {error}",
            f"its signature is {name_of(fn)}{signature}",
        ) from None
    names = _positional_names(signature, len(args), kwargs)
    given = dict(zip(names, args, strict=True)) | kwargs
    chosen = _chosen(fn, signature, wrt, tuple(given))
    library = find_rule(fn) is not None
    fixed = {
        name: value
        for name, value in given.items()
        if library and name not in chosen and _is_option(value)
    }
    free = tuple(name for name in given if name not in fixed)
    key = (names, tuple(kwargs), chosen, tuple((n, repr(v)) for n, v in fixed.items()))
    function = _with_parameters(fn, names, tuple(kwargs), fixed)
    return Way(
        function,
        chosen,
        key,
        tuple(given[name] for name in free if name in names),
        {name: given[name] for name in free if name not in names},
    )


def _positional_names(
    signature: inspect.Signature, count: int, kwargs: Mapping[str, Any]
) -> tuple[str, ...]:
    parameters = signature.parameters.values()
    star = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), "args")
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [p.name for p in parameters if p.kind in kinds][:count]
    for place in range(count - len(names)):
        name = f"{star}_{place}"
        while name in kwargs or name in names:
            name += "_"
        names.append(name)
    return tuple(names)


def _chosen(
    fn: Any, signature: inspect.Signature, wrt: tuple[Any, ...], passed: tuple[str, ...]
) -> tuple[str, ...]:
    stars = any(p.kind in STARS for p in signature.parameters.values())
    order = passed if stars else tuple(signature.parameters)
    found: list[str] = []
    for item in wrt:
        name: Any = item
        if not isinstance(item, str):
            place = operator.index(item)
            name = order[place] if -len(order) <= place < len(order) else None
        if name not in passed:
            raise ArgumentError(
                f"wrt={item!r} is no argument that `{name_of(fn)}` is called with",
                f"it is given {', '.join(passed) or 'none'}",
            )
        found.append(name)
    return tuple(found)


def _is_option(value: Any) -> bool:
    if is_items(value):
        return all(map(_is_option, value))
    return isinstance(value, _OPTIONS)


def _with_parameters(
    fn: Callable[..., Any], names: tuple[str, ...], keywords: tuple[str, ...], fixed: dict[str, Any]
) -> Callable[..., Any]:
    """Return the function with one parameter for each argument that is not `fixed`."""

    def call(*args: Any, **kwargs: Any) -> Any:
        given = iter(args)
        positional = [fixed[name] if name in fixed else next(given) for name in names]
        named = {name: fixed[name] if name in fixed else kwargs[name] for name in keywords}
        return fn(*positional, **named)

    def lower(low: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        from s2s_grad.ir.nodes import Const

        given = iter(args)
        positional = [Const(fixed[name]) if name in fixed else next(given) for name in names]
        named = {name: Const(fixed[name]) if name in fixed else kwargs[name] for name in keywords}
        return low.call(fn, tuple(positional), named)

    kind = inspect.Parameter
    parameters = [kind(n, kind.POSITIONAL_OR_KEYWORD) for n in names if n not in fixed]
    parameters += [kind(n, kind.KEYWORD_ONLY) for n in keywords if n not in fixed]
    made: Any = call
    made.__signature__ = inspect.Signature(parameters)
    made.__name__ = made.__qualname__ = name_of(fn)
    made.__module__ = getattr(fn, "__module__", None)
    made.__doc__ = fn.__doc__
    made.__s2s_lower__ = lower
    made.__s2s_way_of__ = fn
    return made
