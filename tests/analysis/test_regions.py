"""Analyses through loops and branches: what is known of what they carry, merge and collect."""

from __future__ import annotations

import operator

import numpy as np

from s2s_grad.analysis.activity import dependencies, find_active
from s2s_grad.analysis.buffers import find_buffers_in
from s2s_grad.analysis.liveness import has_effect, needed
from s2s_grad.analysis.shapes import find_shapes
from s2s_grad.analysis.undefined import find_undefined
from s2s_grad.ir.nodes import (
    UNDEFINED,
    Apply,
    Block,
    Carry,
    Collect,
    Const,
    Each,
    Effect,
    For,
    If,
    Loop,
    Merge,
    Operand,
    Statement,
    Var,
)
from s2s_grad.ir.types import Array, Dim, ListOf, Scalar
from s2s_grad.runtime import set_item

FLOAT, INT = Scalar("float"), Scalar("int")
VECTOR = Array(np.dtype(float), (Dim("n", not_one=True),))


def over(seq: Var, element: Var, *carried: Carry, body: tuple[Statement, ...] = ()) -> Loop:
    return Loop(For((Each(seq, element),)), carried, body)


def whole(value: float) -> int:
    return int(value)


# ---------------------------------------------------------------------------------------- activity


def test_what_depends_on_an_active_value_is_active() -> None:
    x, y, z = Var("x", FLOAT), Var("y", FLOAT), Var("z", FLOAT)
    n = Var("n", INT)
    body = Apply(y, np.sin, (x,)), Apply(n, whole, (y,)), Apply(Var("w"), abs, (z,))
    block = Block((x, z), body, ())
    assert find_active(block, [x]) == {x, y}


def test_a_carried_value_is_active_through_another_one() -> None:
    """Two rounds hand the activity on: from `a` to `b`, and from `b` to `c`."""
    xs, x, seed = Var("xs", VECTOR), Var("x", FLOAT), Var("seed", FLOAT)
    a, b, c = (Var(name, FLOAT) for name in "abc")
    ends = [Var(f"{name}_end", FLOAT) for name in "abc"]
    loop = over(
        xs,
        x,
        Carry(Const(0.0), a, seed, ends[0]),
        Carry(Const(0.0), b, a, ends[1]),
        Carry(Const(0.0), c, b, ends[2]),
    )
    assert find_active(Block((xs, seed), (loop,), ()), [seed]) == {seed, a, b, c, *ends}


def test_dependencies_go_round_loops_inside_of_loops() -> None:
    xs, x, y = Var("xs", VECTOR), Var("x", FLOAT), Var("y", FLOAT)
    p, q = Var("p", FLOAT), Var("q", FLOAT)
    inner_p, inner_end, end, last = (Var(n, FLOAT) for n in ("inner_p", "inner_end", "end", "last"))
    inner = over(xs, y, Carry(p, inner_p, q, inner_end))
    outer = over(
        xs, x, Carry(Const(0.0), p, inner_end, end), Carry(Const(0.0), q, x, last), body=(inner,)
    )
    active = {xs, x, p, q, inner_p, inner_end, end, last}
    reach = dependencies(Block((xs,), (outer,), ()), active)
    assert reach(end) == {xs}
    assert reach(Const(1.0)) == set()


# ----------------------------------------------------------------------------------------- buffers


def test_a_view_has_the_buffer_of_its_base_and_a_sum_has_its_own() -> None:
    x, view, total = (Var(name, VECTOR) for name in ("x", "view", "total"))
    first = Apply(view, operator.getitem, (x, Const(slice(1, None))))
    buffers = find_buffers_in(Block((x,), (first, Apply(total, np.add, (x, x))), ()), set())
    assert buffers.of[view] == {x}
    assert buffers.of[total] == {total}
    assert buffers.owned == {total}


def _updating(marked: bool) -> tuple[object, Loop]:
    x, i, y, new, end = Var("x", VECTOR), Var("i", INT), *(Var(n, VECTOR) for n in ("y", "n", "e"))
    update = Apply(new, set_item, (y, i, Const(0.0)))
    loop = over(Var("r"), i, Carry(x, y, new, end), body=(update,))
    return find_buffers_in(Block((x,), (loop,), ()), {new} if marked else set()), loop


def test_a_carried_array_that_is_overwritten_belongs_to_the_loop() -> None:
    buffers, loop = _updating(True)
    carry = loop.carried[0]
    assert buffers.mutated[loop] == {carry}
    assert buffers.of[carry.result] == {carry.result}
    assert {carry.parameter, carry.result} <= buffers.owned


def test_a_carried_array_that_is_not_overwritten_may_be_what_it_was() -> None:
    buffers, loop = _updating(False)
    assert buffers.mutated[loop] == set()
    assert loop.carried[0].init in buffers.of[loop.carried[0].result]


# ------------------------------------------------------------------- undefined, shapes, liveness


def test_what_one_way_does_not_assign_may_be_undefined_and_so_may_its_list() -> None:
    y, z, xs, x = Var("y"), Var("z"), Var("xs"), Var("x")
    both = (Merge(y, Const(1.0), UNDEFINED), Merge(z, Const(1.0), Const(2.0)))
    items, carried, end = Var("items"), Var("carried"), Var("end")
    branch = If(Const(True), both, (), ())
    loop = Loop(
        For((Each(xs, x),)),
        (Carry(UNDEFINED, carried, x, end),),
        (branch,),
        (Collect(y, items),),
    )
    assert find_undefined(Block((xs,), (loop,), ())) == {y, items, carried, end}


def test_an_updated_array_has_the_shape_of_what_it_was() -> None:
    x, y, z = (Var(name, VECTOR) for name in "xyz")
    body = (Apply(y, set_item, (x, Const(0), Const(1.0))), Apply(z, np.sin, (y,)))
    block = Block((x,), body, ())
    assert find_shapes(block).source(z) is x
    assert find_shapes(block, updates=True).source(z) is z
    assert find_shapes(block, updates=True).source(y) is x


def test_a_branch_has_the_shape_that_both_of_its_ways_have() -> None:
    x, y, same, other = (Var(name, VECTOR) for name in ("x", "y", "same", "other"))
    copy = Var("copy", VECTOR)
    merged = (Merge(same, copy, x), Merge(other, x, y))
    branch = If(Const(True), merged, (Apply(copy, np.copy, (x,)),), ())
    shapes = find_shapes(Block((x, y), (branch,), ()))
    assert shapes.source(same) is x
    assert shapes.source(other) is other


def test_statements_are_needed_for_results_and_for_effects() -> None:
    x, y, z, w = (Var(name, FLOAT) for name in "xyzw")
    dead, told = Apply(w, np.cos, (x,)), Effect(None, print, (y,))
    made, used = Apply(y, np.sin, (x,)), Apply(z, np.exp, (x,))
    results: tuple[Operand, ...] = (z,)
    assert needed((made, dead, used, told), results) == (made, used, told)


def test_a_loop_has_the_effects_of_what_is_in_it() -> None:
    xs, x = Var("xs", ListOf(FLOAT)), Var("x", FLOAT)
    branch = If(Const(True), (), (), (Effect(None, print, (x,)),))
    assert has_effect(over(xs, x, body=(branch,)))
    assert not has_effect(over(xs, x, body=(Apply(Var("y"), np.sin, (x,)),)))
