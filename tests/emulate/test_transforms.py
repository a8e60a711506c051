"""`mode="tape"` and the fall-back of `mode="auto"`: the results that compiled code gives."""

from __future__ import annotations

import copy
import importlib
import math
import pickle
import subprocess
import sys
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import s2s_grad
from s2s_grad import (
    ArgumentError,
    FallbackWarning,
    MissingRule,
    OutputError,
    S2SError,
    UnsupportedSyntax,
    ZeroGradientWarning,
    grad,
    hvp,
    jvp,
    tape,
    value_and_grad,
    vjp,
)

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS / "kernels"), str(TESTS / "programs"), str(TESTS / "rules")]
KERNELS: list[Any] = [
    kernel
    for path in sorted((TESTS / "kernels").glob("*.py"))
    if path.stem not in ("conftest", "kernel", "test_kernels")
    for kernel in importlib.import_module(path.stem).KERNELS
]
X = np.array([0.5, 1.5])


@pytest.mark.parametrize("kernel", KERNELS, ids=[kernel.name for kernel in KERNELS])
def test_kernel(kernel: Any) -> None:
    """Published kernels as people write them, filling arrays and writing into arguments."""
    args = kernel.arguments(np.random.default_rng(zlib.crc32(kernel.name.encode())))
    given = copy.deepcopy(args)
    value, gradients = value_and_grad(kernel.objective, kernel.wrt, mode="tape")(*given)
    for before, after in zip(args, given, strict=True):
        if isinstance(before, np.ndarray):
            assert before.tobytes() == after.tobytes(), "an argument was changed"
    np.testing.assert_allclose(value, kernel.objective(*copy.deepcopy(args)), rtol=1e-12)
    rng = np.random.default_rng(0)
    for place, gradient in zip(kernel.wrt, gradients, strict=True):
        assert type(gradient) is type(args[place])
        direction = rng.normal(size=np.shape(args[place]))

        def along(step: float, place: int = place, direction: Any = direction) -> float:
            moved = list(copy.deepcopy(args))
            moved[place] = moved[place] + step * direction
            if isinstance(args[place], float):
                moved[place] = float(moved[place])
            return float(kernel.objective(*moved))

        coarse, fine = ((along(h) - along(-h)) / (2 * h) for h in (1e-4, 5e-5))
        expected = (4 * fine - coarse) / 3
        scale = 1 + float(np.linalg.norm(gradient))
        np.testing.assert_allclose(
            np.sum(gradient * direction), expected, rtol=1e-6, atol=1e-8 * scale
        )


def _programs() -> list[Any]:
    module = importlib.import_module("test_language")
    return [
        pytest.param(f, args, places, id=f"{f.__name__}-{i}")
        for i, (f, args, places) in enumerate(module.PROGRAMS)
    ]


def _kinds(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [type(value), *(_kinds(item) for item in value)]
    if isinstance(value, dict):
        return {key: _kinds(item) for key, item in value.items()}
    return (isinstance(value, np.ndarray), np.shape(value), np.asarray(value).dtype)


def _flat(value: Any) -> Any:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (tuple, list)):
        return np.concatenate([_flat(v) for v in value]) if value else np.zeros(0)
    return np.ravel(np.asarray(value, float))


@pytest.mark.parametrize(("f", "args", "places"), _programs())
def test_the_same_as_compiled(f: Any, args: Any, places: Any) -> None:
    static = grad(f, tuple(places), mode="static")(*copy.deepcopy(args))
    taped = grad(f, tuple(places), mode="tape")(*copy.deepcopy(args))
    assert _kinds(taped) == _kinds(static)
    np.testing.assert_allclose(_flat(taped), _flat(static), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("seed", range(15))
def test_random_programs(seed: int) -> None:
    generator = importlib.import_module("generator")
    program, _ = generator.random_program(seed)
    args = generator.arguments(seed)
    static = grad(program, (0, 1, 2), mode="static")(*copy.deepcopy(args))
    taped = grad(program, (0, 1, 2), mode="tape")(*copy.deepcopy(args))
    np.testing.assert_allclose(_flat(taped), _flat(static), rtol=1e-9, atol=1e-11)


# ------------------------------------------------------------------------------------ transforms


def cubes(x, y):
    return np.sum(x**3 * y)


def test_every_transform_agrees():
    y = np.array([2.0, -1.0])
    for wrt in (0, 1, (0, 1), "y"):
        for transform in (grad, value_and_grad):
            a = transform(cubes, wrt, mode="tape")(X, y)
            b = transform(cubes, wrt, mode="static")(X, y)
            assert _kinds(a) == _kinds(b)
            np.testing.assert_allclose(_flat(a), _flat(b), rtol=1e-12)
    vector = (np.array([1.0, 2.0]), np.array([0.5, 0.25]))
    for mode in ("tape", "static"):
        found = hvp(cubes, (0, 1), mode=mode)(X, y, vector)
        np.testing.assert_allclose(found[0], 6 * X * y * vector[0] + 3 * X**2 * vector[1])
        np.testing.assert_allclose(found[1], 3 * X**2 * vector[0])
        value, tangent = jvp(cubes, mode=mode)((X, y), vector)
        np.testing.assert_allclose(value, cubes(X, y))
        np.testing.assert_allclose(tangent, np.sum(3 * X**2 * y * vector[0] + X**3 * vector[1]))
        value, pullback = vjp(lambda x: {"a": x * 2, "b": np.sum(x)}, mode=mode)(X)
        assert pullback({"a": np.ones(2), "b": 3.0}).tolist() == [5.0, 5.0]
        assert pullback({"a": np.zeros(2), "b": 1.0}).tolist() == [1.0, 1.0]  # a second time


def test_has_aux():
    def f(x):
        return np.sum(x * x), {"twice": x * 2, "name": "f"}

    gradient, aux = grad(f, mode="tape", has_aux=True)(X)
    np.testing.assert_allclose(gradient, 2 * X)
    assert type(aux["twice"]) is np.ndarray
    assert aux["name"] == "f"
    (value, aux), gradient = value_and_grad(f, mode="tape", has_aux=True)(X)
    assert value == np.sum(X * X)


@pytest.mark.parametrize(
    ("point", "kind"),
    [
        (3.0, float),
        (3, float),
        (np.float64(3), np.float64),
        (np.float32(3), np.float32),
        (np.array(3.0), np.ndarray),
        (np.array([3.0], np.float32), np.ndarray),
    ],
)
def test_kinds_of_gradients(point, kind):
    found = grad(lambda x: np.sum(x * x), mode="tape")(point)
    assert type(found) is kind
    assert np.shape(found) == np.shape(point)
    assert np.asarray(found) == 6.0
    if isinstance(point, (np.ndarray, np.generic)):
        assert found.dtype == point.dtype


class Pair(NamedTuple):
    w: Any
    b: Any


@dataclass(frozen=True)
class Layer:
    w: Any
    b: Any
    name: str = "layer"


@pytest.mark.parametrize(
    "make",
    [
        lambda w, b: (w, b),
        lambda w, b: [w, (b,)],
        lambda w, b: {"w": w, "b": {"inner": b}},
        Pair,
        Layer,
        lambda w, b: {"layers": [Pair(w, b)], "empty": ()},
    ],
)
def test_containers(make):
    def total(p):
        items = []

        def walk(value):
            if isinstance(value, dict):
                value = list(value.values())
            if isinstance(value, Layer):
                value = [value.w, value.b]
            if isinstance(value, (tuple, list)):
                for item in value:
                    walk(item)
            else:
                items.append(value)

        walk(p)
        return np.sum(items[0] * items[0]) + items[1] * 3.0

    found = grad(total, mode="tape")(make(X, 2.0))
    expected = make(2 * X, 3.0)
    assert type(found) is type(expected)
    if isinstance(found, Layer):
        assert found.b == 3.0
        np.testing.assert_allclose(found.w, 2 * X)
        return
    np.testing.assert_allclose(_flat(found), _flat(expected))


def test_transforms_nest():
    f = lambda x: np.sum(np.sin(x) * x)  # noqa: E731
    inner = grad(f, mode="tape")
    outer = grad(lambda x: np.sum(inner(x) * X), mode="tape")
    np.testing.assert_allclose(outer(X), (2 * np.cos(X) - np.sin(X) * X) * X, rtol=1e-12)
    second = grad(grad(lambda y: y**5, mode="tape"), mode="tape")
    third = grad(lambda x: second(x), mode="tape")
    assert third(2.0) == 240.0
    np.testing.assert_allclose(
        jvp(grad(f, mode="tape"), mode="tape")((X,), (np.ones(2),))[1],
        2 * np.cos(X) - np.sin(X) * X,
        rtol=1e-12,
    )


def test_a_compiled_derivative_of_tensors_is_recorded():
    x = tape.tensor(X, requires_grad=True)
    gradient = grad(lambda y: np.sum(y**3))(x)
    assert isinstance(gradient, tape.Tensor)
    gradient.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 6 * X)


def test_arguments_are_left_alone():
    def f(x, c):
        x *= 2
        c[0] = 7.0
        return np.sum(x * c)

    x, c = X.copy(), np.array([1.0, 2.0])
    np.testing.assert_allclose(grad(f, mode="tape")(x, c), [14.0, 4.0])
    assert x.tolist() == X.tolist()
    assert c.tolist() == [1.0, 2.0]


def test_complex_arguments_have_the_direction_of_steepest_ascent():
    def f(z):
        return np.real(z * z) + np.abs(z) ** 2

    for z in (1 + 2j, np.complex128(1 + 2j), np.array(1 + 2j)):
        found = grad(f, mode="tape")(z)
        assert type(found) is type(z)
        assert found == (2 - 4j) + (2 + 4j)
    z = np.array([1 + 2j, 3j])
    np.testing.assert_allclose(grad(lambda z: np.sum(f(z)), mode="tape")(z), [4, 0], atol=1e-12)
    _, pullback = vjp(lambda z: z * (1 + 1j), mode="tape")(z)
    np.testing.assert_allclose(pullback(np.ones(2) * 1j), np.full(2, 1j * (1 - 1j)))
    with pytest.raises(ArgumentError, match="complex"):
        jvp(f, mode="tape")((1 + 2j,), (1.0,))
    real = grad(lambda x: np.abs(np.exp(1j * x) + x), mode="tape")(0.5)
    w = np.exp(0.5j) + 0.5
    assert real == pytest.approx((np.conj(w) * (1j * np.exp(0.5j) + 1)).real / abs(w), rel=1e-12)


def test_arguments_that_share_memory():
    def f(x, y):
        x += 1
        return np.sum(x * y)

    g = grad(f, (0, 1), mode="tape")
    with pytest.raises(ArgumentError, match="share memory"):
        g(X, X[::-1])
    np.testing.assert_allclose(g(X, X.copy())[1], X + 1)
    reads = grad(lambda x, y: np.sum(x * y), (0, 1), mode="tape")
    np.testing.assert_allclose(reads(X, X), (X, X))


def test_views_of_arguments_are_as_in_numpy():
    """What `reshape` and `ravel` return depends on the layout of the argument."""

    def f(x):
        flat = x.reshape(-1)
        flat *= 3
        return np.sum(x * x)

    whole = np.arange(1.0, 13.0).reshape(3, 4)
    views = (whole, whole[:, ::2], whole.T, whole[::2], whole[:, :3])
    for x, factor in zip(views, (18.0, 18.0, 2.0, 2.0, 2.0), strict=True):
        np.testing.assert_allclose(grad(f, mode="tape")(x), factor * x)


def test_pickling_keeps_the_mode():
    g = pickle.loads(pickle.dumps(grad(cubes, mode="tape")))
    assert g.mode == "tape"
    assert "tape" in g.explain()
    assert g.source.startswith("#")


# ------------------------------------------------------------------------------------- falling back


def by_exception(x):
    try:
        return math.log(x)
    except ValueError:
        return x * 3.0


def test_fall_back_warns_once_and_says_why():
    g = grad(by_exception)
    with pytest.warns(FallbackWarning) as caught:
        assert g(2.0) == 0.5
    (warning,) = caught
    text = str(warning.message)
    assert "test_transforms.py:" in text
    assert "try" in text
    assert Path(warning.filename).name == "test_transforms.py"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert g(-1.0) == 3.0
        assert g(4.0) == 0.25
    assert "tape" in g.explain()
    assert "try" in g.explain()
    assert g.source.startswith("#")
    compile(g.source, "source", "exec")


@pytest.mark.filterwarnings("ignore::s2s_grad.FallbackWarning")
def test_every_transform_falls_back():
    assert value_and_grad(by_exception)(2.0) == (math.log(2.0), 0.5)
    value, pullback = vjp(by_exception)(2.0)
    assert (value, pullback(4.0)) == (math.log(2.0), 2.0)
    assert jvp(by_exception)((2.0,), (3.0,)) == (math.log(2.0), 1.5)
    assert hvp(by_exception)(2.0, 1.0) == -0.25
    assert grad(grad(by_exception))(2.0) == -0.25


def test_static_raises():
    for transform in (grad, value_and_grad, vjp):
        with pytest.raises(UnsupportedSyntax):
            transform(by_exception, mode="static")(2.0)
    with pytest.raises(UnsupportedSyntax):
        jvp(by_exception, mode="static")((2.0,), (1.0,))
    with pytest.raises(UnsupportedSyntax):
        hvp(by_exception, mode="static")(2.0, 1.0)


def test_unknown_mode():
    with pytest.raises(ArgumentError, match="tape"):
        grad(by_exception, mode="dynamic")


def test_functions_without_source():
    namespace: dict[str, Any] = {}
    exec("import numpy as np\ndef f(x):\n    return np.sum(x * x)\n", namespace)
    with pytest.warns(FallbackWarning):
        assert grad(namespace["f"])(X).tolist() == [1.0, 3.0]


def generator_sum(x):
    def items():
        for i in range(len(x)):
            yield x[i] * i

    return sum(items())


def with_statement(x):
    with np.errstate(all="ignore"):
        return np.sum(np.sqrt(x))


def recursion(x, n):
    return x if n == 0 else np.sin(recursion(x, n - 1)) * x


def dynamic_attributes(x):
    class Box:
        pass

    box = Box()
    box.value = x * 2
    return np.sum(getattr(box, "value") * x)  # noqa: B009


@pytest.mark.filterwarnings("ignore::s2s_grad.FallbackWarning")
@pytest.mark.parametrize(
    ("f", "args"),
    [
        (generator_sum, (X,)),
        (with_statement, (X,)),
        (recursion, (0.7, 4)),
        (dynamic_attributes, (X,)),
    ],
)
def test_what_cannot_be_compiled_is_right(f, args):
    found = grad(f)(*args)
    x = np.asarray(args[0], float)
    for i in range(x.size):
        step = np.zeros(x.size)
        step[i] = 1e-6
        high, low = (f(*((x + s * step.reshape(x.shape))[()], *args[1:])) for s in (1, -1))
        assert np.ravel(found)[i] == pytest.approx((high - low) / 2e-6, rel=1e-6)


# ------------------------------------------------------------------------------------ bad arguments


@pytest.mark.parametrize("mode", ["tape", "auto"])
def test_mistakes_of_the_user_are_errors(mode):
    with pytest.raises(OutputError, match="jacobian"):
        grad(lambda x: x * 2, mode=mode)(X)
    with pytest.raises(OutputError):
        grad(lambda x: (np.sum(x), 1.0), mode=mode)(X)
    with pytest.raises(OutputError):
        grad(lambda x: np.sum(x) > 0, mode=mode)(X)
    with pytest.raises(ArgumentError, match="no parameter"):
        grad(lambda x: x, wrt="y", mode=mode)
    with pytest.raises(ArgumentError, match="int64"):
        grad(lambda x: np.sum(x * 1.0), mode=mode)(np.arange(3))
    with pytest.raises(ArgumentError, match="signature"):
        grad(lambda x: x, mode=mode)(1.0, 2.0)
    _, pullback = vjp(lambda x: x * 2, mode=mode)(X)
    with pytest.raises(ArgumentError, match="shape"):
        pullback(np.ones(3))
    with pytest.raises(ArgumentError, match="shape"):
        jvp(lambda x: x * 2, mode=mode)((X,), (np.ones(3),))


def test_a_constant_result_warns():
    with pytest.warns(ZeroGradientWarning):
        found = grad(lambda x: 2.0, mode="tape")(X)
    assert found.tolist() == [0.0, 0.0]


def test_a_missing_rule_is_named_and_no_warning_is_given():
    with pytest.raises(MissingRule, match=r"numpy\.i0"):
        grad(lambda x: np.sum(np.i0(x)))(X)
    with pytest.raises(MissingRule, match=r"numpy\.i0"):
        grad(lambda x: np.sum(np.i0(x)), mode="tape")(X)


def test_a_missing_rule_that_is_not_reached():
    def f(x):
        try:
            return np.sum(x * x)
        finally:
            if x[0] > 100:
                np.i0(x)

    with pytest.warns(FallbackWarning):
        assert grad(f)(X).tolist() == [1.0, 3.0]


def test_errors_of_the_primal_come_through():
    def f(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        grad(f, mode="tape")(X)
    assert issubclass(MissingRule, S2SError)


def test_importing_the_package_does_not_import_the_tape():
    code = (
        "import sys, s2s_grad; assert not any(m.startswith('s2s_grad.tape') for m in sys.modules); "
        "assert 'libcst' not in sys.modules; s2s_grad.tape.ones(2)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=TESTS.parent)
    assert s2s_grad.tape is tape


def test_items_and_lists_of_numbers_keep_their_derivative():
    def f(x):
        first, *rest = x.tolist()
        return first**2 + rest[0] * x[1].item() + x.reshape(1, 3).tolist()[0][2]

    np.testing.assert_allclose(grad(f, mode="tape")(np.array([1.0, 2.0, 3.0])), [2.0, 4.0, 1.0])


SAME = [1.5, 2.0]


@pytest.mark.parametrize("wrt", [0, (0, 1)])
def test_what_is_passed_twice_is_one_object(wrt):
    def f(x, y):
        return np.sum(x) * (2 if x is y else 3) * (5 if id(x) == id(y) else 7) + np.sum(y)

    for argument in (np.array([1.5, 2.0]), SAME):
        value, gradient = value_and_grad(f, wrt, mode="tape")(argument, argument)
        assert value == f(argument, argument)
        np.testing.assert_array_equal(gradient if wrt == 0 else gradient[0], [10, 10])


def test_what_is_passed_and_read_outside_is_one_object():
    def f(x):
        return sum(x) * (2 if x is SAME else 3)

    assert value_and_grad(f, mode="tape")(SAME) == (7.0, [2.0, 2.0])


def test_a_list_that_is_passed_twice_and_written_is_an_error():
    def f(x, y):
        x.append(3.0)
        return sum(x) * sum(y)

    with pytest.raises(ArgumentError, match="`x` and `y` share memory"):
        grad(f, mode="tape")(SAME, SAME)
    assert grad(f, mode="tape")([1.0], [2.0]) == [2.0]


def test_an_array_that_is_passed_read_outside_and_written_is_an_error():
    outside = np.array([1.5, 2.0])

    def f(x):
        x[0] = 5.0
        return np.sum(x * outside)

    with pytest.raises(ArgumentError, match="share memory"):
        grad(f, mode="tape")(outside)
    np.testing.assert_array_equal(grad(f, mode="tape")(outside + 1), [0, 2])


def test_results_that_are_complex_have_tangents():
    x, direction = np.array([1.0, 2.0, 3.0]), np.array([0.3, -0.2, 1.0])
    value, tangent = s2s_grad.jvp(lambda x: (np.fft.fft(x), x * 2j), mode="tape")(
        (x,), (direction,)
    )
    assert tangent[0].dtype == value[0].dtype
    np.testing.assert_allclose(tangent[0], np.fft.fft(direction), rtol=1e-14)
    np.testing.assert_allclose(tangent[1], direction * 2j, rtol=1e-14)
