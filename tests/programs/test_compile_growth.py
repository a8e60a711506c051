"""Compiling does work in proportion to the program: families at three sizes, counted in calls."""

import cProfile
import importlib.util
import pstats

import numpy as np
import pytest
from judge import at_most

from s2s_grad import FallbackWarning, grad, hvp

X = np.array([0.3, -1.2, 2.1, 0.7])
_SIZE = 6
_DEPTH = 3  # of loops, as Python has no more than twenty inside of each other
_STEEPEST = 4.0  # of the work from n to 2n: quadratic growth is the limit, for nested conditions

_G = "def g(t):\n    return np.sin(t) * t + t\n"


def nested_calls(n):
    return _G + f"def f(x):\n    return {'g(' * n}x{')' * n}\n"


def functions_of_functions(n):
    twice = "def twice(h):\n    return lambda t: h(h(t))\n"
    depth = n.bit_length()
    return _G + twice + f"def f(x):\n    return {'twice(' * depth}g{')' * depth}(x)\n"


def reduced_layers(n):
    return f"def f(x):\n    return reduce(lambda a, i: np.tanh(a) * a + a, range({n}), x)\n"


def chains_of_views(n):
    lines = "    y = x * np.ones(4)\n    y[0] = 2 * y[1]\n    v = y\n" + "    v = v[::-1]\n" * n
    return f"def f(x):\n{lines}    return v[0] * y[1]\n"


def views_read_again(n):
    lines = "    y = x * np.ones(4)\n    v = y\n" + "    v = v[::-1]\n" * n
    return f"def f(x):\n{lines}    y[0] = 2 * y[1]\n    return v[0] * y[1]\n"


def helpers_below_helpers(n):
    helpers = "".join(
        f"def h{i}(t):\n    u = h{i - 1}(t)\n    return u * t + 1\n" for i in range(1, n)
    )
    return f"def h0(t):\n    return np.sin(t)\n{helpers}def f(x):\n    return h{n - 1}(x)\n"


def closures(n):
    inner = "".join(f"    def g{i}(t):\n        return g{i - 1}(t) * x + t\n" for i in range(1, n))
    return f"def f(x):\n    def g0(t):\n        return t * x\n{inner}    return g{n - 1}(x)\n"


def deep_expression(n):
    return f"def f(x):\n    return {'np.sin(x * (' * n}x{'))' * n}\n"


def long_product(n):
    return f"def f(x):\n    return {' * '.join(f'np.sin({i + 1} * x)' for i in range(n))}\n"


def branches(n):
    body = "".join(
        f"    if s > {i}:\n        s = s * np.sin(s)\n    else:\n        s = s + 1\n"
        for i in range(n)
    )
    return f"def f(x):\n    s = x\n{body}    return s\n"


def nested_branches(n):
    body = "".join(
        f"{'    ' * (i + 1)}if s > -{i}:\n{'    ' * (i + 2)}s = s * np.sin(s)\n" for i in range(n)
    )
    return f"def f(x):\n    s = x\n{body}    return s\n"


def one_loop_after_another(n):
    loops = "    for _ in range(k):\n        s = np.sin(s) * x\n" * n
    return f"k = 2\ndef f(x):\n    s = x\n{loops}    return s\n"


def nested_loops(n):
    loops = "".join(
        f"def h{i}(s, x):\n    for _ in range(k):\n        s = h{i - 1}(s, x)\n    return s\n"
        for i in range(1, n + 1)
    )
    return (
        f"k = 1\ndef h0(s, x):\n    return np.sin(s) * x\n{loops}def f(x):\n    return h{n}(x, x)\n"
    )


def nested_choices(n):
    return f"def f(x):\n    return np.sum({'np.where(x > 0, x * x, ' * n}x{')' * n})\n"


def tuples_of_tuples(n):
    doubled = "    t = (t, t)\n"
    return f"def f(x):\n    t = (x, x * x)\n{doubled * n}    return t{'[0]' * n}[1]\n"


def written_copies(n):
    step = "    z = y.copy()\n    z[1:] += y[:-1] * 0.5\n    y = z\n"
    return f"def f(x):\n    y = x * np.ones(4)\n{step * n}    return np.sum(y)\n"


FAMILIES = [
    nested_calls, functions_of_functions, reduced_layers, chains_of_views, views_read_again,
    helpers_below_helpers,
    closures, deep_expression, long_product, branches, nested_branches, one_loop_after_another,
    nested_loops, nested_choices, tuples_of_tuples, written_copies,
]  # fmt: skip


@pytest.fixture(params=FAMILIES, ids=lambda family: family.__name__)
def work(request, tmp_path):
    """Return how many calls it takes to derive the member of a family of so many times a size."""

    def count(transform, times):
        n = times * (_DEPTH if request.param is nested_loops else _SIZE)
        path = tmp_path / f"{request.param.__name__}_{n}.py"
        path.write_text("from functools import reduce\nimport numpy as np\n" + request.param(n))
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        derived = transform(module.f, mode="static", check="off")
        profile = cProfile.Profile()
        profile.enable()
        try:
            derived(*(0.3, 1.0)[: 2 if transform is hvp else 1])
        finally:
            profile.disable()
        return pstats.Stats(profile).total_calls

    count(grad, 3)  # what is done once in a process, and for a text, is done for another now
    return count


@pytest.mark.parametrize("transform", [grad, hvp])
def test_work_grows_with_the_program(work, transform):
    few, some, many = (work(transform, times) for times in (1, 2, 4))
    assert some < _STEEPEST * few
    assert many < _STEEPEST * some


def swapped_and_written(n):
    step = "    if x > {i}:\n        y, z = z, y\n    y[{j}] = z[0] * x\n"
    body = "".join(step.format(i=i, j=i % 4) for i in range(n))
    return f"def f(x):\n    y, z = x * np.ones(4), np.zeros(4)\n{body}    return np.sum(y + z)\n"


def called_twice(n):
    step = "def h{i}(t):\n    if t > {i}:\n        return h{j}(t)\n    return h{j}(t * 0.5) * t\n"
    helpers = "".join(step.format(i=i, j=i - 1) for i in range(1, n + 1))
    return f"def h0(t):\n    return np.sin(t)\n{helpers}def f(x):\n    return h{n}(x)\n"


@pytest.mark.parametrize("family", [swapped_and_written, called_twice])
def test_what_would_double_with_each_step_is_refused(family, tmp_path):
    """What a step writes out for each way to come to it is bounded, and the tape runs the rest."""
    path = tmp_path / f"{family.__name__}.py"
    path.write_text("import numpy as np\n" + family(24))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with at_most(60), pytest.warns(FallbackWarning, match="the compiler refused"):
        slope = grad(module.f)(0.3)
    step = 1e-6
    difference = (module.f(0.3 + step) - module.f(0.3 - step)) / (2 * step)
    assert slope == pytest.approx(difference, rel=1e-5, abs=1e-9)
