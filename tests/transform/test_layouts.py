"""Compiled code is for contiguous arguments where that decides what a write reaches."""

from __future__ import annotations

import numpy as np
import pytest

from s2s_grad import FallbackWarning, grad
from s2s_grad.errors import UnlikeLayout

C = np.arange(1.0, 7.0).reshape(2, 3)


def first_item_is_lost(a):
    b = a * 2.0
    b.reshape(-1)[0] = 0.0
    return np.sum(b)


def reads_alone(a):
    return np.sum(a.reshape(-1) ** 2) + np.sum(np.ravel(a))


def test_another_layout_is_told_and_runs_on_the_tape() -> None:
    np.testing.assert_array_equal(grad(first_item_is_lost)(C), [[0, 2, 2], [2, 2, 2]])
    with pytest.raises(UnlikeLayout, match="`a` is not contiguous"):
        grad(first_item_is_lost, mode="static")(np.asfortranarray(C))
    with pytest.warns(FallbackWarning, match="how `a` is laid out"):
        found = grad(first_item_is_lost)(np.asfortranarray(C))
    np.testing.assert_array_equal(found, np.full((2, 3), 2.0))


def test_what_is_only_read_may_be_laid_out_in_any_way() -> None:
    for a in (C, np.asfortranarray(C), np.repeat(C, 2, axis=1)[:, ::2]):
        found = grad(reads_alone, mode="static")(a)
        np.testing.assert_array_equal(found, 2 * C + 1.0)
