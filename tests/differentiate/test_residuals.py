"""What an adjoint reads of its primal, where the primal has it on some paths only."""

from __future__ import annotations

import numpy as np
from examine import Given, examine


def shape_of_a_part_in_a_branch(x, y, k):
    v = np.tanh(np.cumsum(x))
    n = 0
    while n < 3 and k < 0.9123:
        n += 1
        if k > 0.3704:
            v = np.tanh(np.concatenate([np.tanh(x)[1:], (y + v)[:1]]))
            k = np.tanh(np.sum(x * v) / 4 if k < 0.324 else 0.2418)
    return np.sin(k) + np.sum(v * v)


def shape_of_a_part_in_nested_branches(x, y, k):
    v = np.sin(x)
    for i in range(3):
        if i > 0:
            if k > 0.2:
                v = np.tanh(np.concatenate([np.exp(y)[2:], v[:2]]))
            else:
                v = v * k
        k = k * 0.6
    return np.sum(v * v) + k


def test_shapes_on_some_paths():
    x, y = np.array([0.87, 0.75, 0.39]), np.array([-0.81, 0.04, 0.17])
    for f in (shape_of_a_part_in_a_branch, shape_of_a_part_in_nested_branches):
        found = examine(f, Given((x, y, 0.466)), thorough=True)
        assert found.what == "ok", found.reason
