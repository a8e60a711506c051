"""How other code takes part in a lowering: objects that lower their own calls, functions apart."""

from __future__ import annotations

import numpy as np
import pytest
from lowering_support import agree, lower_for, run

from s2s_grad.errors import UnsupportedSyntax
from s2s_grad.ir.evaluate import evaluate
from s2s_grad.ir.nodes import Apply, Effect, Function, If, Loop, Pack
from s2s_grad.ir.types import Array, Scalar
from s2s_grad.ir.walk import free_vars, statements_of
from s2s_grad.lower import lower_apart, opened, parameters_of

X = np.array([0.5, -1.25, 2.0])


class Squared:
    def __init__(self, f):
        self.f = f

    def __call__(self, *args):
        return self.f(*args) ** 2

    def __s2s_lower__(self, lowerer, args, kwargs):
        value = lowerer.call(self.f, args, kwargs)
        return lowerer.call(np.multiply, (value, value))


def squared(f):
    return Squared(f)


squared.__s2s_static__ = True


class Apart:
    """Records the function that it was lowered to."""

    def __init__(self):
        self.functions: list[Function] = []

    def __s2s_lower__(self, lowerer, args, kwargs):
        function, *rest = args
        named = {key: opened(lowerer, value) for key, value in kwargs.items()}
        values = tuple(opened(lowerer, value) for value in rest)
        positional = parameters_of(function.value).arguments(values, named)
        wrt = (*positional, *named)
        name = function.value.__name__
        self.functions.append(lower_apart(lowerer, function.value, positional, named, name, wrt))
        return rest[0]


APART = Apart()
SQUARED = Squared(np.sin)


def calls_an_object(x):
    return SQUARED(x) + 1


def wraps_a_local_function(x):
    k = x[0]
    return squared(lambda y: y * k)(x) + squared(np.sin)(x)


def lowers_apart(x):
    k = x[0] * 2

    def inner(y, pair, name="id"):
        a, b = pair
        return y * k + a * b

    return APART(inner, x, (x, 2.0), name="other")


def test_an_object_lowers_its_own_call():
    agree(calls_an_object, X)
    agree(wraps_a_local_function, X)
    program = lower_for(calls_an_object, X)
    assert [s.fn for s in program.block.body] == [np.sin, np.multiply, np.add]


def test_a_run_time_argument_of_a_compile_time_function_is_refused():
    def f(x):
        return squared(x)

    with pytest.raises(UnsupportedSyntax, match="only known when the program runs"):
        lower_for(f, X)


def test_a_function_apart():
    APART.functions.clear()
    lower_for(lowers_apart, X)
    function = APART.functions[-1]
    assert [p.name for p in function.params] == ["y", "pair"]
    assert isinstance(function.params[0].var.type, Array)
    assert [var.hint for var in free_vars(function.block)] == ["k"]
    assert function.name == "inner"


def sums(x):
    total = 0.0
    unused = 0.0
    for v in x:
        t = v * 2
        total = total + t
        unused = t  # noqa: F841
    return total


def test_a_loop_carries_what_is_read():
    program = lower_for(sums, X)
    (loop,) = [s for s in program.block.body if isinstance(s, Loop)]
    assert [carry.parameter.hint for carry in loop.carried] == ["total"]
    assert loop.carried[0].parameter.type == Array(np.dtype(float), ())
    assert [var.hint for var in loop.elements] == ["v"]
    assert loop.origin.line.text == "for v in x"
    assert not loop.stop


def counts(x, n):
    k = 0
    while k < n:
        k += 1
    return k


def test_a_while_has_its_condition_in_a_block():
    program = lower_for(counts, X, 4)
    (loop,) = program.block.body
    assert loop.cond is not None
    assert len(loop.cond.params) == len(loop.carried) == 1
    assert loop.carried[0].parameter.type == Scalar("int")
    assert loop.origin.line.text == "while k < n"


def guards(x):
    if x[0] > 0:
        return x * 2
    y = x + 1
    return y * y


def test_what_follows_a_return_is_in_the_other_branch():
    program = lower_for(guards, X)
    (branch,) = [s for s in program.block.body if isinstance(s, If)]
    assert [s.fn for s in branch.then.body] == [np.multiply]
    assert [s.fn for s in branch.orelse.body] == [np.add, np.multiply]
    assert branch.origin.line.text == "if x[0] > 0"
    assert program.block.results == branch.results


def loops_with_break(x, tol):
    y = x[0]
    while True:
        step = y / 2
        y = y - step
        if abs(step) < tol:
            break
    return y


def test_a_break_is_the_stop_flag():
    program = lower_for(loops_with_break, X, 0.01)
    (loop,) = [s for s in program.block.body if isinstance(s, Loop)]
    assert loop.stop
    assert [carry.parameter.hint for carry in loop.carried] == ["y"]
    assert not [s for s in statements_of(loop.body) if isinstance(s, If)]


def test_effects_stay_in_order():
    def f(x):
        print("a")
        y = x * 2
        print("b", y[0])
        assert y[0] > 0, "message"
        return y

    program = lower_for(f, X)
    kinds = [type(s) for s in program.block.body]
    assert kinds == [Effect, Apply, Apply, Effect, Apply, Apply, Effect]
    agree(f, X)
    agree(f, -X)


def test_results_may_be_containers():
    def f(x):
        return {"a": (x, 1), "b": [x * 2]}

    (tree,) = lower_for(f, X).block.results
    assert isinstance(tree, Pack)
    assert tree.keys == ("a", "b")


def test_lowering_twice_gives_the_same_program():
    first, second = lower_for(sums, X), lower_for(sums, X)
    assert [type(s) for s in statements_of(first.block)] == [
        type(s) for s in statements_of(second.block)
    ]
    assert evaluate(first, X) == evaluate(second, X) == run(sums, X)
