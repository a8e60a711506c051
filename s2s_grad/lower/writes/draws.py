"""Random numbers: what is drawn is a constant, shifted and scaled as the parameters say."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.analysis.activity import can_be_active
from s2s_grad.analysis.dummies import infer_draw
from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.guards import class_of
from s2s_grad.ir.nodes import Const, Operand, Origin, Pack, Var
from s2s_grad.ir.types import Array, Random, Scalar
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.terms.values import NONE, Args, Kwargs, static_value
from s2s_grad.lower.writes.store import write_all

__all__ = ["GENERATORS", "draw_from"]

GENERATORS = (np.random.Generator, np.random.RandomState)
Raw = Callable[..., Operand]
_NORMAL = {"loc": 0.0, "scale": 1.0, "size": None}
_LOGNORMAL = {"mean": 0.0, "sigma": 1.0, "size": None}


def draw_from(
    low: Lowerer, source: Any, name: str, args: Args, kwargs: Kwargs, origin: Origin
) -> Operand:
    """Lower ``source.name(...)`` of a generator: a variable, or an object known now."""
    t = source.type if isinstance(source, Var) else None
    kind = t.kind if isinstance(t, Random) else class_of(source)

    def raw(method: str, *given: Operand, **options: Operand) -> Operand:
        t = infer_draw(kind, method, given, options, type_of)
        where = origin if method == name else low.builder.origin
        if source is _GLOBAL:
            fn = getattr(np.random, method)
            return low.effect(fn, *given, kwargs=options, result=True, type=t, origin=where)
        owner = source if isinstance(source, Var) else Const(source)
        fn = getattr(kind, method)
        return low.effect(fn, owner, *given, kwargs=options, result=True, type=t, origin=where)

    handler = _HANDLERS.get(name)
    found = None if handler is None else handler(low, raw, kind, args, kwargs)
    return raw(name, *args, **kwargs) if found is None else found


_GLOBAL: Any = np.random.rand.__self__  # pyright: ignore


def _named(names: dict[str, Any], args: Args, kwargs: Kwargs) -> list[Operand]:
    """Return the parameters in order, defaults included."""
    given = dict(zip(names, args, strict=False)) | kwargs
    return [given.get(name, Const(default)) for name, default in names.items()]


def _moves(*operands: Operand) -> bool:
    """Return whether one of the parameters of a distribution may be differentiated."""
    return any(not isinstance(o, Const) and can_be_active(type_of(o)) for o in operands)


def _sized(
    low: Lowerer, raw: Raw, method: str, size: Operand, *parameters: Operand, given: Args = ()
) -> Operand:
    """Draw in a size, by default that of all parameters together."""
    if static_value(size) is None:
        arrays = [each for each in parameters if not _is_number(each)]
        if not arrays:
            return raw(method, *given)
        whole = arrays[0]
        for each in arrays[1:]:
            whole = low.apply(np.add, whole, each)
        size = low.call(np.shape, (whole,))
    return raw(method, *given, size=size)


def _is_number(operand: Operand) -> bool:
    t = type_of(operand)
    return isinstance(t, Scalar) or (isinstance(t, Array) and t.shape == ())


# ------------------------------------------------------------------ locations and scales


def _shifted(standard: str, names: dict[str, Any]) -> Callable[..., Operand | None]:
    """Lower a draw with a location and a scale as one without, shifted and scaled."""

    def lower(low: Lowerer, raw: Raw, kind: Any, args: Args, kwargs: Kwargs) -> Operand | None:
        loc, scale, size = _named(names, args, kwargs)
        if not _moves(loc, scale):
            return None
        drawn = _sized(low, raw, standard, size, loc, scale)
        return low.apply(np.add, loc, low.apply(np.multiply, scale, drawn))

    return lower


_normal = _shifted("standard_normal", _NORMAL)


def _lognormal(low: Lowerer, raw: Raw, kind: Any, args: Args, kwargs: Kwargs) -> Operand | None:
    found = _shifted("standard_normal", _LOGNORMAL)(low, raw, kind, args, kwargs)
    return None if found is None else low.apply(np.exp, found)


def _uniform(low: Lowerer, raw: Raw, kind: Any, args: Args, kwargs: Kwargs) -> Operand | None:
    bounds = _named({"low": 0.0, "high": 1.0, "size": None}, args, kwargs)
    first, last, size = bounds
    if not _moves(first, last):
        return None
    standard = "random_sample" if kind is np.random.RandomState else "random"
    drawn = _sized(low, raw, standard, size, first, last)
    width = low.apply(np.subtract, last, first)
    return low.apply(np.add, first, low.apply(np.multiply, width, drawn))


def _scaled(standard: str, names: dict[str, Any]) -> Callable[..., Operand | None]:
    """Lower a draw with a scale as one without, scaled."""

    def lower(low: Lowerer, raw: Raw, kind: Any, args: Args, kwargs: Kwargs) -> Operand | None:
        *shape, scale, size = _named(names, args, kwargs)
        if not _moves(scale):
            return None
        drawn = _sized(low, raw, standard, size, *shape, scale, given=tuple(shape))
        return low.apply(np.multiply, scale, drawn)

    return lower


def _multivariate(low: Lowerer, raw: Raw, kind: Any, args: Args, kwargs: Kwargs) -> Operand | None:
    names = {"mean": None, "cov": None, "size": None}
    given = dict(zip(names, args, strict=False)) | kwargs
    mean = given.pop("mean")
    if not _moves(mean):
        return None
    still = low.call(np.zeros_like, (mean,))
    rest = {name: value for name, value in given.items() if name != "cov"}
    drawn = raw("multivariate_normal", still, given["cov"], **rest)
    return low.apply(np.add, mean, drawn)


# ------------------------------------------------------------------ orders of given items


def _is_items(operand: Operand) -> bool:
    t = type_of(operand)
    return isinstance(operand, Pack) or (isinstance(t, Array) and t.shape != ())


def _permutation(low: Lowerer, raw: Raw, kind: Any, args: Args, kwargs: Kwargs) -> Operand | None:
    if len(args) != 1 or kwargs or not _is_items(args[0]):
        return None
    return low.apply(operator.getitem, args[0], raw("permutation", low.call(len, args)))


def _shuffle(low: Lowerer, raw: Raw, kind: Any, args: Args, kwargs: Kwargs) -> Operand:
    if len(args) != 1 or kwargs or not isinstance(type_of(args[0]), Array):
        low.refuse("`shuffle` of what is no array, or with options.", "Use `permutation`.")
    order = raw("permutation", low.call(len, args))
    write_all(low, args[0], low.apply(operator.getitem, args[0], order))
    return NONE


def _choice(low: Lowerer, raw: Raw, kind: Any, args: Args, kwargs: Kwargs) -> Operand | None:
    items = args[0] if args else kwargs.get("a")
    rest = {name: value for name, value in kwargs.items() if name != "a"}
    if items is None or not _is_items(items) or "axis" in rest or "shuffle" in rest:
        return None
    if isinstance(items, Pack):
        items = low.call(np.array, (items,))
    place = raw("choice", low.call(len, (items,)), *args[1:], **rest)
    return low.apply(operator.getitem, items, place)


_HANDLERS: dict[str, Callable[..., Operand | None]] = {
    "choice": _choice,
    "exponential": _scaled("standard_exponential", {"scale": 1.0, "size": None}),
    "gamma": _scaled("standard_gamma", {"shape": None, "scale": 1.0, "size": None}),
    "gumbel": _shifted("gumbel", _NORMAL),
    "laplace": _shifted("laplace", _NORMAL),
    "logistic": _shifted("logistic", _NORMAL),
    "lognormal": _lognormal,
    "multivariate_normal": _multivariate,
    "normal": _normal,
    "permutation": _permutation,
    "rayleigh": _scaled("rayleigh", {"scale": 1.0, "size": None}),
    "shuffle": _shuffle,
    "uniform": _uniform,
}
