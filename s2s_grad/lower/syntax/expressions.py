"""Expressions: names, literals, containers, subscripts, lambdas; the rest is in `operations`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import libcst as cst
import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.errors import UnsupportedSyntax
from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.ir.operators import fstring
from s2s_grad.ir.types import (
    Array,
    Scalar,
)
from s2s_grad.lower.calls import dispatch as calls
from s2s_grad.lower.control import operations
from s2s_grad.lower.core.bound import check_name
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.loops import comprehensions
from s2s_grad.lower.loops.generators import GENERATORS
from s2s_grad.lower.objects.items import items_of
from s2s_grad.lower.objects.subscripts import index_of, subscript
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.syntax.refused import REFUSED_EXPRESSIONS
from s2s_grad.lower.terms.local_functions import LocalFunction
from s2s_grad.lower.terms.refuse import NeedsStatic
from s2s_grad.lower.terms.values import (
    MISSING,
    Conflict,
    is_undefined,
    static_value,
)
from s2s_grad.lower.writes import assign, attributes

__all__ = ["EXPRESSIONS"]

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
