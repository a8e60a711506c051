"""Containers of numbers as vectors: the point where a function is checked, and ways to go there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from s2s_grad.ir.guards import is_array, is_numeric
from s2s_grad.ir.trees import leaves, map_tree

__all__ = ["Point", "Skipped", "Vector", "as_cotangent", "is_number", "numbers_of"]

Vector = np.ndarray[Any, np.dtype[np.float64]]
_DOUBLE = (np.dtype(np.float64), np.dtype(np.complex128))


class Skipped(Exception):
    """A check cannot be made, for the reason that this says."""


class Point:
    """Arguments that are differentiated as one real vector, and a random direction from there.

    `scales` has the size of a step for each number. A complex number counts as two.
    """

    def __init__(self, given: dict[str, Any], random: np.random.Generator) -> None:
        # An int that is differentiated counts as a real; one in a container is a constant.
        self.given = {n: float(v) if type(v) is int else v for n, v in given.items()}
        numbers = [leaf for leaf in leaves(self.given) if _is_active(leaf)]
        if any(np.asarray(leaf).dtype not in _DOUBLE for leaf in numbers):
            raise Skipped("differences need double precision")
        if not sum(map(np.size, numbers)):
            raise Skipped("there is no number to differentiate by")
        self.scales: Vector = np.concatenate([_scales(leaf) for leaf in numbers])
        signs = random.choice((-1.0, 1.0), self.scales.size)
        self.direction: Vector = self.scales * signs * random.uniform(0.5, 1.5, self.scales.size)

    def flat(self, tree: Any) -> Vector:
        """Return what has the structure of the arguments, gradients or tangents, as one vector.

        Raises
        ------
        ValueError
            Where it has another structure.
        """
        parts: list[Vector] = [np.zeros(0)]

        def add(leaf: Any, other: Any) -> None:
            parts.append(_flat(leaf, other))

        try:
            map_tree(add, self.given, tree)
        except (TypeError, LookupError, AttributeError) as error:
            raise ValueError(str(error)) from None
        return np.concatenate(parts)

    def moved(self, shift: Vector) -> dict[str, Any]:
        """Return the arguments beside the point."""
        rest = _pieces(shift, self.given)

        def move(leaf: Any) -> Any:
            return _moved(leaf, next(rest)) if _is_active(leaf) else leaf

        return map_tree(move, self.given)


def is_number(value: Any) -> bool:
    """Return whether a value is a number or an array of them.

    Examples
    --------
    >>> is_number(1.0), is_number("1"), is_number(np.array(["1"]))
    (True, False, False)
    """
    if is_numeric(value):
        return value.dtype.kind in "fciub"
    return isinstance(value, (bool, int, float, complex))


def numbers_of(value: Any) -> Vector:
    """Return the real numbers in a result, without those that have no derivative.

    Examples
    --------
    >>> numbers_of((1.0, 7, np.array([1j])))
    array([1., 0., 1.])
    """
    parts = [_reals(leaf) for leaf in leaves(value) if _is_active(leaf)]
    return np.concatenate([np.zeros(0), *parts])


def as_cotangent(value: Any, weights: Vector) -> Any:
    """Return a vector as a cotangent of a value: the weights of the numbers in it."""
    rest = _pieces(weights, value)

    def build(leaf: Any) -> Any:
        if not _is_active(leaf):
            return np.zeros(np.shape(leaf)) if is_number(leaf) else leaf
        numbers: Any = next(rest)
        if np.iscomplexobj(leaf):
            numbers = numbers.view(complex)
        if np.ndim(leaf) == 0:
            return numbers[0]
        return numbers.reshape(np.shape(leaf)).astype(leaf.dtype)

    return map_tree(build, value)


def _pieces(vector: Vector, tree: Any) -> Iterator[Vector]:
    """Yield the part of a vector that belongs to each active leaf."""
    at = 0
    for leaf in leaves(tree):
        if _is_active(leaf):
            size = int(np.size(leaf)) * (2 if np.iscomplexobj(leaf) else 1)
            yield vector[at : at + size]
            at += size


def _is_active(leaf: Any) -> bool:
    return is_number(leaf) and np.asarray(leaf).dtype.kind in "fc"


def _scales(leaf: Any) -> Vector:
    numbers = np.abs(_reals(leaf))
    finite = np.isfinite(numbers)
    largest = float(np.max(numbers[finite], initial=0.0))
    if not largest:
        return np.ones(numbers.size)
    return np.where(finite & (numbers > 0.0), numbers, min(largest, 1.0))


def _reals(leaf: Any) -> Vector:
    if np.iscomplexobj(leaf):
        return np.ravel(np.asarray(leaf, complex)).view(float)
    return np.ravel(np.asarray(leaf, float))


def _moved(leaf: Any, shift: Vector) -> Any:
    numbers: Any = shift.view(complex) if np.iscomplexobj(leaf) else shift
    if not is_array(leaf):
        return type(leaf)(leaf + numbers[0])
    moved: Any = np.copy(leaf)
    moved[...] = leaf + numbers.reshape(leaf.shape)
    return moved


def _flat(leaf: Any, other: Any) -> Vector:
    """Return the numbers in a leaf of a derivative that belongs to a leaf of the arguments."""
    if not _is_active(leaf):
        return np.zeros(0)
    if np.shape(leaf) != np.shape(other):
        raise ValueError(f"shape {np.shape(other)} for {np.shape(leaf)}")
    return _reals(np.asarray(other, complex if np.iscomplexobj(leaf) else float))
