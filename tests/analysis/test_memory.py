"""Whose memory a result is, as the operands of an application decide it."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

from s2s_grad.analysis.memory import memory_of, view_kind
from s2s_grad.ir.nodes import Const, Pack, Var
from s2s_grad.ir.primitives import Memory
from s2s_grad.ir.types import Array, Dict, ListOf, Scalar

X = Var("x", Array(np.dtype(float), (3, 4)))
Z = Var("z", Array(np.dtype(complex), (3, 4)))
ITEMS = Var("items", ListOf(Array(np.dtype(float), (4,)), 3))
INDEX = Var("i", Scalar("int"))
MASK = Var("mask", Array(np.dtype(bool), (3,)))
PLACES = Var("places", Array(np.dtype(int), (2,)))
PERHAPS_A_NUMBER = Var("place", Array(np.dtype(int)))
ROW = Var("row", Array(np.dtype(float), (4,)))


@pytest.mark.parametrize(
    ("fn", "operands", "options", "expected"),
    [
        (np.einsum, (Const("ij->ji"), X), {}, Memory.ANY),
        (np.einsum, (Const("ij,ij"), X, X), {}, Memory.NEW),
        (np.array, (X,), {}, Memory.NEW),
        (np.array, (X,), {"copy": Const(False)}, Memory.ANY),
        (np.array, (X,), {"copy": Const(True)}, Memory.NEW),
        (np.diff, (X,), {}, Memory.NEW),
        (np.diff, (X, Const(2)), {}, Memory.NEW),
        (np.diff, (X,), {"n": Const(0)}, Memory.PASSED),
        (np.diff, (X,), {"n": INDEX}, Memory.PASSED),
        (np.nan_to_num, (X,), {"copy": Const(False)}, Memory.ANY),
        (np.asarray, (X,), {}, Memory.PASSED),
        (np.asarray, (ITEMS,), {}, Memory.NEW),
        (np.asarray, (Pack(list, (ROW, ROW)),), {}, Memory.NEW),
        (np.broadcast_to, (ITEMS, Const((2, 3, 4))), {}, Memory.SELECTION),
        (np.atleast_1d, (X,), {}, Memory.RESHAPED),
        (np.atleast_1d, (X, ROW), {}, Memory.ANY),
        (operator.getitem, (X, INDEX), {}, Memory.SELECTION),
        (operator.getitem, (X, MASK), {}, Memory.NEW),
        (operator.getitem, (X, PLACES), {}, Memory.NEW),
        (operator.getitem, (X, PERHAPS_A_NUMBER), {}, Memory.PASSED),
        (operator.getitem, (ITEMS, INDEX), {}, Memory.SELECTION),
        (operator.getitem, (Var("d", Dict(("w",), (X.type,))), Const("w")), {}, Memory.SELECTION),
    ],
)
def test_memory_of_an_application(
    fn: Any, operands: Any, options: dict[str, Any], expected: Memory
) -> None:
    assert memory_of(fn, operands, options) is expected


@pytest.mark.parametrize(
    ("fn", "base", "expected"),
    [
        (np.transpose, X, True),
        (np.moveaxis, X, True),
        (np.reshape, X, None),
        (np.real, X, True),
        (np.real, Z, True),
        (np.copy, X, False),
        (np.asarray, X, None),
        (np.asarray, ITEMS, False),
    ],
)
def test_views_that_can_be_read_again(fn: Any, base: Var, expected: bool | None) -> None:
    assert view_kind(Var("", X.type), fn, (base,)) is expected
