"""The backward pass: nodes in reverse order of recording, cotangents summed on the way.

A node was recorded after everything it was computed from. So the pending node with the largest
sequence number has received all of its cotangents, and a heap is all the order that is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any

import numpy as np

from s2s_grad.tape.core import Tensor, bump, wrap
from s2s_grad.tape.errors import GraphError
from s2s_grad.tape.graph import Edge, Freed, MultiNode, Node, Pick
from s2s_grad.tape.hooks import ACCUMULATE, after, before, on_tensor
from s2s_grad.tape.lazy import Lazy, masked_run
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.user_lines import here, location, shown
from s2s_grad.tape.value_tests import is_tuple

__all__ = ["run_backward"]

_ndarray = np.ndarray


class Leaf:
    """The gradient of a leaf so far."""

    __slots__ = ("ct", "owned", "tensor")

    def __init__(self, tensor: Tensor, ct: Any) -> None:
        self.tensor = tensor
        self.ct = ct
        self.owned = False


def run_backward(
    roots: Sequence[tuple[Edge, Any]],
    *,
    retain: bool,
    create: bool,
    wanted: Sequence[Edge] | None = None,
    accumulate: bool = True,
) -> list[Any]:
    """Pull cotangents back through the graph.

    Parameters
    ----------
    roots : sequence of (edge, cotangent)
        Where to begin.
    retain : bool
        Whether saved values stay.
    create : bool
        Whether the pass is recorded itself; cotangents are tensors then, else arrays.
    wanted : sequence of edges, optional
        Nodes and leaves whose cotangents are asked for; only paths to them are run.
    accumulate : bool
        Whether leaves get their `.grad`.

    Returns
    -------
    list
        The cotangents of `wanted`, None where nothing arrived.
    """
    task = _Task(retain, create, wanted)
    state = STATE
    enabled, origin, strict = state.enabled, state.origin, state.strict
    state.enabled, state.strict = create, False
    try:
        with np.errstate(all="ignore"):
            task.run(roots)
            return task.finish(accumulate)
    finally:
        state.enabled, state.origin, state.strict = enabled, origin, strict


class _Task:
    """One backward pass."""

    def __init__(self, retain: bool, create: bool, wanted: Sequence[Edge] | None) -> None:
        self.retain = retain
        self.create = create
        self.wanted = wanted
        self.needed: set[int] | None = None
        self.asked: set[int] = set()
        self.pending: dict[int, list[Any]] = {}  # node, cotangent, whether nobody else holds it
        self.heap: list[int] = []
        self.captured: dict[int, Any] = {}
        self.leaves: dict[int, Leaf] = {}
        self.place = None if retain else here()

    def run(self, roots: Sequence[tuple[Edge, Any]]) -> None:
        """Run all nodes, the last recorded first."""
        if self.wanted is not None:
            self.needed = _paths([edge for edge, _ in roots], self.wanted)
            self.asked = {id(edge) for edge in self.wanted if isinstance(edge, Node)}
        needed, pending, heap, send = self.needed, self.pending, self.heap, self.send
        create, retain, anomaly = self.create, self.retain, STATE.anomaly
        freed = Freed(self.place)
        ct: Any = None
        owned = False
        simple = not create and not self.asked and anomaly is None
        for edge, ct in roots:
            if edge is not None and (needed is None or id(edge) in needed):
                send(edge, ct)
        node: Any = None
        while heap or node is not None:
            if node is None:
                node, ct, owned = pending.pop(heappop(heap))
            plan = node.plan
            if simple and type(node) is Node and not node.extra and type(ct) is _ndarray:
                # What `Node.run` does, without the call.
                saved = node.saved
                if type(saved) is Freed:
                    raise node.freed_error()
                for counter, version, name in node.guards:
                    if counter[0] != version:
                        raise node.changed_error(counter, version, name)
                found = plan.run(ct, saved)
                fresh = False
                if plan.frees and not retain:
                    node.saved = freed
                    node.guards = ()
            else:
                found = self.special(node, ct, owned)
                if found is None:
                    node = None
                    continue
                fresh = node.fresh and not create
                if anomaly is not None:
                    anomaly.check(node, ct, found)
                if not retain:
                    node.free(freed)
            edges = node.edges
            node = None
            last = len(edges) - 1
            for place, edge in enumerate(edges):
                g = found[place]
                if edge is None or g is None or (needed is not None and id(edge) not in needed):
                    continue
                dtype = edge.dtype
                try:
                    if g.dtype is not dtype and g.dtype != dtype:
                        g = cast(g, dtype)
                except AttributeError:
                    g = np.asarray(g, dtype)[()]
                if type(edge) is not Node and isinstance(edge, (Tensor, MultiNode)):
                    send(edge, g)
                elif not heap and place == last:  # nothing else is pending: it is the next
                    node, ct, owned = edge, g, fresh and place == 0
                else:
                    key = -edge.seq
                    entry = pending.get(key)
                    if entry is None:
                        pending[key] = [edge, g, fresh and place == 0]
                        heappush(heap, key)
                    else:
                        entry[1], entry[2] = _sum(entry[1], g, entry[2])

    def special(self, node: Any, ct: Any, owned: bool) -> Any:
        """Run any node; return None where nothing is left to be sent on."""
        create = self.create
        if node.extra is not None:
            ct, owned = before(node, _dense(ct), create), False
        if self.asked and id(node) in self.asked:
            ct, owned = _dense(ct), False
            self.captured[id(node)] = ct
            assert self.needed is not None
            if all(edge is None or id(edge) not in self.needed for edge in node.edges):
                return None
        if type(node) is Pick:
            if self.needed is None or id(node.target) in self.needed:
                self.send(node.target, (node.saved, ct))
            return None
        if create:
            STATE.origin = node.place
        if isinstance(ct, Lazy):
            found = masked_run(node, ct, create)
        elif owned and not create:
            found = node.run_owned(ct)
        else:
            found = node.run(ct, create)
        return found if node.extra is None else after(node, found, ct, create)

    def send(self, edge: Any, g: Any) -> None:
        """Add to the cotangent of a node or leaf."""
        pending, heap = self.pending, self.heap
        if isinstance(edge, Tensor):
            leaf = self.leaves.get(id(edge))
            if leaf is None:
                self.leaves[id(edge)] = Leaf(edge, g)
            else:
                leaf.ct, leaf.owned = _sum(leaf.ct, g, leaf.owned)
            return
        key = -edge.seq
        entry = pending.get(key)
        if isinstance(edge, MultiNode):
            _collect(edge, g, entry, key, pending, heap)
            return
        if entry is None:
            pending[key] = [edge, g, False]
            heappush(heap, key)
        else:
            entry[1], entry[2] = _sum(entry[1], g, entry[2])

    def finish(self, accumulate: bool) -> list[Any]:
        """Hand the leaves their gradients."""
        if accumulate:
            for leaf in self.leaves.values():
                check_is_leaf(leaf.tensor)
        for leaf in self.leaves.values():
            tensor = leaf.tensor
            ct = _dense(leaf.ct)
            extra = tensor._extra or {}
            ct = on_tensor(extra.get("tensor", ()), ct, self.create, tensor)
            self.captured[id(tensor)] = ct
            # Frozen after the forward pass, or the node that accumulates is not run, nor its hooks.
            if not accumulate or not tensor._requires:
                continue
            for hook in tuple(extra.get("pre", ())):
                ct = before_leaf(hook, ct, self.create)
            _accumulate(tensor, ct, leaf.owned, self.create)
            for hook in tuple(extra.get("accumulated", ())):
                hook(tensor)
            for hook in tuple(extra.get("post", ())):
                hook((), (ct if isinstance(ct, Tensor) else wrap(ct),))
        return [self.captured.get(id(edge)) for edge in self.wanted or ()]


def check_is_leaf(tensor: Tensor) -> None:
    """Raise where a leaf was frozen and written since: it is a result now."""
    if tensor._requires and tensor._node is not None:
        raise GraphError(
            f"a leaf of shape {tensor.shape} was frozen and then written in place since it was "
            "used: it is a result now, and its gradient has no place to go\n"
            f"  the write: {shown(tensor._node.place)}",
            "write to a copy, or freeze it with detach(), which gives a tensor of its own",
            location(here()),
        )


def before_leaf(hook: Any, ct: Any, create: bool) -> Any:
    """Run a hook of an accumulating node."""
    given = ct if isinstance(ct, Tensor) else wrap(ct)
    found = hook((given,))
    if found is None:
        return ct
    item = found[0] if is_tuple(found) else found
    return item if create else getattr(item, "_value", item)


def _collect(
    node: MultiNode,
    g: Any,
    entry: list[Any] | None,
    key: int,
    pending: dict[int, list[Any]],
    heap: list[int],
) -> None:
    """Add to the cotangent of one result of a node with several."""
    place, ct = g
    if entry is None:
        cts: list[Any] = [None] * len(node.metas)
        pending[key] = [node, cts, False]
        heappush(heap, key)
    else:
        cts = entry[1]
    ct = _dense(ct)
    cts[place] = ct if cts[place] is None else cts[place] + ct


def _sum(old: Any, new: Any, owned: bool) -> tuple[Any, bool]:
    """Return the sum of two cotangents and whether nobody else holds it."""
    if type(old) is _ndarray and type(new) is _ndarray:
        if owned and old.shape == new.shape:
            np.add(old, new, out=old)
            return old, True
        return old + new, True
    if isinstance(old, Lazy):
        return old.plus(new)
    if isinstance(new, Lazy):
        return new.added_to(old, owned)
    total = old + new
    return total, type(total) is np.ndarray


def _dense(ct: Any) -> Any:
    return ct.dense() if isinstance(ct, Lazy) else ct


def cast(g: Any, dtype: Any) -> Any:
    """Return a cotangent in the dtype of what it belongs to; the real part for a real one."""
    if g.dtype.kind == "c" and dtype.kind == "f":
        g = np.real(_dense(g))
    if isinstance(g, (Tensor, Lazy)):
        return g.astype(dtype)
    return np.asarray(g).astype(dtype)[()]


def _accumulate(tensor: Tensor, ct: Any, owned: bool, create: bool) -> None:
    """Add to the gradient of a leaf: in place where no graph is made, so that it stays the same."""
    with ACCUMULATE:
        grad = tensor._grad
        if create:
            given = ct if isinstance(ct, Tensor) else wrap(ct)
            tensor._grad = given if grad is None else grad + given
        elif grad is None:
            value = ct if owned and type(ct) is np.ndarray else np.array(ct)
            tensor._grad = wrap(value)
        elif grad._requires or not grad._value.flags.writeable or grad._value.ndim == 0:
            if grad._requires:
                tensor._grad = wrap(np.asarray(grad._value + ct))
            else:
                grad._value = np.asarray(grad._value + ct)
                bump(grad)
        else:
            np.add(grad._value, ct, out=grad._value)
            bump(grad)


def _paths(roots: Sequence[Edge], wanted: Sequence[Edge]) -> set[int]:
    """Return the ids of the nodes and leaves from which something wanted is reached."""
    needed = {id(edge) for edge in wanted}
    reached: dict[int, Node] = {}
    stack: list[Any] = [edge for edge in roots if isinstance(edge, Node)]
    while stack:
        node = stack.pop()
        if node.seq in reached:
            continue
        reached[node.seq] = node
        stack.extend([edge for edge in node.edges if isinstance(edge, Node)])
    for seq in sorted(reached):
        node = reached[seq]
        if any(edge is not None and id(edge) in needed for edge in node.edges):
            needed.add(id(node))
    return needed
