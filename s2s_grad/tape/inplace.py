"""Writes: in-place operators and methods, assignment to items, and `out=`.

Each is the recorded operation out of place, a write of its result to memory, and a new history for
the tensor: its own, or through the base where it is a view.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.errors import MissingRule
from s2s_grad.rules import find_rule
from s2s_grad.runtime import add_at, set_item, sum_to
from s2s_grad.tape.core import Tensor, array_of, attach, bump, plain, wrap
from s2s_grad.tape.errors import InPlaceError, TapeError
from s2s_grad.tape.graph import Node
from s2s_grad.tape.kinds import is_array, is_list, is_sequence, is_tuple
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.places import here, location
from s2s_grad.tape.protect import protect
from s2s_grad.tape.reading import is_plain_index
from s2s_grad.tape.record import any_active, call, elementwise, is_active, qualified, record
from s2s_grad.tape.views import copy_slices

__all__ = ["add_items", "apply", "assign", "set_items", "update"]


def check_write(tensor: Tensor) -> None:
    """Raise where a write would make the history of a tensor wrong."""
    if STATE.copies is not None:
        protect(tensor._counter)
    if tensor._counter is None and not STATE.inference:
        raise InPlaceError(
            "a tensor made in inference mode was written in place outside of it",
            "copy it first: t.clone()",
            location(here()),
        )
    if not STATE.enabled:
        return
    view = tensor._view
    if view is not None:
        view.refresh(tensor)
        base = view.base
        if not base._requires and not tensor._requires:
            return
        if not view.recorded:
            raise InPlaceError(
                "a view that was made under no_grad() was written in place while recording",
                "make the view outside of no_grad(), or write under no_grad() too",
                location(here()),
            )
        if view.several:
            raise InPlaceError(
                "one of several views that a single call made (as split does) was written in place",
                "write to the base by index, or to a copy",
                location(here()),
            )
        if base._node is None and base._requires:
            raise InPlaceError(
                "a view of a leaf that requires grad was written in place",
                "write under no_grad(), as an optimiser does, or to a copy",
                location(here()),
            )
        return
    if tensor._node is None and tensor._requires:
        raise InPlaceError(
            "a leaf that requires grad was written in place",
            "write under no_grad(), as an optimiser does, or to a copy",
            location(here()),
        )
    if tensor._extra and tensor._extra.get("several") and tensor._view is None:
        return


def snapshot(tensor: Tensor, copy: bool) -> Tensor:
    """Return the tensor as it is now, with its own version; with its own memory if asked."""
    if tensor._view is not None:
        tensor._view.refresh(tensor)
    old = wrap(tensor._value.copy() if copy else tensor._value)
    old._node = tensor._node
    old._requires = tensor._requires
    return old


def rebase(tensor: Tensor, result: Any) -> None:
    """Give a tensor, whose memory was just written, the history of a result."""
    bump(tensor)
    if not STATE.enabled:
        return
    view = tensor._view
    if view is None:
        tensor._node = result._node
        tensor._requires = result._requires
        if result._node is None and result._requires:
            raise AssertionError("the result of a write is no leaf")
        if tensor._extra and tensor._extra.get("retains") and tensor._node is not None:
            tensor._node.retain(tensor)
    elif view.base._requires or result._requires:
        copy_slices(view, result)


def update(tensor: Tensor, result: Any) -> Tensor:
    """Write a result to the memory of a tensor that it was computed from."""
    value = plain(result)
    target = array_of(tensor)
    _check_kind(tensor, result)
    np.copyto(target, value, casting="same_kind")
    if isinstance(result, Tensor) and result._node is None and result._requires:
        result = call(np.positive, (result,), {})
    if not isinstance(result, Tensor):
        result = wrap(np.asarray(value))
    if result._requires and result.shape != target.shape:
        result = call(np.broadcast_to, (result, target.shape), {})
    rebase(tensor, result)
    return tensor


def _check_kind(tensor: Tensor, result: Any) -> None:
    if STATE.enabled and is_active(result) and tensor.dtype.kind not in "fc":
        raise TapeError(
            f"a value that requires grad was written to a tensor of dtype {tensor.dtype}: its "
            "gradient would be lost",
            "make the target a floating array, or detach() the value",
            location(here()),
        )


def apply(fn: Callable[..., Any], tensor: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Write ``fn(tensor, *args)`` to the memory of the tensor."""
    check_write(tensor)
    recorded = STATE.enabled and (is_active(tensor) or any_active(args))
    if isinstance(fn, np.ufunc) and fn.nin == 2 and not kwargs:
        copies = recorded and fn not in (np.add, np.subtract)
        return update(tensor, elementwise(fn, snapshot(tensor, copies), _own(args[0], tensor)))
    old = snapshot(tensor, recorded)
    return update(tensor, fn(old, *[_own(arg, tensor) for arg in args], **kwargs))


def _own(value: Any, tensor: Tensor) -> Any:
    """Return an operand that the write does not change."""
    if isinstance(value, Tensor) and value._counter is tensor._counter is not None:
        return snapshot(value, True)
    return value


def inplace_ufunc(fn: Any, tensor: Tensor, other: Any) -> Any:
    """Run an in-place operator; NumPy scalars are replaced, as in NumPy."""
    if not is_array(tensor._value):
        return NotImplemented  # Python then takes the operator that gives a new value
    if STATE.enabled and (is_active(tensor) or is_active(other)):
        return apply(fn, tensor, other)
    check_write(tensor)
    fn(tensor._value, plain(other), out=tensor._value)
    bump(tensor)
    return tensor


# ----------------------------------------------------------------------------------------- items


def set_items(tensor: Tensor, index: Any, value: Any) -> None:
    """Run ``tensor[index] = value``."""
    place = _frozen(plain(index))
    if _is_itself(tensor, place, value):
        return
    check_write(tensor)
    if is_sequence(value) and any_active(value):
        value = call(np.stack, (list(value),), {})
    _check_kind(tensor, value)
    recorded = STATE.enabled and (is_active(tensor) or is_active(value))
    old = snapshot(tensor, False) if recorded else None
    target = array_of(tensor)
    target[place] = plain(value)
    if old is None:
        bump(tensor)
        return
    value = _fitting(target[place], value)
    rule = find_rule(set_item)
    assert rule is not None
    result = record(rule, {"array": old, "index": place, "value": value}, target)
    if result._node.__class__ is Node and result._node.plan.active[0] == "array":
        result._node.__class__ = WriteNode
    rebase(tensor, result)


class WriteNode(Node):
    """A write of items, as in ``y[i] = v``: the next cotangent is this one with a hole.

    What the rule computes is done in place where the array is not needed any more, so that a loop
    that fills an array stays linear.
    """

    __slots__ = ()
    fresh = True

    def run_owned(self, ct: Any) -> Any:
        """Return the cotangents of the array before and of what was written."""
        plan = self.plan
        index = plan.slot(self, "index")
        if not is_array(ct) or not is_plain_index(index):
            return self.run(ct, False)
        found: list[Any] = [ct]
        if len(plan.active) > 1:
            written = ct[index]
            written = written.copy() if is_array(written) else written
            found.append(sum_to(written, plan.slot(self, "value_shape")))
        ct[index] = 0
        return found


def add_items(tensor: Tensor, index: Any, value: Any) -> None:
    """Run ``np.add.at(tensor, index, value)``."""
    check_write(tensor)
    place = _frozen(plain(index))
    _check_kind(tensor, value)
    recorded = STATE.enabled and (is_active(tensor) or is_active(value))
    old = snapshot(tensor, False) if recorded else None
    target = array_of(tensor)
    np.add.at(target, place, plain(value))
    if old is None:
        bump(tensor)
        return
    value = _fitting(target[place], value)
    rule = find_rule(add_at)
    assert rule is not None
    rebase(tensor, record(rule, {"array": old, "index": place, "value": value}, target))


def _frozen(index: Any) -> Any:
    """Return an index that later writes to its arrays do not change."""
    if is_array(index):
        return index.copy()
    if is_tuple(index):
        return tuple([_frozen(item) for item in index])
    if is_list(index):
        return np.array(index) if index else index
    return index


def _fitting(part: Any, value: Any) -> Any:
    """Return the value without leading axes of size 1 that the target does not have."""
    extra = np.ndim(plain(value)) - np.ndim(part)
    if extra > 0 and isinstance(value, Tensor):
        return call(np.reshape, (value, value.shape[extra:]), {})
    return value


def _is_itself(tensor: Tensor, place: Any, value: Any) -> bool:
    """Return whether a view is assigned to where it lies, as ``x[a:b] += v`` ends."""
    if not isinstance(value, Tensor) or value._view is None:
        return False
    if value._counter is not tensor._counter or not is_array(tensor._value):
        return False
    part = tensor._value[place]
    given = value._value
    if not is_array(part) or part.shape != given.shape:
        return False
    same = part.__array_interface__["data"][0] == given.__array_interface__["data"][0]
    return same and part.strides == given.strides and part.dtype == given.dtype


@attach("__setitem__")
def _setitem(tensor: Tensor, index: Any, value: Any) -> None:
    set_items(tensor, index, value)


def assign(target: Any, result: Any, fn: Any) -> Any:
    """Write a result to what was given as ``out=``."""
    if is_tuple(target):
        if len(target) != 1:
            raise TapeError("out= with several arrays is not supported", "call it without out=")
        target = target[0]
    if not isinstance(target, Tensor):
        if is_active(result):
            raise TapeError(
                f"the result of `{qualified(fn)}` requires grad and was to be written to an array "
                "(out=), where its gradient would be lost",
                "let out= be a tensor (tape.zeros(...)), or leave it out",
                location(here()),
            )
        np.copyto(target, plain(result), casting="same_kind")
        return target
    check_write(target)
    return update(target, result)


# --------------------------------------------------------------------------------------- methods

_OPERATORS = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.divide,
    "pow": np.power,
    "floordiv": np.floor_divide,
    "mod": np.remainder,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "lshift": np.left_shift,
    "rshift": np.right_shift,
}


def _operator(fn: Any) -> Callable[[Tensor, Any], Any]:
    def run(tensor: Tensor, other: Any) -> Any:
        return inplace_ufunc(fn, tensor, other)

    return run


for _name, _fn in _OPERATORS.items():
    attach(f"__i{_name}__")(_operator(_fn))


@attach("__imatmul__")
def _imatmul(tensor: Tensor, other: Any) -> Any:
    return apply(np.matmul, tensor, other)


def _binary(fn: Any) -> Callable[..., Tensor]:
    def method(tensor: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
        array_of(tensor)
        return apply(fn, tensor, other if alpha == 1 else other * alpha)

    return method


def _unary(fn: Any) -> Callable[..., Tensor]:
    def method(tensor: Tensor) -> Tensor:
        array_of(tensor)
        return apply(fn, tensor)

    return method


for _names, _fn in (
    (("add_",), np.add),
    (("sub_", "subtract_"), np.subtract),
    (("mul_", "multiply_"), np.multiply),
    (("div_", "divide_"), np.divide),
    (("pow_",), np.power),
    (("remainder_",), np.remainder),
):
    for _name in _names:
        attach(_name)(_binary(_fn))
for _name in [
    "abs",
    "exp",
    "log",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "tanh",
    "square",
    "reciprocal",
    "log1p",
    "expm1",
    "floor",
    "ceil",
]:
    attach(f"{_name}_")(_unary({"abs": np.absolute}.get(_name) or getattr(np, _name)))
attach("neg_")(_unary(np.negative))


@attach("sigmoid_")
def _sigmoid(tensor: Tensor) -> Tensor:
    from s2s_grad.tape.nn import functional

    array_of(tensor)
    return apply(functional.sigmoid, tensor)


@attach("relu_")
def _relu(tensor: Tensor) -> Tensor:
    from s2s_grad.tape.nn import functional

    array_of(tensor)
    return apply(functional.relu, tensor)


@attach("clamp_")
def clamp_(tensor: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Limit the values in place."""
    array_of(tensor)
    return apply(np.clip, tensor, min, max)


@attach("clip_")
def clip_(tensor: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Limit the values in place."""
    return clamp_(tensor, min, max)


@attach("fill_")
def fill_(tensor: Tensor, value: Any) -> Tensor:
    """Set every item."""
    array_of(tensor)
    set_items(tensor, ..., value)
    return tensor


@attach("fill")
def fill(tensor: Tensor, value: Any) -> None:
    """Set every item, as NumPy's method does."""
    fill_(tensor, value)


@attach("zero_")
def zero_(tensor: Tensor) -> Tensor:
    """Set every item to zero."""
    return fill_(tensor, 0)


@attach("copy_")
def copy_(tensor: Tensor, other: Any) -> Tensor:
    """Set the items to those of another tensor, which is broadcast."""
    return fill_(tensor, other)


@attach("sort")
def sort(tensor: Tensor, axis: int = -1) -> None:
    """Sort in place along an axis, as NumPy's method does."""
    apply(np.sort, tensor, axis=axis)


@attach("detach_")
def detach_(tensor: Tensor) -> Tensor:
    """Forget the history of this tensor."""
    if tensor._view is not None:
        raise InPlaceError(
            "detach_() was called on a view: its base would keep the history",
            "use detach(), or call detach_() on the base",
            location(here()),
        )
    tensor._node = None
    tensor._requires = False
    return tensor


# ------------------------------------------------------------------------- NumPy's own functions


def copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    """Run `np.copyto`."""
    if where is True:
        if isinstance(dst, Tensor):
            set_items(dst, ..., src)
        else:
            assign(dst, src, np.copyto)
        return
    chosen = call(np.where, (plain(where), src, dst), {})
    assign(dst, chosen, np.copyto)


def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """Run `np.fill_diagonal`."""
    target = _target(a, np.fill_diagonal)
    if wrap or target.ndim != 2:
        raise _unsupported(np.fill_diagonal, a, val)
    count = min(target.shape)
    if isinstance(val, Tensor) and val.ndim:
        val = call(np.reshape, (val, (-1,)), {})[:count]
    elif not isinstance(val, Tensor):
        val = np.resize(np.asarray(val), count) if np.ndim(val) else val
    at = np.arange(count)
    set_items(target, (at, at), val)


def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    """Run `np.put`."""
    target = _target(a, np.put)
    at = np.ravel(np.asarray(plain(ind)))
    if mode == "wrap":
        at = at % target.size
    elif mode == "clip":
        at = np.clip(at, 0, target.size - 1)
    if at.size == 0:
        return
    at = np.where(at < 0, at + target.size, at)
    values = v
    if np.ndim(plain(v)):
        values = call(np.take, (v, np.arange(at.size) % np.size(plain(v))), {})
    last = {int(position): i for i, position in enumerate(at)}  # the last of repeats counts
    kept = np.array(list(last.values()))
    if np.ndim(plain(values)):
        values = values[kept]
    set_items(target, np.unravel_index(at[kept], target.shape), values)


def putmask(a: Any, mask: Any, values: Any) -> None:
    """Run `np.putmask`."""
    target = _target(a, np.putmask)
    chosen = np.flatnonzero(np.asarray(plain(mask)))
    if np.ndim(plain(values)):
        values = call(np.take, (values, chosen % np.size(plain(values))), {})
    put(target, chosen, values)


def place(arr: Any, mask: Any, vals: Any) -> None:
    """Run `np.place`."""
    target = _target(arr, np.place)
    put(target, np.flatnonzero(np.asarray(plain(mask))), vals)


def _target(a: Any, fn: Any) -> Tensor:
    if isinstance(a, Tensor):
        return a
    raise TapeError(
        f"`{qualified(fn)}` was to write a tensor to an array, where its gradient would be lost",
        "let the target be a tensor (tape.zeros(...)), or detach() the value",
        location(here()),
    )


def _unsupported(fn: Any, *args: Any) -> Exception:
    return MissingRule(
        f"`{qualified(fn)}` with these arguments has no derivative rule",
        "write it with indexing",
        location(here()),
    )


def ufunc_at(fn: Any, target: Any, index: Any, *values: Any) -> None:
    """Run ``ufunc.at(target, index, value)``."""
    active = STATE.enabled and (is_active(target) or any_active(values))
    if not active:
        if isinstance(target, Tensor):
            check_write(target)
            fn.at(array_of(target), plain(index), *plain(values))
            bump(target)
        else:
            fn.at(target, plain(index), *plain(values))
        return
    tensor = _target(target, fn.at)
    if fn is np.add:
        add_items(tensor, index, values[0])
    elif fn is np.subtract:
        add_items(tensor, index, operator.neg(values[0]))
    else:
        raise MissingRule(
            f"`{qualified(fn)}.at` has no derivative rule",
            "only add.at and subtract.at can be recorded",
            location(here()),
        )
