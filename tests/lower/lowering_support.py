"""Types of example arguments, and the comparison of a program with the function it came from."""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
from typing import Any

import numpy as np

from s2s_grad.analysis.verify_types import verify_types
from s2s_grad.ir.evaluate import evaluate
from s2s_grad.ir.nodes import Function
from s2s_grad.ir.types import Array, Dict, Dim, Scalar, Sequence, Static, Type
from s2s_grad.lower import lower


def type_like(value: Any, name: str) -> Type:
    """Return the type of an argument as a compilation for its kind, dtype and rank sees it."""
    if isinstance(value, (np.ndarray, np.generic)):
        shape = tuple(Dim(f"{name}{axis}") for axis in range(np.ndim(value)))
        return Array(value.dtype, shape)
    if type(value) in (int, float, complex):
        return Scalar(type(value).__name__)
    if isinstance(value, (tuple, list)):
        items = tuple(type_like(item, f"{name}_{i}") for i, item in enumerate(value))
        return Sequence(type(value), items)
    if isinstance(value, dict):
        items = tuple(type_like(item, f"{name}_{key}") for key, item in value.items())
        return Dict(tuple(value), items)
    return Static(value)


def bind(fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> inspect.BoundArguments:
    """Bind arguments; starred parameters without any are an empty tuple or dict."""
    signature = inspect.signature(fn)
    bound = signature.bind(*args, **kwargs)
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            bound.arguments.setdefault(parameter.name, ())
        elif parameter.kind is parameter.VAR_KEYWORD:
            bound.arguments.setdefault(parameter.name, {})
    return bound


def lower_for(fn: Any, *args: Any, **kwargs: Any) -> Function:
    """Lower a function for the types of these arguments, and check the program's form."""
    bound = bind(fn, args, kwargs)
    types = {name: type_like(value, name) for name, value in bound.arguments.items()}
    return verify_types(lower(fn, types))


def run(fn: Any, *args: Any, **kwargs: Any) -> Any:
    """Lower and evaluate, with the same arguments."""
    program = lower_for(fn, *args, **kwargs)
    bound = bind(fn, args, kwargs)
    return evaluate(program, **copy.deepcopy(dict(bound.arguments)))


def agree(fn: Any, *args: Any, **kwargs: Any) -> None:
    """Assert that the lowered program gives, prints and raises what the function does."""
    expected = _outcome(fn, args, kwargs)
    program = lower_for(fn, *args, **kwargs)
    bound = bind(fn, args, kwargs)

    def interpret() -> Any:
        return evaluate(program, **copy.deepcopy(dict(bound.arguments)))

    found = _outcome(interpret, (), {})
    assert found[1] == expected[1], "output differs"
    assert type(found[0]) is type(expected[0]) or same(found[0], expected[0]), (
        f"{found[0]!r} is not {expected[0]!r}"
    )
    if not isinstance(expected[0], Exception):
        assert same(found[0], expected[0]), f"{found[0]!r} is not {expected[0]!r}"


def _outcome(fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, str]:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), np.errstate(all="ignore"):
        try:
            result = fn(*copy.deepcopy(args), **copy.deepcopy(kwargs))
        except Exception as error:
            result = error
    return result, printed.getvalue()


def same(a: Any, b: Any) -> bool:
    """Return whether two results are equal, item by item."""
    if isinstance(b, (tuple, list)):
        alike = type(a) is type(b) and len(a) == len(b)
        return alike and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in b)
    if b is None or isinstance(b, (str, bool)):
        return bool(a == b)
    return np.shape(a) == np.shape(b) and bool(np.allclose(a, b, rtol=1e-12, equal_nan=True))
