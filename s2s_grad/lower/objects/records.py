"""Objects of the user's classes: their attributes are items of a Pack, by name.

An object made inside the function is a Pack whose kind is its class; assigning an attribute gives
it a new value, as writing to a list does.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable
from typing import Any, cast

import libcst as cst

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.guards import class_of
from s2s_grad.ir.nodes import Const, Operand, Origin, Pack
from s2s_grad.ir.operators import in_
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.trees import NO_DEFAULT, class_fields, has_written_init, is_dataclass
from s2s_grad.ir.types import Array
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.terms.outside import is_of_library
from s2s_grad.lower.terms.values import Args, DictView, Internal, Kwargs, Method, Partial

__all__ = [
    "Super",
    "asked",
    "attribute_of",
    "call_method",
    "call_object",
    "callable_of",
    "condition",
    "construct",
    "equality",
    "hasattr_of",
    "is_record",
    "set_attribute",
    "special",
    "update",
]

_ABSENT: Any = object()


class Super(Internal):
    """``super()``: the attributes of the classes behind one in an object's order of classes."""

    def __init__(self, after: type[Any], receiver: Operand, kind: type[Any]) -> None:
        self.after = after
        self.receiver = receiver
        self.kind = kind

    @property
    def held(self) -> tuple[Operand, ...]:
        """The object."""
        return (self.receiver,)

    def find(self, low: Lowerer, name: str) -> Any:
        """Return what the classes behind define under a name."""
        order = self.kind.__mro__
        for base in order[order.index(self.after) + 1 :]:
            if name in vars(base):
                low.outside.attribute(base, name)
                return vars(base)[name]
        return _ABSENT


def is_record(operand: Operand) -> bool:
    """Return whether an operand is an object of a class of the user's."""
    return isinstance(operand, Pack) and not issubclass(operand.kind, (tuple, list, dict, slice))


# ------------------------------------------------------------------ making objects


def construct(low: Lowerer, kind: type[Any], args: Args, kwargs: Kwargs) -> Operand | None:
    """Lower ``kind(*args, **kwargs)``; None where the class makes its objects in another way."""
    if issubclass(kind, (tuple, list, dict, str, int, float, BaseException)):
        return None
    if kind.__new__ is not object.__new__ or type(kind).__call__ is not type.__call__:
        return None
    if is_dataclass(kind) and not has_written_init(kind):
        return _dataclass(low, kind, args, kwargs)
    made = Pack(kind, ())
    init = _member(low, kind, "__init__")
    if init is object.__init__:
        if args or kwargs:
            low.refuse(f"`{kind.__name__}` takes no arguments.")
        return made
    if not isinstance(init, types.FunctionType):
        return None
    low.call(init, (made, *args), kwargs)
    return low.memory.shallow(made)


def _dataclass(low: Lowerer, kind: type[Any], args: Args, kwargs: Kwargs) -> Operand:
    fields = class_fields(kind)
    taken = [field for field in fields if field.init]
    by_position = [field.name for field in taken if not field.keyword]
    values = dict(zip(by_position, args, strict=False)) | kwargs
    wrong = set(kwargs) - {field.name for field in taken}
    if len(args) > len(by_position) or wrong:
        low.refuse(f"the arguments do not fit the fields of `{kind.__name__}`.")
    defaults = _defaults(low, kind)
    for field in fields:
        if field.name in values:
            continue
        default = defaults.get(field.name, NO_DEFAULT) if field.init else field.default
        if field.factory is not NO_DEFAULT:
            values[field.name] = low.call(field.factory)
        elif default is not NO_DEFAULT:
            values[field.name] = Const(default)
        elif field.init:
            low.refuse(
                f"`{kind.__name__}` was not given a value for `{field.name}`.",
                "Give one, or a default.",
            )
    names = [field.name for field in fields if field.name in values]
    made = Pack(kind, tuple(values[name] for name in names), tuple(names))
    after = _member(low, kind, "__post_init__")
    if after is not None:
        low.call(after, (made,))
    return low.memory.shallow(made)


def _defaults(low: Lowerer, kind: type[Any]) -> dict[str, Any]:
    """Return the defaults of a dataclass as its `__init__` has them now."""
    init: Any = kind.__init__
    low.outside.function(init)
    found = inspect.signature(init).parameters.values()
    return {p.name: p.default for p in found if p.default is not p.empty}


# ------------------------------------------------------------------ attributes


def attribute_of(low: Lowerer, base: Operand, name: str) -> Operand | None:
    """Lower ``base.name`` of an object; None if it has no such attribute."""
    if isinstance(base, Const) and isinstance(base.value, Super):
        return _bound(low, base.value.find(low, name), base.value.receiver, base.value.kind)
    assert isinstance(base, Pack)
    if name == "__class__":
        return Const(base.kind)
    if _defines(base.kind, "__getattribute__"):
        low.refuse(f"`{base.kind.__name__}` has a `__getattribute__` of its own.")
    found = _member(low, base.kind, name, _ABSENT)
    if isinstance(found, property):
        return low.call(found.fget, (base,))
    if name in base.keys:
        return low.memory.shallow(base.items[base.keys.index(name)])
    return _bound(low, found, base, base.kind)


def _member(low: Lowerer, kind: type[Any], name: str, default: Any = None) -> Any:
    """Return what a class or one behind it defines under a name."""
    low.outside.has_attribute(kind, name)
    return inspect.getattr_static(kind, name, default)


def _bound(low: Lowerer, found: Any, receiver: Operand, kind: type[Any]) -> Operand | None:
    match found:
        case staticmethod():
            return Const(found.__func__)
        case classmethod():
            return Const(functools.partial(cast(Any, found).__func__, kind))
        case property():
            return low.call(found.fget, (receiver,))
        case functools.cached_property():
            value = low.call(found.func, (receiver,))
            if is_record(receiver) and found.attrname is not None:
                _keep(low, receiver, found.attrname, value)
            return value
        case types.WrapperDescriptorType() if found.__objclass__ is object:
            return Const(Partial(found, (receiver,)))
        case types.FunctionType():
            return Const(Partial(found, (receiver,)))
        case _ if found is _ABSENT:
            return None
        case _ if hasattr(class_of(found), "__get__") and not isinstance(found, type):
            low.refuse(f"the descriptor `{class_of(found).__name__}` is not supported.")
        case _:
            return Const(found)


def set_attribute(low: Lowerer, base: Operand, name: str, value: Operand) -> None:
    """Lower ``base.name = value``."""
    if not is_record(base) or not isinstance(base, Pack):
        low.refuse(
            "an attribute is assigned to an object that the function did not make.",
            "Return the value instead, or make the object inside the function.",
        )
    found = _member(low, base.kind, name)
    if isinstance(found, property):
        if found.fset is None:
            low.refuse(f"the property `{name}` cannot be assigned.")
        low.call(found.fset, (base, value))
        return
    params: Any = getattr(base.kind, "__dataclass_params__", None)
    if params is not None and params.frozen and _is_user(low):
        low.refuse(f"`{base.kind.__name__}` is frozen: `{name}` cannot be assigned.")
    if "__setattr__" in dir(base.kind) and base.kind.__setattr__ is not object.__setattr__:
        low.refuse(f"`{base.kind.__name__}` has a `__setattr__` of its own.", "Use a property.")
    slot = isinstance(found, types.MemberDescriptorType)
    if not slot and hasattr(class_of(found), "__set__"):
        low.refuse(f"the descriptor `{class_of(found).__name__}` is not supported.")
    if not slot and not getattr(base.kind, "__dictoffset__", 1):
        low.refuse(f"`{base.kind.__name__}` has slots, and none for `{name}`.")
    _keep(low, base, name, value)


def _keep(low: Lowerer, base: Operand, name: str, value: Operand) -> None:
    """Give an object the value of an attribute."""
    now = low.memory.shallow(base)
    assert isinstance(now, Pack)
    pairs = dict(zip(now.keys, now.items, strict=True))
    if pairs.get(name) is value:
        return
    pairs[name] = value
    low.memory.advance(now, Pack(now.kind, tuple(pairs.values()), tuple(pairs)))


def _defines(kind: type[Any], name: str) -> bool:
    """Return whether a class of the user's, not `object`, defines a name."""
    return any(name in vars(base) for base in kind.__mro__ if base.__module__ != "builtins")


def _is_user(low: Lowerer) -> bool:
    return low.frame is not None


# ------------------------------------------------------------------ operators


def special(low: Lowerer, fn: Callable[..., Any], args: Args, origin: Origin) -> Operand | None:
    """Lower an operator of which one side is an object; None if no class defines it."""
    forward, backward = _special_methods(fn)
    if not (forward or backward) or all(_class_behind(arg) is None for arg in args):
        return None
    left, right = args[0], args[-1]
    if fn is in_:
        left, right = right, left
        forward, backward = backward, ""
    ways = [(forward, left, right), (backward, right, left)]
    kinds = _class_behind(left), _class_behind(right)
    if kinds[0] is not None and kinds[1] is not None and right is not left:
        if kinds[0] is not kinds[1] and issubclass(kinds[1], kinds[0]):
            ways.reverse()  # the class behind has the first word
    for name, receiver, other in ways:
        kind = _class_behind(receiver)
        if not name or kind is None:
            continue
        method = _member(low, kind, name)
        if isinstance(method, types.FunctionType) and not _is_made(method):
            rest = () if len(args) == 1 else (other,)
            found = low.call(method, (receiver, *rest), {}, origin)
            if not (isinstance(found, Const) and found.value is NotImplemented):
                return found
    return None


def _special_methods(fn: Callable[..., Any]) -> tuple[str, str]:
    """Return the names of the methods of the first and of the second operand that define it."""
    record = primitive(fn)
    spelled = record.infix or record.prefix
    if spelled is None:
        return (f"__{record.dunder}__", "") if record.dunder else ("", "")
    first, second = spelled.dunder, spelled.reflected
    return f"__{first}__" if first else "", f"__{second}__" if second else ""


def _class_behind(operand: Operand) -> type[Any] | None:
    """Return the class of the user's that says what operators do: of an object made here or not."""
    if isinstance(operand, Pack):
        return operand.kind if is_record(operand) else None
    if not isinstance(operand, Const) or isinstance(operand.value, (Internal, type)):
        return None
    kind = class_of(operand.value)
    return None if is_of_library(kind.__module__) else kind


def _is_made(method: types.FunctionType) -> bool:
    """Return whether a method was made by `dataclass`, and has no source."""
    return method.__code__.co_filename == "<string>"


def update(
    low: Lowerer, fn: Callable[..., Any], base: Operand, value: Operand, origin: Origin
) -> Operand | None:
    """Lower ``base += value`` of an object whose class defines that; None if it does not."""
    name = f"__i{_special_methods(fn)[0][2:]}"
    if not isinstance(base, Pack) or not is_record(base):
        return None
    method = _member(low, base.kind, name)
    if not isinstance(method, types.FunctionType):
        return None
    found = low.call(method, (base, value), {}, origin)
    return None if isinstance(found, Const) and found.value is NotImplemented else found


def equality(base: Pack) -> str:
    """Return how objects of a class are compared by ``==``: by fields, by identity or itself."""
    method = inspect.getattr_static(base.kind, "__eq__")
    if method is object.__eq__:
        return "identity"
    made = isinstance(method, types.FunctionType) and _is_made(method)
    return "fields" if made and is_dataclass(base.kind) else "itself"


def asked(low: Lowerer, operand: Operand) -> Operand:
    """Return what decides whether an operand is true: of an object, its class has the say."""
    if isinstance(operand, Const) and isinstance(operand.value, DictView):
        return expand(low, operand) or operand
    if not isinstance(operand, Pack) or not is_record(operand):
        return operand
    for name in ("__bool__", "__len__"):
        if isinstance(inspect.getattr_static(operand.kind, name, None), types.FunctionType):
            found = call_method(low, operand, name)
            if name == "__bool__" and isinstance(type_of(found), Array):
                low.refuse("`__bool__` has to return a bool, not one of NumPy's.", "Use `bool`.")
            return found
    return operand


def condition(low: Lowerer, node: cst.BaseExpression) -> Operand:
    """Lower an expression whose truth is asked."""
    return low.tested(asked(low, low.expression(node)))


def call_object(low: Lowerer, receiver: Pack, args: Args, kwargs: Kwargs) -> Operand:
    """Lower ``receiver(*args, **kwargs)``."""
    method = _member(low, receiver.kind, "__call__")
    if not isinstance(method, types.FunctionType):
        low.refuse(f"an object of the class `{receiver.kind.__name__}` cannot be called.")
    return low.call(method, (receiver, *args), kwargs)


def callable_of(low: Lowerer, receiver: Pack) -> Operand:
    """Return an object's method ``__call__``, not called yet."""
    if not isinstance(_member(low, receiver.kind, "__call__"), types.FunctionType):
        low.refuse(f"an object of the class `{receiver.kind.__name__}` cannot be called.")

    def lower(low: Lowerer, owner: Pack, args: Args, kwargs: Kwargs, origin: Origin) -> Operand:
        return call_object(low, owner, args, kwargs)

    return Const(Method(receiver, "__call__", lower))


def call_method(low: Lowerer, receiver: Operand, name: str, args: Args = ()) -> Operand:
    """Lower ``receiver.name(*args)``."""
    assert isinstance(receiver, Pack)
    method = _member(low, receiver.kind, name)
    if not isinstance(method, types.FunctionType):
        low.refuse(f"an object of the class `{receiver.kind.__name__}` has no `{name}`.")
    return low.call(method, (receiver, *args))


def hasattr_of(low: Lowerer, base: Pack, name: str) -> bool:
    """Return whether an object has an attribute."""
    if _defines(base.kind, "__getattr__") or _defines(base.kind, "__getattribute__"):
        low.refuse(f"`{base.kind.__name__}` says itself which attributes its objects have.")
    if name in base.keys:
        return True
    found = inspect.getattr_static(base.kind, name, _ABSENT)
    if isinstance(found, property):
        low.refuse(f"whether the property `{name}` has a value is only known when it is asked.")
    return found is not _ABSENT and not isinstance(found, types.MemberDescriptorType)
