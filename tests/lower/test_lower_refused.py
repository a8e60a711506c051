"""What is refused: the error names the place, the reason and what to write instead."""

# ruff: noqa: F821, F841, PLC3002, RUF059, PLW0603, SIM

from __future__ import annotations

import functools

import numpy as np
import pytest
from lowering_support import agree, lower_for

from s2s_grad.errors import NoSource, UnsupportedSyntax

X = np.array([0.5, -1.25, 2.0, 0.75])
COUNTER = 0
LIST = []


def attribute_assignment(x):
    x.shape = (2, 2)
    return x


def in_place_of_global(x):
    y = np.asarray(TABLE)
    y += x
    return y


TABLE = np.ones(4)


def recursion(x):
    return recursion(x / 2) if np.sum(x) > 1 else x


def local_class(x):
    class A:
        pass

    return x


def class_by_a_call(x):
    kind = type("Kind", (), {"factor": 2.0})
    return x * kind.factor


def tries(x):
    try:
        return x
    except ValueError:
        return -x


def writes_global(x):
    global COUNTER
    COUNTER = 1
    return x


def grows_a_tuple(x):
    out = ()
    for v in x:
        out = (*out, v)
    return out


def star_import(x):
    from math import pi

    def inner():
        return pi

    return x * inner() * undefined_name


def unpacks_unknown(x):
    a, *b = x
    return a


def filtered_comprehension(x):
    return len([(k, x) for k in range(3) if x[k] > 0]) * x[0]


def unlike_returns(x):
    if x[0] > 0:
        return x, x
    return x


def unlike_structure(x):
    t = (x, x)
    for v in x:
        if v > 0:
            t = (x,)
    return t[0]


def chosen_function(x):
    f = np.sin
    for v in x:
        if v > 0:
            f = np.cos
    return f(x)


def dynamic_item(x, k):
    ws = (x, np.outer(x, x))
    return ws[k]


def dynamic_key(x, k):
    return {"a": x, 1: x}[k]


def returns_function(x):
    return lambda y: x * y


def mutates_global_list(x):
    LIST.append(x)
    return x


def tolist(x):
    return x.tolist()


def evals(x):
    return eval("x")


def callback(x):
    return np.apply_along_axis(lambda v: v * 2, 0, x)


def unassigned(x):
    if False:
        y = 1.0
    return y


def deleted(x):
    y = x
    del y
    return y


def wrong_arguments(x):
    return (lambda a, b: a)(x)


def makes_objects(x):
    return Thing(x)


class Thing:
    def __init__(self, x):
        self.x = x


REFUSED = [
    (attribute_assignment, "x.shape", "did not make", ""),
    (in_place_of_global, "y += x", "belongs to the module", "copy"),
    (recursion, "recursion(", "`recursion` calls itself", "loop"),
    (local_class, "class A", "class", ""),
    (class_by_a_call, "type(", "made in the function", "outside"),
    (tries, "try:", "`try`", "`if`"),
    (writes_global, "COUNTER", "`COUNTER` belongs", ""),
    (grows_a_tuple, "out, v", "`out` grows", ""),
    (star_import, "undefined_name", "`undefined_name` is not defined", ""),
    (unpacks_unknown, "a, *b", "how many items", ""),
    (filtered_comprehension, "[(k, x)", "depends on data", "mask"),
    (unlike_returns, "def unlike_returns", "`unlike_returns` returns", ""),
    (unlike_structure, "t[0]", "`t` ", ""),
    (chosen_function, "f(x)", "`f` is another function", "each branch"),
    (mutates_global_list, "LIST.append", "belongs to the module", ""),
    (tolist, "x.tolist", "tolist", ""),
    (evals, "eval(", "`eval`", ""),
    (callback, "np.apply_along_axis", "a function", ""),
    (unassigned, "y", "`y` is read before", ""),
    (deleted, "y", "`y` is read before", ""),
    (wrong_arguments, "(lambda", "was not given a value for `b`", ""),
]


@pytest.mark.parametrize(
    ("fn", "code", "reason", "remedy"), REFUSED, ids=[case[0].__name__ for case in REFUSED]
)
def test_refused(fn, code, reason, remedy):
    with pytest.raises(UnsupportedSyntax) as caught:
        lower_for(fn, X)
    error = caught.value
    location = error.location
    assert location is not None
    assert location.file == __file__
    assert location.text[location.column :].startswith(code.split("\n")[0])
    assert reason in error.reason
    assert remedy in error.remedy
    assert "^" in str(error)


def test_dynamic_index_names_the_parameter():
    from s2s_grad.lower import NeedsStatic

    with pytest.raises(NeedsStatic) as caught:
        lower_for(dynamic_item, X, 1)
    assert caught.value.parameters == ("k",)
    assert caught.value.parameter == "k"
    with pytest.raises(NeedsStatic):
        lower_for(dynamic_key, X, 1)


def test_a_returned_function_is_refused():
    with pytest.raises(UnsupportedSyntax, match="returns a function"):
        lower_for(returns_function, X)


def test_no_source():
    with pytest.raises(NoSource, match="not available"):
        lower_for(eval("lambda x: x"), X)
    with pytest.raises(NoSource):
        lower_for(functools.partial(eval("lambda x: x")), X)


def keeps_augmenting(x):
    def total(v):
        s = v * 1
        s += v
        return s

    s = np.zeros(4)
    t = 0.0
    for v in x:
        s += v
        t += v
    y = x * 2
    y -= total(y)
    return s, t, y


def float32_stays(x):
    s = np.zeros(4, dtype=np.float32)
    s += x
    s *= np.float64(1.1)
    return s


def test_harmless_augmented_assignments():
    agree(keeps_augmenting, X)
    agree(float32_stays, X)
    assert lower_for(float32_stays, X).block.results[0].type.dtype == np.float32


def unreachable_refusals(x):
    if x.ndim == 2:
        x[0] = 1.0
    return x


def unread_conflicts(x):
    t = None
    if x[0] > 0:
        t = (x, x)
    for v in x:
        t = (v,)
        t = v
    return x


def test_what_is_never_reached_or_read_is_not_refused():
    agree(unreachable_refusals, X)
    agree(unread_conflicts, X)


def test_a_returned_object_is_refused():
    with pytest.raises(UnsupportedSyntax, match="returns an object of the class `Thing`"):
        lower_for(makes_objects, X)
