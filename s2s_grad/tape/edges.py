"""Small tools around the graph."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from s2s_grad.tape.core import Tensor, bump
from s2s_grad.tape.errors import GraphError
from s2s_grad.tape.graph import Handle, seen
from s2s_grad.tape.recording import is_active

__all__ = [
    "GradientEdge",
    "MultiHandle",
    "get_gradient_edge",
    "increment_version",
    "register_multi_grad_hook",
]


class GradientEdge(NamedTuple):
    """Where the gradient of a tensor arrives: a node and the number of its result."""

    node: Any
    output_nr: int


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """Return where the gradient of a tensor arrives.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> x = tape.ones(2, requires_grad=True)
    >>> tape.get_gradient_edge(x * 2).node.name()
    'MulBackward0'
    """
    if not is_active(tensor):
        raise GraphError("the tensor does not require grad", "gradients never arrive at it")
    return GradientEdge(seen(tensor._node or tensor), tensor.output_nr)


def increment_version(tensor: Tensor) -> None:
    """Count a write that was made by other means, so that saved values are known to be changed.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> x = tape.ones(2)
    >>> tape.increment_version(x)
    >>> x.version
    1
    """
    bump(tensor)


class MultiHandle:
    """Removes a hook on several tensors."""

    def __init__(self, handles: tuple[Handle, ...]) -> None:
        self.handles = handles

    def remove(self) -> None:
        """Take the hook away."""
        for handle in self.handles:
            handle.remove()


def register_multi_grad_hook(
    tensors: Sequence[Tensor], fn: Callable[..., Any], *, mode: str = "all"
) -> MultiHandle:
    """Call a function when the gradients of all of some tensors (or of any) are known.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> x, y = tape.ones(1, requires_grad=True), tape.ones(1, requires_grad=True)
    >>> handle = tape.register_multi_grad_hook((x, y), lambda grads: print(len(grads)))
    >>> (x * y).backward()
    2
    """
    if mode not in ("all", "any"):
        raise ValueError(f"mode={mode!r} is not known; use all or any")
    lock = threading.Lock()
    grads: dict[int, Any] = {}

    def hook_for(place: int) -> Callable[[Any], None]:
        def hook(gradient: Any) -> None:
            with lock:
                if mode == "any":
                    first = not grads
                    grads[place] = gradient
                    ready = first
                else:
                    grads[place] = gradient
                    ready = len(grads) == len(tensors)
                if not ready:
                    return
                found = [grads.get(i) for i in range(len(tensors))]
                if mode == "all":
                    grads.clear()
            fn(gradient if mode == "any" else found)

        return hook

    return MultiHandle(tuple(t.register_hook(hook_for(i)) for i, t in enumerate(tensors)))
