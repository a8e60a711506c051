"""What is marked as needed: through branches and loops, each block visited once."""

from __future__ import annotations

import numpy as np

from s2s_grad.analysis.marking import Marking
from s2s_grad.ir.nodes import Apply, Block, Carry, Const, Each, For, If, Loop, Var, While


def names(marking: Marking) -> set[str]:
    return {var.hint for var in marking.live} - {"region"}


def test_a_result_needs_its_operands_alone() -> None:
    x, y, z = Var("x"), Var("y"), Var("z")
    block = Block((x,), (Apply(y, np.sin, (x,)), Apply(z, np.cos, (x,))), (y,))
    marking = Marking(block)
    marking.mark((y,))
    assert names(marking) == {"x", "y"}


def test_a_carried_value_needs_what_it_becomes_and_the_loop_runs_for_it() -> None:
    xs, x, total, last = map(Var, ("xs", "x", "total", "last"))
    following, end, unread = map(Var, ("next", "end", "unread"))
    add = Apply(following, np.add, (total, last))
    carried = Carry(Const(0.0), total, following, end), Carry(Const(1.0), last, x, unread)
    loop = Loop(For((Each(xs, x),)), carried, (add,))
    marking = Marking(Block((xs,), (loop,), (end,)))
    marking.mark((end,))
    assert names(marking) == {"xs", "x", "total", "last", "next", "end"}
    assert marking.is_kept(loop)


def test_a_carried_value_that_only_itself_reads_is_not_needed() -> None:
    xs, x, total, count = map(Var, ("xs", "x", "total", "count"))
    more, end, unread = map(Var, ("more", "end", "unread"))
    add = Apply(more, np.add, (count, Const(1)))
    carried = Carry(Const(0.0), total, x, end), Carry(Const(0), count, more, unread)
    loop = Loop(For((Each(xs, x),)), carried, (add,))
    marking = Marking(Block((xs,), (loop,), (end,)))
    marking.mark((end,))
    assert {"count", "more"}.isdisjoint(names(marking))


def test_what_a_condition_tests_is_needed_where_the_loop_is() -> None:
    x, s, new, end = map(Var, ("x", "s", "new", "end"))
    n, fewer, last, tested, goes_on = map(Var, ("n", "fewer", "last", "tested", "goes_on"))
    head = While((Apply(goes_on, np.greater, (tested, Const(0))),), goes_on)
    body = Apply(new, np.sin, (s,)), Apply(fewer, np.subtract, (n, Const(1)))
    carried = Carry(x, s, new, end, Var("s")), Carry(Const(9), n, fewer, last, tested)
    marking = Marking(Block((x,), (Loop(head, carried, body),), (end,)))
    marking.mark((end,))
    assert names(marking) == {"x", "s", "new", "end", "n", "fewer", "tested", "goes_on"}


def test_a_loop_that_reads_no_element_keeps_one_sequence_to_count_by() -> None:
    xs, ys, x, y = map(Var, ("xs", "ys", "x", "y"))
    s, new, end = map(Var, ("s", "new", "end"))
    head = For((Each(xs, x), Each(ys, y)))
    loop = Loop(head, (Carry(Const(1.0), s, new, end),), (Apply(new, np.sin, (s,)),))
    marking = Marking(Block((xs, ys), (loop,), (end,)))
    marking.mark((end,))
    assert names(marking) == {"s", "new", "end"}
    marking.count_rounds()
    assert names(marking) == {"s", "new", "end", "xs"}


def test_a_branch_needs_its_condition_and_the_values_of_both_ways() -> None:
    cond, a, b, first, second = map(Var, ("cond", "a", "b", "first", "second"))
    branch = If.of((first, second), cond, Block((), (), (a, b)), Block((), (), (b, Const(0.0))))
    marking = Marking(Block((cond, a, b), (branch,), (second,)))
    assert not marking.is_kept(branch)
    marking.mark((second,))
    assert names(marking) == {"second", "cond", "b"}
    assert marking.is_kept(branch)
