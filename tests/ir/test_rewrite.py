"""The rewriter, the substitution and the fold: what they change, and what they leave the same."""

from __future__ import annotations

import numpy as np
import pytest

from s2s_grad.ir.nodes import (
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
    Pack,
    Statement,
    Var,
    While,
)
from s2s_grad.ir.rewrite import copy_block, rename, rewrite, substitute
from s2s_grad.ir.walk import bound_vars, free_vars, statements_of, visit

XS, X, S, NEW, END, ITEM, ITEMS, K = map(Var, ("xs", "x", "s", "new", "end", "item", "items", "k"))


def loop_block() -> Block:
    """Return a block with a loop that carries a sum, collects, and has a branch inside."""
    way = Var("way")
    branch = If.of(
        (ITEM,),
        K,
        Block((), (Apply(way, np.cos, (X,)),), (way,)),
        Block((), (), (S,)),
    )
    body = (branch, Apply(NEW, np.add, (S, ITEM)))
    carried = (Carry(Const(0.0), S, NEW, END),)
    loop = Loop(For((Each(XS, X),)), carried, body, (Collect(ITEM, ITEMS),))
    return Block((XS, K), (loop,), (Pack(tuple, (END, ITEMS)),))


def test_what_nothing_changes_is_returned_as_it_is() -> None:
    block = loop_block()
    assert rewrite(block, lambda _: None) is block
    assert rewrite(block, lambda s: (s,)) is block
    assert substitute(block, {Var("other"): Const(1)}) is block
    assert rename(block, {Var("other"): Var("another")}) is block


def test_statements_are_replaced_at_any_depth_and_the_rest_is_shared() -> None:
    block = loop_block()

    def edit(s: Statement) -> tuple[Statement, ...] | None:
        if isinstance(s, Apply) and s.fn is np.cos:
            return (Effect(None, print, (X,)), Apply(s.result, np.sin, s.args))
        return None

    found = list(statements_of(rewrite(block, edit)))
    before = list(statements_of(block))
    assert [getattr(s, "fn", type(s)) for s in found] == [Loop, If, print, np.sin, np.add]
    assert found[-1] is before[-1]


def test_values_are_put_in_before_a_statement_is_seen() -> None:
    a, b, c = map(Var, "abc")
    first, second = Apply(b, np.positive, (a,)), Apply(c, np.sin, (b,))
    values = {}

    def edit(s: Statement) -> tuple[Statement, ...] | None:
        if isinstance(s, Apply) and s.fn is np.positive:
            values[s.result] = s.args[0]
            return ()
        return None

    new = rewrite(Block((a,), (first, second), (Pack(tuple, (b, c)),)), edit, values)
    (left,) = new.body
    assert isinstance(left, Apply)
    assert left.args == (a,)
    assert isinstance(new.results[0], Pack)
    assert new.results[0].items == (a, c)


def test_a_substitution_reaches_all_that_a_loop_reads() -> None:
    one, ys = Const(1.0), Var("ys")
    new = substitute(loop_block(), {K: one, XS: ys})
    (loop,) = new.body
    assert isinstance(loop, Loop)
    assert loop.each[0].sequence is ys
    (branch, _) = loop.statements
    assert isinstance(branch, If)
    assert branch.cond is one
    assert set(free_vars(new)) == {ys}


def test_a_copy_shares_no_variable_and_keeps_the_form() -> None:
    block = loop_block()
    copy = copy_block(block, {})
    assert set(bound_vars(copy)).isdisjoint(bound_vars(block))
    assert [v.hint for v in bound_vars(copy)] == [v.hint for v in bound_vars(block)]
    (loop,) = copy.body
    assert isinstance(loop, Loop)
    assert loop.carried[0].next is loop.body.results[0]
    assert loop.carried[0].next in set(bound_vars(loop.body))
    assert not free_vars(copy)


def test_a_renamed_variable_is_another_where_it_is_assigned_and_read() -> None:
    total = Var("total")
    new = rename(loop_block(), {S: total})
    (loop,) = new.body
    assert isinstance(loop, Loop)
    assert loop.carried[0].parameter is total
    assert loop.body.params == (X, total)
    assert S not in set(bound_vars(new)) | set(free_vars(loop.body))


def test_free_variables_come_in_the_order_in_which_they_are_read() -> None:
    loop = loop_block().body[0]
    assert isinstance(loop, Loop)
    assert list(free_vars(loop.body)) == [K]
    a, b, c = map(Var, "abc")
    block = Block((), (Apply(c, np.add, (b, a)),), (c, a))
    assert list(free_vars(block)) == [b, a]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_fold_visits_blocks_between_entering_and_leaving_their_statement(backwards: bool) -> None:
    seen: list[str] = []

    def name(s: Statement) -> str:
        return s.fn.__name__ if isinstance(s, Apply) else type(s).__name__

    visit(
        loop_block(),
        enter=lambda s: seen.append(f"({name(s)}"),
        leave=lambda s: seen.append(f"{name(s)})"),
        backwards=backwards,
    )
    inside = ["(If", "(cos", "cos)", "If)"], ["(add", "add)"]
    order = [*inside[1], *inside[0]] if backwards else [*inside[0], *inside[1]]
    assert seen == ["(Loop", *order, "Loop)"]


def test_a_fold_does_not_enter_where_it_is_told_not_to() -> None:
    left: list[Statement] = []
    block = loop_block()
    visit(block, enter=lambda s: not isinstance(s, Loop), leave=left.append)
    assert left == list(block.body)


def test_other_blocks_of_a_loop_are_taken_apart_into_its_records() -> None:
    n, tested, fewer, last, flag = map(Var, ("n", "tested", "fewer", "last", "flag"))
    head = While((), tested)
    loop = Loop(head, (Carry(Const(3), n, fewer, last, tested),), (), (Collect(n, ITEMS),), flag)
    other, asked = Var("other"), Var("asked")
    new = loop.with_blocks(
        Block((asked,), (), (asked,)), Block((other,), (), (other, Const(1), Const(True)))
    )
    assert isinstance(new.head, While)
    assert new.head.truth is asked
    carry = new.carried[0]
    assert (carry.parameter, carry.next, carry.tested, carry.result) == (other, other, asked, last)
    assert isinstance(new.collected[0].item, Const)
    assert isinstance(new.stop, Const)
    assert loop.with_blocks(loop.cond, loop.body).body.results == loop.body.results
