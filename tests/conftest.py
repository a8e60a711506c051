"""Settings of all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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
