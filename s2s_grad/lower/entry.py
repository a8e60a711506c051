"""Lower a function with given argument types to a program."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import libcst as cst
import numpy as np

from s2s_grad.analysis.infer import infer as default_infer
from s2s_grad.analysis.nesting import check_nesting
from s2s_grad.errors import NoSource, UnsupportedSyntax
from s2s_grad.ir.builder import Infer
from s2s_grad.ir.nodes import UNDEFINED, Block, Const, Function, Operand, Pack, Param, Role, Var
from s2s_grad.ir.types import UNKNOWN, Array, Dict, Sequence, Static, Type
from s2s_grad.lower.calls.raising import with_result
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.core.powers import drop_unread_checks
from s2s_grad.lower.handlers import HANDLERS
from s2s_grad.lower.objects.unpack import leaves, pack_of_type
from s2s_grad.lower.splitting import Lowered, Ways, lower_ways
from s2s_grad.lower.terms.choices import End
from s2s_grad.lower.terms.locate import header_line
from s2s_grad.lower.terms.values import NONE, contains_internal, is_undefined
from s2s_grad.read.parts import callable_parts
from s2s_grad.read.source import read

__all__ = ["lower"]

_EMPTY = inspect.Parameter.empty


def lower(
    fn: Callable[..., Any],
    arg_types: Mapping[str, Type] | None = None,
    infer: Infer | None = None,
    *,
    tape: bool = False,
) -> Function:
    """Return the program of a function called with arguments of these types, by parameter name.

    A parameter that is not named takes its default, which is then part of the program; one
    without a default is of unknown type. ``Static`` types bind their value. ``*args`` is a tuple
    `Sequence`, ``**kwargs`` a `Dict`. With `tape`, a call of a function that cannot be compiled
    runs on the tape.

    Raises
    ------
    UnsupportedSyntax
        If the function, or one that it calls, uses a construct that cannot be compiled.
    NoSource
        If it has no rule and its source cannot be read.
    """
    types = dict(arg_types or {})
    params = tuple(_param(p, types) for p in _parameters(fn, types))

    def attempt(low: Lowerer) -> Lowered:
        return _attempt(fn, params, types, low)

    if tape:
        made = attempt(Lowerer(HANDLERS, infer or default_infer, tape=True))
        found = Ways(made.statements, made.result, [made])
    else:
        found = lower_ways(attempt, infer or default_infer)
    result = NONE if is_undefined(found.result) else found.result
    body = tuple(found.statements)
    block = with_result(Block(tuple(param.var for param in params), body, (result,)))
    block = drop_unread_checks(block)
    check_nesting(block)
    name = getattr(fn, "__name__", None) or getattr(callable_parts(fn).function, "__name__", "")
    known = name if name.isidentifier() else "function"
    doc, line = _describe(fn)
    return Function(known, params, block, doc, line, **_facts(found.attempts, fn))


def _attempt(
    fn: Callable[..., Any], params: tuple[Param, ...], types: dict[str, Type], low: Lowerer
) -> Lowered:
    """Lower the program with the state of a new lowering."""
    for param in params:
        _register(low, param)
    args: list[Operand] = []
    kwargs: dict[str, Operand] = {}
    by_name = False
    with low.builder.nested() as statements:
        for param in params:
            if param.name in types or param.default is None:
                _pass(low, param, args, kwargs, by_name=by_name)
            else:
                by_name = True
        try:
            result = low.call(fn, tuple(args), kwargs)
        except RecursionError:
            low.refuse("this is nested too deeply, or a container holds itself.", "Write a loop.")
        except End:
            result = UNDEFINED
    _check_result(result, fn)
    return Lowered(low, statements, result)


def _facts(attempts: list[Lowered], fn: Callable[..., Any]) -> dict[str, Any]:
    """Return what programs take for granted and read, and what they call, taken together."""
    lows = [attempt.low for attempt in attempts]
    contiguous = {name for low in lows for name in low.memory.contiguous}
    root = callable_parts(fn).function
    callees = {key: callee for low in lows for key, callee in low.callees.items()}
    outside = lows[0].outside
    for low in lows[1:]:
        outside.include(low.outside.reads)
    return {
        "contiguous": tuple(sorted(contiguous)),
        "apart": tuple({place: None for low in lows for place in low.given.apart}),
        "callees": tuple(callee for key, callee in callees.items() if key is not root),
        "reads": outside.reads,
    }


def _parameters(fn: Any, types: dict[str, Type]) -> list[inspect.Parameter]:
    if isinstance(fn, np.ufunc):
        names = list(types) or (["x"] if fn.nin == 1 else [f"x{i + 1}" for i in range(fn.nin)])
        return [inspect.Parameter(n, inspect.Parameter.POSITIONAL_ONLY) for n in names[: fn.nin]]
    try:
        found = list(inspect.signature(fn).parameters.values())
    except (TypeError, ValueError):
        found = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_ONLY) for n in types]
    by_library = not hasattr(callable_parts(fn).function, "__code__")
    from_numpy = (getattr(fn, "__module__", "") or "").partition(".")[0] == "numpy"
    if by_library or from_numpy:
        # Options that were not given keep their defaults, also those that mean "not given".
        return [p for p in found if p.name in types or p.default is _EMPTY]
    return found


def _param(parameter: inspect.Parameter, types: dict[str, Type]) -> Param:
    name, default = parameter.name, parameter.default
    given = types.get(name)
    if given is None and parameter.kind is inspect.Parameter.VAR_POSITIONAL:
        given = types[name] = Sequence(tuple, ())
    if given is None and parameter.kind is inspect.Parameter.VAR_KEYWORD:
        given = types[name] = Dict((), ())
    if given is None:
        given = UNKNOWN if default is _EMPTY else Static(default)
    kept = None if default is _EMPTY else Const(default)
    return Param(Var(name, given, Role.USER), name, parameter.kind, kept)


def _register(low: Lowerer, param: Param) -> None:
    t = param.var.type
    if isinstance(t, Array) and t.shape == ():
        low.aliases.immutable(param.var)  # taken for a NumPy scalar
    else:
        low.aliases.disown(param.var)
    low.parameters[param.var] = param.name


def _pass(
    low: Lowerer,
    param: Param,
    args: list[Operand],
    kwargs: dict[str, Operand],
    *,
    by_name: bool,
) -> None:
    """Pass a parameter on as the argument that it is."""
    t = param.var.type
    operand: Operand
    if isinstance(t, Static):
        operand = Const(t.value)
        low.outside.content(t.value)
    elif isinstance(t, (Sequence, Dict)):
        operand = pack_of_type(low, param.var)
        _separate(low, operand)
    else:
        operand = param.var
    if param.kind is inspect.Parameter.VAR_POSITIONAL:
        assert isinstance(operand, Pack)
        args.extend(operand.items)
    elif param.kind is inspect.Parameter.VAR_KEYWORD:
        assert isinstance(operand, Pack)
        kwargs.update(zip(operand.keys, operand.items, strict=True))
    elif param.kind is inspect.Parameter.KEYWORD_ONLY or by_name:
        kwargs[param.name] = operand
    else:
        args.append(operand)
    low.given.note(operand, (param.name,))


def _separate(low: Lowerer, container: Operand) -> None:
    """Take each array in an argument for one of its own: where that matters it is asked."""
    for leaf in leaves(container):
        if isinstance(leaf, Var) and isinstance(leaf.type, Array) and leaf.type.shape != ():
            low.memory.be_apart(leaf)
            low.aliases.disown(leaf)


def _check_result(result: Operand, fn: Any) -> None:
    inner = contains_internal(result)
    if inner is not None:
        name = getattr(fn, "__name__", repr(fn))
        raise UnsupportedSyntax(
            f"`{name}` returns {inner.what}, which has no derivative.",
            "Return arrays and numbers, or a dataclass or NamedTuple of them.",
        )


def _describe(fn: Any) -> tuple[str, Any]:
    try:
        source = read(getattr(fn, "__s2s_way_of__", fn))
    except NoSource:
        return "", None
    node = source.node
    if isinstance(node, cst.Lambda):
        return "", header_line(source, node, source.text_of(node))
    header = f"def {node.name.value}"
    return inspect.getdoc(source.function) or "", header_line(source, node, header)
