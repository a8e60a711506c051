"""Writes to tensors: operators in place, assignment to items, and `out=`.

Each is the recorded operation out of place, a write of its result to memory, and a new history for
the tensor: its own, or through the base where it is a view.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.errors import ArgumentError, outer_level
from s2s_grad.rules import find_rule
from s2s_grad.runtime import add_at, set_item, sum_to
from s2s_grad.tape.core import Tensor, array_of, attach, bump, plain, seen_class, wrap
from s2s_grad.tape.errors import InPlaceError, TapeError
from s2s_grad.tape.graph import Node
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.protect import protect
from s2s_grad.tape.reading import is_plain_index
from s2s_grad.tape.recording import any_active, call, is_active, qualified, record
from s2s_grad.tape.ufuncs import elementwise
from s2s_grad.tape.user_lines import here, location
from s2s_grad.tape.value_tests import is_array, is_list, is_sequence, is_tuple
from s2s_grad.tape.views import copy_slices

__all__ = [
    "add_items",
    "apply",
    "as_written",
    "assign",
    "check_fits",
    "check_write",
    "inplace_ufunc",
    "rebase",
    "set_items",
    "update",
]


_DISCARDED = "Casting complex values to real discards the imaginary part"


def check_write(tensor: Tensor) -> None:
    """Raise where a write would make the history of a tensor wrong."""
    if STATE.strict and not is_array(tensor._value):
        kind = seen_class(tensor)
        raise TypeError(f"'{kind.__name__}' object cannot be written to: it is no array")
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
        if view.several and not STATE.strict:  # in NumPy they are views like others
            raise InPlaceError(
                "one of several views that a single call made (as split does) was written in place",
                "write to the base by index, or to a copy",
                location(here()),
            )
        if base._node is None and (base._requires or tensor._requires):  # or did, when it was made
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
        if tensor.retains_grad and tensor._node is not None:
            tensor._node.retain(tensor)
    elif view.base._requires or result._requires:
        copy_slices(view, result)


def update(tensor: Tensor, result: Any, fn: Any = np.positive) -> Tensor:
    """Write the result of a function to the memory of a tensor."""
    value = plain(result)
    target = array_of(tensor)
    _check_kind(tensor, result)
    check_fits(value, target)
    _check_cast(value, target, fn)
    np.copyto(target, value, casting="same_kind")
    if isinstance(result, Tensor) and result._node is None and result._requires:
        result = call(np.positive, (result,), {})
    if not isinstance(result, Tensor):
        result = wrap(np.asarray(value))
    if result._requires and result.shape != target.shape:
        result = call(np.broadcast_to, (result, target.shape), {})
    rebase(tensor, result)
    return tensor


def _check_cast(value: Any, target: Any, fn: Any) -> None:
    """Raise where a ufunc does not write its result to an array of a narrower dtype."""
    if isinstance(fn, np.ufunc) and not np.can_cast(
        np.result_type(value), target.dtype, "same_kind"
    ):
        np.positive(value, out=np.empty_like(target))  # which raises, as the function does


def check_fits(value: Any, target: Any) -> None:
    """Raise, before anything is written, where NumPy's ufuncs do not take a target."""
    if np.ndim(value) > target.ndim:
        raise ValueError(
            f"non-broadcastable output operand with shape {target.shape} doesn't match the "
            f"broadcast shape {np.shape(value)}"
        )


def _check_kind(tensor: Tensor, result: Any) -> None:
    if STATE.enabled and is_active(result) and tensor.dtype.kind not in "fc":
        raise TapeError(
            f"a value that requires grad was written to a tensor of dtype {tensor.dtype}: its "
            "gradient would be lost",
            "make the target a floating array, or detach() the value",
            location(here()),
        )


def as_written(tensor: Tensor, value: Any, perhaps_listed: bool = False) -> Any:
    """Return what a tensor gets of a value: a list is an array, of what is complex the real part.

    Python's complex numbers are no real ones: NumPy takes its own alone. `perhaps_listed` says that
    an array may have been made of a list.
    """
    listed = is_sequence(value) and any_active(value)
    if listed:
        value = call(np.stack, (list(value),), {})
    _check_kind(tensor, value)
    if tensor.dtype.kind == "c" or not isinstance(value, Tensor) or value.dtype.kind != "c":
        return value
    single = listed or perhaps_listed or not is_array(value._value)
    if single and (STATE.pythonic or STATE.complexes or not STATE.strict):
        raise ArgumentError(
            f"a complex number was written to a tensor of dtype {tensor.dtype}",
            "take its real part, or make the target complex",
            location(here()),
        )
    warnings.warn(_DISCARDED, np.exceptions.ComplexWarning, stacklevel=outer_level())
    return call(np.real, (value,), {})


def apply(fn: Callable[..., Any], tensor: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Write ``fn(tensor, *args)`` to the memory of the tensor."""
    check_write(tensor)
    recorded = STATE.enabled and (is_active(tensor) or any_active(args))
    if isinstance(fn, np.ufunc) and fn.nin == 2 and not kwargs:
        copies = recorded and fn not in (np.add, np.subtract)
        found = elementwise(fn, snapshot(tensor, copies), _own(args[0], tensor))
        return update(tensor, found, fn)
    old = snapshot(tensor, recorded)
    return update(tensor, fn(old, *[_own(arg, tensor) for arg in args], **kwargs), fn)


def _own(value: Any, tensor: Tensor) -> Any:
    """Return an operand that the write does not change."""
    if isinstance(value, Tensor) and value._counter is tensor._counter is not None:
        leaf = value._node is None and value._requires  # whose gradient must reach it, not a twin
        return call(np.copy, (value,), {}) if leaf else snapshot(value, True)
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
    listed = is_sequence(value) and any_active(value)
    value = as_written(tensor, value)
    if listed and value.ndim > np.ndim(array_of(tensor)[place]):
        raise ValueError("setting an array element with a sequence.")
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
    if type(result._node) is Node and result._node.plan.active[0] == "array":
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
    value = as_written(tensor, value)
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
    if is_list(index) or isinstance(index, range):
        return np.array(index) if index else []
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
    if fn is np.dot and not plain(target).flags.c_contiguous:
        raise ValueError("`out=` of `dot` has to be a C-contiguous array")
    if not isinstance(target, Tensor):
        _check_cast(plain(result), target, fn)
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
    return update(target, result, fn)
