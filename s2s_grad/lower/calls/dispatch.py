"""Calls: what the callable is decides whether it is inlined, applied, run now, or an effect."""

from __future__ import annotations

import enum
import functools
import sys
import types
from typing import Any

import libcst as cst
import numpy as np

from s2s_grad.analysis.activity import can_be_active
from s2s_grad.analysis.infer import type_of
from s2s_grad.errors import NoSource
from s2s_grad.ir.nodes import Const, Operand, Origin, Pack
from s2s_grad.ir.primitives import INFIX, PREFIX, primitive
from s2s_grad.ir.trees import named_fields
from s2s_grad.ir.types import ListOf, Random, Scalar, Sequence
from s2s_grad.lower.calls.array_calls import ARRAY_CALLS
from s2s_grad.lower.calls.builtin_calls import BUILTINS
from s2s_grad.lower.calls.function_arguments import with_functions
from s2s_grad.lower.calls.getters import call_method_of
from s2s_grad.lower.calls.inlining import (
    COMPOSITIONS,
    call_now,
    inline,
    inline_or_tape,
    name_of,
    values_of,
)
from s2s_grad.lower.calls.known_calls import KNOWN_CALLS, unbound, unseen, within_reach
from s2s_grad.lower.calls.library_calls import LIBRARY, REFUSED_CALLS
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.items import items_of
from s2s_grad.lower.objects.iterate import as_sequence
from s2s_grad.lower.objects.list_arrays import array_below
from s2s_grad.lower.objects.records import call_object, construct, is_record
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.terms.local_functions import LocalFunction
from s2s_grad.lower.terms.values import (
    MISSING,
    Args,
    Internal,
    Kwargs,
    Method,
    Partial,
    is_mutable_pack,
    static_value,
)
from s2s_grad.lower.writes.draws import GENERATORS, draw_from
from s2s_grad.lower.writes.write_calls import UFUNC_METHODS, WRITES, apply_to, write_result
from s2s_grad.read.parts import callable_parts
from s2s_grad.rules import Rule, find_composition, find_rule

__all__ = ["call", "call_expression"]


_PURE = {"numpy", "scipy", "math", "cmath"}
_PURE_MODULES = ("s2s_grad.runtime", "s2s_grad.rules", "s2s_grad.ir")
_OPERATORS = {
    **{spelled.function: fn for fn, spelled in INFIX.items() if spelled.function is not fn},
    **{spelled.function: fn for fn, spelled in PREFIX.items()},
}
_HANDLERS = {**KNOWN_CALLS, **BUILTINS, **LIBRARY, **ARRAY_CALLS, **WRITES}
_HIDDEN_STATE = (np.random.Generator, np.random.RandomState, np.random.BitGenerator)
_GENERATORS: dict[Any, type] = {
    np.random.default_rng: np.random.Generator,
    np.random.Generator: np.random.Generator,
    np.random.RandomState: np.random.RandomState,
}
_REMEMBERS = type(functools.lru_cache(len))
_MUTABLE = (list, dict, set, bytearray)
_READING = {"get", "items", "keys", "values", "index", "count", "copy"}


def call_expression(low: Lowerer, node: cst.Call) -> Operand:
    """Lower a call as it is written."""
    function = low.expression(node.func)
    args: list[Operand] = []
    kwargs: Kwargs = {}
    for arg in node.args:
        value = low.expression(arg.value)
        if arg.star == "*":
            args.extend(items_of(low, value, node=arg.value))
        elif arg.star == "**":
            packed = expand(low, value)
            if packed is None or packed.kind is not dict:
                low.refuse("`**` of a dict whose keys are not known.", "Name them.", arg.value)
            kwargs.update(zip(packed.keys, packed.items, strict=True))
        elif arg.keyword is not None:
            kwargs[arg.keyword.value] = value
        else:
            args.append(value)
    with low.at(node):
        if isinstance(function, Pack) and is_record(function):
            return call_object(low, function, tuple(args), kwargs)
        if not isinstance(function, Const):
            name = low.source.text_of(node.func)
            low.refuse(
                f"which function `{name}` is, is only known when the program runs.",
                "Pass the function itself as an argument, or call it inside each branch.",
            )
        given = tuple(map(low.latest, args))  # what comes after may have changed a container
        named = {name: low.latest(value) for name, value in kwargs.items()}
        return low.call(function.value, given, named, low.origin(node))


def call(low: Lowerer, fn: Any, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """Lower a call of `fn`."""
    own = None if isinstance(fn, type) else getattr(fn, "__s2s_lower__", None)
    if own is not None:
        return own(low, args, kwargs)
    if isinstance(fn, Internal):
        return _call_internal(low, fn, args, kwargs, origin)
    if getattr(fn, "__s2s_static__", False):
        return call_now(low, fn, args, kwargs)
    owner = getattr(fn, "__self__", None)
    if isinstance(owner, np.ufunc) and fn.__name__ in UFUNC_METHODS:
        return UFUNC_METHODS[fn.__name__](low, owner, args, kwargs, origin)
    key = fn if _is_hashable(fn) else None
    if key in REFUSED_CALLS:
        reason, remedy = REFUSED_CALLS[key]
        low.refuse(f"`{name_of(fn)}` {reason}.", remedy)
    if key in _GENERATORS:
        t = Random(_GENERATORS[key])
        return low.effect(fn, *args, result=True, type=t, origin=origin, kwargs=kwargs)
    handler = _HANDLERS.get(key)
    if handler is not None:
        return handler(low, *with_functions(low, key, args, kwargs), origin)
    if key in _OPERATORS and not kwargs:
        return low.apply(_OPERATORS[fn], *args, origin=origin)
    if key is not None and (_is_pure(fn) or find_rule(fn) is not None):
        return _apply(low, fn, args, kwargs, origin)
    if isinstance(fn, type):
        return _construct(low, fn, args, kwargs, origin)
    return _call_parts(low, fn, args, kwargs, origin)


def _call_parts(low: Lowerer, fn: Any, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """Lower a call of a partial application, bound method, callable object or function."""
    if isinstance(fn, types.BuiltinMethodType) and not isinstance(fn.__self__, types.ModuleType):
        return _builtin_method(low, fn, args, kwargs, origin)
    if isinstance(getattr(fn, "__self__", None), GENERATORS):
        return draw_from(low, fn.__self__, fn.__name__, args, kwargs, origin)
    found = unbound(low, fn, args, kwargs, origin)
    if found is not None:
        return found
    parts = callable_parts(fn)
    if isinstance(fn, _REMEMBERS):
        found = low.call(parts.function, args, kwargs, origin)
        if is_mutable_pack(found):
            low.refuse("a remembered result that can be changed.", "Call the function itself.")
        low.aliases.keep(found)
        return found
    if parts.function is not fn:
        low.outside.content(fn)
        for kind in parts.called:
            low.outside.attribute(kind, "__call__")
        first = tuple(Const(value) for value in parts.args)
        options = {name: Const(value) for name, value in parts.kwargs.items()}
        return low.call(parts.function, (*first, *args), {**options, **kwargs}, origin)
    if isinstance(fn, types.FunctionType) and not _is_standard(fn):
        try:
            return inline_or_tape(low, fn, args, kwargs)
        except NoSource:
            if low.frame is None or within_reach(low, args, kwargs):
                raise
    return unseen(low, fn, args, kwargs, origin)


def _call_internal(
    low: Lowerer, fn: Internal, args: Args, kwargs: Kwargs, origin: Origin
) -> Operand:
    match fn:
        case LocalFunction():
            return inline(low, fn, args, kwargs)
        case Partial():
            return low.call(fn.function, (*fn.args, *args), {**fn.kwargs, **kwargs}, origin)
        case Method():
            now = low.memory.shallow(fn.receiver)
            if now is not fn.receiver:  # the method keeps its object, which was changed since
                return call_method_of(low, now, fn.name, args, kwargs, origin)
            out = kwargs.pop("out", None)
            if out is not None and static_value(out) is not None:
                result = fn.lower(low, fn.receiver, args, kwargs, low.builder.origin)
                return write_result(low, out, result)
            return fn.lower(low, fn.receiver, args, kwargs, origin)
        case _:
            low.refuse("this object cannot be called.")


def _apply(low: Lowerer, fn: Any, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    if isinstance(fn, np.ufunc) and not fn.nin <= len(args) <= fn.nargs:
        low.refuse(
            f"`{fn.__name__}` takes {fn.nin} arguments, and {len(args)} are given.",
            "Give as many as it takes.",
        )
    if isinstance(fn, np.ufunc) and len(args) > fn.nin:
        args, (out, *_) = args[: fn.nin], args[fn.nin :]
        return apply_to(low, fn, args, kwargs, out, origin)
    kwargs = dict(kwargs)
    out = kwargs.pop("out", None)
    if out is not None and static_value(out) is not None:
        return apply_to(low, fn, args, kwargs, out, origin)
    args = tuple(as_sequence(low, arg) for arg in args)
    known = {name: static_value(value) for name, value in kwargs.items()}
    composed = find_composition(fn, tuple(map(static_value, args)), known)
    if composed is not None and any(map(_may_move, (*args, *kwargs.values()))):
        return inline(low, composed, args, kwargs)
    rule = find_rule(fn)
    if rule is not None and fn is not np.array:
        names, last = dict(enumerate(rule.parameters)), rule.parameters[-1:]
        rest = last[0] if last and last[0].startswith("*") else ""
        args = tuple(_as_array(low, rule, names.get(i, rest), arg) for i, arg in enumerate(args))
        kwargs = {name: _as_array(low, rule, name, arg) for name, arg in kwargs.items()}
    divides = isinstance(fn, np.ufunc) and fn.nin == 2 and primitive(fn).has_pole
    if isinstance(fn, np.ufunc) and (fn in INFIX or fn in PREFIX or divides):
        args = _as_numpy(low, args)
    return low.apply(fn, *args, origin=origin, kwargs=kwargs)


def _as_numpy(low: Lowerer, args: Args) -> Args:
    """Return operands of a function of NumPy that is not Python's operator: one is NumPy's."""
    types = [type_of(arg) for arg in args]
    if not all(isinstance(t, Scalar) for t in types):
        plain = all(isinstance(t, (Scalar, Sequence, ListOf)) for t in types)
        lists = [isinstance(t, (Sequence, ListOf)) for t in types] if plain else [False] * len(args)
        pairs = zip(args, lists, strict=True)
        return tuple(low.apply(np.array, arg) if listed else arg for arg, listed in pairs)
    floats = [
        isinstance(t, Scalar) and t.kind in ("float", "complex") and not isinstance(arg, Const)
        for t, arg in zip(types, args, strict=True)
    ]
    if True not in floats:
        return args
    at = floats.index(True)
    return (*args[:at], low.apply(np.asarray, args[at]), *args[at + 1 :])


def _may_move(operand: Operand) -> bool:
    """Return whether an operand may be a float that is differentiated."""
    return not isinstance(operand, Const) and can_be_active(type_of(operand))


def _as_array(low: Lowerer, rule: Rule, name: str, operand: Operand) -> Operand:
    """Return a list as an array where the function asks for an array, not for a list of them."""
    if isinstance(type_of(operand), ListOf):
        return operand if primitive(rule.primal).of_lists else low.apply(np.array, operand)
    depth = 0 if name.startswith("*") else rule.nesting(name)
    return operand if depth is None else array_below(low, operand, depth)


def _is_pure(fn: Any) -> bool:
    """Return whether a function of a library computes its result and does nothing else."""
    module: str = getattr(fn, "__module__", None) or ""
    bound = getattr(fn, "__self__", None)
    if isinstance(bound, _HIDDEN_STATE) or module.startswith("numpy.random"):
        return False
    if isinstance(fn, np.ufunc) or isinstance(bound, np.ufunc):
        return True
    if isinstance(fn, type) and issubclass(fn, BaseException):
        return True
    if module.startswith(_PURE_MODULES):
        return module != COMPOSITIONS
    return module.partition(".")[0] in _PURE and not module.startswith("scipy.stats._distn")


def _is_standard(fn: types.FunctionType) -> bool:
    """Return whether a function belongs to the standard library, which is not inlined."""
    module = fn.__module__ or ""
    return module.partition(".")[0] in sys.stdlib_module_names - {"__main__"}


def _builtin_method(
    low: Lowerer, fn: types.BuiltinMethodType, args: Args, kwargs: Kwargs, origin: Origin
) -> Operand:
    """Lower a method, made in C, of an object known at compile time."""
    owner: Any = fn.__self__
    if isinstance(owner, _MUTABLE) and fn.__name__ not in _READING:
        low.refuse(
            f"`{fn.__name__}` changes an object outside the function.",
            "Return the value instead.",
        )
    values, options = values_of(args, kwargs)
    known = not any(value is MISSING for value in (*values, *options.values()))
    if isinstance(owner, (str, bytes, int, float, complex, tuple, range, *_MUTABLE)):
        if known:
            return Const(fn(*values, **options))
        if isinstance(owner, str):
            written = getattr(str, fn.__name__)
            return low.apply(written, Const(owner), *args, origin=origin, kwargs=kwargs)
    return unseen(low, fn, args, kwargs, origin)


def _defaults_of(low: Lowerer, make: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    """Return the defaults of a class of named tuples, as what makes them has them now."""
    bases: tuple[Any, ...] = make.__mro__
    maker = next(base for base in bases if "__new__" in vars(base))
    if "_fields" not in vars(maker) or make.__init__ is not object.__init__:
        low.refuse(f"`{make.__name__}` makes its tuples in a way of its own.", "Use a function.")
    last: tuple[Any, ...] = low.outside.attribute(make.__new__, "__defaults__") or ()
    return dict(zip(fields[len(fields) - len(last) :], last, strict=True))


def _construct(low: Lowerer, fn: type[Any], args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    """Lower the call of a class."""
    make: Any = fn
    fields = named_fields(fn)
    if fields is not None:
        defaults = _defaults_of(low, make, fields)
        given = dict(zip(fields, args, strict=False)) | kwargs
        missing = [name for name in fields if name not in given and name not in defaults]
        if missing or len(args) > len(fields) or set(kwargs) - set(fields):
            low.refuse(f"the arguments do not fit the fields of `{make.__name__}`.")
        items = (given[name] if name in given else Const(defaults[name]) for name in fields)
        return Pack(make, tuple(items))
    made = construct(low, fn, args, kwargs)
    if made is not None:
        return made
    values, options = values_of(args, kwargs)
    if fn.__module__ == "builtins":
        return unseen(low, make, args, kwargs, origin)
    if issubclass(fn, enum.Enum) and len(values) == 1 and values[0] is not MISSING:
        return Const(make(*values))
    known = not any(
        value is MISSING or isinstance(value, Internal) for value in (*values, *options.values())
    )
    if known and getattr(fn, "__dataclass_params__", None) is not None:
        return Const(make(*values, **options))
    low.refuse(
        f"creating an object of the class `{make.__name__}` is not supported.",
        "Create it outside the function, or use a tuple, a dict or a NamedTuple.",
    )


def _is_hashable(fn: Any) -> bool:
    try:
        hash(fn)
    except TypeError:
        return False
    return True
