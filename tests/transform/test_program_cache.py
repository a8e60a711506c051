"""Compiled programs are found again where nothing that matters changed, and only there."""

from __future__ import annotations

import dataclasses
import functools
import gc
import math
import types
import weakref
from collections.abc import Generator
from typing import Any, NamedTuple

import numpy as np
import pytest

from s2s_grad import grad, hvp, jvp, pipeline, value_and_grad, vjp
from s2s_grad.errors import UnsupportedSyntax
from s2s_grad.ir.watch import watched_by
from s2s_grad.transform import compiling

A = np.array([1.0, 2.0, 3.0])
SCALE = 2.0
TABLE = {"k": 2.0}
ITEMS = [1.0, 2.0]


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The modes of the derivatives that were compiled."""
    made: list[str] = []
    build = compiling.Compiling._build

    def counted(self: Any, *args: Any) -> Any:
        made.append(self.kind.name)
        return build(self, *args)

    monkeypatch.setenv("S2S_GRAD_CHECK", "off")
    monkeypatch.setattr(compiling.Compiling, "_build", counted)
    return made


def slope(f: Any, x: Any = 1.0) -> float:
    return float(grad(f, mode="static")(x))


# ------------------------------------------------------------------------ what is found again


def test_a_derivative_made_anew_is_not_compiled_again(compilations: list[str]) -> None:
    def f(x: Any, k: Any) -> Any:
        return np.sum(x**2) * k

    for _ in range(3):
        value, gradient = value_and_grad(f)(A, 2.0)
        assert value == 28.0
        np.testing.assert_array_equal(gradient, 4 * A)
    assert compilations == ["value_and_grad"]
    value_and_grad(f)(np.ones(7), 2.0)
    assert len(compilations) == 1
    value_and_grad(f)(np.ones((2, 7)), 2.0)
    assert len(compilations) == 2
    value_and_grad(f, wrt="k")(A, 2.0)
    value_and_grad(f, wrt=("x", "k"))(A, 2.0)
    value_and_grad(f, wrt=("x",))(A, 2.0)
    assert len(compilations) == 5


@pytest.mark.parametrize("transform", [grad, value_and_grad, vjp])
def test_each_transform_finds_its_own(transform: Any, compilations: list[str]) -> None:
    def f(x: Any) -> Any:
        return np.sum(x * x)

    for _ in range(2):
        transform(f)(A)
    for _ in range(2):
        jvp(f)((A,), (A,))
        hvp(f)(A, A)
    assert compilations == [transform.__name__, "jvp", "hvp"]


def test_modes_find_the_same_programs(compilations: list[str]) -> None:
    def f(x: Any) -> Any:
        return np.sum(x * x)

    for mode in ("auto", "static", "auto"):
        np.testing.assert_array_equal(grad(f, mode=mode)(A), 2 * A)
    assert compilations == ["grad"]


def test_derivatives_of_a_function_share_its_own_program(monkeypatch: pytest.MonkeyPatch) -> None:
    lowered: list[Any] = []
    lower = pipeline.lower_primal

    def counted(*args: Any, **options: Any) -> Any:
        lowered.append(args)
        return lower(*args, **options)

    scale = 3.0

    def f(x: Any) -> Any:
        return scale * np.sum(x * x)

    monkeypatch.setattr(pipeline, "lower_primal", counted)
    np.testing.assert_array_equal(grad(f)(A), 6 * A)
    assert value_and_grad(f)(A)[0] == 42.0
    np.testing.assert_array_equal(hvp(f)(A, A), 6 * A)
    assert len(lowered) == 1
    scale = 5.0
    assert jvp(f)((A,), (A,)) == (70.0, 140.0)
    np.testing.assert_array_equal(grad(f)(A), 10 * A)
    assert len(lowered) == 2
    grad(f)(2.0)
    assert len(lowered) == 3


def test_what_is_found_again_is_explained(compilations: list[str]) -> None:
    def f(x: Any, n: int) -> Any:
        return sum(x * i for i in range(n))

    first, second = grad(f), grad(f)
    assert first(2.0, 3) == second(2.0, 3) == 3.0
    assert len(compilations) == 1
    assert second.explain() == first.explain()
    assert second.source == first.source


def test_ints_that_decide_the_program(compilations: list[str]) -> None:
    def f(x: Any, n: int) -> Any:
        parts = (np.sum(x), x[0] * n, 3.0 * x)
        return np.sum(parts[n] * 1.0)

    for n, expected in ((0, 1.0), (2, 3.0), (0, 1.0), (2, 3.0)):
        np.testing.assert_allclose(grad(f)(A, n), expected)
    assert len(compilations) == 2


@pytest.fixture
def unwatched() -> Generator[None]:
    """Nobody looks on, who would keep programs."""
    with watched_by(lambda step, program: None):
        yield


@pytest.mark.usefixtures("unwatched")
def test_functions_are_not_kept_alive() -> None:
    def make() -> Any:
        data = np.ones(5)

        def f(x: Any) -> Any:
            return np.sum(x * data)

        grad(f)(np.ones(5))
        return weakref.ref(f)

    made = make()
    gc.collect()
    assert made() is None


def test_wrappers_have_programs_of_their_own() -> None:
    def f(x: Any) -> Any:
        return x * x

    assert slope(f) == 2.0

    @functools.wraps(f)
    def g(x: Any) -> Any:
        return f(x) * 3.0

    assert slope(g) == 6.0
    assert slope(f) == 2.0


# ------------------------------------------------------------------------- what is compiled anew


class Model:
    scale = 2.0

    def __call__(self, x: Any) -> Any:
        return x * x * self.scale

    def method(self, x: Any) -> Any:
        return x * self.scale

    @property
    def half(self) -> float:
        return 0.5


class Derived(Model):
    pass


def test_call_of_a_class(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Derived()
    derivative = grad(model, mode="static")
    assert derivative(1.0) == 4.0

    def inside(x: Any) -> Any:
        return model(x) + 1.0

    outer = grad(inside, mode="static")
    assert outer(1.0) == 4.0
    monkeypatch.setattr(Model, "__call__", lambda self, x: x * 7.0)
    assert derivative(1.0) == 7.0
    assert outer(1.0) == 7.0
    monkeypatch.setattr(Derived, "__call__", lambda self, x: x * 8.0, raising=False)
    assert derivative(1.0) == 8.0
    assert outer(1.0) == 8.0


def test_attributes_of_classes_and_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Derived()

    def f(x: Any) -> Any:
        return model.method(x) * model.half

    derivative = grad(f, mode="static")
    assert derivative(1.0) == 1.0
    monkeypatch.setattr(Model, "scale", 4.0)
    assert derivative(1.0) == 2.0
    model.scale = 6.0
    assert derivative(1.0) == 3.0
    monkeypatch.setattr(Model, "half", property(lambda self: 2.0))
    assert derivative(1.0) == 12.0
    monkeypatch.setattr(Derived, "method", lambda self, x: x, raising=False)
    assert derivative(1.0) == 2.0
    model.method = lambda x: 3.0 * x  # type: ignore[method-assign]
    assert derivative(1.0) == 6.0


def test_operators_of_a_class(monkeypatch: pytest.MonkeyPatch) -> None:
    class Box:
        def __init__(self, value: Any) -> None:
            self.value = value

        def __add__(self, other: Any) -> Any:
            return self.value + other

        def __getitem__(self, i: int) -> Any:
            return self.value * i

        def __len__(self) -> int:
            return 2

    box = Box(1.0)

    def f(x: Any) -> Any:
        return (box + x) * box[2] * len(box)

    derivative = grad(f)
    assert derivative(1.0) == 4.0
    monkeypatch.setattr(Box, "__add__", lambda self, other: self.value + 2 * other)
    assert derivative(1.0) == 8.0
    monkeypatch.setattr(Box, "__getitem__", lambda self, i: 1.0)
    assert derivative(1.0) == 4.0
    monkeypatch.setattr(Box, "__len__", lambda self: 3)
    assert derivative(1.0) == 6.0


def test_functions_that_change() -> None:
    def helper(x: Any, k: float = 2.0, *, j: float = 1.0) -> Any:
        return x * k * j

    def f(x: Any, scale: float = 1.0) -> Any:
        return helper(x) * scale

    derivative = grad(f, mode="static")
    assert derivative(1.0) == 2.0
    helper.__defaults__ = (3.0,)
    assert derivative(1.0) == 3.0
    helper.__kwdefaults__ = {"j": 2.0}
    assert derivative(1.0) == 6.0
    f.__defaults__ = (10.0,)
    assert derivative(1.0) == 60.0
    assert slope(f) == 60.0

    def other(x: Any, k: float = 2.0, *, j: float = 1.0) -> Any:
        return x * 5.0

    helper.__code__ = other.__code__
    assert derivative(1.0) == 50.0


def test_closures_and_globals(monkeypatch: pytest.MonkeyPatch) -> None:
    k = 2.0

    def f(x: Any) -> Any:
        return x * k * SCALE * TABLE["k"] * ITEMS[1] * len(ITEMS)

    derivative = grad(f, mode="static")
    assert derivative(1.0) == 32.0
    k = 3.0
    assert derivative(1.0) == 48.0
    assert slope(f) == 48.0
    monkeypatch.setitem(globals(), "SCALE", 4.0)
    assert derivative(1.0) == 96.0
    monkeypatch.setitem(TABLE, "k", 1.0)
    assert derivative(1.0) == 48.0
    ITEMS.append(1.0)
    assert derivative(1.0) == 72.0
    ITEMS.pop()
    assert derivative(1.0) == slope(f) == 48.0


def test_modules_and_partials(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("module")
    module.k = 2.0  # type: ignore[attr-defined]
    settings = functools.partial(math.pow, 2.0)
    holder = {"f": settings}

    def f(x: Any) -> Any:
        return x * module.k * holder["f"](2.0)

    derivative = grad(f, mode="static")
    assert derivative(1.0) == 8.0
    module.k = 3.0  # type: ignore[attr-defined]
    assert derivative(1.0) == 12.0
    holder["f"] = functools.partial(math.pow, 3.0)
    assert derivative(1.0) == 27.0


def test_bases_of_a_class() -> None:
    class A1:
        def f(self, x: Any) -> Any:
            return 2.0 * x

    class A2:
        def f(self, x: Any) -> Any:
            return 3.0 * x

    class B(A1):
        def f(self, x: Any) -> Any:
            return super().f(x)

    b = B()
    derivative = grad(lambda x: b.f(x), mode="tape")
    assert derivative(1.0) == 2.0
    B.__bases__ = (A2,)
    assert derivative(1.0) == 3.0
    b.__class__ = A1
    assert derivative(1.0) == 2.0


def test_arrays_of_a_module() -> None:
    big, small = np.ones(1000), np.ones(2)

    def f(x: Any) -> Any:
        return x * np.sum(big) + x * small[0]

    derivative = grad(f, mode="static")
    assert derivative(1.0) == 1001.0
    big[0] = 11.0
    assert derivative(1.0) == 1011.0
    small[0] = 3.0
    assert derivative(1.0) == 1013.0


@pytest.mark.usefixtures("unwatched")
def test_compiled_code_goes_with_what_its_defaults_refer_to() -> None:
    def made() -> Any:
        class Holder:
            pass

        held = Holder()

        def f(x: Any, holder: Any = held) -> Any:
            return x * x

        held.f = f  # type: ignore[attr-defined]
        assert jvp(f)((2.0,), (1.0,)) == (4.0, 4.0)
        return weakref.ref(f)

    gone = made()
    gc.collect()
    assert gone() is None


@dataclasses.dataclass
class Scaled:
    value: float
    factor: float = 2.0


class Named(NamedTuple):
    value: float
    factor: float = 2.0


class MadeOtherwise(Named):
    def __new__(cls, value, factor=1.0):
        return super().__new__(cls, value, 3.0 * factor)


def test_defaults_of_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    def of_dataclass(k):
        p = Scaled(k)
        return p.value * p.factor

    def of_named_tuple(k):
        p = Named(k)
        return p.value * p.factor

    for f, maker in ((of_dataclass, Scaled.__init__), (of_named_tuple, Named.__new__)):
        derivative = grad(f, mode="static")
        assert derivative(3.0) == 2.0
        monkeypatch.setattr(maker, "__defaults__", (5.0,))
        assert derivative(3.0) == grad(f, mode="tape")(3.0) == 5.0


def test_tuples_that_are_made_otherwise() -> None:
    def f(k):
        p = MadeOtherwise(k, k)
        return p.value * p.factor

    with pytest.raises(UnsupportedSyntax, match="in a way of its own"):
        grad(f, mode="static")(3.0)
    assert value_and_grad(f, mode="tape")(3.0) == (27.0, 18.0)
