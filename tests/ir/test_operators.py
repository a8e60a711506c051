"""How primitives are spelled, compared with what Python and NumPy do."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import libcst as cst
import numpy as np
import pytest

from s2s_grad.ir.operators import Operator
from s2s_grad.ir.primitives import INFIX, PREFIX, primitive, table

OF_NUMPY = [(fn, spelled) for fn, spelled in INFIX.items() if isinstance(fn, np.ufunc)]
A, B = np.array([[6, 1], [2, 3]]), np.array([[2, 1], [1, 2]])


def _special_methods(symbol: str) -> tuple[str, str]:
    """Return the methods of the first and of the second operand that Python asks for."""
    asked: list[str] = []

    def method(name: str) -> Callable[..., Any]:
        def note(*_: Any) -> Any:
            asked.append(name)
            return NotImplemented

        return note

    names = [name for name in dir(int) if name.startswith("__")]
    names += ["__matmul__", "__rmatmul__"]
    kept = {"__new__", "__init__", "__class__", "__getattribute__", "__init_subclass__", "__doc__"}
    first = type("First", (), {n: method(n) for n in names if n not in kept})
    second = type("Second", (), {n: method(n) for n in names if n not in kept})
    with contextlib.suppress(TypeError):
        eval(f"a {symbol} b", {"a": first(), "b": second()})
    return asked[0].strip("_"), asked[-1].strip("_")


@pytest.mark.parametrize(("fn", "spelled"), OF_NUMPY, ids=lambda part: getattr(part, "symbol", ""))
def test_infix(fn: Any, spelled: Operator) -> None:
    expected = fn(A, B)
    assert np.array_equal(eval(f"a {spelled.symbol} b", {"a": A, "b": B}), expected)
    assert np.array_equal(spelled.function(A, B), expected)
    assert _special_methods(spelled.symbol) == (spelled.dunder, spelled.reflected)
    tree: Any = cst.parse_expression(f"a {spelled.symbol} b")
    operator = tree.operator if hasattr(tree, "operator") else tree.comparisons[0].operator
    assert type(operator) is getattr(cst, spelled.node)


@pytest.mark.parametrize("spelled", PREFIX.values(), ids=lambda spelled: spelled.symbol)
def test_prefix(spelled: Operator) -> None:
    assert eval(f"{spelled.symbol}6") == spelled.function(6)
    tree: Any = cst.parse_expression(f"{spelled.symbol}a")
    assert type(tree.operator) is getattr(cst, spelled.node)
    assert not spelled.dunder or getattr(6, f"__{spelled.dunder}__")() == spelled.function(6)


@pytest.mark.parametrize("a", INFIX.values(), ids=lambda spelled: spelled.symbol)
def test_precedence(a: Operator) -> None:
    """Where an operator on the left binds less tightly than one on the right, that is first."""
    for b in INFIX.values():
        tree: Any = cst.parse_expression(f"x {a.symbol} y {b.symbol} z")
        right_first = isinstance(getattr(tree, "left", None), cst.Name)
        if a.precedence != b.precedence and hasattr(tree, "operator"):
            assert right_first is (a.precedence < b.precedence)


REDUCED = [fn for fn, record in table.items() if record.reduced or record.accumulated]


@pytest.mark.parametrize("fn", REDUCED, ids=lambda fn: fn.__name__)
def test_reductions(fn: Any) -> None:
    record = primitive(fn)
    if record.reduced is not None:
        assert np.array_equal(fn.reduce(A), record.reduced(A, axis=0))
    if record.accumulated is not None:
        assert np.array_equal(fn.accumulate(A), record.accumulated(A, axis=0))


def test_usual_names() -> None:
    for fn, record in table.items():
        assert not record.name or getattr(np, record.name) is fn
