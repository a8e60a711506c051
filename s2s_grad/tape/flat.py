"""The items of a tensor in row order, to be read and written."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.tape.core import Tensor, attach, plain
from s2s_grad.tape.methods import reshape
from s2s_grad.tape.writes import set_items

__all__ = ["Flat"]


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
