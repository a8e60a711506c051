"""Small programs, and what the analyses say of them."""

from __future__ import annotations

import builtins
import operator
from typing import Any

import numpy as np
import pytest
from small_programs import FLOAT, MATRIX, VECTOR, program

from s2s_grad.analysis.activity import find_active
from s2s_grad.analysis.affine import Counter, Row, counter_of, row_of
from s2s_grad.analysis.extents import same_extents
from s2s_grad.analysis.infer import infer
from s2s_grad.analysis.liveness import has_effect, needed
from s2s_grad.analysis.trips import trips_of
from s2s_grad.errors import UnsupportedOption
from s2s_grad.ir.builder import Builder
from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Carry,
    Const,
    Each,
    Effect,
    For,
    Loop,
    Operand,
    Pack,
    Var,
)
from s2s_grad.ir.types import Array, Dim, Range, Scalar

INT = Scalar("int")


def made(*parts: tuple[Any, ...]) -> tuple[list[Var], dict[Var, Apply]]:
    """Return what ``(fn, *args)`` each computes; an int among the arguments is an earlier one."""
    b = Builder(infer)
    found: list[Var] = []
    for fn, *args in parts:
        found.append(b.apply(fn, *(found[a] if type(a) is int else a for a in args)))
    return found, {s.result: s for s in b.statements if isinstance(s, Apply)}


# ------------------------------------------------------------------------------------ activity


def test_active_is_what_depends_on_the_seeds_and_has_a_derivative() -> None:
    x, y = Var("x", VECTOR), Var("y", VECTOR)
    (sine, other, product, _), definitions = made(
        (np.sin, x), (np.cos, y), (np.multiply, 0, 1), (np.argmax, x)
    )
    block = Block((x, y), tuple(definitions.values()), (product,))
    assert find_active(block, [x]) == {x, sine, product}
    assert find_active(block, [y]) == {y, other, product}
    assert find_active(block, []) == set()


def test_what_a_loop_carries_is_active_where_a_round_makes_it_so() -> None:
    def build(b: Any, x: Var) -> Operand:
        item, total, count = (Var(name, FLOAT) for name in ("item", "total", "count"))
        with b.nested() as body:
            after = b.apply(np.add, total, item)
            more = b.apply(np.add, count, Const(1.0))
        ends = Var("sum", FLOAT), Var("count", FLOAT)
        carried = (
            Carry(Const(0.0), total, after, ends[0]),
            Carry(Const(0.0), count, more, ends[1]),
        )
        b.append(Loop(For((Each(x, item),)), carried, tuple(body)))
        return Pack(tuple, ends)

    f = program(build, x=VECTOR)
    active = find_active(f.block, [f.params[0].var])
    result = f.block.results[0]
    assert isinstance(result, Pack)
    assert [item in active for item in result.items] == [True, False]


def test_an_operand_without_a_formula_is_no_constant() -> None:
    x = Var("x", VECTOR)
    _, definitions = made((np.repeat, Const(np.ones(3)), x))
    block = Block((x,), tuple(definitions.values()), tuple(definitions))
    with pytest.raises(UnsupportedOption, match="`repeats` of `repeat`"):
        find_active(block, [x])


# ------------------------------------------------------------------------------------ liveness


def test_what_has_an_effect_is_needed_and_what_it_reads() -> None:
    x = Var("x", VECTOR)
    (read, kept, dead), definitions = made((np.sin, x), (np.cos, x), (np.tan, x))
    effect = Effect(None, print, (read,), ())
    statements = (*definitions.values(), effect)
    assert needed(statements, [kept]) == (definitions[read], definitions[kept], effect)
    assert has_effect(effect)
    assert not has_effect(definitions[dead])
    assert needed(statements[:-1], []) == ()


# ------------------------------------------------------------------------------ sizes and rows


def test_two_arrays_have_one_shape_where_they_are_made_alike() -> None:
    x = Var("x", VECTOR)
    inner = Const(slice(1, -1))
    (a, b, c, e), definitions = made(
        (operator.getitem, x, inner),
        (np.sin, 0),
        (operator.getitem, x, inner),
        (np.add, 0, 2),
    )
    assert same_extents(a, b, definitions)
    assert same_extents(b, c, definitions)
    assert same_extents(e, a, definitions)
    assert not same_extents(a, x, definitions)
    assert not same_extents(x, Var("y", Array(np.dtype(float), None)), definitions)


def _loop_over(bounds: tuple[int | Var, ...], *, reverse: bool = False) -> Any:
    args = tuple(Const(b) if isinstance(b, int) else b for b in bounds)
    (seq,), definitions = made((builtins.range, *args))
    loop = Loop(For((Each(seq, Var("i", INT)),), reverse=reverse), (), ())
    return loop, definitions


N = Var("n", INT)


@pytest.mark.parametrize(
    ("bounds", "reverse", "expected"),
    [
        ((N,), False, (1, 0)),
        ((2, N), False, (1, 2)),
        ((2, N), True, (-1, 2)),
        ((N, 0, -1), False, (-1, 1)),
        ((0, N, 2), False, None),
        ((N, N), False, None),
    ],
)
def test_the_counter_of_a_loop(bounds: Any, reverse: bool, expected: Any) -> None:
    loop, definitions = _loop_over(bounds, reverse=reverse)
    found = counter_of(loop, definitions)
    assert (None if found is None else (found.direction, found.least)) == expected


def test_a_row_beside_the_counter() -> None:
    i = Var("i", INT)
    (after, before), definitions = made((np.add, i, Const(1)), (np.subtract, i, Const(1)))
    counter = Counter(i, 1, 1)
    assert row_of(after, counter, definitions) == Row(0, 1)
    assert row_of(Pack(tuple, (Const(slice(None)), before)), counter, definitions) == Row(1, -1)
    assert row_of(before, Counter(i, 1, 0), definitions) is None  # the first round has -1
    assert row_of(Const(0), counter, definitions) is None


def test_how_often_a_loop_runs() -> None:
    x, item = Var("x", MATRIX), Var("row", VECTOR)
    m = Dim("m", not_one=True)
    assert trips_of(Loop(For((Each(x, item),)), (), ())) == m
    numbers = Var("r", Range(3))
    assert trips_of(Loop(For((Each(numbers, Var("i", INT)),)), (), ())) == 3
    assert trips_of(_loop_over((N, N))[0]) is None
