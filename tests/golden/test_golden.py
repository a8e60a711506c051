"""Primal and emitted source side by side, one file a program.

A case file holds options, the primal, and behind a marker line the source expected. Set
``S2S_UPDATE_GOLDEN=1`` to rewrite what is expected, and read the difference.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracle import flat, numeric

from s2s_grad.analysis.verify_types import verify_types
from s2s_grad.cli.arguments import parse_arguments
from s2s_grad.ir.watch import watched_by
from s2s_grad.pipeline import compile_source

CASES = sorted((Path(__file__).parent / "cases").glob("*.py"))
MARK = "# ---- emitted ----\n"


def load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"golden_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def emitted(path: Path) -> str:
    module = load(path)
    types = parse_arguments(module.ARGS)
    return compile_source(module.primal, types, module.WRT, "grad", single=len(module.WRT) == 1)


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_emitted_source(path: Path) -> None:
    head, _, expected = path.read_text().partition(MARK)
    source = emitted(path)
    commented = "".join(f"# {line}".rstrip() + "\n" for line in source.splitlines())
    if os.environ.get("S2S_UPDATE_GOLDEN"):
        path.write_text(head + MARK + commented)
    assert commented == expected


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_emitted_gradient(path: Path) -> None:
    module = load(path)
    namespace: dict[str, Any] = {}
    exec(emitted(path), namespace)
    args = module.example(np.random.default_rng(0))
    found = namespace["primal_grad"](*args)
    names = module.primal.__code__.co_varnames
    gradients = (found,) if len(module.WRT) == 1 else found
    for name, gradient in zip(module.WRT, gradients, strict=True):
        expected = numeric(module.primal, args, names.index(name))[0]
        np.testing.assert_allclose(flat(gradient), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_every_step_gives_a_valid_program(path: Path) -> None:
    steps: list[str] = []
    with watched_by(lambda step, program: (steps.append(step), verify_types(program))[0]):
        emitted(path)
    assert [steps[0], steps[-1]] == ["lowered", "remove_dead_code"]
    assert steps.count("differentiated") == 1


def test_same_source_under_another_hash_seed() -> None:
    script = (
        "import sys; sys.path[:0] = sys.argv[1:3]\n"
        "from test_golden import CASES, emitted\n"
        "print(''.join(emitted(p) for p in CASES))\n"
    )
    folders = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "programs")]
    outputs = [
        subprocess.run(
            [sys.executable, "-c", script, *folders],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
