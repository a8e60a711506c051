"""Updates, and the helpers of rules and of the compiler itself."""

from __future__ import annotations

from dataclasses import replace

from s2s_grad.ir.primitives.record import Memory, Primitive, Raises, describe
from s2s_grad.ir.taped import taped, taped_vjp
from s2s_grad.runtime import (
    add_at,
    cast_like,
    cofactor_change,
    cofactors,
    divided,
    log_det_slopes,
    match_kind,
    owned,
    set_item,
    split_like,
    sum_to,
    take_last,
)

_UPDATED = Primitive(memory=Memory.NEW, creates=True, keeps_shape=True, raises=Raises.STORE)
describe(replace(_UPDATED, raises_again=True, puts_together=True), set_item)
describe(_UPDATED, add_at)
describe(Primitive(memory=Memory.NEW), take_last)
describe(Primitive(memory=Memory.NEW), cofactors, cofactor_change, log_det_slopes, divided)

_PASSED = Primitive(memory=Memory.PASSED, raises=Raises.NEVER)
describe(_PASSED, sum_to, cast_like, match_kind)
describe(Primitive(memory=Memory.NEW, raises=Raises.NEVER), owned)
describe(Primitive(memory=Memory.SELECTION), split_like)

describe(Primitive(creates=True), taped, taped_vjp)
