"""Every function that may return memory of an operand is known to: updates would corrupt it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from s2s_grad.analysis.views import is_fresh, views_first
from s2s_grad.rules import Rule, table

sys.path.append(str(Path(__file__).parent.parent / "rules"))
from checker import Bound

RULES = [rule for rule in table.values() if rule.cases]


def arrays(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from arrays(item)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.primal.__name__)
def test_a_function_that_shares_memory_is_not_fresh(rule: Rule) -> None:
    for case in rule.cases:
        with np.errstate(all="ignore"):
            call = Bound(rule, case)
            results = list(arrays(call.run()))
        operands = list(arrays(list(call.bound.values())))
        if any(np.shares_memory(a, b) for a in results for b in operands):
            count = len(case.args)
            assert views_first(rule.primal) or not is_fresh(rule.primal, count)


def test_a_transpose_by_einsum_is_a_view() -> None:
    assert not is_fresh(np.einsum, 2)
    assert is_fresh(np.einsum, 3)


def test_copies_that_are_asked_not_to_copy_are_views() -> None:
    assert is_fresh(np.array, 1)
    assert not is_fresh(np.array, 1, ["copy"])
    assert not is_fresh(np.nan_to_num, 1, ["copy"])


def test_what_is_unknown_may_be_a_view() -> None:
    assert not is_fresh(lambda x: x, 1)
