"""Derivatives inside of differentiated functions; their differences are the truth."""

from __future__ import annotations

import dataclasses
import typing
import warnings

import numpy as np
import pytest
from derivative_programs import arguments, derivative_program
from oracle import unchecked

from s2s_grad import grad, hvp, jvp, value_and_grad, vjp
from s2s_grad.errors import ArgumentError, FallbackWarning, UnsupportedSyntax

X = np.array([0.3, -1.2, 2.1, 0.7])
M = np.array([[3.0, 1.0], [1.0, 2.0]])


class Point(typing.NamedTuple):
    a: typing.Any
    b: typing.Any


@dataclasses.dataclass
class Pair:
    a: typing.Any
    b: typing.Any
    name: str = "pair"


@dataclasses.dataclass(frozen=True, slots=True)
class Slotted:
    a: typing.Any
    b: typing.Any


def squares(t):
    return np.sum(t**2)


def cubes(t):
    return np.sum(t**3)


def grad_of_a_written_array(x):
    w = np.zeros(4)
    w[0] = x[1]
    w[1:3] += x[:2]
    return np.sum(grad(cubes)(w) * x)


def grad_of_a_view_that_was_written(x):
    w = x.copy()
    v = w[1:]
    w *= 2.0
    return np.sum(grad(cubes)(v))


def unrolled_descent(x):
    w = np.ones(4) * x
    for _ in range(3):
        w -= 0.1 * grad(squares)(w) * x
    return np.sum(w)


def descent_of_run_time_length(x):
    w = np.ones(4) * x
    for v in x:
        w -= 0.1 * grad(lambda t, v=v: np.sum(t**2 * v))(w)
        w[0] = v
    return np.sum(w)


def momentum(x):
    w, m = x.copy(), np.zeros(4)
    for _ in range(3):
        m[:] = 0.9 * m + grad(lambda t: np.sum(np.sin(t) * x))(w)
        w += -0.1 * m
    return np.sum(w * w)


def gradient_is_written(x):
    g = grad(squares)(x)
    g[0] = 3.0
    g *= x
    return np.sum(g) + np.sum(x)


def gradient_that_is_the_argument_of_another_is_written(x):
    c = np.sin(x)
    g = grad(lambda t: np.sum(t * c))(x)
    g *= 2.0
    return np.sum(g) + np.sum(c)


def value_that_is_the_argument(x):
    y, t = jvp(lambda t: t)((x,), (x,))
    t[0] = 5.0
    return np.sum(y * x) + np.sum(t * x)


def closure_that_was_written(x):
    c = np.ones(4)
    c[1] = x[0]
    f = lambda t: np.sum(t**2 * c)  # noqa: E731
    first = grad(f)(x)
    c[2] = x[3] * 5.0
    return np.sum(first * grad(f)(x))


def pullback_in_a_loop(x):
    _, pullback = vjp(lambda t: (np.sin(t), t * t))(x)
    total = 0.0
    for v in x:
        total += np.sum(pullback((x * v, np.ones(4)))[1:])
    return total


def function_that_writes_its_argument(x):
    def f(t):
        t[0] = t[1] * 3
        t[1:3] *= 2.0
        return np.sum(t**2)

    w = np.cos(x)
    return np.sum(grad(f)(w)) + np.sum(w)


def returns_what_it_wrote(x):
    def f(t):
        y = t.copy()
        y[0] = y[1] * 3
        y[1:] *= y[0]
        return y

    value, tangent = jvp(f)((x,), (np.sin(x),))
    _, pullback = vjp(f)(x)
    return np.sum(value * tangent) + np.sum(pullback(tangent))


def by_a_tuple(x):
    g = grad(lambda y: np.sum(y[0] * y[1][0]) * y[1][1])((x, (np.sin(x), x[0])))
    return np.sum(g[0]) + np.sum(g[1][0] * g[1][1])


def by_a_list_that_was_written(x):
    items = [x[0], x[1]]
    items[1] = x[2] * 2.0
    items.append(x[3])
    g = grad(lambda y: y[0] * y[1] ** 2 * y[2])(items)
    return g[0] * g[1] + np.sin(g[2])


def by_a_dict(x):
    p = {"a": x, "b": x[0]}
    v, g = value_and_grad(lambda q: np.sum(q["a"] ** 3) * q["b"] ** 2)(p)
    return v * np.sum(g["a"]) + g["b"]


def by_a_named_tuple(x):
    g = grad(lambda p: np.sum(p.a * p.b**2))(Point(x, np.sin(x)))
    return np.sum(g.a * g.b)


def pullback_of_a_dataclass(x):
    _, pullback = vjp(lambda t: Pair(t * 2, t * t))(x)
    return np.sum(pullback(Pair(x, np.sin(x))) ** 2)


def pushforward_of_a_dict(x):
    value, tangent = jvp(lambda t: {"u": t * x, "v": (np.sum(t**2), 1.0)})((x,), (np.cos(x),))
    return np.sum(value["u"] * tangent["u"]) + tangent["v"][0] * value["v"][0]


def by_dataclasses(x):
    g = grad(lambda p: np.sum(p.a * p.b**2))(Pair(x, np.sin(x)))
    h = grad(lambda p: np.sum(p.a * p.b**2))(Slotted(x, np.sin(x)))
    return np.sum(g.a * g.b) + np.sum(h.a * h.b)


def by_several(x):
    g = grad(lambda a, b, c=2.0: np.sum(a**2 * b) * c, wrt=(0, "b", 2))(x, x[1])
    return np.sum(g[0]) * g[1] + g[2]


def stars(*args, **options):
    return args[0] * args[1] ** 2 * options.get("k", 1.0)


def by_stars(x):
    a = grad(stars)(x[0], x[1], k=x[2])
    b = grad(stars, wrt=1)(x[0], x[1], k=x[2])
    c = grad(stars, wrt="k")(x[0], x[1], k=x[2])
    return a * b * c


def by_a_keyword(x):
    g = grad(lambda a, *, k: np.sum(a**2) * k**3, wrt="k")(x, k=x[0])
    return g * x[1]


def third_order(x):
    f = lambda t: np.sin(t) * t**3  # noqa: E731
    return grad(grad(grad(f)))(x[0]) + hvp(grad(f))(x[1], x[2])


def hvp_of_written(x):
    w = x.copy()
    w[1] = x[0] * x[2]
    for _ in range(2):
        w = w + 0.01 * hvp(cubes)(w, w)
        w[0] = x[3]
    return np.sum(w)


def grad_of_hvp_of_grad(x):
    def inner(t):
        return np.sum(hvp(lambda u: np.sum(np.sin(u) * u**2))(t, x))

    return np.sum(grad(inner)(x) * x)


def jvp_of_vjp(x):
    def pulled(t):
        return vjp(lambda u: np.cumsum(u**3))(t)[1](x)

    return np.sum(jvp(pulled)((x,), (np.cos(x),))[1])


def value_and_grad_in_a_while(x):
    w, n = x.copy(), 0
    value = 1.0
    while value > 0.5 and n < 4:
        value, g = value_and_grad(squares)(w)
        w -= 0.3 * g
        n += 1
    return value + np.sum(w)


def in_a_branch(x):
    w = x.copy()
    w[0] = 2.0 * x[1]
    g = grad(cubes)(w) if x[0] > 0 else grad(squares)(w)
    return np.sum(g * w)


def tuple_results_of_rules(x):
    m = np.outer(x, x) + np.diag([3.0, 4.0, 5.5, 7.0])
    sign, log = jvp(lambda a: np.linalg.slogdet(a))((m,), (np.outer(x, np.cos(x)),))[1]
    w, _ = vjp(lambda a: np.linalg.qr(a))(m)[0]
    g = grad(lambda a: np.linalg.qr(a)[1][0, 0])(m)
    return log + sign + np.sum(w) + np.sum(g * m)


def with_aux(x):
    (v, aux), g = value_and_grad(lambda t: (np.sum(t**2), {"y": t * x}), has_aux=True)(x)
    h, more = grad(lambda t: (np.sum(t**3), t), has_aux=True)(x)
    return v * np.sum(aux["y"] * g) + np.sum(h * more)


def derivative_of_a_derivative_kept_in_a_name(x):
    g = grad(lambda t: np.sum(t**4))
    h = lambda t: np.sum(g(t) ** 2)  # noqa: E731
    return np.sum(grad(h)(x))


def newton(x):
    f = lambda t: t**3 - 2.0 * t - x[2]  # noqa: E731
    t = 2.0
    for _ in range(4):
        t = t - f(t) / grad(f)(t)
    return t * x[0]


def integer_arguments(x):
    return grad(lambda n, t: n**2 * t, wrt=0)(3, x[0]) * x[1]


def list_of_vectors(x):
    tangent = jvp(lambda t: t * x)((x,), ([1, 2, 3, 4],))[1]
    return np.sum(tangent * x)


def names_beside_numbers(x):
    def f(p):
        square = p["kind"] == "square" and p["none"] is None
        return np.sum(p["x"] ** 2) if square else np.sum(p["x"])

    g = grad(f)({"x": x, "kind": "square", "none": None})
    return np.sum(g["x"]) + (1.0 if g["kind"] == "square" and g["none"] is None else 0.0)


COMPILED = [
    value
    for value in list(globals().values())
    if callable(value)
    and getattr(value, "__module__", "") == __name__
    and getattr(value, "__code__", None) is not None
    and value.__code__.co_varnames[: value.__code__.co_argcount] == ("x",)
]


def differences(f, x, h=1e-5):
    with unchecked():
        ends = [[f(x + s * h * e) for s in (1, -1)] for e in np.eye(x.size)]
    return np.array([(up - down) / (2 * h) for up, down in ends])


@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize("f", COMPILED, ids=lambda f: f.__name__)
def test_agrees_with_differences(f, mode):
    given = X.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value, gradient = value_and_grad(f, mode=mode)(given)
        np.testing.assert_allclose(value, f(X.copy()), rtol=1e-10)
        np.testing.assert_allclose(gradient, differences(f, X), rtol=2e-5, atol=2e-6)
    np.testing.assert_array_equal(given, X)


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_a_pullback_remembers_the_value_of_its_argument(mode):
    def f(x):
        w = x.copy()
        _, pullback = vjp(cubes)(w)
        w[0] = 7.0
        return np.sum(pullback(1.0)) + np.sum(w)

    value, gradient = value_and_grad(f, mode=mode)(X.copy())
    np.testing.assert_allclose(value, np.sum(3 * X**2) + 7.0 + np.sum(X[1:]))
    np.testing.assert_allclose(gradient, 6 * X + np.array([0.0, 1.0, 1.0, 1.0]))


@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize("seed", range(8))
def test_random_programs(seed, mode):
    f, source = derivative_program(seed)
    x, k = arguments(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            value, gradient = value_and_grad(f, wrt=(0, 1), mode=mode)(x, k)
        except UnsupportedSyntax:
            pytest.skip("refused")
        np.testing.assert_allclose(value, f(x.copy(), k), rtol=1e-9, err_msg=source)
        expected = differences(lambda x: f(x, k), x)
        np.testing.assert_allclose(gradient[0], expected, rtol=1e-4, atol=1e-5, err_msg=source)
        expected = (f(x, k + 1e-5) - f(x, k - 1e-5)) / 2e-5
        np.testing.assert_allclose(gradient[1], expected, rtol=1e-4, atol=1e-5, err_msg=source)


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_results_share_no_memory_with_arguments(mode):
    def f(x):
        y = x.copy()
        value, tangent = jvp(lambda t: t.reshape(2, 2))((y,), (x,))
        y[0] = 10.0
        return np.sum(value * tangent)

    value, gradient = value_and_grad(f, mode=mode)(X)
    assert value == pytest.approx(np.sum(X * X))
    np.testing.assert_allclose(gradient, 2 * X)


def changes_a_list(x):
    seen = []

    def f(t):
        seen.append(t[0])
        return np.sum(t**2)

    return np.sum(grad(f)(x)) * len(seen)


def changes_an_array(x):
    c = np.ones(4)

    def f(t):
        c[0] = 3.0
        return np.sum(t**2 * c)

    return np.sum(grad(f)(x)) + c[0]


def changes_a_name(x):
    n = 0

    def f(t):
        nonlocal n
        n += 1
        return np.sum(t**2)

    return np.sum(grad(f)(x)) * n


def has_a_pullback_of_each_branch(x):
    if x[0] > 0:
        _, pullback = vjp(np.sin)(x)
    else:
        _, pullback = vjp(np.cos)(x)
    return np.sum(pullback(x))


def has_a_pullback_of_the_last_iteration(x):
    pullback = None
    for v in x:
        _, pullback = vjp(np.sin)(x * v)
    return np.sum(pullback(x))


@pytest.mark.parametrize(
    "f",
    [
        changes_a_list,
        changes_an_array,
        changes_a_name,
    ],
    ids=lambda f: f.__name__,
)
def test_what_is_refused_runs_on_the_tape(f):
    with pytest.raises(UnsupportedSyntax):
        value_and_grad(f, mode="static")(X)
    with pytest.warns(FallbackWarning):
        value, gradient = value_and_grad(f)(X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.testing.assert_allclose(value, f(X))
        np.testing.assert_allclose(gradient, differences(f, X), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_arguments_that_overlap_are_an_error(mode):
    def f(x):
        def writes(a, b):
            a[0] = 2.0
            return np.sum(a * b)

        w = x.copy()
        return np.sum(grad(writes)(w, w))

    with pytest.raises((UnsupportedSyntax, ArgumentError), match="share memory"):
        value_and_grad(f, mode=mode)(X)


@pytest.mark.parametrize("f", [has_a_pullback_of_each_branch, has_a_pullback_of_the_last_iteration])
def test_pullbacks_that_depend_on_the_way(f):
    value, gradient = value_and_grad(f, mode="static")(X)
    np.testing.assert_allclose(value, f(X))
    np.testing.assert_allclose(gradient, differences(f, X), rtol=1e-5, atol=1e-6)


def short_cotangent(x):
    _, pullback = vjp(lambda y: y * y)(x)
    return np.sum(pullback(np.ones(5)))


def short_tangent(x):
    return np.sum(jvp(lambda y: y * y)((x,), (np.ones(5),))[1])


def short_vector(x):
    return np.sum(hvp(lambda y: np.sum(y**3))(x, np.ones(5)))


@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize("f", [short_cotangent, short_tangent, short_vector])
def test_a_vector_of_another_shape_is_the_error_that_it_is_elsewhere(
    f: typing.Any, mode: str
) -> None:
    for run in (f, grad(f, mode=mode), value_and_grad(f, mode=mode)):
        with pytest.raises(ArgumentError, match=r"has shape \(5,\)"):
            run(np.ones(3))
