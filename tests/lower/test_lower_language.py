"""Expressions, assignment, calls and containers: the program does what the function does."""

# ruff: noqa: B009, B023, B028, PLC0206, B905, C408, C417, E501, E731, I001, RUF005, SIM222, UP031

from __future__ import annotations

import functools
import itertools
import math
import typing
import warnings

import numpy as np
import pytest

import numpy
from lowering_support import agree, lower_for, run
from s2s_grad.ir.nodes import Effect
from s2s_grad.ir.walk import statements_of

X = np.array([0.5, -1.25, 2.0, 0.75])
M = np.arange(12.0).reshape(4, 3) / 7
SCALE = 3.0
TABLE = np.array([1.0, 2.0, 3.0, 4.0])
SIZES = (2, 3)
CONFIG = {"rate": 0.5, "kind": "tanh"}


class Point(typing.NamedTuple):
    a: typing.Any
    b: typing.Any = 2.0


class Affine:
    def __init__(self, slope):
        self.slope = slope
        self.table = TABLE

    def __call__(self, x):
        return self.slope * x + np.sum(self.table)

    def twice(self, x):
        return self(self(x))


MODEL = Affine(2.0)


def helper(v, *, power=2, offset=SCALE):
    return v**power + offset


def many(a, /, b, c=3.0, *rest, d=4.0, **more):
    total = a + 2 * b + 3 * c + 5 * d
    for r in rest:
        total = total + r
    for key, value in more.items():
        total = total + value * len(key)
    return total


def arithmetic(x):
    return (x + 1) * 2 - x / 3 + x // 0.5 + x % 0.3 + -x + +x + (x * x) ** 2 + 2**3


def comparisons(x):
    return x > 0, x < 1, x == 0.5, x != 0.5, x >= 0.5, x <= 0.5


def bits(x):
    return (x > 0) & (x < 1) | ~(x > 1) ^ (x == 2)


def matmuls(x):
    return np.outer(x, x) @ x, x @ x


def masks(x):
    return x[x > 0], x[[0, 1]], x[np.array([1, 1, 0])]


def subscripts(x):
    return x[0], x[-1], x[1:], x[:-1:2], x[::-1], x[..., None], x[None, :], x[1:3][0]


def ternary(x):
    return x[0] if x[1] > 0 else x[2]


def constants(x):
    n = 3
    k = n * 2 - 1
    return x * k + 2 * np.pi, 1_000, 0x10, 2j, True, None, "ab", -1


def static_branches(x):
    if x.ndim == 1 and isinstance(x, np.ndarray) and len(SIZES) == 2:
        y = x * 1
    elif x.dtype == np.float32:
        y = x * 2
    else:
        y = x * 3
    if CONFIG["kind"] == "tanh":
        y = np.tanh(y)
    if CONFIG.get("missing") is None and "rate" in CONFIG:
        y = y * CONFIG["rate"]
    return y if x is not None else x


def unpacking(x):
    a, (b, c), *rest = x[0], (x[1], x[2]), x[3], 7.0
    (first, *middle, last) = rest[0], a, b, c
    p = q = a + b
    d, e, f, g = x
    p, q = q, p + 1
    return a, b, c, rest, first, middle, last, p, q, d + e + f + g


def annotated(x):
    y: float = x[0]
    z: float
    z = y * 2
    return z


def walrus(x):
    y = (z := x * 2) + z
    return y, z, [w := 3.0, w + 1]


def augmented(x):
    s = 0.0
    s += x[0]
    s *= 2
    s -= 1
    s /= 3
    s **= 2
    t = np.zeros(4)
    t += x
    t *= 2.0
    i = 7
    i //= 2
    i %= 2
    return s, t, i


def boolean_values(x):
    n = len(x)
    a = x[0] > 0 and x[1] > 0
    b = x[0] > 0 or x[1] > 0
    c = not a
    d = n > 100 and x[100] > 0
    e = 0 < x[0] < 1 < n
    f = n and x[0]
    g = None or "text"
    return a, b, c, d, e, f, g


def chained_once(x):
    count = 0
    if 0 < (count := count + 1) < 5 < 10:
        return x * count
    return x


def strings(x):
    name = "ab".upper() + "{}".format("c")
    return f"{name} {x[0]:.2f} {1 + 1!r} {{}} {len(x)=}", name.startswith("A"), "%d" % 3


def containers(x):
    t = (x, 1.0) + (2.0,)
    pair = [x[0]] * 2
    d = {"a": x, **{"b": 2.0}, "c": {"e": x[1]}}
    e = {**d, "a": 5.0}
    d2 = dict(a=1.0, b=x[2])
    d3 = d2 | {"c": 3.0}
    names = list(d.keys())
    total = sum(v for k, v in d2.items())
    return (
        t,
        t[1:],
        pair,
        d,
        e,
        d2,
        d3,
        names,
        total,
        d["c"]["e"],
        len(t),
        "a" in d,
        d.get("q", 1.0),
    )


def appended(x):
    out = []
    for k in range(3):
        out.append(x * k)
    out.extend([x, x + 1])
    return np.stack(out)


def comprehensions(x):
    a = [x * k for k in range(3)]
    b = [x[i] * j for i in range(3) for j in (1, 2) if i != j]
    c = {f"k{i}": x[i] for i in range(2)}
    d = np.sum([x[i] for i in range(4)])
    e = tuple(v + 1 for v in SIZES)
    f = sum(x[i] ** 2 for i in range(len(SIZES)))
    return a, b, c, d, e, f


def nested_functions(x):
    k = 2.0

    def scale(v, by=k):
        return v * by * k

    k = 3.0
    double = lambda v: scale(v) * 2
    fs = [lambda v: v * i for i in range(3)]
    gs = [lambda v, i=i: v * i for i in range(3)]

    def outer(v):
        def inner(w):
            return w + v + k

        return inner

    return double(x), [f(x) for f in fs], [g(x) for g in gs], outer(x)(1.0)


def decorated_inside(x):
    def twice(f):
        @functools.wraps(f)
        def wrapper(*args, **kwargs):
            return f(*args, **kwargs) * 2

        return wrapper

    @twice
    def square(v):
        return v * v

    return square(x)


def calls(x):
    args = (x[0], 2.0)
    options = {"d": 1.0, "extra": x[1]}
    return (
        helper(x), helper(x, power=3), helper(x, offset=x[0]),
        many(1.0, 2.0), many(x, 2.0, 3.0, 4.0, 5.0), many(*args, **options),
        many(*args, x[2], *args, d=9.0),
        MODEL(x), MODEL.twice(x), Affine.__call__(MODEL, x), MODEL.slope,
    )  # fmt: skip


def partials(x):
    f = functools.partial(helper, power=3)
    g = functools.partial(many, x, c=x * 2)
    return f(x), g(2.0), functools.reduce(lambda a, b: a * b, [x, x, 2.0])


def methods(x):
    return (
        x.sum(), x.sum(axis=0), x.mean(), x.prod(), x.max(), x.min(), x.var(), x.std(ddof=1),
        x.dot(x), x.reshape(2, 2), x.reshape((2, -1)), x.reshape(-1), x.ravel(), x.flatten(), x.T,
        x.copy(), x.clip(0, 1), x.cumsum(), x.cumprod(), x.repeat(2), x.take([0, 1]), x.argsort(),
        x.argmax(), x.round(1), x.any(), x.all(), x.conj(), x.real, x.imag, x.shape, x.ndim, x.size,
        x.dtype == np.float64, x.astype(np.float32), x[0].item(), x.squeeze(), x.nonzero(),
    )  # fmt: skip


def matrix_methods(x):
    m = np.outer(x, x + 1)
    rows, columns = m.shape
    return (
        m.T, m.mT, m.transpose(), m.transpose(1, 0), m.transpose((1, 0)), m.swapaxes(0, 1),
        m.trace(), m.diagonal(), m.sum(axis=1, keepdims=True), m.mean(0), rows * columns,
        m[1, 2], m[1], m[:, 1], m[1:, :2], m[..., 0], m[[0, 1], [1, 2]], m.shape[0], m.item(2),
    )  # fmt: skip


def builtin_calls(x):
    n = len(x)
    a, b = x[0], x[1]
    return (
        abs(a), abs(x), min(a, b), max(a, b, 0.0), max(n, 2), sum([a, b]), sum((a, b), 1.0), sum(x),
        float(a), int(a * 3), bool(a), round(a, 1), pow(a, 2), divmod(7, 2), any([a > 0, b > 0]),
        all([a > 0, b > 0]), any(x > 0), all(x > 0), isinstance(a, float), isinstance(x, np.ndarray),
        isinstance(n, int), type(n) is int, list(zip((1, 2), (a, b))), tuple(reversed((a, b))),
        list(enumerate((a, b))), sorted((3, 1, 2)), list(map(lambda v: v * 2, (a, b))),
        list(filter(None, (1, 0, 2))), list(range(3)), max((a, b), key=lambda v: v * v), len((a, b)),
        callable(helper), hasattr(x, "shape"), getattr(x, "size"), min(x), max(x),
    )  # fmt: skip


def scalars_of_math(x):
    a = float(x[0])
    return math.sin(a), math.exp(a) * math.pi, math.sqrt(2), math.floor(2.5), math.prod((a, 2.0))


def numpy_functions(x):
    return (
        np.where(x > 0, x, 0), np.concatenate([x, x * 2]), np.stack((x, x), axis=1), np.linspace(0, 1, 3),
        np.zeros_like(x), np.maximum(x, 0), np.dot(x, x), np.einsum("i,i->", x, x), np.add.reduce(x),
        np.split(x, 2), np.linalg.norm(x), numpy.cos(x), np.array([x[0], 2.0]), np.arange(len(x)),
        np.eye(2), np.ones((2, len(x))), np.float64(x[0]), np.expand_dims(x, 0), np.sort(x),
        np.asarray(x), np.full(3, x[0]), np.multiply.outer(x, x),
    )  # fmt: skip


def globals_and_closures(x):
    return x * SCALE + TABLE, TABLE.shape, TABLE[1], SIZES[0], TABLE.T, len(TABLE)


def imports(x):
    import math as m
    import os.path
    from math import pi
    from numpy import linalg as la
    from numpy import sin as s

    return m.pi + pi, s(x), la.norm(x), os.path.join("a", "b")


def named_tuples(x):
    p = Point(x, b=3.0)
    q = Point(x[0])
    a, b = p
    return p.a * p.b, q.b + q[0], a * b, p


def deletes(x):
    y = x * 2
    del y
    y = x * 3
    return y


def tools(x):
    pairs = [a * b for a, b in itertools.combinations(x[:3] if False else (x[0], x[1], x[2]), 2)]
    flat = list(itertools.chain((x[0],), [x[1]]))
    grid = [i * j for i, j in itertools.product(range(2), repeat=2)]
    return pairs, flat, grid, typing.cast(float, x[0])


def unrolled_loops(x):
    s = x
    for i, (w, name) in enumerate(zip((1.0, 2.0), ("a", "bc"))):
        s = np.tanh(s * w + i * len(name))
    for key, value in {"p": 1.0, "q": x}.items():
        if key == "q":
            continue
        s = s + value
    s = s * 2
    for k in (3, 2, 1):
        if k == 2:
            break
        s = s + k
    return s, k


def index_unlike_items(x):
    layers = [(np.outer(x, x), x), (np.ones((2, 4)), np.ones(2))]
    h = x
    for i in range(len(layers)):
        w, b = layers[i]
        h = w @ h + b
    return h


def docstring(x):
    """Doc.

    More.
    """
    "another string"
    ...
    pass
    return x


def semicolons(x):
    y = x
    z = y * 2
    return z


def one_line(x):
    return x * 2


def one_line_if(x):
    y = 1.0
    if x[0] > 0:
        y = 2.0
    return y


def shapes(x):
    (n,) = x.shape
    m = np.ones((n, 2))
    a, b = m.shape
    return x / n, m.sum() / (a * b), np.zeros(x.shape), np.reshape(x, (n // 2, 2))


def conditional_functions(x):
    act = np.tanh if x.ndim == 1 else np.sin
    table = {"relu": lambda v: np.maximum(v, 0), "id": lambda v: v}
    return act(x), table["relu"](x)


def short_circuit_assigns(x):
    y = 1.0
    if x[0] > 0 and (y := x[1] * 2) < 0:
        return y
    return y + 1


def slices(x):
    s = slice(1, 3)
    k = 2
    return x[s], x[slice(None, k)], x[k:], x[-k:], x[k - 1 : k + 1]


def mixed_effects(x):
    print("start", x[0])
    warnings.warn("careful")
    y = x * 2
    print(f"{y[0]:.1f}", end="!")
    return y


FUNCTIONS = [value for value in list(globals().values())
             if callable(value) and getattr(value, "__module__", "") == __name__
             and getattr(value, "__code__", None) is not None
             and value.__code__.co_firstlineno >= arithmetic.__code__.co_firstlineno]  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fn", FUNCTIONS, ids=lambda fn: fn.__name__)
def test_language(fn):
    agree(fn, X)
    agree(fn, X[::-1] * 0.7)


def keywords(a, b=2.0, *args, scale=1.0, **options):
    total = a * b * scale
    for value in args:
        total = total + value
    for key in options:
        total = total * options[key]
    return total


def test_signatures():
    agree(keywords, 1.5)
    agree(keywords, 1.5, 2.5, 3.5, 4.5, scale=2.0, p=3.0, q=4.0)
    agree(keywords, 1.5, scale=3.0)
    program = lower_for(keywords, 1.5)
    assert [p.name for p in program.params] == ["a", "b", "args", "scale", "options"]
    assert program.params[1].default.value == 2.0


def pytree(params, batch):
    (w, b), scale = params["layer"], params["scale"]
    x, y = batch
    r = x @ w + b - y
    return scale * np.sum(r * r), {"r": r}


def test_container_arguments():
    params = {"layer": [np.ones(3), 0.5], "scale": 2.0}
    agree(pytree, params, (M, X))


def test_direct_functions():
    assert run_ufunc(np.sin, x=0.5) == np.sin(0.5)
    assert run_ufunc(np.arctan2, x1=0.5, x2=2.0) == np.arctan2(0.5, 2.0)
    agree(lambda x: x * 2, X)
    agree(functools.partial(many, 1.0, c=2.0), X)
    agree(MODEL.twice, X)
    agree(MODEL, X)


def run_ufunc(fn, **values):
    from s2s_grad.ir.evaluate import evaluate
    from s2s_grad.lower import lower

    from lowering_support import type_like

    program = lower(fn, {name: type_like(value, name) for name, value in values.items()})
    return evaluate(program, *values.values())


def random_walk(x):
    return x + np.random.normal(size=3).sum()


def test_random_draws_are_effects():
    program = lower_for(random_walk, X[0])
    draws = [s for s in statements_of(program.block) if isinstance(s, Effect)]
    assert len(draws) == 1
    assert draws[0].result is not None


def named(w, b, x):
    # logits
    # of each sample
    z = x @ w + b  # affine

    p = 1 / (1 + np.exp(-z))
    return p


def test_origins_and_names():
    program = lower_for(named, X, 1.0, np.ones((2, 4)))
    matmul, add, *_ = program.block.body
    assert add.result.hint == "z"
    assert matmul.result.hint == ""
    line = add.origin.line
    assert line.text == "z = x @ w + b"
    assert line.leading == ("# logits", "# of each sample")
    assert line.trailing == "# affine"
    assert line.number == named.__code__.co_firstlineno + 3
    assert [name for name, _ in add.origin.reads] == ["x", "w", "b"]
    exp = next(s for s in program.block.body if getattr(s, "fn", None) is np.exp)
    assert exp.origin.statics == (("np", np),)
    assert exp.origin.line.leading == ("",)
    assert program.params[0].var.hint == "w"


def test_run_helper():
    assert np.allclose(run(named, X, 1.0, np.ones((2, 4))), named(X, 1.0, np.ones((2, 4))))
