"""What raises in a function raises in each of its derivatives, needed or not."""

# ruff: noqa: B007, E741, F821, F841, RUF059

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from s2s_grad import grad, hvp, jvp, value_and_grad, vjp
from s2s_grad.errors import S2SError

THREE, FOUR = np.arange(1.0, 4.0), np.arange(1.0, 5.0)
CASES: list[tuple[Callable[..., Any], tuple[Any, ...], tuple[int, ...]]] = []


def raises(*args: Any, wrt: int | None = None) -> Callable[..., Any]:
    def add(f: Callable[..., Any]) -> Callable[..., Any]:
        floats = (i for i, a in enumerate(args) if isinstance(a, (float, np.ndarray)))
        CASES.append((f, args, tuple(floats) if wrt is None else (wrt,)))
        return f

    return add


@raises(-1.0)
def log_(x):
    return math.log(x)


@raises(-1.0)
def sqrt_(x):
    return math.sqrt(x) * 2


@raises(-1.0)
def log_dead(x):
    y = math.log(x)
    return x * x


@raises(1.0, 0.0)
def mod_(x, y):
    return x % y


@raises(1.0, 0.0, wrt=0)
def mod0(x, y):
    return x % y


@raises(1.0, 0.0, wrt=0)
def div0(x, y):
    return x / y


@raises(1.0, 0.0)
def div1(x, y):
    return x / y


@raises(THREE, 0.0, wrt=0)
def div2(x, y):
    return np.sum(x) * (1.0 / y)


@raises(0.0)
def div3(x):
    return np.sum(THREE) * (1.0 / x)


@raises(0.0)
def div4(x):
    return np.sin(1 / x)


@raises(1.0)
def div5(x):
    return x * (1.0 / 0)


@raises(1.0, 0)
def floordiv(x, k):
    n = 5 // k
    return x * n


@raises(1.0, 0)
def floordiv_dead(x, k):
    n = 5 // k
    return x


@raises(1000.0)
def exp_(x):
    return math.exp(x)


@raises(10.0)
def pow_(x):
    return x**1000


@raises(1.0)
def pow2(x):
    return x * 2.0**5000


@raises(0.0)
def pow5(x):
    return x**-1


@raises(0.0)
def pow6(x):
    return 2 * x**-2.0


@raises(THREE)
def idx(x):
    return x[5]


@raises(THREE)
def idx_dead(x):
    x[5]
    return np.sum(x)


@raises(THREE)
def idx_list(x):
    l = [x[0], x[1]]
    y = l[4]
    return x[0]


@raises(THREE, 7)
def idx_list_rt(x, i):
    l = [x[0], x[1]]
    y = l[i]
    return x[0]


@raises(THREE, 7)
def idx_rt(x, i):
    y = x[i]
    return x[0]


@raises(THREE)
def key(x):
    d = {"a": x[0]}
    y = d["b"]
    return x[0]


@raises(THREE)
def attr(x):
    y = x.foo
    return x[0]


@raises(THREE)
def inv(x):
    m = np.zeros((2, 2)) * x[0]
    np.linalg.inv(m)
    return x[0]


@raises(np.zeros((2, 2)))
def inv2(x):
    return np.sum(np.linalg.inv(x))


@raises(np.zeros((2, 2)))
def inv3(x):
    return np.trace(np.linalg.inv(x))


@raises(np.zeros((2, 2)), np.ones(2), wrt=1)
def solve1(A, b):
    return np.sum(np.linalg.solve(A, b))


@raises(np.zeros((2, 2)), np.ones(2))
def solve2(A, b):
    return np.sum(np.linalg.solve(A, b))


@raises(-np.eye(2))
def chol(x):
    return np.sum(np.linalg.cholesky(x))


@raises(np.ones((2, 3)))
def chol2(x):
    return np.sum(np.linalg.cholesky(x))


@raises(np.ones((2, 3)))
def det2(x):
    return np.linalg.det(x)


@raises(np.ones((2, 3)))
def tr2(x):
    return np.linalg.slogdet(x)[1]


@raises(FOUR)
def resh(x):
    return np.sum(x.reshape(3, 2))


@raises(FOUR)
def resh2(x):
    return np.sum(np.reshape(x, (3, 2)) ** 2)


@raises(FOUR)
def resh3(x):
    return np.sum(x.reshape(-1, 3) ** 2)


@raises(FOUR, 3)
def resh4(x, k):
    return np.sum(x.reshape(-1, k) * 2)


@raises(FOUR, np.ones((2, 3)))
def conc(x, y):
    return np.sum(np.concatenate([x, y]))


@raises(np.ones((2, 2)), np.ones((2, 3)))
def conc2(x, y):
    return np.sum(np.concatenate([x, y]))


@raises(THREE, FOUR)
def stack(x, y):
    return np.sum(np.stack([x, y]))


@raises(THREE, FOUR)
def vstack(x, y):
    return np.sum(np.vstack([x, y]))


@raises(THREE, FOUR)
def addm(x, y):
    return np.sum(x + y)


@raises(THREE, FOUR, wrt=0)
def addm0(x, y):
    return np.sum(x + y)


@raises(THREE, FOUR, wrt=0)
def mulm0(x, y):
    return np.sum(x * y)


@raises(THREE, FOUR, wrt=0)
def addm_chain(x, y):
    return np.sum(np.exp(x) + y)


@raises(THREE, FOUR, wrt=0)
def subm(x, y):
    return np.sum((x - y) * 2)


@raises(THREE, FOUR, wrt=0)
def maxm(x, y):
    return np.sum(np.maximum(x, y))


@raises(THREE, FOUR, wrt=0)
def wherem(x, y):
    return np.sum(np.where(x > 0, x, y))


@raises(THREE, FOUR, wrt=0)
def iadd(x, y):
    z = x.copy()
    z += y
    return np.sum(z)


@raises(THREE, FOUR, wrt=0)
def dot_(x, y):
    return np.dot(x, y)


@raises(THREE, FOUR, wrt=0)
def einsum_(x, y):
    return np.einsum("i,i->", x, y)


@raises(THREE, FOUR, wrt=0)
def setslice(x, y):
    z = np.zeros(3)
    z[:] = y
    return np.sum(x)


@raises(THREE, FOUR)
def setslice2(x, y):
    z = np.zeros(3)
    z[:] = y
    return np.sum(z * x)


@raises(THREE)
def setout(x):
    z = np.zeros(3)
    z[7] = 1.0
    return np.sum(x)


@raises(THREE)
def setout2(x):
    z = np.zeros(3)
    z[7] = x[0]
    return np.sum(z)


@raises(THREE)
def axis(x):
    return np.sum(np.sum(x, axis=1))


@raises(THREE)
def axis2(x):
    return np.sum(x, axis=2)


@raises(THREE)
def args_(x):
    return np.sin(x[0], x[1], x[2], x[0], 4)


@raises(THREE)
def args2(x):
    def g(a):
        return a

    return g(x, x)[0]


@raises(THREE)
def cond(x):
    if x > 0:
        return x[0]
    return x[1]


@raises(THREE)
def cond_dead(x):
    if x > 0:
        y = 1
    else:
        y = 2
    return x[0]


@raises(1.0)
def none_(x):
    y = None
    return y * x


@raises(1.0)
def none_dead(x):
    y = None
    z = y + x
    return x


@raises(1.0)
def assert_(x):
    assert x > 2
    return x


@raises(1.0)
def assert2(x):
    assert x > 2, "no"
    return x


@raises(float("nan"))
def int_(x):
    k = int(x)
    return x


@raises(float("inf"))
def int2(x):
    return x * int(x)


@raises(THREE)
def float_(x):
    return float(x) * 2


@raises(THREE)
def unpack(x):
    a, b = x
    return a


@raises(THREE)
def unpack2(x):
    a, b, c, d = x
    return a


@raises(THREE)
def unpack3(x):
    a, (b, c) = x[0], x
    return a


@raises(np.ones((3, 4)))
def unpack_rows(x):
    s = 0.0
    for a, b in x:
        s = s + a
    return s


@raises(np.zeros(0))
def maxempty(x):
    return np.max(x)


@raises(np.zeros(0))
def maxempty_dead(x):
    np.max(x)
    return np.sum(x)


@raises(np.zeros(0))
def emptyidx(x):
    return x[0]


@raises(THREE)
def pop_empty(x):
    l = []
    l.pop()
    return x[0]


@raises(THREE)
def strplus(x):
    y = "a" + x[0]
    return x[0]


@raises(THREE, np.ones((2, 4)))
def matm(x, A):
    return np.sum(A @ x)


@raises(THREE, np.ones((2, 4)), wrt=1)
def matm1(x, A):
    return np.sum(A @ x)


@raises(THREE, np.ones((2, 4)), wrt=1)
def matm2(x, A):
    return np.sum(np.sin(A @ x))


@raises(THREE, np.ones((2, 4)), wrt=0)
def matm3(x, A):
    return np.sum((A @ x) ** 2)


@raises(FOUR, THREE, wrt=0)
def loopsizes(x, y):
    s = 0.0
    for i in range(4):
        s += x[i] + y[i]
    return s


@raises(FOUR, THREE, wrt=0)
def loopsizes2(x, y):
    s = 0.0
    for i in range(len(x)):
        s += x[i] * y[i]
    return s


@raises(FOUR, THREE, wrt=0)
def loopdead(x, y):
    s = 0.0
    for i in range(len(x)):
        z = y[i]
        s += x[i]
    return s


@raises(FOUR)
def cross(x):
    return np.sum(np.cross(x, x))


@raises(THREE)
def squeeze(x):
    return np.sum(np.squeeze(x, axis=0))


@raises(THREE)
def transpose(x):
    return np.sum(np.transpose(x, (1, 0)))


@raises(THREE)
def bcast(x):
    return np.sum(np.broadcast_to(x, (2, 4)))


@raises(THREE)
def split(x):
    return np.sum(np.split(x, 2)[0])


@raises(THREE)
def take(x):
    return np.sum(np.take(x, [5]))


@raises(THREE)
def fancy(x):
    return np.sum(x[[0, 5]])


@raises(THREE)
def mask(x):
    return np.sum(x[np.array([True, False])])


@raises(THREE)
def toomany(x):
    return np.sum(x[0, 0])


@raises(-1.0)
def acos(x):
    return math.acos(x * 2)


@raises(-1.0)
def lgam(x):
    return math.lgamma(x)


@raises(-1.0)
def lg1(x):
    return math.log1p(x)


@raises(float("inf"))
def sininf(x):
    return math.sin(x)


@raises(0.0, -1)
def zp(x, k):
    return x**k


@raises(THREE, FOUR)
def aux(x, y):
    n = len(y)
    z = np.zeros(n)
    z = z + x
    return np.sum(x * 2)


@raises(-8.0)
def pow3(x):
    return max(x ** (1 / 3), 0.0)


@raises(-8.0, 0.5)
def pow4(x, p):
    return float(x**p)


@raises(1.0)
def ub1(x):
    for i in range(0):
        y = x
    return y


@raises(-1.0)
def ub2(x):
    if x > 0:
        y = x
    return y * 2


@raises(1.0)
def ub3(x):
    y = x
    del y
    return y


@raises(1.0, 0)
def ub4(x, n):
    for i in range(n):
        y = x * 2
    return y


@raises(1.0, 0)
def ub5(x, n):
    for i in range(n):
        pass
    return x * i


@raises(THREE)
def ub6(x):
    s = 0.0
    for i in range(3):
        if i > 0:
            s += prev
        else:
            s += prev2
        prev = x[i]
        prev2 = 1.0
    return s


@raises(1.0)
def ub7(x):
    if x < 0:
        y = x
    else:
        z = x
    return y * z


@raises(-1.0)
def ub8(x):
    y = x * 3
    if x < 0:
        del y
    return y


@raises(1.0)
def ub9(x):
    while x > 2:
        y = x
        x = x - 1
    return y


@raises(-1.0)
def ub10(x):
    if x > 0:
        y = x
    z = y
    return x


@raises(-1.0)
def ub11(x):
    if x > 0:
        y = [x, x]
    return y[0]


@raises(-1.0)
def ub12(x):
    if x > 0:
        y = np.array([x, x])
    return np.sum(y)


def ones(args: tuple[Any, ...], wrt: tuple[int, ...]) -> tuple[Any, ...]:
    return tuple(np.ones_like(args[i]) if np.ndim(args[i]) else 1.0 for i in wrt)


def pulled(f: Any, args: tuple[Any, ...], wrt: tuple[int, ...], mode: str) -> Any:
    value, pullback = vjp(f, wrt, mode=mode)(*args)
    return pullback(np.ones_like(value) if np.ndim(value) else 1.0)


TRANSFORMS: dict[str, Callable[..., Any]] = {
    "grad": lambda f, args, wrt, mode: grad(f, wrt, mode=mode)(*args),
    "value_and_grad": lambda f, args, wrt, mode: value_and_grad(f, wrt, mode=mode)(*args),
    "vjp": pulled,
    "jvp": lambda f, args, wrt, mode: jvp(f, wrt, mode=mode)(args, ones(args, wrt)),
    "hvp": lambda f, args, wrt, mode: hvp(f, wrt, mode=mode)(*args, ones(args, wrt)),
}


def error_of(f: Callable[..., Any], args: tuple[Any, ...]) -> type[Exception]:
    try:
        value = f(*copy.deepcopy(args))
    except Exception as error:
        return type(error)
    assert isinstance(value, complex), f"{f.__name__} is to raise"
    return TypeError


@pytest.mark.parametrize("mode", ["auto", "static", "tape"])
@pytest.mark.parametrize(("f", "args", "wrt"), CASES, ids=[f.__name__ for f, *_ in CASES])
def test_derivatives_raise(f: Any, args: tuple[Any, ...], wrt: tuple[int, ...], mode: str) -> None:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        expected = error_of(f, args)
        for name, transform in TRANSFORMS.items():
            accepted = (expected,) if mode == "auto" else (expected, S2SError)
            with pytest.raises(accepted):
                raise AssertionError(f"{name}: {transform(f, copy.deepcopy(args), wrt, mode)}")
