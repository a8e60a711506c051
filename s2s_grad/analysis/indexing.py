"""The type of ``x[index]``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from s2s_grad.analysis.sizes import broadcast_shapes, fresh_dim, slice_size
from s2s_grad.ir.guards import is_slice, is_tuple
from s2s_grad.ir.nodes import Const, Operand, Pack, Var
from s2s_grad.ir.types import (
    UNKNOWN,
    Array,
    Dict,
    ListOf,
    Range,
    Scalar,
    Sequence,
    Size,
    Type,
)

__all__ = ["IndexKind", "index_copies", "index_items", "index_kind", "infer_getitem"]

TypeOf = Callable[[Operand], Type]


def infer_getitem(base: Type, index: Operand, type_of: TypeOf) -> Type:
    """Return the type of a subscript."""
    match base:
        case Sequence():
            if isinstance(index, Const) and isinstance(index.value, int):
                inside = -len(base.items) <= index.value < len(base.items)
                return base.items[index.value] if inside else UNKNOWN
            return UNKNOWN
        case Dict():
            if isinstance(index, Const) and index.value in base.keys:
                return base.items[base.keys.index(index.value)]
            return UNKNOWN
        case ListOf():
            if isinstance(index, Pack) and index.kind is slice:
                return ListOf(base.item)
            return base.item
        case Range():
            if isinstance(index, Pack) and index.kind is slice:
                return Range(None)
            return Scalar("int")
        case Array(shape=None):
            return Array(base.dtype, None)
        case Array():
            shape = _indexed_shape(base.shape or (), _typed_items(index, type_of), type_of)
            return Array(base.dtype, shape)
        case _:
            return UNKNOWN


def index_items(index: Operand) -> tuple[Operand, ...]:
    """Return the items of an index, which is one item or a tuple of them."""
    if isinstance(index, Pack) and index.kind is tuple:
        return index.items
    if isinstance(index, Const) and is_tuple(index.value):
        return tuple(Const(item) for item in index.value)
    return (index,)


def _typed_items(index: Operand, type_of: TypeOf) -> tuple[Operand, ...]:
    """Return the items of an index, of which those of a variable have types alone."""
    t = type_of(index) if isinstance(index, Var) else None
    if isinstance(t, Sequence) and issubclass(t.kind, tuple):
        return tuple(Var("", item) for item in t.items)
    return index_items(index)


@dataclass(frozen=True, slots=True)
class IndexKind:
    """What an index does: a view (`basic`), a selection by mask, or one that may repeat."""

    basic: bool
    mask: bool
    repeats: bool
    scalar: bool


def index_kind(index: Operand, type_of: TypeOf) -> IndexKind:
    """Classify an index; what is not known may repeat."""
    basic = mask = True
    unique = True
    scalar = True
    for item in _typed_items(index, type_of):
        t = type_of(item)
        match item, t:
            case Pack(), _ if item.kind is slice:
                scalar = mask = False
            case Const(value=value), _ if value is None or value is Ellipsis:
                scalar = mask = False
            case Const(value=slice()), _:
                scalar = mask = False
            case _, Scalar(kind="bool"):
                basic = scalar = mask = False
            case _, Scalar():
                mask = False
            case _, Array(shape=(), dtype=dtype) if dtype is not None and dtype.kind in "iu":
                mask = False
            case _, Array(dtype=dtype) if dtype is not None and dtype.kind == "b":
                basic = scalar = False
            case _:
                basic = mask = unique = scalar = False
    return IndexKind(basic, mask and not basic, not unique, scalar and basic)


def index_copies(index: Operand, type_of: TypeOf) -> bool:
    """Return whether an index is sure to make a copy: one of its items is a mask or a list."""
    return any(_selects(item, type_of(item)) for item in _typed_items(index, type_of))


def _selects(item: Operand, t: Type) -> bool:
    match t:
        case Scalar(kind="bool") | ListOf() | Range():
            return True
        case Sequence(kind=kind):
            return issubclass(kind, list)
        case Array(shape=shape, dtype=dtype):
            return bool(shape) or (dtype is not None and dtype.kind == "b")
        case _:
            return isinstance(item, Pack) and item.kind is list


def _indexed_shape(
    shape: tuple[Size, ...], items: tuple[Operand, ...], type_of: TypeOf
) -> tuple[Size, ...] | None:
    used = _axes_used(items, type_of)
    if used is None or used > len(shape):
        return None
    if not any(isinstance(item, Const) and item.value is Ellipsis for item in items):
        items = (*items, Const(Ellipsis))
    result = _IndexedShape(shape, len(shape) - used, type_of)
    if all(result.take_basic(item) or result.take(place, item) for place, item in enumerate(items)):
        return result.sizes()
    return None


def _axes_used(items: tuple[Operand, ...], type_of: TypeOf) -> int | None:
    """Return how many axes the items of an index are for, all but an ellipsis."""
    used = 0
    for item in items:
        t = type_of(item)
        if isinstance(item, Const) and (item.value is None or item.value is Ellipsis):
            continue
        if isinstance(t, Array) and t.dtype is not None and t.dtype.kind == "b":
            if t.shape is None:
                return None
            used += len(t.shape)
        else:
            used += 1
    return used


class _IndexedShape:
    """The shape of ``x[index]``, item by item of the index; `rest` axes are the ellipsis's."""

    def __init__(self, shape: tuple[Size, ...], rest: int, type_of: TypeOf) -> None:
        self.shape = shape
        self.rest = rest
        self.type_of = type_of
        self.axis = 0
        self.result: list[Size] = []
        self.advanced: list[tuple[Size, ...] | None] = []
        self.advanced_at: list[int] = []
        self.scalars_at: list[int] = []
        self.at = 0  # where the axes of advanced indices go

    def take_basic(self, item: Operand) -> bool:
        """Take in None, an ellipsis or a slice; return whether it is one."""
        if isinstance(item, Const) and item.value is None:
            self.result.append(1)
        elif isinstance(item, Const) and item.value is Ellipsis:
            self.result.extend(self.shape[self.axis : self.axis + self.rest])
            self.axis += self.rest
        elif isinstance(item, Pack) and item.kind is slice:
            bounds = [_bound(bound, self.type_of) for bound in item.items]
            known = all(ok for ok, _ in bounds)
            sizes = [size for _, size in bounds]
            self.result.append(slice_size(self.shape[self.axis], *sizes) if known else fresh_dim())
            self.axis += 1
        elif isinstance(item, Const) and is_slice(item.value):
            s = item.value
            self.result.append(slice_size(self.shape[self.axis], s.start, s.stop, s.step))
            self.axis += 1
        else:
            return False
        return True

    def take(self, place: int, item: Operand) -> bool:
        """Take in an integer, an array or a list; return whether its type is known."""
        match self.type_of(item):
            case Scalar(kind="int"):
                self._take_integer(place)
            case Array(dtype=dtype, shape=()) if dtype is not None and dtype.kind in "iu":
                self._take_integer(place)
            case Array(dtype=dtype, shape=shape) if dtype is not None and dtype.kind == "b":
                self._take_advanced(place, (fresh_dim(),), len(shape or ()))
            case Array(dtype=dtype, shape=shape) if dtype is not None and dtype.kind in "iu":
                self._take_advanced(place, shape, 1)
            case Sequence(items=items) if all(isinstance(i, Scalar) for i in items):
                mask = bool(items) and all(i == Scalar("bool") for i in items)
                self._take_advanced(place, (fresh_dim() if mask else len(items),), 1)
            case _:
                return False
        return True

    def _take_integer(self, place: int) -> None:
        self.scalars_at.append(place)
        self.axis += 1

    def _take_advanced(self, place: int, shape: tuple[Size, ...] | None, axes: int) -> None:
        if not self.advanced:
            self.at = len(self.result)
        self.advanced.append(shape)
        self.advanced_at.append(place)
        self.axis += axes

    def sizes(self) -> tuple[Size, ...] | None:
        """Return the shape after all items."""
        result, at = self.result, self.at
        if not self.advanced:
            return tuple(result)
        joint = broadcast_shapes(*self.advanced)
        if joint is None:
            return None
        # NumPy counts integers among the advanced indices when there are others.
        places = sorted(self.advanced_at + self.scalars_at)
        adjacent = places == list(range(places[0], places[0] + len(places)))
        if self.scalars_at and adjacent and self.scalars_at[0] < self.advanced_at[0]:
            at = min(at, len(result))
        if not adjacent:
            at = 0
        return (*result[:at], *joint, *result[at:])


def _bound(operand: Operand, type_of: TypeOf) -> tuple[bool, Size | None]:
    if isinstance(operand, Const) and operand.value is None:
        return True, None
    t = type_of(operand)
    if isinstance(t, Scalar) and t.size is not None:
        return True, t.size
    return False, None
