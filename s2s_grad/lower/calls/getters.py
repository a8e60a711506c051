"""The getters of the module `operator`, and calls of methods by name."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import libcst as cst

from s2s_grad.ir.nodes import Const, Operand, Origin, Pack
from s2s_grad.lower.calls.builtin_calls import Args, Handler, Kwargs
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.terms.values import Method, static_value
from s2s_grad.lower.writes.attributes import attribute

__all__ = ["GETTERS", "call_method_of", "getter_parts"]


def getter_parts(fn: Any) -> tuple[Any, tuple[Any, ...], dict[str, Any]] | None:
    """Return how a getter that exists already was made: its class, and what that was given."""
    if not isinstance(fn, (operator.itemgetter, operator.attrgetter, operator.methodcaller)):
        return None
    made: Any = fn.__reduce__()
    make, given = made[:2]
    if isinstance(make, functools.partial):
        return make.func, (*make.args, *given), make.keywords
    return make, given, {}


def _getter(lower: Callable[[Lowerer, Operand, Operand, Kwargs], Operand]) -> Handler:
    """Lower the making of a getter, which keeps what it will ask for."""

    def make(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        return Const(Method(Pack(tuple, args), "getter", get(kwargs)))

    def get(options: Kwargs) -> Callable[..., Operand]:
        def call(low: Lowerer, asked: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
            found = tuple(lower(low, args[0], each, options) for each in asked.items)
            return found[0] if len(found) == 1 else Pack(tuple, found)

        return call

    return make


def _item(low: Lowerer, base: Operand, key: Operand, options: Kwargs) -> Operand:
    return low.call(operator.getitem, (base, key))


def _path(low: Lowerer, base: Operand, path: Operand, options: Kwargs) -> Operand:
    names = static_value(path)
    if not isinstance(names, str):
        low.refuse("an attribute name that is only known when the program runs.")
    for name in names.split("."):
        base = _attribute(low, base, name)
    return base


def _attribute(low: Lowerer, base: Operand, name: str) -> Operand:
    node = low.node
    assert isinstance(node, cst.BaseExpression)
    return attribute(low, low.memory.shallow(base), name, node)


def _methodcaller(low: Lowerer, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
    name = static_value(args[0])

    def call(low: Lowerer, given: Pack, more: Args, _: Kwargs, origin: Origin) -> Operand:
        return call_method_of(low, more[0], name, given.items, kwargs, origin)

    return Const(Method(Pack(tuple, args[1:]), "methodcaller", call))


def call_method_of(
    low: Lowerer, receiver: Operand, name: str, args: Args, kwargs: Kwargs, origin: Origin
) -> Operand:
    """Lower ``receiver.name(*args)``."""
    method = _attribute(low, receiver, name)
    if not isinstance(method, Const):
        low.refuse(f"which function `{name}` is, is only known when the program runs.")
    return low.call(method.value, args, kwargs, origin)


GETTERS: dict[Any, Handler] = {
    operator.itemgetter: _getter(_item),
    operator.attrgetter: _getter(_path),
    operator.methodcaller: _methodcaller,
}
