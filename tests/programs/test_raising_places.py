"""What raises in a function raises in its derivative wherever it stands, read or not."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from program_writer import compiled

from s2s_grad import grad, hvp, jvp, vjp
from s2s_grad.errors import S2SError

_HEAD = """import math

import numpy as np
from s2s_grad import grad, hvp, jvp, value_and_grad, vjp


"""
_SETUP = """    n, zero, none, s = len(x), k - k, None, 0.0
    p, d, m, a = [k, x[0]], {"here": k}, np.outer(x[:3], x[:3]) + np.eye(3), x.copy()
    if k < 0:
        never = k
"""
# What raises where `x` has four items and `k` is 0.7; where it has a value, that is `r`.
FAULTS = (
    "r = x[n]", "r = x[1, 2]", "r = x[[0, 9]]", "r = x[0:k]", "r = x[::0]", "r = p[n]",
    'r = d["absent"]', "r = k.shape", "r = len(k)", "r = none.v", "r = none * k", "r = k in none",
    "r = never", "del never", "r, other = x", "r = math.log(-k)", "r = math.exp(k * 2000)",
    "r = k / zero", "r = k % zero", "r = zero ** -1", "r = 10.0 ** (k * 1000)",
    "r = float(10**400) * k", "r = k * 10**400", "r = int(k * math.inf)", "r = float(x)",
    "r = int(x)", "r = x.item(9)", "r = [0] * k", "r = float(complex(k, 1))",
    "r = complex(k, 1) < 2",
    "r = range(k)", "r = 1.0 if x > 0 else 2.0", "r = ~k", "r = k << 1", "r = n << -1",
    'r = f"{k:d}"', "r = x[:2] + x", "r = np.sin(x, x, x)", "r = np.exp(x, nope=1)",
    "r = np.int64(2) ** -1", "r = np.array([1, 2]) ** -1", "r = x[:2] @ x",
    "r = np.linalg.inv(m * 0)", "r = np.linalg.cholesky(m[:2])", "r = np.transpose(x, (1, 0))",
    "r = x.reshape(-1, 3)", "r = np.split(x, 3)[0]", "r = np.array([x, x[1:]])",
    "r = np.array([[1.0, k], [k]])", "r = np.take_along_axis(x, np.array([9]), 0)",
    "r = np.quantile(x, k + 1)", "r = np.convolve(x, x[:0])", "r = np.max(x[:0])",
    "a[:3] = x[:2]", "a[n] = k", "b = np.zeros(3, int); b[0] = 10**30", "x[n]",
    "np.broadcast_shapes((2,), (3,))", "while x: break", "assert k > 1", 'raise KeyError("a")',
)  # fmt: skip
PLACES = {
    "alone": ["{}"],
    "branch": ["if k > 0:", "    {}"],
    "loop": ["for i in range(n):", "    s = s + x[i] * k", "    {}"],
    "rounds": ["while s < 1:", "    s = s + k", "    if s > 1:", "        {}"],
}
CALLS = {
    "itself": "h(x, k) * k",
    "unread": "np.sum(h(x, k) * 0 + x) * k",
    "gradient": "np.sum(grad(h)(x, k) * x) * k",
    "unread gradient": "(np.sum(x) * k, grad(h)(x, k))[0]",
    "value": "value_and_grad(h)(x, k)[0] * k",
    "pullback": "np.sum(vjp(h)(x, k)[1](1.0)) * k",
    "tangent": "jvp(h)((x, k), (x, k))[1] * k",
    "product": "np.sum(hvp(h)(x, k, x)) * k",
}
X, K = np.array([0.9, 1.09, 0.92, 1.13]), 0.7


def program(number: int, fault: str, place: str, call: str, read: bool) -> Callable[..., Any]:
    reads = "; s = s + np.sum(r)" if read and fault.startswith("r") else ""
    if "while" in fault:
        lines = [line.format(fault.removesuffix(" break")) for line in PLACES[place]]
        lines.append(f"{' ' * (4 + len(lines[-1]) - len(lines[-1].lstrip()))}break")
    else:
        lines = [line.format(fault + reads) for line in PLACES[place]]
    body = "".join(f"    {line}\n" for line in lines)
    helper = f"def h(x, k):\n{_SETUP}{body}    return np.sum(np.sin(x)) * k + s\n"
    source = f"{_HEAD}{helper}\n\ndef program(x, k):\n    return {CALLS[call]}\n"
    return compiled("places", number, source)


TRANSFORMS: dict[str, Callable[[Any, str], Any]] = {
    "grad": lambda f, mode: grad(f, (0, 1), mode=mode)(X.copy(), K),
    "vjp": lambda f, mode: vjp(f, (0, 1), mode=mode)(X.copy(), K)[1](1.0),
    "jvp": lambda f, mode: jvp(f, (0, 1), mode=mode)((X.copy(), K), (X, K)),
    "hvp": lambda f, mode: hvp(f, mode=mode)(X.copy(), K, X),
}


def cases() -> list[tuple[Any, ...]]:
    """Return every fault in every place once; how it is called and derived takes turns."""
    turns = itertools.cycle(itertools.product(TRANSFORMS, CALLS))
    return [
        (fault, place, *next(turns), read)
        for fault in FAULTS
        for place in PLACES
        for read in (True, False)
        if not read or fault.startswith("r")
    ] + [(fault, "alone", "grad", "unread gradient", False) for fault in FAULTS]


@pytest.mark.parametrize(
    ("number", "case"), list(enumerate(cases())), ids=lambda value: str(value).replace(" ", "")
)
def test_derivatives_raise_what_the_function_raises(number: int, case: tuple[Any, ...]) -> None:
    fault, place, transform, call, read = case
    f = program(number, fault, place, call, read)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        with pytest.raises(Exception) as own:  # noqa: PT011 (of any class)
            f(X.copy(), K)
        for mode in ("auto", "static", "tape"):
            with pytest.raises((own.type, S2SError)):
                raise AssertionError(f"{mode} gives {TRANSFORMS[transform](f, mode)}")
