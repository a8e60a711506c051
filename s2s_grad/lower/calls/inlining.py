"""Calls of Python functions: their bodies are lowered where the call stands, or run on the tape."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import libcst as cst

from s2s_grad.errors import Location, NoSource, S2SError, UnsupportedSyntax
from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.ir.sources import Callee
from s2s_grad.ir.taped import taped
from s2s_grad.ir.trees import named_fields
from s2s_grad.ir.types import UNKNOWN, Sequence
from s2s_grad.lower.calls.binding import bind
from s2s_grad.lower.calls.outside_changes import may_change_outside
from s2s_grad.lower.core.lending import lent
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.loops.generators import run_generator
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.terms.frames import Frame
from s2s_grad.lower.terms.local_functions import LocalFunction
from s2s_grad.lower.terms.refuse import NeedsStatic
from s2s_grad.lower.terms.syntax_names import names_of
from s2s_grad.lower.terms.values import (
    MISSING,
    Args,
    Internal,
    Kwargs,
    static_value,
)
from s2s_grad.read.source import read
from s2s_grad.rules import find_composition

__all__ = [
    "COMPOSITIONS",
    "Args",
    "Kwargs",
    "call_now",
    "inline",
    "inline_or_tape",
    "name_of",
    "values_of",
]


COMPOSITIONS = find_composition.__module__
_DEEP = 8  # nested calls of one function before its numbers and sizes have to be known
_DEEPEST = 24
_MANY = 4  # calls inside of one another from which on they are counted
_MOST_DEEP_CALLS = 600
_SUSPENDED = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def call_now(low: Lowerer, fn: Any, args: Args, kwargs: Kwargs) -> Operand:
    """Run a function of compile-time objects, such as a transform of a function."""
    values, options = values_of(args, kwargs)
    if any(value is MISSING for value in (*values, *options.values())):
        low.refuse(
            f"an argument of `{name_of(fn)}` is only known when the program runs.",
            "Give it functions, names and numbers that are written out.",
        )
    return Const(fn(*values, **options))


def values_of(args: Args, kwargs: Kwargs) -> tuple[list[Any], dict[str, Any]]:
    """Return the values of arguments, `MISSING` where they are not known."""
    return list(map(static_value, args)), {n: static_value(v) for n, v in kwargs.items()}


def inline_or_tape(low: Lowerer, fn: Any, args: Args, kwargs: Kwargs) -> Operand:
    """Lower the body of a Python function here; if that cannot be, let the call run on the tape."""
    positional = _positional(fn, args, kwargs)
    if not low.tape or low.frame is None or positional is None:
        return inline(low, fn, args, kwargs)
    try:
        with low.attempt() as attempt:
            result = inline(low, fn, args, kwargs)
            attempt.keep()
            return result
    except NeedsStatic:
        raise
    except (UnsupportedSyntax, NoSource) as error:
        if fn in low.stack:  # of a recursion, the first call runs on the tape
            raise
        if low.deep_calls > _MOST_DEEP_CALLS:  # and so it does where calls make too many calls
            if len(low.stack) > 1:
                raise
            low.deep_calls = 0
        if fn.__code__.co_flags & _SUSPENDED or may_change_outside(fn):
            raise
        _note_callee(low, fn, error)
        name = low.source.text_of(low.node.func) if isinstance(low.node, cst.Call) else fn.__name__
        count = _items_returned(fn)
        known = UNKNOWN if count is None else Sequence(tuple, (UNKNOWN,) * count)
        options: Kwargs = {} if count is None else {"items": Const(count)}
        found = low.apply(taped, Const(fn, name), *positional, type=known, kwargs=options)
        return expand(low, found) or found


def _note_callee(low: Lowerer, fn: Any, refused: S2SError | None = None) -> None:
    """Note a function for the user, who may ask what was compiled."""
    code = fn.__code__
    place = Location(code.co_filename, code.co_firstlineno)
    low.callees[fn] = Callee(fn.__qualname__.rpartition("<locals>.")[2], place, refused)


def _positional(fn: Any, args: Args, kwargs: Kwargs) -> Args | None:
    """Return the arguments of a call that may run on the tape, by position; None if it may not."""
    if not kwargs:
        return args if all(map(_is_plain, args)) else None
    try:
        bound = inspect.signature(fn).bind(*args, **kwargs)
    except TypeError:
        return None
    given = list(bound.arguments)
    # An option before which others keep their defaults cannot be given by its place.
    if bound.kwargs or list(bound.signature.parameters)[: len(given)] != given:
        return None
    return bound.args if all(map(_is_plain, bound.args)) else None


def _items_returned(fn: Any) -> int | None:
    """Return the length of the tuples that a function is seen to return; None for other results."""
    try:
        source = read(fn)
    except NoSource:
        return None
    values = names_of(source.parsed.module).returned(source.node)
    tuples = [value for value in values if isinstance(value, cst.Tuple)]
    starred = any(isinstance(e, cst.StarredElement) for value in tuples for e in value.elements)
    sizes = {len(value.elements) for value in tuples}
    if starred or len(tuples) != len(values) or len(sizes) != 1:
        return None
    return sizes.pop()


def _is_plain(operand: Operand) -> bool:
    """Return whether an argument can be handed to a function that is not compiled."""
    if isinstance(operand, Pack):
        builtin = operand.kind in (tuple, list, dict) or named_fields(operand.kind) is not None
        return builtin and all(map(_is_plain, operand.items))
    return not (isinstance(operand, Const) and isinstance(operand.value, Internal))


def inline(low: Lowerer, fn: Any, args: Args, kwargs: Kwargs) -> Operand:
    """Lower the body of a Python function here."""
    if isinstance(fn, LocalFunction):
        node, parent, source = fn.node, fn.frame, fn.frame.source
        defaults: Kwargs = fn.defaults
        key: object = (node, id(fn.frame))
    else:
        source = read(fn)
        low.outside.function(source.function)
        _note_callee(low, source.function)
        node, parent = source.node, None
        key = fn
        defaults = {
            name: Const(param.default)
            for name, param in source.signature.parameters.items()
            if param.default is not inspect.Parameter.empty
        }
    name = fn.__name__
    depth = low.stack.count(key)
    low.deep_calls += len(low.stack) >= _MANY
    if low.deep_calls > _MOST_DEEP_CALLS:
        low.refuse(
            f"functions that call one another make more than {_MOST_DEEP_CALLS} calls, each of "
            "which would be written out.",
            "Call a function once and keep its result, or write a loop.",
        )
    if depth >= _DEEP:
        _check_recursion(low, name, depth, (*args, *kwargs.values()))
    names = names_of(source.parsed.module)
    scope = names.scope(node)
    frame = Frame(source, node, scope.locals, names, parent)
    if source.function.__module__ == COMPOSITIONS:
        frame.caller = low.frame
    bound = bind(low, name, node.params, defaults, args, kwargs)
    frame.arguments = tuple(bound)
    frame.env.update(bound)
    if scope.yields:
        return run_generator(low, name, frame, lambda body: _run_body(low, name, frame, key, body))
    return _run_body(low, name, frame, key, low.body)


def _run_body(
    low: Lowerer,
    name: str,
    frame: Frame,
    key: object,
    body: Callable[[cst.FunctionDef | cst.Lambda], Operand],
) -> Operand:
    """Lower the body of a function in its frame."""
    node, outer = frame.node, frame.names.scope(frame.node).outer
    outermost = low.frame is None
    with lent(low, frame.parent or frame, frame, sorted(outer)), low.entered(frame, key):
        if isinstance(node, cst.FunctionDef) and node.asynchronous is not None:
            low.refuse(f"`{name}` is async, which is not supported.", "Make it a plain function.")
        result = body(node)
        return low.current(result) if outermost else result


def _check_recursion(low: Lowerer, name: str, depth: int, args: Args) -> None:
    """Refuse a recursion whose depth is not known; that of known numbers or sizes may go on."""
    need = NeedsStatic.of(
        low,
        Pack(tuple, args),
        f"`{name}` calls itself, and how deep is only known when the program runs.",
        "Let the depth depend on ints or sizes of arrays, or write it as a loop.",
    )
    if depth == _DEEP and need.parameters:
        raise need
    if depth >= _DEEPEST:
        low.refuse(f"`{name}` calls itself more than {_DEEPEST} times.", "Write it as a loop.")


def name_of(fn: Any) -> str:
    """Return what a callable is called, in errors."""
    return getattr(fn, "__name__", type(fn).__name__)
