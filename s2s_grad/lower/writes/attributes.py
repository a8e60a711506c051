"""Attributes: of modules and other static objects, of arrays, of containers."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, cast

import libcst as cst
import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.guards import class_of
from s2s_grad.ir.nodes import Const, Operand, Origin, Pack, Var
from s2s_grad.ir.trees import named_fields
from s2s_grad.ir.types import Dict, ListOf, Random, Range, Sequence
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.memory.heap import is_conflict
from s2s_grad.lower.objects.containers import CONTAINER_METHODS, append
from s2s_grad.lower.objects.lists import LIST_METHODS
from s2s_grad.lower.objects.records import Super, attribute_of, is_record
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.terms.local_functions import LocalFunction
from s2s_grad.lower.terms.static import classes_of
from s2s_grad.lower.terms.values import NONE, Collecting, Internal, Method
from s2s_grad.lower.writes.draws import draw_from
from s2s_grad.lower.writes.methods import (
    ARRAY_ATTRIBUTES,
    ARRAY_METHODS,
    REFUSED_METHODS,
    MethodLowering,
)

__all__ = ["attribute"]


def attribute(low: Lowerer, base: Operand, name: str, node: cst.BaseExpression) -> Operand:
    """Lower ``base.name``."""
    with low.at(node):
        if isinstance(base, Const) and not isinstance(base.value, (np.ndarray, np.generic)):
            return _of_object(low, base, name, node)
        if isinstance(base, Var) and isinstance(base.type, Dict) and base.type.kind is not dict:
            base = expand(low, base) or base
        if is_record(base):
            return _of_record(low, base, name)
        if isinstance(base, Pack) or isinstance(type_of(base), (Sequence, Dict)):
            return _of_container(low, base, name)
        t = type_of(base)
        if isinstance(t, Random):
            return Const(Method(base, name, _draws(name)))
        return _of_array(low, base, name, node)


def _draws(name: str) -> MethodLowering:
    return lambda low, x, args, kwargs, origin: draw_from(low, x, name, args, kwargs, origin)


def _of_object(low: Lowerer, base: Const, name: str, node: cst.BaseExpression) -> Operand:
    value: Any = base.value
    if isinstance(value, Super):
        return _of_record(low, base, name)
    if isinstance(value, (dict, list)) or (isinstance(value, Internal) and not _has(value, name)):
        return _of_container(low, base, name)
    if isinstance(value, (int, float, complex)) and name in ("real", "imag"):
        return Const(getattr(value, name))
    own = getattr(class_of(value), name, None)
    if isinstance(own, property) and isinstance(own.fget, types.FunctionType):
        low.outside.attribute(class_of(value), name)
        return low.call(own.fget, (base,))
    try:
        found = low.outside.attribute(value, name)
    except AttributeError:
        kind = class_of(base.value)
        low.refuse(
            f"`{getattr(base.value, '__name__', kind.__name__)}` has no attribute `{name}`.",
            "Check the name.",
        )
    if isinstance(found, types.MethodWrapperType):
        low.refuse(f"`{name}` is not supported as a method.", "Write the operator.")
    # A module's or object's name is the user's to spell; a path of plain names can be printed.
    spelled = base.text and found is not None  # `np.newaxis` is None
    return low.known(found, low.source.text_of(node) if spelled else "", node)


def _of_record(low: Lowerer, base: Operand, name: str) -> Operand:
    found = attribute_of(low, base, name)
    if found is None:
        kind: type[Any] = base.kind if isinstance(base, Pack) else cast(Const, base).value.kind
        low.refuse(
            f"an object of the class `{kind.__name__}` has no attribute `{name}` here.",
            "Check the name.",
        )
    return found


def _has(value: Internal, name: str) -> bool:
    return isinstance(value, LocalFunction) and name == "__name__"


def _of_container(low: Lowerer, base: Operand, name: str) -> Operand:
    if isinstance(base, Const) and isinstance(base.value, Collecting) and name == "append":
        return Const(Method(base, name, _collect))
    if isinstance(base, Const) and isinstance(base.value, Collecting):
        low.refuse_collecting(base)
    if is_conflict(base):
        low.current(base)
    packed = expand(low, base)
    names = _names_of(low, base)
    if packed is not None and name in names:
        return packed.items[names.index(name)]
    changes = name in _CHANGES
    if changes and not isinstance(base, Pack):
        low.refuse(
            f"`{name}` changes a list or dict that belongs to the module, the caller or a loop.",
            "Make a new one, or fill an array.",
        )
    if packed is not None:
        fields = named_fields(packed.kind)
        if fields is not None and name in fields:
            place = fields.index(name)
            return packed.items[place]
        method = CONTAINER_METHODS.get((_family(packed.kind), name))
        if method is not None:
            return Const(Method(packed, name, method))
        if fields is not None:
            if name in _NAMED_TUPLE_METHODS:
                return Const(Method(packed, name, _NAMED_TUPLE_METHODS[name]))
            found = attribute_of(low, packed, name)
            if found is not None:
                return found
            low.refuse(f"`{packed.kind.__name__}` has no field `{name}`.")
    kind = "container" if packed is None else packed.kind.__name__
    low.refuse(f"the {kind} method or attribute `{name}` is not supported.")


def _names_of(low: Lowerer, base: Operand) -> tuple[str, ...]:
    """Return the names that NumPy has for the items of a result."""
    made = base if isinstance(base, Var) else low.memory.read_from.get(base)
    t = None if made is None else type_of(made)
    return t.names if isinstance(t, Sequence) else ()


def _replace(
    low: Lowerer, x: Pack, args: tuple[Operand, ...], kwargs: dict[str, Operand], origin: Origin
) -> Operand:
    """``x._replace(name=value)`` of a NamedTuple."""
    pairs = zip(named_fields(x.kind) or (), x.items, strict=True)
    return Pack(x.kind, tuple(kwargs.get(name, value) for name, value in pairs))


def _asdict(
    low: Lowerer, x: Pack, args: tuple[Operand, ...], kwargs: dict[str, Operand], origin: Origin
) -> Operand:
    """``x._asdict()`` of a NamedTuple."""
    return Pack(dict, x.items, named_fields(x.kind) or ())


_NAMED_TUPLE_METHODS: dict[str, Callable[..., Operand]] = {"_asdict": _asdict, "_replace": _replace}
_CHANGES = {
    "append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "update",
    "setdefault", "popitem",
}  # fmt: skip


def _collect(
    low: Lowerer, x: Operand, args: tuple[Operand, ...], kwargs: dict[str, Operand], origin: Origin
) -> Operand:
    """``append`` to a list that a loop fills."""
    append(low, low.memory.shallow(x), args[0])
    return NONE


def _family(kind: type) -> type:
    return dict if issubclass(kind, dict) else list if issubclass(kind, list) else tuple


def _of_array(low: Lowerer, base: Operand, name: str, node: cst.BaseExpression) -> Operand:
    if isinstance(type_of(base), ListOf) and name in LIST_METHODS:
        return Const(Method(base, name, LIST_METHODS[name]))
    if isinstance(type_of(base), (ListOf, Range)):
        low.refuse(
            f"`{name}` of a list is not supported.", "Use a loop, or stack the list to an array."
        )
    lacking = next((c for c in classes_of(type_of(base)) or () if not hasattr(c, name)), None)
    if lacking is not None:
        low.refuse(f"a value of the class `{lacking.__name__}` has no attribute `{name}`.")
    if name in ARRAY_ATTRIBUTES:
        return ARRAY_ATTRIBUTES[name](low, base, low.origin(node))
    if name in ARRAY_METHODS:
        return Const(Method(base, name, ARRAY_METHODS[name]))
    if name in REFUSED_METHODS:
        reason, remedy = REFUSED_METHODS[name]
        low.refuse(f"`.{name}` {reason}.", remedy)
    low.refuse(f"the attribute `{name}` of an array is not supported.", "Use a NumPy function.")
