"""Compile-time objects that the lowering binds to names, and small questions about operands."""

from __future__ import annotations

import collections
import enum
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from s2s_grad.ir.guards import class_of
from s2s_grad.ir.nodes import UNDEFINED, Const, Operand, Pack, Role, Var
from s2s_grad.ir.trees import class_fields, is_dataclass
from s2s_grad.ir.walk import same_operand

__all__ = [
    "DICT_PARTS",
    "FALSE",
    "MISSING",
    "NONE",
    "TRUE",
    "Args",
    "Collecting",
    "Conflict",
    "DictView",
    "Internal",
    "Kwargs",
    "Method",
    "Partial",
    "acts_at_run_time",
    "christen",
    "contains_internal",
    "is_false",
    "is_made_of",
    "is_mutable_pack",
    "is_simple",
    "is_true",
    "is_undefined",
    "same_operand",
    "static_value",
]

Args = tuple[Operand, ...]
Kwargs = dict[str, Operand]

TRUE = Const(True)
FALSE = Const(False)
NONE = Const(None)
MISSING: Any = object()


class Internal:
    """An object of the compiler that stands for a value; it never gets into the program."""

    __slots__ = ()

    @property
    def what(self) -> str:
        """This object in words, for errors."""
        return "a function"

    @property
    def held(self) -> tuple[Operand, ...] | None:
        """The operands that it holds; None if that is not known."""
        return ()


@dataclass(frozen=True, slots=True, eq=False)
class Partial(Internal):
    """``functools.partial`` of values known at run time only."""

    function: Any
    args: tuple[Operand, ...]
    kwargs: dict[str, Operand] = field(default_factory=dict[str, Operand])

    @property
    def held(self) -> tuple[Operand, ...]:
        """The arguments that are given already."""
        return (*self.args, *self.kwargs.values())


@dataclass(frozen=True, slots=True, eq=False)
class Method(Internal):
    """A method of a run-time value or of a container, not called yet."""

    receiver: Operand
    name: str
    lower: Callable[..., Operand]  # (lowerer, receiver, args, kwargs)

    @property
    def held(self) -> tuple[Operand, ...]:
        """The object whose method it is."""
        return (self.receiver,)


@dataclass(frozen=True, slots=True, eq=False)
class Conflict(Internal):
    """What a name is bound to where its value cannot be expressed; reading it is an error."""

    reason: str
    remedy: str = ""
    static: bool = False  # writing the loop out would help
    structure: bool = False  # it is a container of another length on each path


@dataclass(frozen=True, slots=True, eq=False)
class Collecting(Internal):
    """A list, in the body of a loop of run-time length, to which each iteration appends `items`.

    `last` is its last item when the iteration begins.
    """

    last: Operand
    items: tuple[Operand, ...] = ()

    @property
    def what(self) -> str:
        """This object in words, for errors."""
        return "a list while a loop of run-time length fills it"

    @property
    def held(self) -> tuple[Operand, ...]:
        """Its items, those of former rounds by the last one."""
        return (self.last, *self.items)


@dataclass(frozen=True, slots=True, eq=False)
class DictView(Internal):
    """What the method `part` of a dict returns: its keys, values or items as they are then."""

    of: Pack
    part: str

    @property
    def what(self) -> str:
        """This object in words, for errors."""
        return f"a view of the {self.part} of a dict"

    @property
    def held(self) -> tuple[Operand, ...]:
        """The dict."""
        return (self.of,)


DICT_PARTS: dict[str, Callable[[Any, Operand], Operand]] = {
    "keys": lambda key, item: Const(key),
    "values": lambda key, item: item,
    "items": lambda key, item: Pack(tuple, (Const(key), item)),
}


@dataclass(frozen=True, slots=True, eq=False)
class Opaque(Internal):
    """An object of a class that exists during compilation only: its attributes are variables."""

    kind: type[Any]

    @property
    def what(self) -> str:
        """This object in words, for errors."""
        return f"an object of the class `{self.kind.__name__}`"


@dataclass(frozen=True, slots=True, eq=False)
class Surrounding(Internal):
    """A context manager that does not change what is computed inside."""

    value: Operand

    @property
    def held(self) -> tuple[Operand, ...]:
        """What `as` gives."""
        return (self.value,)


def is_true(operand: Operand) -> bool:
    """Return whether an operand is the constant True."""
    return isinstance(operand, Const) and operand.value is True


def is_false(operand: Operand) -> bool:
    """Return whether an operand is the constant False."""
    return isinstance(operand, Const) and operand.value is False


def is_undefined(operand: Operand) -> bool:
    """Return whether an operand stands for a name that is not assigned."""
    return operand is UNDEFINED


_SIMPLE = (bool, int, float, complex, str, bytes, type(None), type(Ellipsis), np.dtype)


def is_simple(value: Any) -> bool:
    """Return whether a value can be written as a literal, so that a variable may hold it."""
    if type(value) is tuple:
        return all(map(is_simple, cast(tuple[Any, ...], value)))
    return isinstance(value, (*_SIMPLE, np.ndarray, np.generic))


def acts_at_run_time(value: Any) -> bool:
    """Return whether what operators do to an object is the business of a class of the user's.

    Its methods may read what changes from one call to the next.
    """
    if isinstance(value, (*_SIMPLE, tuple, collections.deque, enum.Enum, enum.EnumType, Internal)):
        return False
    return class_of(value).__module__.partition(".")[0] not in ("builtins", "numpy")


def static_value(operand: Operand) -> Any:
    """Return the value of an operand known at compile time, else `MISSING`."""
    match operand:
        case Var():
            return MISSING
        case Const():
            return MISSING if isinstance(operand.value, (Conflict,)) else operand.value
        case Pack():
            values = [static_value(item) for item in operand.items]
            if any(value is MISSING for value in values):
                return MISSING
            if operand.kind is dict:
                return dict(zip(operand.keys, values, strict=True))
            kind: Any = operand.kind
            if operand.kind in (tuple, list):
                return kind(values)
            built_in = issubclass(operand.kind, (tuple, list, slice))
            return kind(*values) if built_in else MISSING


def contains_internal(operand: Operand) -> Internal | None:
    """Return the compiler's own object in an operand, if there is one."""
    match operand:
        case Var():
            return None
        case Const():
            return operand.value if isinstance(operand.value, Internal) else None
        case Pack():
            if not _can_be_written(operand):
                return Opaque(operand.kind)
            found = (contains_internal(item) for item in operand.items)
            return next((item for item in found if item is not None), None)


def is_made_of(operand: Operand, made: Collection[Var]) -> bool:
    """Return whether an operand is or holds one of these variables, or may hold it."""
    match operand:
        case Var():
            return operand in made
        case Pack():
            return any(is_made_of(item, made) for item in operand.items)
        case Const(value=Internal() as own):
            return own.held is None or any(is_made_of(item, made) for item in own.held)
        case Const():
            return False


def _can_be_written(pack: Pack) -> bool:
    """Return whether a container can be made by one call of its class with its items."""
    if issubclass(pack.kind, (tuple, list, dict, slice)):
        return True
    fields = class_fields(pack.kind)
    made = all(field.init for field in fields) and {f.name for f in fields} == set(pack.keys)
    return is_dataclass(pack.kind) and made


def is_mutable_pack(operand: Operand) -> bool:
    """Return whether an operand is a container that can be written to: it has an identity."""
    return isinstance(operand, Pack) and not issubclass(operand.kind, (tuple, slice))


def christen(operand: Operand, name: str) -> None:
    """Name a variable after the first name of the user's that it is assigned to.

    A variable is created before it is known that it will be assigned. Nothing but printing reads
    its name, which may change therefore, although nodes do not.
    """
    if isinstance(operand, Var) and not operand.hint:
        object.__setattr__(operand, "hint", name)
        object.__setattr__(operand, "role", Role.USER)
