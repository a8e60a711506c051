"""What is asked of a transform: which derivative of which function."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from s2s_grad.errors import ArgumentError
from s2s_grad.ir.guards import is_items
from s2s_grad.ir.request import Request
from s2s_grad.transform.callables import name_of, signature_of

__all__ = ["STARS", "Asked", "Wrt", "asked_of", "items_of"]

Wrt = int | str | tuple[int | str, ...]
STARS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True, slots=True)
class Asked:
    """A derivative of a function; `variable` says that `wrt` is by what ``*args`` take."""

    primal: Callable[..., Any]
    signature: inspect.Signature
    request: Request
    variable: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parameters."""
        return tuple(self.signature.parameters)

    @property
    def title(self) -> str:
        """What the derivative is called in messages."""
        return f"{self.request.kind} of `{name_of(self.primal)}`"

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return arguments by name, with the defaults that are differentiated.

        Raises
        ------
        ArgumentError
            Where the function cannot be called so.
        """
        try:
            bound = dict(self.signature.bind(*args, **kwargs).arguments)
        except TypeError as error:
            name = name_of(self.primal)
            raise ArgumentError(
                f"`{name}` cannot be called with these arguments: {error}",
                f"its signature is {name}{self.signature}",
            ) from None
        for name in self.request.wrt:
            default = self.signature.parameters[name].default
            if name not in bound and default is not inspect.Parameter.empty:
                bound[name] = default
        return bound


def asked_of(fn: Callable[..., Any], kind: str, wrt: Wrt, has_aux: bool, *, valued: bool) -> Asked:
    """Return what is asked for, with `wrt` as names.

    Parameters
    ----------
    fn : callable
        The function to differentiate.
    kind : str
        Which derivative.
    wrt : int, str or tuple of them
        The parameters, by name or position.
    has_aux : bool
        Whether the function returns a value and something else.
    valued : bool
        Whether the derivative has a value beside it, so that there may be no parameter at all.

    Raises
    ------
    ArgumentError
        Where the function cannot be differentiated, or has not these parameters.
    """
    if not callable(fn):
        raise ArgumentError(
            f"`{kind}` needs a function, not {type(fn).__name__}",
            f"call it as {kind}(f), or use it as a decorator",
        )
    if (
        inspect.iscoroutinefunction(fn)
        or inspect.isgeneratorfunction(fn)
        or inspect.isasyncgenfunction(fn)
    ):
        raise ArgumentError(
            f"`{name_of(fn)}` is a generator or async: calling it computes nothing yet",
            "differentiate a plain function that returns a value",
        )
    for item in items_of(wrt):
        if not isinstance(item, str) and not hasattr(item, "__index__"):
            raise ArgumentError(
                f"wrt={item!r} is no parameter of `{name_of(fn)}`",
                "name a parameter, or count from 0",
            )
    signature = signature_of(fn)
    single = not is_items(wrt)
    if _is_variable(signature, items_of(wrt)):
        return Asked(fn, signature, Request(kind, (), single, has_aux), True)
    names = _resolved(fn, tuple(signature.parameters), wrt, valued)
    return Asked(fn, signature, Request(kind, names, single, has_aux))


def items_of(wrt: Wrt) -> tuple[int | str, ...]:
    """Return the parameters of a `wrt`, which may be one by itself."""
    return tuple(wrt) if is_items(wrt) else (wrt,)  # pyright: ignore[reportReturnType]


def _is_variable(signature: inspect.Signature, wrt: tuple[Any, ...]) -> bool:
    """Return whether `wrt` says something about what ``*args`` or ``**kwargs`` take."""
    parameters = list(signature.parameters.values())
    stars = [i for i, p in enumerate(parameters) if p.kind in STARS]
    if not stars:
        return False
    names = set(signature.parameters)
    return not all(
        item in names if isinstance(item, str) else isinstance(item, int) and 0 <= item < stars[0]
        for item in wrt
    )


def _resolved(
    fn: Callable[..., Any], parameters: tuple[str, ...], wrt: Wrt, valued: bool
) -> tuple[str, ...]:
    names: list[str] = []
    for item in items_of(wrt):
        name = _parameter(parameters, item)
        if name is None:
            raise ArgumentError(
                f"wrt={item!r} is no parameter of `{name_of(fn)}`",
                f"its parameters are {', '.join(parameters) or 'none'}",
            )
        names.append(name)
    # Without a parameter there may be a value, but nothing that is a derivative.
    if (not names and not valued) or len(set(names)) < len(names):
        raise ArgumentError(
            f"wrt={wrt!r} names {'a parameter twice' if names else 'no parameter'}",
            "name each parameter to differentiate with respect to once",
        )
    return tuple(names)


def _parameter(parameters: tuple[str, ...], item: Any) -> str | None:
    """Return the name of a parameter that is given by name or position."""
    if isinstance(item, str):
        return item if item in parameters else None
    if isinstance(item, bool) or not hasattr(item, "__index__"):
        return None
    place = operator.index(item)
    return parameters[place] if -len(parameters) <= place < len(parameters) else None
