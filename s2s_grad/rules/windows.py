"""Windows that slide over an array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import linear
from s2s_grad.runtime import add_at, dispatching

np_arange = dispatching(np.arange)
windows_of = dispatching(sliding_window_view)


def sliding_window_view_back(
    ct: Any, x_zeros: Any, x_shape: Any, window_shape: Any, axis: Any = None
) -> Any:
    """Add the items of each window where they were read."""
    size = np.size(x_zeros)
    places = windows_of(np.reshape(np_arange(size), x_shape), window_shape, axis)
    flat = add_at(np.ravel(x_zeros), np.ravel(places), np.ravel(ct))
    return np.reshape(flat, x_shape)


linear(
    sliding_window_view,
    parameters="x window_shape axis",
    x=sliding_window_view_back,
    cases=[
        case(A(5), 3),
        case(A(3, 4), (2, 2)),
        case(A(3, 4), 2, axis=1),
    ],
)
