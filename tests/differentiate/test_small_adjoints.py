"""Small programs and their derivatives, statement by statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from small_programs import FLOAT, MATRIX, VECTOR, program

from s2s_grad.differentiate import gradient, pullback_program, pushforward_program
from s2s_grad.errors import MissingRule, ZeroGradientWarning
from s2s_grad.ir.nodes import Block, Carry, Const, Each, For, Function, If, Loop, Operand, Var
from s2s_grad.ir.show import show
from s2s_grad.ir.types import Type
from s2s_grad.ir.verify import verify
from s2s_grad.optimise import simplify


def lines_of(function: Function) -> list[str]:
    text = show(verify(simplify(verify(function))))
    return [line.strip() for line in text.splitlines()[1:]]


def gradient_of(build: Callable[..., Operand], **types: Type) -> list[str]:
    primal = program(build, **types)
    return lines_of(gradient(primal, [0], single=True, with_value=False))


def test_the_adjoint_of_what_is_linear_reads_nothing_of_it() -> None:
    def build(b: Any, x: Var, y: Var) -> Operand:
        return b.apply(np.sum, b.apply(np.multiply, b.apply(np.negative, x), y))

    assert gradient_of(build, x=VECTOR, y=VECTOR) == ["%x_bar = negative(%y)", "return %x_bar"]


def test_a_result_is_read_again_instead_of_being_computed_twice() -> None:
    lines = gradient_of(lambda b, x: b.apply(np.sum, b.apply(np.exp, x)), x=VECTOR)
    assert lines == ["%x_bar = exp(%x)", "return %x_bar"]


def test_what_is_broadcast_is_summed_back() -> None:
    lines = gradient_of(
        lambda b, k, x: b.apply(np.sum, b.apply(np.multiply, k, x)), k=FLOAT, x=VECTOR
    )
    assert lines == ["%k_bar = sum(%x)", "return %k_bar"]


def test_the_cotangent_of_a_product_of_matrices() -> None:
    lines = gradient_of(
        lambda b, x, a: b.apply(np.sum, b.apply(np.matmul, a, x)), x=VECTOR, a=MATRIX
    )
    assert lines[-3:] == ["%t.2 = transpose(%a)", "%x_bar = matmul(%t.2, %t_bar)", "return %x_bar"]


def test_what_is_not_read_has_a_gradient_of_zeros() -> None:
    with pytest.warns(ZeroGradientWarning, match="does not depend on x"):
        lines = gradient_of(lambda b, x, y: b.apply(np.sum, y), x=VECTOR, y=VECTOR)
    assert lines == ["%t = zeros_like(%x)", "return %t"]


def test_without_a_rule_there_is_an_error_and_no_zero() -> None:
    def unknown(x: Any) -> Any:
        return x

    with pytest.raises(MissingRule, match="unknown"):
        gradient_of(lambda b, x: b.apply(np.sum, b.apply(unknown, x, type=VECTOR)), x=VECTOR)


def _loop(b: Any, x: Var, step: Callable[[Var, Var], Operand]) -> Var:
    """Append a loop over the items of a vector."""
    item, total, result = (Var(name, FLOAT) for name in ("item", "total", "end"))
    with b.nested() as body:
        after = step(total, item)
    carried = (Carry(Const(1.0), total, after, result),)
    b.append(Loop(For((Each(x, item),)), carried, tuple(body)))
    return result


def test_a_loop_saves_what_its_adjoint_reads_and_runs_backwards() -> None:
    lines = gradient_of(
        lambda b, x: _loop(b, x, lambda total, item: b.apply(np.multiply, total, item)), x=VECTOR
    )
    assert lines[:4] == [
        "loop %item in %x carry %total = 1.0:",
        "%t = multiply(%total, %item)",
        "yield %t collect %total",
        "-> %end; %total.1",
    ]
    assert lines[4].startswith("loop reversed %item.1, %total.2 in %x, %total.1 carry %total_bar")


def test_a_linear_loop_saves_nothing_and_runs_backwards_alone() -> None:
    def build(b: Any, x: Var) -> Operand:
        def step(total: Var, item: Var) -> Operand:
            return b.apply(np.add, b.apply(np.multiply, total, Const(0.5)), item)

        return _loop(b, x, step)

    lines = gradient_of(build, x=VECTOR)
    assert [line for line in lines if line.startswith("loop")] == [
        "loop reversed %t in %x carry %total_bar = 1.0:"
    ]


def test_a_branch_is_taken_again_by_its_condition() -> None:
    def build(b: Any, k: Var) -> Operand:
        positive = b.apply(np.greater, k, Const(0.0))
        with b.nested() as then:
            inside = b.apply(np.sin, k)
        result = Var("z", FLOAT)
        b.append(If.of((result,), positive, Block((), tuple(then), (inside,)), Block((), (), (k,))))
        return result

    assert gradient_of(build, k=FLOAT) == [
        "%t = greater(%k, 0.0)",
        "if %t:",
        "%k_bar = cos(%k)",
        "yield %k_bar",
        "else:",
        "yield 1.0",
        "-> %k_bar.1",
        "return %k_bar.1",
    ]


def test_a_pullback_is_a_function_in_the_program() -> None:
    primal = program(lambda b, x, y: b.apply(np.multiply, x, y), x=VECTOR, y=VECTOR)
    assert lines_of(pullback_program(primal, [0, 1], single=False)) == [
        "%t = multiply(%x, %y)",
        "def %pullback(%result_bar):",
        "%x_bar = multiply(%result_bar, %y)",
        "%y_bar = multiply(%result_bar, %x)",
        "return tuple(%x_bar, %y_bar)",
        "return tuple(%t, %pullback)",
    ]


def test_a_pushforward_goes_with_the_primal() -> None:
    primal = program(lambda b, x: b.apply(np.sin, x), x=VECTOR)
    assert lines_of(pushforward_program(primal, [0])) == [
        "%t = sin(%x)",
        "%t.1 = cos(%x)",
        "%t_dot = multiply(%x_dot, %t.1)",
        "return tuple(%t, %t_dot)",
    ]
