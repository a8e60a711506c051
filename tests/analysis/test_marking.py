"""What is marked as needed: through branches and loops, each block visited once."""

from __future__ import annotations

import numpy as np

from s2s_grad.analysis.marking import Marking
from s2s_grad.ir.nodes import Apply, Block, Const, If, Loop, Var


def names(marking: Marking) -> set[str]:
    return {var.hint for var in marking.live} - {"region"}


def test_a_result_needs_its_operands_alone() -> None:
    x, y, z = Var("x"), Var("y"), Var("z")
    block = Block((x,), (Apply(y, np.sin, (x,)), Apply(z, np.cos, (x,))), (y,))
    marking = Marking(block)
    marking.mark((y,))
    assert names(marking) == {"x", "y"}


def test_a_carried_value_needs_what_it_becomes_and_the_loop_runs_for_it() -> None:
    xs, x, total, last, following, end, unread = map(
        Var, ["xs", "x", "total", "last", "next", "end", "unread"]
    )
    add = Apply(following, np.add, (total, last))
    body = Block((x, total, last), (add,), (following, x))
    loop = Loop((xs,), (Const(0.0), Const(1.0)), body, (end, unread))
    marking = Marking(Block((xs,), (loop,), (end,)))
    marking.mark((end,))
    assert names(marking) == {"xs", "x", "total", "last", "next", "end"}
    assert marking.is_kept(loop)


def test_a_carried_value_that_only_itself_reads_is_not_needed() -> None:
    xs, x, total, count, more, end, unread = map(
        Var, ["xs", "x", "total", "count", "more", "end", "unread"]
    )
    add = Apply(more, np.add, (count, Const(1)))
    loop = Loop(
        (xs,), (Const(0.0), Const(0)), Block((x, total, count), (add,), (x, more)), (end, unread)
    )
    marking = Marking(Block((xs,), (loop,), (end,)))
    marking.mark((end,))
    assert {"count", "more"}.isdisjoint(names(marking))


def test_a_loop_that_reads_no_element_keeps_one_sequence_to_count_by() -> None:
    xs, ys, x, y, s, new, end = map(Var, ["xs", "ys", "x", "y", "s", "new", "end"])
    body = Block((x, y, s), (Apply(new, np.sin, (s,)),), (new,))
    loop = Loop((xs, ys), (Const(1.0),), body, (end,))
    marking = Marking(Block((xs, ys), (loop,), (end,)))
    marking.mark((end,))
    assert names(marking) == {"s", "new", "end"}
    marking.count_rounds()
    assert names(marking) == {"s", "new", "end", "xs"}


def test_a_branch_needs_its_condition_and_the_values_of_both_ways() -> None:
    cond, a, b, first, second = map(Var, ("cond", "a", "b", "first", "second"))
    branch = If((first, second), cond, Block((), (), (a, b)), Block((), (), (b, Const(0.0))))
    marking = Marking(Block((cond, a, b), (branch,), (second,)))
    assert not marking.is_kept(branch)
    marking.mark((second,))
    assert names(marking) == {"second", "cond", "b"}
    assert marking.is_kept(branch)
