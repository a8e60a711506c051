"""Questions about the functions that users and the compiler hand over."""

from __future__ import annotations

import functools
import inspect
import linecache
import weakref
from collections.abc import Callable
from typing import Any

from s2s_grad.errors import ArgumentError

__all__ = [
    "call_with",
    "name_of",
    "signature_of",
    "signature_of_compiled",
    "source_of",
    "unwrapped",
]

_SIGNATURES: weakref.WeakKeyDictionary[Any, inspect.Signature] = weakref.WeakKeyDictionary()


def name_of(fn: Callable[..., Any]) -> str:
    """Return what a function is called in messages."""
    return getattr(fn, "__name__", None) or type(fn).__name__


def unwrapped(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function inside of `functools.partial`."""
    inner: Any = fn
    while isinstance(inner, functools.partial):
        inner = inner.func
    return inner


def signature_of(fn: Callable[..., Any]) -> inspect.Signature:
    """Return the signature: for a function with a rule, that of the rule.

    Examples
    --------
    >>> import math
    >>> signature_of(math.exp)
    <Signature (x)>
    """
    from s2s_grad.rules import find_rule

    rule = find_rule(fn)
    if rule is not None:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters = [
            inspect.Parameter(name, kind, default=rule.defaults.get(name, inspect.Parameter.empty))
            for name in rule.parameters
            if not name.startswith("*") and (name in rule.operands or name not in rule.ignored)
        ]
        parameters += [
            inspect.Parameter(name[1:], inspect.Parameter.VAR_POSITIONAL)
            for name in rule.parameters
            if name.startswith("*")
        ]
        return inspect.Signature(parameters)
    try:
        return inspect.signature(fn)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"`{name_of(fn)}` has no derivative rule and no Python source",
            "declare a rule for it with s2s_grad.rules, or wrap what it computes in NumPy code",
        ) from None


def source_of(emitted: Callable[..., Any]) -> str:
    """Return the text of the module that an emitted function is from."""
    inner: Any = inspect.unwrap(emitted)
    return "".join(linecache.getlines(inner.__code__.co_filename))


def signature_of_compiled(compiled: Callable[..., Any]) -> inspect.Signature:
    """Return the parameters of a compiled function, without defaults: asked at each call."""
    known = _SIGNATURES.get(compiled)
    if known is None:
        nothing = inspect.Parameter.empty  # a default may refer to the function, and keep it
        found = inspect.signature(compiled).parameters.values()
        bare = [each.replace(default=nothing, annotation=nothing) for each in found]
        known = _SIGNATURES[compiled] = inspect.Signature(bare)
    return known


def call_with(compiled: Callable[..., Any], given: dict[str, Any]) -> Any:
    """Call a compiled function with arguments by name."""
    signature = signature_of_compiled(compiled)
    call = signature.bind_partial()
    call.arguments.update({name: given[name] for name in signature.parameters if name in given})
    return compiled(*call.args, **call.kwargs)
