"""Algebraic simplification of derivative code: a table of small laws.

Only statements that the compiler made are rewritten, never the user's own. A law holds for shapes
and dtypes as well as for values: it applies where the types prove it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from s2s_grad.ir.nodes import Apply, Block, Function, If, Operand, Phase, Role, Statement, Var
from s2s_grad.ir.rewrite import map_blocks, rename, rewrite, with_block
from s2s_grad.ir.walk import count_uses, statements_of
from s2s_grad.optimise import array_laws as arrays
from s2s_grad.optimise import axis_laws as axes
from s2s_grad.optimise import complex_laws
from s2s_grad.optimise import number_laws as numbers
from s2s_grad.optimise.number_laws import Context, Law
from s2s_grad.runtime import add_at, sum_to

__all__ = ["simplify_algebra"]


def simplify_algebra(function: Function) -> Function:
    """Return the program with the laws applied once, first statement to last."""
    definitions = {s.result: s for s in statements_of(function.block) if isinstance(s, Apply)}
    values: dict[Var, Operand] = {}
    counts = count_uses(function.block)

    def edit(statement: Statement) -> Iterable[Statement] | None:
        if not isinstance(statement, Apply):
            statement = map_blocks(statement, inside)
            if isinstance(statement, If):
                values.update(_same_on_both_ways(statement))
            return (statement,)
        definitions[statement.result] = statement
        new = _apply_laws(statement, definitions, counts)
        if new is None:
            return None
        made, values[statement.result] = new
        return made

    def inside(block: Block) -> Block:
        return rewrite(block, edit, values)

    block = inside(function.block)
    if block is function.block:
        return function
    return with_block(function, rename(block, _adopted(values, definitions)))


def _adopted(values: dict[Var, Operand], definitions: dict[Var, Apply]) -> dict[Var, Var]:
    """Let a temporary that replaces a named cotangent or tangent take over its name."""
    names: dict[Var, Var] = {}
    for old, new in values.items():
        if not (old.hint or old.about) or old.role not in (Role.COTANGENT, Role.TANGENT):
            continue
        if isinstance(new, Var) and not new.hint and new in definitions and new not in names:
            if definitions[new].origin.phase is not Phase.PRIMAL:
                names[new] = old.like(new.type)
    return names


def _same_on_both_ways(statement: If) -> dict[Var, Operand]:
    """Return the results that both branches give the same variable, which is one from outside."""
    return {m.result: m.then for m in statement.merged if m.then is m.orelse and _is_var(m.then)}


def _is_var(operand: Operand) -> bool:
    return isinstance(operand, Var)


def _apply_laws(
    statement: Apply, definitions: dict[Var, Apply], counts: dict[Var, int]
) -> tuple[list[Apply], Operand] | None:
    if statement.origin.phase is Phase.PRIMAL or statement.inplace:
        return None
    for law in _LAWS.get(statement.fn, ()):
        context = Context(definitions, counts, [], statement.origin)
        value = law(context, statement)
        if value is None:
            continue
        made = context.made
        if made and made[-1].result is value and not made[-1].result.hint:
            # The new value keeps the name of what it replaces.
            old = statement.result
            if old.hint or old.role is not Role.TEMP:
                named = old.like(made[-1].result.type)
                made[-1] = replace(made[-1], result=named)
                definitions[named] = made[-1]
                value = named
        return made, value
    return None


_BINARY: tuple[Law, ...] = (
    numbers.fold_constants,
    numbers.drop_unit,
    arrays.drop_broadcast,
    arrays.drop_broadcast_twice,
    axes.drop_leading_axes,
)
_LAWS: dict[Callable[..., Any], tuple[Law, ...]] = {
    np.multiply: (
        *_BINARY,
        numbers.multiply_by_one,
        numbers.constant_first,
        numbers.join_constants,
        numbers.constant_inside,
        numbers.gather_scalars,
        numbers.negation_out,
        numbers.constant_out,
        complex_laws.real_factor,
        complex_laws.length_times_direction,
        numbers.flatten_product,
    ),
    np.divide: (*_BINARY, numbers.negation_out, numbers.divide_by_same),
    np.add: (
        *_BINARY,
        numbers.add_zero,
        numbers.add_zeros_like,
        numbers.add_negative,
        numbers.add_negative_product,
        numbers.add_twice,
        arrays.join_selections,
        complex_laws.add_complex_zero,
    ),
    np.real: (complex_laws.real_twice,),
    np.conjugate: (complex_laws.conjugate_twice, complex_laws.conjugate_product),
    np.subtract: (*_BINARY, numbers.subtract_zero, numbers.subtract_negative),
    np.negative: (
        numbers.fold_constants,
        numbers.double_negation,
        numbers.negate_product,
        numbers.negate_broadcast,
    ),
    np.broadcast_to: (arrays.broadcast_nothing,),
    np.sum: (
        axes.drop_defaults,
        arrays.sum_of_broadcast,
        axes.sum_axis_of_broadcast,
        arrays.sum_of_negative,
        arrays.sum_of_product,
    ),
    np.mean: (axes.drop_defaults,),
    np.expand_dims: (axes.negate_after_expanding,),
    np.where: (arrays.select_from_broadcast, arrays.choose_one),
    add_at: (arrays.add_broadcast_at, arrays.write_over_zero, arrays.add_twice_at),
    sum_to: (arrays.sum_to_same,),
    np.transpose: (axes.transpose_twice, axes.transpose_of_product),
    np.matrix_transpose: (axes.transpose_twice, axes.transpose_of_product),
    np.size: (arrays.ask_the_source, axes.size_of_sum),
    np.shape: (arrays.ask_the_source,),
}
