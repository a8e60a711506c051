"""Questions for the class, the members and the rank of a value have NumPy's answers."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judge import MODES, judge

X = np.array([0.3, -1.2, 2.1, 0.7, -0.4])

# What an expression of the vector `x` and of the float `k` is an object of.
EXPRESSIONS = """
x.sum() | x.mean() | x @ x | np.dot(x, x) | x.item(0) | x.tolist()[0] | x[0] * 1 | -x[0]
np.linalg.norm(x) | sum(x) | max(x) | abs(x[0]) | x[0].real | np.float64(x[0]) | float(x[0])
np.asarray(x[0]) | np.array(1.0) * x[0] | x[0][()] | np.squeeze(x[:1]) | x[:1].reshape(())
np.median(x) | np.interp(0.5, x, x) | np.where(True, x[0], x[1]) | x[0].copy() | np.clip(x[0], 0, 1)
x[...] | x[0, ...] | np.atleast_1d(x[0]) | x.max(keepdims=True) | np.einsum("i->", x)
x.cumsum()[-1] | np.sum([x[0], k]) | np.array([x[0], 1])[0]
np.stack([x[0], k])[0] | np.full(2, k)[1] | k + x[0]
np.add(k, 1) | np.add(1, k) | np.negative(k) | np.power(k, 2) | np.greater(k, 0) | np.divide(k, 2)
k + 1 | -k | k**2 | 2**k | abs(k) | k // 1 | k % 1 | divmod(k, 1)[1] | round(k) | round(k, 1)
max(k, 2.0) | min(k, 2.0) | int(k) | k > 0 | not k | k and x[0] | k.real | k.imag | k.conjugate()
np.abs(k) | np.sqrt(k) | np.maximum(k, 0.0) | np.real(k) | np.asarray(k) | np.sum(k) | np.exp(k)
x[0] > 0 | np.all(x > 0) | (x > 0).any() | (x > 0).sum() | np.argmax(x)
len(x) | x.size | int(x[0]) | math.sin(k) | math.floor(k) | math.isnan(k)
math.isclose(k, 1) | math.hypot(k, 1) | math.fsum(x)
math.prod([k, k]) | sum([k, k]) | sum([k, x[0]]) | sum(x.tolist()) | sorted(x)[0] | list(x)[0]
np.outer(x, x)[0, 0] | np.multiply.outer(k, k) | np.copy(k) | np.zeros_like(k)
np.broadcast_to(k, ()) | float(x[0]) * k | float(x[0]) * x[1] | abs(float(x[0]))
-float(x[0]) | float(np.sin(x[0]))
""".replace("\n", "|")

BODY = """def f(x, k):
    v = {}
    t = type(v)
    s = 1.0
    for place, kind in enumerate((float, int, bool, np.float64, np.int64, np.bool_)):
        if t is kind:
            s = place + 2.0
    if isinstance(v, np.ndarray):
        s = 20.0 + v.ndim
    return x[0] * s
"""


def made(source: str) -> Callable[..., Any]:
    """Return the function `f` of a source text, which can be read again."""
    file = f"<{source}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    names: dict[str, Any] = {"np": np, "math": __import__("math")}
    exec(compile(source, file, "exec"), names)
    return names["f"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("expression", [e.strip() for e in EXPRESSIONS.split("|") if e.strip()])
def test_classes(expression: str, mode: str) -> None:
    assert not judge(made(BODY.format(expression)), (X, 1.5), mode)


MEMBERS = [
    "sum()", "mean()", "copy()", "T", "shape", "ndim", "size", "dtype", "astype(float)", "real",
    "imag", "conj()", "conjugate()", "item()", "max()", "std()", "round()", "round(2)",
    "clip(0,1)", "reshape(-1)", "ravel()", "squeeze()", "dot(2.0)", "argmax()", "any()", "flat",
    "take(0)", "repeat(2)", "trace()", "cumsum()", "argsort()", "is_integer()", "hex()",
    "keys()", "upper()", "__len__()", "append(1)", "index(1)", "count(1)",
]  # fmt: skip
OWNERS = (
    "k",
    "x",
    "x[0]",
    "float(x[0])",
    "x.sum()",
    "len(x)",
    "x.shape",
    "(x[0] > 0)",
    "[k]",
    "'a'",
)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("member", MEMBERS)
def test_members(member: str, mode: str) -> None:
    faults: dict[str, str] = {}
    for owner in OWNERS:
        f = made(
            f"def f(x, k):\n    v = {owner}\n    return x[1] * (1 if v.{member} is None else 2)"
        )
        faults[owner] = judge(f, (X, 1.5), mode)
        name = member.partition("(")[0]
        f = made(f"def f(x, k):\n    return x[1] * (1 if hasattr({owner}, {name!r}) else 2)")
        faults[f"hasattr {owner}"] = judge(f, (X, 1.5), mode)
    assert not {o: f for o, f in faults.items() if f and not f.startswith("refused")}


# The rank of a result may follow from a size that happens to be 1.
RANKS = {
    "a head": "np.squeeze(x[:1]).ndim",
    "a part": "np.squeeze(x[:k]).ndim",
    "a tail": "x[4:].squeeze().ndim",
    "a selection": "x[x > 2].squeeze().ndim",
    "places": "np.squeeze(x[np.nonzero(x > 2)]).ndim",
    "an inner axis": "np.squeeze(np.outer(x[:k], x)).ndim",
    "the last two": "np.squeeze(np.outer(x[3:], x)).ndim",
    "a covariance": "np.cov(np.outer(x[:k], x)).ndim",
    "its own item": "np.squeeze(x[:k]) * 2",
    "its length": "np.squeeze(np.outer(x[:k], x))[1] * len(np.squeeze(np.outer(x[:k], x)))",
    "its sum": "np.sum(np.ones((2, 2)) * np.squeeze(x[:k]))",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", RANKS)
def test_ranks_of_what_is_squeezed(name: str, mode: str) -> None:
    f = made(f"def f(x, k):\n    return x[1] * ({RANKS[name]})")
    assert not judge(f, (X, 1), mode)


@pytest.mark.parametrize("mode", MODES)
def test_ranks_where_another_size_is_one(mode: str) -> None:
    f = made("def f(x):\n    return x[0] * np.squeeze(np.outer(x[1:], x)).ndim")
    assert not judge(f, (X[:3],), mode)
    assert not judge(f, (X[:2],), mode)
