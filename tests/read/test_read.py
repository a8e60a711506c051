"""Reading functions: the right definition, its place in the file, and the meaning of its names."""

from __future__ import annotations

import functools
import importlib.util
import linecache
import time

import libcst as cst
import numpy as np
import pytest

from s2s_grad.errors import NoSource
from s2s_grad.read.parts import callable_parts
from s2s_grad.read.source import read

K = 5.0


def simple(x):
    return x * K


def outer(a, b=2):
    def inner(y, k=3):
        # a comment
        text = """
not indented
"""
        return a * y * k, text

    return inner


def doubled(f):
    @functools.wraps(f)
    def wrapper(*args):
        return 2 * f(*args)

    return wrapper


@doubled
def decorated(x):
    return x + 1


@functools.lru_cache
def cached(x):
    return x + 2


class Model:
    def __call__(self, x):
        return x

    def method(self, x):
        return x * 3

    @staticmethod
    def static(x):
        return x * 4

    @classmethod
    def of_class(cls, x):
        return x * 5


def identity(*functions):
    return functions


ONE_LINE = [lambda x: x + 1, lambda x: x + 2, lambda x, y: x, lambda: 3, lambda x: lambda y: x]
IN_A_CALL = identity(
    lambda x: x * 2
    + 1,
    "é", lambda x: "é" if x else 4, lambda x: "é" if x else 5,
)  # fmt: skip


def body_of(fn):
    source = read(fn)
    if isinstance(source.node, cst.Lambda):
        return source.text_of(source.node.body)
    return source.text_of(source.node.body.body[-1])


def test_a_def():
    source = read(simple)
    assert source.name == "simple"
    assert source.file == __file__
    assert source.position(source.node) == (simple.__code__.co_firstlineno, 0)
    statement = source.node.body.body[0].body[0]
    assert source.position(statement) == (simple.__code__.co_firstlineno + 1, 4)
    assert source.text_of(statement.value) == "x * K"
    location = source.location(statement.value.right)
    assert location.text[location.column :] == "K"
    assert list(source.signature.parameters) == ["x"]
    assert source.resolve("K") == 5.0
    assert source.resolve("np") is np
    assert source.resolve("len") is len
    with pytest.raises(NameError):
        source.resolve("nothing_of_that_name")


def test_a_nested_def():
    inner = outer(7)
    source = read(inner)
    assert source.resolve("a") == 7
    assert source.position(source.node) == (inner.__code__.co_firstlineno, 4)
    assert source.signature.parameters["k"].default == 3
    assert source.text_of(source.node.body.body[-1]) == "return a * y * k, text"


def test_decorators():
    assert body_of(decorated) == "return 2 * f(*args)"
    assert body_of(decorated.__wrapped__) == "return x + 1"
    assert body_of(cached) == "return x + 2"
    line = read(decorated.__wrapped__).location(read(decorated.__wrapped__).node).line
    assert line == decorated.__wrapped__.__code__.co_firstlineno + 1


def test_methods_and_partials():
    model = Model()
    assert body_of(model.method) == "return x * 3"
    assert body_of(model) == "return x"
    assert body_of(Model.static) == "return x * 4"
    assert body_of(Model.of_class) == "return x * 5"
    assert body_of(functools.partial(model.method, 1)) == "return x * 3"
    parts = callable_parts(functools.partial(functools.partial(model.method, 1), y=2))
    assert parts.function is Model.method
    assert parts.args == (model, 1)
    assert parts.kwargs == {"y": 2}
    assert callable_parts(np.sin).function is np.sin
    assert callable_parts(simple).function is simple


def test_lambdas_on_one_line():
    bodies = [body_of(fn) for fn in ONE_LINE]
    assert bodies == ["x + 1", "x + 2", "x", "3", "lambda y: x"]
    assert body_of(ONE_LINE[4](1)) == "x"


def test_lambdas_in_a_call():
    first, _, second, third = IN_A_CALL
    assert body_of(first) == "x * 2\n    + 1"
    assert body_of(second) == '"é" if x else 4'
    assert body_of(third) == '"é" if x else 5'
    source = read(third)
    location = source.location(source.node)
    assert location.text[location.column :].startswith("lambda x")
    deep = source.location(read(first).node)
    assert deep.file == __file__


def test_no_source():
    with pytest.raises(NoSource, match="`len` has no Python source"):
        read(len)
    with pytest.raises(NoSource, match="no Python source"):
        read(np.sin)
    scope = {}
    exec("def f(x):\n    return x", scope)
    with pytest.raises(NoSource) as caught:
        read(scope["f"])
    assert caught.value.location.file == "<string>"
    assert "file" in caught.value.remedy


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "after",
    [
        "def f(x):\n    return x - 2\n",
        "def g(x):\n    return x * 2\n",
        "\n\ndef f(x):\n    return x * 2\n",
        "def f(x):\n    return x * 3\n",
        "def f(y):\n    return y * 2\n",
        "x = (\n",
        "",
    ],
)
def test_a_changed_file_is_noticed(tmp_path, after):
    path = tmp_path / "changing.py"
    path.write_text("def f(x):\n    return x * 2\n")
    module = load(path, "changing")
    assert body_of(module.f) == "return x * 2"
    path.write_text(after + "# longer than before, so that the change is seen\n")
    with pytest.raises(NoSource, match="changed"):
        read(module.f)


def test_a_changed_lambda_is_noticed(tmp_path):
    path = tmp_path / "changing_lambda.py"
    path.write_text("f = lambda x: x * 2\n")
    module = load(path, "changing_lambda")
    assert body_of(module.f) == "x * 2"
    path.write_text("f = lambda x: x * 3    \n")
    with pytest.raises(NoSource, match="changed"):
        read(module.f)


def test_a_notebook_cell():
    text = "def f(x):\n    return x * 7\n\ng = lambda x: x * 8\n"
    name = "<ipython-input-1-abc>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    scope = {}
    exec(compile(text, name, "exec"), scope)
    assert body_of(scope["f"]) == "return x * 7"
    assert body_of(scope["g"]) == "x * 8"


def test_an_empty_cell():
    def f():
        return late

    source = read(f)
    with pytest.raises(NameError):
        source.resolve("late")
    late = 1
    assert source.resolve("late") == 1
    assert f() == 1


def test_reading_is_fast():
    from s2s_grad.read import parse  # noqa: F401
    from s2s_grad.read.parse import parse as parser

    best = 1.0
    for _ in range(5):
        parser.cache_clear()
        start = time.perf_counter()
        read(simple)
        best = min(best, time.perf_counter() - start)
    assert best < 0.003
