"""The transforms: each takes a function and returns a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from s2s_grad.errors import ArgumentError
from s2s_grad.transform import GRAD, HVP, JVP, VALUE_AND_GRAD, VJP, Kind, Transform, Wrt

__all__ = ["grad", "hvp", "jvp", "value_and_grad", "vjp"]

Function = Callable[..., Any]
_MODES = ("auto", "static", "tape")


def _make(
    kind: Kind,
    f: Function | None,
    wrt: Wrt | None,
    mode: str,
    has_aux: bool,
    check: str | None,
) -> Any:
    if mode not in _MODES:
        raise ArgumentError(f"mode={mode!r} is not known", f"use one of {', '.join(_MODES)}")
    if f is None:

        def decorate(fn: Function) -> Transform:
            return Transform(fn, kind, wrt, has_aux, mode, check)

        return decorate
    return Transform(f, kind, wrt, has_aux, mode, check)


def grad(
    f: Function | None = None,
    wrt: Wrt = 0,
    *,
    mode: str = "auto",
    has_aux: bool = False,
    check: str | None = None,
) -> Any:
    """Return the function that computes the gradient of a scalar function.

    Parameters
    ----------
    f : callable, optional
        A function with a real scalar result. Without it, a decorator is returned.
    wrt : int, str or tuple of them
        The parameters to differentiate with respect to; a tuple gives a tuple.
    mode : {"auto", "static", "tape"}
        How to differentiate: "static" compiles, and raises where a construct can not be compiled;
        "tape" records each run; "auto" compiles, and takes the tape, with a `FallbackWarning`,
        for a function that the compiler refuses.
    has_aux : bool
        Whether `f` returns ``(value, aux)``; the result is then ``(gradient, aux)``.
    check : {"first", "always", "off"}, optional
        Compare the compiled value with that of `f`, and a derivative along a random direction with
        differences: at the first call for given types, or at every call. By default as the
        environment variable ``S2S_GRAD_CHECK`` says. Nothing is checked where `f` has effects or
        differences do not tell; `explain` notes that.

    Returns
    -------
    Transform
        A function of the arguments of `f`. A gradient has the shape, dtype and container of its
        argument.

    Raises
    ------
    OutputError
        When it is called and the result of `f` is no real scalar.
    TranslationError
        When a check finds a wrong value or derivative.

    Examples
    --------
    >>> import numpy as np
    >>> from s2s_grad import grad
    >>> grad(np.sin)(0.0)
    1.0
    """
    return _make(GRAD, f, wrt, mode, has_aux, check)


def value_and_grad(
    f: Function | None = None,
    wrt: Wrt = 0,
    *,
    mode: str = "auto",
    has_aux: bool = False,
    check: str | None = None,
) -> Any:
    """Return the function that computes ``(value, gradient)``.

    Parameters are those of `grad`; with `has_aux` the result is ``((value, aux), gradient)``.

    Examples
    --------
    >>> import math
    >>> from s2s_grad import value_and_grad
    >>> value_and_grad(math.exp)(0.0)
    (1.0, 1.0)
    """
    return _make(VALUE_AND_GRAD, f, wrt, mode, has_aux, check)


def vjp(
    f: Function | None = None, wrt: Wrt = 0, *, mode: str = "auto", check: str | None = None
) -> Any:
    """Return the function that computes ``(value, pullback)``.

    ``pullback(cotangent)`` takes a cotangent with the structure and shapes of the value and returns
    what `grad` would: one gradient per parameter in `wrt`.

    Examples
    --------
    >>> import numpy as np
    >>> from s2s_grad import vjp
    >>> value, pullback = vjp(np.cumsum)(np.ones(3))
    >>> pullback(np.array([1.0, 0.0, 0.0]))
    array([1., 0., 0.])
    """
    return _make(VJP, f, wrt, mode, False, check)


def jvp(
    f: Function | None = None,
    wrt: Wrt | None = None,
    *,
    mode: str = "auto",
    check: str | None = None,
) -> Any:
    """Return the function that computes ``(value, tangent)`` by forward mode.

    It is called as ``jvp(f)(primals, tangents)``: the tuple of all arguments, and one tangent per
    parameter in `wrt` (of all parameters where `wrt` is not given and the lengths agree).

    Examples
    --------
    >>> import math
    >>> from s2s_grad import jvp
    >>> jvp(math.exp)((0.0,), (2.0,))
    (1.0, 2.0)
    """
    return _make(JVP, f, wrt, mode, False, check)


def hvp(
    f: Function | None = None, wrt: Wrt = 0, *, mode: str = "auto", check: str | None = None
) -> Any:
    """Return the function that computes the Hessian of a scalar function times a vector.

    It is called as ``hvp(f)(*args, v)``, with `v` shaped like the argument (a tuple of vectors
    where `wrt` is a tuple), and computes the tangent of the gradient: forward over reverse.

    Examples
    --------
    >>> from s2s_grad import hvp
    >>> hvp(lambda x: x**3)(2.0, 1.0)
    12.0
    """
    return _make(HVP, f, wrt, mode, False, check)


def _lower_as(name: str) -> Any:
    """Say what a call of a transform means inside a function that is compiled."""

    def lower(lowerer: Any, args: Any, kwargs: Any) -> Any:
        from s2s_grad.transform.nested import make_nested

        return make_nested(name)(lowerer, args, kwargs)

    return lower


for _transform in (grad, value_and_grad, vjp, jvp, hvp):
    vars(_transform)["__s2s_lower__"] = _lower_as(_transform.__name__)
