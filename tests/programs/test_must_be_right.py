"""Programs of each kind that was once wrong, in every mode."""

from __future__ import annotations

import pytest
from judge import CASES, MODES, at_most, judge
from must_be_right import (
    argument_items,
    arrays,
    closures,
    collected,
    features,
    fills,
    folds,
    generators,
    guarded,
    guarded_memory,
    held,
    identity,
    iterated_in_loops,
    iteration,
    iterators,
    joins,
    language,
    layouts,
    lazy_items,
    lending,
    made_by_code,
    masked_twice,
    matrices,
    meeting,
    ordering,
    quantifiers,
    reversal,
    selections,
    stepwise,
    unlike,
    views,
    ways,
    zero_dims,
)

assert argument_items
assert arrays
assert closures
assert collected
assert features
assert folds
assert fills
assert generators
assert guarded
assert guarded_memory
assert held
assert identity
assert iterated_in_loops
assert iteration
assert iterators
assert joins
assert language
assert lazy_items
assert layouts
assert lending
assert made_by_code
assert masked_twice
assert matrices
assert meeting
assert ordering
assert quantifiers
assert reversal
assert selections
assert stepwise
assert unlike
assert views
assert ways
assert zero_dims


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", CASES)
def test_right_or_refused(name: str, mode: str) -> None:
    program = CASES[name]
    with at_most(30):
        fault = judge(program.function, program.args, mode, program.static)
    assert not fault
