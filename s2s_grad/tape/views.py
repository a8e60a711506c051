"""Views: tensors on a part of another tensor's memory.

A view knows its base and the calls that led from the base to it. When either was written, the
history of the base is the one that counts: the view's own is derived from it again when it is used.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.tape.core import Tensor
from s2s_grad.tape.graph import Node
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.new_node import new_node
from s2s_grad.tape.plans import Plan
from s2s_grad.tape.recording import call
from s2s_grad.tape.value_tests import is_array

__all__ = ["CopySlices", "View", "copy_slices", "mark_view", "replay"]

_HOLE = object()
Step = tuple[Any, tuple[Any, ...], dict[str, Any]]


class View:
    """Where a view comes from.

    Attributes
    ----------
    base : Tensor
        The tensor that owns the memory.
    steps : tuple
        The calls from the base to the view.
    seen : int
        The version at which the view's history was derived.
    recorded : bool
        Whether the view was made while recording; another one stays without history.
    several : bool
        Whether it is one of several results of a call.
    """

    __slots__ = ("base", "recorded", "seen", "several", "steps")

    def __init__(
        self, base: Tensor, steps: tuple[Step, ...], seen: int, recorded: bool, several: bool
    ) -> None:
        self.base = base
        self.steps = steps
        self.seen = seen
        self.recorded = recorded
        self.several = several

    def refresh(self, tensor: Tensor) -> None:
        """Derive the history of a view again if its memory was written since."""
        version = tensor._counter
        if version is None or self.seen == version[0]:
            return
        self.seen = version[0]
        base = self.base
        if not self.recorded or (base._requires and base._node is None and tensor._requires):
            return
        if not base._requires:
            if tensor._requires:  # the base was detached or frozen: what it holds is a constant
                tensor._node = _node(Node, _CUT, (None,), None, tensor)
            return
        enabled, STATE.enabled = STATE.enabled, True
        try:
            again = replay(self.steps, base)
        finally:
            STATE.enabled = enabled
        tensor._node = again._node
        tensor._requires = True
        if tensor.retains_grad and tensor._node is not None:
            tensor._node.retain(tensor)


def mark_view(result: Any, fn: Any, args: Any, kwargs: Any) -> None:
    """Note that a result is a view of an argument, where it is one."""
    source = _source(result._value, args, kwargs)
    if source is not None:
        _mark(result, source, fn, args, kwargs, ())


def mark_views(results: Any, fn: Any, args: Any, kwargs: Any) -> None:
    """Note that the results of a call are views of an argument, where they are."""
    for i, result in enumerate(results):
        if isinstance(result, Tensor) and is_array(result._value):
            source = _source(result._value, args, kwargs)
            if source is not None:
                _mark(result, source, fn, args, kwargs, ((_item, (_HOLE, i), {}),))


def _item(items: Any, i: int) -> Any:
    return items[i]


def _mark(
    result: Any, source: Tensor, fn: Any, args: Any, kwargs: Any, more: tuple[Step, ...]
) -> None:
    hollow = tuple(_HOLE if arg is source else arg for arg in args)
    named = {name: _HOLE if arg is source else arg for name, arg in kwargs.items()}
    step: Step = (fn, hollow, named)
    outer = source._view
    base = source if outer is None else outer.base
    steps = (step, *more) if outer is None else (*outer.steps, step, *more)
    result._counter = source._counter
    seen = source._counter[0] if source._counter else 0
    recorded = STATE.enabled and (outer is None or outer.recorded)
    several = bool(more) or (outer is not None and outer.several)
    result._view = View(base, steps, seen, recorded, several)


def _source(value: Any, args: Any, kwargs: Any) -> Tensor | None:
    for arg in (*args, *kwargs.values()):
        if isinstance(arg, Tensor):
            array = arg._value
            if is_array(array) and (
                np.may_share_memory(array, value)
                or (value.size == 0 and _owner(value) is _owner(array))
            ):
                return arg
    return None


def _owner(array: Any) -> Any:
    """Return the array that owns the memory of an array, of which an empty one shares nothing."""
    while is_array(array.base):
        array = array.base
    return array


def replay(steps: tuple[Step, ...], base: Any) -> Any:
    """Return what the calls make of a tensor or array."""
    value = base
    for fn, args, kwargs in steps:
        value = fn(
            *[value if arg is _HOLE else arg for arg in args],
            **{name: value if arg is _HOLE else arg for name, arg in kwargs.items()},
        )
    return value


def _node(kind: Any, plan: Plan, edges: tuple[Any, ...], saved: Any, result: Tensor) -> Any:
    """Return a new node of which a tensor is the result."""
    value = result._value
    return new_node(kind, plan, edges, saved, (), value, value.dtype, value.shape)


_CUT = Plan("AsStridedBackward0", (), lambda ct, s: (None,), False, (), ())


# ------------------------------------------------------------------------------ writes to a view


_COPY_SLICES = Plan("CopySlices", (), lambda ct, s: (ct,), False, (), ())


class CopySlices(Node):
    """The base after a write to a view: the written part comes from elsewhere."""

    __slots__ = ()

    def run(self, ct: Any, create: bool) -> Any:
        """Return the cotangents of the base before, and of what was written."""
        steps = self.saved
        if isinstance(ct, Tensor):
            return (_without(steps, ct), replay(steps, ct))
        rest = np.array(ct, order="C")
        part = replay(steps, rest)
        if is_array(part) and np.may_share_memory(part, rest):
            written = part.copy()
            part[...] = 0
            return (rest, written)
        return (_without(steps, rest), part)


def _without(steps: tuple[Step, ...], ct: Any) -> Any:
    """Return a cotangent with zeros for the items of a view."""
    shape: tuple[int, ...] = ct.shape
    count = int(np.prod(shape))
    if ct.dtype.kind != "c":
        mask = np.zeros(count, bool)
        mask[replay(steps, np.arange(count).reshape(shape))] = True
        return call(np.where, (mask.reshape(shape), 0.0, ct), {})
    # The view may be one of the parts: each item stands for two numbers.
    part = replay(steps, np.arange(2.0 * count).view(complex).reshape(shape))
    mask = np.zeros(2 * count, bool)
    mask[np.ascontiguousarray(part).view(float).astype(int)] = True
    mask = mask.reshape(*shape, 2)
    real = call(np.where, (mask[..., 0], 0.0, call(np.real, (ct,), {})), {})
    imag = call(np.where, (mask[..., 1], 0.0, call(np.imag, (ct,), {})), {})
    return real + imag * 1j


def copy_slices(view: View, written: Any) -> None:
    """Give the base of a view its history after a write to the view."""
    base = view.base
    before = (base._node or base) if base._requires else None
    edges = (before, (written._node or written) if written._requires else None)
    node = _node(CopySlices, _COPY_SLICES, edges, view.steps, base)
    base._node = node
    base._requires = True
    if base.retains_grad:
        node.retain(base)
