"""Comparing gradients with differences."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.tape.core import Tensor, array_of, wrap
from s2s_grad.tape.errors import GraphError, TapeError
from s2s_grad.tape.functions import grad
from s2s_grad.tape.modes import enable_grad, no_grad
from s2s_grad.tape.recording import is_active
from s2s_grad.tape.value_tests import is_sequence

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]


class GradcheckError(TapeError):
    """A gradient that differs from differences."""


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
) -> bool:
    """Compare the Jacobian of a function of tensors with central differences.

    Parameters
    ----------
    func : callable
        A function of tensors.
    inputs : Tensor or tuple
        Its arguments; those that require grad are checked.
    eps : float
        The step.
    atol, rtol : float
        How far both may differ.
    raise_exception : bool
        Raise where they differ, instead of returning False.
    nondet_tol : float
        How far two backward passes may differ.
    check_undefined_grad : bool
        Whether to check that an output which is not used makes no difference.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.gradcheck(lambda x: x**2, tape.tensor([1.0, 2.0], requires_grad=True))
    True
    """
    given = tuple(inputs) if is_sequence(inputs) else (inputs,)
    checked = [x for x in given if is_active(x)]
    if not checked:
        raise ValueError("gradcheck needs an input that requires grad; none of these does")
    for x in checked:
        if x.dtype not in (np.dtype(np.float64), np.dtype(np.complex128)):
            warnings.warn(
                f"an input has dtype {x.dtype}: differences need double precision",
                UserWarning,
                stacklevel=2,
            )
        if not array_of(x).flags.writeable:
            raise GraphError("an input can not be written to", "pass a copy")
    try:
        _check(func, given, checked, eps, atol, rtol, nondet_tol)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _check(
    func: Any, given: Any, checked: Any, eps: float, atol: float, rtol: float, tolerance: float
) -> None:
    with enable_grad():
        outputs = _outputs(func(*given))
    for place, output in enumerate(outputs):
        if not is_active(output):
            continue
        for number, x in enumerate(checked):
            exact = _analytic(output, x)
            again = _analytic(output, x)
            if np.abs(exact - again).max(initial=0.0) > tolerance:
                raise GradcheckError(
                    f"two backward passes of output {place} by input {number} differ",
                    "make the function deterministic, or give nondet_tol",
                )
            numeric = _numeric(func, given, x, place, eps)
            if not np.allclose(exact, numeric, rtol=rtol, atol=atol, equal_nan=True):
                raise GradcheckError(
                    f"the Jacobian of output {place} with respect to input {number} is wrong\n"
                    f"  differences: {_shown(numeric)}\n  backward:    {_shown(exact)}",
                    "look at the rule or the backward function",
                )


def _shown(array: Any) -> str:
    return " ".join(np.array2string(array, threshold=20, precision=6).split())


def _outputs(found: Any) -> list[Tensor]:
    items = found if is_sequence(found) else (found,)
    return [item for item in items if isinstance(item, Tensor) and item.dtype.kind in "fc"]


def _analytic(output: Tensor, x: Tensor) -> Any:
    """Return the Jacobian by backward passes, one row for each real part of the output."""
    rows: list[Any] = []
    for unit in _units(output.dtype):
        for i in range(output.size):
            seed = np.zeros(output.shape, output.dtype)
            seed.reshape(-1)[i] = unit
            (g,) = grad(output, x, seed, retain_graph=True, allow_unused=True)
            full = np.zeros(x.shape, x.dtype) if g is None else np.asarray(g._value)
            rows.append(_reals(full))
    return np.array(rows).reshape(len(rows), -1)


def _units(dtype: Any) -> tuple[complex, ...]:
    return (1, 1j) if dtype.kind == "c" else (1,)


def _reals(array: Any) -> Any:
    flat: Any = np.ravel(array)
    return np.concatenate([flat.real, flat.imag]) if flat.dtype.kind == "c" else flat


def _numeric(func: Any, given: Any, x: Tensor, place: int, eps: float) -> Any:
    """Return the Jacobian by central differences."""
    flat = array_of(x).reshape(-1)
    columns: list[Any] = []
    with no_grad():
        for unit in _units(x.dtype):
            for i in range(flat.size):
                kept = flat[i]
                flat[i] = kept + eps * unit
                high = _reals(np.array(_outputs(func(*given))[place]._value))
                flat[i] = kept - eps * unit
                low = _reals(np.array(_outputs(func(*given))[place]._value))
                flat[i] = kept
                columns.append((high - low) / (2 * eps))
    return np.array(columns).T.reshape(-1, len(columns))


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
) -> bool:
    """Compare second derivatives of a function of tensors with differences of first ones.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.gradgradcheck(lambda x: x**3, tape.tensor([1.0, 2.0], requires_grad=True))
    True
    """
    given = tuple(inputs) if is_sequence(inputs) else (inputs,)
    outputs = _outputs(func(*given))
    if grad_outputs is None:
        random = np.random.default_rng(0)
        seeds = [Tensor(random.normal(size=o.shape), requires_grad=True) for o in outputs]
    else:
        seeds = list(grad_outputs) if is_sequence(grad_outputs) else [grad_outputs]
    count = len(given)

    def first(*args: Any) -> Any:
        xs = args[:count]
        with enable_grad():
            found = _outputs(func(*xs))
            active = [(o, s) for o, s in zip(found, args[count:], strict=True) if is_active(o)]
            outs, cts = zip(*active, strict=True)
            wanted = tuple(x for x in xs if is_active(x))
            gs = grad(outs, wanted, cts, create_graph=True, allow_unused=True)
        return tuple(
            wrap(np.zeros(x.shape)) if g is None else g for g, x in zip(gs, wanted, strict=True)
        )

    return gradcheck(
        first,
        (*given, *seeds),
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
    )
