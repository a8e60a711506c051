"""Cotangents that are not written out: masked by a selection, or scattered into zeros.

A masked cotangent is zero outside of its mask whatever its value there. So the branch that
`np.where` did not choose gets zero, also where its derivative is infinite. A scattered one is what
reading some items sends back: added in place, a loop over the items of an array stays linear.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.runtime import add_at
from s2s_grad.tape.core import Tensor

__all__ = ["Lazy", "Masked", "Scattered", "masked", "masked_run"]


class Lazy:
    """A cotangent in another form than an array."""

    __slots__ = ()

    @property
    def dtype(self) -> Any:
        """The dtype of the array."""
        raise NotImplementedError

    def dense(self) -> Any:
        """Return the array."""
        raise NotImplementedError

    def astype(self, dtype: Any) -> Any:
        """Return the array with another dtype."""
        return np.astype(self.dense(), dtype)

    def plus(self, new: Any) -> tuple[Any, bool]:
        """Return the sum with another cotangent, and whether nobody else holds it."""
        total = self.dense()
        if isinstance(new, Lazy):
            return new.added_to(total, True)
        return total + new, True

    def added_to(self, total: Any, owned: bool) -> tuple[Any, bool]:
        """Return the sum, in place where the other one is owned."""
        return total + self.dense(), True


class Masked(Lazy):
    """`value` where `mask` holds and zero elsewhere."""

    __slots__ = ("mask", "value")

    def __init__(self, value: Any, mask: Any) -> None:
        self.value = value
        self.mask = mask

    @property
    def dtype(self) -> Any:
        """The dtype of the array."""
        return self.value.dtype

    def dense(self) -> Any:
        """Return the array."""
        return np.where(self.mask, self.value, 0.0)


def masked(g: Any, mask: Any) -> Any:
    """Return a cotangent that is known to be zero outside of a mask."""
    if mask is None:
        return g
    mask = np.asarray(mask)
    if mask.dtype.kind != "b":
        mask = mask != 0
    shape = np.shape(g)
    if np.broadcast_shapes(shape, mask.shape) != shape:
        return g
    return Masked(g, np.broadcast_to(mask, shape))


class Scattered(Lazy):
    """`value` added at `index` of zeros."""

    __slots__ = ("index", "repeats", "value", "zeros")

    def __init__(self, value: Any, index: Any, zeros: Any, repeats: bool) -> None:
        self.value = value
        self.index = index
        self.zeros = zeros
        self.repeats = repeats

    @property
    def dtype(self) -> Any:
        """The dtype of the array."""
        return self.zeros.dtype

    def dense(self) -> Any:
        """Return the array."""
        total = self.zeros.make()
        if isinstance(self.value, Tensor):
            return add_at(total, self.index, self.value)
        return self.into(total)

    def plus(self, new: Any) -> tuple[Any, bool]:
        """Return the sum with another cotangent, and whether nobody else holds it."""
        total = self.dense()
        if isinstance(new, Lazy):
            return new.added_to(total, True)
        if isinstance(total, Tensor) or isinstance(new, Tensor) or total.dtype != new.dtype:
            return total + new, True
        total += new
        return total, True

    def added_to(self, total: Any, owned: bool) -> tuple[Any, bool]:
        """Return the sum, in place where the other one is owned."""
        if isinstance(total, Tensor) or isinstance(self.value, Tensor):
            return total + self.dense(), True
        if not owned or type(total) is not np.ndarray:
            total = np.array(total)
        return self.into(total), True

    def into(self, total: Any) -> Any:
        """Add to an array in place."""
        if self.repeats:
            np.add.at(total, self.index, self.value)
        else:
            total[self.index] += self.value
        return total


def masked_run(node: Any, ct: Any, create: bool) -> Any:
    """Run a node on a cotangent that is not an array: products keep the mask."""
    plan = node.plan
    if not isinstance(ct, Masked) or not plan.elementwise:
        return node.run(ct.dense(), create)
    found = node.run(ct.value, create)
    return [
        Masked(g, ct.mask)
        if np.shape(g) == np.shape(ct.value)
        else _summed(plan, node, ct, place, create)
        for place, g in enumerate(found)
    ]


def _summed(plan: Any, node: Any, ct: Masked, place: int, create: bool) -> Any:
    """Pull back to an operand that was broadcast: select first, then sum."""
    from s2s_grad.runtime import sum_to

    name = plan.active[place]
    at = plan.slots.index(f"{name}_shape")
    saved = list(plan.rebuild(node) if create else node.saved)
    shape, saved[at] = saved[at], None
    product = plan.run(ct.value, tuple(saved))[place]
    return sum_to(np.where(ct.mask, product, 0.0), shape)
