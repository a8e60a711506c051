"""What differs between the kinds of derivatives is in their records, and nowhere else."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle
from typing import Any

import pytest

from s2s_grad import ArgumentError, grad, hvp, jvp, value_and_grad, vjp
from s2s_grad.transform import GRAD, HVP, JVP, KINDS, VALUE_AND_GRAD, VJP, Kind
from s2s_grad.transform.asked import asked_of
from s2s_grad.transform.check import translation

CALLS = [
    (GRAD, (1.0, 2.0), {"k": 3}),
    (VALUE_AND_GRAD, (1.0,), {}),
    (VJP, (), {"x": 1.0}),
    (JVP, ((1.0, 2.0), (3.0,)), {}),
    (HVP, (1.0, 2.0, (3.0, 4.0)), {"k": 5}),
]


def product(x: Any, y: Any, k: int = 2) -> Any:
    return x**k * y


@pytest.mark.parametrize(("kind", "args", "kwargs"), CALLS, ids=lambda x: getattr(x, "name", None))
def test_arguments_are_put_together_as_they_were(kind: Kind, args: Any, kwargs: Any) -> None:
    assert kind.join(kind.separate(*args, **kwargs)) == (args, kwargs)


def test_vectors_are_no_arguments_of_the_function() -> None:
    given = JVP.separate((1.0, 2.0), [3.0])
    assert (given.args, given.vectors) == ((1.0, 2.0), (3.0,))
    given = HVP.separate(1.0, 2.0, 3.0, k=4)
    assert (given.args, given.kwargs, given.vectors) == ((1.0, 2.0), {"k": 4}, (3.0,))


def test_a_tangent_for_each_argument_differentiates_by_all() -> None:
    assert JVP.wrt(None, JVP.separate((1.0, 2.0), (3.0, 4.0))) == (0, 1)
    assert JVP.wrt(None, JVP.separate((1.0, 2.0), (3.0,))) == 0
    assert JVP.wrt(1, JVP.separate((1.0, 2.0), (3.0, 4.0))) == 1


@pytest.mark.parametrize("call", [(), (1.0, 2.0), ((1.0,),), ((1.0,), (1.0,), 2.0)])
def test_a_call_of_jvp_that_does_not_fit(call: Any) -> None:
    with pytest.raises(ArgumentError, match="a tuple of arguments and a tuple of tangents"):
        jvp(math.exp)(*call)


def test_a_call_of_hvp_without_a_vector() -> None:
    with pytest.raises(ArgumentError, match="needs the arguments of f and a vector"):
        hvp(math.exp)()


def test_kinds_are_told_apart_by_name() -> None:
    assert list(KINDS) == ["grad", "value_and_grad", "vjp", "jvp", "hvp"]
    assert all(kind.name == name for name, kind in KINDS.items())
    with pytest.raises(dataclasses.FrozenInstanceError):
        GRAD.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize("make", [grad, value_and_grad, vjp, jvp, hvp])
def test_a_transform_says_its_kind_and_its_mode(make: Any) -> None:
    made = make(product, mode="static")
    assert (made.kind, made.mode) == (KINDS[make.__name__], "static")
    assert repr(made) == f"<{make.__name__} of product with respect to x>"


def test_what_is_asked_for_is_resolved_to_names() -> None:
    asked = asked_of(product, "grad", (-2, "x"), False, valued=False)
    assert (asked.request.wrt, asked.request.single) == (("y", "x"), False)
    assert asked.title == "grad of `product`"
    assert asked.bind((1.0,), {"y": 2.0}) == {"x": 1.0, "y": 2.0}


@pytest.mark.parametrize("wrt", ["z", 3, True, (0, "x"), 1.5, None])
def test_what_is_no_parameter(wrt: Any) -> None:
    with pytest.raises(ArgumentError, match="wrt="):
        grad(product, wrt=wrt)


def test_there_may_be_a_value_without_a_derivative() -> None:
    assert value_and_grad(product, wrt=())(2.0, 3.0) == (12.0, ())
    for make in (grad, hvp):
        with pytest.raises(ArgumentError, match="no parameter"):
            make(product, wrt=())


@pytest.mark.parametrize("twice", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_pickled_jvp_is_by_all_arguments_as_before(twice: Any) -> None:
    again = twice(jvp(product))
    assert again((2.0, 3.0), (1.0, 1.0)) == jvp(product)((2.0, 3.0), (1.0, 1.0)) == (12.0, 16.0)


def test_what_ran_last_is_shown_also_where_it_is_by_all_arguments() -> None:
    d = jvp(product)
    d((2.0, 3.0), (1.0, 1.0))
    assert "y_dot" in d.source
    d((2.0, 3.0), (1.0,))
    assert "y_dot" not in d.source
    assert d.explain().count("compiled") == 3


def test_a_check_of_one_wrt_is_none_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    verify = translation.verify
    monkeypatch.setattr(translation, "verify", lambda *a: made.append(a) or verify(*a))
    d = jvp(product, check="first")
    for _ in range(2):
        assert d((2.0, 3.0), (1.0,)) == (12.0, 12.0)
        assert d((2.0, 3.0), (1.0, 1.0)) == (12.0, 16.0)
    assert [call.asked.request.wrt for call, *_ in made] == [("x",), ("x", "y")]
