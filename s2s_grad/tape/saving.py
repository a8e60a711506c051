"""Hooks on saved values: packed when they are saved, unpacked when they are used."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from s2s_grad.tape.core import wrap
from s2s_grad.tape.errors import TapeError
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.value_tests import is_numeric, kind_of
from s2s_grad.tape.watched_arrays import Watched

if TYPE_CHECKING:
    from s2s_grad.tape.plans import Plan

__all__ = ["Packed", "disable_saved_tensors_hooks", "pack", "saved_tensors_hooks", "unpack"]


class Packed:
    """What a hook made of a saved value."""

    __slots__ = ("packed", "unpack")

    def __init__(self, packed: Any, unpack: Callable[[Any], Any]) -> None:
        self.packed = packed
        self.unpack = unpack


class saved_tensors_hooks:
    """Pass each array that is saved for backward through a pair of functions.

    Parameters
    ----------
    pack_hook : callable
        Gets a tensor when it is saved; what it returns is kept instead.
    unpack_hook : callable
        Gets that when it is needed, and returns a tensor.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> x = tape.ones(2, requires_grad=True)
    >>> with tape.saved_tensors_hooks(lambda t: t * 2, lambda t: t):
    ...     y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    tensor([4., 4.])
    """

    def __init__(self, pack_hook: Callable[[Any], Any], unpack_hook: Callable[[Any], Any]) -> None:
        self.pair = (pack_hook, unpack_hook)

    def __enter__(self) -> None:
        if isinstance(STATE.saved_hooks, str):
            raise TapeError(STATE.saved_hooks, "hooks on saved tensors are switched off here")
        self.before = STATE.saved_hooks
        STATE.saved_hooks = self.pair

    def __exit__(self, *_: object) -> None:
        STATE.saved_hooks = self.before


class disable_saved_tensors_hooks:
    """Make the use of `saved_tensors_hooks` an error with this message.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> with tape.disable_saved_tensors_hooks("not here"):
    ...     pass
    """

    def __init__(self, message: str) -> None:
        self.message = message

    def __enter__(self) -> None:
        self.before = STATE.saved_hooks
        STATE.saved_hooks = self.message

    def __exit__(self, *_: object) -> None:
        STATE.saved_hooks = self.before


def pack(saved: Any, plan: Plan) -> Any:
    """Return the saved values after the hook of this thread."""
    hooks = STATE.saved_hooks
    if not plan.frees or isinstance(hooks, str):
        return saved
    packer, unpacker = hooks
    STATE.saved_hooks = None  # what the hook computes is not saved through itself
    try:
        return tuple([_pack(value, packer, unpacker) for value in saved])
    finally:
        STATE.saved_hooks = hooks


def _pack(value: Any, packer: Any, unpacker: Any) -> Any:
    if not is_numeric(value):
        return value
    tensor = wrap(value)
    packed = packer(tensor)
    if tensor._counter is not None and tensor._counter[0]:
        raise TapeError(
            "a pack hook changed the tensor that it was given",
            "return a new tensor: the values belong to the computation",
        )
    return Packed(packed, unpacker)


def unpack(value: Any) -> Any:
    """Return a saved value as a formula needs it."""
    if type(value) is Watched:
        return value.check()
    if type(value) is Packed:
        value = value.unpack(value.packed)
        if not hasattr(value, "_value"):
            raise TapeError(
                f"an unpack hook returned {type(value).__name__}", "it has to return a tensor"
            )
        return value._value
    kind = kind_of(value)
    if kind in (tuple, list):
        items: Any = [unpack(item) for item in value]
        return items if kind is list else tuple(items)
    return value
