"""Programs of each kind that was once wrong, in every mode."""

from __future__ import annotations

import pytest
from judge import CASES, MODES, at_most, judge
from must_be_right import arrays, iteration, joins, language, matrices, selections

assert arrays
assert iteration
assert joins
assert language
assert matrices
assert selections

KNOWN = {  # programs that are not right yet, and in which modes
    "arrays.column_stack_of_a_list": "auto static",
    "arrays.dataclass_cotangent": "auto static",
    "arrays.hstack_of_numbers": "auto static",
    "arrays.index_out_of_range_without_use": "auto static",
    "arrays.inner_grad_by_a_tuple": "auto static",
    "arrays.inner_grad_of_a_written_array": "auto static",
    "arrays.inner_hvp_in_a_loop": "auto static",
    "arrays.inner_jvp_of_a_writing_function": "auto static",
    "arrays.inner_jvp_of_slogdet": "auto static",
    "arrays.inner_pullback_of_a_tuple": "auto static tape",
    "arrays.inner_value_and_grad_by_a_dict": "auto static",
    "arrays.mask_of_rows": "tape",
    "arrays.mean_of_nothing": "auto static",
    "arrays.ndmin": "auto static tape",
    "arrays.new_axis_on_a_0d_array": "auto static",
    "arrays.root_of_a_negative_number": "auto static",
    "arrays.rows_kept_aside": "auto static",
    "arrays.shapes_that_do_not_match": "auto static",
    "arrays.unrolled_descent": "auto static",
    "language.argument_list_grows": "tape",
    "language.bound_append": "auto static",
    "language.bound_get": "auto static",
    "language.bound_in_the_other_branch": "auto static",
    "language.deepcopy_is_deep": "auto static",
    "language.hasattr_len": "tape",
    "language.heap_written_by_the_library": "auto static",
    "language.insort_written_by_the_library": "auto static",
    "language.is_true": "tape",
    "language.isscalar": "tape",
    "language.list_repeated_in_place": "auto static",
    "language.long_message": "auto static",
    "language.match_true": "tape",
    "language.nested_expressions": "auto static",
    "language.never_bound": "auto static",
    "language.object_array": "auto static tape",
    "language.objects_in_a_list": "auto static",
    "language.private_methods_and_super": "auto static",
    "language.range_as_index": "auto static tape",
    "language.rows_of_the_wrong_length": "auto static",
    "language.setitem_as_a_function": "auto static",
    "language.split_pieces_are_views": "auto",
    "language.through_a_string": "auto static tape",
    "language.too_many_to_unpack": "auto static",
    "language.type_is_float": "tape",
    "language.unbound_append": "auto static",
    "language.unbound_sort": "auto static tape",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", CASES)
def test_right_or_refused(name: str, mode: str, request: pytest.FixtureRequest) -> None:
    if mode in KNOWN.get(name, ""):
        request.applymarker(pytest.mark.xfail(strict=False, reason="not right yet"))
    program = CASES[name]
    with at_most(30):
        fault = judge(program.function, program.args, mode, program.static)
    assert not fault
