"""Linear algebra and sums of products."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from s2s_grad.ir.primitives.record import Layout, Memory, Primitive, describe

# They raise for shapes alone, not for values.
_REGULAR = Primitive(memory=Memory.NEW)
describe(replace(_REGULAR, gives_numbers=True, reduces=True), np.linalg.norm)
describe(replace(_REGULAR, gives_numbers=True), np.linalg.det)
describe(_REGULAR, np.linalg.slogdet, np.linalg.multi_dot)

describe(Primitive(memory=Memory.NEW, layout=Layout.CONTIGUOUS), np.outer)
# Of one operand it may be a transpose or a diagonal.
describe(Primitive(memory=Memory.ANY), np.einsum)
