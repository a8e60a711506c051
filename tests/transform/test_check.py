"""The check of a translation finds what is wrong, says nothing where it cannot tell, and is free of
effects."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

import s2s_grad
from s2s_grad import ArgumentError, TranslationError, grad, hvp, jvp, value_and_grad, vjp
from s2s_grad.rules import elementwise
from s2s_grad.rules.rule import table

A = np.array([1.0, 2.0, 3.0])
MODES = ("static", "tape")


def twisted(x: Any) -> Any:
    """A function whose rule is wrong."""
    return x * x * x


@pytest.fixture(autouse=True)
def wrong_rule() -> Iterator[None]:
    elementwise(twisted, x=lambda x: 3.03 * x * x)
    yield
    del table[twisted]


def wrong(x: Any) -> Any:
    return np.sum(twisted(x))


def calls(f: Any, *args: Any, **options: Any) -> dict[str, tuple[Any, Callable[[], Any]]]:
    """Return each transform of a function, and its call at these arguments."""
    ones = np.ones_like(args[0]) if isinstance(args[0], np.ndarray) else 1.0
    made = {
        name: getattr(s2s_grad, name)(f, check="first", **options)
        for name in ("grad", "value_and_grad", "vjp", "jvp", "hvp")
    }
    return {
        "grad": (made["grad"], lambda: made["grad"](*args)),
        "value_and_grad": (made["value_and_grad"], lambda: made["value_and_grad"](*args)),
        "vjp": (made["vjp"], lambda: made["vjp"](*args)),
        "jvp": (made["jvp"], lambda: made["jvp"](args, (ones,))),
        "hvp": (made["hvp"], lambda: made["hvp"](*args, ones)),
    }


def note(f: Any, *args: Any, name: str = "grad", **options: Any) -> str:
    transform, call = calls(f, *args, wrt=0, **options)[name]
    call()
    return transform.explain().splitlines()[-1].strip()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["grad", "value_and_grad", "vjp", "jvp", "hvp"])
def test_a_wrong_derivative_is_an_error(name: str, mode: str) -> None:
    _, call = calls(wrong, A, wrt=0, mode=mode)[name]
    with pytest.raises(TranslationError, match=r"derivative|Hessian") as caught:
        call()
    assert "wrong by" in str(caught.value)
    with pytest.raises(TranslationError):
        call()


@pytest.mark.parametrize("name", ["grad", "value_and_grad", "vjp", "jvp", "hvp"])
def test_a_wrong_value_is_an_error(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from s2s_grad import pipeline

    load = pipeline.load

    def spoiled(emitted: Any) -> Any:
        import dataclasses

        return load(dataclasses.replace(emitted, source=emitted.source.replace("0.25", "0.75")))

    monkeypatch.setattr(pipeline, "load", spoiled)
    f: Any = _offset
    _, call = calls(f, A, wrt=0, mode="static")[name]
    with pytest.raises(TranslationError, match=r"value is wrong by 0\.5"):
        call()


def _offset(x: Any) -> Any:
    return np.sum(x * x) + 0.25


def test_an_error_of_the_function_stays_one() -> None:
    def f(x: Any) -> Any:
        if type(x) is np.ndarray:
            raise ZeroDivisionError("of plain arrays")
        return np.sum(x)

    with pytest.raises((TranslationError, ZeroDivisionError), match="of plain arrays"):
        grad(f, mode="tape", check="first")(A)


class Pair(NamedTuple):
    a: Any
    b: Any


RIGHT: list[tuple[Any, tuple[Any, ...]]] = [
    (lambda x: np.sum(np.sin(x) * x), (A,)),
    (lambda x, k: np.sum(np.exp(x) * k), (A, 2.0)),
    (np.sum, (A,)),
    (lambda x: x * x * 1.5, (3,)),
    (lambda x: x * x * 1.5, (2.0,)),
    (lambda x: np.sum(x) ** 2, (np.zeros(3),)),
    (lambda x: np.sum(np.log(x)), (np.array([1e-9, 1.0, 1e9]),)),
    (lambda x: np.max(x) * np.min(x), (A,)),
    (lambda x: np.sum(x**2) * 1e-30, (A,)),
    (lambda x: np.sum(x**2) * 1e30, (A,)),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("f", "args"), RIGHT)
def test_what_is_right_is_checked(f: Any, args: tuple[Any, ...], mode: str) -> None:
    for transform, call in calls(f, *args, wrt=0, mode=mode).values():
        call()
        assert transform.explain().splitlines()[-1].strip() == "checked against the function"


@pytest.mark.parametrize("mode", MODES)
def test_containers_and_complex_numbers(mode: str) -> None:
    def f(p: Any) -> Any:
        return np.sum(p["w"].a * p["w"].b[0]) + p["n"] * p["k"]

    p = {"w": Pair(A, [A * 2]), "n": 2, "k": 0.5}
    assert note(f, p, mode=mode) == "checked against the function"

    def g(z: Any) -> Any:
        return np.sum(np.abs(z) ** 2 + (z * z).real)

    assert note(g, A * (1 + 2j), mode=mode) == "checked against the function"

    def h(z: Any) -> Any:
        return z * z, {"a": np.conj(z), "n": 3}

    assert note(h, A * (1 + 2j), name="vjp", mode=mode) == "checked against the function"


def quantised(x: Any) -> Any:
    return np.sum(np.floor(x * 1e6) / 1e6 + np.round(x, 8) + x)


def newton(a: Any) -> Any:
    x = 1.0
    while abs(x * x - a) > 1e-8:
        x = 0.5 * (x + a / x)
    return x


KINKS: list[tuple[Any, Any]] = [
    (lambda x: np.sum(np.abs(x - 2)), A),
    (lambda x: np.max(x), np.ones(4)),
    (lambda x: np.linalg.norm(x - A), A),
    (lambda x: np.sum(np.sqrt(x - 1)), A),
    (lambda x: np.sum(np.maximum(x, 0.0)), np.array([0.0, 1e-9, -1e-7])),
    (lambda x: np.sum(np.where(x > 0, np.log(x), 0.0)), np.array([0.0, 1.0])),
    (lambda x: np.sum(x.astype(np.float32)) * 1.5, A),
    (quantised, A),
    (newton, 2.0),
    (lambda x: np.sum(np.sort(x) * np.arange(3)), np.ones(3)),
    (lambda x: np.arccos(x), 1.0),
    (lambda x: np.cbrt(x), 0.0),
    (lambda x: np.sum(np.sin(1e13 * x)), A),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("f", "x"), KINKS)
def test_no_alarm_near_kinks(f: Any, x: Any, mode: str) -> None:
    with np.errstate(all="ignore"):
        for transform, call in calls(f, x, wrt=0, mode=mode).values():
            call()
            assert "check" in transform.explain()


def test_the_function_leaves_no_traces(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[int] = []
    generator = np.random.default_rng(0)

    class Model:
        calls = 0

        def loss(self, x: Any) -> Any:
            self.calls += 1
            return np.sum(x * x)

    def prints(x: Any) -> Any:
        print("once")
        return np.sum(x)

    def appends(x: Any) -> Any:
        seen.append(1)
        return np.sum(x)

    def draws(x: Any) -> Any:
        return np.sum(x * generator.normal(size=3))

    def draws_from_numpy(x: Any) -> Any:
        return np.sum(x) * np.random.rand()

    def draws_from_python(x: Any) -> Any:
        return np.sum(x) * random.random()

    model = Model()
    for f in (prints, appends, draws, draws_from_numpy, draws_from_python, model.loss):
        assert note(f, A, mode="tape").startswith("not checked: the function ")
    assert capsys.readouterr().out == "once\n"
    assert seen == [1]
    assert model.calls == 1
    other = np.random.default_rng(0)
    other.normal(size=3)
    assert other.normal() == generator.normal()


def test_arguments_stay_as_they_are() -> None:
    def f(x: Any) -> Any:
        x[0] = x[1] * x[2]
        return np.sum(x * x)

    x = A.copy()
    grad(f, check="always", mode="tape")(x)
    np.testing.assert_array_equal(x, A)


def test_when_it_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    from s2s_grad.transform.check import translation

    made: list[str] = []
    verify = translation.verify
    monkeypatch.setattr(translation, "verify", lambda *a: made.append("") or verify(*a))
    first, always = value_and_grad(np.sum, check="first"), value_and_grad(np.sum, check="always")
    for _ in range(3):
        first(A)
    first(np.ones((2, 3)))
    assert len(made) == 2
    for _ in range(3):
        always(A)
    assert len(made) == 5
    monkeypatch.setenv("S2S_GRAD_CHECK", "first")
    grad(np.sum)(A)
    assert len(made) == 6
    grad(np.sum, check="off")(A)
    assert len(made) == 6
    monkeypatch.setenv("S2S_GRAD_CHECK", "sometimes")
    with pytest.raises(ArgumentError, match="sometimes"):
        grad(np.sum)
    with pytest.raises(ArgumentError, match="never"):
        grad(np.sum, check="never")


def test_options_and_nesting() -> None:
    def f(x: Any, k: float = 2.0) -> Any:
        return np.sum(x**3) * k, {"norm": np.sum(x)}

    gradient, aux = grad(f, has_aux=True, check="always")(A, k=3.0)
    np.testing.assert_allclose(gradient, 9 * A**2)
    assert aux["norm"] == 6.0
    twice = grad(grad(lambda x: x**4, check="first"), check="first")
    assert twice(2.0) == 48.0
    inside = grad(lambda x: grad(lambda y: y**3, check="first")(x) * x, check="first")
    assert inside(2.0) == 36.0
    _, tangent = jvp(lambda x, y: x * y, check="first")((A, 2.0), (A, 1.0))
    np.testing.assert_allclose(tangent, 3 * A)
    _, pull = vjp(lambda x: (x, x * x), check="first")(A)
    np.testing.assert_allclose(pull((A, A)), A + 2 * A * A)
    np.testing.assert_allclose(hvp(lambda x: np.sum(x**3), check="first")(A, 1e6 * A), 6e6 * A * A)


def test_warnings_as_errors() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert note(lambda x: np.sum(np.log(x)), np.array([1e-8, 1.0])) == (
            "checked against the function"
        )
