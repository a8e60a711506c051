"""Expressions: names, literals, containers, subscripts, lambdas; the rest is in `operations`."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst
import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.errors import UnsupportedSyntax
from s2s_grad.ir.guards import class_of
from s2s_grad.ir.nodes import Const, Operand, Pack, Var
from s2s_grad.ir.operators import fstring
from s2s_grad.ir.trees import named_fields
from s2s_grad.ir.types import (
    NEVER,
    Array,
    Dict,
    ListOf,
    Range,
    Scalar,
    Sequence,
    Type,
    Unknown,
    join,
)
from s2s_grad.lower import assign, attributes, calls, comprehensions, operations
from s2s_grad.lower.array_calls import joined_by_subscript
from s2s_grad.lower.bound import check_name
from s2s_grad.lower.generators import GENERATORS
from s2s_grad.lower.lists import list_of
from s2s_grad.lower.records import is_record, special
from s2s_grad.lower.refuse import REFUSED_EXPRESSIONS, NeedsStatic
from s2s_grad.lower.slots import measured
from s2s_grad.lower.store import check_index
from s2s_grad.lower.unpack import expand, items_of
from s2s_grad.lower.values import (
    MISSING,
    NONE,
    Collecting,
    Conflict,
    DictView,
    LocalFunction,
    acts_at_run_time,
    is_undefined,
    static_value,
)

if TYPE_CHECKING:
    from s2s_grad.lower.lowerer import Lowerer

__all__ = ["EXPRESSIONS", "index_of", "subscript"]

_KEYWORDS = {"True": True, "False": False, "None": None}


def _name(low: Lowerer, node: Any) -> Operand:
    name: str = node.value
    if name in _KEYWORDS:
        return Const(_KEYWORDS[name], name)
    for reading in low.memory.readings:
        reading.name(low.here, name)
    operand = low.here.lookup(name)
    if operand is None:
        try:
            return low.known(low.outside.name(low.source, name), name, node)
        except NameError:
            low.refuse(f"the name `{name}` is not defined.", "Define it first.", node)
    if is_undefined(operand):
        low.refuse(f"`{name}` is read before it is assigned.", "Assign it before this line.", node)
    if isinstance(operand, Const) and isinstance(operand.value, Conflict):
        conflict = operand.value
        kind = NeedsStatic if conflict.static else UnsupportedSyntax
        low.refuse(f"`{name}` {conflict.reason}.", conflict.remedy, node, kind, (operand,))
    check_name(low, name)
    return operand


def _number(low: Lowerer, node: Any) -> Operand:
    return Const(ast.literal_eval(node.value), node.value)


def _string(low: Lowerer, node: Any) -> Operand:
    return Const(node.evaluated_value, low.source.text_of(node))


def _concatenated(low: Lowerer, node: cst.ConcatenatedString) -> Operand:
    if node.evaluated_value is not None:
        return Const(node.evaluated_value, low.source.text_of(node))
    parts = (*_parts(low, node.left), *_parts(low, node.right))
    return low.apply(fstring, *parts, origin=low.origin(node))


def _formatted(low: Lowerer, node: Any) -> Operand:
    return low.apply(fstring, *_parts(low, node), origin=low.origin(node))


def _parts(low: Lowerer, node: Any) -> tuple[Operand, ...]:
    """Return the parts of an f-string as `fstring` takes them."""
    match node:
        case cst.ConcatenatedString():
            return (*_parts(low, node.left), *_parts(low, node.right))
        case cst.FormattedString():
            parts: list[Operand] = []
            for part in node.parts:
                if isinstance(part, cst.FormattedStringText):
                    text = part.value.replace("{{", "{").replace("}}", "}")
                    raw = "r" if "r" in node.prefix else ""
                    parts.append(Const(ast.literal_eval(f"{raw}{node.quote}{text}{node.quote}")))
                elif isinstance(part, cst.FormattedStringExpression):
                    parts.extend(_replacement(low, part))
            return tuple(parts)
        case _:
            return (_string(low, node),)


def _replacement(low: Lowerer, part: cst.FormattedStringExpression) -> tuple[Operand, ...]:
    spec = ""
    for piece in part.format_spec or ():
        if not isinstance(piece, cst.FormattedStringText):
            low.refuse("a format specification that is computed.", "Write it out.", part.expression)
        spec += piece.value
    value = low.expression(part.expression)
    conversion = part.conversion or ""
    if spec and not conversion:
        _check_format(low, value, spec)
    replaced = Pack(tuple, (value, Const(conversion), Const(spec)))
    if part.equal is None:
        return (replaced,)
    if not conversion and not spec:
        replaced = Pack(tuple, (value, Const("r"), Const("")))
    return (Const(low.source.text_of(part.expression) + "="), replaced)


def _check_format(low: Lowerer, value: Operand, spec: str) -> None:
    """Refuse a format that values of this type do not take."""
    t = type_of(value)
    example: Any = None
    if isinstance(t, Scalar):
        example = {"bool": True, "int": 1, "float": 0.5, "complex": 0.5j}[t.kind]
    elif isinstance(t, Array) and t.dtype is not None and t.shape is not None:
        example = np.ones(2) if t.shape else t.dtype.type(1)
    try:
        if example is not None:
            format(example, spec)
    except (TypeError, ValueError) as error:
        low.refuse(f"the format `{spec}` fails: {error}.")


def _elements(low: Lowerer, elements: Any) -> tuple[Operand, ...]:
    items: list[Operand] = []
    for element in elements:
        value = low.expression(element.value)
        if isinstance(element, cst.StarredElement):
            items.extend(items_of(low, value, node=element.value))
        else:
            items.append(value)
    return tuple(items)


def _tuple(low: Lowerer, node: cst.Tuple) -> Operand:
    return Pack(tuple, _elements(low, node.elements))


def _list(low: Lowerer, node: cst.List) -> Operand:
    return Pack(list, _elements(low, node.elements))


def _dict(low: Lowerer, node: cst.Dict) -> Operand:
    items: dict[Any, Operand] = {}
    for element in node.elements:
        if isinstance(element, cst.StarredDictElement):
            inner = expand(low, low.expression(element.value))
            if inner is None or inner.kind is not dict:
                low.refuse("`**` of a dict whose keys are not known.", "Name the keys.", node)
            items.update(zip(inner.keys, inner.items, strict=True))
        elif isinstance(element, cst.DictElement):
            key = static_value(low.expression(element.key))
            if key is MISSING:
                low.refuse(
                    "a dict key that is only known when the program runs.",
                    "Use keys that are literals.",
                    element.key,
                )
            items[key] = low.expression(element.value)
    return Pack(dict, tuple(items.values()), tuple(items))


def _ellipsis(low: Lowerer, node: Any) -> Operand:
    return Const(Ellipsis, "...")


def _walrus(low: Lowerer, node: cst.NamedExpr) -> Operand:
    value = low.expression(node.value)
    assign.assign(low, node.target, value)
    return value


def _lambda(low: Lowerer, node: cst.Lambda) -> Operand:
    return Const(make_function(low, node, "<lambda>"))


def make_function(low: Lowerer, node: cst.Lambda | cst.FunctionDef, name: str) -> LocalFunction:
    """Return the function that a definition inside the code being lowered makes."""
    frame = low.here
    frame.captured = True
    params = node.params
    defaults = {
        param.name.value: low.expression(param.default)
        for param in (*params.posonly_params, *params.params, *params.kwonly_params)
        if param.default is not None
    }
    return LocalFunction(name, node, frame, defaults)


def _attribute(low: Lowerer, node: cst.Attribute) -> Operand:
    name = low.source.mangled(node.attr.value)
    return attributes.attribute(low, low.expression(node.value), name, node)


def _subscript(low: Lowerer, node: cst.Subscript) -> Operand:
    base = low.expression(node.value)
    index = index_of(low, node)
    with low.at(node):
        return subscript(low, base, index, node)


def index_of(low: Lowerer, node: cst.Subscript) -> Operand:
    """Lower the index of a subscript."""
    items = [_index(low, element.slice) for element in node.slice]
    trailing = isinstance(node.slice[-1].comma, cst.Comma)
    return items[0] if len(items) == 1 and not trailing else Pack(tuple, tuple(items))


def _index(low: Lowerer, node: cst.BaseSlice) -> Operand:
    if isinstance(node, cst.Slice):
        bounds = (node.lower, node.upper, node.step)
        return Pack(slice, tuple(NONE if b is None else low.expression(b) for b in bounds))
    assert isinstance(node, cst.Index)
    if node.star:
        low.refuse("a starred index.", "Write the items out.", node.value)
    index = low.expression(node.value)
    if isinstance(index, Const) and isinstance(index.value, range):
        bounds = (index.value.start, index.value.stop, index.value.step)
        return low.call(np.arange, tuple(map(Const, bounds)))
    return low.apply(np.array, index) if isinstance(type_of(index), Range) else index


def subscript(
    low: Lowerer, base: Operand, index: Operand, node: cst.BaseExpression | None = None
) -> Operand:
    """Lower ``base[index]``."""
    base = low.latest(base)
    if is_record(base):
        own = special(low, operator.getitem, (base, index), low.builder.origin)
        if own is None:
            low.refuse("an object whose class has no `__getitem__` has no items.")
        return own
    key = static_value(index)
    if isinstance(base, Const) and isinstance(base.value, DictView):
        low.refuse(f"{base.value.what} has no items by index.", "Make a list of it.")
    if isinstance(base, Const) and isinstance(base.value, Collecting):
        return _item_so_far(low, base, base.value, key)
    container = base if isinstance(base, Pack) else None
    if isinstance(base, Const):
        container = expand(low, base)
    if container is not None and key is not MISSING:
        return _item(low, container, key)
    origin = None if node is None else low.origin(node)
    t = type_of(base)
    if isinstance(t, (Sequence, Dict)) and not isinstance(base, Const):
        if key is MISSING or isinstance(index, Pack):
            container = expand(low, base)
        if key is not MISSING and container is not None:
            return _item(low, container, key)
    if container is not None:
        return _dynamic_item(low, container, index, origin)
    if isinstance(base, Const) and not isinstance(t, (Array, ListOf)):
        found = _item_of_object(low, base, index, key)
        if found is not None:
            return found
    check_index(low, index)
    return low.apply(operator.getitem, base, index, origin=origin)


def _item_of_object(low: Lowerer, base: Const, index: Operand, key: Any) -> Operand | None:
    """Lower a subscript of an object that is known; None for a range, which can be indexed."""
    value: Any = base.value
    if acts_at_run_time(value):
        kind: Any = class_of(value)
        if not low.outside.has_attribute(kind, "__getitem__"):
            low.refuse(f"an object of the class `{kind.__name__}` has no items.")
        return low.call(kind.__getitem__, (base, index))
    if key is not MISSING:
        try:
            return Const(value[key])
        except Exception as error:
            low.refuse(f"this subscript fails: {error!r}.")
    joined = joined_by_subscript(low, value, index)
    if joined is None and not isinstance(value, range):
        raise NeedsStatic.of(low, index)
    return joined


def _item_so_far(low: Lowerer, operand: Operand, base: Collecting, key: Any) -> Operand:
    """Lower a subscript of a list that the loop around it fills: its last items are known."""
    if isinstance(key, int) and -len(base.items) <= key < 0:
        return base.items[key]
    if key == -1 and not is_undefined(base.last):
        return base.last
    low.refuse_collecting(operand)


def _item(low: Lowerer, container: Pack, key: Any) -> Operand:
    kind: Any = container.kind
    sliced: Any = isinstance(key, slice)
    if sliced and kind is not dict:
        named = named_fields(kind) is not None  # a slice of a NamedTuple is a plain tuple
        return Pack(tuple if named else kind, container.items[key])
    try:
        place = container.keys.index(key) if kind is dict else operator.index(key)
        return container.items[place]
    except (IndexError, ValueError, TypeError):
        size = len(container.items)
        what = f"a dict with the keys {list(container.keys)}" if container.keys else f"{size} items"
        low.refuse(f"there is no item {key!r} in {what}.", "Check the key, or its bounds.")


def _dynamic_item(low: Lowerer, container: Pack, index: Operand, origin: Any) -> Operand:
    """Lower a subscript of a container of known length with a computed index."""
    numbers = [static_value(item) for item in container.items]
    plain = all(isinstance(number, (int, float, complex)) for number in numbers)
    listed = container.kind in (tuple, list) and bool(container.items)
    if listed and plain and isinstance(index, Var) and not isinstance(type_of(index), Unknown):
        kind: Type = NEVER
        for item in container.items:
            kind = join(kind, measured(item))
        return low.apply(operator.getitem, container, index, origin=origin, type=kind)
    need = NeedsStatic.of(low, index)
    whole = container.kind in (tuple, list) and isinstance(type_of(index), Scalar)
    found = list_of(low, container) if whole and not need.parameters else None
    if found is None:
        raise need
    return low.apply(operator.getitem, found, index, origin=origin)


def _set(low: Lowerer, node: cst.Set) -> Operand:
    values = [static_value(item) for item in _elements(low, node.elements)]
    if any(value is MISSING for value in values):
        low.refuse("a set of values that are only known when the program runs.", "Use a list.")
    return Const(set(values))


EXPRESSIONS: dict[type[cst.CSTNode], Callable[[Lowerer, Any], Operand]] = {
    cst.Name: _name,
    cst.Integer: _number,
    cst.Float: _number,
    cst.Imaginary: _number,
    cst.SimpleString: _string,
    cst.ConcatenatedString: _concatenated,
    cst.FormattedString: _formatted,
    cst.Tuple: _tuple,
    cst.List: _list,
    cst.Dict: _dict,
    cst.Ellipsis: _ellipsis,
    cst.Set: _set,
    cst.NamedExpr: _walrus,
    cst.Lambda: _lambda,
    cst.Attribute: _attribute,
    cst.Subscript: _subscript,
    cst.Call: calls.call_expression,
    **operations.OPERATIONS,
    **comprehensions.COMPREHENSIONS,
    **GENERATORS,
    **REFUSED_EXPRESSIONS,
}
