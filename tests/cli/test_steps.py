"""``python -m s2s_grad.ir.show``: what each step of the compiler makes of a function."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from s2s_grad.cli.steps import main

MODEL = """
import numpy as np


def energy(x, k: int = 2):
    unused = np.exp(x)
    return np.sum(x**k)


def opaque(x):
    return eval("x")
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "a_model.py"
    path.write_text(MODEL)
    return path


def run(*words: object) -> Any:
    return CliRunner().invoke(main, [str(word) for word in words])


def sections(text: str) -> dict[str, str]:
    parts = text.split("--- ")[1:]
    return {name: body for name, _, body in (part.partition("\n") for part in parts)}


def test_the_stages(model: Path) -> None:
    result = run(f"{model}:energy", "--args", "x: f8[n]")
    assert result.exit_code == 0, result.output
    found = sections(result.stdout)
    assert list(found) == ["lowered", "simplified", "differentiated", "finished", "printed"]
    assert "%t = power(%x, %k)" in found["lowered"]
    assert "energy_grad(%x, %k):" in found["differentiated"]
    assert "%x_bar" in found["finished"]
    assert "def energy_grad(x, k=2):" in found["printed"]


def test_the_passes_that_change_something(model: Path) -> None:
    stages = run(f"{model}:energy", "--args", "x: f8[n]")
    passes = run(f"{model}:energy", "--args", "x: f8[n]", "--passes")
    names = [line[4:] for line in passes.stdout.splitlines() if line.startswith("--- ")]
    assert names[0] == "lowered"
    assert names[1] == "remove_dead_code"
    assert "share_common_subexpressions" not in names[: names.index("differentiated")]
    assert sections(passes.stdout)["printed"] == sections(stages.stdout)["printed"]


@pytest.mark.parametrize("kind", ["grad", "value_and_grad", "vjp", "jvp", "hvp"])
def test_every_kind(model: Path, kind: str) -> None:
    result = run(f"{model}:energy", "--kind", kind, "--args", "x: f8[n]")
    assert result.exit_code == 0, result.output
    assert f"def energy_{kind}(" in sections(result.stdout)["printed"]
    assert "!!" not in result.stdout


def test_what_is_refused(model: Path) -> None:
    result = run(f"{model}:opaque", "--args", "x: f8[n]")
    assert result.exit_code == 2
    assert "a_model.py:11:12" in result.stderr
    assert run(f"{model}:nothing").exit_code == 2


def test_as_a_module(model: Path) -> None:
    words = ["-m", "s2s_grad.ir.show", f"{model}:energy", "--args", "x: f8[n]"]
    result = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)
    assert result.stdout == run(*words[2:]).stdout
    assert result.stderr == ""


def test_the_worked_example_is_what_the_compiler_gives() -> None:
    script = Path(__file__).parents[2] / "docs" / "worked_example.py"
    words = [sys.executable, script, "--check"]
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
