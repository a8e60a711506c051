"""The constructor of nodes: what every node has, and what the modes of the thread add to it."""

from __future__ import annotations

from sys import _getframe  # pyright: ignore[reportPrivateUsage]
from typing import Any

from s2s_grad.tape.graph import SEQUENCE, Edge, Node, save
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.plans import Plan
from s2s_grad.tape.protect import register
from s2s_grad.tape.user_lines import OWN_FILES, here

__all__ = ["new_node"]

_new: Any = object.__new__


def new_node(
    kind: type[Node],
    plan: Plan,
    edges: tuple[Edge, ...],
    saved: Any,
    guards: Any,
    value: Any,
    dtype: Any,
    shape: Any,
    depth: int = 0,
    part_of: Node | None = None,
) -> Any:
    """Return a node, the next in the order of recording.

    Parameters
    ----------
    kind : type
        Its class.
    plan, edges, saved, guards
        What `Node` says of them.
    value : object
        What was computed.
    dtype, shape
        Those of its cotangent.
    depth : int
        How many frames away the user's line is, where that is known: to look for it takes longer.
    part_of : Node, optional
        The operation of which it is one result.
    """
    node: Any = _new(kind)
    node.plan = plan
    node.edges = edges
    node.saved = saved
    node.guards = guards
    node.seq = next(SEQUENCE)
    node.dtype = dtype
    node.shape = shape
    node.extra = None
    state = STATE
    if part_of is not None:
        node.place = part_of.place
    elif state.usual and depth:
        frame: Any = _getframe(depth)
        code = frame.f_code
        node.place = here() if code.co_filename in OWN_FILES else (code, frame.f_lasti)
    else:
        node.place = here()
        if state.saved_hooks is not None and plan.frees:
            save(node, saved)
        if state.copies is not None and guards:
            register(node)
        if state.anomaly is not None:
            state.anomaly.remember(node, value)
    return node
