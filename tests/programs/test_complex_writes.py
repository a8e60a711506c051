"""Complex values written to arrays of real numbers: an error, or the real part, as in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from judge import judge
from program_writer import compiled

Z = np.array([0.4 + 0.3j, 0.5 - 0.2j, 0.7 + 0.1j])
ARGS = (np.array([0.3, 0.6, 0.9]), Z, 0.7)
OF_PYTHON = "complex(k, 0.2)"
VALUES = ["z[0] * k", "np.array(z[0]) * k + np.zeros(())[...]", "z[:2] * k", "[z[0], z[1] * k]"]
STORES = [
    "a[0] = v",
    "a[:2] = v",
    "a[[0, 1]] = v",
    "a[a < 0.5] = v",
    "a[:2][...] = v",
    "a.real[:2] = v",
    "a.T[1] = v",
    "a[0] += v",
    "a.flat[:2] = v",
    "np.put(a, [0, 1], v)",
    "np.put_along_axis(a[:2], np.array([0, 1]), v, 0)",
    "np.add.at(a, [0, 1], v)",
    "np.subtract.at(a, [0, 1], v)",
    "b = np.outer(a, a); np.fill_diagonal(b, v); a = a + b[0]",
    "d = np.array(k); d[()] = v; a = a * d",
    "a[:2] = np.asarray(v).astype(float)",
]
CASTS = [
    "a.fill(v)",
    "np.place(a, a < 0.5, v)",
    "np.putmask(a, a < 0.5, v)",
    "np.copyto(a[:2], v)",
    "np.copyto(a[:2], v, where=[True, False])",
    "np.multiply(a[:2], v, out=a[:2])",
    "b = a[:2]; b += v",
    "a[:2] *= v",
]


def written(statement: str, value: str, used: str = "a * a") -> Any:
    """Return a function that writes a value, and may use what it wrote to."""
    source = f"import numpy as np\n\ndef program(x, z, k):\n    a = x * k\n    v = {value}\n"
    source += f"    {statement}\n    return np.sum({used}) * k + np.abs(z[0])\n"
    return compiled("complex writes", abs(hash((statement, value, used))), source)


@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize("statement", STORES + CASTS)
def test_complex_values_written_to_real_ones(statement: str, mode: str) -> None:
    for value in (OF_PYTHON, f"[{OF_PYTHON}, z[0]]", "0.5 + k * 1j", *VALUES):
        for used in ("a * a", "x"):
            fault = judge(written(statement, value, used), ARGS, mode)
            assert not fault, f"{value}, of which {used} is used: {fault}"


@pytest.mark.parametrize("statement", STORES[:5])
def test_the_real_part_is_compiled(statement: str) -> None:
    assert not judge(written(statement, "z[0] * k"), ARGS, "static", static=True)


@pytest.mark.parametrize("statement", STORES[:8])
def test_the_real_part_is_recorded(statement: str) -> None:
    from s2s_grad import value_and_grad

    f = written(statement, "z[0] * k")
    with pytest.warns(np.exceptions.ComplexWarning):
        value, (x_bar, z_bar) = value_and_grad(f, (0, 1), mode="tape")(*ARGS)
    with pytest.warns(np.exceptions.ComplexWarning):
        other, bars = value_and_grad(f, (0, 1), mode="static")(*ARGS)
    np.testing.assert_allclose(value, other)
    np.testing.assert_allclose(x_bar, bars[0])
    np.testing.assert_allclose(z_bar, bars[1])


def what_is_complex_depends_on_rounds(x, z, k):
    a, b, c = z.copy(), np.zeros(3), x * k
    for _ in range(2):
        for _ in range(0):
            a, b = b, a
        c[1:] *= a[1:]
    return np.sum(x) * k + np.abs(z[0])


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_an_update_that_raises_is_not_dropped(mode: str) -> None:
    assert not judge(what_is_complex_depends_on_rounds, ARGS, mode)
