"""Functions that make one number of many: reductions and products of vectors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from s2s_grad.ir.primitives.record import Memory, Primitive, Raises, Sign, describe

_REDUCED = Primitive(memory=Memory.NEW, gives_numbers=True, reduces=True)
describe(replace(_REDUCED, sign=Sign.KEPT), np.sum, np.mean, np.prod)
describe(_REDUCED, np.std, np.var)

_OF_SOME = replace(_REDUCED, raises=Raises.EMPTY)
describe(replace(_OF_SOME, selects=True, sign=Sign.KEPT), np.max, np.min, np.amax, np.amin)
describe(replace(_OF_SOME, selects=True), np.nanmax, np.nanmin)
describe(replace(_OF_SOME, reduces=False), np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.ptp)

_SELECTED = Primitive(memory=Memory.NEW, gives_numbers=True, selects=True)
describe(_SELECTED, np.nansum, np.nanmean, np.median, np.quantile, np.percentile, np.trace)
describe(Primitive(memory=Memory.NEW, raises=Raises.VALUES), np.average)
describe(_SELECTED, np.nanmedian, np.nanquantile, np.nanpercentile)

describe(Primitive(memory=Memory.NEW, gives_numbers=True, multiplies=True), np.dot, np.inner)
describe(_REDUCED, np.vdot)
