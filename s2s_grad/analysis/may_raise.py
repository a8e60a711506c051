"""Which applications may raise when they run: what is dead may only go where it cannot.

The answer is by primitive, from the types and the sizes that are proven. What is not known may
raise.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from s2s_grad.analysis.counters import Counters
from s2s_grad.analysis.dummies import runs_on_examples
from s2s_grad.analysis.indexing import index_items
from s2s_grad.analysis.infer import infer, type_of
from s2s_grad.ir.nodes import Apply, Block, Const, Effect, Operand, Pack, Statement, Var
from s2s_grad.ir.primitives import Raises, primitive
from s2s_grad.ir.types import (
    Array,
    Dict,
    Dim,
    ListOf,
    Range,
    Scalar,
    Sequence,
    Size,
    Type,
    is_empty,
)
from s2s_grad.runtime import add_at, set_item

__all__ = ["SUBSCRIPTS", "Raising", "broadcasts", "has_one_truth", "raises_again"]

SUBSCRIPTS: set[Callable[..., Any]] = {operator.getitem, set_item, add_at}
_Args = tuple[Operand, ...]
_LARGEST_POWER = 3  # what repeated products give without an error


@dataclass(slots=True)
class Raising:
    """Answers for the statements of one program; what it has to search for is found once."""

    block: Block
    counters: Counters = field(init=False)

    def __post_init__(self) -> None:
        self.counters = Counters(self.block)

    def may_raise(self, statement: Apply) -> bool:
        """Return whether running a statement may raise."""
        fn, args = statement.fn, statement.args
        match primitive(fn).raises:
            case Raises.NEVER:
                return False
            case Raises.VALUES:
                return True
            case Raises.SUBSCRIPT:
                return not self._is_inside(type_of(args[0]), args[1])
            case Raises.STORE:
                return not self._is_stored(*args)
            case Raises.SHAPES:
                return not broadcasts((*args, *(operand for _, operand in statement.kwargs)))
            case Raises.EMPTY if not all(_has_items(type_of(arg)) for arg in args[:1]):
                return True
            case Raises.EMPTY | Raises.EXAMPLES:
                return not runs_on_examples(fn, args, dict(statement.kwargs), type_of)
            case of_numbers:
                return _OF_NUMBERS[of_numbers](args)

    def as_check(self, statement: Apply) -> tuple[Statement, ...]:
        """Return what raises where a statement does, and costs less where that is possible."""
        fn, args, origin = statement.fn, statement.args, statement.origin
        bare = replace(origin, expression=None)
        if fn in (set_item, add_at) and _is_number(type_of(args[2])):
            return (Effect(None, operator.getitem, args[:2], (), bare),)
        arrays = [arg for arg in args if not _is_number(type_of(arg))]
        known = all(isinstance(type_of(arg), Array) for arg in arrays)
        if arrays and known and primitive(fn).elementwise and not statement.kwargs:
            shapes = tuple(Var("shape", infer(np.shape, (arg,), {})) for arg in arrays)
            asked = (
                Apply(shape, np.shape, (arg,), (), bare)
                for shape, arg in zip(shapes, arrays, strict=True)
            )
            return (*asked, Effect(None, np.broadcast_shapes, shapes, (), bare))
        return (Effect(None, fn, args, statement.kwargs, origin),)

    # -------------------------------------------------------------------------------- writes

    def _is_stored(self, array: Operand, index: Operand, value: Operand) -> bool:
        """Return whether a value is proven to fit into the part of an array that is there."""
        if not self._is_inside(type_of(array), index):
            return False
        part, t = infer(operator.getitem, (array, index), {}), type_of(value)
        if _is_number(t):
            return True
        if not (isinstance(part, Array) and isinstance(t, Array)):
            return False
        if part.shape is None or t.shape is None or len(t.shape) > len(part.shape):
            return False
        pairs = zip(reversed(t.shape), reversed(part.shape), strict=False)
        return all(own == 1 or _same_size(own, size) for own, size in pairs)

    # ------------------------------------------------------------------------------ subscripts

    def _is_inside(self, base: Type, index: Operand) -> bool:
        """Return whether a subscript is proven to name items that are there."""
        match base:
            case Sequence(items=items):
                return isinstance(index, Pack) or self._fits(index, len(items))
            case ListOf(length=length) | Range(length=length):
                return isinstance(index, Pack) or (length is not None and self._fits(index, length))
            case Dict(keys=keys):
                return isinstance(index, Const) and index.value in keys
            case Array(shape=shape) if shape is not None:
                return self._is_inside_array(shape, index_items(index))
            case _:
                return False

    def _is_inside_array(self, shape: tuple[Size, ...], items: _Args) -> bool:
        sizes = list(shape)
        for place, item in enumerate(items):
            if isinstance(item, Const) and item.value is None:
                continue
            if isinstance(item, Const) and item.value is Ellipsis:
                after = sum(1 for i in items[place + 1 :] if not _is_new_axis(i))
                del sizes[: len(sizes) - after]
                continue
            if not sizes:
                return False
            size = sizes.pop(0)
            if not (_is_slice(item) or self._fits(item, size)):
                return False
        return True

    def _fits(self, index: Operand, size: Size) -> bool:
        least, end = self.counters.interval(index)
        if least is None or end is None:
            return False
        enough = isinstance(size, int) and least >= -size
        return (least >= 0 or enough) and _at_most(end, size)


def _is_number(t: Type) -> bool:
    return isinstance(t, Scalar) or (isinstance(t, Array) and t.shape == ())


def _at_most(a: Size, b: Size) -> bool:
    if isinstance(a, Dim) and isinstance(b, Dim):
        return a.symbol == b.symbol and a.offset <= b.offset
    return isinstance(a, int) and isinstance(b, int) and a <= b


def _is_new_axis(item: Operand) -> bool:
    return isinstance(item, Const) and item.value is None


def _is_slice(item: Operand) -> bool:
    if isinstance(item, Pack):
        return item.kind is slice
    return isinstance(item, Const) and isinstance(item.value, slice)


# ---------------------------------------------------------------------------------------- tables


def broadcasts(args: _Args) -> bool:
    """Return whether operands are proven to be numbers and arrays that broadcast."""
    found: tuple[Size, ...] = ()
    for t in map(type_of, args):
        shape = () if isinstance(t, Scalar) else t.shape if isinstance(t, Array) else None
        if shape is None:
            return False
        rank = max(len(found), len(shape))
        ones = (1,) * rank
        pairs = list(zip((*ones, *found)[len(found) :], (*ones, *shape)[len(shape) :], strict=True))
        if not all(1 in (x, y) or _same_size(x, y) for x, y in pairs):
            return False
        found = tuple(y if x == 1 else x for x, y in pairs)
    return True


def _same_size(a: Size, b: Size) -> bool:
    if isinstance(a, Dim) and isinstance(b, Dim):
        return (a.symbol, a.offset) == (b.symbol, b.offset)
    return a == b


def _has_items(t: Type) -> bool:
    """Return whether an array, or a list, is proven to have an item."""
    if isinstance(t, Array):
        return t.shape is not None and all(isinstance(n, int) and n > 0 for n in t.shape)
    return isinstance(t, Scalar) or (isinstance(t, Sequence) and bool(t.items))


def _numbers(args: _Args) -> bool:
    return all(isinstance(type_of(arg), Scalar) for arg in args)


def _divides(args: _Args) -> bool:
    """Python's division of numbers raises where NumPy's gives an infinity."""
    if not _numbers(args):
        return not broadcasts(args)
    by = args[1]
    return not (isinstance(by, Const) and by.value)


def _power(args: _Args) -> bool:
    if not _numbers(args):
        return not broadcasts(args)
    exponent = args[1].value if isinstance(args[1], Const) else None
    if not isinstance(exponent, (int, float)):
        return True
    return not (0 <= exponent <= _LARGEST_POWER and float(exponent).is_integer())


def _to_float(args: _Args) -> bool:
    t = type_of(args[0]) if args else Scalar("float")
    real = isinstance(t, Scalar) and t.kind != "complex"
    return not (real or (isinstance(t, Array) and t.shape == ()))


def _to_int(args: _Args) -> bool:
    t = type_of(args[0]) if args else Scalar("int")
    whole = isinstance(t, Array) and t.dtype is not None and t.dtype.kind in "biu"
    return not (
        (isinstance(t, Scalar) and t.kind in ("bool", "int"))
        or (isinstance(t, Array) and whole and t.shape == ())
    )


def _to_bool(args: _Args) -> bool:
    return not all(has_one_truth(type_of(arg)) for arg in args)


def has_one_truth(t: Type) -> bool:
    """Return whether `if` takes a value of this type."""
    if isinstance(t, Array):
        return t.shape is not None and all(size == 1 for size in t.shape)
    return isinstance(t, (Scalar, Sequence, ListOf, Dict, Range))


def _of_items(args: _Args) -> bool:
    types = [type_of(arg) for arg in args]
    if len(types) == 1:
        return not (isinstance(types[0], Sequence) and types[0].items and _plain(types[0].items))
    return not _plain(tuple(types))


def _plain(types: tuple[Type, ...]) -> bool:
    return all(has_one_truth(t) and isinstance(t, (Scalar, Array)) for t in types)


_OF_NUMBERS: dict[Raises, Callable[[_Args], bool]] = {
    Raises.DIVISION: _divides,
    Raises.POWER: _power,
    Raises.FLOAT: _to_float,
    Raises.INTEGER: _to_int,
    Raises.TRUTH: _to_bool,
    Raises.ITEMS: _of_items,
}


# ---------------------------------------------------------------------- what derivatives compute


def raises_again(statement: Apply, cotangent: Type | None, active: set[Var]) -> bool:
    """Return whether the pullback of a statement raises where the statement itself does."""
    fn, args = statement.fn, statement.args
    if any(is_empty(type_of(arg)) for arg in args):
        return False  # such gradients are not computed
    record = primitive(fn)
    if record.raises_again:
        return True
    if fn is add_at:  # the cotangent of the array itself is handed on as it is
        return isinstance(args[2], Var) and args[2] in active
    types = [type_of(arg) for arg in args]
    if isinstance(fn, np.ufunc) and all(isinstance(t, Scalar) for t in types):
        negative = isinstance(args[-1], Const) and args[-1].value < 0
        divides = fn is np.divide or (fn is np.power and negative)
        return divides and (cotangent is None or isinstance(cotangent, Scalar))
    if record.elementwise:
        arrays = [arg for arg, t in zip(args, types, strict=True) if not isinstance(t, Scalar)]
        every = all(isinstance(arg, Var) and arg in active for arg in arrays)
        return every or (not record.sums and fn is not np.where)
    module = (getattr(fn, "__module__", None) or "").partition(".")
    return module[0] == "numpy" and module[2].startswith("linalg")
