"""Loops of several functions that would be nested deeper in one than Python takes."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from s2s_grad import grad
from s2s_grad.errors import UnsupportedSyntax


def nested(name: str, depth: int, term: str) -> str:
    lines = [f"def {name}(x):", "    s = 0.0"]
    lines += ["    " * (i + 1) + f"for i{i} in range(len(x)):" for i in range(depth)]
    return "\n".join([*lines, "    " * (depth + 1) + f"s = s + {term}", "    return s", ""])


def loaded(folder: Path, text: str) -> Callable[..., Any]:
    (folder / "deep.py").write_text(text)
    spec = importlib.util.spec_from_file_location("deep", folder / "deep.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f


def test_what_is_too_deep_is_refused_at_its_place(tmp_path: Path) -> None:
    f = loaded(tmp_path, nested("g", 9, "x[i0]") + nested("f", 12, "g(x) * x[i1]"))
    with pytest.raises(UnsupportedSyntax, match="nested deeper than Python takes") as refused:
        grad(f, mode="static")(np.ones(1))
    assert refused.value.location is not None
    assert refused.value.location.line in range(3, 12)


def test_what_is_as_deep_as_python_takes_is_compiled(tmp_path: Path) -> None:
    f = loaded(tmp_path, nested("g", 2, "x[i0]") + nested("f", 18, "g(x) * x[i1]"))
    np.testing.assert_allclose(grad(f, mode="static")(2.0 * np.ones(1)), [4.0])
