"""What rules and emitted source call besides NumPy itself; imports nothing but NumPy."""

from s2s_grad.runtime.arrays import (
    add_at,
    cast_like,
    check_scalar,
    check_shape,
    check_vector,
    divided,
    match_kind,
    owned,
    places_in_order,
    set_item,
    split_like,
    sum_to,
    take_last,
    with_item,
)
from s2s_grad.runtime.checks import check_bound, check_length, check_real
from s2s_grad.runtime.matrices import cofactor_change, cofactors, log_det_slopes
from s2s_grad.runtime.objects import with_fields
from s2s_grad.runtime.operation import dispatching, operation

__all__ = [
    "add_at",
    "cast_like",
    "check_bound",
    "check_length",
    "check_real",
    "check_scalar",
    "check_shape",
    "check_vector",
    "cofactor_change",
    "cofactors",
    "dispatching",
    "divided",
    "log_det_slopes",
    "match_kind",
    "operation",
    "owned",
    "places_in_order",
    "set_item",
    "split_like",
    "sum_to",
    "take_last",
    "with_fields",
    "with_item",
]
