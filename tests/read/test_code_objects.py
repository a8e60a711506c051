"""What is asked of code objects: names, the kinds of instructions, where they stand."""

from __future__ import annotations

import pytest

from s2s_grad.code_objects import codes, only_called, outer_names, renamed, span


def called(x):
    return [float(item) for item in x], float(x[0])


def passed(x):
    return isinstance(x, float) or float(x)


def within(x):
    def inner():
        return float(x)

    return inner


def never(float):
    return float(1)


@pytest.mark.parametrize(
    ("function", "expected"), [(called, True), (passed, False), (within, True), (never, False)]
)
def test_a_global_that_is_used_in_calls_alone(function, expected):
    assert only_called(function.__code__, "float") is expected


def test_names_beyond_the_first_byte_of_an_instruction():
    names = "".join(f"    names.n{i}\n" for i in range(300))
    space: dict[str, object] = {"names": type("Names", (), {f"n{i}": i for i in range(300)})}
    exec(f"def f():\n{names}    return float(1)\n", space)
    assert only_called(space["f"].__code__, "float")


def test_a_global_is_renamed_in_inner_functions_too():
    code = renamed(within.__code__, "float", "number")
    assert {"number"} == outer_names(code) - {"x"}
    assert "float" in outer_names(within.__code__)
    assert [inner.co_name for inner in codes(code)] == ["within", "inner"]


def test_the_place_of_an_instruction_without_one():
    assert span(called.__code__, 10**6) == (None, None, None, None)
