"""Lists of run-time length: how a cotangent goes back to their items."""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np

from s2s_grad.analysis.error_places import location_of
from s2s_grad.analysis.infer import row_type, type_of
from s2s_grad.differentiate.cotangents import Cotangents, zeros_of
from s2s_grad.errors import MissingRule
from s2s_grad.ir.nodes import Apply, Const, Operand, Pack, Var
from s2s_grad.ir.primitives import Memory, table
from s2s_grad.ir.types import Array, ListOf, Scalar
from s2s_grad.ir.walk import vars_of
from s2s_grad.runtime import split_like, with_item

__all__ = ["LIST_FUNCTIONS", "pull_back_to_list"]

LIST_FUNCTIONS = {list, operator.concat, operator.mul, split_like, with_item}


def pull_back_to_list(statement: Apply, cotangents: Cotangents, active: set[Var]) -> bool:
    """Add the contribution of a function of a list; False if it is none, or needs its rule."""
    if not statement.args:
        return False
    back = _BACK.get(statement.fn)
    base = statement.args[0]
    rows = isinstance(type_of(base), Array) and (statement.fn in _ALONG or back is _concatenated)
    listed = isinstance(type_of(base), ListOf) or rows
    if back is None or not (listed or statement.fn in LIST_FUNCTIONS):
        return False
    if back is _repeated and not any(isinstance(arg, Pack) for arg in statement.args):
        return False
    selected = cotangents.has_zeros(statement.result) or back in (_item, _replaced)
    incoming = cotangents.take(statement.result)
    if incoming is not None:
        given = {var for arg in statement.args for var in vars_of(arg)}
        reached = {var for var in given if cotangents.has_zeros(var)}
        cotangents.mark = len(cotangents.builder.statements)
        back(statement, cotangents.dense(incoming), cotangents, active)
        if selected:
            cotangents.selected |= reached
    return True


def _item(statement: Apply, ct: Operand, cotangents: Cotangents, active: set[Var]) -> None:
    """``x = items[index]``."""
    base, index = statement.args
    if not isinstance(base, Var) or base not in active:
        return
    apply = cotangents.builder.apply
    before = cotangents.dense_value(base)
    t = type_of(base)
    if before is None and isinstance(index, Pack):
        alone = _widened(base, index, ct, cotangents)
        if alone is not None:
            cotangents.replace(base, alone)
            return
    if before is None:
        before = zeros_of(cotangents.builder, base)
    old = apply(operator.getitem, before, index)
    total = cotangents.sum(old, ct)
    cotangents.replace(base, apply(with_item, before, index, total, type=t))


def _widened(base: Var, part: Pack, ct: Operand, cotangents: Cotangents) -> Operand | None:
    """Return the cotangent of a list that only a part was read of; None for unusual parts."""
    apply, none = cotangents.builder.apply, Const(None)
    start, stop, step = part.items
    t = type_of(base)
    bounds = [isinstance(bound, Const) and bound.value is None for bound in part.items]
    if all(bounds[:2]) and isinstance(step, Const) and step.value == -1:
        return apply(operator.getitem, ct, part, type=type_of(ct))
    if not bounds[2] or bounds[0] is bounds[1]:
        return None
    left_out = (none, start, none) if bounds[1] else (stop, none, none)
    rest = apply(operator.getitem, base, Pack(slice, left_out), type=t)
    zeros, ct = zeros_of(cotangents.builder, rest), _as_list(ct, cotangents)
    return apply(operator.concat, *((zeros, ct) if bounds[1] else (ct, zeros)), type=t)


def _as_list(ct: Operand, cotangents: Cotangents) -> Operand:
    """Return the cotangent of a list, whose items may be the rows of an array, as a list."""
    if isinstance(type_of(ct), ListOf):
        return ct
    return cotangents.builder.apply(list, ct)


def _joined(statement: Apply, ct: Operand, cotangents: Cotangents, active: set[Var]) -> None:
    """``items = head + tail``."""
    head, tail = statement.args
    apply = cotangents.builder.apply
    none = Const(None)
    t = type_of(ct)
    if isinstance(tail, Pack) and not tail.items and isinstance(head, Var):
        if head in active:
            cotangents.add(head, ct)
        return
    if isinstance(tail, Pack) and not isinstance(head, Pack):
        # Counted from the end: the length of the head need not be kept.
        count: Operand = Const(-len(tail.items))
    else:
        count = Const(len(head.items)) if isinstance(head, Pack) else apply(len, head)
    if isinstance(head, Pack):
        for place, item in enumerate(head.items):
            cotangents.add(item, apply(operator.getitem, ct, Const(place)))
    elif isinstance(head, Var) and head in active:
        part = apply(operator.getitem, ct, Pack(slice, (none, count, none)), type=t)
        cotangents.add(head, part)
    if isinstance(tail, Var) and tail in active:
        part = apply(operator.getitem, ct, Pack(slice, (count, none, none)), type=t)
        cotangents.add(tail, part)
    elif isinstance(tail, Pack):
        for place, item in enumerate(tail.items):
            at = len(tail.items) - place
            cotangents.add(item, apply(operator.getitem, ct, Const(-at)))


def _repeated(statement: Apply, ct: Operand, cotangents: Cotangents, active: set[Var]) -> None:
    """``items = [a, b] * times``."""
    apply, none = cotangents.builder.apply, Const(None)
    whole = next(arg for arg in statement.args if isinstance(arg, Pack))
    for place, item in enumerate(whole.items):
        if any(var in active for var in vars_of(item)):
            part = Pack(slice, (Const(place), none, Const(len(whole.items))))
            same = apply(np.array, apply(operator.getitem, ct, part, type=type_of(ct)))
            cotangents.add(item, apply(np.sum, same, axis=Const(0)))


def _replaced(statement: Apply, ct: Operand, cotangents: Cotangents, active: set[Var]) -> None:
    """``items = with_item(items, index, value)``."""
    base, index, value = statement.args
    apply = cotangents.builder.apply
    part = apply(operator.getitem, ct, index, type=type_of(value))
    if isinstance(base, Var) and base in active:
        zero = zeros_of(cotangents.builder, part)
        cotangents.add(base, apply(with_item, ct, index, zero, type=type_of(base)))
    cotangents.add(value, part)


def _rows(statement: Apply, ct: Operand, cotangents: Cotangents, active: set[Var]) -> None:
    """Stack: the items of the cotangent are its rows."""
    cotangents.add(statement.args[0], ct)


def _stacked(statement: Apply, ct: Operand, cotangents: Cotangents, active: set[Var]) -> None:
    axis = _axis(statement)
    if not isinstance(axis, Const) or axis.value != 0:
        ct = cotangents.builder.apply(np.moveaxis, ct, axis, Const(0))
    cotangents.add(statement.args[0], ct)


def _concatenated(statement: Apply, ct: Operand, cotangents: Cotangents, active: set[Var]) -> None:
    """Join along an axis: each item gets its piece."""
    items = statement.args[0]
    axis = _axis(statement)
    if isinstance(axis, Const) and axis.value is None:
        if _item_rank(items) != 1:
            raise _unknown_join(statement)
        axis = Const(0)
    _add_pieces(items, axis, ct, cotangents)


def _add_pieces(items: Operand, axis: Operand, ct: Operand, cotangents: Cotangents) -> None:
    """Cut what was joined along an axis; the items may be the rows of an array."""
    t = type_of(items)
    if isinstance(t, ListOf):
        cotangents.add(items, cotangents.builder.apply(split_like, ct, items, axis, type=t))
        return
    pieces = cotangents.builder.apply(split_like, ct, items, axis, type=ListOf(row_type(items)))
    cotangents.add(items, cotangents.builder.apply(np.array, pieces, type=t))


def _joined_by_rank(
    statement: Apply, ct: Operand, cotangents: Cotangents, active: set[Var]
) -> None:
    """Join items to which axes are added, so that where they lie depends on their rank."""
    items, apply = statement.args[0], cotangents.builder.apply
    rank = _item_rank(items)
    if rank is None:
        raise _unknown_join(statement)
    index, transposed = _ROWS.get((statement.fn, rank), (None, False))
    if (statement.fn, rank) not in _ROWS:
        axis = Const(_ALONG[statement.fn] if rank > 1 or statement.fn is np.block else 0)
        _add_pieces(items, axis, ct, cotangents)
        return
    if index is not None:
        ct = apply(operator.getitem, ct, index)
    if transposed:
        ct = apply(np.moveaxis, ct, Const(-1), Const(0))
    cotangents.add(items, ct)


_EVERY = Const(slice(None))
# Where the items are the rows of what is joined: of which part, and along its last axis or not.
_ROWS: dict[tuple[Callable[..., object], int], tuple[Operand | None, bool]] = {
    (np.hstack, 0): (None, False),
    (np.block, 0): (None, False),
    (np.vstack, 0): (Pack(tuple, (_EVERY, Const(0))), False),
    (np.column_stack, 0): (Const(0), False),
    (np.dstack, 0): (Pack(tuple, (Const(0), Const(0))), False),
    (np.vstack, 1): (None, False),
    (np.column_stack, 1): (None, True),
    (np.dstack, 1): (Const(0), True),
    (np.dstack, 2): (None, True),
}
_ALONG: dict[Callable[..., object], int] = {
    fn: record.along
    for fn, record in table.items()
    if record.along is not None and record.memory is Memory.NEW
}


def _unknown_join(statement: Apply) -> MissingRule:
    return MissingRule(
        f"`{statement.fn.__name__}` of a list of arrays whose number of axes is not known",
        "use np.stack, or give the axis along which they are joined",
        location_of(statement.origin),
    )


def _listed(statement: Apply, ct: Operand, cotangents: Cotangents, active: set[Var]) -> None:
    """``items = list(sequence)``."""
    base = statement.args[0]
    if isinstance(base, Pack):
        for place, item in enumerate(base.items):
            cotangents.add(item, cotangents.builder.apply(operator.getitem, ct, Const(place)))
        return
    t = type_of(base)
    if isinstance(t, Array):
        shape = cotangents.builder.apply(np.shape, base)
        ct = cotangents.builder.apply(np.reshape, ct, shape, type=t)
    cotangents.add(base, ct)


def _split(statement: Apply, ct: Operand, cotangents: Cotangents, active: set[Var]) -> None:
    """``pieces = split_like(array, parts, axis)``."""
    joined = cotangents.builder.apply(np.concatenate, ct, axis=statement.args[2])
    cotangents.add(statement.args[0], joined)


def _axis(statement: Apply) -> Operand:
    given = dict(statement.kwargs).get("axis")
    if given is None and len(statement.args) > 1:
        given = statement.args[1]
    return Const(0) if given is None else given


def _item_rank(items: Operand) -> int | None:
    """Return the rank of the items of a list, or of the rows of an array."""
    t = type_of(items)
    if isinstance(t, Array):
        return None if t.shape is None else len(t.shape) - 1
    return _rank(t) if isinstance(t, ListOf) else None


def _rank(t: ListOf) -> int | None:
    if isinstance(t.item, Scalar):
        return 0
    return t.item.rank if isinstance(t.item, Array) else None


_BACK: dict[Callable[..., object], Callable[..., None]] = {
    operator.getitem: _item,
    list: _listed,
    operator.concat: _joined,
    operator.mul: _repeated,
    split_like: _split,
    with_item: _replaced,
    np.array: _rows,
    np.asarray: _rows,
    np.reshape: _rows,
    np.stack: _stacked,
    np.concatenate: _concatenated,
    **dict.fromkeys(_ALONG, _joined_by_rank),
}
