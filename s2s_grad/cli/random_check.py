"""Check derivatives at random arguments of given types, in memory and in files."""

from __future__ import annotations

import copy
import functools
import inspect
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from s2s_grad.cli.generate import Order, stated_types
from s2s_grad.cli.target import find_target, load_module
from s2s_grad.errors import S2SError
from s2s_grad.ir.trees import sequence_of
from s2s_grad.ir.types import Array, Dict, Dim, Random, Scalar, Sequence, Static, Type
from s2s_grad.transform.callables import signature_of
from s2s_grad.transform.check.translation import prepare, verify
from s2s_grad.transform.derivative import Transform
from s2s_grad.transform.kinds import JVP, KINDS, VALUE_AND_GRAD, Given

__all__ = ["verify_file", "verify_function"]


def verify_function(order: Order, points: int, seed: int) -> list[str]:
    """Return a note for each point: "" where the derivative agrees with the function.

    Raises
    ------
    TranslationError
        Where it does not.
    """
    transform, types = _read(order)
    other = Transform(transform.primal, VALUE_AND_GRAD, transform.wrt, check="off")

    def run(given: dict[str, Any], vectors: tuple[Any, ...]) -> Any:
        return _called(transform, given, vectors)

    def value(given: dict[str, Any]) -> Any:
        return other(**given)[0]

    hidden = None if transform.kind.valued else value
    return _at_points(transform, types, (points, seed), run, hidden)


def verify_file(path: Path, order: Order, points: int, seed: int) -> list[str]:
    """Return a note for each point, for the code in a file that was written by a command."""
    transform, types = _read(order)
    module = load_module(str(path))
    members: dict[str, Any] = module.__dict__
    found = [n for n in members if n.endswith(f"_{order.kind}") and not n.startswith("_")]
    if not found:
        raise S2SError(f"{path} has no {order.kind}", "write it again with s2s-grad dump")
    code = members[found[-1]]
    names = list(inspect.signature(code).parameters)

    def run(given: dict[str, Any], vectors: tuple[Any, ...]) -> Any:
        extra = [each for each in names if each not in transform.names]
        if len(extra) == 1 < len(vectors):
            vectors = (vectors,)
        return code(**given, **dict(zip(extra, vectors, strict=True)))

    return _at_points(transform, types, (points, seed), run, None)


def _read(order: Order) -> tuple[Transform, dict[str, Type]]:
    fn = find_target(order.target).function
    wrt: Any = order.parameters
    single = wrt[0] if len(wrt) == 1 else wrt
    transform = Transform(fn, KINDS[order.kind], single, check="off")
    types = stated_types(fn, transform, order.arguments)
    parameters = signature_of(fn).parameters
    for name, parameter in parameters.items():
        open_ended = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        if name not in types and parameter.default is parameter.empty and not open_ended:
            raise S2SError(f"the type of `{name}` is not known", f'give it: --args "{name}: f8[n]"')
    return transform, types


def _at_points(
    transform: Transform,
    types: dict[str, Type],
    drawn: tuple[int, int],
    run: Callable[[dict[str, Any], tuple[Any, ...]], Any],
    value: Callable[[dict[str, Any]], Any] | None,
) -> list[str]:
    points, seed = drawn
    notes: list[str] = []
    for place in range(points):
        random = np.random.default_rng((seed, place))
        sizes: dict[str, int] = {}
        given = {name: _random(t, random, sizes) for name, t in types.items()}
        again = np.random.default_rng((seed, place, 1))
        with_vectors = not transform.kind.is_called_as_primal
        asked = transform.names_of_wrt if with_vectors else ()
        vectors = tuple(_random(types[name], again, sizes) for name in asked)
        prepared = prepare(transform.asked, given, vectors)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            result = run(given, vectors)
        if isinstance(prepared, str):
            notes.append(prepared)
            continue
        hidden = None if value is None else functools.partial(value, copy.deepcopy(prepared.given))
        notes.append(verify(prepared, result, hidden))
    return notes


def _called(transform: Transform, given: dict[str, Any], vectors: tuple[Any, ...]) -> Any:
    if not vectors:
        return transform(**given)
    if transform.kind is not JVP:
        vectors = vectors if len(vectors) == 1 else (vectors,)  # one for all
    args, kwargs = transform.kind.join(Given(tuple(given.values()), {}, vectors))
    return transform(*args, **kwargs)


def _random(t: Type, random: np.random.Generator, sizes: dict[str, int]) -> Any:
    """Return a random value of a type; equal letters get equal sizes."""
    match t:
        case Static():
            return t.value
        case Random():
            return np.random.default_rng(0) if t.kind is np.random.Generator else t.kind(0)
        case Scalar(kind="int"):
            return int(random.integers(2, 6))
        case Scalar(kind="bool"):
            return bool(random.integers(2))
        case Scalar(kind="complex"):
            return complex(*random.uniform(0.5, 1.5, 2))
        case Scalar():
            return float(random.uniform(0.5, 1.5))
        case Array():
            return _array(t, random, sizes)
        case Sequence():
            items = [_random(item, random, sizes) for item in t.items]
            return sequence_of(t.kind, items)
        case Dict():
            items = [_random(item, random, sizes) for item in t.items]
            return t.kind(**dict(zip(t.keys, items, strict=True)))
        case _:
            raise S2SError(f"no random value of the type {t}", "state another type with --args")


def _array(t: Array, random: np.random.Generator, sizes: dict[str, int]) -> Any:
    if t.shape is None:
        raise S2SError(
            "the shape of an array is not known", 'state it with --args, as in "x: f8[m,n]"'
        )
    shape = tuple(_size(n, sizes) for n in t.shape)
    dtype = np.dtype(float) if t.dtype is None else t.dtype
    if dtype.kind in "iu":
        return random.integers(1, 4, shape).astype(dtype)[()]
    if dtype.kind == "b":
        return (random.random(shape) < 0.5)[()]
    numbers = random.uniform(0.5, 1.5, shape)
    if dtype.kind == "c":
        return (numbers + 1j * random.uniform(0.5, 1.5, shape)).astype(dtype)[()]
    return numbers.astype(dtype)[()]


def _size(n: Any, sizes: dict[str, int]) -> int:
    if not isinstance(n, Dim):
        return int(n)
    return sizes.setdefault(n.symbol, 3 + len(sizes))
