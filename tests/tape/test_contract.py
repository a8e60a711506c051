"""The contract: programs that behave on the tape as on PyTorch.

`expected.json` holds what PyTorch 2.13 gave. The tape is compared with it everywhere; PyTorch is
too, where it is installed. ``python tests/tape/test_contract.py`` writes the file again.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from contract import (  # noqa: F401
    custom,
    hooks,
    leaves,
    passes,
    points,
    recording,
    tools,
    writes,
)
from contract.probing import PROBES, Tape, outcome, torch_library

EXPECTED = Path(__file__).parent / "contract" / "expected.json"


def same(found: Any, expected: Any) -> bool:
    """Return whether two outcomes agree: numbers to twelve digits, the rest exactly."""
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(found) == len(expected)
            and all(same(f, e) for f, e in zip(found, expected, strict=True))
        )
    if isinstance(expected, bool) or not isinstance(expected, (int, float)):
        return found == expected
    return (
        isinstance(found, (int, float))
        and not isinstance(found, bool)
        and math.isclose(found, expected, rel_tol=1e-12, abs_tol=1e-12)
    )


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    return json.loads(EXPECTED.read_text(encoding="utf-8"))


def test_there_are_enough_probes() -> None:
    assert len(PROBES) >= 150


@pytest.mark.parametrize("name", PROBES)
def test_tape(name: str, expected: dict[str, Any]) -> None:
    found = outcome(Tape(), PROBES[name])
    assert same(found, expected[name]), f"{found} is not {expected[name]}"


@pytest.mark.parametrize("name", PROBES)
def test_torch(name: str, expected: dict[str, Any]) -> None:
    torch = torch_library()
    if torch is None:
        pytest.skip("PyTorch is not installed; its values are in expected.json")
    assert same(outcome(torch, PROBES[name]), expected[name])


def write() -> None:
    """Run all probes on PyTorch and keep what they give."""
    torch = torch_library()
    found = {}
    for name, function in PROBES.items():
        try:
            found[name] = outcome(torch, function)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}")
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in found.items()]
    EXPECTED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    write()
