"""The command line: what it prints, writes and refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from s2s_grad.cli import main

MODEL = """
import numpy as np


def loss(w, x):
    # the model is linear
    r = x @ w
    return np.sum(r * r)


class Model:
    @staticmethod
    def energy(x):
        return x * x
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "some_model.py"
    path.write_text(MODEL)
    return path


def run(*words: object):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_source_on_standard_output(model: Path) -> None:
    result = run("dump", f"{model}:loss", "--args", "w: f8[n], x: f8[m,n]")
    assert result.exit_code == 0
    assert "def loss_grad(w, x):" in result.stdout
    assert "# the model is linear" in result.stdout
    assert "_sum_to" not in result.stdout
    assert "def energy_grad(x):" in run("dump", f"{model}:Model.energy").stdout


@pytest.mark.parametrize("mode", ["grad", "value_and_grad", "vjp", "jvp", "hvp"])
def test_every_mode(model: Path, mode: str) -> None:
    result = run("dump", f"{model}:loss", "--mode", mode, "--args", "w: f8[n], x: f8[m,n]")
    assert result.exit_code == 0
    compile(result.stdout, "emitted", "exec")


@pytest.mark.parametrize("mode", ["jvp", "hvp"])
def test_code_for_any_rank(model: Path, mode: str) -> None:
    result = run("dump", f"{model}:loss", "--mode", mode)
    assert result.exit_code == 0
    emitted: dict[str, Any] = {}
    exec(result.stdout, emitted)
    w, v, x = np.array([1.0, 2.0]), np.array([0.5, -1.0]), np.arange(6.0).reshape(3, 2)
    found = emitted[f"loss_{mode}"](w, x, v)
    if mode == "hvp":
        np.testing.assert_allclose(found, 2 * x.T @ (x @ v))
    else:
        np.testing.assert_allclose(found, (np.sum((x @ w) ** 2), 2 * (x @ w) @ (x @ v)))


def test_the_file_runs_with_numpy_alone(model: Path, tmp_path: Path) -> None:
    output = tmp_path / "derivative.py"
    assert run("dump", f"{model}:loss", "-o", output).exit_code == 0
    script = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('s2s_grad', 'libcst'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Block())\n"
        "import numpy as np\n"
        "from derivative import loss_grad\n"
        "print(loss_grad(np.array([1.0, 2.0]), np.eye(2)).tolist())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[2.0, 4.0]\n"


def test_files_of_others_are_kept(model: Path, tmp_path: Path) -> None:
    output = tmp_path / "mine.py"
    output.write_text("precious = 1\n")
    refused = run("dump", f"{model}:loss", "-o", output)
    assert refused.exit_code == 2
    assert output.read_text() == "precious = 1\n"
    assert run("dump", f"{model}:loss", "-o", output, "--force").exit_code == 0
    assert run("dump", f"{model}:loss", "-o", output).exit_code == 0
    assert run("dump", f"{model}:loss", "-o", tmp_path).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("dump", "nothing.py:f"),
        ("dump", "nocolon"),
        ("dump", "{model}:missing"),
        ("dump", "{model}:loss", "--args", "w: what"),
        ("dump", "{model}:loss", "--args", "q: f8"),
        ("dump", "{model}:loss", "--wrt", "q"),
        ("dump", "no.such.module:f"),
    ],
)
def test_bad_input(model: Path, words: tuple[str, ...]) -> None:
    result = run(*(word.replace("{model}", str(model)) for word in words))
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert result.output.startswith("s2s-grad: ")


def test_a_file_that_does_not_import(tmp_path: Path) -> None:
    path = tmp_path / "broken_model.py"
    path.write_text("import no_such_module\n")
    result = run("dump", f"{path}:f")
    assert result.exit_code == 2
    assert "no_such_module" in result.output
