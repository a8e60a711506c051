"""The nodes of the graph: what a backward pass runs, and what it needs for that."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from s2s_grad.tape.core import Tensor, wrap
from s2s_grad.tape.errors import FreedError, InPlaceError
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.saving import Packed, pack, unpack
from s2s_grad.tape.user_lines import Place, shown
from s2s_grad.tape.value_tests import is_sequence
from s2s_grad.tape.watched_arrays import Watched

if TYPE_CHECKING:
    from s2s_grad.tape.plans import Plan

__all__ = ["SEQUENCE", "AccumulateGrad", "Edge", "Freed", "Handle", "MultiNode", "Node", "Pick"]

SEQUENCE: Iterator[int] = itertools.count()


class Handle:
    """What registering a hook returns; `remove` takes the hook away again."""

    __slots__ = ("_hook", "_hooks")

    def __init__(self, hooks: list[Any], hook: Any) -> None:
        self._hooks = hooks
        self._hook = hook
        hooks.append(hook)

    def remove(self) -> None:
        """Take the hook away; a second call does nothing."""
        for place, hook in enumerate(self._hooks):
            if hook is self._hook:
                del self._hooks[place]
                return

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class Freed:
    """Stands for the saved values of a node after the backward pass that freed them."""

    __slots__ = ("place",)

    def __init__(self, place: Place | None) -> None:
        self.place = place


class Hooked:
    """What nodes and accumulating nodes have in common: their lists of hooks."""

    __slots__ = ()
    extra: dict[str, Any] | None

    def hooks(self, kind: str) -> list[Any]:
        """Return the list of hooks of a kind, made on demand."""
        if self.extra is None:
            self.extra = {}
        return self.extra.setdefault(kind, [])

    def register_hook(self, hook: Callable[..., Any]) -> Handle:
        """Call ``hook(grad_inputs, grad_outputs)`` after the node; it may replace the former."""
        return Handle(self.hooks("post"), hook)

    def register_prehook(self, hook: Callable[..., Any]) -> Handle:
        """Call ``hook(grad_outputs)`` before the node runs; it may replace them."""
        return Handle(self.hooks("pre"), hook)

    @property
    def metadata(self) -> dict[str, Any]:
        """A dictionary for the user's own data."""
        if self.extra is None:
            self.extra = {}
        return self.extra.setdefault("metadata", {})


class Node(Hooked):
    """One recorded operation.

    Attributes
    ----------
    plan : Plan
        How cotangents are pulled back, shared by all nodes of the same kind.
    edges : tuple
        Where the cotangents go: nodes, leaves (tensors), or None.
    saved : tuple or Freed
        The residuals, in the order of the plan.
    guards : tuple
        Of each saved tensor its version counter and the version that was saved.
    seq : int
        The place of the node in the order of recording.
    """

    __slots__ = (
        "__weakref__",
        "dtype",
        "edges",
        "extra",
        "guards",
        "place",
        "plan",
        "saved",
        "seq",
        "shape",
    )

    plan: Plan
    edges: tuple[Edge, ...]
    saved: Any
    guards: tuple[tuple[list[Any], int, str], ...]
    seq: int
    place: Place | None
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    output_nr = 0
    fresh = False  # whether the cotangent of the first edge is a new array

    def run(self, ct: Any, create: bool) -> Any:
        """Return the cotangents of the edges."""
        saved = self.saved
        if type(saved) is Freed:
            raise self.freed_error()
        for counter, version, name in self.guards:
            if counter[0] != version:
                raise self.changed_error(counter, version, name)
        if create:
            saved = self.plan.rebuild(self)
        return self.plan.run(ct, saved)

    def run_owned(self, ct: Any) -> Any:
        """Do the same with an array that nobody else holds."""
        return self.run(ct, False)

    def free(self, freed: Freed) -> None:
        """Forget the saved values."""
        if self.plan.frees:
            self.saved = freed
            self.guards = ()

    # ------------------------------------------------------------------------------ for the user

    def name(self) -> str:
        """Return the name of the node, such as ``MulBackward0``."""
        return self.plan.name

    @property
    def shown(self) -> Node:
        """The node that the user sees."""
        return self

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """The nodes of the operands, each with the number of the result that was used."""
        return tuple(
            (None, 0) if edge is None else (seen(edge), getattr(edge, "output_nr", 0))
            for edge in self.plan.operands(self)
        )

    def retain(self, tensor: Tensor) -> None:
        """Fill `.grad` of a result when its cotangent is known."""
        self.hooks("retain").append(weakref.ref(tensor))

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_saved_"):
            raise AttributeError(f"{self.plan.name} has no attribute {name!r}")
        if type(self.saved) is Freed:
            raise self.freed_error()
        return self.plan.saved_value(self, name[len("_saved_") :])

    def __repr__(self) -> str:
        return f"<{self.plan.name} object at {hex(id(self))}>"

    # ------------------------------------------------------------------------------------ errors

    def freed_error(self) -> FreedError:
        """Return the error of a second pass through this node."""
        by = self.saved.place if isinstance(self.saved, Freed) else None
        return FreedError(
            f"the values that {self.plan.name} saved were freed by an earlier backward pass\n"
            f"  the operation: {shown(self.place)}\n"
            f"  freed by:      {shown(by)}",
            "give retain_graph=True to the earlier backward() or grad(), or compute the shared "
            "part again",
        )

    def changed_error(self, counter: list[Any], version: int, name: str) -> InPlaceError:
        """Return the error of a saved value that was written since."""
        writes = [place for number, place in counter[1:] if number > version]
        value = self.plan.slot(self, name)
        return InPlaceError(
            f"`{name}` of {self.plan.name}, {np.asarray(value).dtype} of shape {np.shape(value)}, "
            f"was changed in place after it was saved for backward: it is at version {counter[0]}, "
            f"version {version} was saved\n"
            f"  the operation: {shown(self.place)}\n"
            f"  the write:     {shown(writes[0] if writes else None)}",
            "write to a copy, or move the write after backward(); detect_anomaly() shows the "
            "traceback of the operation",
        )


class MultiNode(Node):
    """An operation with several results; its cotangent is the list of theirs.

    `plan.run` receives the cotangents in the results' own structure.
    """

    __slots__ = ("metas", "rebuild_container")

    metas: tuple[tuple[tuple[int, ...], np.dtype[Any]] | None, ...]
    rebuild_container: Callable[[list[Any]], Any]

    def run(self, ct: Any, create: bool) -> Any:
        """Return the cotangents of the edges; results that were not used have zeros, or None."""
        rule = self.plan.rule
        partial = rule is not None and rule.partial
        full = [
            np.zeros(meta[0], meta[1]) if given is None and meta and not partial else given
            for given, meta in zip(ct, self.metas, strict=True)
        ]
        return super().run(self.rebuild_container(full), create)


class Pick(Node):
    """One result of an operation with several: hands its cotangent on to the operation."""

    __slots__ = ("output_nr", "target")

    target: MultiNode
    output_nr: int  # pyright: ignore[reportIncompatibleVariableOverride]

    @property
    def shown(self) -> Node:
        """The operation itself."""
        return self.target


class LazyNode(Node):
    """A node with saved values that have to be unpacked or checked before they are used."""

    __slots__ = ()

    def run(self, ct: Any, create: bool) -> Any:
        """Return the cotangents of the edges."""
        return _run_unpacked(self, Node.run, ct, create)


class LazyMultiNode(MultiNode):
    """The same for an operation with several results."""

    __slots__ = ()

    def run(self, ct: Any, create: bool) -> Any:
        """Return the cotangents of the edges."""
        return _run_unpacked(self, MultiNode.run, ct, create)


def _run_unpacked(node: Any, run: Callable[..., Any], ct: Any, create: bool) -> Any:
    saved = node.saved
    if type(saved) is Freed:
        return run(node, ct, create)
    node.saved = unpack(saved)
    try:
        return run(node, ct, create)
    finally:
        node.saved = saved


def save(node: Any, saved: tuple[Any, ...]) -> None:
    """Set the saved values of a new node, through the hooks of this thread."""
    if STATE.saved_hooks is not None:
        saved = pack(saved, node.plan)
    node.saved = saved
    mark_lazy(node)


def mark_lazy(node: Any) -> None:
    """Let a node unpack and check its saved values where there is something to unpack."""
    if any(_is_lazy(value) for value in node.saved):
        several = issubclass(type(node), MultiNode)
        node.__class__ = LazyMultiNode if several else LazyNode


def _is_lazy(value: Any) -> bool:
    if is_sequence(value):
        return any(_is_lazy(item) for item in value)
    return type(value) is Watched or type(value) is Packed


Edge = Node | Tensor | None


class AccumulateGrad(Hooked):
    """The end of the graph at a leaf: adds to the leaf's gradient.

    Attributes
    ----------
    variable : Tensor
        The leaf.
    """

    __slots__ = ("__weakref__", "variable")

    def __init__(self, variable: Tensor) -> None:
        self.variable = variable

    @property
    def extra(self) -> dict[str, Any] | None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The hooks, which live as long as the leaf does."""
        if self.variable._extra is None:
            self.variable._extra = {}
        return self.variable._extra

    next_functions = ()

    def name(self) -> str:
        """Return the name of the node."""
        return "AccumulateGrad"

    def __repr__(self) -> str:
        return f"<AccumulateGrad object at {hex(id(self))}>"


def seen(edge: Edge) -> Any:
    """Return what the user sees of an edge."""
    if isinstance(edge, Node):
        return edge.shown
    if edge is None:
        return None
    known = edge._extra.get("accumulate") if edge._extra else None
    node = known() if known is not None else None
    if node is None:
        node = AccumulateGrad(edge)
        edge._set_extra("accumulate", weakref.ref(node))
    return node


def attached(value: Any, edge: Edge, version: list[Any] | None = None) -> Any:
    """Return a tensor with this value that is the result of an edge."""
    if edge is None:
        return value
    if isinstance(edge, Tensor):
        return edge
    tensor = wrap(value, version)
    tensor._node = edge
    tensor._requires = True
    return tensor
