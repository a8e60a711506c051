"""Methods of tensors that give their items another shape or order, or take them apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.tape.core import Tensor, attach, plain
from s2s_grad.tape.dispatch import apply_function
from s2s_grad.tape.errors import TapeError
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.user_lines import here, location
from s2s_grad.tape.value_tests import is_sequence
from s2s_grad.tape.writes import set_items

__all__ = ["reshape", "sizes_of"]


def sizes_of(shape: tuple[Any, ...]) -> Any:
    """Return the sizes that were given one by one, or as one sequence."""
    return tuple(shape[0]) if len(shape) == 1 and is_sequence(shape[0]) else shape


@attach("reshape")
def reshape(tensor: Tensor, *shape: Any, order: str = "C") -> Any:
    """Return a tensor of another shape, a view where NumPy gives one."""
    options = {} if order == "C" else {"order": order}
    return apply_function(np.reshape, (tensor, sizes_of(shape)), options)


@attach("view")
def view(tensor: Tensor, *shape: Any) -> Any:
    """Return a view of another shape; in a function for NumPy, what NumPy's method does."""
    return reshape(tensor, *shape) if not STATE.strict else _of_dtype(tensor, *shape)


def _of_dtype(tensor: Tensor, dtype: Any = None, type: Any = None) -> Any:
    given = [kind for kind in (dtype, type) if kind not in (None, np.ndarray)]
    if all(np.dtype(kind) == tensor.dtype for kind in given):
        return tensor[...]
    raise TapeError(
        f"the memory of an array of {tensor.dtype} was read as {given[0]!r}, which is not recorded",
        "use astype, or `real` and `imag`",
        location(here()),
    )


@attach("flatten")
def flatten(tensor: Tensor, order: str = "C") -> Any:
    """Return a copy with one axis."""
    options = {} if order == "C" else {"order": order}
    return apply_function(np.copy, (apply_function(np.ravel, (tensor,), options),), {})


@attach("transpose")
def transpose(tensor: Tensor, *axes: Any) -> Any:
    """Return a view with the axes in another order."""
    if not axes or axes == (None,):
        return apply_function(np.transpose, (tensor,), {})
    return apply_function(np.transpose, (tensor, sizes_of(axes)), {})


@attach("permute")
def permute(tensor: Tensor, *axes: Any) -> Any:
    """Return a view with the axes in another order."""
    return transpose(tensor, *axes)


@attach("t")
def t(tensor: Tensor) -> Any:
    """Return the transpose of a matrix."""
    return transpose(tensor)


@attach("unsqueeze")
def unsqueeze(tensor: Tensor, dim: int) -> Any:
    """Return a view with a new axis of size 1."""
    return apply_function(np.expand_dims, (tensor, dim), {})


@attach("expand")
def expand(tensor: Tensor, *shape: Any) -> Any:
    """Return the tensor broadcast to a shape; -1 keeps a size."""
    sizes = sizes_of(shape)
    lead = len(sizes) - tensor.ndim
    full = tuple(tensor.shape[i - lead] if n == -1 else n for i, n in enumerate(sizes))
    return apply_function(np.broadcast_to, (tensor, full), {})


@attach("unbind")
def unbind(tensor: Tensor, axis: int = 0) -> Any:
    """Return the items along an axis."""
    parts = apply_function(np.split, (tensor, tensor.shape[axis]), {"axis": axis})
    return tuple(apply_function(np.squeeze, (part,), {"axis": axis}) for part in parts)


@attach("split")
def split(tensor: Tensor, sections: Any, axis: int = 0) -> Any:
    """Return the parts along an axis, as `np.split` does."""
    return apply_function(np.split, (tensor, sections), {"axis": axis})


def _property(fn: Any) -> Any:
    return property(lambda tensor: apply_function(fn, (tensor,), {}))


attach("T")(_property(np.transpose))
attach("mT")(_property(np.matrix_transpose))


class Flat:
    """The items of a tensor in row order, to be read and written."""

    def __init__(self, tensor: Tensor) -> None:
        self._tensor = tensor

    def _place(self, index: Any) -> Any:
        return np.unravel_index(np.arange(self._tensor.size)[plain(index)], self._tensor.shape)

    def __getitem__(self, index: Any) -> Any:
        return self._tensor[self._place(index)]

    def __setitem__(self, index: Any, value: Any) -> None:
        set_items(self._tensor, self._place(index), value)

    def __iter__(self) -> Any:
        return iter(reshape(self._tensor, -1))

    def __len__(self) -> int:
        return self._tensor.size


@attach("flat")
@property
def flat(tensor: Tensor) -> Any:
    """The items in row order."""
    return Flat(tensor)
