"""A derivative as an object: pickled, shared by threads, explained, read and stepped through."""

from __future__ import annotations

import inspect
import pickle
import threading
import traceback

import api_functions as functions
import numpy as np
import pytest

from s2s_grad import grad, value_and_grad

X = np.array([1.0, 2.0])


# --------------------------------------------------------------------------------------- pickling


def test_a_derivative_can_be_pickled() -> None:
    again = pickle.loads(pickle.dumps(grad(functions.unused, wrt="x")))
    np.testing.assert_array_equal(again(X, 0.0), 2 * X)
    assert again.primal is functions.unused


def test_a_derivative_that_ran_can_be_pickled() -> None:
    gradient = value_and_grad(functions.with_aux, has_aux=True)
    before = gradient(X)
    after = pickle.loads(pickle.dumps(gradient))(X)
    assert before[0][0] == after[0][0]
    np.testing.assert_array_equal(before[1], after[1])


def test_a_decorated_function_is_pickled_by_name() -> None:
    assert pickle.loads(pickle.dumps(functions.decorated)) is functions.decorated


# ---------------------------------------------------------------------------------------- threads


def test_two_threads_compile_the_same_function() -> None:
    gradient = grad(functions.loss, ("w", "b", "x"))
    w, x = np.array([0.5, -1.0]), np.ones((3, 2))
    expected = grad(functions.loss, ("w", "b", "x"))(w, 0.25, x)
    start = threading.Barrier(4)
    found: list[object] = []
    failed: list[BaseException] = []

    def run(dtype: type[np.floating]) -> None:
        start.wait()
        try:
            for _ in range(5):
                found.append(gradient(w.astype(dtype), dtype(0.25), x.astype(dtype)))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(t,)) for t in (np.float64, np.float32) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(found) == 20
    for result in found:
        assert isinstance(result, tuple)
        for part, want in zip(result, expected, strict=True):
            np.testing.assert_allclose(part, want, rtol=1e-6)


# ------------------------------------------------------------------------------------- explaining


def test_explain() -> None:
    gradient = grad(functions.loss, wrt=("w", "b"))
    assert "not compiled yet" in gradient.explain()
    gradient(X, 0.0, np.ones((3, 2)))
    text = gradient.explain()
    assert "compiled statically" in text
    assert "w" in text
    assert "loss" in text


def test_repr() -> None:
    assert repr(grad(functions.loss, wrt="b")) == "<grad of loss with respect to b>"


def test_the_source_is_a_module_of_its_own() -> None:
    gradient = grad(functions.loss, wrt="w")
    expected = gradient(X, 0.5, np.ones((3, 2)))
    module: dict[str, object] = {}
    exec(compile(gradient.source, "emitted", "exec"), module)
    emitted = module["loss_grad"]
    assert callable(emitted)
    np.testing.assert_array_equal(emitted(X, 0.5, np.ones((3, 2))), expected)
    assert "s2s_grad" not in gradient.source


def test_inspect_finds_the_source_of_what_runs() -> None:
    compiled = grad(functions.unused, wrt="x").specialize(X, 0.0)
    text = inspect.getsource(inspect.unwrap(compiled))
    assert text.startswith("def unused_grad(x, y):")
    assert "x" in text.splitlines()[-1]


def test_the_source_does_not_depend_on_the_run() -> None:
    sources = []
    for _ in range(2):
        gradient = grad(functions.loss, wrt=("w", "b"))
        gradient(X, 0.5, np.ones((3, 2)))
        sources.append(gradient.source)
    assert sources[0] == sources[1]


def test_tracebacks_show_the_emitted_line() -> None:
    with pytest.raises(ValueError, match=r"math domain error|nonnegative") as caught:
        grad(functions.fails)(X)
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert "fails_grad" in frames[-1].filename or frames[-1].name == "fails_grad"
    assert frames[-1].line is not None
    assert "sqrt" in frames[-1].line


def test_one_compilation_serves_all_sizes() -> None:
    gradient = grad(functions.unused, wrt="x")
    first = gradient.specialize(X, 0.0)
    assert gradient.specialize(np.ones(5), 0.0) is first
    assert gradient.specialize(np.ones((5, 2)), 0.0) is not first
