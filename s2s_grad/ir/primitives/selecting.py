"""Functions that select items, some of them by values, so that the size of the result is one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from s2s_grad.ir.primitives.record import Memory, Primitive, Raises, describe

_SELECTED = Primitive(memory=Memory.NEW, selects=True)
describe(
    replace(_SELECTED, elementwise=True, raises=Raises.SHAPES, puts_together=True),
    np.where,
    np.clip,
)
describe(_SELECTED, np.take, np.take_along_axis)
describe(replace(_SELECTED, puts_together=True), np.choose, np.select)
describe(replace(_SELECTED, pads=True), np.nan_to_num)
describe(replace(_SELECTED, pads=True, masks=True), np.triu, np.tril)
describe(Primitive(memory=Memory.NEW, pads=True), np.pad, np.diagflat)

_BY_VALUE = Primitive(memory=Memory.NEW, by_value=True)
describe(replace(_BY_VALUE, selects=True), np.compress, np.extract, np.delete)
describe(
    _BY_VALUE,
    np.nonzero,
    np.flatnonzero,
    np.argwhere,
    np.unique,
    np.union1d,
    np.intersect1d,
    np.setdiff1d,
    np.bincount,
)
describe(Primitive(memory=Memory.ANY, by_value=True), np.histogram)
