"""Cotangents and tangents of real values are real, those of complex arrays complex.

A real value inside a complex computation receives the real part of what is pulled back to it: the
imaginary part has no say in dL = Re(g dx).
"""

from __future__ import annotations

import operator

import numpy as np

from s2s_grad.analysis.complex_values import is_real, may_be_complex
from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.builder import Builder
from s2s_grad.ir.nodes import Const, Operand, Pack, Var
from s2s_grad.ir.types import UNKNOWN, Array, Dict, Scalar, Sequence, Type, is_complex
from s2s_grad.runtime import cast_like, match_kind

__all__ = ["conform", "conjugate", "in_precision"]


def conform(builder: Builder, value: Operand, like: Operand) -> Operand:
    """Return a cotangent or tangent of `like`, real or complex as that is."""
    have, want = type_of(value), type_of(like)
    if not (_is_numeric(have) and _is_numeric(want)):
        return value
    if isinstance(value, Const):
        return Const(value.value.real) if is_real(want) and is_complex(have) else value
    if is_real(want):
        return value if is_real(have) else builder.apply(np.real, value)
    if is_complex(want):
        number = isinstance(have, Scalar) or (isinstance(have, Array) and have.shape == ())
        return value if is_complex(have) or number else builder.apply(np.add, value, Const(0j))
    return builder.apply(match_kind, value, like)


def in_precision(builder: Builder, value: Operand, like: Operand) -> Operand:
    """Return a tangent in the precision of its primal, as far as both are known."""
    have, want = type_of(value), type_of(like)
    if not (isinstance(value, Var) and isinstance(have, Array) and isinstance(want, Array)):
        return value
    if want.dtype is None or want.dtype.kind not in "fc" or have.dtype == want.dtype:
        return value
    if have.dtype is None and want.dtype in _DOUBLE:
        return value
    return builder.apply(cast_like, value, like)


_DOUBLE = (np.dtype(float), np.dtype(complex))


def _is_numeric(t: Type) -> bool:
    return isinstance(t, (Scalar, Array)) or t == UNKNOWN


def conjugate(builder: Builder, value: Operand) -> Operand:
    """Return the conjugate of a value, item by item; what is known to be real stays as it is."""
    t = type_of(value)
    if not may_be_complex(t):
        return value
    if isinstance(value, Pack):
        items = tuple(conjugate(builder, item) for item in value.items)
        return Pack(value.kind, items, value.keys)
    if isinstance(t, (Sequence, Dict)):
        keys = t.keys if isinstance(t, Dict) else tuple(range(len(t.items)))
        found = (builder.apply(operator.getitem, value, Const(key)) for key in keys)
        turned = tuple(conjugate(builder, item) for item in found)
        return Pack(t.kind, turned, keys if isinstance(t, Dict) else ())
    return builder.apply(np.conjugate, value)
