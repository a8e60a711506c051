"""Functions that rearrange items: views, and what hands on its operand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from s2s_grad.ir.primitives.record import (
    Cost,
    Memory,
    Primitive,
    Raises,
    Sign,
    describe,
    of_numpy,
)

# ------------------------------------------------------------------ the same items in another order

_PERMUTED = Primitive(memory=Memory.PERMUTED)
_TRANSPOSED = replace(_PERMUTED, cost=Cost.FREE, rearranges=True, transposes=True)
describe(
    replace(
        _TRANSPOSED,
        undone_by=np.transpose,
        raises=Raises.OPTIONS,
        keeps_infinity=True,
        sign=Sign.KEPT,
    ),
    np.transpose,
)
describe(replace(_TRANSPOSED, undone_by=np.matrix_transpose), np.matrix_transpose)
describe(
    replace(_TRANSPOSED, undone_by=np.linalg.matrix_transpose),
    np.linalg.matrix_transpose,
)
describe(replace(_PERMUTED, undone_by=np.swapaxes), np.swapaxes)
describe(replace(_PERMUTED, undone_by=np.moveaxis), np.moveaxis)
describe(replace(_PERMUTED, undone_by=np.flip), np.flip)
describe(replace(_PERMUTED, undone_by=np.fliplr), np.fliplr)
describe(replace(_PERMUTED, undone_by=np.flipud), np.flipud)
describe(_PERMUTED, np.rollaxis, np.rot90)

# ------------------------------------------------------------------ another shape

_RESHAPED = Primitive(memory=Memory.RESHAPED, rearranges=True)
describe(replace(_RESHAPED, keeps_infinity=True, sign=Sign.KEPT), np.expand_dims)
describe(_RESHAPED, np.squeeze)
describe(
    Primitive(memory=Memory.RESHAPED),
    np.atleast_1d,
    np.atleast_2d,
    np.atleast_3d,
)
_RESHAPED_IF_CONTIGUOUS = replace(_RESHAPED, memory=Memory.RESHAPED_IF_CONTIGUOUS)
describe(replace(_RESHAPED_IF_CONTIGUOUS, keeps_infinity=True, sign=Sign.KEPT), np.reshape)
describe(_RESHAPED_IF_CONTIGUOUS, np.ravel)

# ------------------------------------------------------------------ parts and pieces

describe(Primitive(memory=Memory.PART, raises=Raises.NEVER), np.real, np.imag)
_SELECTION = Primitive(memory=Memory.SELECTION)
describe(replace(_SELECTION, rearranges=True, keeps_infinity=True, sign=Sign.KEPT), np.broadcast_to)
describe(replace(_SELECTION, selects=True), np.diagonal)
describe(
    _SELECTION,
    np.linalg.diagonal,
    np.split,
    np.hsplit,
    np.vsplit,
    np.dsplit,
    sliding_window_view,
    *of_numpy("unstack"),  # NumPy 2.1
)
describe(replace(_SELECTION, by_value=True), np.array_split)

# ------------------------------------------------------------------ perhaps the operand itself

_PASSED = Primitive(memory=Memory.PASSED)
describe(replace(_PASSED, raises=Raises.RAGGED, rearranges=True), np.asarray)
describe(replace(_PASSED, raises=Raises.NEVER), np.real_if_close)
describe(replace(_PASSED, by_value=True), np.trim_zeros)
describe(
    _PASSED,
    np.asanyarray,
    np.ascontiguousarray,
    np.asfortranarray,
    np.asarray_chkfinite,
    np.require,
    np.diag,
    np.linalg.matrix_power,
    np.diff,  # with n=0
    as_strided,
)
describe(Primitive(memory=Memory.ANY), np.broadcast_arrays, np.meshgrid, np.ix_, np.iterable)
