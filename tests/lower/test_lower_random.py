"""Random programs: evaluated, they give and print what Python gives and prints."""

from __future__ import annotations

import numpy as np
import pytest
from lowering_support import agree
from random_programs import random_function

from s2s_grad.errors import UnsupportedSyntax

INPUTS = [
    (np.array([0.5, -1.2, 2.0]), 0.3, -0.7, 3),
    (np.zeros(0), 1.5, 0.2, 0),
    (np.array([1.0, 2.0]), -2.0, 0.9, 1),
]


@pytest.mark.parametrize("seed", range(80))
def test_random_program(seed: int) -> None:
    fn, _ = random_function(seed)
    for args in INPUTS:
        try:
            agree(fn, *args)
        except UnsupportedSyntax as error:
            # Two names that may or may not be one array, of which one was written to.
            if "share memory" not in error.reason:
                raise
