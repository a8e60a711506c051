"""The transforms of the package, run on the tape: what the compiler refuses is recorded instead."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from s2s_grad.emulate.copies import Copies
from s2s_grad.emulate.run_checks import Given, check_plain, check_structure, check_untouched
from s2s_grad.emulate.tensor_arguments import argument, constants, point_of
from s2s_grad.errors import (
    ArgumentError,
    OutputError,
    ZeroGradientWarning,
    outer_level,
)
from s2s_grad.ir.request import Request
from s2s_grad.ir.tensors import reads_tensor
from s2s_grad.ir.trees import is_container, is_numeric_leaf, leaves, map_tree
from s2s_grad.tape.core import Tensor, wrap
from s2s_grad.tape.functional import _tangent
from s2s_grad.tape.functions import grad
from s2s_grad.tape.modes import STATE, enable_grad, selecting
from s2s_grad.tape.number import Number
from s2s_grad.tape.recording import any_active, is_active
from s2s_grad.tape.value_tests import is_array, is_tuple

__all__ = ["Request", "run", "vjp"]


def run(
    fn: Callable[..., Any],
    signature: Any,
    bound: Mapping[str, Any],
    request: Request,
    extra: Sequence[Any] = (),
    *,
    check: Callable[[Sequence[Any], Any], None] | None = None,
) -> Any:
    """Return a derivative, computed on the tape.

    Parameters
    ----------
    fn : callable
        The primal.
    signature : inspect.Signature
        Its signature.
    bound : mapping
        The arguments by name.
    request : Request
        What is wanted.
    extra : sequence
        One tangent or vector for each of `request.wrt` (for "jvp" and "hvp").
    check : callable, optional
        Is given the arguments as they were and as they are, by leaves, and the result.

    Returns
    -------
    object
        As the compiled function would return it. Where an argument is a tensor that requires grad,
        results are tensors, which can be differentiated again.
    """
    nested = STATE.enabled and any(any_active(list(leaves(value))) for value in bound.values())
    nested = nested or (STATE.enabled and any_active([list(leaves(item)) for item in extra]))
    nested = nested or (STATE.enabled and reads_tensor(fn))
    with enable_grad():
        points = {name: map_tree(point_of, bound[name]) for name in request.wrt}
        call = signature.bind_partial()
        for name in signature.parameters:
            if name in points:
                call.arguments[name] = map_tree(argument, points[name])
            elif name in bound:
                call.arguments[name] = constants(bound[name])
        given = list(leaves(call.args)) if check is not None else []
        arguments = Given(bound, call.arguments)
        kept = [(item, item.copy() if is_array(item) else None) for item in given]
        STATE.pythonic |= any(type(leaf) is complex for leaf in leaves(list(bound.values())))
        copies = Copies()
        copies.reached.note(list(bound.values()))
        for _, original, copied in arguments.pairs:
            copies.origins.note(copied, original)
        try:
            result = copies(fn)(*call.args, **call.kwargs)
            if check is not None:
                check_structure(fn, given, list(leaves(call.args)))
                check(kept, result)
            arguments.check_separate(fn, copies.outside(), copies.origins)
            task = _Task(fn, request, points, {n: bound[n] for n in request.wrt}, nested)
            match request.kind:
                case "grad" | "value_and_grad":
                    return task.gradient(result)
                case "vjp":
                    return task.pullback(result)
                case "jvp":
                    return task.pushforward(result, extra)
                case _:
                    return task.hessian_times(result, extra)
        finally:
            if not nested and not STATE.strict:
                copies.restore()


def vjp(fn: Callable[..., Any], args: Sequence[Any], items: int | None) -> Any:
    """Return ``(value, pullback)`` of a call that stands in a compiled program: see `tape.vjp`."""
    names = tuple(f"argument_{i}" for i in range(len(args)))
    kind = inspect.Parameter.POSITIONAL_ONLY
    signature = inspect.Signature([inspect.Parameter(name, kind) for name in names])
    bound = dict(zip(names, args, strict=True))

    def check(given: Sequence[Any], result: Any) -> None:
        check_untouched(fn, given)
        check_plain(fn, result, items)

    return run(fn, signature, bound, Request("vjp", names, False), check=check)


class _Task:
    """One call of a transform, after the primal ran."""

    def __init__(
        self,
        fn: Callable[..., Any],
        request: Request,
        points: dict[str, Any],
        given: dict[str, Any],
        nested: bool,
    ) -> None:
        self.name = getattr(fn, "__name__", type(fn).__name__)
        self.request = request
        self.points = points
        self.given = given
        self.nested = nested
        self.leaves = [
            leaf
            for name in request.wrt
            for leaf in leaves(points[name])
            if isinstance(leaf, Tensor)
        ]

    # ------------------------------------------------------------------------------ the transforms

    def gradient(self, result: Any) -> Any:
        """Return what `grad` and `value_and_grad` do."""
        aux: Any = None
        if self.request.has_aux:
            if not is_tuple(result) or len(result) != 2:
                raise OutputError(
                    f"`{self.request.kind}` with has_aux=True needs a function that returns two, "
                    f"but `{self.name}` returned {type(result).__name__}",
                    "return (value, aux)",
                )
            result, aux = result
        self._check_scalar(result)
        found = self._pull([(result, None)], create=self.nested, retain=False)
        gradient = self._shaped(found)
        if self.request.kind == "value_and_grad":
            value = self._out(result)
            return (
                ((value, self._out(aux)), gradient) if self.request.has_aux else (value, gradient)
            )
        return (gradient, self._out(aux)) if self.request.has_aux else gradient

    def pullback(self, result: Any) -> Any:
        """Return ``(value, pullback)``."""

        results = list(leaves(result))

        def pull(cotangent: Any) -> Any:
            pairs = list(zip(results, leaves(cotangent), strict=True))
            nested = STATE.enabled and (self.nested or any_active([c for _, c in pairs]))
            with enable_grad():
                return self._shaped(self._pull(pairs, create=nested, retain=True), nested)

        return self._out(result), pull

    def pushforward(self, result: Any, tangents: Sequence[Any]) -> Any:
        """Return ``(value, tangent)``."""
        vectors = self._vectors(tangents)

        def tangent(item: Any) -> Any:
            if not is_numeric_leaf(item):
                return item
            if not isinstance(item, Tensor) or not is_active(item):
                zero = np.zeros(np.shape(item), _dtype_of_tangent(item))[()]
                return float(zero) if type(item) is float else zero
            found = _tangent(item, tuple(self.leaves), vectors, True, False, selective=True)
            return _like(found, item._value) if not self.nested else _own(found)

        return self._out(result), map_tree(tangent, result)

    def hessian_times(self, result: Any, vectors: Sequence[Any]) -> Any:
        """Return the Hessian times vectors."""
        self._check_scalar(result)
        gradients = self._pull([(result, None)], create=True, retain=True)
        pairs = [
            (g, v)
            for g, v in zip(gradients, self._vectors(vectors), strict=True)
            if g is not None and is_active(g)
        ]
        return self._shaped(self._pull(pairs, create=self.nested, retain=False))

    # ---------------------------------------------------------------------------------------- parts

    def _vectors(self, given: Sequence[Any]) -> tuple[Tensor, ...]:
        """Return the tangents of the leaves."""
        if any(leaf.dtype.kind == "c" for leaf in self.leaves):
            raise ArgumentError(
                f"`{self.request.kind}` is for real arguments, and one of `{self.name}` is complex",
                "use grad or vjp, or write it with the real and the imaginary part",
            )
        vectors: list[Tensor] = []
        for name, tangent in zip(self.request.wrt, given, strict=True):
            for point, item in zip(leaves(self.points[name]), leaves(tangent), strict=True):
                if isinstance(point, Tensor):
                    vector = item if isinstance(item, Tensor) else wrap(np.asarray(item)[()])
                    same = vector.dtype == point.dtype
                    vectors.append(vector if same else vector.astype(point.dtype))
        return tuple(vectors)

    def _pull(self, pairs: Sequence[tuple[Any, Any]], *, create: bool, retain: bool) -> list[Any]:
        """Return the cotangents of the leaves, None for zero."""
        active = [(out, ct) for out, ct in pairs if isinstance(out, Tensor) and is_active(out)]
        if not active or not self.leaves:
            return [None] * len(self.leaves)
        outs = [out for out, _ in active]
        cts = [None if ct is None else _as_cotangent(ct, out) for out, ct in active]
        with selecting():
            found = grad(
                outs,
                self.leaves,
                cts,
                retain_graph=retain or create,
                create_graph=create,
                allow_unused=True,
            )
        return list(found)

    def _shaped(self, found: list[Any], nested: bool | None = None) -> Any:
        """Return gradients with the structure of the arguments."""
        nested = self.nested if nested is None else nested
        pool = iter(found)

        def build(point: Any, given: Any) -> Any:
            if not isinstance(point, Tensor):
                return 0.0 if is_numeric_leaf(point) else point
            g = next(pool)
            if nested:
                return wrap(np.zeros(point.shape, point.dtype)) if g is None else _own(g)
            return _zero_like(given) if g is None else _like(g, given)

        answers = tuple(
            map_tree(build, self.points[name], self.given[name]) for name in self.request.wrt
        )
        return answers[0] if self.request.single else answers

    def _out(self, value: Any) -> Any:
        """Return a result of the primal without tensors, unless it is differentiated further."""
        if self.nested:
            return value
        return map_tree(_plain, value) if is_container(value) else _plain(value)

    def _check_scalar(self, result: Any) -> None:
        """Raise unless the result is a real scalar; warn where it is constant."""
        kind, name = self.request.kind, self.name
        if is_container(result):
            raise OutputError(
                f"`{kind}` needs a function with a scalar result, but the result of `{name}` is a "
                f"{type(result).__name__}",
                "use `vjp` or `tape.functional.jacobian` for outputs that are no scalar",
            )
        if np.ndim(getattr(result, "_value", result)) != 0:
            raise OutputError(
                f"`{kind}` needs a function with a scalar result, but the result of `{name}` is an "
                f"array of shape {np.shape(result)}",
                "use `vjp` or `tape.functional.jacobian` for outputs that are no scalar",
            )
        dtype = np.asarray(getattr(result, "_value", result)).dtype
        if dtype.kind not in "f" and (isinstance(result, Tensor) or dtype.kind not in "iu"):
            raise OutputError(
                f"`{kind}` needs a function with a real result, but the result of `{name}` is "
                f"{dtype}",
                "return a float",
            )
        if not is_active(result):
            names = ", ".join(self.request.wrt)
            warnings.warn(
                f"the result of `{name}` does not depend on {names}: the gradient is zero",
                ZeroGradientWarning,
                stacklevel=outer_level(),
            )


def _dtype_of_tangent(item: Any) -> Any:
    dtype = np.asarray(_plain(item)).dtype
    return dtype if dtype.kind in "fc" else float


def _as_cotangent(ct: Any, out: Tensor) -> Any:
    if isinstance(ct, Tensor):
        return ct
    array = np.asarray(ct)
    if array.dtype.kind not in "fciu":
        raise ArgumentError(
            f"a cotangent of dtype {array.dtype} is no number", "give floats like the result"
        )
    return np.broadcast_to(array, out.shape) if array.shape != out.shape else array


def _plain(value: Any) -> Any:
    """Return the array or number of a tensor."""
    if not isinstance(value, Tensor):
        return value
    found = value._value
    if type(found) is Number:
        return float(found)
    if is_array(found) and found.base is not None:
        return found.copy()
    return found


def _like(g: Any, given: Any) -> Any:
    """Return a gradient in the kind of its argument: a float, a NumPy scalar or an array."""
    value = g._value if isinstance(g, Tensor) else g
    if isinstance(given, Tensor):
        given = given._value
    if isinstance(given, complex) and not isinstance(given, np.generic):
        return complex(value)
    if isinstance(given, (float, int)) and not isinstance(given, np.generic):
        return float(value)
    if is_array(given):
        array = np.asarray(value, given.dtype)
        return array.copy() if array.base is not None or not array.flags.writeable else array
    return np.asarray(value, given.dtype)[()]


def _own(value: Any) -> Any:
    """Return a derivative that may be written to: no other name stands for it."""
    is_own = not isinstance(value, Tensor) or not is_array(value._value)
    return value if is_own else value.clone()


def _zero_like(given: Any) -> Any:
    if isinstance(given, Tensor):
        given = given._value
    if isinstance(given, (float, int, complex)) and not isinstance(given, np.generic):
        return 0j if isinstance(given, complex) else 0.0
    zeros: Any = np.zeros_like(given)
    return zeros[()] if isinstance(given, np.generic) else zeros
