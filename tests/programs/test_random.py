"""Random programs: every transform against differences and against one another."""

from __future__ import annotations

from generator import arguments, random_program
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import check


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 10**9))
def test_random_program(seed: int) -> None:
    program, _ = random_program(seed)
    check(program, arguments(seed), (0, 1, 2), second=seed % 4 == 0)
