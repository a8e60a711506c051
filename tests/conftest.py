"""Settings of all tests."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from s2s_grad.analysis.verify_types import verify_types
from s2s_grad.ir.nodes import Function, Statement
from s2s_grad.ir.watch import watched_by

settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("default")

# where each translation is checked as well
_CHECKED = {"api", "differentiate", "kernels", "programs", "transform"}


@pytest.fixture(autouse=True)
def _translations_are_checked(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if Path(str(request.path)).parent.name in _CHECKED:
        monkeypatch.setenv("S2S_GRAD_CHECK", "first")


@pytest.fixture(autouse=True)
def _programs_are_verified() -> Generator[None]:
    """Verify the program after each step of each compilation, with its types."""
    last: Function | None = None
    checked: set[Statement] = set()

    def see(step: str, program: Function) -> None:
        nonlocal last
        if step == "lowered":
            checked.clear()
        if program is not last:
            last = verify_types(program, checked)

    with watched_by(see):
        yield
