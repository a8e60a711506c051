"""Small programs for tests of single passes, built statement by statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.analysis.infer import infer
from s2s_grad.analysis.verify_types import verify_types
from s2s_grad.ir.builder import Builder
from s2s_grad.ir.evaluate import evaluate
from s2s_grad.ir.nodes import Block, Function, Operand, Origin, Param, Phase, Role, Var
from s2s_grad.ir.show import show
from s2s_grad.ir.types import Array, Dim, Scalar, Type

__all__ = ["FLOAT", "MATRIX", "VECTOR", "check_pass", "program"]

FLOAT = Scalar("float")
VECTOR = Array(np.dtype(float), (Dim("n", not_one=True),))
MATRIX = Array(np.dtype(float), (Dim("m", not_one=True), Dim("n", not_one=True)))

_EXAMPLES: dict[Type, Any] = {
    FLOAT: 0.75,
    VECTOR: np.array([0.5, -1.25, 2.0]),
    MATRIX: np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]]),
}


def program(build: Callable[..., Operand], **types: Type) -> Function:
    """Return the program that ``build(builder, *parameters)`` appends, of the reverse sweep."""
    variables = [Var(name, t, Role.USER) for name, t in types.items()]
    builder = Builder(infer)
    builder.origin = Origin(None, Phase.REVERSE)
    result = build(builder, *variables)
    block = Block(tuple(variables), tuple(builder.statements), (result,))
    params = tuple(Param(var, var.hint) for var in variables)
    return verify_types(Function("f", params, block))


def check_pass(improve: Callable[[Function], Function], before: Function) -> list[str]:
    """Return the statements after a pass; what the program computes must be the same."""
    after = verify_types(improve(before))
    examples = [_EXAMPLES[param.var.type] for param in before.params]
    expected, found = (
        evaluate(f, *(np.copy(x) if isinstance(x, np.ndarray) else x for x in examples))
        for f in (before, after)
    )
    for want, have in zip(_leaves(expected), _leaves(found), strict=True):
        np.testing.assert_allclose(have, want, rtol=1e-14)
    return [line.strip() for line in show(after).splitlines()[1:]]


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, (tuple, list)):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]
