"""Operations with a backward function of the user's own."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.tape.core import Tensor, wrap
from s2s_grad.tape.errors import FreedError, GraphError, InPlaceError, TapeError
from s2s_grad.tape.graph import Freed, MultiNode, Node, attached
from s2s_grad.tape.modes import STATE, no_grad
from s2s_grad.tape.new_node import new_node
from s2s_grad.tape.plans import Plan
from s2s_grad.tape.recording import is_active, new_several, pick
from s2s_grad.tape.user_lines import Place, location, shown
from s2s_grad.tape.value_tests import is_sequence, is_tuple
from s2s_grad.tape.writes import check_write, rebase

__all__ = ["Context", "Function", "once_differentiable"]


class Context:
    """What `forward` leaves for `backward`; it takes any attribute.

    Attributes
    ----------
    needs_input_grad : tuple of bool
        For each argument of `apply`, whether its gradient is wanted.
    """

    needs_input_grad: tuple[bool, ...] = ()

    def __init__(self) -> None:
        self._saved: tuple[Any, ...] = ()
        self._unpack: Callable[[], tuple[Any, ...]] | None = None
        self._constant: tuple[Any, ...] = ()
        self._dirty: tuple[Any, ...] = ()
        self._materialize = True

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for `backward`; writes to them are noticed."""
        self._saved = tensors

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """The tensors that were kept."""
        return self._saved if self._unpack is None else self._unpack()

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Declare that results have no gradient."""
        self._constant = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Declare that arguments were written in place; they have to be returned."""
        self._dirty = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Choose whether `backward` gets zeros or None for a result that was not used."""
        self._materialize = value


class Function:
    """A differentiable operation: a subclass gives `forward` and `backward`.

    Examples
    --------
    >>> import numpy as np
    >>> from s2s_grad import tape
    >>> class Cube(tape.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x**3
    ...     @staticmethod
    ...     def backward(ctx, ct):
    ...         (x,) = ctx.saved_tensors
    ...         return ct * 3 * x**2
    >>> x = tape.tensor(2.0, requires_grad=True)
    >>> Cube.apply(x).backward()
    >>> x.grad
    tensor(12.)
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise TapeError(
            f"{type(self).__name__} is not meant to be instantiated",
            f"call {type(self).__name__}.apply(...)",
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the result; with the context first, unless `setup_context` is given."""
        raise NotImplementedError("a Function needs a static method forward")

    setup_context: Callable[[Context, tuple[Any, ...], Any], None] | None = None

    @staticmethod
    def backward(ctx: Context, *cts: Any) -> Any:
        """Return a gradient for each argument of `apply`, None where there is none."""
        raise NotImplementedError("a Function needs a static method backward or vjp")

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Run the operation and record it."""
        ctx = Context()
        recording = STATE.enabled
        ctx.needs_input_grad = tuple(recording and is_active(arg) for arg in args)
        with no_grad():
            if cls.setup_context is not None:
                found = cls.forward(*args)
                cls.setup_context(ctx, args, found)
            else:
                found = cls.forward(ctx, *args)
        if not any(ctx.needs_input_grad):
            return _as_tensors(found)
        return _record(cls, ctx, args, found)


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a `backward` that computes with arrays: what it returns has no history.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> @tape.once_differentiable
    ... def backward(ctx, ct):
    ...     return ct
    """

    @functools.wraps(backward)
    def run(*args: Any) -> Any:
        with no_grad():
            return backward(*args)

    return run


def _as_tensors(found: Any) -> Any:
    if is_tuple(found):
        return tuple(_as_tensors(item) for item in found)
    return found if isinstance(found, Tensor) or found is None else wrap(np.asarray(found))


# ------------------------------------------------------------------------------------- recording


class CustomNode(Node):
    """The node of a custom operation with one result."""

    __slots__ = ()

    def run(self, ct: Any, create: bool) -> Any:
        """Return the cotangents of the arguments."""
        return _run(self, (ct,), create)

    def free(self, freed: Freed) -> None:
        """Forget the saved tensors."""
        _free(self, freed.place)


class CustomMultiNode(MultiNode):
    """The node of a custom operation with several results."""

    __slots__ = ()

    def run(self, ct: Any, create: bool) -> Any:
        """Return the cotangents of the arguments."""
        if self.saved[1]._materialize:
            ct = [
                np.zeros(*meta) if given is None and meta is not None else given
                for given, meta in zip(ct, self.metas, strict=True)
            ]
        return _run(self, tuple(ct), create)

    def free(self, freed: Freed) -> None:
        """Forget the saved tensors."""
        _free(self, freed.place)


def _record(cls: type[Function], ctx: Context, args: tuple[Any, ...], found: Any) -> Any:
    several = is_tuple(found)
    items = list(found) if several else [found]
    plan = Plan(f"{cls.__name__}Backward", (), _unused, True, (), ())
    edges = tuple((arg._node or arg) if is_active(arg) else None for arg in args)
    saved = (cls, ctx, tuple(a.shape if isinstance(a, Tensor) else None for a in args))
    if several:
        node = new_several(CustomMultiNode, plan, edges, saved, (), items)
    else:
        node = new_node(CustomNode, plan, edges, saved, (), found, np.dtype(float), ())
    for tensor in ctx._dirty:
        if not any(tensor is item for item in items):
            raise InPlaceError("an argument marked as dirty was not returned", "return it")
        check_write(tensor)
    results = [_result(node, ctx, i, item, several, args) for i, item in enumerate(items)]
    _keep(node, ctx, args, items, results)
    if not several:
        return results[0]
    return tuple(results)


def _unused(ct: Any, saved: Any) -> Any:
    """Stand where other plans have their formula: these nodes run the user's function."""
    raise AssertionError("a custom node runs its own function")


def _result(
    node: Any, ctx: Context, place: int, item: Any, several: bool, args: tuple[Any, ...]
) -> Any:
    if item is None:
        return None
    value = item._value if isinstance(item, Tensor) else np.asarray(item)
    if any(item is other for other in ctx._constant) or value.dtype.kind not in "fc":
        return item if isinstance(item, Tensor) else wrap(value)
    if several:
        result = pick(node, place, value)
    else:
        result = attached(value, node)
        node.dtype = value.dtype
        node.shape = value.shape
    if any(item is other for other in ctx._dirty):
        rebase(item, result)
        return item
    if isinstance(item, Tensor) and any(item is arg for arg in args):
        result._counter = item._counter  # the same memory under our node
    return result


def _keep(
    node: Any, ctx: Context, args: tuple[Any, ...], items: list[Any], results: list[Any]
) -> None:
    """Set how the saved tensors are given back: with their place in the graph, and checked."""
    recipes: list[Any] = []
    for tensor in ctx._saved:
        if tensor is None:
            recipes.append(None)
            continue
        if not isinstance(tensor, Tensor):
            raise TypeError(
                f"save_for_backward takes tensors, not {type(tensor).__name__}; keep other things "
                "as attributes of ctx"
            )
        at = next((i for i, item in enumerate(items) if item is tensor), None)
        if at is not None and not any(tensor is arg for arg in args):
            result = results[at]
            recipes.append((result._value, result._counter, at))
        else:
            edge = (tensor._node or tensor) if tensor._requires else None
            if at is not None and any(tensor is other for other in ctx._dirty):
                edge = None
                recipes.append((tensor._value, tensor._counter, at))
                continue
            recipes.append((tensor._value, tensor._counter, edge))
    versions = [r[1][0] if r is not None and r[1] is not None else 0 for r in recipes]
    ctx._saved = ()
    node_of: Any = weakref.ref(node)
    del node, results, items, args  # the function below would keep them

    def unpack() -> tuple[Any, ...]:
        tensors: list[Any] = []
        for recipe, version in zip(recipes, versions, strict=True):
            if recipe is None:
                tensors.append(None)
                continue
            value, counter, where = recipe
            if counter is not None and counter[0] != version:
                raise node_of().changed_error(counter, version, "a saved tensor")
            if isinstance(where, int):
                tensors.append(_output(node_of(), value, where))
            else:
                tensors.append(
                    wrap(value, counter) if where is None else attached(value, where, counter)
                )
        return tuple(tensors)

    ctx._unpack = unpack


def _output(node: Any, value: Any, place: int) -> Tensor:
    if isinstance(node, MultiNode):
        return pick(node, place, value)
    return attached(value, node)


def _run(node: Any, cts: tuple[Any, ...], create: bool) -> Any:
    cls, ctx, shapes = node.saved
    given = tuple(
        ct if ct is None or isinstance(ct, Tensor) else wrap(np.asarray(ct)) for ct in cts
    )
    if "vjp" in cls.__dict__ and "backward" in cls.__dict__:
        raise GraphError(f"{cls.__name__} has both backward and vjp", "keep one of them")
    backward = getattr(cls, "vjp", None) or cls.backward
    found: Any = backward(ctx, *given)
    items = list(found) if is_sequence(found) else [found]
    if len(items) < len(shapes) or any(item is not None for item in items[len(shapes) :]):
        raise GraphError(
            f"{cls.__name__}.backward returned {len(items)} gradients for {len(shapes)} arguments",
            "return one for each, None where there is none",
            location(node.place),
        )
    return [
        _fitted(cls, item, shape, create) if edge is not None else None
        for item, shape, edge in zip(items, shapes, node.edges, strict=False)
    ]


def _fitted(cls: Any, item: Any, shape: Any, create: bool) -> Any:
    if item is None:
        return None
    if np.shape(item) != shape:
        from s2s_grad.runtime import sum_to

        try:
            fits = np.broadcast_shapes(np.shape(item), shape) == np.shape(item)
        except ValueError:
            fits = False
        if not fits:
            raise GraphError(
                f"{cls.__name__}.backward returned a gradient of shape {np.shape(item)} for an "
                f"argument of shape {shape}",
                "shapes have to be equal",
            )
        item = sum_to(item, shape)
    if create:
        return item if isinstance(item, Tensor) else wrap(np.asarray(item))
    return item._value if isinstance(item, Tensor) else np.asarray(item)


def _free(node: Any, place: Place | None) -> None:
    _, ctx, _ = node.saved
    if ctx._unpack is None:
        return
    name, made = node.plan.name, node.place

    def freed() -> tuple[Any, ...]:
        raise FreedError(
            f"the tensors that {name} saved were freed by an earlier backward pass\n"
            f"  the operation: {shown(made)}\n  freed by:      {shown(place)}",
            "give retain_graph=True to the earlier backward() or grad()",
        )

    ctx._unpack = freed
