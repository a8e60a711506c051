"""Run a derivative formula on staged operands, so that its NumPy calls become IR.

A `Staged` value stands for an operand of the program under construction. NumPy hands it every call
through its dispatch protocols, and the call is appended to the builder instead of being computed.
What is known of types is answered at once (a rank, a size); a formula that asks for more than is
known raises `NeedsRuntimeValue`, and the compiler emits a call of the formula itself.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.differentiate.staged_operators import NeedsRuntimeValue, StagedOperators
from s2s_grad.ir.builder import Builder
from s2s_grad.ir.guards import class_of, is_dict, is_items, is_slice
from s2s_grad.ir.nodes import Apply, Const, Operand, Pack, Var
from s2s_grad.ir.primitives import INFIX, PREFIX
from s2s_grad.ir.types import Array, Dict, ListOf, Scalar, Sequence, Size, never_zero
from s2s_grad.runtime import divided, sum_to

__all__ = ["NeedsRuntimeValue", "Staged", "stage", "unstage"]


def stage(builder: Builder, operand: Operand) -> Any:
    """Return what a formula sees of an operand: its value where it is static, else `Staged`."""
    match operand:
        case Const(value=np.ndarray()):
            return Staged(builder, operand)
        case Const():
            return operand.value
        case Pack() if operand.kind is slice:
            return slice(*(stage(builder, item) for item in operand.items))
        case Pack() if operand.kind is dict:
            items = (stage(builder, item) for item in operand.items)
            return dict(zip(operand.keys, items, strict=True))
        case Pack():
            return operand.kind(stage(builder, item) for item in operand.items)
        case Var():
            return Staged(builder, operand)


def unstage(value: Any) -> Operand:
    """Return the operand that a formula's value stands for."""
    if isinstance(value, Staged):
        return value.operand
    if is_items(value):
        items = tuple(unstage(item) for item in value)
        if all(isinstance(item, Const) for item in items) and isinstance(value, tuple):
            return Const(tuple(item.value for item in items if isinstance(item, Const)))
        return Pack(class_of(value), items)
    if is_slice(value):
        return Pack(slice, tuple(unstage(v) for v in (value.start, value.stop, value.step)))
    if is_dict(value):
        return Pack(dict, tuple(unstage(v) for v in value.values()), tuple(value))
    return Const(value)


def _is_float(operand: Operand) -> bool:
    match type_of(operand):
        case Scalar(kind=kind):
            return kind in ("float", "complex")
        case Array(dtype=dtype):
            return dtype is not None and dtype.kind in "fc"
        case _:
            return False


class Staged(StagedOperators):
    """A value of the program under construction."""

    __slots__ = ("builder", "operand")
    __array_priority__ = 1000.0

    def __init__(self, builder: Builder, operand: Operand) -> None:
        self.builder = builder
        self.operand = operand

    # ---------------------------------------------------------------- calls become statements

    def call(self, fn: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
        known = _STATIC.get(fn)
        if known is not None:
            return known(self.builder, *args, **kwargs)
        operands = tuple(unstage(arg) for arg in args)
        named: dict[str, Any] = {name: unstage(value) for name, value in kwargs.items()}
        folded = _fold(fn, operands)
        if folded is not None and not named:
            return Staged(self.builder, folded)
        return Staged(self.builder, self.builder.apply(fn, *operands, **named))

    # ---------------------------------------------------------------- facts

    @property
    def is_sequence(self) -> bool:
        """Whether this is a tuple or list, as the type tells."""
        return isinstance(type_of(self.operand), Sequence)

    @property
    def array(self) -> Array:
        t = type_of(self.operand)
        if isinstance(t, Scalar):
            kinds = {"float": float, "complex": complex, "int": int, "bool": bool}
            return Array(np.dtype(kinds[t.kind]), ())
        return t if isinstance(t, Array) else Array()

    @property
    def shape(self) -> Any:
        if self.array.shape == ():
            return ()
        return Staged(self.builder, self.builder.apply(np.shape, self.operand))

    @property
    def ndim(self) -> int:
        rank = self.array.rank
        if rank is None:
            raise NeedsRuntimeValue("the rank of an operand")
        return rank

    @property
    def size(self) -> Any:
        if self.array.shape == ():
            return 1
        return Staged(self.builder, self.builder.apply(np.size, self.operand))

    @property
    def dtype(self) -> Any:
        dtype = self.array.dtype
        if dtype is None:
            raise NeedsRuntimeValue("the dtype of an operand")
        return dtype

    @property
    def T(self) -> Any:
        return self if self.array.rank in (0, 1) else self.call(np.transpose, (self,), {})

    def __len__(self) -> int:
        t = type_of(self.operand)
        if isinstance(t, (Sequence, Dict)):
            return len(t.items)
        size = None
        if isinstance(t, Array) and t.shape:
            size = t.shape[0]
        elif isinstance(t, ListOf):
            size = t.length
        if isinstance(size, int):
            return size
        raise NeedsRuntimeValue("the length of an operand")

    def __iter__(self) -> Iterator[Any]:
        return iter([self[i] for i in range(len(self))])

    def __getitem__(self, index: Any) -> Any:
        t = type_of(self.operand)
        if isinstance(t, Sequence):
            if is_slice(index):
                return t.kind(self[i] for i in range(len(t.items))[index])
            place: int = index
            item = t.items[place]
            if isinstance(item, Scalar) and isinstance(item.size, int):
                return item.size
        return self.call(operator.getitem, (self, index), {})

    def __index__(self) -> int:
        t = type_of(self.operand)
        if isinstance(t, Scalar) and isinstance(t.size, int):
            return t.size
        raise NeedsRuntimeValue("a value")

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    # ---------------------------------------------------------------- comparisons of shapes

    def __eq__(self, other: object) -> Any:
        if isinstance(type_of(self.operand), Sequence):
            return self._equal_shapes(other)
        return self.call(np.equal, (self, other), {})

    def __ne__(self, other: object) -> Any:
        if isinstance(type_of(self.operand), Sequence):
            return not self._equal_shapes(other)
        return self.call(np.not_equal, (self, other), {})

    def _equal_shapes(self, other: object) -> bool:
        mine, others = _sizes(self), _sizes(other)
        if mine is None or others is None:
            raise NeedsRuntimeValue("whether two shapes are equal")
        if mine == others:
            return True
        if len(mine) != len(others):
            return False
        both = zip(mine, others, strict=True)
        if any(isinstance(a, int) and isinstance(b, int) and a != b for a, b in both):
            return False
        raise NeedsRuntimeValue("whether two shapes are equal")

    # ---------------------------------------------------------------- methods that rules may use

    def conj(self) -> Any:
        dtype = self.array.dtype
        if dtype is not None and dtype.kind != "c":
            return self
        return Staged(self.builder, self.builder.apply(np.conjugate, self.operand))


def _sizes(shape: Any) -> tuple[Size, ...] | None:
    """Return the sizes that a shape in a formula stands for."""
    if isinstance(shape, Staged):
        t = type_of(shape.operand)
        if isinstance(t, Scalar) and t.kind == "int":
            return None if t.size is None else (t.size,)
        if not isinstance(t, Sequence):
            return None
        items = t.items
        sizes = [item.size if isinstance(item, Scalar) else None for item in items]
        return None if None in sizes else tuple(size for size in sizes if size is not None)
    if isinstance(shape, int):
        return (shape,)
    if isinstance(shape, (tuple, list)):
        parts = [_sizes(item) for item in shape]  # pyright: ignore[reportUnknownVariableType]
        if any(part is None or len(part) != 1 for part in parts):
            return None
        return tuple(part[0] for part in parts if part is not None)
    return None


# ------------------------------------------------------------- calls that are decided by types


def _stage_sum_to(builder: Builder, value: Any, shape: Any) -> Any:
    """Undo broadcasting with the fewest sums that the types call for."""
    operand = unstage(value)
    t = type_of(operand)
    have = () if isinstance(t, Scalar) else t.shape if isinstance(t, Array) else None
    want = _sizes(shape)
    if have is not None and want is not None and len(have) >= len(want):
        if have == want:
            return value
        lead = len(have) - len(want)
        axes = list(range(lead))
        certain = True
        for axis, size in enumerate(want, lead):
            if size == 1 and have[axis] != 1:
                axes.append(axis)
            elif size != have[axis]:
                certain = False
        if certain:
            return _sum_axes(builder, operand, axes, lead, len(have))
    return Staged(builder, builder.apply(sum_to, operand, unstage(shape)))


def _sum_axes(builder: Builder, operand: Operand, axes: list[int], lead: int, rank: int) -> Any:
    if len(axes) == rank and lead == rank:
        return Staged(builder, builder.apply(np.sum, operand))
    leading = tuple(axis for axis in axes if axis < lead)
    kept = tuple(axis - lead for axis in axes if axis >= lead)
    if leading:
        axis = leading[0] if len(leading) == 1 else leading
        operand = builder.apply(np.sum, operand, axis=Const(axis))
    if kept:
        axis = kept[0] if len(kept) == 1 else kept
        operand = builder.apply(np.sum, operand, axis=Const(axis), keepdims=Const(True))
    return Staged(builder, operand)


def _number(value: Any) -> complex | None:
    """Return a Python number that is known while staging."""
    operand = unstage(value)
    if isinstance(operand, Const) and type(operand.value) in (int, float, complex):
        return operand.value
    return None


def _fold(fn: Callable[..., Any], operands: tuple[Operand, ...]) -> Const | None:
    """Return the value of an operator applied to known Python numbers."""
    table = INFIX if fn in INFIX else PREFIX if fn in PREFIX else None
    numbers = [_number(operand) if isinstance(operand, Const) else None for operand in operands]
    if table is None or any(number is None for number in numbers):
        return None
    try:
        return Const(table[fn].function(*numbers))
    except ArithmeticError:
        return None


def _stage_multiply(builder: Builder, a: Any, b: Any) -> Any:
    folded = _fold(np.multiply, (unstage(a), unstage(b)))
    if folded is not None:
        return Staged(builder, folded)
    for factor, other in ((a, b), (b, a)):
        number = _number(factor)
        if number is not None and _is_float(unstage(other)):
            if number == 1:
                return other
            if number == -1:
                return -other
    return Staged(builder, builder.apply(np.multiply, unstage(a), unstage(b)))


def _stage_divide(builder: Builder, a: Any, b: Any) -> Any:
    if _number(b) == 1 and _is_float(unstage(a)):
        return a
    folded = _fold(np.divide, (unstage(a), unstage(b)))
    if folded is not None:
        return Staged(builder, folded)
    return Staged(builder, builder.apply(np.divide, unstage(a), unstage(b)))


def _stage_divided(builder: Builder, a: Any, b: Any) -> Any:
    """Divide by Python's operator what has no zero below, and what NumPy divides anyway."""
    t, number, operand = type_of(unstage(b)), _number(b), unstage(a)
    positive = isinstance(t, Scalar) and t.size is not None and never_zero(t.size)
    if not isinstance(t, Scalar) or number or positive:
        return _stage_divide(builder, a, b)
    for made in builder.statements:
        if isinstance(made, Apply) and made.result is operand and made.fn is np.broadcast_to:
            # A number that stands for all items is divided as one, in the end.
            part = _stage_divided(builder, stage(builder, made.args[0]), b)
            return _stage_broadcast_to(builder, part, stage(builder, made.args[1]))
    if not isinstance(type_of(operand), Scalar):
        return _stage_divide(builder, a, b)
    return Staged(builder, builder.apply(divided, unstage(a), unstage(b)))


def _stage_broadcast_to(builder: Builder, value: Any, shape: Any, subok: bool = False) -> Any:
    operand = unstage(value)
    t = type_of(operand)
    have = () if isinstance(t, Scalar) else t.shape if isinstance(t, Array) else None
    if have is not None and have == _sizes(shape):
        return value
    return Staged(builder, builder.apply(np.broadcast_to, operand, unstage(shape)))


def _stage_reshape(builder: Builder, value: Any, shape: Any, **kwargs: Any) -> Any:
    operand = unstage(value)
    t = type_of(operand)
    if isinstance(t, Array) and t.shape is not None and t.shape == _sizes(shape) and not kwargs:
        return value
    named: dict[str, Any] = {name: unstage(v) for name, v in kwargs.items()}
    return Staged(builder, builder.apply(np.reshape, operand, unstage(shape), **named))


def _stage_not(builder: Builder, value: Any) -> Any:
    """``~mask`` of an array of booleans; of a Python one that is a number."""
    operand = unstage(value)
    t = type_of(operand)
    mask = isinstance(t, Array) and t.rank and t.dtype is not None and t.dtype.kind == "b"
    return Staged(builder, builder.apply(np.invert if mask else np.logical_not, operand))


def _stage_conjugate(builder: Builder, value: Any) -> Any:
    return value.conj() if isinstance(value, Staged) else np.conjugate(value)


def _stage_real(builder: Builder, value: Any) -> Any:
    t = type_of(unstage(value))
    real = (isinstance(t, Scalar) and t.kind != "complex") or (
        isinstance(t, Array) and t.dtype is not None and t.dtype.kind != "c"
    )
    return value if real else Staged(builder, builder.apply(np.real, unstage(value)))


def _fact(name: str) -> Callable[[Builder, Any], Any]:
    """Answer a function of an operand by the attribute of that name."""
    get = operator.attrgetter(name)
    return lambda builder, value: get(value)


def _stage_is_complex(builder: Builder, value: Any) -> bool:
    t = type_of(unstage(value))
    if isinstance(t, Scalar):
        return t.kind == "complex"
    if isinstance(t, Array) and t.dtype is not None:
        return t.dtype.kind == "c"
    raise NeedsRuntimeValue("whether a value is complex")


_STATIC: dict[Any, Callable[..., Any]] = {
    sum_to: _stage_sum_to,
    np.multiply: _stage_multiply,
    np.divide: _stage_divide,
    divided: _stage_divided,
    np.broadcast_to: _stage_broadcast_to,
    np.reshape: _stage_reshape,
    np.conjugate: _stage_conjugate,
    np.real: _stage_real,
    np.logical_not: _stage_not,
    np.iscomplexobj: _stage_is_complex,
    np.ndim: _fact("ndim"),
    np.shape: _fact("shape"),
    np.size: _fact("size"),
}
