"""`backward` and `grad`: where backward passes begin."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from s2s_grad.tape.core import Tensor, attach, wrap
from s2s_grad.tape.engine import run_backward
from s2s_grad.tape.errors import GraphError
from s2s_grad.tape.recording import is_active
from s2s_grad.tape.user_lines import here, location
from s2s_grad.tape.value_tests import is_array, is_dict

__all__ = ["backward", "grad"]


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add the gradients of tensors to the `.grad` of the leaves.

    Parameters
    ----------
    tensors : Tensor or sequence of them
        What to differentiate.
    grad_tensors : Tensor or sequence of them, optional
        The cotangent of each; 1 for a tensor of one item.
    retain_graph : bool, optional
        Keep the saved values for another pass; by default as `create_graph`.
    create_graph : bool
        Record the pass, so that gradients can be differentiated.
    inputs : Tensor or sequence of them, optional
        Add to the `.grad` of these alone, which need not be leaves.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> x = tape.tensor([1.0, 2.0], requires_grad=True)
    >>> tape.backward((x * x).sum())
    >>> x.grad
    tensor([2., 4.])
    """
    outputs = _sequence(tensors)
    roots = _roots(outputs, _seeds(outputs, grad_tensors), create_graph)
    retain = create_graph if retain_graph is None else retain_graph
    if create_graph:
        warnings.warn(
            "backward(create_graph=True) makes a cycle of each tensor and its .grad, which is "
            "freed by the garbage collector only; use grad()",
            UserWarning,
            stacklevel=2,
        )
    if inputs is None:
        run_backward(roots, retain=retain, create=create_graph)
        return
    targets = _sequence(inputs)
    if not targets:
        raise GraphError(
            "backward(inputs=[]) asks for no gradient", "name tensors, or leave it out"
        )
    wanted = [_edge(tensor, "inputs") for tensor in targets]
    found = run_backward(roots, retain=retain, create=create_graph, wanted=wanted, accumulate=False)
    for tensor, ct in zip(targets, found, strict=True):
        if ct is not None:
            _add_grad(tensor, ct, create_graph)


def _add_grad(tensor: Tensor, ct: Any, create: bool) -> None:
    given = ct if isinstance(ct, Tensor) else wrap(np.array(ct))
    if tensor._grad is None:
        tensor._grad = given
    elif create:
        tensor._grad = tensor._grad + given
    else:
        from s2s_grad.tape.modes import no_grad

        with no_grad():
            tensor._grad += given


@attach("backward")
def _backward(
    tensor: Tensor,
    gradient: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add the gradients of this tensor to the `.grad` of the leaves; see `tape.backward`."""
    given = None if gradient is None else (gradient,)
    backward((tensor,), given, retain_graph, create_graph, inputs)


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> Any:
    """Return the gradients of the sum of outputs with respect to inputs.

    Parameters
    ----------
    outputs, inputs : Tensor or sequence of them
        What to differentiate, and with respect to what.
    grad_outputs : Tensor or sequence of them, optional
        The cotangent of each output; 1 for a tensor of one item.
    retain_graph : bool, optional
        Keep the saved values for another pass; by default as `create_graph`.
    create_graph : bool
        Record the pass, so that the results can be differentiated.
    allow_unused : bool, optional
        Give None for an input that the outputs do not depend on, in place of an error.
    is_grads_batched : bool
        The cotangents have a leading axis: one pass for each of its items, results are stacked.
    materialize_grads : bool
        Give zeros in place of None.

    Returns
    -------
    tuple of Tensor

    Examples
    --------
    >>> from s2s_grad import tape
    >>> x = tape.tensor(3.0, requires_grad=True)
    >>> (dx,) = tape.grad(x**3, x, create_graph=True)
    >>> tape.grad(dx, x)
    (tensor(18.),)
    """
    if materialize_grads and allow_unused is False:
        raise ValueError("materialize_grads=True needs allow_unused=True, or to leave it out")
    if is_dict(inputs):
        found = grad(
            outputs,
            tuple(inputs.values()),
            grad_outputs,
            retain_graph,
            create_graph,
            allow_unused,
            is_grads_batched,
            materialize_grads,
        )
        return dict(zip(inputs, found, strict=True))
    sources = _sequence(inputs)
    results = _sequence(outputs)
    if is_grads_batched:
        return _batched(
            results, sources, grad_outputs, retain_graph, create_graph, allow_unused,
            materialize_grads,
        )  # fmt: skip
    wanted = [_edge(tensor, "inputs") for tensor in sources]
    roots = _roots(results, _seeds(results, grad_outputs), create_graph)
    retain = create_graph if retain_graph is None else retain_graph
    found = run_backward(roots, retain=retain, create=create_graph, wanted=wanted, accumulate=False)
    answers: list[Any] = []
    for place, (tensor, ct) in enumerate(zip(sources, found, strict=True)):
        if ct is None and materialize_grads:
            ct = np.zeros(tensor.shape, tensor.dtype)
        if ct is None and not allow_unused:
            raise GraphError(
                f"the outputs do not depend on input {place}, of shape {tensor.shape}",
                "give allow_unused=True for None, or materialize_grads=True for zeros",
                location(here()),
            )
        answers.append(None if ct is None else _writeable(ct))
    return tuple(answers)


def _batched(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any,
    retain: bool | None,
    create: bool,
    unused: bool | None,
    materialize: bool,
) -> tuple[Any, ...]:
    seeds = _sequence(grad_outputs)
    count = len(seeds[0])
    rows: list[tuple[Any, ...]] = []
    for i in range(count):
        last = bool(retain) or create or i < count - 1
        row = [None if seed is None else seed[i] for seed in seeds]
        rows.append(grad(outputs, inputs, row, last, create, unused, False, materialize))
    return tuple(
        None if any(item is None for item in column) else np.stack(column)
        for column in zip(*rows, strict=True)
    )


def _sequence(value: Any) -> tuple[Any, ...]:
    return (value,) if isinstance(value, Tensor) or is_array(value) else tuple(value)


def _writeable(ct: Any) -> Tensor:
    """Return a gradient that may be written in place: one that was broadcast is copied."""
    found = ct if isinstance(ct, Tensor) else wrap(ct)
    if not is_array(found._value) or found._value.flags.writeable:
        return found
    return found.clone() if isinstance(ct, Tensor) else wrap(found._value.copy())


def _edge(tensor: Any, what: str) -> Any:
    if not is_active(tensor):
        raise GraphError(
            f"one of the {what} does not require grad: "
            + (f"a tensor of shape {tensor.shape}" if isinstance(tensor, Tensor) else repr(tensor)),
            "create it with requires_grad=True, before the outputs are computed",
            location(here()),
        )
    return tensor._node or tensor


def _seeds(outputs: tuple[Any, ...], given: Any) -> list[Any]:
    if given is None:
        return [None] * len(outputs)
    seeds = list(_sequence(given)) if not isinstance(given, (float, int)) else [given]
    if len(seeds) != len(outputs):
        raise GraphError(
            f"{len(outputs)} outputs were given, but {len(seeds)} cotangents",
            "give one for each output; None for 1",
            location(here()),
        )
    return seeds


def _roots(outputs: tuple[Any, ...], seeds: Sequence[Any], create: bool) -> list[Any]:
    return [
        (_root(out), _seed(out, seed, create)) for out, seed in zip(outputs, seeds, strict=True)
    ]


def _root(tensor: Any) -> Any:
    if not is_active(tensor):
        raise GraphError(
            "the tensor does not require grad and has no grad_fn: nothing to go back through",
            "compute it from a tensor with requires_grad=True, outside of no_grad()",
            location(here()),
        )
    return tensor._node or tensor


def _seed(tensor: Tensor, seed: Any, create: bool) -> Any:
    """Return the cotangent of an output."""
    if seed is None:
        if tensor.size != 1:
            raise GraphError(
                f"a gradient without a cotangent needs a tensor of one item, not of shape "
                f"{tensor.shape}",
                "give a cotangent of that shape: backward(v) computes v times the Jacobian",
                location(here()),
            )
        if tensor.dtype.kind == "c":
            raise GraphError(
                "a gradient without a cotangent needs a real tensor, and this one is complex",
                "take its real part, or give a cotangent",
                location(here()),
            )
        value: Any = np.ones(tensor.shape, tensor.dtype)[()]
        return wrap(value) if create else value
    array = np.asarray(seed._value if isinstance(seed, Tensor) else seed)
    if array.shape != tensor.shape:
        raise GraphError(
            f"the cotangent has shape {array.shape}, but the output has shape {tensor.shape}",
            "they have to be equal",
            location(here()),
        )
    if array.dtype.kind == "c" and tensor.dtype.kind != "c":
        raise GraphError(
            "the cotangent is complex, but the output is real",
            "give a real cotangent",
            location(here()),
        )
    if array.dtype != tensor.dtype:
        array = np.asarray(array, tensor.dtype)[()]
    if not create:
        return array
    if isinstance(seed, Tensor):
        return seed if seed.dtype == tensor.dtype else seed.astype(tensor.dtype)
    return wrap(array)
