"""Files that dump wrote: they run, know what they are for, and say when they are stale."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from s2s_grad import grad
from s2s_grad.cli import main

MODEL = """
from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, NamedTuple, TypedDict

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float64

print("importing")
W = np.arange(40.0).reshape(8, 5)
RNG = np.random.default_rng(0)
SMALL = np.array([1.0, 2.0])
PARAMS = {"big": np.ones(50)}


class Config:
    scale = 3.0
    big = np.ones(30)


CFG = Config()


def loss(w, x, k=2.0, steps=3, kind="l2"):
    for _ in range(steps):
        w = w * 0.9
    r = W @ w * k + SMALL[0] * CFG.scale
    if kind == "l2":
        return np.sum(r * r) + np.sum(CFG.big) * w[0] + PARAMS["big"] @ PARAMS["big"] * x[0]
    return np.sum(np.abs(r))


def draws(x):
    return np.sum(x * RNG.normal(size=5))


def layers(params, x):
    for w, b in params:
        x = np.tanh(x @ w + b)
    return np.sum(x)


def product(x, y):
    return np.sum(x * y)


def scaled(x, activation=np.tanh, name=None):
    return np.sum(activation(x))


def open_ended(x: float, *rest, **options):
    return x * x


def unrolled(x, n):
    parts = [x * i for i in range(n)]
    return np.sum(np.stack(parts))


class Pair(NamedTuple):
    w: Float64[np.ndarray, "n"]
    b: float


@dataclasses.dataclass
class Layer:
    w: Float64[np.ndarray, "n"]
    b: float


class Weights(TypedDict):
    w: Float64[np.ndarray, "n"]
    b: float


def pair(p: Pair, x: Float64[np.ndarray, "m n"]):
    return np.sum(x @ p.w + p.b)


def layer(p: Layer, x: Float64[np.ndarray, "m n"]):
    return np.sum(x @ p.w + p.b)


def weights(p: Weights, x: Float64[np.ndarray, "m n"]):
    return np.sum(x @ p["w"] + p["b"])


def nested(p: tuple[Float64[np.ndarray, "n"], tuple[float, Weights]]):
    return np.sum(p[0]) * p[1][0] * p[1][1]["b"]


def a_list(p: list[tuple[Float64[np.ndarray, "n"], float]]):
    return np.sum(p[0][0])


def a_dict(p: dict[str, float]):
    return p["a"] * 2.0


vectorized = np.vectorize(lambda x: x)


def make(scale):
    return lambda x: x @ scale


small = make(np.ones(30))
large = make(np.ones(3000))
"""


def run(*words: object) -> Any:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "the_model.py"
    path.write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "the_model", raising=False)
    return path


def load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def dumped(model: Path, name: str, *options: object) -> Any:
    """Return the module that dump writes, and the user's."""
    output = model.parent / f"{name}_code.py"
    result = run("dump", f"{model.name}:{name}", "-o", output, "--force", *options)
    assert result.exit_code == 0, result.output
    return load(output), sys.modules["the_model"]


def test_names_of_the_module_are_imported(model: Path) -> None:
    code, source = dumped(model, "loss", "--args", "w: f8[5], x: f8[n]")
    w, x = np.arange(5.0), np.ones(3)
    np.testing.assert_allclose(code.loss_grad(w, x), grad(source.loss)(w, x))
    np.testing.assert_allclose(code.loss_grad(w, x, k=3.0), grad(source.loss)(w, x, k=3.0))
    np.testing.assert_allclose(code.loss_grad(w, x, 1.0, 5), grad(source.loss)(w, x, 1.0, 5))
    with pytest.raises(ValueError, match="kind: 'l2'"):
        code.loss_grad(w, x, kind="l1")
    code, source = dumped(model, "draws", "--args", "x: f8[5]")
    source.RNG.bit_generator.state = np.random.default_rng(7).bit_generator.state
    expected = np.random.default_rng(7).normal(size=5)
    np.testing.assert_array_equal(code.draws_grad(np.ones(5)), expected)
    code, _ = dumped(model, "small", "--args", "x: f8[30]")
    np.testing.assert_array_equal(code.function_grad(np.zeros(30)), np.ones(30))
    refused = run("dump", f"{model}:large", "--args", "x: f8[3000]")
    assert refused.exit_code == 2
    assert "no module has a name for" in refused.output


def test_a_file_runs_in_a_process_of_its_own(model: Path) -> None:
    dumped(model, "loss", "--args", "w: f8[5], x: f8[n]")
    script = (
        "import numpy as np; from loss_code import loss_grad; loss_grad(np.ones(5), np.ones(2))"
    )
    subprocess.run([sys.executable, "-c", script], cwd=model.parent, check=True)


@pytest.mark.parametrize(
    ("name", "types", "right", "wrong"),
    [
        ("product", "x: f8[n], y: f8[n]", (np.ones(3), np.ones(3)), (np.ones(3), np.ones(1))),
        ("product", "x: f8[m,n], y: f8[n]", (np.ones((2, 3)), np.ones(3)), (np.ones(3),) * 2),
        ("product", "x: f8[n], y: f8[n]", (np.ones(3),) * 2, (np.ones(3), np.ones(3) * 1j)),
        ("product", "x: f8[n], y: f8[n]", (np.ones(3),) * 2, (np.ones(3, int), np.ones(3))),
        ("product", "x: f8[3], y: f8[3]", (np.ones(3),) * 2, (np.ones(4),) * 2),
        ("product", "x: float, y: float", (1.0, 2.0), (np.ones(2), 2.0)),
        (
            "layers",
            "params: [(f8[n,n], f8[n]), (f8[n,n], f8[n])], x: f8[m,n]",
            ([(np.eye(2), np.ones(2))] * 2, np.ones((3, 2))),
            ([(np.eye(2), np.ones(2))] * 3, np.ones((3, 2))),
        ),
        ("scaled", "x: f8[n]", (np.ones(2),), (np.ones(2), np.sin)),
        ("scaled", "x: f8[n]", (np.ones(2),), (np.ones(2), np.tanh, "name")),
        ("unrolled", "x: f8[n], n: 3", (np.ones(2), 3), (np.ones(2), 4)),
        ("open_ended", "", (2.0,), (2.0, 1.0)),
    ],
)
def test_what_a_file_is_for(
    model: Path, name: str, types: str, right: tuple[Any, ...], wrong: tuple[Any, ...]
) -> None:
    code, source = dumped(model, name, *(("--args", types) if types else ()))
    derivative = getattr(code, f"{name}_grad")
    expected = grad(getattr(source, name))(*right)
    found = derivative(*right)
    for a, b in zip(np.atleast_1d(*flat(found)), np.atleast_1d(*flat(expected)), strict=True):
        np.testing.assert_allclose(a, b)
    with pytest.raises((ValueError, IndexError, AttributeError)) as caught:
        derivative(*wrong)
    assert "this code is for" in str(caught.value)


def flat(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in flat(item)]
    return [np.asarray(value), np.zeros(1)]


def test_a_size_that_may_be_one_is_not_refused(model: Path) -> None:
    code, source = dumped(model, "layers", "--args", "params: [(f8[n,k], f8[k])], x: f8[m,n]")
    params, x = [(np.ones((2, 3)), np.zeros(3))], np.ones((1, 2))
    np.testing.assert_allclose(
        code.layers_grad(params, x)[0][0], grad(source.layers)(params, x)[0][0]
    )


@pytest.mark.parametrize("name", ["pair", "layer", "weights"])
def test_annotated_containers(model: Path, name: str) -> None:
    code, source = dumped(model, name)
    kind = {"pair": source.Pair, "layer": source.Layer, "weights": dict}[name]
    p, x = kind(w=np.array([1.0, 2.0]), b=0.5), np.arange(6.0).reshape(3, 2)
    found, expected = getattr(code, f"{name}_grad")(p, x), grad(getattr(source, name))(p, x)
    assert type(found) is kind
    get = dict.__getitem__ if name == "weights" else getattr
    np.testing.assert_allclose(get(found, "w"), get(expected, "w"))
    assert get(found, "b") == get(expected, "b") == 3.0


def test_annotations_are_read_by_structure(model: Path) -> None:
    text = run("dump", f"{model}:nested").stdout
    assert "p: (f8[n], (float, {w: f8[n], b: float}))" in text
    for name, problem in (("a_list", "how many items the list"), ("a_dict", "which keys the dict")):
        refused = run("dump", f"{model}:{name}")
        assert refused.exit_code == 2
        assert problem in refused.output
        assert "--args" in refused.output
    assert run("dump", f"{model}:a_dict", "--args", "p: {a: float}").exit_code == 0


@pytest.mark.parametrize(
    ("name", "problem"),
    [("Pair", "is a class"), ("vectorized", "np.vectorize"), ("W", "no function")],
)
def test_what_is_no_function(model: Path, name: str, problem: str) -> None:
    refused = run("dump", f"{model}:{name}")
    assert refused.exit_code == 2
    assert problem in refused.output
    assert "Traceback" not in refused.output


def test_what_the_module_prints_is_no_source(model: Path) -> None:
    result = run("dump", f"{model}:open_ended")
    compile(result.stdout, "emitted", "exec")
    assert "importing" not in result.stdout
    assert "importing" in result.stderr


def test_a_module_that_exits(tmp_path: Path) -> None:
    path = tmp_path / "exits.py"
    path.write_text("import sys\nsys.exit(0)\n")
    refused = run("dump", f"{path}:f")
    assert refused.exit_code == 2
    assert "sys.exit(0)" in refused.output


def test_an_int_that_decides_the_shape(model: Path) -> None:
    source = model.read_text() + (
        "\n\ndef nth(x, n):\n    items = (x, x[0], 2.0)\n    return np.sum(items[n] * 1.0)\n"
    )
    model.write_text(source)
    refused = run("dump", f"{model}:nth", "--args", "x: f8[k], n: int")
    if refused.exit_code:
        assert "n: 3" in refused.output
    assert run("dump", f"{model}:nth", "--args", "x: f8[k], n: 1").exit_code == 0


# -------------------------------------------------------------------------------- the header


def test_a_header_repeats_its_command(model: Path) -> None:
    words = ("dump", f"{model.name}:product", "--mode", "grad", "--wrt", "x")
    text = run(*words, "--args", "x: f8[n], y: f8[n]").stdout
    line = text.splitlines()[0]
    assert line.startswith("# Written by s2s-grad ")
    assert line.endswith(
        "s2s-grad dump the_model.py:product --kind grad --wrt x --args 'x: f8[n], y: f8[n]'"
    )
    assert "For x: f8[n], y: f8[n]." in text


def test_stale_files(model: Path) -> None:
    output = model.parent / "product_code.py"
    command = ("dump", f"{model.name}:loss", "--args", "w: f8[5], x: f8[n]")
    assert run(*command, "-o", output).exit_code == 0
    assert run("dump", "--check", output).exit_code == 0
    assert run(*command, "-o", output, "--check").exit_code == 0
    model.write_text(model.read_text().replace("w * 0.9", "w * 0.8"))
    stale = run("dump", "--check", output)
    assert stale.exit_code == 1
    assert "-        w = w * 0.9" in stale.stdout
    assert "+        w = w * 0.8" in stale.stdout
    assert run(*command, "-o", output).exit_code == 0
    model.write_text(model.read_text().replace("scale = 3.0", "scale = 3.5"))
    assert run("dump", "--check", output).exit_code == 1
    assert run("dump", "--check", model).exit_code == 2


def test_edited_files_are_kept(model: Path) -> None:
    output = model.parent / "product_code.py"
    command = ("dump", f"{model.name}:product", "-o", output)
    assert run(*command).exit_code == 0
    assert run(*command).exit_code == 0
    output.write_text(output.read_text() + "# mine\n")
    refused = run(*command)
    assert refused.exit_code == 2
    assert "edited by hand" in refused.output
    assert output.read_text().endswith("# mine\n")
    assert run("dump", "--check", output).exit_code == 1
    assert run(*command, "--force").exit_code == 0
    assert run("dump", "--check", output).exit_code == 0


# ------------------------------------------------------------------------------------- check


@pytest.mark.parametrize("mode", ["grad", "value_and_grad", "vjp", "jvp", "hvp"])
def test_checking_functions_and_files(model: Path, mode: str) -> None:
    words = (f"{model.name}:pair", "--kind", mode, "--wrt", "p,x")
    assert run("check", *words).stdout.splitlines() == [f"point {n}: agrees" for n in (1, 2, 3)]
    output = model.parent / "pair_code.py"
    assert run("dump", *words, "-o", output, "--force").exit_code == 0
    found = run("check", output, "--points", 2)
    assert found.exit_code == 0, found.output
    assert found.stdout.splitlines() == ["point 1: agrees", "point 2: agrees"]


def test_a_wrong_file(model: Path) -> None:
    output = model.parent / "loss_code.py"
    run("dump", f"{model.name}:loss", "--args", "w: f8[5], x: f8[n]", "-o", output)
    output.write_text(output.read_text().replace("0.9 * w_bar", "0.8 * w_bar"))
    found = run("check", output)
    assert found.exit_code == 1
    assert "the derivative is wrong by" in found.output


def test_what_cannot_be_checked(model: Path) -> None:
    noted = run("check", f"{model.name}:draws", "--args", "x: f8[5]")
    assert noted.exit_code == 0
    assert "not checked: the function changes" in noted.output
    assert run("check", f"{model.name}:product").exit_code == 2
    assert run("check", model).exit_code == 2


def test_a_terminal_shows_the_same_text(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import re

    from s2s_grad.cli.terminal import show

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    source = run("dump", f"{model}:loss").stdout + "x = 1  # " + "long " * 100 + "end\n"
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm-256color")
    show(source)
    monkeypatch.undo()
    assert re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue()) == source
