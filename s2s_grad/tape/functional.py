"""Derivatives of functions of tensors: Jacobians, Hessians and their products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.tape.core import Tensor, wrap
from s2s_grad.tape.errors import GraphError
from s2s_grad.tape.functions import grad
from s2s_grad.tape.modes import enable_grad, selecting
from s2s_grad.tape.recording import is_active
from s2s_grad.tape.ufuncs import unary
from s2s_grad.tape.value_tests import is_sequence, is_tuple

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]


def _inputs(inputs: Any, create_graph: bool) -> tuple[tuple[Tensor, ...], bool]:
    """Return the inputs as new leaves, or as views in the graph; and whether they were a tuple."""
    several = is_sequence(inputs)
    given: tuple[Any, ...] = tuple(inputs) if several else (inputs,)
    fresh: list[Tensor] = []
    for item in given:
        tensor = item if isinstance(item, Tensor) else Tensor(item)
        if create_graph and is_active(tensor):
            fresh.append(unary(np.positive, tensor))
        else:
            fresh.append(Tensor(tensor.detach()._value, requires_grad=True))
    return tuple(fresh), several


def _outputs(found: Any) -> tuple[tuple[Tensor, ...], bool]:
    several = is_sequence(found)
    items: tuple[Any, ...] = tuple(found) if several else (found,)
    for item in items:
        if not isinstance(item, Tensor):
            raise TypeError(f"the function has to return tensors, not {type(item).__name__}")
    return items, several


def _gradients(
    output: Tensor, inputs: tuple[Tensor, ...], ct: Any, create: bool, strict: bool, what: str
) -> tuple[Any, ...]:
    """Return gradients with zeros (an error if strict) for inputs that do not count."""
    if not is_active(output):
        found: tuple[Any, ...] = (None,) * len(inputs)
    else:
        found = grad(output, inputs, ct, retain_graph=True, create_graph=create, allow_unused=True)
    for place, item in enumerate(found):
        if strict and (item is None or (create and not is_active(item) and what == "hessian")):
            raise GraphError(
                f"an output does not depend on input {place}",
                "leave strict=True out for zeros",
            )
    return tuple(
        wrap(np.zeros(x.shape, x.dtype)) if g is None else g
        for g, x in zip(found, inputs, strict=True)
    )


def _detached(value: Any, create: bool) -> Any:
    if is_tuple(value):
        return tuple(_detached(item, create) for item in value)
    return value if create else value.detach()


def _answer(values: Any, many: bool, create: bool) -> Any:
    """Return what the caller gets: a tuple where there are several values, else the only one."""
    return _detached(values if many else values[0], create)


def jacobian(
    func: Callable[..., Any], inputs: Any, create_graph: bool = False, strict: bool = False
) -> Any:
    """Return the Jacobian: for each output and input an array of shape output + input.

    Parameters
    ----------
    func : callable
        A function of tensors that returns a tensor or a tuple of them.
    inputs : Tensor or tuple of them
        Where to differentiate.
    create_graph : bool
        Whether the result can be differentiated.
    strict : bool
        Raise for an output that does not depend on an input, in place of zeros.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.functional.jacobian(lambda x: x**2, tape.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    with enable_grad():
        xs, many_in = _inputs(inputs, create_graph)
        outputs, many_out = _outputs(func(*xs))
        rows = tuple(_jacobian_of(out, xs, create_graph, strict) for out in outputs)
    answer: Any = tuple(row if many_in else row[0] for row in rows)
    return _answer(answer, many_out, create_graph)


def _jacobian_of(
    output: Tensor, inputs: tuple[Tensor, ...], create: bool, strict: bool
) -> tuple[Any, ...]:
    columns: list[list[Any]] = [[] for _ in inputs]
    for i in range(output.size):
        seed = np.zeros(output.shape, output.dtype)
        seed.reshape(-1)[i] = 1
        for column, g in zip(
            columns, _gradients(output, inputs, seed, create, strict, "jacobian"), strict=True
        ):
            column.append(g)
    return tuple(
        np.reshape(np.stack(column), output.shape + x.shape)
        if column
        else wrap(np.zeros(output.shape + x.shape))
        for column, x in zip(columns, inputs, strict=True)
    )


def hessian(
    func: Callable[..., Any], inputs: Any, create_graph: bool = False, strict: bool = False
) -> Any:
    """Return the second derivatives of a function with one item.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.functional.hessian(lambda x: (x**3).sum(), tape.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    several = is_sequence(inputs)

    def gradient(*xs: Tensor) -> Any:
        output = _scalar(func(*xs))
        found = _gradients(output, xs, None, True, strict, "hessian")
        return found if several else found[0]

    return jacobian(gradient, inputs, create_graph, strict)


def _scalar(found: Any) -> Tensor:
    outputs, _ = _outputs(found)
    if len(outputs) != 1 or outputs[0].size != 1:
        raise GraphError(
            f"a Hessian needs a function with one item, not of shape {outputs[0].shape}",
            "reduce it, for example with sum()",
        )
    output = outputs[0]
    return output if output.ndim == 0 else output.reshape(())


def _vector(v: Any, like: tuple[Tensor, ...], several: bool, of: str) -> tuple[Any, ...]:
    if v is None:
        if len(like) != 1 or like[0].size != 1:
            raise GraphError(
                f"v can be left out only where the {of} has one item",
                f"give v shaped like the {of}",
            )
        return (wrap(np.ones(like[0].shape, like[0].dtype)),)
    vectors = tuple(v) if is_sequence(v) else (v,)
    if len(vectors) != len(like):
        raise GraphError(f"{len(vectors)} vectors were given for {len(like)}", "give one for each")
    for item, x in zip(vectors, like, strict=True):
        if np.shape(item) != x.shape:
            raise GraphError(
                f"v has shape {np.shape(item)}, but the {of} has shape {x.shape}",
                "shapes have to be equal",
            )
    return tuple(item if isinstance(item, Tensor) else Tensor(item) for item in vectors)


def vjp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> Any:
    """Return ``(outputs, v times the Jacobian)``.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> x = tape.tensor([1.0, 2.0])
    >>> tape.functional.vjp(lambda x: x**2, x, tape.ones(2))[1]
    tensor([2., 4.])
    """
    with enable_grad():
        xs, many_in = _inputs(inputs, create_graph)
        outputs, many_out = _outputs(func(*xs))
        vectors = _vector(v, outputs, many_out, "output")
        active = [(o, c) for o, c in zip(outputs, vectors, strict=True) if is_active(o)]
        if active:
            outs, cts = zip(*active, strict=True)
            found = grad(outs, xs, cts, create_graph=create_graph, allow_unused=True)
        else:
            found = (None,) * len(xs)
        if strict and any(g is None for g in found):
            raise GraphError("the outputs do not depend on an input", "leave strict=True out")
        gradients = tuple(
            wrap(np.zeros(x.shape, x.dtype)) if g is None else g
            for g, x in zip(found, xs, strict=True)
        )
    return (
        _answer(outputs, many_out, create_graph),
        _answer(gradients, many_in, create_graph),
    )


def jvp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> Any:
    """Return ``(outputs, the Jacobian times v)``, by two backward passes.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> x = tape.tensor([1.0, 2.0])
    >>> tape.functional.jvp(lambda x: x**2, x, tape.ones(2))[1]
    tensor([2., 4.])
    """
    with enable_grad():
        xs, many_in = _inputs(inputs, create_graph)
        vectors = _vector(v, xs, many_in, "input")
        outputs, many_out = _outputs(func(*xs))
        tangents = tuple(_tangent(out, xs, vectors, create_graph, strict) for out in outputs)
    return (
        _answer(outputs, many_out, create_graph),
        _answer(tangents, many_out, create_graph),
    )


def _tangent(
    output: Tensor,
    xs: tuple[Tensor, ...],
    vectors: tuple[Any, ...],
    create: bool,
    strict: bool,
    selective: bool = False,
) -> Any:
    """The pullback is linear in its cotangent: its own pullback is the pushforward."""
    zeros = wrap(np.zeros(output.shape, output.dtype))
    if not is_active(output):
        if strict:
            raise GraphError("an output does not depend on the inputs", "leave strict=True out")
        return zeros
    # Any cotangent serves: one that is not zero, which formulas may ask for.
    ct = Tensor(np.ones(output.shape, output.dtype), requires_grad=True)
    pulled = grad(output, xs, ct, create_graph=True, allow_unused=True)
    pairs = [(g, v) for g, v in zip(pulled, vectors, strict=True) if g is not None and is_active(g)]
    if strict and len(pairs) < len(xs):
        raise GraphError("an output does not depend on an input", "leave strict=True out")
    if not pairs:
        return zeros
    gs, vs = zip(*pairs, strict=True)
    with selecting(selective):
        (tangent,) = grad(gs, ct, vs, create_graph=create, retain_graph=True, allow_unused=True)
    return zeros if tangent is None else tangent


def hvp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> Any:
    """Return ``(output, the Hessian times v)``.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> x = tape.tensor([1.0, 2.0])
    >>> tape.functional.hvp(lambda x: (x**3).sum(), x, tape.ones(2))[1]
    tensor([ 6., 12.])
    """
    return vhp(func, inputs, v, create_graph, strict)


def vhp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> Any:
    """Return ``(output, v times the Hessian)``: the same, as a Hessian is symmetric.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> x = tape.tensor([1.0, 2.0])
    >>> tape.functional.vhp(lambda x: (x**3).sum(), x, tape.ones(2))[1]
    tensor([ 6., 12.])
    """
    with enable_grad():
        xs, many_in = _inputs(inputs, create_graph)
        vectors = _vector(v, xs, many_in, "input")
        output = _scalar(func(*xs))
        gradients = _gradients(output, xs, None, True, strict, "hessian")
        pairs = [(g, u) for g, u in zip(gradients, vectors, strict=True) if is_active(g)]
        if pairs:
            gs, us = zip(*pairs, strict=True)
            found = grad(gs, xs, us, create_graph=create_graph, allow_unused=True)
        else:
            found = (None,) * len(xs)
        if strict and any(g is None for g in found):
            raise GraphError("the gradient does not depend on an input", "leave strict=True out")
        products = tuple(
            wrap(np.zeros(x.shape, x.dtype)) if g is None else g
            for g, x in zip(found, xs, strict=True)
        )
    return _detached(output, create_graph), _answer(products, many_in, create_graph)
