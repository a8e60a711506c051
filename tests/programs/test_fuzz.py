"""A few fresh random programs of each kind, and those that once went wrong."""

from __future__ import annotations

import pytest
from fuzz import outcome
from fuzz_kinds import KINDS
from hypothesis import given, settings
from hypothesis import strategies as st

ONCE_WRONG = [
    ("effects", 43),  # a list bound to a second name in a loop, then changed through the first
    ("effects", 7000000),  # items that trade places in a list of run-time length
    ("language", 594508),  # a name of an expression that had another value by then
    ("writes", 20227),  # buffers that trade places in nested loops
    ("writes", 31209),  # a loop of which the adjoint has nothing left
]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_fresh_programs(kind: str, seed: int) -> None:
    found = outcome(kind, seed)
    assert not found.fault, found.reason


@pytest.mark.parametrize(("kind", "seed"), ONCE_WRONG)
def test_programs_that_went_wrong(kind: str, seed: int) -> None:
    found = outcome(kind, seed)
    assert not found.fault, found.reason
