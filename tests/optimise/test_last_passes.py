"""The passes that only make a program read better, or run with less: each alone."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from small_programs import FLOAT, VECTOR, check_pass, program

from s2s_grad.ir.nodes import Carry, Const, Each, For, Loop, Operand, Pack, Role, Var
from s2s_grad.ir.types import Scalar
from s2s_grad.optimise.dead_stores import drop_dead_stores
from s2s_grad.optimise.latest_shapes import ask_latest_for_shapes
from s2s_grad.optimise.repeated_facts import repeat_facts
from s2s_grad.optimise.version_names import name_versions
from s2s_grad.runtime import set_item

INT = Scalar("int")


def test_versions_of_an_array_are_called_as_the_array_is() -> None:
    def build(b: Any, x: Var) -> Operand:
        y = b.apply(np.sin, x, hint="y", role=Role.USER)
        return b.apply(set_item, y, Const(0), Const(1.0))

    assert check_pass(name_versions, program(build, x=VECTOR)) == [
        "%y = sin(%x)",
        "%y.1 = set_item(%y, 0, 1.0)",
        "return %y.1",
    ]


def test_a_program_whose_versions_have_names_is_returned_as_it_is() -> None:
    before = program(lambda b, x: b.apply(np.sin, x), x=VECTOR)
    assert name_versions(before) is before


def test_a_shape_is_asked_where_it_is_read() -> None:
    def build(b: Any, x: Var) -> Operand:
        size = b.apply(np.size, x)
        first, second = b.apply(np.multiply, x, size), b.apply(np.add, x, size)
        return Pack(tuple, (first, second))

    assert check_pass(repeat_facts, program(build, x=VECTOR)) == [
        "%t = size(%x)",
        "%t.1 = multiply(%x, %t)",
        "%t.2 = size(%x)",
        "%t.3 = add(%x, %t.2)",
        "return tuple(%t.1, %t.3)",
    ]


def test_a_shape_is_asked_of_the_latest_version() -> None:
    def build(b: Any, x: Var) -> Operand:
        y = b.apply(np.sin, x, hint="y", role=Role.USER)
        new = b.apply(set_item, y, Const(0), Const(1.0), hint="y", role=Role.USER)
        return Pack(tuple, (new, b.apply(np.size, y)))

    assert check_pass(ask_latest_for_shapes, program(build, x=VECTOR))[2] == "%t = size(%y.1)"


def test_a_zero_that_is_never_read_is_not_stored() -> None:
    def build(b: Any, x: Var) -> Operand:
        copy = b.apply(np.copy, x)
        places = b.apply(range, b.apply(len, x))
        i, s, y = Var("i", INT), Var("s", FLOAT), Var("y", VECTOR)
        with b.nested() as body:
            item = b.apply(operator.getitem, y, i)
            zeroed = b.apply(set_item, y, i, Const(0.0))
            total = b.apply(np.add, s, item)
        end, last = Var("end", FLOAT), Var("last", VECTOR)
        carried = Carry(Const(0.0), s, total, end), Carry(copy, y, zeroed, last)
        b.append(Loop(For((Each(places, i),), reverse=True), carried, tuple(body)))
        return end

    lines = check_pass(drop_dead_stores, program(build, x=VECTOR))
    assert not any("set_item" in line for line in lines)
    assert any("getitem" in line for line in lines)


def test_a_zero_that_is_read_behind_the_loop_is_stored() -> None:
    def build(b: Any, x: Var) -> Operand:
        places = b.apply(range, b.apply(len, x))
        i, y, last = Var("i", INT), Var("y", VECTOR), Var("last", VECTOR)
        with b.nested() as body:
            zeroed = b.apply(set_item, y, i, Const(0.0))
        carried = (Carry(b.apply(np.copy, x), y, zeroed, last),)
        b.append(Loop(For((Each(places, i),)), carried, tuple(body)))
        return last

    before = program(build, x=VECTOR)
    assert drop_dead_stores(before) is before
