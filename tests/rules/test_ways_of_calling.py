"""Functions called as people call them: lists for arrays, indices that a function returns, options.

Each program is differentiated by the compiler, in both modes, and by the tape, and the derivative
in a random direction is compared with differences.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from checker import difference, dot, like, moved

from s2s_grad import jvp, vjp
from s2s_grad.ir.request import Request
from s2s_grad.pipeline import derive, load, lower_primal, print_program

X = np.array([[0.7, -1.3, 0.4], [2.0, 0.1, -0.6], [-0.2, 1.1, 0.9]])
V = np.array([0.7, 1.3, 0.4])
MASK = np.array([1, 0, 1])

INDICES: dict[str, Any] = {
    "ix_": lambda x: x[np.ix_([0, 2], [1, 2])],
    "nonzero": lambda x: x[np.nonzero(x > 0)] ** 2,
    "where with one argument": lambda x: x[np.where(x > 0)],
    "where, unpacked": lambda x: x[np.where(x[:, 0] > 0)[0]],
    "tril_indices": lambda x: x[np.tril_indices(3)],
    "diag_indices": lambda x: x[np.diag_indices(3)],
    "unravel_index": lambda x: x[np.unravel_index(5, (3, 3))],
    "argmax of columns": lambda x: x[np.argmax(x, axis=0), np.arange(3)],
    "argsort": lambda x: x[:, np.argsort(x[0])[::-1]],
}
LISTS: dict[str, Any] = {
    "ufunc": lambda x: np.sin([x[0], x[1]]),
    "ufunc of two": lambda x: np.add([x[0], 1.0], x[:2]),
    "operator": lambda x: (x[0], x[1]) * np.array([2.0, 3.0]),
    "matmul": lambda x: x[:2] @ [x[0], 2.0],
    "reduction": lambda x: np.sum([x[0], x[1] * 2, 3.0]),
    "dot": lambda x: np.dot([x[0], x[1]], [x[1], 2.0]),
    "norm": lambda x: np.linalg.norm([x[0], x[1]]),
    "solve": lambda x: np.linalg.solve([[2.0, x[0]], [1.0, 5.0]], [x[1], 2.0]),
    "reshape": lambda x: np.reshape([x[0], x[1], x[2], 1.0], (2, 2)),
    "transpose": lambda x: np.transpose([[x[0], x[1]], [x[2], 1.0]]),
    "concatenate": lambda x: np.concatenate([[x[0]], x, [x[1], 1.0]]),
    "where": lambda x: np.where([True, False], [x[0], x[1]], [1.0, x[2]]),
    "choose": lambda x: np.choose([0, 1, 0], [x, 2 * x]),
    "choose from rows": lambda x: np.choose([0, 1, 0], np.outer(x, x)),
    "interp": lambda x: np.interp(x, [0.0, 1.0, 2.0], [x[1], x[2], 1.0]),
    "weights": lambda x: np.average([x[0], x[1]], weights=[1.0, 3.0]),
    "numbers and vectors side by side": lambda x: np.hstack([x[0], x, 1.0]),
    "outer": lambda x: np.multiply.outer(x, [x[0], 2.0]),
}
CONDITIONS: dict[str, Any] = {
    "ints": lambda x: np.where(MASK, x, np.log(x)),
    "a Python bool": lambda x: np.where(len(x) > 2, x, -x),
    "floats": lambda x: np.where(x, x, -x),
    "a literal": lambda x: np.where(True, x, -x),
}
STEPS: dict[str, Any] = {
    "arange from a float": lambda x: np.arange(x[0], x[0] + 3)[:3],
    "arange with a step": lambda x: np.arange(x[0], 9.0, x[1] ** 2)[:3],
    "bincount": lambda x: np.bincount([0, 2, 2], weights=x),
    "pieces of unlike lengths": lambda x: np.array_split(x, 2),
    "pieces": lambda x: np.split(x, 3),
    "rows in a list": lambda x: [r * 2 for r in np.outer(x, x)],
    "views in a list": lambda x: [r for r in np.outer(x, x).T],  # noqa: C416
}
OPTIONS: dict[str, Any] = {
    "sum, where": lambda x: np.sum(x, axis=1, where=MASK > 0),
    "sum, initial": lambda x: np.sum(x, axis=0, initial=0.5),
    "sum, dtype": lambda x: np.sum(x, dtype=float),
    "sum as a method": lambda x: x.sum(axis=0, where=x < 1.05),
    "prod, where": lambda x: np.prod(x, axis=1, where=MASK > 0, initial=2.0),
    "mean, where": lambda x: np.mean(x, axis=1, where=MASK > 0, keepdims=True),
    "mean, dtype": lambda x: np.mean(x, 0, np.float64),
    "var, where": lambda x: np.var(x, axis=1, where=MASK > 0, ddof=1),
    "var, correction": lambda x: np.var(x, axis=0, correction=1),
    "std, where": lambda x: np.std(x, axis=1, where=MASK > 0),
    "std, one item counts": lambda x: np.std(x, axis=1, where=np.arange(3) == 1),
    "max, where": lambda x: np.max(x, axis=1, where=MASK > 0, initial=0.3),
    "min, initial": lambda x: x.min(initial=0.2, axis=0),
    "reshape, Fortran": lambda x: np.reshape(x, (1, 9), order="F"),
    "reshape as a method": lambda x: x.reshape(-1, order="F"),
    "ravel, Fortran": lambda x: x.ravel("F"),
    "clip, newer names": lambda x: np.clip(x, min=-0.5, max=0.95),
    "clip, one bound": lambda x: x.clip(min=0.2),
    "diff, prepend": lambda x: np.diff(x, prepend=0, axis=1),
    "diff, both": lambda x: np.diff(x, axis=0, prepend=x[:1] * 2, append=1.0),
    "median, several axes": lambda x: np.median(np.stack([x, x * x]), axis=(0, 2)),
    "median, kept": lambda x: np.median(x, axis=(0, 1), keepdims=True),
    "quantile, several axes": lambda x: np.quantile(np.stack([x, -x]), [0.3, 0.8], axis=(0, 1)),
    "percentile, kept": lambda x: np.percentile(x, 30, axis=(-1, 0), keepdims=True),
    "cholesky, upper": lambda x: np.linalg.cholesky(x @ x.T, upper=True),
    "cond, another norm": lambda x: np.linalg.cond(x + 3 * np.eye(3), 1),
    "qr, one factor": lambda x: np.linalg.qr(x, mode="r"),
}
PROGRAMS = {
    **{f"option: {name}": (f, X) for name, f in OPTIONS.items()},
    **{f"index: {name}": (f, X) for name, f in INDICES.items()},
    **{f"list: {name}": (f, V) for name, f in LISTS.items()},
    **{f"condition: {name}": (f, V) for name, f in CONDITIONS.items()},
    **{f"other: {name}": (f, V) for name, f in STEPS.items()},
}
# The tape sees a list of tensors only where a function is called on it.
NOT_ON_TAPE = {"list: operator", "list: matmul", "list: outer", "list: interp",
               "list: concatenate", "other: arange from a float",
               "other: arange with a step"}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_both_modes(name: str) -> None:
    f, x = PROGRAMS[name]
    random = np.random.default_rng(0)
    direction = random.normal(size=x.shape)
    step = 1e-6
    value = f(x)
    ct = like(value, random)
    numeric = difference(f(moved(x, direction, step)), f(moved(x, direction, -step)), step)
    for mode in ("static",) if name in NOT_ON_TAPE else ("static", "tape"):
        found, pullback = vjp(f, mode=mode)(x)
        assert type(found) is type(value)
        gradient = pullback(ct)
        assert gradient.shape == x.shape
        np.testing.assert_allclose(dot(gradient, direction), dot(ct, numeric), rtol=1e-6)
        _, tangent = jvp(f, mode=mode)((x,), (direction,))
        assert isinstance(tangent, list) == isinstance(value, list)
        np.testing.assert_allclose(dot(ct, tangent), dot(ct, numeric), rtol=1e-6)


# ------------------------------------------------------------------------- nothing known of types


def _append_first(x: Any) -> Any:
    return np.append(x, [x[0]])


def _sorted_in_place(x: Any) -> Any:
    y = x * 1
    y.sort()
    return y


def _some(x: Any) -> Any:
    return np.log(np.abs(x))[x > 0.5]


def _decomposed(x: Any) -> Any:
    q, r = np.linalg.qr(x)
    return q @ r


@pytest.mark.parametrize(
    ("f", "x"), [(_append_first, V), (_sorted_in_place, X), (_some, V), (_decomposed, X)]
)
def test_without_types_the_cotangent_is_left_alone(f: Any, x: Any) -> None:
    request = Request("vjp", ("x",), True)
    compiled = load(print_program(derive(lower_primal(f, {}), request), request))
    value, pullback = compiled(x)
    _, expected = vjp(f, mode="static")(x)
    np.testing.assert_allclose(value, f(x), rtol=1e-14)
    ct = like(value, np.random.default_rng(0))
    before = ct.copy()
    np.testing.assert_allclose(pullback(ct), expected(ct), rtol=1e-12)
    np.testing.assert_array_equal(ct, before)
