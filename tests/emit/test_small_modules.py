"""Small programs and the text that is printed for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from small_programs import FLOAT, VECTOR, program

from s2s_grad.emit import emit
from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Carry,
    Collect,
    Const,
    Each,
    For,
    If,
    Loop,
    Operand,
    Pack,
    Role,
    Var,
)
from s2s_grad.ir.types import ListOf, Type


def body_of(build: Callable[..., Operand], **types: Type) -> list[str]:
    """Return the lines of the emitted function."""
    lines = emit(program(build, **types)).source.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("def "))
    return [line[4:] for line in lines[start + 1 :]]


@pytest.mark.parametrize(
    ("outer", "inner", "text"),
    [
        (np.multiply, np.add, "(x + y) * y"),
        (np.add, np.multiply, "x * y + y"),
        (np.subtract, np.subtract, "x - y - y"),
        (np.power, np.negative, "(-x) ** y"),
        (np.power, np.power, "(x ** y) ** y"),
        (np.matmul, np.divide, "x / y @ y"),
        (np.matmul, np.add, "(x + y) @ y"),
    ],
)
def test_parentheses_stand_where_they_are_needed(outer: Any, inner: Any, text: str) -> None:
    def build(b: Any, x: Var, y: Var) -> Operand:
        args = (x,) if inner is np.negative else (x, y)
        return b.apply(outer, b.apply(inner, *args), y)

    assert body_of(build, x=VECTOR, y=VECTOR) == [f"return {text}"]


def test_a_right_operand_is_in_parentheses_where_order_matters() -> None:
    def build(b: Any, x: Var, y: Var) -> Operand:
        return b.apply(np.subtract, x, b.apply(np.subtract, x, y))

    assert body_of(build, x=VECTOR, y=VECTOR) == ["return x - (x - y)"]


def test_what_is_read_twice_has_a_name() -> None:
    def build(b: Any, x: Var) -> Operand:
        sine = b.apply(np.sin, x)
        return b.apply(np.add, sine, sine)

    first, second = body_of(build, x=VECTOR)
    name = first.partition(" = ")[0]
    assert first == f"{name} = np.sin(x)"
    assert second == f"return {name} + {name}"


def test_two_variables_of_one_name_that_live_at_once_are_told_apart() -> None:
    def build(b: Any, x: Var) -> Operand:
        one = b.apply(np.sin, x, hint="y", role=Role.USER)
        other = b.apply(np.cos, x, hint="y", role=Role.USER)
        again = b.apply(np.multiply, one, other)
        return b.apply(np.add, again, b.apply(np.add, one, other))

    lines = body_of(build, x=VECTOR)
    names = [line.partition(" = ")[0] for line in lines if "np." in line]
    assert len(set(names)) == 2
    namespace: dict[str, Any] = {"np": np}
    exec("def f(x):\n" + "\n".join(f"    {line}" for line in lines), namespace)
    x = np.array([0.5, 1.0])
    expected = np.sin(x) * np.cos(x) + (np.sin(x) + np.cos(x))
    np.testing.assert_allclose(namespace["f"](x), expected, rtol=1e-14)


def test_an_update_in_place() -> None:
    from s2s_grad.runtime import add_at, set_item

    def build(b: Any, x: Var) -> Operand:
        y = b.apply(np.copy, x, hint="y", role=Role.USER)
        for fn, value in ((set_item, 1.0), (add_at, 2.0)):
            after = Var("y", VECTOR, Role.USER)
            b.append(Apply(after, fn, (y, Const(0), Const(value)), inplace=True))
            y = after
        return y

    assert body_of(build, x=VECTOR) == ["y = x.copy()", "y[0] = 1.0", "y[0] += 2.0", "return y"]


def test_a_branch() -> None:
    def build(b: Any, k: Var) -> Operand:
        positive = b.apply(np.greater, k, Const(0.0))
        with b.nested() as then:
            inside = b.apply(np.sin, k)
        result = Var("z", FLOAT, Role.USER)
        b.append(If.of((result,), positive, Block((), tuple(then), (inside,)), Block((), (), (k,))))
        return b.apply(np.multiply, result, result)

    assert body_of(build, k=FLOAT) == [
        "if k > 0.0:",
        "    z = np.sin(k)",
        "else:",
        "    z = k",
        "return z * z",
    ]


def test_a_loop_that_carries_and_collects() -> None:
    def build(b: Any, x: Var) -> Operand:
        item, total = Var("item", FLOAT, Role.USER), Var("total", FLOAT, Role.USER)
        end, totals = Var("total", FLOAT, Role.USER), Var("totals", ListOf(FLOAT), Role.USER)
        with b.nested() as body:
            after = b.apply(np.add, total, item, hint="total", role=Role.USER)
        carried = (Carry(Const(0.0), total, after, end),)
        b.append(Loop(For((Each(x, item),)), carried, tuple(body), (Collect(after, totals),)))
        return Pack(tuple, (end, totals))

    lines = body_of(build, x=VECTOR)
    assert lines[0:2] == ["total = 0.0", "totals = []"]
    assert lines[2] == "for item in x:"
    assert lines[-1] == "return total, totals"
    assert "    totals.append(total)" in lines
