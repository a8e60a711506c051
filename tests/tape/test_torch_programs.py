"""Random programs over tensors give on the tape what they give in PyTorch."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from contract.probing import Tape, torch_library
from fuzz_torch import compare
from torch_programs import STEPS, differ, is_error, program, run

FIXED = range(400)


def test_programs_are_the_same_each_time():
    for seed in range(40):
        assert not differ(*(run(Tape(), program(seed), seed) for _ in range(2)))


def test_programs_reach_every_kind_of_step_and_raise_in_some():
    programs = [program(seed) for seed in FIXED]
    assert {name for steps in programs for name, _ in steps} == set(STEPS)
    found = [item for seed in range(40) for item in run(Tape(), program(seed), seed)]
    assert 20 < sum(map(is_error, found)) < len(found) / 2


@pytest.mark.parametrize("first", FIXED[::50])
def test_the_tape_is_pytorch(first):
    torch = torch_library()
    if torch is None:
        pytest.skip("PyTorch is not installed")
    for seed in range(first, first + 50):
        how, text = compare(torch, seed)
        assert how != "different", text
