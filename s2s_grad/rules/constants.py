"""Functions whose derivative is zero, and those that fill arrays with a differentiable value."""

from __future__ import annotations

import builtins
import operator
from typing import Any

import numpy as np

from s2s_grad.rules.cases import A, case
from s2s_grad.rules.families import constant, linear
from s2s_grad.runtime import places_in_order, sum_to

constant(
    np.zeros,
    np.ones,
    np.empty,
    np.eye,
    np.identity,
    np.tri,
    np.indices,
    np.zeros_like,
    np.ones_like,
    np.empty_like,
    np.shape,
    np.size,
    np.ndim,
    np.argmax,
    np.argmin,
    np.argsort,
    np.argpartition,
    np.any,
    np.all,
    np.nonzero,
    np.flatnonzero,
    np.argwhere,
    np.count_nonzero,
    np.searchsorted,
    np.digitize,
    np.result_type,
    np.finfo,
    np.iinfo,
    np.iscomplexobj,
    np.isrealobj,
    np.isscalar,
    np.triu_indices,
    np.tril_indices,
    np.diag_indices,
    np.unravel_index,
    np.ravel_multi_index,
    np.linalg.matrix_rank,
    np.isin,
    np.around,
    np.angle,
    np.isreal,
    np.iscomplex,
    np.isposinf,
    np.isneginf,
    np.array_equiv,
    np.nanargmax,
    np.nanargmin,
    np.lexsort,
    np.ix_,
    np.diag_indices_from,
    np.tril_indices_from,
    np.triu_indices_from,
    np.mask_indices,
    np.bitwise_count,
    np.bartlett,
    np.blackman,
    np.hamming,
    np.hanning,
    np.broadcast_shapes,
    np.can_cast,
    np.promote_types,
    np.min_scalar_type,
    np.issubdtype,
    np.isdtype,
    np.iterable,
    np.isfortran,
    np.may_share_memory,
    np.shares_memory,
    builtins.len,
    builtins.range,
    builtins.int,
    builtins.bool,
    builtins.isinstance,
    operator.not_,
    operator.eq,
    places_in_order,
)


def full_back(ct: Any, fill_value_shape: Any) -> Any:
    """Sum what the value was copied to."""
    return sum_to(ct, fill_value_shape)


linear(
    np.full,
    parameters="shape fill_value dtype",
    fill_value=lambda ct, fill_value_shape, dtype=None: full_back(ct, fill_value_shape),
    cases=[case((2, 3), A()), case((2, 3), A(3)), case(4, A())],
)
linear(
    np.full_like,
    parameters="a fill_value dtype",
    still="a",
    fill_value=lambda ct, fill_value_shape, dtype=None: full_back(ct, fill_value_shape),
    cases=[case(np.zeros((2, 3)), A())],
)
