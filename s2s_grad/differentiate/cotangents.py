"""The accumulator of reverse mode: the cotangent of each variable so far.

Zero is symbolic: a variable without an entry has a cotangent of zero. A cotangent may be masked:
known to be zero outside a boolean mask, whatever its value there, so that a product with an
infinite derivative of an unselected branch stays zero.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, replace

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.sizes import broadcast_shapes
from s2s_grad.differentiate.conform import conform
from s2s_grad.ir.builder import Builder
from s2s_grad.ir.nodes import Collect, Const, Each, For, Loop, Operand, Pack, Role, Var
from s2s_grad.ir.types import Array, Dict, ListOf, Scalar, Sequence, Static, Type

__all__ = ["Cotangents", "Masked", "zeros_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Masked:
    """A cotangent that is `value` where `mask` holds and zero elsewhere.

    `selected` says that the value itself is zero at places by construction.
    """

    value: Operand
    mask: Operand
    selected: bool = False


def zeros_of(builder: Builder, like: Operand) -> Operand:
    """Return real zeros of the shape and structure of an operand."""
    t = type_of(like)
    match like, t:
        case Pack(), _:
            items = tuple(zeros_of(builder, item) for item in like.items)
            return Pack(like.kind, items, like.keys)
        case _, Scalar():
            return Const(0j if t.kind == "complex" else 0.0)
        case _, Array(shape=()):
            if t.dtype is not None and t.dtype == np.float64:
                return Const(0.0)
        case _, Sequence():
            projected = (
                builder.apply(operator.getitem, like, Const(i)) for i in range(len(t.items))
            )
            return Pack(t.kind, tuple(zeros_of(builder, item) for item in projected))
        case _, Dict():
            values = (builder.apply(operator.getitem, like, Const(key)) for key in t.keys)
            return Pack(t.kind, tuple(zeros_of(builder, value) for value in values), t.keys)
        case _, Static():
            return Const(0.0 if isinstance(t.value, (bool, int)) else t.value)
        case _, ListOf():
            return _zero_list(builder, like, t)
        case _:
            pass
    return builder.apply(np.zeros_like, like)


def _is_number(t: Type) -> bool:
    return isinstance(t, Scalar) or (isinstance(t, Array) and t.shape == ())


def _zero_list(builder: Builder, like: Operand, t: ListOf) -> Operand:
    element = Var("", t.item)
    with builder.nested() as body:
        zero = zeros_of(builder, element)
    if _is_number(t.item) and isinstance(zero, Const):
        count = builder.apply(len, like)
        return builder.apply(operator.mul, Pack(list, (zero,)), count, type=t)
    collected = Var("", ListOf(t.item, t.length))
    head, items = For((Each(like, element),)), (Collect(zero, collected),)
    builder.append(Loop(head, (), tuple(body), items, origin=builder.origin))
    return collected


class Cotangents:
    """The cotangents of the variables in one scope; `builder` receives the additions.

    `restored` are versions of arrays that a region of the adjoint has taken back; `selected` are
    the variables whose cotangent so far has zeros by construction; `with_complex` says whether
    there are complex numbers in the program.
    """

    def __init__(
        self, builder: Builder, with_complex: bool, outer: Cotangents | None = None
    ) -> None:
        self.builder = builder
        self.with_complex = with_complex
        self.values: dict[Var, Operand | Masked] = {}
        self.parts: dict[Var, dict[object, Operand]] = {}
        self.restored: dict[Var, Var] = {}
        self.selected: set[Var] = set()
        self.mark = 0  # statements before this one may already be in use elsewhere
        if outer is not None:
            self.values.update(outer.values)
            self.parts.update({var: dict(parts) for var, parts in outer.parts.items()})
            self.selected |= outer.selected

    def __contains__(self, var: Var) -> bool:
        return var in self.values or var in self.parts

    def add(
        self, operand: Operand, contribution: Operand | Masked | None, *, selected: bool = False
    ) -> None:
        """Add to the cotangent of an operand, item by item where it is a container.

        `selected` says that the contribution is zero at places by construction.
        """
        if contribution is None:
            return
        if isinstance(operand, Pack):
            if isinstance(contribution, Masked):
                contribution = self.dense(contribution)
            for place, item in enumerate(operand.items):
                part = self._project(contribution, place, operand.keys)
                self.add(item, part, selected=selected)
            return
        if not isinstance(operand, Var):
            return
        self.note_selected(operand, selected)
        if self.with_complex:
            contribution = self._conform(operand, contribution)
        if operand not in self.values:
            self.values[operand] = self._named(operand, contribution)
            return
        old = self.dense(self.values[operand])
        total = self._sum(operand, old, self.dense(contribution))
        self.values[operand] = self._named(operand, total)

    def _conform(self, operand: Operand, value: Operand | Masked) -> Operand | Masked:
        if isinstance(value, Masked):
            return replace(value, value=conform(self.builder, value.value, operand))
        return conform(self.builder, value, operand)

    def note_selected(self, var: Var, selected: bool) -> None:
        """Note whether what is added to the cotangent of a variable has zeros by construction."""
        if not selected:
            self.selected.discard(var)
        elif var not in self:
            self.selected.add(var)

    def has_zeros(self, var: Var) -> bool:
        """Return whether the cotangent of a variable has zeros by construction, or no entry."""
        parts, t = self.parts.get(var), var.type
        if parts is not None and isinstance(t, (Sequence, Dict)) and len(parts) < len(t.items):
            return True
        return var in self.selected or var not in self

    def unused(self, var: Var) -> frozenset[int]:
        """Return the places of a tuple of which no item has a cotangent."""
        parts, t = self.parts.get(var), var.type
        if parts is None or var in self.values or not isinstance(t, Sequence):
            return frozenset()
        return frozenset(place for place in range(len(t.items)) if place not in parts)

    def replace(self, var: Var, value: Operand | Masked, *, selected: bool = False) -> None:
        """Set the cotangent of a variable: `value` contains what was there before."""
        self.note_selected(var, selected)
        self.values[var] = self._named(var, value)

    def add_part(
        self, var: Var, key: object, contribution: Operand | Masked, *, selected: bool = False
    ) -> None:
        """Add to the cotangent of one item of a variable that holds a container."""
        if selected:
            self.selected.add(var)
        parts = self.parts.setdefault(var, {})
        dense = self.dense(contribution)
        if self.with_complex:
            item = self.builder.apply(operator.getitem, var, Const(key))
            dense = conform(self.builder, dense, item)
        old = parts.get(key)
        parts[key] = dense if old is None else self._sum(None, old, dense)

    def take(self, var: Var) -> Operand | Masked | None:
        """Return the cotangent of a variable and forget it; None stands for zero."""
        value = self.peek(var)
        self.values.pop(var, None)
        self.parts.pop(var, None)
        self.selected.discard(var)
        return value

    def peek(self, var: Var) -> Operand | Masked | None:
        """Return the cotangent of a variable; None stands for zero."""
        parts = self.parts.get(var)
        if parts is None:
            return self.values.get(var)
        whole = self._assemble(var, parts)
        value = self.values.get(var)
        if value is None:
            return whole
        return self._sum(var, self.dense(value), whole)

    def dense(self, value: Operand | Masked) -> Operand:
        """Return a cotangent with its mask applied."""
        if isinstance(value, Masked):
            return self.builder.apply(np.where, value.mask, value.value, Const(0.0))
        return value

    def dense_value(self, var: Var) -> Operand | None:
        """Return the cotangent of a variable with its mask applied; None stands for zero."""
        value = self.peek(var)
        return None if value is None else self.dense(value)

    def _assemble(self, var: Var, parts: dict[object, Operand]) -> Operand:
        t = var.type
        if not isinstance(t, (Sequence, Dict)):
            raise AssertionError("a container of unknown structure has no parts")
        keys = t.keys if isinstance(t, Dict) else tuple(range(len(t.items)))
        items: list[Operand] = []
        for key in keys:
            part = parts.get(key)
            if part is None:
                item = self.builder.apply(operator.getitem, var, Const(key))
                part = zeros_of(self.builder, item)
            items.append(part)
        if isinstance(t, Dict):
            return Pack(t.kind, tuple(items), keys)
        return Pack(t.kind, tuple(items))

    def _project(self, value: Operand, place: int, keys: tuple[object, ...]) -> Operand:
        if isinstance(value, Pack):
            return value.items[place]
        key = keys[place] if keys else place
        return self.builder.apply(operator.getitem, value, Const(key))

    def sum(self, old: Operand, new: Operand) -> Operand:
        """Return the sum of two cotangents of one value."""
        return self._sum(None, old, new)

    def _sum(self, var: Var | None, old: Operand, new: Operand) -> Operand:
        structure = _structure(old) or _structure(new)
        if structure is not None:
            kind, count, keys = structure
            items = tuple(
                self._sum(None, self._project(old, place, keys), self._project(new, place, keys))
                for place in range(count)
            )
            return Pack(kind, items, keys)
        if isinstance(type_of(old), Static):
            return old  # no number: it has no derivative
        if isinstance(old, Const) and isinstance(new, Const):
            return Const(old.value + new.value)
        if isinstance(old, Const) and not isinstance(old.value, np.ndarray) and old.value == 0.0:
            return new
        if isinstance(type_of(old), ListOf) or isinstance(type_of(new), ListOf):
            return self._sum_lists(old, new)
        return self.builder.apply(np.add, old, new)

    def _sum_lists(self, old: Operand, new: Operand) -> Operand:
        """Add two lists item by item (their rows where one is an array)."""
        types = [_item_type(old), _item_type(new)]
        elements = tuple(Var("", t) for t in types)
        with self.builder.nested() as body:
            total = self._sum(None, *elements)
        t = type_of(old)
        length = t.length if isinstance(t, ListOf) else None
        collected = Var("", ListOf(type_of(total), length))
        head = For(tuple(map(Each, (old, new), elements)))
        items, origin = (Collect(total, collected),), self.builder.origin
        self.builder.append(Loop(head, (), tuple(body), items, origin=origin))
        return collected

    def _named(self, var: Var, value: Operand | Masked) -> Operand | Masked:
        """Name a cotangent that was just computed after what it is the cotangent of."""
        if isinstance(value, Masked):
            named = self._named(var, value.value)
            assert not isinstance(named, Masked)
            return replace(value, value=named)
        return self.builder.named(value, var, Role.COTANGENT, self.mark)


def _structure(operand: Operand) -> tuple[type, int, tuple[object, ...]] | None:
    """Return the kind, the size and the keys of a container; None for other values."""
    if isinstance(operand, Pack):
        return operand.kind, len(operand.items), operand.keys
    t = type_of(operand)
    if isinstance(t, (Sequence, Dict)) and isinstance(operand, Var):
        return t.kind, len(t.items), t.keys if isinstance(t, Dict) else ()
    return None


def _item_type(seq: Operand) -> Type:
    t = type_of(seq)
    if isinstance(t, ListOf):
        return t.item
    if isinstance(t, Array) and t.shape:
        return Array(t.dtype, t.shape[1:])
    return Array()


def same_shape(a: Operand, b: Operand) -> bool:
    """Return whether two operands are proven to have one shape."""
    shapes = [
        () if isinstance(t, Scalar) else t.shape if isinstance(t, Array) else None
        for t in (type_of(a), type_of(b))
    ]
    return shapes[0] is not None and broadcast_shapes(*shapes) == shapes[0] == shapes[1]
