"""Functions that put arrays together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from s2s_grad.ir.primitives.record import Memory, Primitive, describe

_JOINED = Primitive(memory=Memory.NEW, puts_together=True)
describe(_JOINED, np.append, np.insert)
_OF_LISTS = replace(_JOINED, of_lists=True)
describe(_OF_LISTS, np.concatenate)
describe(replace(_OF_LISTS, makes_array=True), np.stack)
describe(replace(_OF_LISTS, along=0), np.vstack)
describe(replace(_OF_LISTS, along=1), np.hstack, np.column_stack)
describe(replace(_OF_LISTS, along=2), np.dstack)
describe(replace(_OF_LISTS, along=-1), np.block)
