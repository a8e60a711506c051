"""Importing the package costs little: what compiles, and what differentiates, comes when needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

_LATER = (
    "libcst",
    "numpy.random",
    "s2s_grad.analysis",
    "s2s_grad.ir.nodes",
    "s2s_grad.lower",
    "s2s_grad.pipeline",
    "s2s_grad.rules",
    "s2s_grad.runtime",
    "s2s_grad.tape",
    "s2s_grad.transform.check.translation",
    "s2s_grad.transform.nested",
    "s2s_grad.transform.ways",
)


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    code = "import sys, s2s_grad; print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(out.stdout.split())


@pytest.mark.parametrize("module", _LATER)
def test_what_is_imported_later(module: str, loaded: set[str]) -> None:
    assert "s2s_grad.transform.derivative" in loaded
    assert module not in loaded


@pytest.mark.parametrize("package", ["tape", "emulate"])
def test_the_tape_loads_no_compiler(package: str) -> None:
    code = f"import sys, s2s_grad.{package}; print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(out.stdout.split())
    assert not {"libcst", "s2s_grad.lower", "s2s_grad.pipeline"} & loaded
    assert ("s2s_grad.emulate" in loaded) == (package == "emulate")
