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
from s2s_grad.analysis.raise_conditions import (
    CONDITIONS,
    broadcasts,
    fits_into,
    has_items,
    has_one_truth,
    is_number,
    is_slice,
    raises_by_shape,
    same_size,
    takes_kinds,
)
from s2s_grad.ir.nodes import Apply, Block, Const, Effect, Operand, Statement, Var
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
        record = primitive(fn)
        if isinstance(fn, np.ufunc) and record.elementwise:
            if statement.kwargs:
                return not runs_on_examples(fn, args, dict(statement.kwargs), type_of)
            if not takes_kinds(fn, args):
                return True
        match record.raises:
            case Raises.NEVER:
                return False
            case Raises.VALUES:
                return True
            case Raises.SUBSCRIPT:
                return not self._is_inside(type_of(args[0]), args[1])
            case Raises.STORE:
                array, index, value = args
                return not self._is_stored(array, index, value)
            case Raises.OPTIONS if len(args) == 1 and not statement.kwargs:
                return False
            case Raises.SHAPES:
                return not broadcasts((*args, *(operand for _, operand in statement.kwargs)))
            case Raises.EMPTY if not all(has_items(type_of(arg)) for arg in args[:1]):
                return True
            case Raises.EMPTY | Raises.OPTIONS | Raises.EXAMPLES:
                return not runs_on_examples(fn, args, dict(statement.kwargs), type_of)
            case other:
                return CONDITIONS[other](args)

    def as_check(self, statement: Apply) -> tuple[Statement, ...]:
        """Return what raises where a statement does, and costs less where that is possible."""
        fn, args, origin = statement.fn, statement.args, statement.origin
        bare = replace(origin, expression=None)
        if fn in (set_item, add_at) and self._is_plain(args[0], args[2]):
            return (Effect(None, operator.getitem, args[:2], (), bare),)
        arrays = [arg for arg in args if not is_number(type_of(arg))]
        known = all(isinstance(type_of(arg), Array) for arg in arrays)
        if arrays and known and raises_by_shape(fn, args) and not statement.kwargs:
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
        if is_number(t):
            return self._is_plain(array, value)
        if not (isinstance(part, Array) and isinstance(t, Array)):
            return False
        if part.shape is None or t.shape is None or len(t.shape) > len(part.shape):
            return False
        pairs = zip(reversed(t.shape), reversed(part.shape), strict=False)
        return all(own == 1 or same_size(own, size) for own, size in pairs)

    @staticmethod
    def _is_plain(array: Operand, value: Operand) -> bool:
        return is_number(type_of(value)) and fits_into(type_of(array), value)

    # ------------------------------------------------------------------------------ subscripts

    def _is_inside(self, base: Type, index: Operand) -> bool:
        """Return whether a subscript is proven to name items that are there."""
        match base:
            case Sequence(items=items):
                return is_slice(index) or self._fits(index, len(items))
            case ListOf(length=length) | Range(length=length):
                return is_slice(index) or (length is not None and self._fits(index, length))
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
            if not (is_slice(item) or self._fits(item, size)):
                return False
        return True

    def _fits(self, index: Operand, size: Size) -> bool:
        least, end = self.counters.interval(index)
        if least is None or end is None:
            return False
        enough = isinstance(size, int) and least >= -size
        return (least >= 0 or enough) and _at_most(end, size)


def _at_most(a: Size, b: Size) -> bool:
    if isinstance(a, Dim) and isinstance(b, Dim):
        return a.symbol == b.symbol and a.offset <= b.offset
    return isinstance(a, int) and isinstance(b, int) and a <= b


def _is_new_axis(item: Operand) -> bool:
    return isinstance(item, Const) and item.value is None


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
