"""Names of one function that another one binds: it has them as its own while it runs.

So the branches and loops of the one that runs merge and carry them. Where they are meanwhile is
noted at the function that they belong to, so that all others read them there.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager

from s2s_grad.lower.core.bound import hand_over, unbind_name
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.terms.frames import Frame
from s2s_grad.lower.terms.refuse import NeedsStatic

__all__ = ["can_lend", "lent"]


def can_lend(low: Lowerer, around: Frame, name: str) -> bool:
    """Return whether a name that is bound around here can be had: no block lies in between."""
    holder = around.where(name)
    return holder is not None and (holder is low.frame or holder.left is low.builder.statements)


@contextmanager
def lent(low: Lowerer, around: Frame, frame: Frame, names: Iterable[str]) -> Generator[None]:
    """Let a frame have names of the functions around it as its own inside."""
    given: list[tuple[str, Frame, Frame]] = []
    for name in names:
        owner, holder = around.owner(name), around.where(name)
        if owner is None or holder is None:
            low.refuse(
                f"`{name}` belongs to a function outside and cannot be assigned.",
                "Return the new value instead.",
            )
        if not can_lend(low, around, name):
            low.refuse(
                f"`{name}` is assigned in a branch or loop of another function than those that "
                "bind it.",
                "Return the new value instead.",
                kind=NeedsStatic,
            )
        given.append((name, owner, holder))
    before = frame.borrowed
    for name, owner, holder in given:
        hand_over(holder.env, frame.env, (name,))
        owner.lent[name] = frame
    frame.borrowed = before.union(name for name, _, _ in given)
    try:
        yield
        for name, _, holder in given:
            hand_over(frame.env, holder.env, (name,))
    finally:
        for name, owner, holder in given:
            unbind_name(frame.env, name)
            if holder is owner:
                owner.lent.pop(name)
            else:
                owner.lent[name] = holder
        frame.borrowed = before
