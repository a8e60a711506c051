"""What the verifier finds: wrong scopes, wrong forms, and types that say something else."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from s2s_grad.analysis.verify_types import may_be, verify_types
from s2s_grad.ir.nodes import (
    UNDEFINED,
    Apply,
    Block,
    Carry,
    Collect,
    Const,
    Define,
    Each,
    For,
    Function,
    If,
    Loop,
    Operand,
    Param,
    Statement,
    Var,
    While,
)
from s2s_grad.ir.types import UNKNOWN, Array, Dict, Dim, ListOf, Range, Scalar, Sequence, Static
from s2s_grad.ir.verify import InvalidProgram, verify
from s2s_grad.ir.watch import told

FLOAT, INT, BOOL = Scalar("float"), Scalar("int"), Scalar("bool")
VECTOR = Array(np.dtype(float), (Dim("n"),))
WHOLE = Array(np.dtype(int), (Dim("n"),))
X, ZERO, ONE = Var("x", VECTOR), Const(0.0), Const(1.0)


def program(*statements: Statement, result: Operand = X) -> Function:
    return Function("f", (Param(X, "x"),), Block((X,), statements, (result,)))


def sine(result: Var) -> Apply:
    return Apply(result, np.sin, (X,))


def loop(*, param: Var, init: Operand = ZERO, item: Operand = ONE) -> Loop:
    """Return a loop over a vector that adds its items, and collects something."""
    each, new = Each(X, Var("x_i", Array(np.dtype(float), ()))), Var("new", FLOAT)
    carried = (Carry(init, param, new, Var("end", FLOAT)),)
    collected = (Collect(item, Var("items", ListOf(FLOAT))),)
    body = (Apply(new, np.add, (Const(1.0), Const(2.0))),)
    return Loop(For((each,)), carried, body, collected)


def branch(then: Operand, orelse: Operand, t: object = FLOAT) -> If:
    ways = Block((), (), (then,)), Block((), (), (orelse,))
    return If.of((Var("y", t),), Const(True), *ways)


def _reads_too_early() -> Function:
    y = Var("y", VECTOR)
    return program(Apply(Var("z", VECTOR), np.sin, (y,)), sine(y))


def _assigns_twice() -> Function:
    y = Var("y", VECTOR)
    return program(sine(y), sine(y))


def _leaves_its_block() -> Function:
    y = Var("y", VECTOR)
    made = If.of((), Const(True), Block((), (sine(y),), ()), Block((), (), ()))
    return program(made, result=y)


def _reads_the_other_way() -> Function:
    y, z = Var("y", VECTOR), Var("z", VECTOR)
    reads = Apply(z, np.sin, (y,))
    return program(If.of((), Const(True), Block((), (sine(y),), ()), Block((), (reads,), ())))


def _runs_over_nothing() -> Function:
    return program(Loop(For(()), (), ()))


def _tests_less_than_it_carries() -> Function:
    carry = Carry(Const(1.0), Var("s", FLOAT), Const(2.0), Var("end", FLOAT))
    return program(Loop(While((), Const(False)), (carry,), ()))


def _defines_inside() -> Function:
    local = Define(Var("g"), Block((), (), (Const(1.0),)))
    return program(If.of((), Const(True), Block((), (local,), ()), Block((), (), ())))


FORMS = [
    _reads_too_early, _assigns_twice, _leaves_its_block, _reads_the_other_way,
    _runs_over_nothing, _tests_less_than_it_carries, _defines_inside,
]  # fmt: skip


@pytest.mark.parametrize("build", FORMS, ids=lambda build: build.__name__[1:])
def test_what_breaks_the_form_is_found(build: Callable[[], Function]) -> None:
    with pytest.raises(InvalidProgram):
        verify(build())


TYPES = {
    "a vector that is declared a number": sine(Var("y", FLOAT)),
    "floats that are declared ints": sine(Var("y", WHOLE)),
    "another rank": sine(Var("y", Array(np.dtype(float), (Dim("n"), Dim("m"))))),
    "a number with a subscript": Apply(Var("y"), operator.getitem, (Const(1.0), Const(0))),
    "the sine of a range": Apply(Var("y"), np.sin, (Var("r", Range(None)),)),
    "a way of another type": branch(Const(1.0), X),
    "a float that a loop carries as an int": loop(param=Var("s", INT)),
    "an array that a loop begins with": loop(init=X, param=Var("s", FLOAT)),
    "a list of other items": loop(param=Var("s", FLOAT), item=X),
}


@pytest.mark.parametrize("statement", TYPES.values(), ids=TYPES)
def test_types_that_say_something_else_are_found(statement: Statement) -> None:
    ranges = [a for a in getattr(statement, "args", ()) if isinstance(a, Var) and a is not X]
    made = (Apply(var, range, (Const(3),)) for var in ranges)
    with pytest.raises(InvalidProgram):
        verify_types(program(*made, statement))
    verify(program(*(Apply(var, range, (Const(3),)) for var in ranges), statement))


def test_what_is_outside_may_be_read_where_the_program_says_so() -> None:
    around = Var("around", FLOAT)
    inner = program(Apply(Var("y", FLOAT), np.sin, (around,)))
    with pytest.raises(InvalidProgram):
        verify(inner)
    verify(replace(inner, outer=(around,)))


def test_each_step_of_a_compilation_is_verified_in_tests() -> None:
    told("a step", program(sine(Var("y", Array()))))
    with pytest.raises(InvalidProgram):
        told("a step", program(sine(Var("y", FLOAT))))
    with pytest.raises(InvalidProgram):
        told("a step", _reads_too_early())


def test_types_that_say_less_are_fine() -> None:
    unknown = sine(Var("y", Array()))
    verify_types(program(unknown, branch(Const(1), UNDEFINED), loop(param=Var("s", FLOAT))))


@pytest.mark.parametrize(
    ("found", "declared", "expected"),
    [
        (INT, FLOAT, True),
        (FLOAT, INT, False),
        (FLOAT, Array(np.dtype(float), ()), True),
        (FLOAT, VECTOR, False),
        (VECTOR, UNKNOWN, True),
        (Array(np.dtype(float), (3,)), Array(np.dtype(float), (4,)), False),
        (Array(np.dtype(float), (3,)), VECTOR, True),
        (Array(None, (3,)), Array(np.dtype(float), (3,)), True),
        (ListOf(INT), ListOf(FLOAT), True),
        (Sequence(list, (FLOAT, INT)), ListOf(FLOAT), True),
        (Sequence(tuple, (FLOAT,)), ListOf(FLOAT), False),
        (Sequence(tuple, (FLOAT,)), Sequence(tuple, (FLOAT, FLOAT)), False),
        (Dict(("a",), (FLOAT,)), Sequence(tuple, (FLOAT,)), False),
        (Static(np.sin), Static(np.sin), True),
        (Static(np.sin), Static(np.cos), False),
        (BOOL, Range(None), False),
    ],
)
def test_which_values_a_variable_may_have(found: object, declared: object, expected: bool) -> None:
    assert may_be(found, declared) is expected
