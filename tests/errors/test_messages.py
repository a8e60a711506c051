"""Messages lead to the user's line, name what has no rule, and advise what exists."""

from __future__ import annotations

import re
import traceback
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import s2s_grad
from s2s_grad import FallbackWarning, S2SError, ZeroGradientWarning, grad, tape, value_and_grad

A = np.array([1.0, 2.0, 3.0])


def item(x: Any, n: int) -> Any:
    z = x[n]
    return z * 2.0


def inverse(x: Any) -> Any:
    y = np.linalg.inv(x)
    return np.sum(y)


@pytest.mark.parametrize(
    ("f", "right", "wrong", "line"),
    [
        (item, (A, 1), (A, 7), "z = x[n]"),
        (inverse, (np.eye(2),), (np.zeros((2, 2)),), "y = np.linalg.inv(x)"),
    ],
)
def test_an_error_in_emitted_code_shows_both_lines(
    f: Any, right: Any, wrong: Any, line: str
) -> None:
    derivative = grad(f, mode="static", check="off")
    derivative(*right)
    for _ in range(2):
        with pytest.raises((IndexError, np.linalg.LinAlgError)) as caught:
            derivative(*wrong)
        text = "".join(traceback.format_exception(caught.value))
        assert f"in the grad of `{f.__name__}`, at the emitted line" in text
        assert re.search(rf"which belongs to .*test_messages\.py:\d+: {re.escape(line)}", text)


@pytest.mark.parametrize("mode", ["auto", "static", "tape"])
def test_a_function_of_scipy_without_a_rule_is_named(mode: str) -> None:
    linalg = pytest.importorskip("scipy.linalg")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        with pytest.raises(S2SError, match=r"`scipy\.linalg\.expm` has no (derivative )?rule"):
            grad(lambda x: np.sum(linalg.expm(x)), mode=mode)(np.eye(2))


def test_a_tensor_in_an_array_is_still_named() -> None:
    with pytest.raises(S2SError, match="converted to an array"):
        np.asarray(tape.ones(2, requires_grad=True))


def test_advice_names_what_exists() -> None:
    """Each ``s2s_grad.…`` and ``tape.…`` in the sources of the package can be found."""
    root = Path(s2s_grad.__file__).parent
    named: set[str] = set()
    for path in root.rglob("*.py"):
        for line in path.read_text().splitlines():
            if '"' in line and "import" not in line:
                named.update(re.findall(r"\btape\.[a-z_]+(?:\.[a-z_]+)*(?=[(`])", line))
    assert "tape.functional.jacobian" in named
    for name in named:
        found: Any = tape
        for part in name.split(".")[1:]:
            assert hasattr(found, part), name
            found = getattr(found, part)


# --------------------------------------------------------------------------- warnings as errors


def untaped(x: Any) -> Any:
    try:
        return np.sum(x * x)
    except ValueError:
        return 0.0


def test_a_fallback_that_is_an_error_is_raised_each_time() -> None:
    derivative = value_and_grad(untaped, check="off")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            with pytest.raises(FallbackWarning, match="runs on the tape"):
                derivative(A)
    with pytest.warns(FallbackWarning) as caught:
        value, gradient = derivative(A)
    assert caught[0].filename == __file__
    assert value == 14.0
    np.testing.assert_array_equal(gradient, 2 * A)


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_the_same_results_where_warnings_are_errors(mode: str) -> None:
    def f(x: Any, k: Any) -> Any:
        y = np.where(x > 1.5, np.log(x), x / k) + np.floor(x) * 0.5
        for i in range(3):
            y[i] += y[i - 1] / (1 + x[i])
        return np.sum(y) + np.linalg.norm(x)

    expected = grad(f, wrt=(0, 1), mode=mode)(A, 2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = grad(f, wrt=(0, 1), mode=mode, check="first")(A, 2.0)
    np.testing.assert_array_equal(found[0], expected[0])
    assert found[1] == expected[1]


@pytest.mark.parametrize("mode", ["static", "tape"])
def test_warnings_point_at_the_line_of_the_user(mode: str) -> None:
    with pytest.warns(ZeroGradientWarning) as caught:
        grad(lambda x: 3.0, mode=mode, check="off")(2.0)
    assert caught[0].filename == __file__
