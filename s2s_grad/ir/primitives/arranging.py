"""Functions that rearrange items: views, and what hands on its operand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from s2s_grad.ir.primitives.record import (
    OPERANDS,
    PIECES,
    Cost,
    Memory,
    Primitive,
    Raises,
    Results,
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
        attribute="T",
        raises=Raises.OPTIONS,
        keeps_infinity=True,
        sign=Sign.KEPT,
    ),
    np.transpose,
)
describe(
    replace(_TRANSPOSED, undone_by=np.matrix_transpose, attribute="mT"),
    np.matrix_transpose,
)
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
    Primitive(memory=Memory.RESHAPED, many=(1, Memory.ANY)),
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
describe(_SELECTION, np.linalg.diagonal, sliding_window_view, *of_numpy("unstack"))  # NumPy 2.1
_PIECES = replace(_SELECTION, results=Results(list, PIECES), along=0)
describe(_PIECES, np.split, np.vsplit)
describe(replace(_PIECES, along=1), np.hsplit)
describe(replace(_PIECES, along=2), np.dsplit)
describe(replace(_PIECES, by_value=True, along=None), np.array_split)

# ------------------------------------------------------------------ perhaps the operand itself

_PASSED = Primitive(memory=Memory.PASSED)
_ASARRAY = replace(_PASSED, makes_array=True)
describe(
    replace(
        _ASARRAY,
        raises=Raises.RAGGED,
        rearranges=True,
        of_lists=True,
        puts_together=True,
        dtype_second=True,
    ),
    np.asarray,
)
describe(replace(_ASARRAY, dtype_second=True), np.asanyarray)
describe(_ASARRAY, np.ascontiguousarray)
describe(replace(_PASSED, pads=True), np.diag)
describe(replace(_PASSED, raises=Raises.NEVER), np.real_if_close)
describe(replace(_PASSED, by_value=True), np.trim_zeros)
describe(
    _PASSED,
    np.asfortranarray,
    np.asarray_chkfinite,
    np.require,
    np.linalg.matrix_power,
    np.diff,  # with n=0
    as_strided,
)
describe(Primitive(results=Results(tuple, OPERANDS)), np.broadcast_arrays, np.meshgrid)
describe(Primitive(memory=Memory.ANY), np.ix_, np.iterable)
