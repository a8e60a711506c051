"""Published kernels: neither sweep copies a whole array in each iteration of a loop."""

from __future__ import annotations

import ast
import copy
import importlib
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from s2s_grad import grad

sys.path.insert(0, str(Path(__file__).parents[1] / "kernels"))

KERNELS = {
    kernel.name: kernel
    for module in (
        "factorisations",
        "fluids",
        "linear_algebra",
        "solvers",
        "stencils",
        "weather",
    )
    for kernel in importlib.import_module(module).KERNELS
}
NAMES = (
    "cholesky into its argument",
    "lu",
    "ludcmp",
    "trisolv",
    "back substitution into its argument",
    "gramschmidt",
    "durbin",
    "levinson-durbin",
    "gemm into its argument",
    "syrk into its argument",
    "trmm",
    "thomas into its arguments",
    "cavity flow",
    "channel flow into its argument",
    "burgers into its argument",
    "jacobi-1d into its arguments",
    "jacobi-2d",
    "heat-3d",
    "fdtd-2d into its arguments",
    "adi into its argument",
    "crank-nicolson into its argument",
    "successive over-relaxation",
    "pagerank",
)
WRITTEN_BY_THE_USER = {
    "cavity flow": {"u.copy()", "v.copy()", "p.copy()"},
    "channel flow into its argument": {"u.copy()"},
    "burgers into its argument": {"u.copy()"},
}
WORTH_IT = {
    # all of x is read for each of its items
    "successive over-relaxation": {"x.copy()"},
    # all of the vector is read, and overwritten, in each step
    "pagerank": {"rank.copy()"},
    "crank-nicolson into its argument": {"u.copy()"},
}


def whole_copies(source: str) -> set[str]:
    """Return the copies of whole variables inside of loops."""
    found: set[str] = set()
    loops = [n for n in ast.walk(ast.parse(source)) if isinstance(n, (ast.For, ast.While))]
    for node in [inner for loop in loops for inner in ast.walk(loop)]:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr != "copy":
            continue
        copied = node.args[0] if node.args else node.func.value
        if isinstance(copied, ast.Name):
            found.add(ast.unparse(node))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_no_whole_copy_in_a_loop(name: str) -> None:
    kernel: Any = KERNELS[name]
    args = kernel.arguments(np.random.default_rng(zlib.crc32(name.encode())))
    gradient = grad(kernel.objective, kernel.wrt, mode="static")
    gradient(*copy.deepcopy(args))
    allowed = WRITTEN_BY_THE_USER.get(name, set()) | WORTH_IT.get(name, set())
    assert whole_copies(gradient.source) == allowed


def test_whole_copies_are_found() -> None:
    source = (
        "for i in x:\n    a = a.copy()\n    b = np.copy(c)\n    d = e[1:].copy()\nf = f.copy()\n"
    )
    assert whole_copies(source) == {"a.copy()", "np.copy(c)"}


def test_an_array_that_is_made_of_a_list_is_no_view_of_it():
    def state(x, k):
        h = 0.0
        for v in x:
            h = np.tanh(k * h + v)
        return h

    gradient = grad(state)
    gradient(np.ones(3), 0.5)
    assert "np.reshape(v_bars, x.shape)" in gradient.source
    assert ".copy()" not in gradient.source
