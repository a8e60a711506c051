"""The adjoint of a call that runs on the tape: the call keeps its pullback, which is called."""

from __future__ import annotations

import operator

from s2s_grad.analysis.infer import type_of
from s2s_grad.differentiate.conform import conjugate
from s2s_grad.differentiate.cotangents import Cotangents
from s2s_grad.ir.nodes import Apply, Const, Operand, Statement, Var
from s2s_grad.ir.taped import pull, taped_vjp
from s2s_grad.ir.types import UNKNOWN, Scalar, Sequence, Type
from s2s_grad.ir.walk import vars_of

__all__ = ["pull_back_call"]


def pull_back_call(
    statement: Apply, cotangents: Cotangents, active: set[Var]
) -> tuple[Statement, ...]:
    """Add the cotangents of the arguments of a call; return what takes its place, last first."""
    incoming = cotangents.take(statement.result)
    assert incoming is not None
    origin = statement.origin
    pair = Var("recorded", Sequence(tuple, (statement.result.type, UNKNOWN)))
    pullback = Var("pullback", UNKNOWN)
    builder = cotangents.builder
    given = cotangents.dense(incoming)
    if cotangents.with_complex:
        given = conjugate(builder, given)
    bars = builder.apply(pull, pullback, given, type=UNKNOWN)
    for place, arg in enumerate(statement.args[1:]):
        if any(var in active for var in vars_of(arg)):
            cotangents.mark = len(builder.statements)
            bar: Operand = builder.apply(
                operator.getitem, bars, Const(place), type=_real(type_of(arg))
            )
            if cotangents.with_complex:
                bar = conjugate(builder, bar)
            cotangents.add(arg, bar)
    return (
        Apply(pullback, operator.getitem, (pair, Const(1)), (), origin),
        Apply(statement.result, operator.getitem, (pair, Const(0)), (), origin),
        Apply(pair, taped_vjp, statement.args, statement.kwargs, origin),
    )


def _real(t: Type) -> Type:
    real = isinstance(t, Scalar) and t.kind != "complex"
    return Scalar("float") if real else t
