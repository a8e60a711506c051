"""Each pass alone: a small program before, and what is left of it after."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from small_programs import FLOAT, MATRIX, VECTOR, check_pass, program

from s2s_grad.ir.nodes import (
    Block,
    Carry,
    Const,
    Each,
    Effect,
    For,
    If,
    Loop,
    Operand,
    Pack,
    Role,
    Var,
)
from s2s_grad.ir.types import Scalar
from s2s_grad.optimise.algebra import simplify_algebra
from s2s_grad.optimise.common_subexpressions import share_common_subexpressions
from s2s_grad.optimise.dead_code import remove_dead_code
from s2s_grad.optimise.own_results import own_results
from s2s_grad.optimise.update_in_place import update_in_place
from s2s_grad.runtime import add_at

Build = Callable[..., Operand]


# --------------------------------------------------------------------------------------- dead code


def test_what_is_not_read_is_dropped() -> None:
    def build(b: Any, x: Var) -> Operand:
        b.apply(np.exp, b.apply(np.sin, x))
        return b.apply(np.cos, x)

    assert check_pass(remove_dead_code, program(build, x=VECTOR)) == [
        "%t = cos(%x)",
        "return %t",
    ]


def test_a_program_without_dead_code_is_returned_as_it_is() -> None:
    before = program(lambda b, x: b.apply(np.cos, x), x=VECTOR)
    assert remove_dead_code(before) is before


def test_effects_stay_with_what_they_read() -> None:
    def build(b: Any, x: Var) -> Operand:
        b.append(Effect(None, len, (b.apply(np.sin, x),)))
        return x

    assert check_pass(remove_dead_code, program(build, x=VECTOR)) == [
        "%t = sin(%x)",
        "len(%t)",
        "return %x",
    ]


def test_results_of_a_branch_that_nobody_reads_are_dropped() -> None:
    def build(b: Any, x: Var, k: Var) -> Operand:
        first, second = Var("first", VECTOR), Var("second", VECTOR)
        with b.nested() as then:
            yields = (b.apply(np.sin, x), b.apply(np.exp, x))
        positive = b.apply(np.greater, k, Const(0.0))
        branches = Block((), tuple(then), yields), Block((), (), (x, x))
        b.append(If.of((first, second), positive, *branches))
        return first

    assert check_pass(remove_dead_code, program(build, x=VECTOR, k=FLOAT)) == [
        "%t = greater(%k, 0.0)",
        "if %t:",
        "%t.1 = sin(%x)",
        "yield %t.1",
        "else:",
        "yield %x",
        "-> %first",
        "return %first",
    ]


def _loop_of_two(b: Any, x: Var) -> tuple[Var, Var]:
    """Append a loop that carries a sum and a product of the items of a vector."""
    item, total, product = (Var(name, FLOAT) for name in ("item", "total", "product"))
    with b.nested() as body:
        yields = (b.apply(np.add, total, item), b.apply(np.multiply, product, item))
    results = Var("sum", FLOAT), Var("prod", FLOAT)
    slots = zip((Const(0.0), Const(1.0)), (total, product), yields, results, strict=True)
    b.append(Loop(For((Each(x, item),)), tuple(Carry(*slot) for slot in slots), tuple(body)))
    return results


def test_carried_values_that_nobody_reads_are_dropped() -> None:
    lines = check_pass(remove_dead_code, program(lambda b, x: _loop_of_two(b, x)[0], x=VECTOR))
    assert lines[0] == "loop %item in %x carry %total = 0.0:"
    assert not any("multiply" in line for line in lines)


def test_carried_values_that_another_one_reads_stay() -> None:
    def build(b: Any, x: Var) -> Operand:
        item, total, last = (Var(name, FLOAT) for name in ("item", "total", "last"))
        with b.nested() as body:
            moved = b.apply(np.add, total, last)
        result = Var("sum", FLOAT)
        carried = (
            Carry(Const(0.0), total, moved, result),
            Carry(Const(1.0), last, item, Var("end", FLOAT)),
        )
        b.append(Loop(For((Each(x, item),)), carried, tuple(body)))
        return result

    lines = check_pass(remove_dead_code, program(build, x=VECTOR))
    assert lines[0] == "loop %item in %x carry %total, %last = 0.0, 1.0:"


# -------------------------------------------------------------------------- common subexpressions


def test_an_expression_is_computed_once() -> None:
    def build(b: Any, x: Var, y: Var) -> Operand:
        first = b.apply(np.exp, b.apply(np.multiply, x, y))
        second = b.apply(np.exp, b.apply(np.multiply, x, y))
        return b.apply(np.add, first, second)

    assert check_pass(share_common_subexpressions, program(build, x=VECTOR, y=VECTOR)) == [
        "%t = multiply(%x, %y)",
        "%t.1 = exp(%t)",
        "%t.2 = add(%t.1, %t.1)",
        "return %t.2",
    ]


def test_factors_may_change_places() -> None:
    def build(b: Any, x: Var, y: Var) -> Operand:
        return b.apply(np.add, b.apply(np.multiply, x, y), b.apply(np.multiply, y, x))

    lines = check_pass(share_common_subexpressions, program(build, x=VECTOR, y=VECTOR))
    assert sum("multiply" in line for line in lines) == 1


def test_buffers_are_not_shared() -> None:
    def build(b: Any, x: Var) -> Operand:
        return Pack(tuple, (b.apply(np.zeros_like, x), b.apply(np.zeros_like, x)))

    before = program(build, x=VECTOR)
    assert share_common_subexpressions(before) is before


def test_options_make_a_difference() -> None:
    def build(b: Any, x: Var) -> Operand:
        rows, columns = (b.apply(np.sum, x, axis=Const(axis)) for axis in (0, 1))
        return Pack(tuple, (rows, columns))

    before = program(build, x=MATRIX)
    assert share_common_subexpressions(before) is before


def test_values_of_unlike_types_are_not_the_same() -> None:
    def build(b: Any, x: Var) -> Operand:
        items = (b.apply(np.multiply, Const(one), x) for one in (1, 1.0, True))
        return Pack(tuple, tuple(items))

    before = program(build, x=VECTOR)
    assert share_common_subexpressions(before) is before


def test_what_a_branch_computed_is_not_there_after_it() -> None:
    def build(b: Any, x: Var, k: Var) -> Operand:
        result = Var("result", VECTOR)
        with b.nested() as then:
            inside = b.apply(np.exp, x)
        positive = b.apply(np.greater, k, Const(0.0))
        b.append(If.of((result,), positive, Block((), tuple(then), (inside,)), Block((), (), (x,))))
        return b.apply(np.add, result, b.apply(np.exp, x))

    before = program(build, x=VECTOR, k=FLOAT)
    assert share_common_subexpressions(before) is before


# ----------------------------------------------------------------------------------------- algebra


LAWS: dict[str, tuple[Build, list[str]]] = {
    "1 * x": (lambda b, x, y: b.apply(np.multiply, Const(1.0), x), ["return %x"]),
    "x * -1": (
        lambda b, x, y: b.apply(np.multiply, x, Const(-1.0)),
        ["%t = negative(%x)", "return %t"],
    ),
    "0 + x": (lambda b, x, y: b.apply(np.add, Const(0.0), x), ["return %x"]),
    "2.0 * 3.0": (
        lambda b, x, y: b.apply(np.multiply, b.apply(np.multiply, Const(2.0), Const(3.0)), x),
        ["%t = multiply(6.0, %x)", "return %t"],
    ),
    "--x": (
        lambda b, x, y: b.apply(np.exp, b.apply(np.negative, b.apply(np.negative, x))),
        ["%t = negative(%x)", "%t.1 = exp(%x)", "return %t.1"],
    ),
    "x + -y": (
        lambda b, x, y: b.apply(np.add, x, b.apply(np.negative, y)),
        ["%t = negative(%y)", "%t.1 = subtract(%x, %y)", "return %t.1"],
    ),
    "x - -y": (
        lambda b, x, y: b.apply(np.subtract, x, b.apply(np.negative, y)),
        ["%t = negative(%y)", "%t.1 = add(%x, %y)", "return %t.1"],
    ),
    "x + x": (
        lambda b, x, y: b.apply(np.add, x, x),
        ["%t = multiply(2, %x)", "return %t"],
    ),
    "zeros + x": (
        lambda b, x, y: b.apply(np.add, b.apply(np.zeros_like, y), x),
        ["%t = zeros_like(%y)", "return %x"],
    ),
    "broadcast where it is no need": (
        lambda b, x, y: b.apply(
            np.multiply, b.apply(np.broadcast_to, Const(2.5), b.apply(np.shape, x)), x
        ),
        [
            "%t = shape(%x)",
            "%t.1 = broadcast_to(2.5, %t)",
            "%t.2 = multiply(2.5, %x)",
            "return %t.2",
        ],
    ),
    "sum of a product": (
        lambda b, x, y: b.apply(np.sum, b.apply(np.multiply, x, y)),
        ["%t = multiply(%x, %y)", "%t.1 = vdot(%x, %y)", "return %t.1"],
    ),
}


@pytest.mark.parametrize("name", LAWS)
def test_law(name: str) -> None:
    build, after = LAWS[name]
    assert check_pass(simplify_algebra, program(build, x=VECTOR, y=VECTOR)) == after


KEPT: dict[str, Build] = {
    "0 * x, which is NaN for an infinite x": lambda b, x, y: b.apply(np.multiply, Const(0.0), x),
    "x / x, which is NaN at 0": lambda b, x, y: b.apply(np.divide, x, x),
    "x - x, which is NaN for an infinite x": lambda b, x, y: b.apply(np.subtract, x, x),
    "the sum of a product of unlike shapes": lambda b, x, y: b.apply(
        np.sum, b.apply(np.multiply, x, y)
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_no_law(name: str) -> None:
    before = program(KEPT[name], x=MATRIX, y=VECTOR)
    assert simplify_algebra(before) is before


def test_integers_are_not_made_floats() -> None:
    count = Scalar("int", None)

    def build(b: Any, k: Var) -> Operand:
        return b.apply(np.multiply, Const(1.0), k)

    before = program(build, k=count)
    assert simplify_algebra(before) is before


# ----------------------------------------------------------------------------------------- results


def test_results_are_not_the_arguments() -> None:
    assert check_pass(own_results, program(lambda b, x: x, x=VECTOR)) == [
        "%x.1 = copy(%x)",
        "return %x.1",
    ]


def test_results_do_not_share_a_buffer() -> None:
    def build(b: Any, x: Var) -> Operand:
        once = b.apply(np.exp, x)
        return Pack(tuple, (once, once))

    assert check_pass(own_results, program(build, x=VECTOR)) == [
        "%t = exp(%x)",
        "%t.1 = copy(%t)",
        "return tuple(%t, %t.1)",
    ]


def test_results_are_no_views() -> None:
    lines = check_pass(own_results, program(lambda b, x: b.apply(np.transpose, x), x=MATRIX))
    assert lines[1].endswith("= copy(%t)")


def test_a_result_of_its_own_is_not_copied() -> None:
    before = program(lambda b, x: b.apply(np.exp, x), x=VECTOR)
    assert "copy" not in " ".join(check_pass(own_results, before))


# ---------------------------------------------------------------------------------------- in place


def _added(b: Any, base: Operand, place: int) -> Var:
    return b.apply(add_at, base, Const(place), Const(1.0))


def test_an_update_of_an_own_buffer_is_in_place() -> None:
    def build(b: Any, x: Var) -> Operand:
        return _added(b, _added(b, b.apply(np.zeros_like, x), 0), 1)

    assert check_pass(update_in_place, program(build, x=VECTOR)) == [
        "%t = zeros_like(%x)",
        "%t.1 = add_at(%t, 0, 1.0) (in place)",
        "%t.2 = add_at(%t.1, 1, 1.0) (in place)",
        "return %t.2",
    ]


def test_an_argument_is_copied_before_it_is_updated() -> None:
    lines = check_pass(update_in_place, program(lambda b, x: _added(b, x, 0), x=VECTOR))
    assert lines[0].endswith("= copy(%x)")
    assert lines[1].endswith("(in place)")


def test_a_buffer_that_is_read_later_is_copied() -> None:
    def build(b: Any, x: Var) -> Operand:
        old = b.apply(np.exp, x)
        new = _added(b, old, 0)
        return b.apply(np.add, old, new)

    lines = check_pass(update_in_place, program(build, x=VECTOR))
    assert sum("copy" in line for line in lines) == 1


def test_a_view_is_read_before_its_buffer_is_updated() -> None:
    def build(b: Any, x: Var) -> Operand:
        old = b.apply(np.exp, x)
        view = b.apply(operator.getitem, old, Pack(slice, (Const(0), Const(2), Const(None))))
        new = _added(b, old, 0)
        return Pack(tuple, (b.apply(np.sum, view), new))

    assert check_pass(update_in_place, program(build, x=VECTOR)) == [
        "%t = exp(%x)",
        "%t.1 = getitem(%t, slice(0, 2, None))",
        "%t.2 = sum(%t.1)",
        "%t.3 = add_at(%t, 0, 1.0) (in place)",
        "return tuple(%t.2, %t.3)",
    ]


def test_a_program_without_updates_is_returned_as_it_is() -> None:
    lines = check_pass(update_in_place, program(lambda b, x: b.apply(np.exp, x), x=VECTOR))
    assert lines == ["%t = exp(%x)", "return %t"]


def test_names_of_cotangents_survive() -> None:
    def build(b: Any, x: Var) -> Operand:
        bar = b.apply(np.multiply, x, Const(2.0), hint="y", role=Role.COTANGENT)
        return b.apply(np.exp, bar)

    assert check_pass(simplify_algebra, program(build, x=VECTOR)) == [
        "%y_bar = multiply(2.0, %x)",
        "%t = exp(%y_bar)",
        "return %t",
    ]
