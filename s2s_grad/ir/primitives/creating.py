"""Functions that make arrays, of nothing or of what an operand is like."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from s2s_grad.ir.primitives.record import (
    Cost,
    Layout,
    Memory,
    Primitive,
    Raises,
    Sign,
    describe,
)

_CREATED = Primitive(memory=Memory.NEW, layout=Layout.CONTIGUOUS, creates=True)
describe(replace(_CREATED, dtype_second=True), np.zeros, np.ones, np.empty)
describe(replace(_CREATED, makes_array=True), np.full)
describe(replace(_CREATED, masks=True), np.eye)
describe(replace(_CREATED, masks=True, creates=False), np.identity)
describe(Primitive(memory=Memory.NEW, masks=True), np.tri)
describe(replace(_CREATED, creates=False, by_value=True), np.arange)
describe(replace(_CREATED, creates=False), np.linspace)

_LIKE = Primitive(
    memory=Memory.NEW,
    layout=Layout.AS_OPERANDS,
    creates=True,
    keeps_shape=True,
)
_BLANK = replace(_LIKE, only_shape=True, raises=Raises.NEVER, dtype_second=True)
describe(_BLANK, np.zeros_like, np.ones_like, np.empty_like)
describe(_LIKE, np.full_like)
describe(
    replace(
        _LIKE,
        rearranges=True,
        raises=Raises.NEVER,
        keeps_infinity=True,
        sign=Sign.KEPT,
        method="copy",
    ),
    np.copy,
)
describe(
    Primitive(
        memory=Memory.NEW,
        creates=True,
        raises=Raises.RAGGED,
        of_lists=True,
        puts_together=True,
        makes_array=True,
        dtype_second=True,
    ),
    np.array,
)
describe(
    Primitive(
        memory=Memory.NEW,
        rearranges=True,
        raises=Raises.NEVER,
        dtype_second=True,
        method="astype",
    ),
    np.astype,
)

describe(
    Primitive(memory=Memory.ANY, reads_text=True),
    np.fromfile,
    np.frombuffer,
    np.fromregex,
    np.fromstring,
    np.genfromtxt,
    np.loadtxt,
)

# ------------------------------------------------------------------ facts of shapes and dtypes

_FACT = Primitive(memory=Memory.NEW, only_shape=True, raises=Raises.NEVER, cost=Cost.FREE)
describe(replace(_FACT, fact="shape", of_lists=True, attribute="shape"), np.shape)
describe(replace(_FACT, fact="size", of_lists=True, attribute="size"), np.size)
describe(replace(_FACT, fact="ndim", of_lists=True), np.ndim)
describe(Primitive(memory=Memory.NEW, raises=Raises.NEVER, folds=True), np.isscalar)
describe(
    Primitive(memory=Memory.NEW, folds=True),
    np.dtype,
    np.result_type,
    np.promote_types,
    np.issubdtype,
    np.iscomplexobj,
)
