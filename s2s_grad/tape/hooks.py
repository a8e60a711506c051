"""Hooks: functions of the user that see gradients on their way, and may replace them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from s2s_grad.tape.core import Tensor, attach, wrap
from s2s_grad.tape.errors import GraphError
from s2s_grad.tape.graph import Handle
from s2s_grad.tape.value_tests import is_list, is_numeric, is_sequence, is_tuple

__all__ = ["ACCUMULATE", "after", "before", "on_tensor"]

ACCUMULATE = threading.RLock()  # no gradient is lost where threads add to the same one


@attach("register_hook")
def register_hook(tensor: Tensor, hook: Callable[[Tensor], Any]) -> Handle:
    """Call ``hook(gradient)`` when the gradient of this tensor is known; it may replace it."""
    if not tensor.requires_grad:
        raise GraphError(
            "a hook was registered on a tensor that does not require grad",
            "its gradient is never computed; set requires_grad first",
        )
    if not callable(hook):
        raise TypeError(f"a hook has to be a function, not {type(hook).__name__}")
    if tensor._node is not None:
        return Handle(tensor._node.hooks("tensor"), hook)
    if tensor._extra is None:
        tensor._extra = {}
    return Handle(tensor._extra.setdefault("tensor", []), hook)


@attach("register_post_accumulate_grad_hook")
def register_post_accumulate_grad_hook(tensor: Tensor, hook: Callable[[Tensor], Any]) -> Handle:
    """Call ``hook(tensor)`` after `.grad` of this leaf was added to."""
    if tensor._node is not None:
        raise GraphError(
            "post-accumulate hooks are for leaves, and this tensor is a result",
            "use register_hook() for a result",
        )
    if not tensor._requires:
        raise GraphError(
            "a hook was registered on a tensor that does not require grad",
            "its gradient is never computed; set requires_grad first",
        )
    if tensor._extra is None:
        tensor._extra = {}
    return Handle(tensor._extra.setdefault("accumulated", []), hook)


def on_tensor(hooks: Iterable[Any], ct: Any, create: bool, like: Any) -> Any:
    """Return a cotangent after the hooks of its tensor."""
    for hook in tuple(hooks):
        given = ct if isinstance(ct, Tensor) else wrap(ct)
        found = hook(given)
        if found is None:
            if not create and given._value is not ct:
                ct = given._value  # the hook wrote to it
            continue
        ct = _checked(found, ct, create)
    return ct


def _checked(found: Any, ct: Any, create: bool) -> Any:
    if not isinstance(found, Tensor) and not is_numeric(found):
        raise TypeError(f"a hook returned {type(found).__name__}; return a tensor or None")
    if np.shape(found) != np.shape(ct):
        raise GraphError(
            f"a hook returned a gradient of shape {np.shape(found)} in place of one of shape "
            f"{np.shape(ct)}",
            "return a tensor of the same shape, or None",
        )
    if found.dtype != ct.dtype:
        raise GraphError(
            f"a hook returned a gradient of dtype {found.dtype} in place of {ct.dtype}",
            "return a tensor of the same dtype, or None",
        )
    if create:
        return found if isinstance(found, Tensor) else wrap(found)
    return found._value if isinstance(found, Tensor) else found


def before(node: Any, ct: Any, create: bool) -> Any:
    """Return the cotangent of a node after the hooks of its tensor and the node's pre-hooks."""
    extra = node.extra
    if not is_list(ct):
        ct = on_tensor(extra.get("tensor", ()), ct, create, node)
        for reference in extra.get("retain", ()):
            tensor = reference()
            if tensor is not None and tensor._node is node:
                _fill(tensor, ct)
    for hook in tuple(extra.get("pre", ())):
        given = _tensors(ct)
        found = hook(given)
        if found is not None:
            new = found if is_tuple(found) else (found,)
            back = [item if create or item is None else item._value for item in new]
            ct = back if is_list(ct) else back[0]
    return ct


def _fill(tensor: Tensor, ct: Any) -> None:
    given = ct if isinstance(ct, Tensor) else wrap(np.array(ct))
    with ACCUMULATE:
        tensor._grad = given if tensor._grad is None else tensor._grad + given


def _tensors(value: Any) -> tuple[Any, ...]:
    items = value if is_sequence(value) else (value,)
    return tuple(
        item if item is None or isinstance(item, Tensor) else wrap(_dense(item)) for item in items
    )


def _dense(item: Any) -> Any:
    return item.dense() if hasattr(item, "dense") else np.asarray(item)[()]


def after(node: Any, found: Any, ct: Any, create: bool) -> Any:
    """Return the cotangents of the operands after the node's hooks."""
    hooks = node.extra.get("post", ())
    for hook in tuple(hooks):
        given = _tensors(found)
        new = hook(given, _tensors(ct))
        if new is not None:
            items = new if is_tuple(new) else (new,)
            if len(items) != len(given):
                raise GraphError(
                    f"a hook returned {len(items)} gradients in place of {len(given)}",
                    "return as many, or None",
                )
            found = [i if create or i is None else i._value for i in items]
    return found
