"""Saved values that outlive writes: copied just before their memory is written.

A user of the tape gets an error when a saved value was changed, as in PyTorch. Code that was
written for NumPy fills and updates arrays all the time: it is run in this mode.
"""

from __future__ import annotations

import weakref
from typing import Any

from s2s_grad.tape.graph import Freed
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.value_tests import is_array, is_sequence, is_tuple

__all__ = ["allow_mutation_on_saved_tensors", "protect", "register"]


class allow_mutation_on_saved_tensors:
    """Copy saved values before they are written, in place of an error at backward.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> x = tape.ones(2, requires_grad=True)
    >>> with tape.allow_mutation_on_saved_tensors():
    ...     h = x * 3
    ...     y = h * h
    ...     h += 1
    >>> y.sum().backward()
    >>> x.grad
    tensor([18., 18.])
    """

    def __enter__(self) -> None:
        self.before = STATE.copies
        if STATE.copies is None:
            STATE.copies = {}

    def __exit__(self, *_: object) -> None:
        STATE.copies = self.before


def register(node: Any) -> None:
    """Note which buffers a new node saved."""
    reference = None
    for counter, _, name in node.guards:
        if not _can_change(node.plan.slot(node, name)):
            continue
        if reference is None:
            reference = weakref.ref(node)
        STATE.copies.setdefault(id(counter), []).append(reference)


def _can_change(value: Any) -> bool:
    """Return whether a saved value has memory that can be written: NumPy's scalars have none."""
    return is_array(value) or is_sequence(value)


def protect(counter: Any) -> None:
    """Copy what was saved of a buffer that is about to be written."""
    for reference in STATE.copies.pop(id(counter), ()):
        node = reference()
        if node is None or isinstance(node.saved, Freed) or not is_tuple(node.saved):
            continue
        saved = list(node.saved)
        kept: list[Any] = []
        for guard in node.guards:
            if guard[0] is counter and guard[1] == counter[0] and guard[2] in node.plan.slots:
                place = node.plan.slots.index(guard[2])
                saved[place] = _copied(saved[place])
            else:
                kept.append(guard)
        node.saved = tuple(saved)
        node.guards = tuple(kept)


def _copied(value: Any) -> Any:
    if is_array(value):
        return value.copy()
    if is_sequence(value):
        return type(value)([_copied(item) for item in value])
    return value
