"""Linear algebra and sums of products."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from s2s_grad.ir.primitives.record import Layout, Memory, Primitive, Raises, Results, describe

# They raise for shapes alone, not for values.
_REGULAR = Primitive(memory=Memory.NEW)
describe(replace(_REGULAR, gives_numbers=True, reduces=True), np.linalg.norm)
describe(replace(_REGULAR, gives_numbers=True), np.linalg.det)
_SIGN = Results(tuple, 2, names=("sign", "logabsdet"))
describe(replace(_REGULAR, results=_SIGN), np.linalg.slogdet)
describe(_REGULAR, np.linalg.multi_dot)

_DECOMPOSED = Primitive(memory=Memory.NEW, raises=Raises.VALUES)
_EIGEN = Results(tuple, 2, names=("eigenvalues", "eigenvectors"))
describe(replace(_DECOMPOSED, results=_EIGEN), np.linalg.eigh, np.linalg.eig)
describe(replace(_DECOMPOSED, results=Results(tuple, 4)), np.linalg.lstsq)
describe(
    replace(_DECOMPOSED, results=Results(tuple, 3, 2, "compute_uv", (True,), ("U", "S", "Vh"))),
    np.linalg.svd,
)
describe(
    replace(_DECOMPOSED, results=Results(tuple, 2, 1, "mode", ("reduced", "complete"), ("Q", "R"))),
    np.linalg.qr,
)

describe(Primitive(memory=Memory.NEW, layout=Layout.CONTIGUOUS, multiplies=True), np.outer)
# Of one operand it may be a transpose or a diagonal.
describe(
    Primitive(memory=Memory.ANY, many=(2, Memory.NEW), multiplies=True),
    np.einsum,
)
